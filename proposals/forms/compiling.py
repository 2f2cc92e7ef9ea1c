"""The host's forms: what goes to the office together, which lead, which meeting, what was resolved."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils import timezone

from districts.models import District
from meetings.choices import MeetingState, MinutesState
from meetings.forms.pasted import PastedField, field_of
from meetings.forms.shown import AsShownForm
from meetings.models import AgendaItem, Meeting
from personnel_portal import roc
from personnel_portal.roc.forms import RocDateField
from proposals.actions.compiling import LEADS
from proposals.choices import ProposalState
from proposals.facts import with_proposers
from proposals.models import Case, Proposal
from proposals.similar import score

SHOWN_LEADS = 30
_GONE = "所選項目已不在本分區，請重新整理後再處理。"


class _MeetingField(forms.ModelChoiceField[Meeting]):
    """Meetings with their day."""

    def label_from_instance(self, obj: Meeting) -> str:
        return f"{roc.short(obj.day)}　{obj}"


class ChosenForm(forms.Form):
    """Items of a district that somebody ticked, of which the step takes the `kinds`."""

    kinds: tuple[str, ...] = ("proposals", "cases")
    nothing = "請至少勾選一件。"

    proposals = forms.ModelMultipleChoiceField(
        Proposal.objects.none(), required=False, error_messages={"invalid_choice": _GONE, "invalid_pk_value": _GONE}
    )
    cases = forms.ModelMultipleChoiceField(
        Case.objects.none(), required=False, error_messages={"invalid_choice": _GONE, "invalid_pk_value": _GONE}
    )

    def __init__(self, *args: Any, district: District, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Whatever was sent: one that has gone on meanwhile is refused by the step, which knows who took it and when.
        for name in ("proposals", "cases"):
            sent = getattr(district, name).filter(sent_at__isnull=False)
            field: Any = self.fields[name]
            field.queryset = sent.select_related("plan", "district", "agency").order_by("order", "number")

    @property
    def items(self) -> list[Any]:
        """What was ticked of the kinds, proposals first."""
        return [item for kind in self.kinds for item in self.cleaned_data[kind]]

    def clean(self) -> dict[str, Any]:
        """Refuse to do something with nothing."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.errors and not self.items:
            raise ValidationError(self.nothing)
        return cleaned


class ShareForm(ChosenForm):
    """Cases that were shared at the meeting."""

    kinds = ("cases",)
    nothing = "請至少勾選一件案例；提案不登錄分享。"


class PlaceForm(ChosenForm):
    """Proposals, and the meeting on whose agenda they go."""

    kinds = ("proposals",)
    nothing = "請至少勾選一件提案；案例不列入議程。"

    meeting = _MeetingField(
        Meeting.objects.none(),
        label="會議",
        empty_label="請選擇會議",
        error_messages={"required": "請選擇會議。", "invalid_choice": "這場會議不是本分區的，請重新選擇。"},
    )

    def __init__(self, *args: Any, district: District, **kwargs: Any) -> None:
        super().__init__(*args, district=district, **kwargs)
        field: Any = self.fields["meeting"]
        field.queryset = district.meetings.select_related("district").order_by("-starts_at")


def open_meetings(district: District) -> list[Meeting]:
    """Return the meetings whose agenda can still be written, the latest first."""
    closed = Q(state=MeetingState.CANCELLED) | Q(minutes__state=MinutesState.ACCEPTED)
    return list(district.meetings.exclude(closed).select_related("district").order_by("-starts_at"))


class PackageForm(ChosenForm):
    """What goes to the office together: the items, date, 文號 and note of the host's letter."""

    sent_on = RocDateField(label="函送日期", help_text="公文發文日；免備文者為送出當日。")
    number = PastedField(label="文號", max_length=60, required=False, help_text="免備文者留白。")
    note = PastedField(
        label="說明", max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2}), help_text="無則免填。"
    )

    def clean_sent_on(self) -> date:
        """Refuse a day that is still to come."""
        day: date = self.cleaned_data["sent_on"]
        if day > timezone.localdate():
            raise ValidationError("函送日期不能在今天之後。")
        return day


class MergeForm(forms.Form):
    """The lead into which a proposal is merged."""

    lead = forms.ModelChoiceField(
        Proposal.objects.none(),
        label="主提案",
        empty_label=None,
        widget=forms.RadioSelect,
        error_messages={"required": "請選擇主提案。", "invalid_choice": "這件提案已不能作為主提案，請重新選擇。"},
    )

    def __init__(self, *args: Any, proposal: Proposal, **kwargs: Any) -> None:
        """Offer the district's proposals that stand before the agenda."""
        super().__init__(*args, **kwargs)
        sent = Proposal.objects.filter(district=proposal.district_id, sent_at__isnull=False).exclude(pk=proposal.pk)
        field: Any = self.fields["lead"]
        field.queryset = sent.exclude(state=ProposalState.DRAFT)
        states = LEADS if proposal.state != ProposalState.AT_OFFICE else (ProposalState.AT_OFFICE,)
        self._leads = sent.filter(state__in=states, placements__isnull=True)
        self._subject = proposal.subject

    def leads(self, sought: str) -> tuple[list[Proposal], int]:
        """Return the proposals to choose from, by how much their titles are alike, and how many are left out.

        Args:
            sought: words that they must hold.
        """
        leads = self._leads
        for word in sought.split():
            leads = leads.matching(word)
        titles = dict(leads.order_by("number").values_list("pk", "subject"))
        alike = sorted(titles, key=lambda key: -score(self._subject, titles[key]))[:SHOWN_LEADS]
        found = {
            lead.pk: lead
            for lead in with_proposers(leads.filter(pk__in=alike).select_related("plan", "district", "agency"))
        }
        return [found[key] for key in alike if key in found], len(titles) - len(alike)


class ResolutionForm(AsShownForm):
    """決議, as the meeting's agenda keeps it."""

    class Meta:
        model = AgendaItem
        fields = ["resolution"]
        formfield_callback = field_of

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        resolution = self.fields["resolution"]
        resolution.required = True
        resolution.error_messages["required"] = "請填寫決議。"
        resolution.widget.attrs["rows"] = 6
        resolution.help_text = "與會議紀錄的決議是同一份；在此填寫即寫入議程。"
