"""Blank sheets to fill in: both formats carry the same lists, limits and explanation, and are read back as they are."""

import io
import zipfile
from contextlib import closing
from typing import Any

import openpyxl
import pytest
from defusedxml import ElementTree
from django.core.files.base import ContentFile

from personnel_portal.documents import sheets
from personnel_portal.documents.sheets import Blank, Entry
from personnel_portal.uploads import checks
from personnel_portal.uploads.kinds import Kind

BLANK = Blank(
    "案例",
    (
        Entry("提供機關", 22, "請從清單選擇。", ("民雄國中", "大埔國中小"), "民雄國中", is_required=True),
        Entry("案由", 36, "一句話說明 <事由> & 問題。", longest=200, example="=1+1", is_required=True),
        Entry("電話", 16, example="05-2200000"),
        Entry("案例類型", 14, options=("困難案例", "特殊案例", "錯誤案例")),
    ),
    ("一列一件。",),
    rows=50,
)
HEADS = ["提供機關＊", "案由＊", "電話", "案例類型"]


def written(form: str) -> io.BytesIO:
    target = io.BytesIO()
    {"xlsx": sheets.write_blank_xlsx, "ods": sheets.write_blank_ods}[form](target, BLANK)
    target.seek(0)
    return target


@pytest.mark.parametrize("form", ["xlsx", "ods"])
def test_blank_reads_back_as_its_head(form: str) -> None:
    assert sheets.read(written(form)) == [HEADS]


@pytest.mark.django_db  # closing a response makes Django look at its connections
@pytest.mark.parametrize("form", ["xlsx", "ods"])
def test_blank_passes_the_inspection(form: str) -> None:
    with closing(sheets.blank_response(form, BLANK, name="案例填報表")) as response:
        content = response.getvalue()
    assert checks.check(ContentFile(content, name=f"表.{form}"), frozenset(Kind)) == Kind(form)


def test_xlsx_offers_lists_and_limits() -> None:
    book: Any = openpyxl.load_workbook(written("xlsx"))
    sheet = book["案例"]
    rules = {str(rule.sqref): (rule.type, rule.formula1) for rule in sheet.data_validations.dataValidation}
    assert rules == {
        "A2:A51": ("list", "選項!$A$2:$A$3"),
        "B2:B51": ("textLength", "200"),
        "D2:D51": ("list", "選項!$B$2:$B$4"),
    }
    assert (sheet.freeze_panes, sheet["C2"].number_format) == ("B2", "@")
    assert [[cell.value for cell in row] for row in book["選項"].iter_rows(min_row=2)] == [
        ["民雄國中", "困難案例"],
        ["大埔國中小", "特殊案例"],
        [None, "錯誤案例"],
    ]


def test_example_that_looks_like_a_formula_is_text() -> None:
    book: Any = openpyxl.load_workbook(written("xlsx"))
    cell = book["填寫說明"]["D3"]
    assert (cell.value, cell.data_type) == ("=1+1", "s")


def test_ods_offers_lists_and_limits() -> None:
    with zipfile.ZipFile(written("ods")) as archive:
        assert archive.namelist()[0] == "mimetype"
        parts = {name: ElementTree.fromstring(archive.read(name)) for name in archive.namelist() if name[-4:] == ".xml"}
    table = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
    content = parts["content.xml"]
    assert [rule.get(f"{table}condition") for rule in content.iter(f"{table}content-validation")] == [
        "of:cell-content-is-in-list([$選項.$A$2:.$A$3])",
        "of:cell-content-text-length()<=200",
        "of:cell-content-is-in-list([$選項.$B$2:.$B$4])",
    ]
    assert [sheet.get(f"{table}name") for sheet in content.iter(f"{table}table")] == ["案例", "填寫說明", "選項"]
    assert "一句話說明 <事由> & 問題。最多 200 字。" in {text.strip() for text in content.itertext()}
