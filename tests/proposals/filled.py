"""Filled-in sheets and forms of cases and proposals; for tests only."""

import io
from collections.abc import Mapping, Sequence
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from personnel_portal.documents import sheets
from proposals.forms.columns import CASES, PROPOSALS
from tests.documents.forms import Box, Row

CASE = {
    "agency": "民雄國中",
    "subject": "職務代理人加班費核發疑義",
    "business": "考核訓練",
    "kind": "困難案例",
    "summary": "代理期間加班費由何機關支應，前後作法不一。",
    "contact_name": "吳成員",
}
PROPOSAL = {
    "agency": "民雄國中",
    "kind": "措施",
    "subject": "建請放寬職務代理人資格",
    "current_rule": "代理人須為同一單位人員。",
    "problem": "小型機關無同單位人員可代理。\n每次都要專簽。",
    "wording": "代理人得為同一機關人員。",
    "effect": "簡化流程",
    "contact_name": "吳成員",
}


def sheet(
    contents: Any, *rows: Mapping[str, str], form: str = "xlsx", name: str = "", heads: Sequence[str] = ()
) -> SimpleUploadedFile:
    """Return a sheet of these rows, with a column for every field that one of them has."""
    fields = [field for field in contents.columns if any(field in row for row in rows)]
    labels = list(heads) or [contents.label(field) for field in fields]
    lines = [[row.get(field, "") for field in fields] for row in rows]
    target = io.BytesIO()
    if form in ("utf-8-sig", "utf-8", "cp950"):
        sheets.write_csv(target, labels, lines, encoding="cp950" if form == "cp950" else "utf-8-sig")
        content = target.getvalue()[3:] if form == "utf-8" else target.getvalue()
        return SimpleUploadedFile(name or f"{contents.name}.csv", content)
    {"xlsx": sheets.write_xlsx, "ods": sheets.write_ods}[form](target, labels, lines)
    return SimpleUploadedFile(name or f"{contents.name}.{form}", target.getvalue())


def beside(contents: Any, values: Mapping[str, str]) -> list[Row]:
    """Return the first layout: labels to the left, answers to the right, over two merged columns."""
    rows: list[Row] = [[Box(f"{contents.name}填報表", 3)]]
    for number, field in enumerate(contents.columns, start=1):
        rows.append([f"{number}、{contents.label(field)}（必填）", Box(values.get(field, ""), 2)])
    return rows


def four_columns(values: Mapping[str, str]) -> list[Row]:
    """Return the second layout, of a proposal: pairs side by side, labels above wide answers, merged cells."""
    return [
        [Box("人事修正建議提案表", 4)],
        ["提案機關", values["agency"], "分　區", ""],
        [Box("提案人", height=2), "姓名", "職稱", "電話"],
        [values["contact_name"], "人事主任", "05-2000000"],
        ["類別", "□法規　■措施　□流程", "預期效益", "☑簡化流程 □修正法規 □其他"],
        [Box("案由：", 4)],
        [Box(values["subject"], 4)],
        [Box("現行規定", 2), Box("建議修正文字", 2)],
        [Box(values["current_rule"], 2), Box(values["wording"], 2)],
        [Box("說明", height=2), Box(values["problem"].split("\n")[0], 3)],
        [Box(values["problem"].split("\n")[1], 3)],
        ["附件", Box("", 3)],
    ]


def unknown() -> list[Row]:
    """Return a layout that nobody can read: answers within the cells of their labels."""
    return [
        ["提案機關：民雄國中", "提案人：吳成員"],
        [Box("案由：建請放寬職務代理人資格", 2)],
        [Box("說明：無人可代理", 2)],
    ]


__all__ = ["CASE", "CASES", "PROPOSAL", "PROPOSALS", "beside", "four_columns", "sheet", "unknown"]
