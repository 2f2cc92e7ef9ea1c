"""Forms of a meeting from its plan to its end."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from districts.models import District
from meetings.choices import MeetingKind, MeetingState
from meetings.facts import warnings
from meetings.forms.shown import AsShownForm
from meetings.models import Meeting
from personnel_portal.roc.forms import RocDateField, RocDateTimeField, RocTimeField

DETAILS = ["starts_at", "place", "chair", "recorder", "contact", "observers", "opening"]
HELP = {
    "chair": "由計畫召集人以外的人主持時，請改為主持人職稱姓名。",
    "contact": "印在開會通知單上，例如：王小明 05-2653211 分機 101。",
    "observers": "列席的長官或單位，以頓號分隔；無則免填。",
    "opening": "會後填寫，列入會議紀錄；可先留白。",
}


class _MeetingForm(forms.ModelForm[Meeting]):
    starts_at = RocDateTimeField(label="開會時間")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["opening"].widget.attrs["rows"] = 4

    def unseen(self, seen: Iterable[str]) -> list[str]:
        """Return what speaks against the meeting and was not shown to the person yet."""
        known = set(seen)
        return [warning for warning in self.found() if warning not in known]

    def found(self) -> list[str]:
        """Return what speaks against the (valid) meeting."""
        raise NotImplementedError


class _DistrictField(forms.ModelChoiceField[District]):
    """Districts with the year of their plan: a host may have this year's and next year's."""

    def label_from_instance(self, obj: District) -> str:
        return f"{obj.plan.year}年度 {obj.name}"


class PlanForm(_MeetingForm):
    """A new meeting of one of the districts that the person hosts."""

    kind = forms.ChoiceField(label="種類", choices=MeetingKind.choices)

    class Meta:
        model = Meeting
        fields = ["district", "kind", *DETAILS]
        help_texts = HELP

    def __init__(self, *args: Any, districts: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["district"] = _DistrictField(districts, label="分區", empty_label=None)

    def found(self) -> list[str]:
        data = self.cleaned_data
        return warnings(data["district"], MeetingKind(data["kind"]), timezone.localdate(data["starts_at"]))


class MeetingForm(AsShownForm, _MeetingForm):
    """Changes of a meeting; the number of the call can be added once it is known, the end once it is over."""

    call_date = RocDateField(label="開會通知日期", required=False)
    ends_at = RocDateTimeField(label="散會時間", required=False)

    class Meta:
        model = Meeting
        fields = [*DETAILS, "call_number", "call_date", "ends_at"]
        help_texts = HELP

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.state == MeetingState.PLANNED:
            del self.fields["call_number"], self.fields["call_date"]
        if self.instance.state != MeetingState.HELD:
            del self.fields["ends_at"]
        if self.instance.state == MeetingState.CALLED:
            self.fields["starts_at"].help_text = "會議已通知；變更時間或地點後，會自動寄信通知受邀機關。"

    def clean(self) -> dict[str, Any]:
        """Say at the field what the database would refuse."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        starts_at, ends_at = cleaned.get("starts_at"), cleaned.get("ends_at")
        if starts_at and ends_at and ends_at < starts_at:
            self.add_error("ends_at", "散會時間不得早於開會時間。")
        return cleaned

    def found(self) -> list[str]:
        """Warn of a new day only: what was saved with its warnings before is not asked again."""
        day = timezone.localdate(self.cleaned_data["starts_at"])
        if day == timezone.localdate(self.initial["starts_at"]):
            return []
        return warnings(self.instance.district, MeetingKind(self.instance.kind), day, meeting=self.instance)


class CallForm(forms.Form):
    """文號 and date of the call."""

    number = forms.CharField(
        label="開會通知文號",
        max_length=60,
        required=False,
        help_text="公文系統取號後填入；尚無文號可先留白，之後再於「編輯會議」補登。",
    )
    call_date = RocDateField(label="開會通知日期")

    def __init__(self, *args: Any, meeting: Meeting, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.meeting = meeting

    def clean_call_date(self) -> Any:
        day = self.cleaned_data["call_date"]
        if day > self.meeting.day:
            raise ValidationError("開會通知日期不得晚於開會日期。")
        return day


class CancelForm(forms.Form):
    """Why a meeting does not take place."""

    reason = forms.CharField(label="取消原因", max_length=200, help_text="會寫在寄給受邀機關的取消通知裡。")


class HoldForm(forms.Form):
    """When the meeting ended, on its own day."""

    ends_at = RocTimeField(label="散會時間", required=False, help_text="列入會議紀錄；不確定可先留白。")

    def __init__(self, *args: Any, meeting: Meeting, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.meeting = meeting

    def clean_ends_at(self) -> datetime | None:
        at = self.cleaned_data["ends_at"]
        if at is None:
            return None
        ends_at = timezone.make_aware(datetime.combine(self.meeting.day, at))
        if ends_at < self.meeting.starts_at:
            raise ValidationError("散會時間不得早於開會時間。")
        return ends_at
