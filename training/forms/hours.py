"""What is entered of learning hours by hand."""

from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from districts.choices import Status
from personnel_portal import roc
from personnel_portal.roc.forms import RocDateField
from training.choices import Mode
from training.meter import FIRST_YEAR
from training.models import LearningRecord, RequirementSet, Topic

HALF = Decimal("0.5")
DAY = 24  # hours


class RecordForm(forms.ModelForm[LearningRecord]):
    """A course that somebody took elsewhere."""

    starts = RocDateField(label="起日")
    ends = RocDateField(label="迄日")

    class Meta:
        model = LearningRecord
        fields = ["course", "topic", "starts", "ends", "hours", "mode", "digital_hours", "note"]
        help_texts = {
            "topic": "不屬必須完成類別者選「業務相關課程」。",
            "hours": "以 0.5 小時為單位。",
            "digital_hours": "混成學習請填；其他方式免填。",
            "note": "證書字號或核定文號，供查核。",
        }
        error_messages = {"course": {"required": "請填課程名稱。"}, "hours": {"required": "請填時數。"}}

    def __init__(self, *args: Any, office_id: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        topic: Any = self.fields["topic"]
        topic.queryset = Topic.objects.filter(office=office_id)
        topic.empty_label = "（未分類）"
        self.fields["note"].required = True

    def clean_hours(self) -> Decimal:
        """Refuse nothing, and what is no multiple of half an hour."""
        hours: Decimal = self.cleaned_data["hours"]
        if not hours or hours % HALF:
            raise ValidationError("時數以 0.5 小時為單位，且須大於 0。")
        return hours

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        starts, ends = cleaned.get("starts"), cleaned.get("ends")
        if starts and ends and ends < starts:
            self.add_error("ends", "迄日不得早於起日。")
        if ends and ends > timezone.localdate():
            self.add_error("ends", "課程尚未結束，迄日不得晚於今日。")
        if ends and roc.year(ends) < FIRST_YEAR:
            self.add_error("ends", f"終身學習時數自 {FIRST_YEAR} 年度起列計，請檢查年度。")
        if (hours := cleaned.get("hours")) and starts and ends and hours > max(1, (ends - starts).days + 1) * DAY:
            self.add_error("hours", f"時數超過起迄日所能有的時數，每日至多 {DAY} 小時。")
        hours, digital = cleaned.get("hours"), cleaned.get("digital_hours")
        if cleaned.get("mode") == Mode.BLENDED and digital is None:
            self.add_error("digital_hours", "混成學習請填其中的數位時數。")
        if hours and digital is not None and digital > hours:
            self.add_error("digital_hours", "數位時數不得大於時數。")
        return cleaned


class RequirementSetForm(forms.ModelForm[RequirementSet]):
    """What years ask of whom, as the administration edits it."""

    statuses = forms.MultipleChoiceField(
        label="適用身分別", choices=Status.choices, widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = RequirementSet
        fields = ["office", "name", "from_year", "to_year", "statuses", "hours", "clause"]
