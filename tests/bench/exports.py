"""Exports of a long list, in a process of their own: as a worker writes them, and by the bare writer on ready rows."""

import csv
import time
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from io import TextIOWrapper
from tempfile import TemporaryFile
from typing import IO, Any

import xlsxwriter
from django.http import QueryDict

from personnel_portal import lists
from personnel_portal.documents import sheets
from personnel_portal.documents.sheets.columns import plain
from tests.bench import people
from tests.bench.side import forget_peak, now_megabytes, peak_megabytes
from training.models import LearningRecord
from training.views.reports import RECORDS


@dataclass(frozen=True, slots=True)
class Written:
    """How many seconds it took, the MB that the process had beyond before, and the bytes of the file."""

    seconds: float
    megabytes: float
    size: int


def _records(rows: int) -> Any:
    keys = LearningRecord.objects.order_by("pk").values_list("pk", flat=True)
    last = keys[rows - 1]
    return LearningRecord.objects.filter(pk__lte=last).select_related("person", "agency", "topic").order_by("pk")


def export(form: str, rows: int) -> Written:
    """Export so many learning records by the list page that shows them, as a worker asks for it."""
    request = lists.BackgroundRequest()
    request.method, request.path, request.user = "GET", "/bench/", people.user("root")
    request.GET, request.tell = QueryDict(f"export={form}"), lambda written: None
    queryset, before = _records(rows), now_megabytes()
    forget_peak()
    begun = time.perf_counter()
    answer: Any = lists.show(request, queryset=queryset, columns=RECORDS, title="學習紀錄", empty="")
    size = sum(map(len, answer.streaming_content))
    seconds = time.perf_counter() - begun
    answer.close()
    return Written(seconds, peak_megabytes() - before, size)


def read_only(rows: int) -> float:
    """Return the seconds that the same rows take to be read and asked for their cells, nothing written."""
    begun = time.perf_counter()
    for row in _records(rows).iterator(chunk_size=2_000):
        for column in RECORDS:
            column.of(row)
    return time.perf_counter() - begun


def bare(form: str, rows: int) -> Written:
    """Write the same cells, which are ready, by the bare writer."""
    ready = [[plain(_cell(column.of(row))) for column in RECORDS] for row in _records(rows).iterator(chunk_size=2_000)]
    heads = [column.label for column in RECORDS]
    before = now_megabytes()
    forget_peak()
    begun = time.perf_counter()
    with TemporaryFile() as target:
        _WRITERS[form](target, heads, ready)
        size = target.tell()
    return Written(time.perf_counter() - begun, peak_megabytes() - before, size)


def _cell(value: object) -> sheets.Value:
    return value if isinstance(value, str | int | Decimal) or hasattr(value, "isoformat") else str(value or "")  # type: ignore[return-value]  # a date has isoformat


def _xlsx(target: IO[bytes], heads: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    with xlsxwriter.Workbook(target, {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate([heads, *rows]):
            sheet.write_row(number, 0, row)


def _csv(target: IO[bytes], heads: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    text = TextIOWrapper(target, encoding="utf-8-sig", newline="")
    csv.writer(text).writerows([heads, *rows])
    text.detach()


def _ods(target: IO[bytes], heads: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """No library writes ods row by row, so this is the least that is an ods: strings, joined and deflated."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as archive:
        sheets.spreadsheet.open_ods(archive, "content.xml")
        with archive.open("content.xml", "w") as content:
            content.write("".join(_parts([heads, *rows])).encode())


def _parts(rows: Sequence[Sequence[Any]]) -> Iterator[str]:
    yield '<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0">'
    for row in rows:
        yield "<table:table-row>"
        for value in row:
            text = str(value).replace("&", "&amp;").replace("<", "&lt;")
            yield f'<table:table-cell office:value-type="string"><text:p>{text}</text:p></table:table-cell>'
        yield "</table:table-row>"
    yield "</office:document-content>"


_WRITERS = {"xlsx": _xlsx, "ods": _ods, "csv": _csv}
