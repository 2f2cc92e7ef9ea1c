"""What a plan's rows and facts amount to: the hosting awards of its districts and those of its adopted proposals."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from awards.facts import Clauses, Gathered, clauses_of, gather
from awards.readings import Alternative, Readings, alternatives, chosen
from districts.models import District, Plan
from personnel_portal.rules.commendations import (
    Hosting,
    HostingRecord,
    ProposalCommendation,
    ProposalReward,
    Unit,
    hosting_commendations,
    proposal_commendations,
)
from personnel_portal.rules.commendations import Tier as TierValue


@dataclass(frozen=True, slots=True)
class Rules:
    """The award clauses of a plan as values."""

    tiers: tuple[TierValue, ...]
    reward: ProposalReward | None
    readings: Readings

    def read(self, readings: Readings) -> "Rules":
        """Return the same clauses read in another way."""
        reward = self.reward and replace(self.reward, cap_per=readings.cap_per, joint=readings.joint)
        return Rules(self.tiers, reward, readings)


@dataclass(frozen=True, slots=True)
class Result:
    """What a plan's facts earn under its rules."""

    hosting: Mapping[int, Hosting]
    proposals: tuple[ProposalCommendation, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """Where another value of an unconfirmed reading gives something else: per district, and for proposers."""

    alternative: Alternative
    hosting: Mapping[int, Hosting]
    proposals: tuple[ProposalCommendation, ...]

    def __bool__(self) -> bool:
        return bool(self.hosting or self.proposals)


def rules_of(plan: Plan, clauses: Clauses | None = None) -> Rules:
    """Return the plan's tiers, its rule for proposals and its readings; two queries, or none where both are known."""
    readings, clauses = chosen(plan.readings.all()), clauses or clauses_of([plan])[plan.pk]
    rule = clauses.rule
    reward = (
        None
        if rule is None
        else ProposalReward(rule.clause, Unit(rule.unit), rule.times, rule.cap, readings.cap_per, readings.joint)
    )
    return Rules(clauses.tiers, reward, readings)


def compute(plan: Plan, gathered: Gathered, rules: Rules, districts: Iterable[int]) -> Result:
    """Return what the gathered facts of a plan earn."""
    hosting = {pk: host(gathered.records[pk], rules) for pk in districts if pk in gathered.records}
    adopted, rewarded = gathered.adopted.get(plan.pk, []), gathered.rewarded.get(plan.pk, [])
    return Result(hosting, proposal_commendations(adopted, rules.reward, rewarded) if rules.reward else ())


def host(record: HostingRecord, rules: Rules) -> Hosting:
    """Return what a district's record earns; held meetings count at once where the plan reads it so."""
    if not rules.readings.accepted_only:
        record = replace(record, meetings=tuple(replace(m, is_accepted=True) for m in record.meetings))
    return hosting_commendations(record, rules.tiers, rules.readings.hosting)


def differences(plan: Plan, gathered: Gathered, rules: Rules, districts: Sequence[District]) -> list[Difference]:
    """Return where the alternatives of the readings that the office has not confirmed give another result."""
    keys = [district.pk for district in districts]
    now = compute(plan, gathered, rules, keys)
    found = []
    for alternative in alternatives(plan):
        other = compute(plan, gathered, rules.read(alternative.readings), keys)
        hosting = {pk: result for pk, result in other.hosting.items() if _granted(result) != _granted(now.hosting[pk])}
        proposals = other.proposals if _earned(other) != _earned(now) else ()
        found.append(Difference(alternative, hosting, proposals))
    return found


def _granted(hosting: Hosting) -> list[tuple[Unit, int]]:
    return [(commendation.unit, commendation.times) for commendation in hosting.commendations]


def _earned(result: Result) -> dict[Any, int]:
    return {c.proposer: c.times for c in result.proposals if c.times}


def of_plan(plan: Plan) -> tuple[Rules, Gathered, Result]:
    """Return a plan's rules, its facts and what they earn."""
    gathered = gather([plan])
    rules = rules_of(plan, gathered.clauses[plan.pk])
    return rules, gathered, compute(plan, gathered, rules, gathered.records)
