import csv
import io
import time
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from tempfile import TemporaryFile
from typing import Any

import pytest
import python_calamine

from personnel_portal.documents import sheets
from personnel_portal.documents.sheets import Column, UnencodableError

Write = Callable[..., None]
COLUMNS: list[Column | str] = [Column("機關", 24), "人數"]
SPREADSHEETS = pytest.mark.parametrize("write", [sheets.write_ods, sheets.write_xlsx])


def cells(content: bytes) -> list[list[Any]]:
    return python_calamine.load_workbook(io.BytesIO(content)).get_sheet_by_index(0).to_python()


def written(write: Write, rows: list[list[Any]], columns: list[Column | str] | None = None, **options: Any) -> bytes:
    target = io.BytesIO()
    write(target, columns or COLUMNS, iter(rows), **options)
    return target.getvalue()


def csv_rows(content: bytes, encoding: str = "utf-8-sig") -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode(encoding), newline="")))


@SPREADSHEETS
def test_spreadsheet_keeps_numbers_and_writes_dates_as_offices_do(write: Write) -> None:
    rows: list[list[Any]] = [
        ["大林鎮公所", 21],
        [date(2024, 6, 30), Decimal("1.50")],
        [datetime(2024, 6, 30, 6, 5, tzinfo=UTC), -3],
        [None, 10**16],
        ["0940526", True],
    ]
    assert cells(written(write, rows)) == [
        ["機關", "人數"],
        ["大林鎮公所", 21.0],
        ["113/6/30", 1.5],
        ["113/6/30 14:05", -3.0],
        ["", "10000000000000000"],
        ["0940526", "是"],
    ]


FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", '=HYPERLINK("http://x")', "＝1"]


@SPREADSHEETS
def test_spreadsheet_types_formulas_as_text(write: Write) -> None:
    content = written(write, [[formula, 1] for formula in FORMULAS], [*COLUMNS[:1], "=1"])
    assert [row[0] for row in cells(content)[1:]] == FORMULAS
    assert cells(content)[0] == ["機關", "=1"]
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        markup = b"".join(archive.read(name) for name in archive.namelist() if name.endswith(".xml"))
    assert b"<f>" not in markup
    assert b"table:formula" not in markup


def test_csv_puts_an_apostrophe_before_formulas() -> None:
    content = written(sheets.write_csv, [[formula, -1] for formula in [*FORMULAS, "\t=1"]], ["=機關", "人數"])
    assert content.startswith(b"\xef\xbb\xbf'=")
    assert csv_rows(content) == [["'=機關", "人數"], *([f"'{formula}", "-1"] for formula in [*FORMULAS, "\t=1"])]


def test_csv_folds_carriage_returns_before_it_looks_for_formulas() -> None:
    assert csv_rows(written(sheets.write_csv, [["\r=1", 0]]))[1] == ["'\n=1", "0"]


@SPREADSHEETS
def test_spreadsheet_survives_hostile_text(write: Write) -> None:
    hostile = [
        "<table:table>&amp;]]>",
        "甲\x00\x0b乙\ud800\ufffe",
        "  兩格  空白 ",
        "一\n二",
        "😀𠮷",
        "'",
        "x" * 40_000,
    ]
    assert [row[0] for row in cells(written(write, [[text, 0] for text in hostile]))[1:]] == [
        "<table:table>&amp;]]>",
        "甲\n乙",
        "  兩格  空白 ",
        "一\n二",
        "😀𠮷",
        "'",
        "x" * 32_767,
    ]


@SPREADSHEETS
@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("南平原區", "南平原區"),
        ("a/b:c*?[d]", "a b c   d"),
        ("'''", "清單"),
        ("長" * 40, "長" * 31),
        ('"<x>&', '"<x>&'),
    ],
)
def test_sheet_name_is_one_that_excel_accepts(write: Write, title: str, name: str) -> None:
    content = written(write, [["甲", 1]], title=title)
    assert python_calamine.load_workbook(io.BytesIO(content)).sheet_names == [name]


def test_big5_is_written_where_every_character_has_a_code() -> None:
    content = written(sheets.write_csv, [["大林鎮公所", 1]], encoding="cp950")
    assert csv_rows(content, "cp950") == [["機關", "人數"], ["大林鎮公所", "1"]]


def test_big5_reports_missing_characters_by_row_and_column() -> None:
    with pytest.raises(UnencodableError) as refusal:
        written(sheets.write_csv, [["王曉明", 1], ["游錫堃𠮷", 2], ["😀𠮷𠮷", 3]], encoding="cp950")
    assert refusal.value.spots == [(3, "機關", "堃𠮷"), (4, "機關", "😀𠮷")]
    assert str(refusal.value) == (
        "Big5 沒有這些字，無法匯出：第 3 列「機關」的「堃𠮷」、第 4 列「機關」的「😀𠮷」。請改用 UTF-8 或 ods 匯出。"
    )


def test_big5_report_stays_readable_when_much_is_missing() -> None:
    with pytest.raises(UnencodableError) as refusal:
        written(sheets.write_csv, [["😀", 1]] * 500, encoding="cp950")
    assert "等 500 處" in str(refusal.value)
    assert len(str(refusal.value)) < 600


def test_ods_begins_with_its_stored_kind() -> None:
    content = written(sheets.write_ods, [["甲", 1]])
    assert content[30:84] == b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet"
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.namelist() == ["mimetype", "META-INF/manifest.xml", "content.xml"]
        assert archive.testzip() is None


def long_list(length: int) -> Iterator[list[Any]]:
    for number in range(length):
        yield [f"嘉義縣第{number}國民小學", number, date(2024, 6, 30), Decimal("1.5"), None, "備註"]


LONG_COLUMNS = ["機關", "序號", "日期", "時數", "空", "備註"]


@pytest.mark.parametrize(
    ("write", "read"), [(sheets.write_ods, cells), (sheets.write_xlsx, cells), (sheets.write_csv, csv_rows)]
)
def test_twenty_thousand_rows_are_written_in_seconds(write: Write, read: Any) -> None:
    target = io.BytesIO()
    start = time.perf_counter()
    write(target, LONG_COLUMNS, long_list(20_000))
    seconds = time.perf_counter() - start
    read_back = read(target.getvalue())
    assert len(read_back) == 20_001
    assert read_back[-1][0] == "嘉義縣第19999國民小學"
    assert seconds < 10, "one or two are usual; ten leave room for a busy machine"


@pytest.mark.parametrize("write", [sheets.write_ods, sheets.write_xlsx, sheets.write_csv])
def test_memory_does_not_grow_with_the_list(write: Write) -> None:
    def peak(length: int) -> int:
        with TemporaryFile() as target:
            tracemalloc.start()
            write(target, LONG_COLUMNS, long_list(length))
            _, most = tracemalloc.get_traced_memory()
            tracemalloc.stop()
        return most

    peak(1000)
    assert peak(4000) < peak(1000) + (256 << 10)


@pytest.mark.django_db  # closing a response ends a request, at which Django looks at its connections
@pytest.mark.parametrize(
    ("form", "ending", "content_type"),
    [
        ("ods", "ods", "application/vnd.oasis.opendocument.spreadsheet"),
        ("xlsx", "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        ("csv", "csv", "text/csv; charset=utf-8"),
        ("big5", "csv", "text/csv; charset=big5"),
    ],
)
def test_response_downloads_under_its_chinese_name(form: str, ending: str, content_type: str) -> None:
    response = sheets.response(form, "分區名冊", COLUMNS, [["大林鎮公所", 21]])
    content = b"".join(response)
    response.close()
    assert response["Content-Type"] == content_type
    assert response["Content-Disposition"] == (
        f"attachment; filename*=utf-8''%E5%88%86%E5%8D%80%E5%90%8D%E5%86%8A.{ending}"
    )
    assert int(response["Content-Length"]) == len(content) > 0


def test_response_sends_nothing_when_a_row_fails() -> None:
    def rows() -> Iterator[list[str | int]]:
        yield ["甲", 1]
        raise LookupError("half-way")

    with pytest.raises(LookupError):
        sheets.response("ods", "清單", COLUMNS, rows())
