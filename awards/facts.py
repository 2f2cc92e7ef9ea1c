"""The facts that commendations rest on, gathered for any number of plans with the same few queries."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import groupby
from operator import itemgetter
from types import MappingProxyType
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, Subquery
from django.db.models.functions import JSONArray
from django.urls import reverse
from django.utils import timezone

from awards.choices import LineKind, Measure
from awards.models import HostPerson, ProposalPerson, ProposalRule, Tier
from awards.models import Rewarded as RewardedRow
from awards.querysets import Rows
from districts.choices import PASSIVE, Function
from districts.models import District, Membership, Plan, Posting
from meetings.choices import AttendanceState, MeetingKind, MinutesState
from meetings.models import Meeting
from personnel_portal.rules import bounds
from personnel_portal.rules.commendations import (
    Adopted,
    Condition,
    HostingRecord,
    MeetingFact,
    ProposalFact,
    Proposer,
    Rewarded,
    Unit,
)
from personnel_portal.rules.commendations import Tier as TierValue
from proposals.choices import Outcome
from proposals.models import CoProposer, Decision, Proposal

CAME = (AttendanceState.PRESENT, AttendanceState.BY_DEPUTY)
# What is read of an adopted proposal; its long texts are not.
READ = ("proposal__plan_id", "proposal__agency_id", "proposal__contact_name", "proposal__package__sent_on")
SUPPOSED = "supposed."  # begins the references of what a what-if adds; no page shows them


def is_supposed(reference: str) -> bool:
    """Tell whether a reference stands for something that a what-if added."""
    return reference.startswith(SUPPOSED)


@dataclass(frozen=True, slots=True)
class Reference:
    """What a reference of the rules stands for: a label and the page that shows it."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Clauses:
    """What a plan says of awards, and what it has granted: tiers, the rule for proposals, proposals that are rewarded."""

    tiers: tuple[TierValue, ...]
    rule: ProposalRule | None
    rewarded: tuple[Rewarded, ...]


@dataclass(slots=True)
class Gathered:
    """The facts of plans.

    Attributes:
        clauses: by plan.
        districts: by plan, each with the states of those whom its host named (`named`).
        records: by district.
        adopted: by plan; proposals that were adopted and qualify, published.
        rewarded: by plan; proposals that approved lines reward, adopted still or not.
        people: the postings of the proposers, by (person, agency) as the rules name them.
        unknown: references of adopted proposals whose proposer the portal does not know; the office names one.
        joint: the further agencies of adopted proposals, by reference.
        seen: the meetings and proposals that the references stand for.
    """

    clauses: dict[int, Clauses] = field(default_factory=dict)
    districts: dict[int, list[District]] = field(default_factory=lambda: defaultdict(list))
    records: dict[int, HostingRecord] = field(default_factory=dict)
    adopted: dict[int, list[Adopted]] = field(default_factory=lambda: defaultdict(list))
    rewarded: dict[int, list[Rewarded]] = field(default_factory=lambda: defaultdict(list))
    people: dict[Proposer, Posting] = field(default_factory=dict)
    unknown: dict[int, list[str]] = field(default_factory=lambda: defaultdict(list))
    joint: dict[str, list[int]] = field(default_factory=dict)
    seen: dict[str, Meeting | Proposal] = field(default_factory=dict)


def gather(plans: Sequence[Plan]) -> Gathered:
    """Return the facts of the plans: held meetings and proposals of the period, adopted proposals with their people.

    Meetings and proposals outside the period do not count (000-05); of merged proposals only the lead reached the office.
    Five queries: clauses, districts, meetings, proposals, postings.
    """
    gathered = Gathered(clauses=clauses_of(plans))
    gathered.rewarded.update((plan, list(clauses.rewarded)) for plan, clauses in gathered.clauses.items())
    districts = _districts(plans)
    meetings, attendees = _meetings(districts, gathered)
    proposals = _proposals(plans, districts, gathered)
    for plan in plans:
        gathered.districts[plan.pk] = own = [one for one in districts.values() if one.plan_id == plan.pk]
        ranks = _ranks({district.pk: len(proposals[district.pk]) for district in own})
        for district in own:
            measures = {
                Measure.ATTENDEES.value: Decimal(attendees[district.pk]),
                Measure.MEMBERS.value: Decimal(district.members),  # type: ignore[attr-defined]  # annotated
            }
            if district.pk in ranks:
                measures[Measure.RANK.value] = Decimal(ranks[district.pk])
            gathered.records[district.pk] = HostingRecord(
                district=f"districts.district-{district.pk}",
                meetings=tuple(meetings[district.pk]),
                proposals=tuple(proposals[district.pk]),
                measures=measures,
            )
    return gathered


def gather_adopted(plan: Plan) -> Gathered:
    """Return of a plan's facts the districts and the adopted proposals with their people alone; three queries."""
    gathered, districts = Gathered(), _districts([plan])
    gathered.districts[plan.pk] = list(districts.values())
    _proposals([plan], districts, gathered)
    return gathered


def clauses_of(plans: Sequence[Plan]) -> dict[int, Clauses]:
    """Return what the plans say of awards and have granted; one query."""
    columns = ("pk", "clause", "unit", "times", *(f"conditions__{name}" for name in CONDITION))
    tiers = Tier.objects.filter(plan=OuterRef("pk")).order_by("clause", "pk", "conditions__pk")
    rewarded = RewardedRow.objects.filter(plan=OuterRef("pk"), line__kind=LineKind.PROPOSAL).order_by("pk")
    chosen = Plan.objects.filter(pk__in=[plan.pk for plan in plans]).select_related("proposal_rule")
    rows: Iterable[Any] = chosen.annotate(
        tiers=Rows(tiers.values(item=JSONArray(*columns))),
        rewarded=Rows(rewarded.values(item=JSONArray("matter", "line__person", "line__agency"))),
    )
    return {
        row.pk: Clauses(
            tuple(_tier(list(conditions)) for _, conditions in groupby(row.tiers, key=itemgetter(0))),
            getattr(row, "proposal_rule", None),
            # Of a joint proposal the matter is a person's part: proposals.proposal-34.person-8.
            tuple(Rewarded(matter.partition(".person-")[0], _named(*whose)) for matter, *whose in row.rewarded),
        )
        for row in rows
    }


CONDITION = ("measure", "low", "high", "low_included", "high_included")


def _tier(rows: Sequence[Sequence[Any]]) -> TierValue:
    """Return a tier whose rows each hold one of its conditions; the only row of a tier without any holds none."""
    _, clause, unit, times, *_ = rows[0]
    conditions = tuple(
        Condition(measure, bounds.whole(low, high, bool(low_included), bool(high_included)))
        for *_, measure, low, high, low_included, high_included in rows
        if measure
    )
    return TierValue(clause, conditions, Unit(unit), times)


def _districts(plans: Sequence[Plan]) -> dict[int, District]:
    """Return the districts in their order, each with the number of its members and the states of those who were named."""
    named = HostPerson.objects.filter(district=OuterRef("pk")).order_by().values(item=JSONArray("state"))
    members = Count("memberships__agency", distinct=True)
    by_key = {plan.pk: plan for plan in plans}
    found = District.objects.filter(plan__in=plans).annotate(members=members, named=Rows(named))
    for district in found:
        district.plan = by_key[district.plan_id]  # spares a query where a policy asks for its office
    return {district.pk: district for district in found}


def _in_period(column: str) -> Q:
    return Q(**{f"{column}__gte": F("plan__starts"), f"{column}__lte": F("plan__ends")})


def _meetings(
    districts: Mapping[int, District], gathered: Gathered
) -> tuple[Mapping[int, list[MeetingFact]], Counter[int]]:
    """Return the held meetings of each district, and how many people came to them altogether."""
    found: dict[int, list[MeetingFact]] = defaultdict(list)
    attendees: Counter[int] = Counter()
    held = Meeting.objects.filter(_in_period("starts_at__date"), district__in=districts).held()
    came = Count("invitations", filter=Q(invitations__attendance__in=CAME))
    held = held.only("district", "kind", "number", "starts_at")
    rows: Iterable[Any] = held.annotate(came=came, minutes_state=F("minutes__state"))
    for meeting in rows:
        day, reference = timezone.localdate(meeting.starts_at), f"meetings.meeting-{meeting.pk}"
        is_accepted = meeting.minutes_state == MinutesState.ACCEPTED
        found[meeting.district_id].append(MeetingFact(reference, meeting.kind, day, is_accepted))
        attendees[meeting.district_id] += meeting.came
        meeting.district = districts[meeting.district_id]
        gathered.seen[reference] = meeting
    return found, attendees


def _proposals(
    plans: Sequence[Plan], districts: Mapping[int, District], gathered: Gathered
) -> Mapping[int, list[ProposalFact]]:
    """Return the proposals that count for each district; those that were adopted go to `gathered` with their people."""
    found: dict[int, list[ProposalFact]] = defaultdict(list)
    adopted = []
    for row in _read(plans):
        reference = f"proposals.proposal-{row.pk}"
        row.district = districts[row.district_id]
        row.plan = row.district.plan
        gathered.seen[reference] = row
        if row.counts:
            found[row.district_id].append(ProposalFact(reference, is_coached=row.is_coached))
        if row.decided_at:
            adopted.append(row)
            gathered.joint[reference] = [agency for (agency,) in row.joint]
    there, theirs = _postings(adopted)
    for row in adopted:
        _add(row, there, theirs, gathered)
    return found


def _ranks(counts: Mapping[int, int]) -> Mapping[int, int]:
    """Return the rank of each district by its count, 1 for the most; equal counts share a rank, 0 has none."""
    return {
        district: 1 + sum(other > count for other in counts.values()) for district, count in counts.items() if count
    }


# --- Adopted proposals -------------------------------------------------------------------------------------------------


def _read(plans: Sequence[Plan]) -> Iterable[Any]:
    """Return the proposals that reached the office in the period, and those that were adopted and qualify.

    Each says whether it counts, whether its agency is coached, and if it was adopted when that was decided, which
    agencies joined it and who was named for it.
    """
    adopting = Decision.objects.in_force().filter(
        proposal=OuterRef("pk"), qualifies=True, outcome__in=[Outcome.ADOPTED, Outcome.PARTLY]
    )
    listed = Membership.objects.filter(plan=OuterRef("plan"), agency=OuterRef("agency"))
    joint = CoProposer.objects.filter(proposal=OuterRef("pk")).order_by("order", "pk").values(item=JSONArray("agency"))
    named = ProposalPerson.objects.filter(proposal=OuterRef("pk")).order_by("pk").values(item=JSONArray("person"))
    counting = Proposal.objects.filter(_in_period("package__sent_on"), plan__in=plans).reached_office()
    rows = Proposal.objects.filter(plan__in=plans).annotate(
        counts=Exists(counting.order_by().filter(pk=OuterRef("pk"))),
        decided_at=Subquery(adopting.order_by("pk").values("decided_at")[:1]),
        is_coached=~Exists(listed),
        joint=Rows(joint),
        chosen=Rows(named),
        sent_on=F("package__sent_on"),
    )
    wanted = rows.filter(Q(counts=True) | Q(decided_at__isnull=False)).order_by("pk")
    return wanted.only("plan", "district", "agency", "number", "subject", "contact_name")


Held = Mapping[int, Sequence[Posting]]


def _postings(adopted: Iterable[Any]) -> tuple[Held, Held]:
    """Return the postings at the agencies of adopted proposals, and those of the people, the newest first."""
    agencies = {agency for row in adopted for agency in (row.agency_id, *(one for (one,) in row.joint))}
    people = {person for row in adopted for (person,) in row.chosen}
    there: dict[int, list[Posting]] = defaultdict(list)
    theirs: dict[int, list[Posting]] = defaultdict(list)
    postings = Posting.objects.filter(Q(agency__in=agencies) | Q(person__in=people)).exclude(access__in=PASSIVE)
    for posting in postings.select_related("person", "agency").order_by("-since", "pk"):
        there[posting.agency_id].append(posting)
        theirs[posting.person_id].append(posting)
    return there, theirs


def _add(row: Any, there: Held, theirs: Held, gathered: Gathered) -> None:
    day = row.sent_on or timezone.localdate(row.decided_at)
    first = _proposer(there[row.agency_id], day, row.contact_name)
    found = [first, *(_proposer(there[agency], day, "") for (agency,) in row.joint)]
    split = [next((posting for posting in theirs[person] if _covers(posting, day)), None) for (person,) in row.chosen]
    reference = f"proposals.proposal-{row.pk}"
    chosen = [posting for posting in split if posting]
    proposers = [posting for posting in found if posting]
    if not (chosen or first):
        gathered.unknown[row.plan_id].append(reference)
    for posting in (*chosen, *proposers):
        gathered.people.setdefault(_name(posting), posting)
    gathered.adopted[row.plan_id].append(
        Adopted(reference, day, tuple(map(_name, proposers)), tuple(map(_name, chosen)))
    )


def proposed_on(decision: Decision) -> date:
    """Return the day by which a decided proposal's people are looked up: that on which it was sent to the office."""
    package = decision.proposal.package
    return package.sent_on if package else timezone.localdate(decision.decided_at)


def _proposer(postings: Sequence[Posting], day: date, name: str) -> Posting | None:
    """Return who proposed for an agency: the person of that name there, else its personnel officer of the day."""
    there = [posting for posting in postings if _covers(posting, day)]
    by_name = (posting for posting in there if posting.person.name == name)
    officer = (posting for posting in there if posting.function == Function.PERSONNEL)
    return next(by_name, None) or (next(officer, None) if not name else None)


def _covers(posting: Posting, day: date) -> bool:
    return posting.since <= day and (posting.until is None or day <= posting.until)


def _name(posting: Posting) -> Proposer:
    return _named(posting.person_id, posting.agency_id)


def _named(person: int, agency: int) -> Proposer:
    return Proposer(f"districts.person-{person}", f"districts.agency-{agency}")


# --- What references stand for -----------------------------------------------------------------------------------------


def in_order(keys: Iterable[str]) -> list[str]:
    """Return references by sort and number, meetings first."""
    return sorted(keys, key=lambda key: (key.rpartition("-")[0], int(key.rpartition("-")[2])))


def references(
    keys: Iterable[str], seen: Mapping[str, Meeting | Proposal] = MappingProxyType({})
) -> dict[str, Reference]:
    """Return what the references of results stand for; a query for each sort of which one was not seen yet."""
    asked = set(keys)
    by_sort: dict[str, list[int]] = defaultdict(list)
    for key in asked - seen.keys():
        sort, _, pk = key.rpartition("-")
        by_sort[sort].append(int(pk))
    meetings: Any = Meeting.objects.filter(pk__in=by_sort["meetings.meeting"]).select_related("district")
    proposals = Proposal.objects.filter(pk__in=by_sort["proposals.proposal"]).select_related("plan", "district")
    found = {f"meetings.meeting-{meeting.pk}": _described(meeting) for meeting in meetings}
    found |= {f"proposals.proposal-{proposal.pk}": _described(proposal) for proposal in proposals}
    return found | {key: _described(seen[key]) for key in asked & seen.keys()}


def _described(one: Meeting | Proposal) -> Reference:
    if isinstance(one, Proposal):
        return Reference(f"{one.reference} {one.subject}", reverse("proposals:detail", kwargs={"pk": one.pk}))
    label = f"{one.district.name}第 {one.number} 次{MeetingKind(one.kind).label}"
    return Reference(label, one.get_absolute_url())
