"""Forms about a plan: its settings, letters, deadlines, readings, and its clone."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from districts.models import Deadline, Plan, PlanVersion
from districts.models.plans import LONGEST_OFFSET
from personnel_portal.roc.forms import RocDateField, RocTimeField


class PlanForm(forms.ModelForm[Plan]):
    """The settings of a plan, its reminders among them."""

    starts = RocDateField(label="期間起日")
    ends = RocDateField(label="期間迄日")
    reminder_offsets = forms.CharField(
        label="期限前幾日提醒", help_text="以「、」分隔，如 30、14、7、1、0；0 是期限當日。", max_length=60
    )

    class Meta:
        model = Plan
        fields = ["title", "starts", "ends", "budget_label", "convener", "reminder_offsets", "overdue_every", "note"]
        widgets = {"note": forms.Textarea(attrs={"rows": 2})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["reminder_offsets"] = "、".join(map(str, self.instance.reminder_offsets))

    def clean_reminder_offsets(self) -> list[int]:
        text = self.cleaned_data["reminder_offsets"]
        numbers = "".join(character if character not in "、,，;；" else " " for character in text).split()
        if not all(number.isdecimal() and int(number[:4]) <= LONGEST_OFFSET for number in numbers):
            raise ValidationError(f"請填 0 到 {LONGEST_OFFSET} 的日數，以「、」分隔。")
        return sorted({int(number) for number in numbers}, reverse=True)

    def clean_overdue_every(self) -> int:
        days: int = self.cleaned_data["overdue_every"]
        if not 1 <= days <= LONGEST_OFFSET:
            raise ValidationError(f"請填 1 到 {LONGEST_OFFSET} 的日數。")
        return days


class VersionForm(forms.ModelForm[PlanVersion]):
    """A letter that approved or amended the plan."""

    issued_on = RocDateField(label="日期")

    class Meta:
        model = PlanVersion
        fields = ["kind", "number", "issued_on", "note"]

    def clean_number(self) -> str:
        number: str = self.cleaned_data["number"].strip()
        if self.instance.plan.versions.filter(number=number).exclude(pk=self.instance.pk).exists():
            raise ValidationError("此文號已登錄。")
        return number


class DeadlineForm(forms.ModelForm[Deadline]):
    """By when the plan asks for something: one way of counting, or none."""

    nominal = RocDateField(label="固定期限", required=False)
    hour = RocTimeField(label="截止時刻", required=False, help_text="如 17:00；空白表示當日結束前。")

    class Meta:
        model = Deadline
        fields = ["title", "clause", "nominal", "month_day", "days_after", "policy", "hour", "note"]

    def clean_month_day(self) -> int | None:
        day: int | None = self.cleaned_data["month_day"]
        if day is not None and not 1 <= day <= 31:
            raise ValidationError("請填 1 到 31。")
        return day


class ConfirmReadingForm(forms.Form):
    """The day on which the office confirmed a chosen reading."""

    confirmed_on = RocDateField(label="確認日期", initial=timezone.localdate)

    def clean_confirmed_on(self) -> Any:
        day = self.cleaned_data["confirmed_on"]
        if day > timezone.localdate():
            raise ValidationError("確認日期不得晚於今天。")
        return day


class CloneForm(forms.Form):
    """The year of the new plan."""

    year = forms.IntegerField(label="新年度", min_value=1, max_value=999, help_text="民國年度，如 117。")
