"""Filled-in forms read back: two layouts with merged cells, in DOCX and ODT alike, and what is no form."""

import io
from collections.abc import Callable
from typing import Any

import pytest

from personnel_portal.documents import odf, tables
from proposals.forms.blanks import form_of
from proposals.forms.columns import CASES, PROPOSALS
from proposals.forms.filled import UnknownFormError, answers, ticked
from tests.documents import forms
from tests.documents.forms import Box
from tests.proposals.filled import CASE, PROPOSAL, beside, four_columns, unknown

BOTH = pytest.mark.parametrize(("write", "kind"), [(forms.docx, "docx"), (forms.odt, "odt")])
Write = Callable[..., bytes]


def read(contents: Any, content: bytes, kind: str) -> list[dict[str, str]]:
    found = answers(
        tables.read(io.BytesIO(content), kind=kind),
        {field: column.labels for field, column in contents.columns.items()},
        contents.named_by,
    )
    return [{field: text for field, text in form.items() if text} for form in found]


@BOTH
def test_labels_to_the_left(write: Write, kind: str) -> None:
    assert read(PROPOSALS, write(beside(PROPOSALS, PROPOSAL)), kind) == [PROPOSAL]
    assert read(CASES, write(beside(CASES, CASE)), kind) == [CASE]


@BOTH
def test_pairs_in_a_grid_of_four(write: Write, kind: str) -> None:
    assert read(PROPOSALS, write(four_columns(PROPOSAL)), kind) == [
        PROPOSAL
        | {
            "kind": "□法規　■措施　□流程",
            "effect": "☑簡化流程 □修正法規 □其他",
            "contact_title": "人事主任",
            "contact_phone": "05-2000000",
        }
    ]


@BOTH
def test_other_table_is_refused_kindly(write: Write, kind: str) -> None:
    with pytest.raises(
        UnknownFormError, match="找不到同時有「案由」「說明（問題）」「建議修正文字或辦法」欄的表格。請使用本頁的空白表"
    ):
        read(PROPOSALS, write(unknown()), kind)


def test_paragraphs_without_a_table_are_refused_kindly() -> None:
    with pytest.raises(UnknownFormError, match="讀不出這份表件"):
        read(CASES, forms.docx(before="案由：無表格"), "docx")


def test_several_forms_in_one_document_are_several_items() -> None:
    content = forms.docx(beside(CASES, CASE), beside(CASES, CASE | {"subject": "另一案"}))
    assert [form["subject"] for form in read(CASES, content, "docx")] == [CASE["subject"], "另一案"]


def test_form_that_runs_on_over_two_tables_is_one() -> None:
    rows = beside(CASES, CASE)
    assert read(CASES, forms.odt(rows[:5], rows[5:]), "odt") == [CASE]


def test_two_items_in_one_table_are_refused_and_none_is_lost() -> None:
    rows = [*beside(CASES, CASE), *beside(CASES, CASE | {"subject": "另一案"})]
    with pytest.raises(UnknownFormError, match="表格裡有 2 處填寫「案由」且內容不同，請一個表格只填一件。"):
        read(CASES, forms.docx(rows), "docx")


def test_answer_that_no_sheet_could_hand_back_is_refused() -> None:
    with pytest.raises(UnknownFormError, match="「案情摘要」超過 32,767 字"):
        read(CASES, forms.odt(beside(CASES, CASE | {"summary": "長" * 32_768})), "odt")


def test_own_blank_form_is_read_back() -> None:
    """The portal's own ODT, filled in by another program, keeps its table."""
    blank = form_of(CASES)
    assert read(CASES, odf.render(blank), "odt") == [
        {"business": "□組織任免　□考核訓練　□退休福利　□其他", "kind": "□困難案例　□特殊案例　□錯誤案例"}
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("法規", "法規"),
        ("□法規 ■措施 □流程", "措施"),
        ("☑法規、☐措施", "法規"),
        ("□法規　□措施", ""),
        ("■法規　■措施", "法規、措施"),
        ("√ 簡化流程\n□修正法規", "簡化流程"),
    ],
)
def test_ticked_option_is_told_from_the_others(text: str, expected: str) -> None:
    assert ticked(text) == expected


def test_wide_table_of_labels_takes_no_long_time() -> None:
    rows: list[forms.Row] = [["案由"] * 60 for _ in range(400)]
    rows.append([Box("說明", 30), Box("建議", 30)])
    assert read(PROPOSALS, forms.docx(rows), "docx") == [{}]
