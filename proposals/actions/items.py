"""The steps that cases and proposals share, a function each: send, withdraw, return, compile, send to the office.

Whoever comes second finds that the item has gone on and is told by whom; nothing is written over.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from districts.models import District
from meetings.actions import agenda
from meetings.choices import MeetingState
from personnel_portal import roc
from personnel_portal.accounts.models import User
from personnel_portal.guards import Verdict
from personnel_portal.trail.actions import record
from personnel_portal.trail.models import Entry
from proposals import mails
from proposals.facts import closing_day, missing
from proposals.models import Case, Package, Proposal
from proposals.models.items import Item
from proposals.policies import can_take, steps_of

AnyItem = TypeVar("AnyItem", bound=Item)


class Conflict(ValidationError):  # noqa: N818  # not an error of the program: somebody else was faster
    """The item does not stand where the step starts; the message says who did what, and when."""


def begin(item: AnyItem, step: str, *, by: User) -> AnyItem:
    """Return the item as it is now, kept from others until the transaction ends, if the person may take the step.

    Every action on items begins with it. SQLite locks no rows, but its transactions are immediate: only one writes.

    Raises:
        Conflict: the step is not the person's, or the item has gone on.
    """
    model: Any = type(item)
    fresh: AnyItem = (
        model.objects.select_for_update(of=("self",)).select_related("plan", "district", "agency").get(pk=item.pk)
    )
    verdict: Verdict = can_take(by, fresh, step)
    if not verdict:
        raise Conflict(last_step(fresh, verdict))
    return fresh


def last_step(item: Item, verdict: Verdict) -> str:
    """Return why the step is refused, and who took the last one, when."""
    entry = Entry.objects.for_target(item).order_by("-pk").first()
    if entry is None:
        return verdict.reason
    return f"{entry.who}已於 {roc.moment(timezone.localtime(entry.at))} 辦理「{entry.act_label}」；{verdict.reason}"


@contextmanager
def naming(item: Item) -> Iterator[None]:
    """Let a refusal say which of several items it is about."""
    try:
        yield
    except ValidationError as refusal:
        raise Conflict(f"{item.reference}「{item.subject}」：{refusal.messages[0]}") from refusal


def hold(*districts: District) -> None:
    """Keep the compilations of districts from others until the transaction ends.

    Every step that takes several items holds it first, so that two of them never wait for each other's items; several
    districts are held in the order of their keys. What only refers to a district need not wait.
    """
    held = District.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=[one.pk for one in districts])
    list(held.order_by("pk"))


def move(item: Item, step: str, *, target: str = "") -> None:
    """Put the item into the step's target state, or the given one where the step has none; the only place that sets it."""
    item.state = steps_of(item)[step].target or target  # type: ignore[attr-defined]  # both kinds have it
    item.save()


def note(act: str, item: Item, *, by: User, **detail: Any) -> None:
    """Write the item's entry in the trail."""
    record(act, item, by=by, office_id=item.plan.office_id, **detail)


@transaction.atomic
def send_item(*, item: AnyItem, by: User) -> AnyItem:
    """Send a draft, or a returned item, to the district's host; after the closing day it is late (肆、二、(二)).

    What was begun in time and sent after it is late too. An item that was returned keeps whether it was late.

    Raises:
        Conflict: it is no draft any more.
        ValidationError: it lacks something.
    """
    hold(item.district)  # before the item, as who takes several of them
    item = begin(item, "send", by=by)
    if lacking := missing(item):
        raise ValidationError(f"送出前請填寫：{'、'.join(lacking.values())}。")
    hand_over(item)
    note("item.sent", item, by=by, late=item.is_late)
    mails.sent(item)
    return item


def hand_over(item: Item) -> None:
    """Put an item with the host: numbered, dated and told late or not when it comes for the first time.

    When it came again after a return stands in the trail.
    """
    if item.sent_at is None:
        closes = closing_day(item.meeting, item.agency_id)
        item.is_late = closes is not None and timezone.localdate() > closes
        item.number = _next_number(item)
        item.sent_at = timezone.now()
    item.reason = ""
    move(item, "send")


def _next_number(item: Item) -> int:
    hold(item.district)  # two items never take the same number
    model: Any = type(item)
    last = model.objects.filter(district=item.district_id).aggregate(last=Max("number"))["last"]
    return (last or 0) + 1


@transaction.atomic
def withdraw_item(*, item: AnyItem, reason: str, by: User) -> AnyItem:
    """Withdraw an item with a reason; the record stays. Proposals merged into it stand again where it stood.

    Raises:
        ValidationError: no reason.
        Conflict: it has gone too far.
    """
    item = begin(item, "withdraw", by=by)
    item.reason = _reason(reason, "撤回")
    _let_go(item, by=by)
    was_sent = item.sent_at is not None
    move(item, "withdraw")
    note("item.withdrawn", item, by=by, reason=item.reason)
    if was_sent:
        mails.withdrawn(item)
    return item


@transaction.atomic
def return_item(*, item: AnyItem, reason: str, by: User) -> AnyItem:
    """Return an item to its agency (退請補正) with a reason; it comes back by being sent again.

    Raises:
        ValidationError: no reason.
        Conflict: somebody else acted meanwhile.
    """
    item = begin(item, "return", by=by)
    item.reason = _reason(reason, "退請補正")
    _let_go(item, by=by)
    item.package = None
    move(item, "return")
    note("item.returned", item, by=by, reason=item.reason)
    mails.returned(item)
    return item


def _reason(text: str, what: str) -> str:
    if not text.strip():
        raise ValidationError({"reason": f"請說明{what}的理由。"})
    return text.strip()


def _let_go(item: Item, *, by: User) -> None:
    """Let what hangs on a proposal go before it leaves: those merged into it, what the office was about to decide, and
    its places on the agendas of meetings that are still to come."""
    if isinstance(item, Proposal):
        _leave_agendas(item, by=by)
        for merged in item.merged.select_related("plan", "district", "agency"):
            unmerge(merged, lead=item, by=by)
        drop_pending(item, by=by)


def _leave_agendas(proposal: Proposal, *, by: User) -> None:
    placements = proposal.placements.filter(agenda_item__meeting__state__in=[MeetingState.PLANNED, MeetingState.CALLED])
    for placement in placements.select_related("agenda_item__meeting__plan"):
        if not placement.agenda_item.resolution:
            agenda.remove_item(item=placement.agenda_item, by=by)


def drop_pending(proposal: Proposal, *, by: User) -> None:
    """Remove the pending decision of a proposal that is not to be decided as it stands.

    What it said is kept in the office's trail, which nobody else reads.
    """
    for pending in proposal.decisions.pending():
        detail = {"outcome": pending.outcome, "opinion": pending.opinion, "qualifies": pending.qualifies}
        record("decision.dropped", pending, by=by, office_id=proposal.plan.office_id, **detail)
        pending.delete()


def unmerge(proposal: Proposal, *, lead: Proposal, by: User) -> None:
    """Put a merged proposal back to where its lead stands, last in order, so that nothing is lost with the lead."""
    proposal.merged_into, proposal.package = None, lead.package
    proposal.order = _last_order(proposal) + 1
    move(proposal, "split", target=lead.state)
    note("proposal.split", proposal, by=by, lead=lead.reference)
    mails.split(proposal, lead)


@transaction.atomic
def share_case(*, case: Case, by: User) -> Case:
    """Record that a case was shared at the meeting.

    Raises:
        Conflict: somebody else acted meanwhile.
        ValidationError: the meeting that it is for is still to come.
    """
    case = begin(case, "share", by=by)
    if case.meeting and not case.meeting.is_past:
        raise ValidationError("會議尚未召開，請於會後登錄分享。")
    accept_late(case, by=by)
    move(case, "share")
    note("item.shared", case, by=by)
    return case


@transaction.atomic
def compile_item(*, item: AnyItem, by: User) -> AnyItem:
    """Take an item into the district's compilation (彙整); a late one with that is accepted, by the host's consent.

    Raises:
        Conflict: somebody else acted meanwhile.
    """
    item = begin(item, "compile", by=by)
    accept_late(item, by=by)
    item.order = _last_order(item) + 1
    move(item, "compile")
    note("item.compiled", item, by=by)
    return item


def accept_late(item: Item, *, by: User) -> None:
    """Note the host's consent to take a late item (同意收受逾期件), unless it was given before."""
    if item.is_late and item.late_accepted_by_id is None:
        item.late_accepted_by = by
        note("item.late_accepted", item, by=by)


def _last_order(item: Item) -> int:
    model: Any = type(item)
    last: int | None = model.objects.filter(district=item.district_id).aggregate(last=Max("order"))["last"]
    return last or 0


@transaction.atomic
def send_to_office(
    *,
    district: District,
    items: Sequence[Item],
    sent_on: date | None = None,
    number: str = "",
    note_text: str = "",
    by: User,
) -> Package:
    """Send compiled items of a district to the office as one package (函送彙整).

    Args:
        sent_on: the date of the host's letter, today unless given.

    Raises:
        ValidationError: there is nothing to send.
        Conflict: one of them was withdrawn, merged or sent meanwhile, or is another district's; nothing is sent.
    """
    if not items:
        raise ValidationError("請至少勾選一件已彙整的案例或提案。")
    hold(district)
    package = Package(district=district, plan=district.plan, number=number, note=note_text, sent_by=by)
    package.sent_on = sent_on or timezone.localdate()
    package.save()
    sent = [_put_into(package, item, by=by) for item in items]
    mails.sent_to_office(package, sent)
    return package


def _put_into(package: Package, item: Item, *, by: User) -> Item:
    with naming(item):
        item = begin(item, "send_to_office", by=by)
        if item.district_id != package.district_id:
            raise ValidationError(f"屬{item.district.name}，不能併同{package.district.name}函送。")
    item.package = package
    move(item, "send_to_office")
    note("item.sent_to_office", item, by=by, package=package.pk)
    return item
