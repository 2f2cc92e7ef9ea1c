"""Forms of the call for items: its letter, a later closing day, more time for one agency."""

import re
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from districts.calendar import office_calendar
from meetings.forms.shown import AsShownForm
from meetings.models import Meeting
from personnel_portal import roc
from personnel_portal.documents.characters import printable
from personnel_portal.roc.forms import RocDateField
from proposals.facts import closing_warnings
from proposals.models import CallForItems, CallRecipient

BEFORE_MEETING = timedelta(days=7)  # the closing day that is offered: a week to compile what came in
LONGEST_PURPOSE = 300
MOST_ITEMS = 40
# What people type before an item, though the paper numbers them itself: 一、 or (一).
_NUMBER = re.compile(r"^\s*[(（]?[一二三四五六七八九十]{1,3}[)）、]\s*")


class _Warned:
    """A form whose closing day may be unwise: each warning is shown once, and then it is saved all the same."""

    def unseen(self, seen: Iterable[str]) -> list[str]:
        """Return what speaks against it and was not shown to the person yet."""
        known = set(seen)
        return [warning for warning in self.found() if warning not in known]

    def found(self) -> list[str]:
        """Return what speaks against the (valid) form."""
        raise NotImplementedError


class CallForm(_Warned, AsShownForm):
    """The letter of a call, as long as it was not sent."""

    issued_on = RocDateField(label="函請日期")
    closes_on = RocDateField(
        label="截止日", help_text="當日 24 時前送件為準時；之後送達者列為逾期件，由承辦單位決定是否收受。"
    )

    class Meta:
        model = CallForItems
        fields = ["issued_on", "closes_on", "number", "purpose", "explanation"]
        widgets = {"purpose": forms.Textarea(attrs={"rows": 3}), "explanation": forms.Textarea(attrs={"rows": 9})}
        help_texts = {
            "number": "公文系統取號後填入；尚無文號可先留白，寄發後仍可補登。",
            "purpose": f"「{CallForItems.DAY}」會換成上面的截止日。",
        }

    def clean_purpose(self) -> str:
        """Set the paragraph on one line, as it is written in a letter."""
        return " ".join(printable(self.cleaned_data["purpose"]).split())

    def clean_explanation(self) -> str:
        """Keep a line an item, without the number that the paper gives it."""
        lines = (_NUMBER.sub("", line).strip() for line in printable(self.cleaned_data["explanation"]).splitlines())
        items = [line for line in lines if line]
        if len(items) > MOST_ITEMS:
            raise ValidationError(f"說明共 {len(items)} 項，最多 {MOST_ITEMS} 項；請合併或改列附件。")
        return "\n".join(items)

    def clean(self) -> dict[str, Any]:
        """Say at the field what the database would refuse, and keep room for the closing day in the 主旨."""
        cleaned = super().clean()
        issued_on, closes_on = cleaned.get("issued_on"), cleaned.get("closes_on")
        if issued_on and closes_on and closes_on < issued_on:
            self.add_error("closes_on", "截止日不得早於函請日期。")
        elif closes_on and len(self._filled("purpose")) > LONGEST_PURPOSE:
            self.add_error("purpose", f"填入截止日後超過 {LONGEST_PURPOSE} 個字，請精簡主旨。")
        return cleaned

    def found(self) -> list[str]:
        closes_on = self.cleaned_data["closes_on"]
        found = closing_warnings(self.instance.meeting, closes_on)
        if roc.long(closes_on) not in self._filled("purpose") + self._filled("explanation"):
            found.append(f"主旨與說明都沒有寫明截止日{roc.long(closes_on)}；可填「{CallForItems.DAY}」，會自動代入。")
        return found

    def _filled(self, name: str) -> str:
        day = roc.long(self.cleaned_data["closes_on"])
        return str(self.cleaned_data.get(name, "")).replace(CallForItems.DAY, day)


def suggestion(meeting: Meeting) -> dict[str, Any]:
    """Return what the form of a new call is filled with: its dates and the wording of the plan (肆、二、(二))."""
    plan = meeting.plan
    name = f"{plan.year}年度{meeting.district.name}第{meeting.number}次{meeting.get_kind_display()}"
    items = (
        f"依{plan.title}肆、二、(二)辦理。",
        "人事業務案例：請就辦理人事業務所遇困難、特殊或錯誤案例填具附件1；各專任人事機構應至少分享1案，"
        "兼任(辦)人事機構得自行提供。",
        "人事修正建議提案：請就現行法規、措施或流程之修正建議填具附件2，由本分區承辦單位彙整，於專任人事人員"
        f"分區聯繫會報前送{plan.office.name}。",
        f"無則免填，請於系統回復「無」；逾{CallForItems.DAY}送件者，列為逾期件。",
    )
    return {
        "issued_on": timezone.localdate(),
        "closes_on": _suggested_day(meeting),
        "purpose": f"請就{name}提供人事業務案例及人事修正建議提案，並於{CallForItems.DAY}前逕於人事業務協作平台送件或回復，"
        "請查照。",
        "explanation": "\n".join(items),
    }


def _suggested_day(meeting: Meeting) -> date | None:
    """Return the last working day a week before the meeting, if there is still time until then."""
    day = meeting.day - BEFORE_MEETING
    day = office_calendar(meeting.plan.office_id, day.year).on_or_before(day)
    return day if day > timezone.localdate() else None


class NumberForm(forms.ModelForm[CallForItems]):
    """The 文號 of a call that was sent before the document system gave one."""

    class Meta:
        model = CallForItems
        fields = ["number"]
        help_texts = {"number": "公文系統取號後填入，印在函稿的發文字號。"}

    def clean_number(self) -> str:
        return " ".join(printable(self.cleaned_data["number"]).split())


class ClosingForm(_Warned, forms.Form):
    """A later closing day for everybody."""

    closes_on = RocDateField(label="新的截止日")

    def __init__(self, *args: Any, meeting: Meeting, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.meeting = meeting

    def found(self) -> list[str]:
        return closing_warnings(self.meeting, self.cleaned_data["closes_on"])


class ExtensionForm(_Warned, forms.Form):
    """More time for one agency, and why."""

    until = RocDateField(label="展延至")
    reason = forms.CharField(label="展延理由", max_length=200, help_text="會寫在寄給該機關的通知裡。")

    def __init__(self, *args: Any, recipient: CallRecipient, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.recipient = recipient

    def clean_reason(self) -> str:
        return " ".join(printable(self.cleaned_data["reason"]).split())

    def found(self) -> list[str]:
        return closing_warnings(self.recipient.call.meeting, self.cleaned_data["until"])
