"""The facts that commendations rest on, gathered for any number of plans with the same few queries."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from awards.choices import LineKind, Measure
from awards.models import ProposalPerson
from awards.models import Rewarded as RewardedRow
from districts.choices import PASSIVE, Function
from districts.models import District, Membership, Plan, Posting
from meetings.choices import AttendanceState, MeetingKind, MinutesState
from meetings.models import Invitation, Meeting
from meetings.querysets import MeetingQuerySet
from personnel_portal.rules.commendations import (
    Adopted,
    HostingRecord,
    MeetingFact,
    ProposalFact,
    Proposer,
    Rewarded,
)
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


@dataclass(slots=True)
class Gathered:
    """The facts of plans.

    Attributes:
        records: by district.
        adopted: by plan; proposals that were adopted and qualify, published.
        rewarded: by plan; proposals that approved lines reward, adopted still or not.
        people: the postings of the proposers, by (person, agency) as the rules name them.
        unknown: references of adopted proposals whose proposer the portal does not know; the office names one.
    """

    records: dict[int, HostingRecord] = field(default_factory=dict)
    adopted: dict[int, list[Adopted]] = field(default_factory=lambda: defaultdict(list))
    rewarded: dict[int, list[Rewarded]] = field(default_factory=lambda: defaultdict(list))
    people: dict[Proposer, Posting] = field(default_factory=dict)
    unknown: dict[int, list[str]] = field(default_factory=lambda: defaultdict(list))


def gather(plans: Sequence[Plan]) -> Gathered:
    """Return the facts of the plans: held meetings and proposals of the period, adopted proposals with their people.

    Meetings and proposals outside the period do not count (000-05); of merged proposals only the lead reached the office.
    """
    members, hosted = _members(plans), _meetings(plans)
    proposals = _proposals(plans, members)
    attendees = _attendees(plans)
    gathered = Gathered()
    for plan in plans:
        ranks = _ranks({district: len(proposals[district]) for district in members[plan.pk]})
        for district, agencies in members[plan.pk].items():
            measures = {
                Measure.ATTENDEES.value: Decimal(attendees[district]),
                Measure.MEMBERS.value: Decimal(len(agencies)),
            }
            if district in ranks:
                measures[Measure.RANK.value] = Decimal(ranks[district])
            gathered.records[district] = HostingRecord(
                district=f"districts.district-{district}",
                meetings=tuple(hosted[district]),
                proposals=tuple(proposals[district]),
                measures=measures,
            )
    _adopted(plans, gathered)
    _rewarded(plans, gathered)
    return gathered


def _members(plans: Sequence[Plan]) -> Mapping[int, Mapping[int, set[int]]]:
    """Return the member agencies of each district, by plan; a district without any is there too."""
    found: dict[int, dict[int, set[int]]] = {plan.pk: {} for plan in plans}
    for plan, district in District.objects.filter(plan__in=plans).values_list("plan_id", "pk"):
        found[plan][district] = set()
    rows = Membership.objects.filter(plan__in=plans).values_list("plan_id", "district_id", "agency_id")
    for plan, district, agency in rows:
        found[plan][district].add(agency)
    return found


def _in_period(column: str) -> Q:
    return Q(**{f"{column}__gte": F("plan__starts"), f"{column}__lte": F("plan__ends")})


def _held(plans: Sequence[Plan]) -> MeetingQuerySet:
    return Meeting.objects.filter(_in_period("starts_at__date"), plan__in=plans).held()


def _meetings(plans: Sequence[Plan]) -> Mapping[int, list[MeetingFact]]:
    found: dict[int, list[MeetingFact]] = defaultdict(list)
    columns = ("pk", "district_id", "kind", "starts_at", "minutes__state")
    for pk, district, kind, starts, state in _held(plans).values_list(*columns):
        day = timezone.localtime(starts).date()
        found[district].append(MeetingFact(f"meetings.meeting-{pk}", kind, day, state == MinutesState.ACCEPTED))
    return found


def _proposals(
    plans: Sequence[Plan], members: Mapping[int, Mapping[int, set[int]]]
) -> Mapping[int, list[ProposalFact]]:
    found: dict[int, list[ProposalFact]] = defaultdict(list)
    rows = Proposal.objects.filter(_in_period("package__sent_on"), plan__in=plans).reached_office()
    listed = {plan: set().union(*districts.values()) for plan, districts in members.items()}
    for pk, plan, district, agency in rows.order_by().values_list("pk", "plan_id", "district_id", "agency_id"):
        found[district].append(ProposalFact(f"proposals.proposal-{pk}", is_coached=agency not in listed[plan]))
    return found


def _attendees(plans: Sequence[Plan]) -> Counter[int]:
    rows = Invitation.objects.filter(meeting__in=_held(plans).order_by(), attendance__in=CAME)
    return Counter(rows.order_by().values_list("meeting__district_id", flat=True))


def _ranks(counts: Mapping[int, int]) -> Mapping[int, int]:
    """Return the rank of each district by its count, 1 for the most; equal counts share a rank, 0 has none."""
    return {
        district: 1 + sum(other > count for other in counts.values()) for district, count in counts.items() if count
    }


# --- Adopted proposals -------------------------------------------------------------------------------------------------


def _adopted(plans: Sequence[Plan], gathered: Gathered) -> None:
    adopting = (
        Decision.objects.in_force()
        .filter(proposal__plan__in=plans, qualifies=True, outcome__in=[Outcome.ADOPTED, Outcome.PARTLY])
        .order_by("pk")
    )
    decisions = list(adopting.select_related("proposal__package").only("decided_at", *READ))
    adopted = adopting.order_by().values("proposal")
    joint: dict[int, list[int]] = defaultdict(list)
    for proposal, agency in CoProposer.objects.filter(proposal__in=adopted).values_list("proposal_id", "agency_id"):
        joint[proposal].append(agency)
    named: dict[int, list[int]] = defaultdict(list)
    for proposal, person in ProposalPerson.objects.filter(proposal__in=adopted).values_list("proposal_id", "person_id"):
        named[proposal].append(person)
    there, theirs = _postings(decisions, joint, named)
    for decision in decisions:
        key = decision.proposal_id
        _add(decision, [there[agency] for agency in joint[key]], [theirs[p] for p in named[key]], there, gathered)


Held = Mapping[int, Sequence[Posting]]


def _postings(
    decisions: Iterable[Decision], joint: Mapping[int, list[int]], named: Mapping[int, list[int]]
) -> tuple[Held, Held]:
    """Return the postings at the agencies, and those of the people, the newest first."""
    agencies = {d.proposal.agency_id for d in decisions}.union(*joint.values())
    people = set().union(*map(set, named.values()))
    there: dict[int, list[Posting]] = defaultdict(list)
    theirs: dict[int, list[Posting]] = defaultdict(list)
    postings = Posting.objects.filter(Q(agency__in=agencies) | Q(person__in=people)).exclude(access__in=PASSIVE)
    for posting in postings.select_related("person", "agency").order_by("-since", "pk"):
        there[posting.agency_id].append(posting)
        theirs[posting.person_id].append(posting)
    return there, theirs


def _add(
    decision: Decision,
    joint: Sequence[Sequence[Posting]],
    named: Sequence[Sequence[Posting]],
    there: Held,
    gathered: Gathered,
) -> None:
    proposal, day = decision.proposal, proposed_on(decision)
    first = _proposer(there[proposal.agency_id], day, proposal.contact_name)
    found = [first, *(_proposer(postings, day, "") for postings in joint)]
    split = [next((posting for posting in postings if _covers(posting, day)), None) for postings in named]
    reference = f"proposals.proposal-{proposal.pk}"
    chosen = [posting for posting in split if posting]
    proposers = [posting for posting in found if posting]
    if not (chosen or first):
        gathered.unknown[proposal.plan_id].append(reference)
    for posting in (*chosen, *proposers):
        gathered.people.setdefault(_name(posting), posting)
    gathered.adopted[proposal.plan_id].append(
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


def _rewarded(plans: Sequence[Plan], gathered: Gathered) -> None:
    rows = RewardedRow.objects.filter(plan__in=plans, line__kind=LineKind.PROPOSAL).order_by("pk")
    for plan, matter, person, agency in rows.values_list("plan_id", "matter", "line__person_id", "line__agency_id"):
        # Of a joint proposal the matter is a person's part: proposals.proposal-34.person-8.
        reference = matter.partition(".person-")[0]
        gathered.rewarded[plan].append(Rewarded(reference, _named(person, agency)))


# --- What references stand for -----------------------------------------------------------------------------------------


def in_order(keys: Iterable[str]) -> list[str]:
    """Return references by sort and number, meetings first."""
    return sorted(keys, key=lambda key: (key.rpartition("-")[0], int(key.rpartition("-")[2])))


def references(keys: Iterable[str]) -> dict[str, Reference]:
    """Return what the references of results stand for; a query for each sort."""
    by_sort: dict[str, list[int]] = defaultdict(list)
    for key in set(keys):
        sort, _, pk = key.rpartition("-")
        by_sort[sort].append(int(pk))
    found: dict[str, Reference] = {}
    meetings: Any = Meeting.objects.filter(pk__in=by_sort["meetings.meeting"]).select_related("district")
    for meeting in meetings:
        kind = MeetingKind(meeting.kind)
        found[f"meetings.meeting-{meeting.pk}"] = Reference(
            f"{meeting.district.name}第 {meeting.number} 次{kind.label}", meeting.get_absolute_url()
        )
    for proposal in Proposal.objects.filter(pk__in=by_sort["proposals.proposal"]).select_related("plan", "district"):
        found[f"proposals.proposal-{proposal.pk}"] = Reference(
            f"{proposal.reference} {proposal.subject}", reverse("proposals:detail", kwargs={"pk": proposal.pk})
        )
    return found
