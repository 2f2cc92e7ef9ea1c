"""The tables of a text document as cells on a grid, merged ones with their extent: forms that people filled in."""

import io
from collections.abc import Iterable, Iterator
from dataclasses import astuple, dataclass, replace
from itertools import islice
from typing import IO, Any
from xml.etree.ElementTree import Element  # the type; parsing is defusedxml's

from personnel_portal.documents import confined, markup
from personnel_portal.documents.characters import printable
from personnel_portal.documents.confined import UnreadableFileError
from personnel_portal.documents.markup import TABLE, W

MAX_TABLES = 100
MAX_ROWS = 500  # of a table
MAX_COLUMNS = 63  # of a table, the limit of Word
MAX_CHARACTERS = 1_000_000  # of all cells together


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell: where it begins, counted from 0, how many rows and columns it covers, and its text."""

    row: int
    column: int
    height: int
    width: int
    text: str


Table = tuple[Cell, ...]


def read(file: IO[bytes], *, kind: str) -> list[Table]:
    """Return the tables of a document in reading order, those within a cell after the one that holds them.

    Args:
        file: the document.
        kind: `odt` or `docx`.

    Raises:
        UnreadableFileError: with a sentence for the person: broken, encrypted or too large.
    """
    tables: list[list[list[Any]]] = confined.run("tables.grids", file, kind=kind)
    return [tuple(Cell(*cell) for cell in table) for table in tables]


def grids(file: IO[bytes], *, kind: str) -> list[list[tuple[Any, ...]]]:
    """Return the tables as JSON carries them; runs in the confined child."""
    body = markup.body(io.BytesIO(file.read()), kind)
    tag, cells = (f"{TABLE}table", _odt_cells) if kind == "odt" else (f"{W}tbl", _docx_cells)
    found = list(islice(body.iter(tag), MAX_TABLES + 1)) if body is not None else []
    if len(found) > MAX_TABLES:
        raise UnreadableFileError(f"一個檔案最多讀取 {MAX_TABLES} 個表格，請分成數個檔案。")
    tables = [[astuple(cell) for cell in cells(table)] for table in found]
    if sum(len(cell[-1]) for table in tables for cell in table) > MAX_CHARACTERS:
        raise UnreadableFileError("表格的文字過多，請分成數個檔案。")
    return tables


def _docx_cells(table: Element) -> list[Cell]:
    cells: list[Cell] = []
    open_at: dict[int, int] = {}  # column → the cell that a merge continues downwards
    for number, row in enumerate(_bounded(_within(table, f"{W}tr", f"{W}tc"))):
        column = _number(row.find(f"{W}trPr/{W}gridBefore"), f"{W}val", 0)
        for element in _within(row, f"{W}tc", f"{W}p"):
            width = _number(element.find(f"{W}tcPr/{W}gridSpan"), f"{W}val", 1)
            merge = element.find(f"{W}tcPr/{W}vMerge")
            if merge is not None and merge.get(f"{W}val") != "restart" and column in open_at:
                above = open_at[column]
                cells[above] = replace(cells[above], height=number - cells[above].row + 1)
            else:
                open_at[column] = len(cells)
                cells.append(Cell(number, column, 1, width, _text(element, "docx")))
            column = _within_bounds(column + width)
    return cells


def _odt_cells(table: Element) -> list[Cell]:
    cells: list[Cell] = []
    for number, row in enumerate(_bounded(_within(table, f"{TABLE}table-row", f"{TABLE}table-cell"))):
        column = 0
        for element in row:
            repeated = _number(element, f"{TABLE}number-columns-repeated", 1)
            if element.tag == f"{TABLE}table-cell":
                width = _number(element, f"{TABLE}number-columns-spanned", 1)
                height = _number(element, f"{TABLE}number-rows-spanned", 1)
                cells.append(Cell(number, column, min(height, MAX_ROWS), width, _text(element, "odt")))
            column = _within_bounds(column + repeated)
    return cells


def _within(parent: Element, wanted: str, stop: str) -> Iterator[Element]:
    """Yield the wanted elements below the parent, which may stand in groups, but none of what a `stop` holds."""
    for child in parent:
        if child.tag == wanted:
            yield child
        elif child.tag != stop:
            yield from _within(child, wanted, stop)


def _bounded(rows: Iterable[Element]) -> Iterator[Element]:
    for number, row in enumerate(rows):
        if number == MAX_ROWS:
            raise UnreadableFileError(f"一個表格最多讀取 {MAX_ROWS} 列，請分成數個檔案。")
        yield row


def _within_bounds(column: int) -> int:
    if column > MAX_COLUMNS:
        raise UnreadableFileError(f"一個表格最多讀取 {MAX_COLUMNS} 欄，請使用下載的空白表。")
    return column


def _number(element: Element | None, attribute: str, default: int) -> int:
    written = element.get(attribute, "") if element is not None else ""
    # Nothing sensible has more digits; int() itself refuses thousands of them.
    return max(int(written), default) if written.isdecimal() and len(written) < 7 else default


def _text(element: Element, kind: str) -> str:
    return printable("\n".join(markup.lines(element, kind))).strip()
