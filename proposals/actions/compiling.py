"""What the host makes of the district's items: taken in, put in order, merged, placed on an agenda, resolved there."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from districts.models import District
from meetings.actions.agenda import change_item, save_item
from meetings.actions.shown import Shown
from meetings.choices import MeetingState
from meetings.models import AgendaItem, Meeting
from personnel_portal.accounts.models import User
from personnel_portal.guards import refuse
from personnel_portal.trail.actions import record
from proposals import mails
from proposals.actions import items as steps
from proposals.actions.items import (
    AnyItem,
    Conflict,
    accept_late,
    begin,
    drop_pending,
    hold,
    last_step,
    move,
    naming,
    note,
    unmerge,
)
from proposals.choices import ProposalState
from proposals.facts import proposers
from proposals.models import Case, Placement, Proposal
from proposals.models.items import Item

COMPILED = ProposalState.COMPILED.value  # and that of cases
LEADS = (ProposalState.SENT, ProposalState.COMPILED, ProposalState.AT_OFFICE)
OFF_AGENDA = "此提案已由他人自該議程刪除，請重新整理後再處理。"
LONGEST_PROPOSER = AgendaItem._meta.get_field("proposer").max_length or 0


@dataclass(frozen=True, slots=True)
class Batch:
    """What became of several items that were each taken for itself: how many were done, and why the others were not."""

    done: int
    refused: tuple[str, ...]


def _each(items: Iterable[AnyItem], act: Callable[[AnyItem], object]) -> Batch:
    done, refused = 0, []
    for item in items:
        try:
            with naming(item):
                act(item)
            done += 1
        except Conflict as conflict:
            refused.append(conflict.messages[0])
    return Batch(done, tuple(refused))


@transaction.atomic
def take_in(*, district: District, items: Sequence[Item], by: User) -> Batch:
    """Take items into the compilation, each for itself: one that was withdrawn meanwhile keeps back no other."""
    hold(district)
    return _each(items, lambda item: steps.compile_item(item=item, by=by))


@transaction.atomic
def share_cases(*, district: District, cases: Sequence[Case], by: User) -> Batch:
    """Record that cases were shared at the meeting, each for itself."""
    hold(district)
    return _each(cases, lambda case: steps.share_case(case=case, by=by))


@transaction.atomic
def order_compiled(*, district: District, kind: type[Item], order: Sequence[int], by: User) -> None:
    """Put the compiled items of a kind into the given order of keys.

    Raises:
        ValidationError: the keys are not those of the compiled items; somebody took one in or sent one meanwhile.
    """
    hold(district)
    rows: Any = kind._default_manager
    compiled = {item.pk: item for item in rows.filter(district=district, state=COMPILED)}
    if sorted(compiled) != sorted(order):
        raise ValidationError("彙整內容已由他人變更，請重新整理後再排序。")
    for place, key in enumerate(order, start=1):
        compiled[key].order = place
    rows.bulk_update(compiled.values(), ["order"])
    record("items.ordered", district, by=by, office_id=district.plan.office_id, model=str(kind._meta.verbose_name))


@transaction.atomic
def merge_proposal(*, proposal: Proposal, lead: Proposal, by: User) -> Proposal:
    """Merge a proposal into a lead, with those that were merged into it; all proposers stay, and it counts once.

    Naming one that is merged itself means its lead. The lead alone is locked, and first, as by whoever withdraws it.

    Raises:
        ValidationError: the lead is the proposal itself or merged into it, of another district, or one of them is on
            an agenda.
        Conflict: one of them has gone on meanwhile.
    """
    hold(proposal.district)
    if lead.pk == proposal.pk:
        raise ValidationError("不能併入自己，請選擇另一件提案。")
    merged_into = _merged_into(lead)
    if merged_into == proposal.pk:
        raise ValidationError(f"「{lead.subject}」已併入本案，不能再把本案併入它；請先解除併案。")
    lead = _locked(merged_into or lead.pk)
    proposal = begin(proposal, "merge", by=by)
    _refuse_lead(proposal, lead)
    for one in (proposal, lead):
        _refuse_placed(one, "再併案")
    accept_late(proposal, by=by)
    drop_pending(proposal, by=by)  # the lead is decided for both
    joining = [*proposal.merged.select_related("plan", "district", "agency"), proposal]
    for one in joining:
        one.merged_into, one.package = lead, None
        move(one, "merge")
        note("proposal.merged", one, by=by, lead=lead.reference)
    note("proposal.joined", lead, by=by, merged=[one.reference for one in joining])
    mails.merged(proposal, lead)
    return proposal


def _merged_into(proposal: Proposal) -> int | None:
    return Proposal.objects.values_list("merged_into", flat=True).get(pk=proposal.pk)


def _locked(key: int) -> Proposal:
    rows = Proposal.objects.select_for_update(of=("self",)).select_related("plan", "district", "agency")
    return rows.get(pk=key)


def _refuse_lead(proposal: Proposal, lead: Proposal) -> None:
    if lead.district_id != proposal.district_id:
        raise ValidationError("只能併入同一分區的提案。")
    if lead.state not in LEADS:
        state = lead.get_state_display()
        raise Conflict(last_step(lead, refuse(f"「{lead.subject}」目前為「{state}」，不能作為主提案。")))
    if proposal.state == ProposalState.AT_OFFICE and lead.state != ProposalState.AT_OFFICE:
        raise ValidationError(f"「{lead.subject}」尚未送本處，已送本處的提案不能併入它。")


def _refuse_placed(proposal: Proposal, what: str) -> None:
    placement = proposal.placements.select_related("agenda_item__meeting__district").last()
    if placement:
        meeting = placement.agenda_item.meeting
        raise ValidationError(f"「{proposal.subject}」已列入「{meeting}」議程，請先自該議程刪除{what}。")


@transaction.atomic
def split_proposal(*, proposal: Proposal, by: User) -> Proposal:
    """Let a merged proposal stand by itself again, where its lead stands.

    Raises:
        ValidationError: the lead is on an agenda, resolved or published.
        Conflict: it is not merged any more.
    """
    hold(proposal.district)
    merged_into = _merged_into(proposal)
    lead = _locked(merged_into) if merged_into else None
    proposal = begin(proposal, "split", by=by)
    if lead is None or proposal.merged_into_id != lead.pk:  # its lead was withdrawn between the two reads
        raise Conflict("併案情形已由他人變更，請重新整理後再處理。")
    if lead.state not in LEADS:
        raise ValidationError(f"主提案「{lead.subject}」目前為「{lead.get_state_display()}」，不能解除併案。")
    _refuse_placed(lead, "再解除併案")
    unmerge(proposal, lead=lead, by=by)
    return proposal


@transaction.atomic
def put_on_agenda(*, proposal: Proposal, meeting: Meeting, by: User) -> Placement:
    """Put a proposal on a meeting's agenda, with its text as it is now (列入議程).

    Raises:
        ValidationError: the meeting is another district's, cancelled or locked, or has the proposal already.
        Conflict: the proposal has gone on meanwhile.
    """
    proposal = begin(proposal, "place", by=by)
    if meeting.district_id != proposal.district_id:
        raise ValidationError("只能列入本分區會議的議程。")
    if proposal.placements.filter(agenda_item__meeting=meeting).exists():
        raise ValidationError(f"已在「{meeting}」的議程上。")
    item = save_item(item=_snapshot(proposal, meeting), by=by)
    # Only now nobody can cancel it meanwhile; a refusal takes the item off again.
    meeting.refresh_from_db(fields=["state"])
    if meeting.state == MeetingState.CANCELLED:
        raise ValidationError(f"「{meeting}」已取消。")
    placement = Placement.objects.create(proposal=proposal, agenda_item=item, placed_by=by)
    note("proposal.placed", proposal, by=by, meeting=str(meeting))
    return placement


@transaction.atomic
def put_each_on_agenda(*, proposals: Sequence[Proposal], meeting: Meeting, by: User) -> Batch:
    """Put proposals on a meeting's agenda in their order, each for itself."""
    hold(meeting.district)
    return _each(proposals, lambda proposal: put_on_agenda(proposal=proposal, meeting=meeting, by=by))


def _snapshot(proposal: Proposal, meeting: Meeting) -> AgendaItem:
    """Return the item as the minutes print it: 案由, 提案單位 with all who propose, 說明, 辦法."""
    names = proposers(proposal)
    joined = "、".join(names)
    rule = [f"現行規定：{proposal.current_rule}"] if proposal.current_rule else []
    merged = [f"併案：{one.reference} {one.agency.short_name}「{one.subject}」" for one in proposal.merged.all()]
    effect = f"預期效益：{proposal.get_effect_display()}" + (
        f"（{proposal.effect_note}）" if proposal.effect_note else ""
    )
    return AgendaItem(
        meeting=meeting,
        subject=proposal.subject,
        proposer=joined if len(joined) <= LONGEST_PROPOSER else f"{names[0]}等 {len(names)} 個機關",
        explanation="\n".join([*rule, proposal.problem, *merged]),
        remedy="\n".join([proposal.wording, effect]),
    )


@transaction.atomic
def resolve_proposal(
    *, proposal: Proposal, item: AgendaItem, by: User, resolution: str = "", shown: Shown | None = None
) -> Proposal:
    """Take a proposal to 已決議 by the resolution of its agenda item, which is written there if it is given.

    Args:
        resolution: the new resolution; empty where the agenda has it already, which works in a locked meeting too.
        shown: what the page showed of the item, so that nobody's resolution is written over unseen.

    Raises:
        ValidationError: the meeting is still to come or locked, or there is no resolution.
        ChangedMeanwhileError: somebody else wrote another resolution since the page was shown.
        Conflict: the proposal has gone on, or is not on that agenda any more.
    """
    proposal = begin(proposal, "resolve", by=by)
    placement = proposal.placements.filter(agenda_item=item.pk).select_related("agenda_item__meeting__plan").first()
    if placement is None:
        raise Conflict(OFF_AGENDA)
    item = placement.agenda_item
    if not item.meeting.is_past:
        raise ValidationError("會議尚未召開，請於會後登錄決議。")
    if resolution and resolution != item.resolution:
        item = change_item(item=item, by=by, shown=shown, resolution=resolution)
    else:
        item = _kept(item)
    if not item.resolution.strip():
        raise ValidationError({"resolution": "請填寫決議。"})
    move(proposal, "resolve")
    note("proposal.resolved", proposal, by=by, meeting=str(item.meeting))
    return proposal


def _kept(item: AgendaItem) -> AgendaItem:
    """Return the item as it is now, kept from whoever would remove it until the transaction ends."""
    kept = AgendaItem.objects.select_for_update(of=("self",), no_key=True).filter(pk=item.pk)
    now = kept.select_related("meeting__district", "meeting__plan").first()
    if now is None:
        raise Conflict(OFF_AGENDA)
    return now


@transaction.atomic
def resolve_recorded(*, district: District, by: User) -> Batch:
    """Take every proposal of the district whose agenda item has a resolution to 已決議, each for itself."""
    hold(district)
    placed = (
        Placement.objects.filter(proposal__district=district, proposal__state=ProposalState.AT_OFFICE)
        .filter(agenda_item__meeting__starts_at__lte=timezone.now())
        .exclude(agenda_item__resolution="")
        .select_related("proposal__plan", "proposal__district", "agenda_item")
    )
    by_meeting = placed.order_by("agenda_item__meeting__starts_at")
    latest = {placement.proposal: placement.agenda_item for placement in by_meeting}
    return _each(latest, lambda proposal: resolve_proposal(proposal=proposal, item=latest[proposal], by=by))
