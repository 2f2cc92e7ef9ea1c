import io
import time
import zipfile
from datetime import date, datetime
from datetime import time as clock
from typing import Any

import pytest
import xlsxwriter

from personnel_portal.documents import sheets
from personnel_portal.documents.sheets import Line, MissingColumnsError, UnreadableFileError

ODS = "application/vnd.oasis.opendocument.spreadsheet"


def xlsx(*rows: list[Any], at: tuple[int, int] = (0, 0)) -> io.BytesIO:
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"default_date_format": "yyyy/m/d"}) as workbook:
        sheet = workbook.add_worksheet()
        for number, row in enumerate(rows):
            sheet.write_row(at[0] + number, at[1], row)
    return target


def ods(table: str) -> io.BytesIO:
    namespaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
    )
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("mimetype"), ODS)
        archive.writestr(
            "META-INF/manifest.xml",
            '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
            f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{ODS}"/></manifest:manifest>',
        )
        archive.writestr(
            "content.xml",
            f"<office:document-content {namespaces}><office:body><office:spreadsheet>"
            f'<table:table table:name="s">{table}</table:table>'
            "</office:spreadsheet></office:body></office:document-content>",
        )
    return target


def test_xlsx_gives_text_and_dates() -> None:
    moment = datetime(2024, 6, 30, 14, 5)  # noqa: DTZ001  # cells of a sheet know no time zone
    file = xlsx(["編號", 7.0, 2.5, True, date(2024, 6, 30), moment, clock(9, 30), " 甲 ", ""], [], ["乙"])
    assert sheets.read(file) == [
        ["編號", "7", "2.5", "是", date(2024, 6, 30), "2024-06-30 14:05", "09:30", "甲"],
        [],
        ["乙"],
    ]


def test_rows_keep_their_numbers_where_the_sheet_begins_late() -> None:
    assert sheets.read(xlsx(["姓名"], ["王曉明"], at=(2, 1))) == [[], [], ["姓名"], ["王曉明"]]


def test_what_we_write_we_read() -> None:
    rows = [["大林鎮公所", "0940526"], ["=1+1", "113/6/30"]]
    for write in (sheets.write_ods, sheets.write_xlsx, sheets.write_csv):
        target = io.BytesIO()
        write(target, ["機關", "代碼"], rows)
        assert sheets.read(target)[:2] == [["機關", "代碼"], ["大林鎮公所", "0940526"]]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp950", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_csv_is_read_in_every_usual_encoding_and_delimiter(encoding: str, delimiter: str) -> None:
    file = io.BytesIO(f'姓名{delimiter}備註\r\n王曉明{delimiter}"一\n二"\r\n\r\n'.encode(encoding))
    assert sheets.read(file) == [["姓名", "備註"], ["王曉明", "一\n二"]]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "檔案裡沒有資料。"),
        (b",,\r\n,,\r\n", "檔案裡沒有資料。"),
        (b"\xff\xff\xfa\x80", "無法辨識檔案的文字編碼，請以 UTF-8 或 Big5 儲存後再試。"),
        (b"\xff\xfe\x00", "無法辨識檔案的文字編碼，請以 UTF-8 或 Big5 儲存後再試。"),
        (b"a\x00b", "檔案不是文字格式的 csv，請以 ods、xlsx 或 csv 儲存後再試。"),
        (b"a" * 40_000, "有儲存格超過 32,767 字，請縮短後再試。"),
        (b'"' + b"a" * 200_000, "csv 檔的引號或換行不完整，請以試算表軟體重新儲存後再試。"),
        (b"1," * 101 + b"1", "一列最多 100 欄，請刪去不需要的欄位。"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest",
            "無法讀取舊版 xls 或設有密碼的檔案，請取消密碼並另存為 ods 或 xlsx。",
        ),
        (b"PK\x03\x04broken", "檔案不是可讀取的 ods 或 xlsx 試算表，請以原軟體另存新檔後再試。"),
    ],
)
def test_unreadable_file_is_answered_by_a_sentence(content: bytes, sentence: str) -> None:
    with pytest.raises(UnreadableFileError) as refusal:
        sheets.read(io.BytesIO(content))
    assert str(refusal.value) == sentence


def test_too_many_rows_are_refused() -> None:
    with pytest.raises(UnreadableFileError, match="一次最多讀取 3 列"):
        sheets.read(io.BytesIO(b"a\n" * 4), limit=3)
    assert len(sheets.read(io.BytesIO(b"a\n" * 3 + b"\n" * 9), limit=3)) == 3


BOMBS = {
    "cells in two corners": lambda: corners(),
    "repeated cells": lambda: ods(
        '<table:table-row table:number-rows-repeated="1048576">'
        '<table:table-cell table:number-columns-repeated="16384" office:value-type="string"><text:p>x</text:p>'
        "</table:table-cell></table:table-row>"
    ),
    "inflated cell": lambda: ods(
        '<table:table-row><table:table-cell office:value-type="string">'
        f"<text:p>{'x' * (40 << 20)}</text:p></table:table-cell></table:table-row>"
    ),
}


def corners() -> io.BytesIO:
    target = io.BytesIO()
    with xlsxwriter.Workbook(target) as workbook:
        sheet = workbook.add_worksheet()
        sheet.write(0, 0, "a")
        sheet.write(1_048_575, 16_383, "z")
    return target


@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS.keys())
def test_bomb_ends_its_own_child_and_is_answered_by_a_sentence(bomb: Any) -> None:
    file = bomb()
    start = time.perf_counter()
    with pytest.raises(UnreadableFileError, match=r"檔案|列|欄|儲存格"):
        sheets.read(file)
    assert time.perf_counter() - start < 30


COLUMNS = {"name": ("姓名",), "agency": ("機關名稱", "服務機關"), "phone": ("電話(公)",), "home": ("電話(宅)",)}


def test_table_finds_columns_under_a_title_by_any_of_their_names() -> None:
    rows: list[list[sheets.Cell]] = [
        ["嘉義縣政府人事人員名冊"],
        [],
        ["＊姓 名（必填）", "備註", "服務機關：", "電話（公）", "電話（宅）"],
        ["王曉明", "", "大林鎮公所", "1", "2"],
        ["", ""],
        ["李大華"],
    ]
    assert sheets.table(rows, COLUMNS) == [
        Line(4, {"name": "王曉明", "agency": "大林鎮公所", "phone": "1", "home": "2"}),
        Line(6, {"name": "李大華", "agency": "", "phone": "", "home": ""}),
    ]


def test_table_takes_tai_in_both_forms() -> None:
    assert sheets.table([["台北電話"], ["1"]], {"phone": ("臺北電話",)}) == [Line(2, {"phone": "1"})]


def test_table_names_missing_columns() -> None:
    with pytest.raises(MissingColumnsError) as refusal:
        sheets.table([["姓名"], ["王曉明"]], COLUMNS, optional=("home",))
    assert str(refusal.value) == "找不到欄位「機關名稱」「電話(公)」，請在表頭列填上這些欄名。"


def test_table_refuses_two_columns_for_one_field() -> None:
    with pytest.raises(MissingColumnsError) as refusal:
        sheets.table([["姓名", "姓名"], ["甲", "乙"]], {"name": ("姓名",)})
    assert str(refusal.value) == "有 2 欄都是「姓名」，請只留一欄。"


def test_table_of_an_empty_sheet_names_what_is_missing() -> None:
    with pytest.raises(MissingColumnsError, match="找不到欄位「姓名」"):
        sheets.table([], {"name": ("姓名",)})
