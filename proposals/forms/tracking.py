"""Forms of follow-ups: put a resolution under follow-up, report, and answer a report."""

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import Truncator

from districts.models import Agency
from meetings.forms.pasted import PastedField
from meetings.models import AgendaItem
from personnel_portal import roc
from personnel_portal.roc.forms import RocDateField

CHOOSE = "請選擇要列管的決議。"
SHOWN = 60  # characters of a subject in the select


class OpenForm(forms.Form):
    """Which resolution, what is to be done, by whom, until when."""

    item = forms.ChoiceField(label="決議", error_messages=dict.fromkeys(["required", "invalid_choice"], CHOOSE))
    task = PastedField(label="辦理事項", max_length=300, widget=forms.Textarea(attrs={"rows": 3}))
    agency = forms.ModelChoiceField(Agency.objects.none(), label="承辦單位", empty_label="請選擇")
    due_on = RocDateField(label="期限", required=False, help_text="未定期限者留白，僅顯示列管後日數。")

    def __init__(self, *args: Any, items: Iterable[AgendaItem], office_id: int, **kwargs: Any) -> None:
        """Offer the resolutions, grouped by their meetings, and the office's agencies."""
        super().__init__(*args, **kwargs)
        self._items = {str(item.pk): item for item in items}
        self.fields["item"].choices = [("", "請選擇"), *_grouped(self._items.values())]  # type: ignore[attr-defined]  # a ChoiceField
        agencies = Agency.objects.filter(office=office_id, is_active=True)
        self.fields["agency"].queryset = agencies  # type: ignore[attr-defined]  # a ModelChoiceField

    def clean_item(self) -> AgendaItem:
        return self._items[self.cleaned_data["item"]]

    def clean(self) -> dict[str, Any]:
        """Refuse a day before the meeting that resolved it."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        item, due_on = cleaned.get("item"), cleaned.get("due_on")
        if item and due_on and due_on < item.meeting.day:
            self.add_error("due_on", ValidationError(f"期限不得早於開會日期（{roc.short(item.meeting.day)}）。"))
        return cleaned


def _grouped(items: Iterable[AgendaItem]) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    for meeting, found in groupby(items, key=lambda item: item.meeting):
        label = f"{meeting.district.name}第 {meeting.number} 次{meeting.get_kind_display()}（{roc.short(meeting.day)}）"
        yield label, [(str(item.pk), Truncator(item.subject).chars(SHOWN)) for item in found]


class ReportForm(forms.Form):
    """How the task was carried out."""

    text = PastedField(
        label="辦理情形",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="送出後不能修改；如需補充，請於退回後再填報。",
        error_messages={"required": "請填寫辦理情形。"},
    )


class AnswerForm(forms.Form):
    """The office's words on a report: why it goes on, or a remark on its release."""

    text = PastedField(
        label="審核意見",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="繼續列管時必填；解除列管時可留白。",
        error_messages={"required": "請說明繼續列管的理由。"},
    )

    def __init__(self, *args: Any, goes_on: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].required = goes_on
