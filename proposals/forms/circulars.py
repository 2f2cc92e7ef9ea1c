"""Forms of circulars: which meetings, the text, and 文號 and date once it went out."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from districts.models import Plan
from meetings.choices import MinutesState
from meetings.forms.pasted import PastedField, field_of
from meetings.forms.shown import AsShownForm
from meetings.models import Meeting
from personnel_portal import roc
from personnel_portal.roc.forms import RocDateField
from proposals.actions.circulars import MOST_LINES
from proposals.models import Circular


class _MeetingsField(forms.ModelMultipleChoiceField[Meeting]):
    """Held meetings, each with its day and whether its minutes are accepted."""

    def label_from_instance(self, obj: Meeting) -> str:
        waits = "" if obj.minutes.state == MinutesState.ACCEPTED else "，紀錄尚未備查"
        return f"{obj}（{roc.short(obj.day)}{waits}）"


class DraftForm(forms.Form):
    """The meetings that the circular is about."""

    meetings = _MeetingsField(
        Meeting.objects.none(),
        label="會議",
        widget=forms.CheckboxSelectMultiple,
        help_text="可選一場，或各分區同一種會議一併通函。",
        error_messages={"required": "請至少選擇一場會議。"},
    )

    def __init__(self, *args: Any, plan: Plan, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        held = Meeting.objects.in_plan(plan).held().select_related("district", "minutes")
        self.fields["meetings"].queryset = held.order_by("kind", "district__order", "number")  # type: ignore[attr-defined]  # a ModelChoiceField


class TextForm(AsShownForm):
    """主旨 and 說明 of a draft."""

    class Meta:
        model = Circular
        fields = ["purpose", "explanation"]
        formfield_callback = field_of
        help_texts = {
            "explanation": "一項一行，自動編號（一、(一)1、(1)）；行首每多一個全形空格，編號降一層。",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["purpose"].widget = forms.Textarea(attrs={"rows": 2})
        self.fields["explanation"].widget.attrs["rows"] = 18

    def clean_purpose(self) -> str:
        """Return 主旨 as the one paragraph that it is."""
        return " ".join(self.cleaned_data["purpose"].split())

    def clean_explanation(self) -> str:
        text: str = self.cleaned_data["explanation"]
        if (lines := len(text.splitlines())) > MOST_LINES:
            raise ValidationError(f"說明最多 {MOST_LINES} 項，目前 {lines} 項；請併項，或改以附件提供。")
        return text


class PublishForm(forms.Form):
    """What the document system gave."""

    number = PastedField(label="文號", max_length=60, help_text="如：府人任字第1160000001號。")
    issued_on = RocDateField(label="發文日期")
