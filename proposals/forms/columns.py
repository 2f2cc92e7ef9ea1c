"""The columns of the sheets of cases (附件1) and proposals (附件2), which are the lines of their forms too."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import models

from districts.choices import SheetKind
from proposals.choices import Business, CaseKind, Effect, ProposalKind
from proposals.forms.cases import CaseForm
from proposals.forms.items import ItemForm
from proposals.forms.proposals import ProposalForm
from proposals.models import Case, Proposal

# Where a line comes from; not a column of the blank sheet.
SOURCE = "source"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the sheet and a line of the form.

    Attributes:
        labels: what it may be called; the blank carries the first.
        width: in half-widths.
        help: how to fill it in.
        example: an example of it.
        choices: the vocabulary it is chosen from.
        is_offered: whether the blank has it; otherwise it is understood where somebody's own form does.
    """

    labels: tuple[str, ...]
    width: int = 14
    help: str = ""
    example: str = ""
    choices: type[models.TextChoices] | None = None
    is_offered: bool = True


@dataclass(frozen=True, slots=True)
class Contents:
    """What a sheet of cases or of proposals holds: its model, its page's form, its columns.

    `named_by` are the fields whose columns no sheet and no form may lack; they tell it from another table.
    """

    name: str
    annex: str
    model: type[Case] | type[Proposal]
    form: type[ItemForm]
    columns: Mapping[str, Column]
    named_by: tuple[str, ...]

    @property
    def offered(self) -> Mapping[str, Column]:
        """The columns of the blank, by field."""
        return {field: column for field, column in self.columns.items() if column.is_offered}

    def label(self, field: str) -> str:
        return self.columns[field].labels[0]

    def longest(self, field: str) -> int:
        """The greatest number of characters; 0 where the record has no such column."""
        return getattr(self._column(field), "max_length", None) or 0

    def is_required(self, field: str) -> bool:
        """Whether an item cannot be sent without it."""
        if field == "agency":
            return True
        column = self._column(field)
        return isinstance(column, models.CharField | models.TextField) and not column.blank

    def _column(self, field: str) -> Any:
        return {column.name: column for column in self.model._meta.fields}.get(field)


_AGENCY_HELP = "機關簡稱或全銜。"
_STATUTES = Column(
    ("相關法規", "法規依據", "引用法規", "法令依據", "相關法令"),
    26,
    "多部法規以頓號分開，可附條次。",
    "公務人員任用法第 28 條",
)
_TITLE = Column(("職稱",), 14, "", "人事管理員")
_PHONE = Column(("電話", "聯絡電話", "公務電話"), 16, "含區碼。", "05-2000000")
# The agency tells the district; what a form says of it is only compared.
_DISTRICT = Column(("分區", "所屬分區", "分區別"), is_offered=False)

CASES = Contents(
    "案例",
    "附件1",
    Case,
    CaseForm,
    {
        "agency": Column(("提供機關", "機關", "機關名稱", "服務機關", "提案機關"), 22, _AGENCY_HELP, "民雄國中"),
        "subject": Column(("案由", "案例名稱", "案例主題", "主題", "標題"), 34, "一句話說明是什麼案例。", "職務代理人加班費核發疑義"),
        "business": Column(("業務類別", "業務別", "業務分類"), 14, "請從清單選擇。", "考核訓練", Business),
        "kind": Column(("案例類型", "類型", "案例類別", "案例性質"), 14, "請從清單選擇。", "困難案例", CaseKind),
        "summary": Column(("案情摘要", "案情", "案例內容", "事實摘要", "問題描述"), 50, "請避免填寫當事人姓名、身分證統一編號、電話與住址。", "代理期間加班費由何機關支應，前後作法不一。"),
        "handling": Column(("處理經過", "處理情形", "處理過程", "辦理情形"), 40, "無則免填。", "函詢主管機關後依釋示辦理。"),
        "outcome": Column(("結果或建議", "處理結果", "結果", "建議", "結果及建議"), 40, "無則免填。", "建議於代理令明定支應機關。"),
        "statutes_text": _STATUTES,
        "contact_name": Column(("提供人", "姓名", "提供者", "填表人", "聯絡人"), 14, "", "王小明"),
        "contact_title": _TITLE,
        "contact_phone": _PHONE,
        "district": _DISTRICT,
    },
    ("subject", "summary"),
)  # fmt: skip

PROPOSALS = Contents(
    "提案",
    "附件2",
    Proposal,
    ProposalForm,
    {
        "agency": Column(("提案機關", "機關", "機關名稱", "服務機關", "提供機關"), 22, _AGENCY_HELP, "民雄國中"),
        "kind": Column(("類別", "提案類別", "建議類別"), 10, "請從清單選擇。", "法規", ProposalKind),
        "subject": Column(("案由", "提案名稱", "提案主題", "主題", "標題"), 34, "一句話說明要修正什麼。", "建請放寬職務代理人資格"),
        "current_rule": Column(("現行規定", "現行條文", "現行作法", "現況"), 40, "照錄現行條文或作法；新增規定者免填。", "代理人須為同一單位人員。"),
        "problem": Column(("說明（問題）", "說明", "問題", "問題說明", "理由"), 50, "說明現行規定或作法的問題。", "小型機關無同單位人員可代理。"),
        "wording": Column(("建議修正文字或辦法", "建議", "辦法", "建議修正文字", "修正文字", "建議/辦法（修正文字）", "建議修正條文"), 50, "直接寫成修正後的條文或作法。", "代理人得為同一機關人員。"),
        "effect": Column(("預期效益", "效益"), 14, "請從清單選擇。", "簡化流程", Effect),
        "effect_note": Column(("效益說明", "預期效益說明"), 30, "無則免填。", "每年減少專簽約 30 件。"),
        "co_proposers": Column(("聯合提案機關", "共同提案機關", "連署機關"), 26, "依序以頓號分開，無則免填。", "大埔國中小"),
        "statutes_text": _STATUTES,
        "contact_name": Column(("提案人", "姓名", "提供人", "填表人", "聯絡人"), 14, "", "王小明"),
        "contact_title": _TITLE,
        "contact_phone": _PHONE,
        "district": _DISTRICT,
    },
    ("subject", "problem", "wording"),
)  # fmt: skip

CONTENTS = {SheetKind.CASES: CASES, SheetKind.PROPOSALS: PROPOSALS}
