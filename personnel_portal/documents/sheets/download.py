"""Sheets as downloads."""

from collections.abc import Callable, Iterable, Sequence
from tempfile import TemporaryFile
from typing import Any

from django.http import FileResponse

from personnel_portal.documents.sheets.columns import Column, Value
from personnel_portal.documents.sheets.delimited import write_csv
from personnel_portal.documents.sheets.spreadsheet import write_ods, write_xlsx

_Write = Callable[[Any, Sequence[Column | str], Iterable[Sequence[Value]], str], None]


def _csv(target: Any, columns: Sequence[Column | str], rows: Iterable[Sequence[Value]], title: str) -> None:
    write_csv(target, columns, rows)


def _big5(target: Any, columns: Sequence[Column | str], rows: Iterable[Sequence[Value]], title: str) -> None:
    write_csv(target, columns, rows, encoding="cp950")


# Format → what the person reads on the button, the end of the file name, the content type, the writer.
FORMATS: dict[str, tuple[str, str, str, _Write]] = {
    "ods": ("ODS", "ods", "application/vnd.oasis.opendocument.spreadsheet", write_ods),
    "xlsx": ("XLSX", "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", write_xlsx),
    "csv": ("CSV", "csv", "text/csv; charset=utf-8", _csv),
    "big5": ("CSV（Big5）", "csv", "text/csv; charset=big5", _big5),
}


def response(form: str, name: str, columns: Sequence[Column | str], rows: Iterable[Sequence[Value]]) -> FileResponse:
    """Return a list as a download, written to a temporary file first, so that a failure half-way sends nothing.

    Args:
        form: a key of `FORMATS`.
        name: the file's name without its end, and the title of the sheet.
        columns: labels, or columns with widths.
        rows: read once, in order.

    Raises:
        KeyError: an unknown format.
        UnencodableError: `big5` was asked for and a character is not in it.
    """
    _, ending, content_type, write = FORMATS[form]
    target = TemporaryFile()  # noqa: SIM115  # the response closes it
    try:
        write(target, columns, rows, name)
    except BaseException:
        target.close()
        raise
    target.seek(0)
    return FileResponse(target, as_attachment=True, filename=f"{name}.{ending}", content_type=content_type)
