"""Every address of the portal, read from the URL table: nobody has to remember to add a new page to these tests."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.urls import URLPattern, URLResolver, get_resolver, reverse

PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")


@dataclass(frozen=True, slots=True)
class Place:
    """One view of the URL table: `home:index`, its route, its parameters and the function that answers."""

    name: str
    route: str
    view: Any

    @property
    def parameters(self) -> list[str]:
        return PARAMETER.findall(self.route)

    @property
    def posts_only(self) -> bool:
        """Tell whether the view answers no GET."""
        return any("GET" not in _methods(layer) for layer in layers(self.view))


def places() -> dict[str, Place]:
    """Return every view by its name. The admin, whose pages Django guards, stands there with its first page only."""
    return {place.name: place for place in _walk(get_resolver().url_patterns, "", "")}


def _walk(patterns: list[Any], namespace: str, route: str) -> Iterator[Place]:
    for pattern in patterns:
        here = route + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from _walk(pattern.url_patterns, inner, here)
        elif isinstance(pattern, URLPattern) and (namespace != f"{admin.site.name}:" or pattern.name == "index"):
            yield Place(f"{namespace}{pattern.name}", here, pattern.callback)


def layers(view: Any) -> Iterator[Any]:
    """Yield the view and everything that its decorators wrap."""
    while view is not None:
        yield view
        view = getattr(view, "__wrapped__", None)


def _methods(layer: Any) -> list[str]:
    """Return the methods that a layer lets through; those given to `require_http_methods` only its closure knows."""
    if hasattr(layer, "view_class"):
        return [name.upper() for name in layer.view_class.http_method_names]
    names = getattr(getattr(layer, "__code__", None), "co_freevars", ())
    values = dict(zip(names, getattr(layer, "__closure__", None) or (), strict=True))
    return values["request_method_list"].cell_contents if "request_method_list" in values else ["GET", "POST"]


def address(place: Place, objects: Mapping[str, object]) -> str:
    """Return the address of the view for the given objects.

    `objects` names what stands for a parameter by the end of the route up to it (`agencies/<int:pk>`), or by the bare
    parameter (`<str:form>`); the longest that fits is taken, so that one entry serves all pages of a thing.
    """
    values = {}
    for found in PARAMETER.finditer(place.route):
        upto = place.route[: found.end()]
        fitting = [end for end in objects if re.search(rf"(^|[/.]){re.escape(end)}$", upto)]
        assert fitting, f"{place.name}: what stands for {upto}? Say it in tests/site/world.py."
        values[found[1]] = objects[max(fitting, key=len)]
    return reverse(place.name, kwargs=values)
