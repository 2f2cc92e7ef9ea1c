"""The forms of an answer: as the templates were given them, and as a browser would send them."""

import html.parser
from collections.abc import Iterator
from typing import Any

from django.forms import BaseForm, BaseFormSet


def forms_on(response: Any) -> Iterator[BaseForm]:
    """Yield every form that a template of the answer was given: alone, in a form set, a filter or a list."""
    seen: set[int] = set()
    for context in getattr(response, "context", None) or ():
        for layer in getattr(context, "dicts", [context]):
            for value in layer.values():
                for form in _forms(value):
                    if id(form) not in seen:
                        seen.add(id(form))
                        yield form


def _forms(value: Any) -> Iterator[BaseForm]:
    if isinstance(value, BaseForm):
        yield value
    elif isinstance(value, BaseFormSet):
        yield from value.forms
        yield value.empty_form
    elif isinstance(value, list | tuple):
        yield from (item for item in value if isinstance(item, BaseForm))
    elif hasattr(value, "qs") and isinstance(getattr(value, "form", None), BaseForm):
        yield value.form


def filled_in(page: str) -> dict[str, list[str]]:
    """Return what a browser would send if the person changed nothing on the page and chose the first of what must be chosen."""
    reader = _Inputs()
    reader.feed(page)
    return reader.sent


class _Inputs(html.parser.HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.sent: dict[str, list[str]] = {}
        self._area = self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        name = given.get("name", "")
        if tag == "textarea":
            self._area = name
            self.sent.setdefault(name, []).append("")
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and given.get("value"):
            if "selected" in given or self._select not in self.sent:
                self.sent[self._select] = [given["value"]]
        elif tag == "input" and name and given.get("type") not in ("submit", "file"):
            ticked = given.get("type") not in ("checkbox", "radio") or "checked" in given
            if ticked or (given.get("type") == "radio" and name not in self.sent):
                self.sent.setdefault(name, []).append(given.get("value", "on"))

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._area = ""
        elif tag == "select":
            self._select = ""

    def handle_data(self, data: str) -> None:
        if self._area:
            self.sent[self._area][-1] += data
