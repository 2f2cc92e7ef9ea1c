"""Why somebody's line is there or not: one reason for each district hosted and each proposal handed in.

It tells the person what a run would propose today and, where it would not, which condition fails. Drafts of runs and
decisions that are not published stay the office's own.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch, Q, QuerySet

from awards import words
from awards.choices import HostPersonState
from awards.models import HostPerson, Line, Rewarded
from awards.outlook import HostingLine, Outlook, hosting_line
from districts.models import District
from districts.standing import Standing, standing
from personnel_portal.rules.commendations import POINTS, Joint, ProposalCommendation, Unit
from proposals.choices import Outcome, ProposalState
from proposals.models import Decision, Proposal

Held = Mapping[str, Sequence[Line]]  # approved lines by what they reward
MOST = 200  # proposals of one agency in a plan that are told one by one
NOT_YET = {
    ProposalState.SENT: "尚待承辦單位彙整函送人事處。",
    ProposalState.COMPILED: "承辦單位已彙整，尚待函送人事處。",
    ProposalState.AT_OFFICE: "已送人事處，研處結果尚未公布。",
    ProposalState.RESOLVED: "會議已決議，研處結果尚未公布。",
    ProposalState.RETURNED: "退請補正中，補正再送後始計。",
    ProposalState.WITHDRAWN: "已撤回，不計。",
}


@dataclass(frozen=True, slots=True)
class Reason:
    """What something earns today, and why or why not.

    Attributes:
        subject, url: the district or the proposal; without a page the address is empty.
        who: who is proposed.
        granted: 嘉獎 2 次; empty for nothing.
        state: a word for it, and its tone as a chip.
        because: sentences.
    """

    subject: str
    url: str
    who: str
    granted: str
    state: str
    tone: str
    because: tuple[str, ...]


# --- Hosting (伍、一) ---------------------------------------------------------------------------------------------------


def of_hosting(outlook: Outlook, user: Any, held: Held) -> list[Reason]:
    """Return what hosting earns the person and, to a host, everybody whom it named."""
    mine = standing(user)
    hosted = [district for district in outlook.districts if district.pk in mine.hosts]
    rows = HostPerson.objects.filter(district__plan=outlook.plan)
    named = list(
        rows.filter(Q(person=mine.person_id) | Q(district__in=hosted))
        .select_related("person", "district")
        .order_by("district__order", "-part", "pk")
    )
    return [*(_named(one, outlook, held) for one in named), *_unnamed(hosted, named, mine, outlook)]


def _named(named: HostPerson, outlook: Outlook, held: Held) -> Reason:
    line = _line(named.district, outlook)
    state, tone, why = _standing_of(named, line)
    approved = held[f"hosting.district-{named.district_id}.person-{named.person_id}"]
    if approved and line.granted and named.state == HostPersonState.ACCEPTED:
        is_more = line.points > sum(POINTS[Unit(one.computed_unit)] * one.computed_times for one in approved)
        state = state if is_more else "已核定"
        why = (f"{_told(approved)}，{'待重新試算核定後取代' if is_more else '不重複獎勵'}。", *why)
    return Reason(
        subject=f"{named.district.name}聯繫會報（{named.get_part_display()}）",
        url="",
        who=named.person.name,
        granted=line.granted if named.state == HostPersonState.ACCEPTED else "",
        state=state,
        tone=tone,
        because=why,
    )


def _standing_of(named: HostPerson, line: HostingLine) -> tuple[str, str, tuple[str, ...]]:
    """Return a word for how far somebody on the list is, its tone, and the sentences."""
    if named.state == HostPersonState.NAMED:
        return "待審查", "wait", ("承辦單位已提報，待人事處審查。",)
    if named.state == HostPersonState.REFUSED:
        return "不列入", "none", (f"人事處審查不列入：{named.reason}",)
    told = (*line.because, *line.missed)
    return ("預估", "done", told) if line.granted else ("未達條件", "none", told)


def _unnamed(hosted: Iterable[District], named: Iterable[HostPerson], mine: Standing, outlook: Outlook) -> list[Reason]:
    there = {(one.district_id, one.person_id) for one in named}
    return [
        Reason(
            subject=f"{district.name}聯繫會報",
            url="",
            who="",
            granted="",
            state="未提報",
            tone="soon" if line.granted else "none",
            because=("承辦單位尚未提報您為相關人員，故不在名單上。", *line.because, *line.missed),
        )
        for district in hosted
        if (district.pk, mine.person_id) not in there
        for line in [_line(district, outlook)]
    ]


def _line(district: District, outlook: Outlook) -> HostingLine:
    return hosting_line(district, outlook.result.hosting[district.pk], outlook.gathered.records[district.pk])


# --- What was approved before ------------------------------------------------------------------------------------------


def held_of(outlook: Outlook) -> Held:
    """Return the approved lines by what they reward: a person's part in a district, or a proposal; one query."""
    held: dict[str, list[Line]] = defaultdict(list)
    for row in Rewarded.objects.filter(plan=outlook.plan).select_related("line__run__plan"):
        parts = row.matter.split(".")
        held[".".join(parts[: 3 if parts[0] == "hosting" else 2])].append(row.line)
    return held


def _told(approved: Iterable[Line]) -> str:
    return "；".join(f"已於{line.run}核予「{line}」" for line in dict.fromkeys(approved))


# --- Proposals (伍、二) -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Earned:
    """Who is rewarded for which proposal, and whose was left out by the cap."""

    granted: Mapping[str, list[ProposalCommendation]]
    capped: Mapping[str, list[ProposalCommendation]]


def of_proposals(outlook: Outlook, user: Any, held: Held) -> list[Reason]:
    """Return what becomes of the proposals that the person's agencies handed in or joined, and of those that the person
    is rewarded for; the newest first."""
    mine = standing(user)
    earned = _earned(outlook)
    own = [key for key, found in earned.granted.items() if _is_among(found, mine)]
    keys = [int(reference.rpartition("-")[2]) for reference in own]
    rows = Proposal.objects.filter(
        Q(pk__in=Proposal.objects.proposed_by(mine.works_for).values("pk")) | Q(pk__in=keys), plan=outlook.plan
    )
    found = list(_read(rows)[:MOST])
    theirs = _theirs(found, mine) | set(keys)
    return [_proposal(proposal, outlook, earned, held) for proposal in found if proposal.pk in theirs]


def of_everybody(outlook: Outlook) -> list[Reason]:
    """Return the reasons of all whom hosts named, and of all proposals that were handed in: for the office."""
    earned, held = _earned(outlook), held_of(outlook)
    named = HostPerson.objects.filter(district__plan=outlook.plan).select_related("person", "district")
    return [
        *(_named(one, outlook, held) for one in named.order_by("district__order", "-part", "pk")),
        *(_proposal(one, outlook, earned, held) for one in _read(Proposal.objects.filter(plan=outlook.plan))),
    ]


def _read(proposals: QuerySet[Proposal]) -> QuerySet[Proposal]:
    """Return what was handed in, the newest first, with all that its reason tells."""
    decisions = Prefetch("decisions", Decision.objects.in_force(), to_attr="in_force")
    return (
        proposals.exclude(state=ProposalState.DRAFT)
        .select_related("plan", "district", "agency", "merged_into__plan", "merged_into__district")
        .prefetch_related("co_proposers", decisions)
        .order_by("-pk")
    )


def _earned_by_reference(found: Iterable[tuple[str, ProposalCommendation]]) -> dict[str, list[ProposalCommendation]]:
    listed: dict[str, list[ProposalCommendation]] = defaultdict(list)
    for reference, commendation in found:
        listed[reference].append(commendation)
    return listed


def _earned(outlook: Outlook) -> _Earned:
    return _Earned(
        _earned_by_reference((r, c) for c in outlook.result.proposals for r in c.references),
        _earned_by_reference((r, c) for c in outlook.result.proposals for r in c.over_cap),
    )


def _is_among(found: Iterable[ProposalCommendation], mine: Standing) -> bool:
    return any(c.proposer.person == f"districts.person-{mine.person_id}" for c in found)


def _theirs(found: Iterable[Proposal], mine: Standing) -> set[int]:
    """Return what the agencies wrote or joined, and the leads of those; what others merged into them is not theirs."""
    own = [
        proposal
        for proposal in found
        if {proposal.agency_id, *(joined.agency_id for joined in proposal.co_proposers.all())} & mine.works_for
    ]
    return {proposal.pk for proposal in own} | {p.merged_into_id for p in own if p.merged_into_id}


def _proposal(proposal: Proposal, outlook: Outlook, earned: _Earned, held: Held) -> Reason:
    reference = f"proposals.proposal-{proposal.pk}"
    if reference in earned.granted:
        return _granted(proposal, earned.granted[reference], outlook, held[reference])
    state, tone, why = _missing(proposal, outlook, earned.capped.get(reference, []))
    return Reason(f"{proposal.reference} {proposal.subject}", proposal.get_absolute_url(), "", "", state, tone, (why,))


def _granted(
    proposal: Proposal, found: Sequence[ProposalCommendation], outlook: Outlook, approved: Sequence[Line]
) -> Reason:
    reward = outlook.rules.reward
    is_held = {f"districts.person-{line.person_id}" for line in approved} >= {c.proposer.person for c in found}
    people = [outlook.gathered.people[c.proposer] for c in found]
    each = (f"{_name(c, outlook)}：{words.proposals_explained(c)}" for c in found)
    return Reason(
        subject=f"{proposal.reference} {proposal.subject}",
        url=proposal.get_absolute_url(),
        who="、".join(f"{posting.person.name}（{posting.agency.short_name}）" for posting in people),
        granted=words.granted(reward.unit, reward.times) if reward else "",
        state="已核定" if is_held else "預估",
        tone="done",
        because=(
            *([f"{_told(approved)}，不重複獎勵。"] if approved else []),
            *_who_of_several(proposal, outlook),
            *each,
        ),
    )


def _who_of_several(proposal: Proposal, outlook: Outlook) -> tuple[str, ...]:
    """Say why these people are rewarded where others could be."""
    reference = f"proposals.proposal-{proposal.pk}"
    if any(adopted.chosen for adopted in outlook.gathered.adopted[outlook.plan.pk] if adopted.reference == reference):
        return ("由人事處指定獎勵人員。",)
    if proposal.co_proposers.all() and outlook.rules.readings.joint is Joint.FIRST:
        return ("聯合提案依目前採用之解釋獎勵第一提案人，人事處得改為分別獎勵。",)
    return ()


def _missing(proposal: Proposal, outlook: Outlook, capped: Iterable[ProposalCommendation]) -> tuple[str, str, str]:
    """Return why a proposal earns nothing: a word for it, its tone, and the sentence."""
    state = ProposalState(proposal.state)
    if state == ProposalState.MERGED and proposal.merged_into:
        lead = proposal.merged_into
        return "已併案", "none", f"已併入「{lead.reference} {lead.subject}」，併案計 1 案，依主提案獎勵。"
    decision: Decision | None = next(iter(proposal.in_force), None)  # type: ignore[attr-defined]  # prefetched above
    if state != ProposalState.PUBLISHED or decision is None:
        over = state in (ProposalState.RETURNED, ProposalState.WITHDRAWN)
        return proposal.get_state_display(), "none" if over else "wait", NOT_YET.get(state, "研處結果尚未公布。")
    if decision.outcome not in (Outcome.ADOPTED, Outcome.PARTLY):
        outcome = decision.get_outcome_display()
        return outcome, "none", f"研處為「{outcome}」；獲本處參採者始予獎勵。"
    if not decision.qualifies:
        return "不符合獎勵", "none", _unqualified(decision)
    if reward := outlook.rules.reward:
        if names := "、".join(_name(c, outlook) for c in capped):
            limit = words.granted(reward.unit, reward.cap or 0)
            return "已達上限", "none", f"{names}已達至多{limit}之上限，本案不另計。"
        return "待指定", "wait", _nobody(proposal)
    return "未訂獎勵", "none", "本年度計畫未訂提案獎勵。"


def _unqualified(decision: Decision) -> str:
    if decision.outcome == Outcome.PARTLY:
        return "部分參採，人事處未認定符合獎勵。"
    return "已參採，惟未認定屬簡化流程或修正人事法規。"


def _nobody(proposal: Proposal) -> str:
    return f"提案人「{proposal.contact_name}」於送件日查無任職資料，待人事處指定獎勵人員。"


def _name(commendation: ProposalCommendation, outlook: Outlook) -> str:
    return outlook.gathered.people[commendation.proposer].person.name
