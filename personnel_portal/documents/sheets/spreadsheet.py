"""Writing xlsx and ods row by row, so that a long list takes little memory.

Text is typed as text in both formats: a cell that begins with = is shown, never run.
"""

import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import chain, islice
from typing import IO
from xml.sax.saxutils import escape, quoteattr  # writes XML, parses none

import xlsxwriter

from personnel_portal.documents.characters import printable
from personnel_portal.documents.sheets.columns import Column, Value, as_columns, plain

_MAX_CELL = 32_767  # characters in one cell; Excel refuses a file with more
ODS_TYPE = "application/vnd.oasis.opendocument.spreadsheet"
_CONTENT = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
    ' xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0"'
    ' xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"'
    ' xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
    ' xmlns:fo="urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0" office:version="1.3">'
    "<office:automatic-styles>"
    '<style:style style:name="head" style:family="table-cell"><style:text-properties fo:font-weight="bold"'
    ' style:font-weight-asian="bold"/></style:style>'
)
_SPACES = re.compile("  +|^ | $")
_MARKED = re.compile("[\n\t]|  |^ | $")  # what makes a text more than one plain paragraph
_TAB = "\t"
_CHUNK = 500  # rows compressed at a time


def write_xlsx(
    target: IO[bytes], columns: Sequence[Column | str], rows: Iterable[Sequence[Value]], title: str = "清單"
) -> None:
    """Write rows as xlsx: bold head that stays in sight, column widths, text as text."""
    columns = as_columns(columns)
    workbook = xlsxwriter.Workbook(target, {"constant_memory": True})
    sheet = workbook.add_worksheet(_sheet_name(title))
    sheet.freeze_panes(1, 0)
    sheet.repeat_rows(0)
    bold = workbook.add_format({"bold": True})
    for index, column in enumerate(columns):
        sheet.set_column(index, index, column.width)
        sheet.write_string(0, index, printable(column.label), bold)
    for number, row in enumerate(rows, start=1):
        for index, value in enumerate(row):
            written = plain(value)
            if isinstance(written, str):
                sheet.write_string(number, index, written[:_MAX_CELL])
            else:
                sheet.write_number(number, index, written)
    workbook.close()


def write_ods(
    target: IO[bytes], columns: Sequence[Column | str], rows: Iterable[Sequence[Value]], title: str = "清單"
) -> None:
    """Write rows as ods: bold head that repeats in print, column widths, text as text."""
    columns = as_columns(columns)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as archive:
        open_ods(archive, "content.xml")
        with archive.open("content.xml", "w") as content:
            parts = chain(_opening(columns, title), map(_row, rows), _CLOSING)
            while chunk := "".join(islice(parts, _CHUNK)):
                content.write(chunk.encode())


def open_ods(archive: zipfile.ZipFile, *parts: str) -> None:
    """Write what begins an ods: its type, then the list of the parts that the caller adds."""
    # ODF 1.3 part 2, 3.3: the mimetype is the first entry and stored, so that the kind is read without unpacking.
    archive.writestr(zipfile.ZipInfo("mimetype"), ODS_TYPE, compress_type=zipfile.ZIP_STORED)
    entries = "".join(
        f'<manifest:file-entry manifest:full-path="{part}" manifest:media-type="text/xml"/>' for part in parts
    )
    archive.writestr(
        "META-INF/manifest.xml",
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0" manifest:version="1.3">'
        f'<manifest:file-entry manifest:full-path="/" manifest:version="1.3" manifest:media-type="{ODS_TYPE}"/>'
        f"{entries}</manifest:manifest>",
    )


_CLOSING = ("</table:table></office:spreadsheet></office:body></office:document-content>",)


def _opening(columns: Sequence[Column], title: str) -> Iterator[str]:
    yield _CONTENT
    for number, column in enumerate(columns):
        # A half-width of the usual 10 pt is 2 mm.
        yield (
            f'<style:style style:name="c{number}" style:family="table-column">'
            f'<style:table-column-properties style:column-width="{column.width * 2}mm"/></style:style>'
        )
    yield "</office:automatic-styles><office:body><office:spreadsheet>"
    yield f"<table:table table:name={quoteattr(_sheet_name(title))}>"
    for number in range(len(columns)):
        yield f'<table:table-column table:style-name="c{number}"/>'
    head = "".join(
        f'<table:table-cell table:style-name="head" office:value-type="string">{_text(printable(column.label))}'
        "</table:table-cell>"
        for column in columns
    )
    yield f"<table:table-header-rows><table:table-row>{head}</table:table-row></table:table-header-rows>"


def _row(row: Sequence[Value]) -> str:
    return f"<table:table-row>{''.join(map(_cell, row))}</table:table-row>"


def _cell(value: Value) -> str:
    written = plain(value)
    if written == "":
        return "<table:table-cell/>"
    if isinstance(written, str):
        return f'<table:table-cell office:value-type="string">{_text(written[:_MAX_CELL])}</table:table-cell>'
    number = f"{written:f}" if isinstance(written, Decimal) else str(written)
    return (
        f'<table:table-cell office:value-type="float" office:value="{number}"><text:p>{number}</text:p>'
        "</table:table-cell>"
    )


def _text(text: str) -> str:
    """Return the paragraphs of a cell; ODF folds runs of spaces unless they are marked."""
    text = escape(text)
    if not _MARKED.search(text):
        return f"<text:p>{text}</text:p>"
    lines = text.split("\n")
    return "".join(f"<text:p>{_SPACES.sub(_spaces, line).replace(_TAB, '<text:tab/>')}</text:p>" for line in lines)


def _spaces(match: re.Match[str]) -> str:
    return f'<text:s text:c="{len(match.group())}"/>'


def _sheet_name(title: str) -> str:
    """Return a name that Excel accepts: no more than 31 characters and none of []:*?/\\ nor an outer apostrophe."""
    return re.sub(r"[\[\]:*?/\\]", " ", printable(title))[:31].strip("' \n\t") or "清單"
