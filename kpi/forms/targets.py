"""The office's forms on targets (review, months that are closed, violations), and what a unit says of a missed target."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from districts.models import Agency, Plan
from kpi.actions.actuals import REASON_LONGEST
from kpi.choices import MONTHS, EntryState
from kpi.models import Actual, Correction, DeductionKind, Indicator
from meetings.forms.pasted import PastedField
from personnel_portal.roc.forms import RocDateField

APPROVE, APPROVE_ALL, RETURN = "approve", "approve_all", "return"
CHANGED = "勾選的填報資料中，有些剛才已被變更或由他人處理，請重新檢視後再辦理。"


def stamp(actual: Actual) -> str:
    """Return a row's key with the moment at which it was sent: what is sent anew is not what the page showed."""
    return f"{actual.pk}:{actual.submitted_at.timestamp() if actual.submitted_at else 0}"


class ReviewForm(forms.Form):
    """Approve what is ticked, or everything shown, or return what is ticked with a reason."""

    decision = forms.ChoiceField(
        label="審核",
        choices=[(APPROVE, "核定勾選者"), (APPROVE_ALL, "核定本頁全部"), (RETURN, "勾選者退請補正")],
        error_messages=dict.fromkeys(["required", "invalid_choice"], "請選擇核定或退請補正。"),
    )
    reason = PastedField(
        label="退請補正理由",
        max_length=REASON_LONGEST,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="退請補正時必填，並寄信通知填報機關；核定時免填。",
    )

    def __init__(self, *args: Any, found: QuerySet[Actual], **kwargs: Any) -> None:
        """Decide on rows of these only."""
        super().__init__(*args, **kwargs)
        self._found = found

    @property
    def ticked(self) -> list[str]:
        """What is ticked, to be ticked again when the form comes back."""
        return self._posted("entry")

    def clean(self) -> dict[str, Any]:
        """Read the rows; refuse if one of them is not what the page showed any more."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        decision = cleaned.get("decision")
        if decision == RETURN and "reason" in cleaned and not cleaned["reason"]:
            self.add_error("reason", "請說明退請補正的理由。")
        cleaned["actuals"] = self._rows(self._posted("shown" if decision == APPROVE_ALL else "entry"))
        return cleaned

    def _posted(self, name: str) -> list[str]:
        return self.data.getlist(name) if hasattr(self.data, "getlist") else []

    def _rows(self, asked: Iterable[str]) -> list[Actual]:
        stamps = set(asked)
        keys = {key for key in (text.partition(":")[0] for text in stamps) if key.isascii() and key.isdecimal()}
        rows = list(self._found.filter(pk__in=[int(key) for key in keys if len(key) < 19]))
        if not stamps:
            raise ValidationError("請至少勾選一筆填報資料。")
        if {stamp(row) for row in rows} != stamps:
            raise ValidationError(CHANGED)
        return rows


class LockForm(forms.Form):
    """Up to which month of the year nothing can be changed any more."""

    month = forms.TypedChoiceField(
        label="鎖定至",
        coerce=int,
        choices=[(0, "不鎖定"), *((month, f"{month} 月") for month in range(1, MONTHS + 1))],
        error_messages=dict.fromkeys(["required", "invalid_choice"], "請選擇 1 至 12 月，或不鎖定。"),
    )


class ReviewedFilter(forms.Form):
    """Which figures the review shows."""

    state = forms.ChoiceField(
        label="狀態",
        required=False,
        choices=[(EntryState.SUBMITTED, "待審"), (EntryState.APPROVED, "已核定")],
    )
    agency = forms.ModelChoiceField(Agency.objects.none(), label="機關", required=False, empty_label="全部機關")
    indicator = forms.ModelChoiceField(Indicator.objects.none(), label="指標", required=False, empty_label="全部指標")

    def __init__(self, *args: Any, plan: Plan, **kwargs: Any) -> None:
        """Offer those who report in the plan, and its indicators."""
        super().__init__(*args, **kwargs)
        reporting = Actual.objects.filter(indicator__goal__plan=plan).values("agency")
        indicators = Indicator.objects.of_plan(plan).order_by("goal__order", "order")
        self.fields["agency"].queryset = Agency.objects.filter(pk__in=reporting)  # type: ignore[attr-defined]  # a ModelChoiceField
        self.fields["indicator"].queryset = indicators  # type: ignore[attr-defined]  # a ModelChoiceField

    def narrow(self, rows: QuerySet[Actual]) -> QuerySet[Actual]:
        """Return the rows that are asked for; what is not understood asks for nothing less."""
        known: Mapping[str, Any] = self.cleaned_data if self.is_bound and self.is_valid() else {}
        rows = rows.filter(state=known.get("state") or EntryState.SUBMITTED)
        for name in ("agency", "indicator"):
            if value := known.get(name):
                rows = rows.filter(**{name: value})
        return rows


class _KindField(forms.ModelChoiceField[DeductionKind]):
    """Kinds of violations with their indicators and points."""

    def label_from_instance(self, obj: DeductionKind) -> str:
        return f"{obj.indicator.code}　{obj}"


class ViolationForm(forms.Form):
    """One violation: what, whose, when."""

    kind = _KindField(DeductionKind.objects.none(), label="違失類別", empty_label="請選擇")
    agency = forms.ModelChoiceField(Agency.objects.none(), label="機關", empty_label="請選擇")
    day = RocDateField(label="查獲日期")
    office_unit = PastedField(label="單位", max_length=30, required=False)
    note = PastedField(
        label="說明",
        max_length=200,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="請勿填寫當事人姓名等個人資料。",
    )

    def __init__(self, *args: Any, plan: Plan, **kwargs: Any) -> None:
        """Offer the plan's kinds and units."""
        super().__init__(*args, **kwargs)
        kinds = DeductionKind.objects.filter(indicator__goal__plan=plan).select_related("indicator__goal")
        units = Agency.objects.filter(pk__in=plan.units.values("agency"))
        self.fields["kind"].queryset = kinds.order_by("indicator__goal__order", "indicator__order", "pk")  # type: ignore[attr-defined]  # a ModelChoiceField
        self.fields["agency"].queryset = units  # type: ignore[attr-defined]  # a ModelChoiceField


class RemoveViolationForm(forms.Form):
    """Why a violation is taken back."""

    reason = PastedField(
        label="移除理由",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "請說明移除的理由。"},
    )


class CorrectionForm(forms.Form):
    """The cause of a missed target, what is done about it, and by when."""

    cause = PastedField(
        label="未達原因",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "請填寫未達原因。"},
    )
    measure = PastedField(
        label="改善措施",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "請填寫改善措施。"},
    )
    due_on = RocDateField(label="改善期限", help_text="到期前會提醒；完成後請回報完成日期。")

    def __init__(self, *args: Any, correction: Correction | None, today: date, **kwargs: Any) -> None:
        """Begin with what was said before."""
        super().__init__(*args, **kwargs)
        self._before = correction.due_on if correction else None
        self._today = today
        if correction:
            self.initial = {name: getattr(correction, name) for name in ("cause", "measure", "due_on")}

    def clean_due_on(self) -> date:
        """Refuse a day that has passed; one that was set before may stay."""
        due_on: date = self.cleaned_data["due_on"]
        if due_on < self._today and due_on != self._before:
            raise ValidationError("改善期限不得早於今日。")
        return due_on


class FinishForm(forms.Form):
    """When a corrective action was done, and what came of it."""

    done_on = RocDateField(label="完成日期")
    result = PastedField(label="完成情形", max_length=300, widget=forms.Textarea(attrs={"rows": 3}))
