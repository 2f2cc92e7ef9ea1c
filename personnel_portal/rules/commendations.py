"""Commendations (獎勵) as the plan grants them (113年度計畫 伍; domain notes A0.3).

What is unclear in the clauses is a reading, chosen by the plan and given here as a value: the same functions compute the
chosen result and every alternative. A result says what it counted; words are made elsewhere.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum

from personnel_portal.rules.bounds import Bounds


class Unit(StrEnum):
    """獎勵種類, from the weakest."""

    CITATION = "citation"  # 嘉獎
    MERIT = "merit"  # 記功
    MAJOR_MERIT = "major_merit"  # 記大功


RULE_VERSION = "113.2"  # changes whenever the same facts may give another result

POINTS = {Unit.CITATION: 1, Unit.MERIT: 3, Unit.MAJOR_MERIT: 9}  # of the yearly appraisal; for information only


@dataclass(frozen=True, slots=True)
class Condition:
    """What a tier asks of one measure of a record, such as meetings or proposals."""

    measure: str
    bounds: Bounds


@dataclass(frozen=True, slots=True)
class Tier:
    """A grade of the hosting award.

    Attributes:
        clause: where it is written, such as 伍、一、(二).
        conditions: all or any of them must hold, as the reading says.
        unit, times: what it grants to each person.
    """

    clause: str
    conditions: tuple[Condition, ...]
    unit: Unit
    times: int


@dataclass(frozen=True, slots=True)
class MeetingFact:
    """A meeting that took place; `is_accepted` when its minutes are on record (備查)."""

    reference: str
    kind: str
    day: date
    is_accepted: bool


@dataclass(frozen=True, slots=True)
class ProposalFact:
    """A proposal that reached the office; a merged group or a joint proposal is one."""

    reference: str
    is_coached: bool = False
    meeting: str = ""


@dataclass(frozen=True, slots=True)
class HostingRecord:
    """What a district did in the plan's period. `measures` holds what other counties count besides, such as heads."""

    district: str
    meetings: tuple[MeetingFact, ...] = ()
    proposals: tuple[ProposalFact, ...] = ()
    measures: Mapping[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class HostingReadings:
    """The readings of 伍、一.

    Attributes:
        kinds: the kinds of meetings that count.
        replace: a stronger tier replaces the weaker; false adds them up.
        per_meeting: a tier that asks for one meeting is granted for every meeting; false once.
        all_conditions: 並 joins the conditions; false lets one of them suffice.
        members_only: proposals of coached agencies do not count.
    """

    kinds: frozenset[str] = frozenset({"A"})
    replace: bool = True
    per_meeting: bool = False
    all_conditions: bool = True
    members_only: bool = False


@dataclass(frozen=True, slots=True)
class Counted:
    """A measure of a record: the number, and what was counted."""

    measure: str
    value: Decimal
    references: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Check:
    """A condition beside what was counted for it; what a record does not tell meets nothing."""

    condition: Condition
    counted: Counted
    is_met: bool


@dataclass(frozen=True, slots=True)
class Trial:
    """A tier that was tried, and whether the record meets it; one that asks for nothing is met by nobody."""

    tier: Tier
    checks: tuple[Check, ...]
    is_met: bool


@dataclass(frozen=True, slots=True)
class Commendation:
    """What is granted, for which clause, because of what.

    Attributes:
        is_estimated: 預估; it rests on a meeting whose minutes are not on record yet.
        meetings: for how many meetings the tier is granted, where each counts.
    """

    unit: Unit
    times: int
    clause: str
    because: tuple[Check, ...]
    is_estimated: bool = False
    meetings: int = 1


@dataclass(frozen=True, slots=True)
class Hosting:
    """The result for a district.

    Attributes:
        commendations: what is granted; as long as nothing is certain, what may be (預估).
        trials: how every tier was tried, so that a page can say why not; waiting minutes count.
        hoped: what the minutes that wait would bring about beside what is certain.
    """

    district: str
    commendations: tuple[Commendation, ...]
    trials: tuple[Trial, ...]
    hoped: tuple[Commendation, ...] = ()


def hosting_commendations(record: HostingRecord, tiers: Sequence[Tier], readings: HostingReadings) -> Hosting:
    """Return what the people of a district's host are granted (伍、一), each of them.

    Tiers are tried from the strongest, whatever their order. Meetings whose minutes are not accepted yet count for an estimate alone; it
    never takes the place of what is certain.

    Raises:
        ValueError: two tiers have the same conditions.
    """
    _refuse_twins(tiers)
    sure = _granted(_tried(record, tiers, readings, accepted_only=True), readings)
    hoped = _tried(record, tiers, readings, accepted_only=False)
    known = {(commendation.clause, commendation.times) for commendation in sure}
    estimates = tuple(
        replace(commendation, is_estimated=True)
        for commendation in _granted(hoped, readings)
        if (commendation.clause, commendation.times) not in known
    )
    return (
        Hosting(record.district, tuple(sure), hoped, estimates) if sure else Hosting(record.district, estimates, hoped)
    )


def _refuse_twins(tiers: Sequence[Tier]) -> None:
    conditions = [frozenset((c.measure, c.bounds) for c in tier.conditions) for tier in tiers if tier.conditions]
    if len(set(conditions)) < len(conditions):
        raise ValueError("two tiers have the same conditions")


def _tried(
    record: HostingRecord, tiers: Sequence[Tier], readings: HostingReadings, *, accepted_only: bool
) -> tuple[Trial, ...]:
    counted = _counted(record, readings, accepted_only=accepted_only)
    return tuple(_try(tier, counted, readings) for tier in sorted(tiers, key=_strongest_first))


def _strongest_first(tier: Tier) -> tuple[int, int, str]:
    return -POINTS[tier.unit] * tier.times, -POINTS[tier.unit], tier.clause


def _counted(record: HostingRecord, readings: HostingReadings, *, accepted_only: bool) -> Mapping[str, Counted]:
    meetings = [m for m in record.meetings if m.kind in readings.kinds and (m.is_accepted or not accepted_only)]
    proposals = [p for p in record.proposals if not (readings.members_only and p.is_coached)]
    return {
        **{measure: Counted(measure, value) for measure, value in record.measures.items()},
        "meetings": _count("meetings", (m.reference for m in sorted(meetings, key=lambda m: (m.day, m.reference)))),
        "proposals": _count("proposals", sorted(p.reference for p in proposals)),
    }


def _count(measure: str, references: Iterable[str]) -> Counted:
    listed = tuple(references)
    return Counted(measure, Decimal(len(listed)), listed)


def _try(tier: Tier, counted: Mapping[str, Counted], readings: HostingReadings) -> Trial:
    checks = tuple(_check(condition, counted) for condition in tier.conditions)
    met = [check.is_met for check in checks]
    return Trial(tier, checks, any(met) and (all(met) or not readings.all_conditions))


def _check(condition: Condition, counted: Mapping[str, Counted]) -> Check:
    found = counted.get(condition.measure, Counted(condition.measure, Decimal(0)))
    return Check(condition, found, condition.measure in counted and condition.bounds.holds(found.value))


def _granted(trials: Iterable[Trial], readings: HostingReadings) -> list[Commendation]:
    granted = [_grant(trial, readings) for trial in trials if trial.is_met]
    strongest = max(granted, key=lambda c: POINTS[c.unit] * c.times, default=None)
    return [strongest] if strongest and readings.replace else granted


def _grant(trial: Trial, readings: HostingReadings) -> Commendation:
    tier, meetings = trial.tier, _meetings(trial) if readings.per_meeting else 1
    return Commendation(tier.unit, tier.times * meetings, tier.clause, trial.checks, meetings=meetings)


def _meetings(trial: Trial) -> int:
    """Return for how many meetings a tier is granted where each counts: more than one where the tier asks for one."""
    of_one = (c for c in trial.checks if c.condition.measure == "meetings" and c.condition.bounds.holds(1))
    return max((int(check.counted.value) for check in of_one), default=1) or 1


# --- Adopted proposals (伍、二) ------------------------------------------------------------------------------------------


class CapPer(StrEnum):
    """Whose 「至多給予嘉獎 2 次」 it is."""

    PERSON = "person"
    AGENCY = "agency"
    PROPOSAL = "proposal"


class Joint(StrEnum):
    """Who is rewarded for a joint proposal."""

    FIRST = "first"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Proposer:
    """A person who proposed, for an agency."""

    person: str
    agency: str


@dataclass(frozen=True, slots=True)
class Adopted:
    """An adopted proposal that qualifies (simplifies work or amends a personnel rule), with its proposers in order.

    `chosen` are those among whom the office splits the award; empty leaves it to the reading.
    """

    reference: str
    day: date
    proposers: tuple[Proposer, ...]
    chosen: tuple[Proposer, ...] = ()


@dataclass(frozen=True, slots=True)
class Rewarded:
    """A proposal that was rewarded earlier: what was approved stays, and is the first to count towards a cap."""

    reference: str
    proposer: Proposer


@dataclass(frozen=True, slots=True)
class ProposalReward:
    """What a qualifying proposal earns: times each, at most `cap` per person, agency or proposal; none is no cap."""

    clause: str
    unit: Unit = Unit.CITATION
    times: int = 1
    cap: int | None = 2
    cap_per: CapPer = CapPer.PERSON
    joint: Joint = Joint.FIRST


@dataclass(frozen=True, slots=True)
class ProposalCommendation:
    """What a proposer is granted: for which proposals, and which earned nothing more because of the cap."""

    proposer: Proposer
    unit: Unit
    times: int
    clause: str
    references: tuple[str, ...]
    over_cap: tuple[str, ...] = ()


def proposal_commendations(
    adopted: Iterable[Adopted], reward: ProposalReward, rewarded: Collection[Rewarded] = ()
) -> tuple[ProposalCommendation, ...]:
    """Return what the proposers are granted, by agency and person; of many the earliest count until the cap is reached.

    Those that were rewarded earlier use the cap first, also where they are not adopted any more.
    """
    granted: dict[Proposer, list[str]] = defaultdict(list)
    refused: dict[Proposer, list[str]] = defaultdict(list)
    used: dict[str, int] = defaultdict(int)
    held = {(earlier.reference, earlier.proposer.person) for earlier in rewarded}
    for earlier in set(rewarded):
        used[_holder(earlier.reference, earlier.proposer, reward.cap_per)] += reward.times
    for proposal in sorted(adopted, key=lambda a: (a.day, a.reference)):
        for proposer in _rewarded(proposal, reward.joint):
            if (proposal.reference, proposer.person) not in held:
                holder = _holder(proposal.reference, proposer, reward.cap_per)
                if reward.cap is not None and used[holder] + reward.times > reward.cap:
                    refused[proposer].append(proposal.reference)
                    continue
                used[holder] += reward.times
            granted[proposer].append(proposal.reference)
    return tuple(
        ProposalCommendation(
            proposer,
            reward.unit,
            reward.times * len(granted[proposer]),
            reward.clause,
            tuple(granted[proposer]),
            tuple(refused[proposer]),
        )
        for proposer in sorted(granted.keys() | refused.keys(), key=lambda p: (p.agency, p.person))
    )


def _rewarded(proposal: Adopted, joint: Joint) -> tuple[Proposer, ...]:
    """Return who is rewarded for a proposal, each person once, though at two of its agencies."""
    listed = proposal.chosen or (proposal.proposers[:1] if joint is Joint.FIRST else proposal.proposers)
    return tuple({proposer.person: proposer for proposer in reversed(listed)}.values())[::-1]


def _holder(proposal: str, proposer: Proposer, cap_per: CapPer) -> str:
    match cap_per:
        case CapPer.PERSON:
            return proposer.person
        case CapPer.AGENCY:
            return proposer.agency
        case CapPer.PROPOSAL:
            return proposal
