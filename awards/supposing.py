"""What-if: facts that nobody has seen yet, added to the real ones; the rules count both alike, and nothing is saved."""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from itertools import count

from awards.choices import Measure
from awards.facts import SUPPOSED, Gathered
from districts.models import District
from meetings.choices import MeetingKind
from personnel_portal.rules.commendations import Adopted, HostingRecord, MeetingFact, ProposalFact, Proposer

SOMEBODY_NEW = Proposer(f"{SUPPOSED}person", f"{SUPPOSED}agency")


@dataclass(frozen=True, slots=True)
class Supposition:
    """What is added to a district's year.

    Attributes:
        joint, full_time: meetings of kind A and B, their minutes on record (備查).
        proposals: proposals of members that reach the office.
        attendees: people who come.
        accepted: the minutes that wait are accepted too.
        adopted: qualifying proposals that are adopted, all of one `proposer`.
    """

    joint: int = 0
    full_time: int = 0
    proposals: int = 0
    attendees: int = 0
    accepted: bool = False
    adopted: int = 0
    proposer: Proposer = SOMEBODY_NEW


def suppose(gathered: Gathered, district: District, more: Supposition) -> Gathered:
    """Return the facts of a plan with what is supposed for one of its districts; `gathered` stays as it is."""
    plan = district.plan
    records = dict(gathered.records)
    records[district.pk] = _record(gathered, district, more)
    adopted = [*gathered.adopted[plan.pk], *_adopted(more, plan.ends)]
    return replace(gathered, records=records, adopted={plan.pk: adopted})


def _record(gathered: Gathered, district: District, more: Supposition) -> HostingRecord:
    record, numbers = gathered.records[district.pk], count(1)
    known = (replace(meeting, is_accepted=True) for meeting in record.meetings) if more.accepted else record.meetings
    kinds = [*[MeetingKind.JOINT] * more.joint, *[MeetingKind.FULL_TIME] * more.full_time]
    meetings = [
        MeetingFact(f"{SUPPOSED}meeting-{next(numbers)}", kind.value, district.plan.ends, True) for kind in kinds
    ]
    proposals = [ProposalFact(f"{SUPPOSED}proposal-{next(numbers)}") for _ in range(more.proposals)]
    total = len(record.proposals) + more.proposals
    others = [len(other.proposals) for pk, other in gathered.records.items() if pk != district.pk]
    measures = {
        **record.measures,
        Measure.ATTENDEES.value: record.measures[Measure.ATTENDEES.value] + more.attendees,
    }
    if total:  # without any there is no rank
        measures[Measure.RANK.value] = Decimal(1 + sum(other > total for other in others))
    return HostingRecord(record.district, (*known, *meetings), (*record.proposals, *proposals), measures)


def _adopted(more: Supposition, day: date) -> list[Adopted]:
    return [Adopted(f"{SUPPOSED}adopted-{number}", day, (more.proposer,)) for number in range(more.adopted)]
