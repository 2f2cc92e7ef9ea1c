"""The form that cases and proposals share: whose it is, what it answers, whom to ask, which rules, which files."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.urls import reverse
from django.utils import timezone

from districts.models import Agency, Posting
from meetings.forms.pasted import PastedField, field_of
from meetings.forms.shown import AsShownForm
from meetings.models import Meeting
from personnel_portal import roc
from personnel_portal.accounts.models import User
from personnel_portal.uploads import kinds
from personnel_portal.uploads.fields import MultipleFileField
from proposals.facts import agencies_with_district, calls_of
from proposals.models.items import Item

FIRST = ["agency", "meeting", "subject"]
LAST = ["statutes_text", "contact_name", "contact_title", "contact_phone"]
# What a draft must have: without them nobody would find it again.
DRAFTED = frozenset({"agency", "subject"})


class MeetingField(forms.ModelChoiceField[Meeting]):
    """Meetings with the closing day of their calls."""

    def label_from_instance(self, obj: Meeting) -> str:
        call = getattr(obj, "items_call", None)
        if call is None:
            return str(obj)
        closes = call.closes_on
        late = "，已截止，送出列為逾期" if closes < timezone.localdate() else ""
        return f"{obj}（{roc.short(closes)} 截止{late}）"


class ItemForm(AsShownForm):
    """A case or a proposal of one of the agencies that the person works for.

    A draft may be incomplete, so that work is never lost; the page marks what is asked for when it is sent.
    """

    use_required_attribute = False  # the browser would keep an unfinished draft from being saved

    uploads = MultipleFileField(label="附件", allowed=kinds.ATTACHMENTS, required=False)

    class Meta:
        formfield_callback = field_of

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        """Offer the agencies and the calls of the person."""
        super().__init__(*args, **kwargs)
        self.user = user
        self.districts = agencies_with_district(user, timezone.localdate())
        item: Item = self.instance
        self._offer_agencies(item, user)
        self.fields["meeting"] = MeetingField(
            calls_of({district.pk for district in self.districts.values()}, keep=item.meeting_id),
            label="函請場次",
            required=False,
            empty_label="未針對特定場次",
            help_text="回應承辦單位函請提案的會議；主動提出者免選。",
        )
        for name in ("agency", "meeting"):
            if item.pk and name in self.fields:
                self.initial[name] = getattr(item, name)  # compared with what `clean` returns
        for field in self.fields.values():
            if isinstance(field.widget, forms.Textarea) and field.widget.attrs["rows"] == "10":  # Django's own
                field.widget.attrs["rows"] = 6
        self.fields["subject"].widget.attrs |= self._similar_while_typing(item)
        if not item.pk:
            self._introduce(user)

    def _introduce(self, user: User) -> None:
        """Begin with the person who writes, or whom a deputy acts for."""
        whom = user.acting_for or user
        posting = Posting.objects.on(timezone.localdate()).filter(person__user=whom).order_by("since", "pk").first()
        self.initial.update(contact_name=whom.get_full_name(), contact_title=posting.title if posting else "")

    def _similar_while_typing(self, item: Item) -> dict[str, str]:
        own = {"item": item.pk} if item.pk and item._meta.model_name == "proposal" else {}
        return {
            "hx-get": reverse("proposals:similar"),
            "hx-trigger": "input changed delay:500ms",
            "hx-target": "#similar",
            "hx-sync": "this:replace",
            "hx-vals": json.dumps(own),
        }

    def _offer_agencies(self, item: Item, user: User) -> None:
        if item.number:
            del self.fields["agency"]  # its number is the district's
            return
        agencies = Agency.objects.filter(pk__in=self.districts).order_by("pk")
        self.fields["agency"] = forms.ModelChoiceField(agencies, label="提供機關", empty_label=None)

    def full_clean(self) -> None:
        """Ask for what a draft needs alone."""
        needed = [field for name, field in self.fields.items() if field.required and name not in DRAFTED]
        for field in needed:
            field.required = False
        super().full_clean()
        for field in needed:
            field.required = True

    def clean(self) -> dict[str, Any]:
        """Refuse a meeting of another district than the agency's."""
        cleaned = super().clean()
        agency = cleaned.get("agency") or (self.instance.agency if self.instance.agency_id else None)
        meeting: Meeting | None = cleaned.get("meeting")
        district = self.districts.get(agency.pk) if agency else None
        if meeting and district and meeting.district_id not in (district.pk, self.instance.district_id):
            self.add_error("meeting", f"這場會議不是「{agency}」所屬分區的，請另選或留白。")
        return cleaned

    def point_out(self, errors: Mapping[str, Iterable[Any]]) -> None:
        """Say at the fields what is still wrong with the saved item, which the form shows without any input."""
        self.cleaned_data: dict[str, Any] = {}
        for name, found in errors.items():
            for error in found:
                self.add_error(name, error)

    def _names(self) -> list[str]:
        return [name for name in super()._names() if name != "uploads"]


class ReasonForm(forms.Form):
    """Why an item is withdrawn or returned."""

    reason = PastedField(
        label="理由",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "請說明理由。"},
    )


class FilesForm(forms.Form):
    """Files for an item that is not with the host."""

    uploads = MultipleFileField(
        label="附件", allowed=kinds.ATTACHMENTS, error_messages={"required": "請選擇至少一個檔案。"}
    )
