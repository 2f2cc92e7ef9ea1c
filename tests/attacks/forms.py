"""The forms of an answer: as the templates were given them, and as a browser would send them."""

import html.parser
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.forms import BaseForm, BaseFormSet

from personnel_portal import roc
from tests import build

CHOSEN = ("select", "radio", "checkbox")
# What is typed where something must be: by what the field shows as an example, else by its type.
TYPED = {
    "113/6/30": roc.short(build.TODAY),
    "14:00": "14:00",
    "number": "1",
    "email": "somebody@example.gov.tw",
    "url": "https://example.gov.tw/",
}


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


@dataclass
class Input:
    """A field of a page: its type, what stands in it or is chosen, what there is to choose from."""

    sort: str
    example: str
    lowest: str
    is_required: bool
    values: list[str] = field(default_factory=list)
    options: list[str] = field(default_factory=list)

    def filled(self) -> list[str]:
        """Return what a browser would send of it once the person chose or typed what is asked for, and ticked a row."""
        if any(self.values) or self.sort in ("hidden", "file"):
            return self.values
        real = [option for option in self.options if option]
        offers_one = self.sort == "radio" or (self.sort == "select" and real == self.options)
        offers_rows = self.sort == "checkbox" and real != ["on"]
        if offers_one or offers_rows or (self.is_required and self.sort in CHOSEN):
            return real[:1]
        if not self.is_required:
            return self.values
        return [self.lowest or TYPED.get(self.example) or TYPED.get(self.sort, "內容")]

    def names_a_row(self) -> bool:
        """Tell whether what is sent may be the key of a row, also where there is none to choose."""
        keys = any(value.isdecimal() for value in self.values + self.options)
        return (keys and self.sort in (*CHOSEN, "hidden")) or (self.sort == "select" and not any(self.options))


def inputs(page: str) -> dict[str, Input]:
    """Return the fields of all forms of the page that are posted, by their names."""
    reader = _Inputs()
    reader.feed(page)
    return reader.found


class _Inputs(html.parser.HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, Input] = {}
        self._inner: Input | None = None  # the list or the area that is being read
        self._asks = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._asks = given.get("method", "get").lower() == "get"
        elif tag == "option" and self._inner:
            self._choose(self._inner, given, "selected")
        elif tag in ("input", "select", "textarea") and given.get("name") and not self._asks:
            self._field(given.get("type", "text") if tag == "input" else tag, given)

    def _field(self, sort: str, given: dict[str, str]) -> None:
        new = Input(sort, given.get("placeholder", ""), given.get("min", ""), "required" in given)
        if sort == "submit":
            return
        one = self.found.setdefault(given["name"], new)
        if sort in ("select", "textarea"):
            self._inner = one
        elif sort in CHOSEN:
            self._choose(one, given, "checked")
        elif sort != "file":
            one.values.append(given.get("value", ""))

    def _choose(self, one: Input, given: dict[str, str], mark: str) -> None:
        one.options.append(given.get("value", "on"))
        if mark in given:
            one.values.append(one.options[-1])

    def handle_endtag(self, tag: str) -> None:
        if tag in ("select", "textarea"):
            self._inner = None
        elif tag == "form":
            self._asks = False

    def handle_data(self, data: str) -> None:
        if self._inner and self._inner.sort == "textarea":
            self._inner.values = ["".join([*self._inner.values, data]).removeprefix("\n")]
