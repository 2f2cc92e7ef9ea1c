"""Tables as Word and LibreOffice write them, from rows of cells; for tests only."""

from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

from tests.uploads import making


@dataclass(frozen=True, slots=True)
class Box:
    """A cell to write; `width` and `height` are the columns and rows it covers."""

    text: str
    width: int = 1
    height: int = 1


Row = Sequence[Box | str]


def docx(*tables: Sequence[Row], before: str = "") -> bytes:
    """Return a DOCX of the tables, each after a paragraph of text."""
    parts = "".join(f"<w:p><w:r><w:t>{escape(before)}</w:t></w:r></w:p>{docx_table(table)}" for table in tables)
    return making.docx(body=parts or f"<w:p><w:r><w:t>{escape(before)}</w:t></w:r></w:p>")


def odt(*tables: Sequence[Row], before: str = "") -> bytes:
    """Return an ODT of the tables, each after a paragraph of text."""
    return making.odf(body="".join(f"<text:p>{escape(before)}</text:p>{odt_table(table)}" for table in tables))


def docx_table(rows: Sequence[Row]) -> str:
    return "<w:tbl><w:tblPr/><w:tblGrid/>" + "".join(map(_docx_row, _placed(rows))) + "</w:tbl>"


def odt_table(rows: Sequence[Row]) -> str:
    return (
        f'<table:table><table:table-column table:number-columns-repeated="{_columns(rows)}"/>'
        + "".join(map(_odt_row, _placed(rows)))
        + "</table:table>"
    )


def _docx_row(row: list[tuple[Box, bool]]) -> str:
    return "<w:tr>" + "".join(_docx_cell(box, begins) for box, begins in row) + "</w:tr>"


def _docx_cell(box: Box, begins: bool) -> str:
    restart = ' w:val="restart"' if begins else ""
    merge = f"<w:vMerge{restart}/>" if box.height > 1 else ""
    lines = box.text.split("\n") if begins else [""]
    paragraphs = "".join(f'<w:p><w:r><w:t xml:space="preserve">{escape(line)}</w:t></w:r></w:p>' for line in lines)
    return f'<w:tc><w:tcPr><w:gridSpan w:val="{box.width}"/>{merge}</w:tcPr>{paragraphs}</w:tc>'


def _odt_row(row: list[tuple[Box, bool]]) -> str:
    return "<table:table-row>" + "".join(_odt_cell(box, begins) for box, begins in row) + "</table:table-row>"


def _odt_cell(box: Box, begins: bool) -> str:
    if not begins:
        return f'<table:covered-table-cell table:number-columns-repeated="{box.width}"/>'
    paragraphs = "".join(f"<text:p>{escape(line)}</text:p>" for line in box.text.split("\n"))
    covered = f'<table:covered-table-cell table:number-columns-repeated="{box.width - 1}"/>' if box.width > 1 else ""
    return (
        f'<table:table-cell table:number-columns-spanned="{box.width}" table:number-rows-spanned="{box.height}">'
        f"{paragraphs}</table:table-cell>{covered}"
    )


def _placed(rows: Sequence[Row]) -> list[list[tuple[Box, bool]]]:
    """Return each row's cells with whether they begin there; a cell that reaches down stands in every row it covers."""
    placed: list[list[tuple[Box, bool]]] = []
    reaching: dict[int, tuple[Box, int]] = {}  # column → the cell from above, and the rows it still covers
    for row in rows:
        cells = [cell if isinstance(cell, Box) else Box(cell) for cell in row]
        line: list[tuple[Box, bool]] = []
        column = 0
        while cells or column in reaching:
            if column in reaching:
                box, left = reaching.pop(column)
                line.append((box, False))
                if left > 1:
                    reaching[column] = (box, left - 1)
            else:
                box = cells.pop(0)
                line.append((box, True))
                if box.height > 1:
                    reaching[column] = (box, box.height - 1)
            column += box.width
        placed.append(line)
    return placed


def _columns(rows: Sequence[Row]) -> int:
    return max(sum(box.width for box, _ in line) for line in _placed(rows))
