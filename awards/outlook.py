"""What a plan's facts earn today, as pages show it: each result with its reasons and with links to what was counted."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from awards import words
from awards.compute import Difference, Result, Rules, differences, of_plan
from awards.facts import Gathered, is_supposed, references
from districts.models import Agency, District, Plan, Posting
from personnel_portal import roc
from personnel_portal.rules.commendations import (
    POINTS,
    Hosting,
    HostingRecord,
    Joint,
    MeetingFact,
    ProposalCommendation,
)

SHOWN = 30  # proposals of a district that are linked one by one; the list of proposals has them all


@dataclass(frozen=True, slots=True)
class Outlook:
    """A plan's rules, its facts and what they earn today; nothing of it is proposed before somebody makes a run."""

    plan: Plan
    districts: Sequence[District]
    rules: Rules
    gathered: Gathered
    result: Result


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that was counted: the key of its row, what it is called, and its page."""

    pk: int
    label: str
    url: str


@dataclass(frozen=True, slots=True)
class MeetingLine:
    """A held meeting of the period, and what becomes of it: counted, counted for an estimate, or not counted."""

    fact: Fact
    state: str
    note: str


@dataclass(frozen=True, slots=True)
class HostingLine:
    """What a district's host is proposed for today.

    Attributes:
        granted: 嘉獎 2 次; empty when no tier is reached.
        points: what that is worth in the yearly appraisal; for information only.
        because, missed: the reached tiers and the others, explained.
        proposals: how many count; `shown` are the first of them.
    """

    district: District
    granted: str
    is_estimated: bool
    points: int
    because: tuple[str, ...]
    missed: tuple[str, ...]
    meetings: tuple[MeetingLine, ...] = ()
    proposals: int = 0
    shown: tuple[Fact, ...] = ()


@dataclass(frozen=True, slots=True)
class ProposerLine:
    """What somebody is proposed for today because of adopted proposals; `over_cap` earned nothing more."""

    posting: Posting
    granted: str
    points: int
    because: str
    counted: tuple[Fact, ...]
    over_cap: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class DifferenceLine:
    """What another reading of a clause would give: (whose, today, then) where it differs."""

    difference: Difference
    label: str
    changes: tuple[tuple[str, str, str], ...]


def look(plan: Plan) -> Outlook:
    """Compute a plan; its readings are asked for once if they were prefetched."""
    rules, gathered, result = of_plan(plan)
    return Outlook(plan, gathered.districts[plan.pk], rules, gathered, result)


# --- Hosting ---------------------------------------------------------------------------------------------------------


def hosting(outlook: Outlook, districts: Iterable[District]) -> list[HostingLine]:
    """Return what the districts' hosts are proposed for, with links to what was counted."""
    listed = [district for district in districts if district.pk in outlook.result.hosting]
    records = {district.pk: outlook.gathered.records[district.pk] for district in listed}
    proposals = {pk: _counted_proposals(record, outlook.rules) for pk, record in records.items()}
    named = facts(
        [
            *(meeting.reference for record in records.values() for meeting in record.meetings),
            *(reference for found in proposals.values() for reference in found[:SHOWN]),
        ],
        outlook.gathered,
    )
    return [
        _with_facts(
            outlook.rules, district, outlook.result.hosting[district.pk], records[district.pk], proposals, named
        )
        for district in listed
    ]


def hosting_line(district: District, result: Hosting, record: HostingRecord) -> HostingLine:
    """Return a result in words, without what was counted."""
    return HostingLine(
        district=district,
        granted=granted(result),
        is_estimated=any(commendation.is_estimated for commendation in result.commendations),
        points=sum(POINTS[c.unit] * c.times for c in result.commendations),
        because=(*(words.explained(c, record) for c in result.commendations), *words.hoped(result, record)),
        missed=tuple(words.refused(trial, record) for trial in result.trials if not trial.is_met),
    )


def granted(result: Hosting) -> str:
    """Return 記功 1 次、嘉獎 2 次; empty for nothing."""
    return "、".join(words.granted(c.unit, c.times) for c in result.commendations)


def _with_facts(
    rules: Rules,
    district: District,
    result: Hosting,
    record: HostingRecord,
    proposals: Mapping[int, list[str]],
    named: Mapping[str, Fact],
) -> HostingLine:
    line, counted = hosting_line(district, result, record), proposals[district.pk]
    return replace(
        line,
        meetings=tuple(
            _meeting(meeting, rules, named[meeting.reference])
            for meeting in sorted(record.meetings, key=lambda m: (m.day, m.reference))
            if meeting.reference in named
        ),
        proposals=len(counted),
        shown=_those(counted[:SHOWN], named),
    )


def _counted_proposals(record: HostingRecord, rules: Rules) -> list[str]:
    members_only = rules.readings.hosting.members_only
    return sorted(
        (p.reference for p in record.proposals if not (members_only and p.is_coached) and not is_supposed(p.reference)),
        key=_key,
    )


def _meeting(meeting: MeetingFact, rules: Rules, fact: Fact) -> MeetingLine:
    fact = Fact(fact.pk, f"{roc.short(meeting.day)}　{fact.label}", fact.url)
    if meeting.kind not in rules.readings.hosting.kinds:
        return MeetingLine(fact, "none", "依目前採用之解釋不計")
    if not meeting.is_accepted:
        return MeetingLine(fact, "soon", "紀錄未備查")
    return MeetingLine(fact, "done", "已備查")


# --- Proposers -------------------------------------------------------------------------------------------------------


def proposers(outlook: Outlook) -> list[ProposerLine]:
    """Return who is proposed for adopted proposals, and whose further ones the cap leaves out."""
    named = facts((r for c in outlook.result.proposals for r in (*c.references, *c.over_cap)), outlook.gathered)
    return [
        ProposerLine(
            posting=outlook.gathered.people[c.proposer],
            granted=words.granted(c.unit, c.times) if c.times else "",
            points=POINTS[c.unit] * c.times,
            because=words.proposals_explained(c),
            counted=_those(c.references, named),
            over_cap=_those(c.over_cap, named),
        )
        for c in outlook.result.proposals
    ]


def unknown(plan: Plan, gathered: Gathered, joint: Joint) -> list[Fact]:
    """Return the adopted proposals of which somebody whom the plan rewards is not known; the office names one."""
    missing = gathered.unknown.get(plan.pk, [])
    joining = _joining(plan, gathered) if joint is Joint.ALL else {}
    named = facts([*missing, *joining], gathered)
    return [
        replace(named[key], label=f"{named[key].label}{f'（{agencies}）' if (agencies := joining.get(key)) else ''}")
        for key in dict.fromkeys([*missing, *joining])
        if key in named
    ]


def _joining(plan: Plan, gathered: Gathered) -> dict[str, str]:
    """Return the further agencies of adopted proposals for which nobody is found, where all of them are rewarded."""
    adopted = {a.reference: a for a in gathered.adopted.get(plan.pk, []) if not a.chosen}
    lacking = {
        reference: [
            key for key in keys if f"districts.agency-{key}" not in {p.agency for p in adopted[reference].proposers}
        ]
        for reference, keys in gathered.joint.items()
        if reference in adopted
    }
    names = dict(Agency.objects.filter(pk__in=set().union(*lacking.values())).values_list("pk", "short_name"))
    return {reference: "、".join(names[key] for key in keys) for reference, keys in lacking.items() if keys}


def facts(keys: Iterable[str], gathered: Gathered) -> dict[str, Fact]:
    """Return what references stand for, with the keys of their rows."""
    named = references(keys, gathered.seen)
    return {key: Fact(_key(key), found.label, found.url) for key, found in named.items()}


def _those(keys: Iterable[str], named: Mapping[str, Fact]) -> tuple[Fact, ...]:
    return tuple(named[key] for key in keys if key in named)


def _key(reference: str) -> int:
    return int(reference.rpartition("-")[2])


# --- Readings --------------------------------------------------------------------------------------------------------


def compared(outlook: Outlook) -> list[DifferenceLine]:
    """Return, for each reading that the office has not confirmed, what its alternatives would change."""
    found = differences(outlook.plan, outlook.gathered, outlook.rules, outlook.districts)
    return [
        DifferenceLine(
            difference,
            difference.alternative.words,
            (*_hosting_changes(outlook, difference), *_proposer_changes(outlook, difference)),
        )
        for difference in found
    ]


def _hosting_changes(outlook: Outlook, difference: Difference) -> list[tuple[str, str, str]]:
    return [
        (district.name, granted(outlook.result.hosting[district.pk]), granted(difference.hosting[district.pk]))
        for district in outlook.districts
        if district.pk in difference.hosting
    ]


def _proposer_changes(outlook: Outlook, difference: Difference) -> list[tuple[str, str, str]]:
    if not difference.proposals:
        return []
    now = {c.proposer: _earned(c) for c in outlook.result.proposals}
    then = {c.proposer: _earned(c) for c in difference.proposals}
    return [
        (_who(outlook.gathered.people[proposer]), now.get(proposer, ""), then.get(proposer, ""))
        for proposer in dict.fromkeys([*now, *then])
        if now.get(proposer, "") != then.get(proposer, "")
    ]


def _earned(commendation: ProposalCommendation) -> str:
    return words.granted(commendation.unit, commendation.times) if commendation.times else ""


def _who(posting: Posting) -> str:
    return f"{posting.agency.short_name} {posting.person.name}"
