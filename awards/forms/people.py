"""Who took part: the host names, the office checks, and names proposers whom the portal does not know."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Prefetch, Q, QuerySet

from awards.choices import HostPersonState, Part
from districts.choices import PASSIVE
from districts.models import District, Membership, Person, Posting
from meetings.forms.pasted import PastedField
from proposals.models import Proposal

ACCEPT, REFUSE = "accept", "refuse"


def with_postings(people: QuerySet[Person], postings: QuerySet[Posting]) -> QuerySet[Person]:
    """Return the people who hold one of the posts, with these as `posts`."""
    held = Prefetch("postings", postings.select_related("agency").order_by("agency", "-since"), to_attr="posts")
    return people.filter(pk__in=postings.values("person")).prefetch_related(held).order_by("name", "pk")


def _labelled(person: Person) -> str:
    posts = "、".join(dict.fromkeys(f"{post.agency.short_name} {post.title}" for post in person.posts))  # type: ignore[attr-defined]  # prefetched by with_postings
    return f"{person.name}（{posts}）"


class _PersonField(forms.ModelChoiceField[Person]):
    """People with their posts."""

    def label_from_instance(self, obj: Person) -> str:
        return _labelled(obj)


class _PeopleField(forms.ModelMultipleChoiceField[Person]):
    """People with their posts, to be ticked."""

    widget = forms.CheckboxSelectMultiple

    def label_from_instance(self, obj: Person) -> str:
        return _labelled(obj)


class NameForm(forms.Form):
    """Somebody of the host, the part in the work, and what it was (伍、一)."""

    person = _PersonField(
        Person.objects.none(),
        label="人員",
        empty_label="請選擇",
        error_messages={"invalid_choice": "請選擇承辦單位名單上的人員。", "required": "請選擇人員。"},
    )
    part = forms.ChoiceField(label="身分", choices=[("", "請選擇"), *Part.choices])
    work = PastedField(
        label="承辦工作",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="例如：籌辦會議、彙整提案及案例、製作紀錄。將列入獎勵建議名冊的具體事蹟。",
        error_messages={"required": "請說明承辦的工作。"},
    )

    def __init__(self, *args: Any, district: District, **kwargs: Any) -> None:
        """Offer the people of the agencies that hosted the district, but those who are on the list."""
        super().__init__(*args, **kwargs)
        hosts = Membership.objects.filter(district=district, is_host=True).values("agency")
        plan = district.plan
        in_period = Q(since__lte=plan.ends) & (Q(until__isnull=True) | Q(until__gte=plan.starts))
        listed = district.host_people.exclude(state=HostPersonState.REFUSED).values("person")
        people = with_postings(
            Person.objects.exclude(pk__in=listed), Posting.objects.filter(in_period, agency__in=hosts)
        )
        self.fields["person"].queryset = people  # type: ignore[attr-defined]  # a ModelChoiceField

    def clean_part(self) -> Part:
        return Part(self.cleaned_data["part"])


class CheckForm(forms.Form):
    """Accept those who are ticked, or refuse them with a reason; each tick carries what the page showed."""

    decision = forms.ChoiceField(
        label="審查",
        choices=[(ACCEPT, "同意列入"), (REFUSE, "不列入")],
        error_messages=dict.fromkeys(["required", "invalid_choice"], "請選擇同意列入或不列入。"),
    )
    reason = PastedField(
        label="不列入的理由",
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "form": "check"}),  # it stands outside, beside the forms of the rows
        help_text="不列入時必填，並寄信通知承辦單位；同意列入時免填。",
    )

    def clean(self) -> dict[str, Any]:
        """Ask for the reason of a refusal, and read the ticks."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("decision") == REFUSE and "reason" in cleaned and not cleaned["reason"]:
            self.add_error("reason", "請說明不列入的理由。")
        cleaned["seen"] = self.seen
        if not cleaned["seen"]:
            raise ValidationError("請至少勾選一人。")
        return cleaned

    @property
    def seen(self) -> dict[int, str]:
        """The stamps of those who are ticked, by the key of their row."""
        return _stamps(self.data.getlist("person") if hasattr(self.data, "getlist") else [])


def _stamps(posted: Iterable[str]) -> dict[int, str]:
    pairs = (value.partition(":") for value in posted)
    return {int(key): stamp for key, _, stamp in pairs if key.isascii() and key.isdecimal() and len(key) < 19}


class ProposersForm(forms.Form):
    """Who is rewarded for an adopted proposal; several split it, none leaves it to what the portal finds."""

    people = _PeopleField(
        Person.objects.none(),
        label="獎勵人員",
        required=False,
        error_messages={"invalid_choice": "請選擇名單上的人員。", "invalid_pk_value": "請選擇名單上的人員。"},
    )

    def __init__(self, *args: Any, proposal: Proposal, agencies: Iterable[int], day: date, **kwargs: Any) -> None:
        """Offer who worked for the proposing agencies on the day on which it was sent to the office."""
        super().__init__(*args, **kwargs)
        postings = Posting.objects.on(day).filter(agency__in=agencies).exclude(access__in=PASSIVE)
        self.fields["people"].queryset = with_postings(Person.objects.all(), postings)  # type: ignore[attr-defined]  # a ModelMultipleChoiceField
        self.initial["people"] = list(proposal.rewarded.values_list("person", flat=True))
