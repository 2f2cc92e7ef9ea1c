"""List pages: search, filters that stay in the URL, sort, pages, count, and export of exactly what is shown.

A view guards, narrows the queryset to what the person may see and hands it over:

    return lists.show(
        request, queryset=Agency.objects.visible_to(request.user), title="機關", columns=COLUMNS,
        filterset_class=AgencyFilter, empty="還沒有機關。請由「匯入機關」開始。",
    )

The page costs two queries for the list, one to count and one for the rows; prefetching is the queryset's own.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from html import escape
from types import NoneType
from typing import Any, NamedTuple

from django import forms
from django.core import signing
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.cache import patch_vary_headers
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString

from personnel_portal.documents import sheets
from personnel_portal.documents.sheets.columns import plain
from personnel_portal.trail import acts
from personnel_portal.trail.actions import record

acts.register({"list.exported": "匯出清單"})

_WRITABLE = (str, int, Decimal, date, NoneType)
_SHORT = 14  # characters
_FETCHED = 2_000
LONG = 20_000  # rows that an export writes while the person waits
# The signature says that the portal itself offered the address.
PUT_OFF_SALT = "downloads"

# Big5 is left out on purpose: it is for the receiving systems that ask for it, not for people.
EXPORTS = ("ods", "xlsx", "csv")


class BackgroundRequest(HttpRequest):
    """A request that a worker makes for somebody: nothing is too long for it, and it is told how far the writing is.

    Attributes:
        tell: called with the number of rows written, now and then.
    """

    tell: Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell with more than a value: `tone` (done, soon, late, wait, open, none) makes it a chip, `note` stands small below."""

    text: str
    tone: str = ""
    note: str = ""

    def __str__(self) -> str:
        return f"{self.text}（{self.note}）" if self.note else self.text


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a list.

    Args:
        key: its name in the URL's `sort`, and the attribute shown when `value` is not given.
        label: its head.
        value: an attribute path (`agency.name`, `get_state_display`) or a function of the row. Dates are shown as
            113/6/30, None as —.
        sort: the model fields to order by; empty when the list cannot be sorted by it.
        link: the address that a row's cell leads to, None for no link.
        numeric: align right.
        width: in exports, in half-widths.
    """

    key: str
    label: str
    value: str | Callable[[Any], object] = ""
    sort: tuple[str, ...] = ()
    link: Callable[[Any], str | None] | None = None
    numeric: bool = False
    width: int = 16

    def of(self, row: Any) -> object:
        """Return the row's value in this column."""
        if callable(self.value):
            return self.value(row)
        value = row
        for name in (self.value or self.key).split("."):
            value = getattr(value, name, None)
        return value() if callable(value) else value

    def cell(self, row: Any) -> Cell:
        """Return what the page shows."""
        value = self.of(row)
        return value if isinstance(value, Cell) else Cell(str(plain(_writable(value))) or "—")

    def shown(self, row: Any) -> "_Shown":
        """Return what the table shows of the row."""
        return _Shown(self, self.cell(row), self.link(row) if self.link else None)


class _Shown(NamedTuple):
    """A cell in its column, with where it leads; its text is that of the table, `<td>` and all, every word escaped.

    Not a template: fifty rows of seven cells in one took as long as everything else of a page.
    """

    column: Column
    cell: Cell
    url: str | None

    def __str__(self) -> SafeString:
        _, cell, url = self
        text = escape(cell.text)
        if cell.tone:
            text = _chip(cell.tone, cell.text, url)
        elif url:
            text = f'<a href="{escape(url)}">{text}</a>'
        if cell.note:  # may be marked up already
            text += f' <small class="d-block text-body-secondary">{conditional_escape(cell.note)}</small>'
        # Short texts stay on one line: on a narrow screen the table scrolls instead of standing its words upright.
        width = "text-nowrap" if len(cell.text) <= _SHORT else "words"
        return SafeString(f'<td class="{"text-end " if self.column.numeric else ""}{width}">{text}</td>')


@lru_cache(maxsize=1_000)
def _chip(tone: str, text: str, url: str | None) -> SafeString:
    return SafeString(render_to_string("components/chip.html", {"text": text, "state": tone, "url": url}).strip())


@dataclass(frozen=True, slots=True)
class Action:
    """A button above the list."""

    label: str
    url: str
    primary: bool = True


@dataclass(frozen=True, slots=True)
class _Head:
    column: Column
    aria: str  # the value of aria-sort, empty for a column that is not sorted by
    turn: str  # the `sort` that a click asks for


def show(
    request: HttpRequest,
    *,
    queryset: QuerySet[Any],
    columns: Sequence[Column],
    title: str,
    empty: str,
    name: str = "",
    filterset_class: Any = None,
    actions: Sequence[Action] = (),
    per_page: int = 50,
    template: str = "list/page.html",
    office_id: int | None = None,
    **context: object,
) -> HttpResponseBase:
    """Answer a list page, its table alone (to htmx), or an export (`?export=ods`).

    Args:
        queryset: the rows that the person may see; its order is the list's order until a head is clicked.
        empty: what to do when there is nothing yet, a sentence.
        name: the name of exported files; the title unless given.
        filterset_class: a django-filter class; its field `q` is the search box.
        actions: buttons above the list.
        template: a page that extends list/page.html.
        office_id: the office whose administrators may read in the trail that the list was exported.
        **context: more for the template.
    """
    filterset = filterset_class(request.GET, queryset=queryset, request=request) if filterset_class else None
    if filterset:
        _dress(filterset.form)
    valid = filterset is None or filterset.is_valid()
    found: QuerySet[Any] = queryset if filterset is None else filterset.qs if valid else queryset.none()
    sort = _sort(request, columns)
    found = found.order_by(*_ordering(found, columns, sort))
    if request.GET.get("export") in EXPORTS and valid:
        return _export(request, found, columns, name or title, office_id)
    page = Paginator(found, per_page).get_page(request.GET.get("page"))
    partial = _asks_for_table(request)
    response = render(
        request,
        "list/table.html" if partial else template,
        {
            "title": title,
            "empty": empty,
            "actions": actions,
            "filterset": filterset,
            "filtered": filterset is not None and any(request.GET.get(field) for field in filterset.filters),
            "sort": sort,
            "heads": [_head(column, sort) for column in columns],
            "rows": [[column.shown(row) for column in columns] for row in page],
            "page": page,
            "pages": page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1),
            "exports": [(form, sheets.FORMATS[form][0]) for form in EXPORTS],
            **context,
        },
    )
    patch_vary_headers(response, ["HX-Request"])
    return response


def _dress(form: forms.Form) -> None:
    """Give the fields the classes of Bootstrap; crispy's own template takes a tenth of the page for six of them."""
    for field in form.fields.values():
        box = "form-select" if isinstance(field.widget, forms.Select) else "form-control"
        field.widget.attrs["class"] = box


def _sort(request: HttpRequest, columns: Sequence[Column]) -> str:
    """Return the sort that the URL asks for, or '' when it names no column that can be sorted."""
    asked = request.GET.get("sort", "")
    return asked if any(column.sort and column.key == asked.removeprefix("-") for column in columns) else ""


def _ordering(queryset: QuerySet[Any], columns: Sequence[Column], sort: str) -> list[Any]:
    """Return the order, ended by the key: rows that are equal otherwise would move between pages."""
    if sort:
        fields = next(column.sort for column in columns if column.key == sort.removeprefix("-"))
        return [*(_turned(field) if sort.startswith("-") else field for field in fields), "pk"]
    own = queryset.query.order_by or (queryset.model._meta.ordering if queryset.query.default_ordering else ())
    return [*own, "pk"]


def _turned(field: str) -> str:
    return field[1:] if field.startswith("-") else f"-{field}"


def _head(column: Column, sort: str) -> _Head:
    if sort == column.key:
        return _Head(column, "ascending", f"-{column.key}")
    if sort == f"-{column.key}":
        return _Head(column, "descending", column.key)
    return _Head(column, "", column.key)


def _asks_for_table(request: HttpRequest) -> bool:
    """Whether htmx wants to swap the table; going back in the browser's history needs the whole page."""
    htmx: Any = getattr(request, "htmx", False)
    return bool(htmx) and htmx.target == "list" and not htmx.history_restore_request


def put_off(request: HttpRequest, title: str, *, rows: int = 0) -> HttpResponseRedirect:
    """Lead to where the person asks for this address as a file that a worker writes; `rows` is 0 where nobody knows."""
    return redirect(
        "downloads:ask", of=signing.dumps([request.get_full_path(), title, rows], salt=PUT_OFF_SALT, compress=True)
    )


def is_put_off(request: HttpRequest, length: int, most: int) -> bool:
    """Tell whether something of this length is too long for the request; nothing is for a worker's."""
    return length > most and not isinstance(request, BackgroundRequest)


def _export(
    request: HttpRequest, found: QuerySet[Any], columns: Sequence[Column], name: str, office_id: int | None
) -> HttpResponseBase:
    total = found.count()
    if is_put_off(request, total, LONG):
        return put_off(request, name, rows=total)
    written = 0

    def rows() -> Iterator[list[sheets.Value]]:
        nonlocal written
        for row in found.iterator(chunk_size=_FETCHED):
            written += 1
            if isinstance(request, BackgroundRequest) and not written % _FETCHED:
                request.tell(written)
            yield [_writable(column.of(row)) for column in columns]

    heads = [sheets.Column(column.label, column.width) for column in columns]
    response = sheets.response(request.GET["export"], name, heads, rows())
    record(
        "list.exported",
        None,
        by=request.user if request.user.is_authenticated else None,
        office_id=office_id,
        list=name,
        rows=written,
        query=request.GET.urlencode(),
    )
    return response


def _writable(value: object) -> sheets.Value:
    """Return a value that a sheet takes; anything else as its text."""
    return value if isinstance(value, _WRITABLE) else str(value)
