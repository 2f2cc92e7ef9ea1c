import io
from collections.abc import Callable

import pytest

from personnel_portal.documents import odf, paper, tables
from personnel_portal.documents.confined import UnreadableFileError
from personnel_portal.documents.tables import Cell
from tests.documents import forms
from tests.documents.forms import Box
from tests.uploads import making

Write = Callable[..., bytes]
BOTH = pytest.mark.parametrize(("write", "kind"), [(forms.docx, "docx"), (forms.odt, "odt")])


def read(content: bytes, kind: str) -> list[tables.Table]:
    return tables.read(io.BytesIO(content), kind=kind)


@BOTH
def test_merged_cells_keep_their_place_and_extent(write: Write, kind: str) -> None:
    rows: list[forms.Row] = [
        [Box("提供人", height=2), Box("姓名"), Box("職稱")],
        ["王小明", "人事主任"],
        [Box("案情摘要", width=3)],
        [Box("第一行\n第二行", width=3)],
    ]
    assert read(write(rows), kind) == [
        (
            Cell(0, 0, 2, 1, "提供人"),
            Cell(0, 1, 1, 1, "姓名"),
            Cell(0, 2, 1, 1, "職稱"),
            Cell(1, 1, 1, 1, "王小明"),
            Cell(1, 2, 1, 1, "人事主任"),
            Cell(2, 0, 1, 3, "案情摘要"),
            Cell(3, 0, 1, 3, "第一行\n第二行"),
        )
    ]


@BOTH
def test_tables_come_in_reading_order(write: Write, kind: str) -> None:
    assert [table[0].text for table in read(write([["甲"]], [["乙"]]), kind)] == ["甲", "乙"]


def test_table_within_a_cell_is_a_table_too() -> None:
    inner = forms.docx_table([["案由", "內容"]])
    content = making.docx(body=f"<w:tbl><w:tr><w:tc><w:p/>{inner}</w:tc></w:tr></w:tbl>")
    outer, nested = read(content, "docx")
    assert [cell.text for cell in outer] == ["案由\t內容"]
    assert [cell.text for cell in nested] == ["案由", "內容"]


def test_ticked_boxes_of_word_are_told_from_empty_ones() -> None:
    signs = '<w:sym w:font="Wingdings" w:char="F0FE"/><w:t>法規</w:t><w:sym w:font="Wingdings" w:char="F0A8"/><w:t>措施</w:t>'
    content = making.docx(body=f"<w:tbl><w:tr><w:tc><w:p><w:r>{signs}</w:r></w:p></w:tc></w:tr></w:tbl>")
    assert read(content, "docx")[0][0].text == "☑法規□措施"


def test_table_of_our_own_paper_is_read_back() -> None:
    block = paper.Table((paper.Column("欄位"), paper.Column("內容")), [["案由", "第一行\n第二行"]])
    content = odf.render(paper.Paper("表", (block,)))
    assert [cell.text for cell in read(content, "odt")[0]] == ["欄位", "內容", "案由", "第一行\n第二行"]


def test_document_without_tables_yields_none() -> None:
    assert read(forms.docx(before="案由：無表格"), "docx") == []


@pytest.mark.parametrize(
    ("content", "kind", "sentence"),
    [
        (b"PK\x03\x04broken", "docx", "檔案已損毀或設有密碼"),
        (making.zipped({"a.txt": "renamed"}), "docx", "檔案已損毀或設有密碼"),
        (
            making.odf(prolog='<!DOCTYPE a [<!ENTITY x "y">]>', body="<text:p>&x;</text:p>"),
            "odt",
            "檔案已損毀或設有密碼",
        ),
        (forms.docx([["格"]] * 501), "docx", "一個表格最多讀取 500 列"),
        (forms.odt([["格"]] * 501), "odt", "一個表格最多讀取 500 列"),
        (forms.docx([["格"] * 64]), "docx", "一個表格最多讀取 63 欄"),
        (forms.docx([[Box("寬", width=999_999)]]), "docx", "一個表格最多讀取 63 欄"),
        (
            making.odf(
                body='<table:table><table:table-row><table:table-cell table:number-columns-repeated="99999"/>'
                "</table:table-row></table:table>"
            ),
            "odt",
            "一個表格最多讀取 63 欄",
        ),
        (forms.docx(*[[["格"]]] * 101), "docx", "一個檔案最多讀取 100 個表格"),
        (forms.docx([["長" * 30_000] * 40]), "docx", "表格的文字過多"),
    ],
)
def test_hostile_document_is_answered_by_a_sentence(content: bytes, kind: str, sentence: str) -> None:
    with pytest.raises(UnreadableFileError, match=sentence):
        read(content, kind)


def test_merge_without_a_beginning_and_spans_without_sense_are_read_as_cells() -> None:
    cell = '<w:tc><w:tcPr><w:gridSpan w:val="-9"/><w:vMerge/></w:tcPr><w:p><w:r><w:t>格</w:t></w:r></w:p></w:tc>'
    content = making.docx(body=f"<w:tbl><w:tr>{cell}</w:tr></w:tbl>")
    assert read(content, "docx") == [(Cell(0, 0, 1, 1, "格"),)]
