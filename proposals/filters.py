"""Filters of the lists of calls, cases, proposals and what became of them."""

from collections.abc import Iterable
from typing import Any

import django_filters as filters
from django.db.models import Q, QuerySet
from django.utils import timezone
from django_filters.fields import ModelChoiceField

from districts.models import Agency, District, Membership, Plan
from districts.standing import standing
from meetings.models import Meeting
from personnel_portal.rules.folding import fold, pattern
from proposals.choices import Business, CaseKind, CaseState, Effect, FollowUpState, Outcome, ProposalKind, ProposalState
from proposals.models import (
    CallRecipient,
    Case,
    Circular,
    CircularRecipient,
    Decision,
    FollowUp,
    Package,
    Proposal,
    Publication,
    Statute,
)

CALL_STATES = {"none": "未函請", "draft": "擬稿中", "open": "函請中", "closed": "已截止"}
ANSWERS = {"items": "已送件", "none": "回復「無」", "missing": "尚未回復", "late": "有逾期件"}


def _plans(request: Any) -> QuerySet[Plan]:
    return Plan.objects.visible_to(request.user).liaison().as_choices() if request else Plan.objects.none()


def _districts(request: Any) -> QuerySet[District]:
    return District.objects.visible_to(request.user).as_choices() if request else District.objects.none()


class _DistrictField(ModelChoiceField):
    """Districts with the year of their plan: every year has its own of the same names."""

    def label_from_instance(self, obj: District) -> str:
        return f"{obj.plan.year} {obj.name}"


class _DistrictFilter(filters.ModelChoiceFilter):
    field_class = _DistrictField


class _YearFilterSet(filters.FilterSet):
    """Of one plan's rows: the view reads `year`, which chooses one of the `plans`; their years are offered."""

    year = filters.ChoiceFilter(label="年度", choices=[], method="as_chosen", empty_label="現行年度")

    def __init__(self, *args: Any, plans: Iterable[Plan] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        years = sorted((plan.year for plan in plans), reverse=True)
        self.filters["year"].extra["choices"] = [(str(year), f"{year}年度") for year in years]

    def as_chosen(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return queryset


def _every_word(queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
    """Narrow to the rows that hold each of the words, which spaces part."""
    for word in value.split():
        queryset = queryset.matching(word)  # type: ignore[attr-defined]  # of cases, proposals and publications
    return queryset


class CallFilter(filters.FilterSet):
    """Of meetings, by plan, district, and how far their call is."""

    q = filters.CharFilter(label="文號或主旨", method="search", max_length=100)
    plan = filters.ModelChoiceFilter(label="計畫", queryset=_plans, empty_label="全部")
    district = _DistrictFilter(label="分區", queryset=_districts, empty_label="全部")
    call = filters.ChoiceFilter(
        label="函請", choices=list(CALL_STATES.items()), method="in_call_state", empty_label="全部"
    )

    class Meta:
        model = Meeting
        fields = ["q", "plan", "district", "call"]

    def search(self, queryset: QuerySet[Meeting], name: str, value: str) -> QuerySet[Meeting]:
        wanted = pattern(value)
        return queryset.filter(Q(items_call__number__iregex=wanted) | Q(items_call__purpose__iregex=wanted))

    def in_call_state(self, queryset: QuerySet[Meeting], name: str, value: str) -> QuerySet[Meeting]:
        sent, today = Q(items_call__sent_at__isnull=False), timezone.localdate()
        wanted = {
            "none": Q(items_call__isnull=True),
            "draft": Q(items_call__isnull=False, items_call__sent_at__isnull=True),
            "open": sent & Q(items_call__closes_on__gte=today),
            "closed": sent & Q(items_call__closes_on__lt=today),
        }
        return queryset.filter(wanted[value])


class CallRecipientFilter(filters.FilterSet):
    """Of `CallRecipient.objects.with_answers()`, by agency and answer."""

    q = filters.CharFilter(label="機關", method="search", max_length=100)
    answer = filters.ChoiceFilter(label="回復", choices=list(ANSWERS.items()), method="with_answer", empty_label="全部")
    is_coached = filters.ChoiceFilter(
        label="身分", choices=[("False", "分區成員"), ("True", "輔導區兼任(辦)")], empty_label="全部"
    )

    class Meta:
        model = CallRecipient
        fields = ["q", "answer", "is_coached"]

    def search(self, queryset: QuerySet[CallRecipient], name: str, value: str) -> QuerySet[CallRecipient]:
        return queryset.filter(agency__folded__contains=fold(value))

    def with_answer(self, queryset: QuerySet[CallRecipient], name: str, value: str) -> QuerySet[CallRecipient]:
        sent = Q(cases__gt=0) | Q(proposals__gt=0) | Q(joined__gt=0)
        nothing = Q(none_at__isnull=False)
        wanted = {"items": sent, "none": nothing & ~sent, "missing": ~nothing & ~sent, "late": Q(late__gt=0)}
        return queryset.filter(wanted[value])


# --- Follow-ups and circulars ----------------------------------------------------------------------------------------


def _followed_up(request: Any) -> QuerySet[Meeting]:
    if not request:
        return Meeting.objects.none()
    followed = FollowUp.objects.visible_to(request.user).values("agenda_item__meeting")
    return Meeting.objects.filter(pk__in=followed).select_related("district")


class FollowUpFilter(filters.FilterSet):
    """Of what meetings put on the list of follow-ups, by plan, district, meeting, state, and what is overdue."""

    q = filters.CharFilter(label="案由、辦理事項或機關", method="search", max_length=100)
    plan = filters.ModelChoiceFilter(
        label="計畫", field_name="agenda_item__meeting__plan", queryset=_plans, empty_label="全部"
    )
    district = _DistrictFilter(
        label="分區", field_name="agenda_item__meeting__district", queryset=_districts, empty_label="全部"
    )
    meeting = filters.ModelChoiceFilter(
        label="會議", field_name="agenda_item__meeting", queryset=_followed_up, empty_label="全部"
    )
    state = filters.ChoiceFilter(label="狀態", choices=FollowUpState.choices, empty_label="全部")
    late = filters.ChoiceFilter(label="期限", choices=[("yes", "已逾期")], method="overdue", empty_label="全部")

    class Meta:
        model = FollowUp
        fields = ["q", "plan", "district", "meeting", "state", "late"]

    def search(self, queryset: QuerySet[FollowUp], name: str, value: str) -> QuerySet[FollowUp]:
        wanted = pattern(value)
        agencies = Agency.objects.matching(value).values("pk")
        return queryset.filter(Q(task__iregex=wanted) | Q(agenda_item__subject__iregex=wanted) | Q(agency__in=agencies))

    def overdue(self, queryset: QuerySet[FollowUp], name: str, value: str) -> QuerySet[FollowUp]:
        return queryset.filter(state=FollowUpState.OPEN, due_on__lt=timezone.localdate())


class CircularFilter(filters.FilterSet):
    """Of circulars, by plan and by whose acknowledgement is missing."""

    q = filters.CharFilter(label="主旨、說明或文號", method="search", max_length=100)
    plan = filters.ModelChoiceFilter(label="計畫", queryset=_plans, empty_label="全部")
    mine = filters.ChoiceFilter(
        label="簽收",
        choices=[("waiting", "本機關待簽收"), ("missing", "尚有機關未簽收")],
        method="acknowledged",
        empty_label="全部",
    )

    class Meta:
        model = Circular
        fields = ["q", "plan", "mine"]

    def search(self, queryset: QuerySet[Circular], name: str, value: str) -> QuerySet[Circular]:
        wanted = pattern(value)
        return queryset.filter(Q(purpose__iregex=wanted) | Q(explanation__iregex=wanted) | Q(number__iregex=wanted))

    def acknowledged(self, queryset: QuerySet[Circular], name: str, value: str) -> QuerySet[Circular]:
        waiting = CircularRecipient.objects.visible_to(self.request.user).filter(acknowledged_at=None)
        if value == "waiting":
            waiting = waiting.filter(agency__in=standing(self.request.user).works_for)
        return queryset.filter(pk__in=waiting.values("circular"))


# --- Proposals -------------------------------------------------------------------------------------------------------


class ProposalFilter(filters.FilterSet):
    """Of proposals; `q` finds what holds every word, `mine` what the person's agencies propose, merged ones by the lead."""

    q = filters.CharFilter(label="案由、內容或法規", method=_every_word, max_length=100)
    plan = filters.ModelChoiceFilter(label="計畫", queryset=_plans, empty_label="全部")
    district = _DistrictFilter(label="分區", queryset=_districts, empty_label="全部")
    state = filters.ChoiceFilter(label="狀態", choices=ProposalState.choices, empty_label="全部")
    kind = filters.ChoiceFilter(label="類別", choices=ProposalKind.choices, empty_label="全部")
    effect = filters.ChoiceFilter(label="預期效益", choices=Effect.choices, empty_label="全部")
    mine = filters.ChoiceFilter(label="提案機關", choices=[("1", "本機關")], method="of_mine", empty_label="全部")
    is_late = filters.ChoiceFilter(
        label="期限", choices=[("True", "逾期送件"), ("False", "期限內")], empty_label="全部"
    )

    class Meta:
        model = Proposal
        fields = ["q", "plan", "district", "state", "kind", "effect", "mine", "is_late"]

    def of_mine(self, queryset: QuerySet[Proposal], name: str, value: str) -> QuerySet[Proposal]:
        mine: Any = Proposal.objects.proposed_by(standing(self.request.user).reads_for)
        return queryset.filter(pk__in=mine.values("pk"))


# --- Cases and their library -----------------------------------------------------------------------------------------


class CaseFilter(filters.FilterSet):
    """Of cases; `q` finds what holds every word."""

    q = filters.CharFilter(label="案由、內容或法規", method=_every_word, max_length=100)
    plan = filters.ModelChoiceFilter(label="計畫", queryset=_plans, empty_label="全部")
    district = _DistrictFilter(label="分區", queryset=_districts, empty_label="全部")
    state = filters.ChoiceFilter(label="狀態", choices=CaseState.choices, empty_label="全部")
    business = filters.ChoiceFilter(label="業務類別", choices=Business.choices, empty_label="全部")
    kind = filters.ChoiceFilter(label="案例類型", choices=CaseKind.choices, empty_label="全部")

    class Meta:
        model = Case
        fields = ["q", "plan", "district", "state", "business", "kind"]


def _cited(request: Any) -> QuerySet[Statute]:
    if not request:
        return Statute.objects.none()
    shown = Publication.objects.visible_to(request.user).current()
    return Statute.objects.filter(publications__in=shown).distinct()


class LibraryFilter(filters.FilterSet):
    """Of published cases. `q` finds what holds every word; two characters are enough, 台 and 臺 are alike."""

    q = filters.CharFilter(label="關鍵字（空格分開）", method=_every_word, max_length=100)
    business = filters.ChoiceFilter(label="業務類別", choices=Business.choices, empty_label="全部")
    kind = filters.ChoiceFilter(label="案例類型", choices=CaseKind.choices, empty_label="全部")
    statute = filters.ModelChoiceFilter(label="法規", field_name="statutes", queryset=_cited, empty_label="全部")
    plan = filters.ModelChoiceFilter(label="計畫", queryset=_plans, empty_label="全部")
    district = _DistrictFilter(label="分區", queryset=_districts, empty_label="全部")

    class Meta:
        model = Publication
        fields = ["q", "business", "kind", "statute", "plan", "district"]


class MissingFilter(_YearFilterSet):
    """Of the members that owe a case, by agency and district."""

    q = filters.CharFilter(label="機關", method="search", max_length=100)
    district = _DistrictFilter(label="分區", queryset=_districts, empty_label="全部")

    class Meta:
        model = Membership
        fields = ["q", "year", "district"]

    def search(self, queryset: QuerySet[Membership], name: str, value: str) -> QuerySet[Membership]:
        return queryset.filter(agency__in=Agency.objects.matching(value).values("pk"))


class PackageFilter(filters.FilterSet):
    """Of what was sent to the office, by plan and district."""

    q = filters.CharFilter(label="文號或說明", method="search", max_length=100)
    plan = filters.ModelChoiceFilter(label="計畫", queryset=_plans, empty_label="全部")
    district = _DistrictFilter(label="分區", queryset=_districts, empty_label="全部")

    class Meta:
        model = Package
        fields = ["q", "plan", "district"]

    def search(self, queryset: QuerySet[Package], name: str, value: str) -> QuerySet[Package]:
        wanted = pattern(value)
        return queryset.filter(Q(number__iregex=wanted) | Q(note__iregex=wanted))


DECIDED = {"none": "待研處", "pending": "待公布", "published": "已公布"}


class DecisionFilter(_YearFilterSet):
    """Of a plan's proposals at the office, by how far the decision is."""

    q = filters.CharFilter(label="案由或內容", method=_every_word, max_length=100)
    district = filters.ModelChoiceFilter(label="分區", queryset=_districts, empty_label="全部")
    decided = filters.ChoiceFilter(label="研處進度", choices=list(DECIDED.items()), method="so_far", empty_label="全部")
    outcome = filters.ChoiceFilter(label="研處", choices=Outcome.choices, method="with_outcome", empty_label="全部")

    class Meta:
        model = Proposal
        fields = ["year", "q", "district", "decided", "outcome"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer the districts of the plan whose proposals are listed."""
        super().__init__(*args, **kwargs)
        field: Any = self.form.fields["district"]
        field.queryset = field.queryset.filter(plan__in=self.queryset.order_by().values("plan"))

    def so_far(self, queryset: QuerySet[Proposal], name: str, value: str) -> QuerySet[Proposal]:
        if value == "none":
            return queryset.filter(decisions__isnull=True)
        return queryset.filter(pk__in=getattr(Decision.objects, value)().values("proposal"))

    def with_outcome(self, queryset: QuerySet[Proposal], name: str, value: str) -> QuerySet[Proposal]:
        held = Decision.objects.filter(corrected_by__isnull=True, outcome=value)
        return queryset.filter(pk__in=held.values("proposal"))
