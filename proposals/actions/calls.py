"""The call for items (函請提案): draft, send, ask again, give more time; and the answer 「無」."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from meetings.actions.shown import Shown, author, refuse_overwriting
from meetings.choices import MeetingState
from meetings.facts import Invitee, Reach
from meetings.models import Meeting
from personnel_portal import roc
from personnel_portal.accounts.models import User
from personnel_portal.trail.actions import record
from personnel_portal.trail.models import Entry
from proposals import mails
from proposals.facts import has_sent, to_be_asked, unasked
from proposals.models import CallForItems, CallRecipient

# What `change_call` may change.
CHANGEABLE = frozenset({"issued_on", "closes_on", "number", "purpose", "explanation"})


@transaction.atomic
def draft_call(*, meeting: Meeting, by: User, **text: Any) -> CallForItems:
    """Keep the draft of a meeting's call; `text` holds the fields of `CHANGEABLE`.

    Raises:
        ValidationError: the meeting was cancelled or took place, somebody else drafted the call meanwhile, or it would
            close before its issue.
    """
    # The meeting's row keeps two people from drafting at once.
    meeting = _locked_meeting(meeting)
    _refuse_closed(meeting)
    if known := CallForItems.objects.filter(meeting=meeting).first():
        last = Entry.objects.for_target(known).order_by("-pk").first()
        raise ValidationError(f"{author(last)}擬了這場會議的函稿；請確認後再儲存。")
    call = CallForItems(meeting=meeting, created_by=by, **text)
    _refuse_reversed(call)
    call.save()
    _note("call.drafted", call, by=by)
    return call


@transaction.atomic
def change_call(*, call: CallForItems, by: User, shown: Shown | None = None, **changes: Any) -> CallForItems:
    """Change a draft.

    Args:
        shown: what the page showed, so that nobody else's change since then is written over.
        **changes: the new values by field.

    Raises:
        ValidationError: it was sent, or it would close before its issue.
        ChangedMeanwhileError: somebody else changed the same since the page was shown.
        TypeError: a change is none of `CHANGEABLE`.
    """
    if others := changes.keys() - CHANGEABLE:
        raise TypeError(f"change_call does not change {', '.join(sorted(others))}")
    call = _locked(call)
    if call.sent_at:
        raise ValidationError(f"{_sent(call)}，函稿不能再變更；截止日可以延後，文號可以補登。")
    refuse_overwriting(call, changes, shown, Entry.objects.for_target(call).filter(act="call.changed"))
    changed = {name: value for name, value in changes.items() if getattr(call, name) != value}
    for name, value in changed.items():
        setattr(call, name, value)
    _refuse_reversed(call)
    if changed:
        call.save()
        _note("call.changed", call, by=by, changed=changed)
    return call


@transaction.atomic
def number_call(*, call: CallForItems, number: str, by: User) -> CallForItems:
    """Enter the 文號 that the document system gave after the call was sent from here."""
    call = _locked(call)
    if call.number != number:
        before, call.number = call.number, number
        call.save(update_fields=["number"])
        _note("call.numbered", call, by=by, number=number, before=before)
    return call


@transaction.atomic
def send_call(*, call: CallForItems, by: User) -> Reach:
    """Send the call: keep its text and whom it asks as they are now, and mail each of them; once only.

    Raises:
        ValidationError: it was sent before, the meeting was cancelled or took place, the closing day has passed, or
            there is nobody to ask.
    """
    call = _locked(call)
    if call.sent_at:
        raise ValidationError(f"{_sent(call)}，不再重寄。")
    _refuse_closed(call.meeting)
    if call.is_closed:
        raise ValidationError(f"截止日{roc.long(call.closes_on)}已過，請先改定截止日再寄發。")
    invitees = to_be_asked(call.meeting)
    if not invitees:
        raise ValidationError("這個分區在會議日沒有成員機關，無從函請；請洽人事處確認分區成員。")
    call.purpose, call.explanation = call.filled(call.purpose), call.filled(call.explanation)
    call.sent_at = timezone.now()
    call.save()
    _ask(call, invitees, first=1)
    reached = mails.called(call, [invitee.agency for invitee in invitees])
    _note("call.sent", call, by=by, mails=len(reached.addresses))
    return reached


@transaction.atomic
def ask_more(*, call: CallForItems, by: User) -> Reach:
    """Ask the agencies that the plan names since the call was sent, and mail them alone.

    Raises:
        ValidationError: the call is not sent, its meeting took place or was cancelled, or all are asked.
    """
    call = _locked(call)
    more = unasked(call)
    if not more:
        raise ValidationError("沒有需要補發的機關。")
    last = call.recipients.aggregate(last=Max("order"))["last"] or 0
    _ask(call, more, first=last + 1)
    agencies = [invitee.agency for invitee in more]
    reached = mails.called(call, agencies)
    names = [agency.short_name for agency in agencies]
    _note("call.asked_more", call, by=by, agencies=names, mails=len(reached.addresses))
    return reached


@transaction.atomic
def move_closing(*, call: CallForItems, closes_on: date, by: User) -> Reach:
    """Give everybody more time, and tell those who have not answered and whose last day it moves.

    Raises:
        ValidationError: the call is not sent, its meeting was cancelled, or the day is not later than now.
    """
    call = _locked(call)
    _refuse_unsent(call)
    before = call.closes_on
    if closes_on <= before:
        raise ValidationError({"closes_on": f"截止日只能延後；目前為{roc.long(before)}。"})
    if closes_on < timezone.localdate():
        raise ValidationError({"closes_on": "延後的截止日不得早於今天。"})
    waiting = [row for row in call.recipients.missing().select_related("agency") if row.closes_on < closes_on]
    call.closes_on = closes_on
    call.save(update_fields=["closes_on"])
    reached = mails.closing_moved(call, before, [row.agency for row in waiting])
    _note("call.moved", call, by=by, before=before, closes_on=closes_on, mails=len(reached.addresses))
    return reached


@transaction.atomic
def extend(*, recipient: CallRecipient, until: date, reason: str, by: User) -> Reach:
    """Give one agency more time, with a reason, and tell it.

    What it sent late before stays late.

    Raises:
        ValidationError: no reason, the call is not sent, its meeting was cancelled, or the day is not later than the
            agency's last one or has passed.
    """
    call = _locked(recipient.call)
    _refuse_unsent(call)
    recipient = _locked_recipient(recipient)
    if until <= recipient.closes_on:
        raise ValidationError({"until": f"展延只能延後；目前截止日為{roc.long(recipient.closes_on)}。"})
    if until < timezone.localdate():
        raise ValidationError({"until": "展延的截止日不得早於今天。"})
    if not reason.strip():
        raise ValidationError({"reason": "請說明展延的理由。"})
    recipient.extended_until, recipient.extension_reason = until, reason.strip()
    recipient.save(update_fields=["extended_until", "extension_reason"])
    reached = mails.extended(recipient)
    _note("call.extended", call, by=by, agency=recipient.agency.short_name, until=until, reason=reason.strip())
    return reached


@transaction.atomic
def ask_missing(*, call: CallForItems, by: User) -> Reach:
    """Mail those who have not answered; once a day at most, so that a second click does not write twice.

    Raises:
        ValidationError: the call is not sent, its meeting was cancelled, all have answered, or it was done today.
    """
    call = _locked(call)
    _refuse_unsent(call)
    today = timezone.localdate()
    last = Entry.objects.for_target(call).filter(act="call.missing_asked", at__date=today).first()
    if last:
        raise ValidationError(f"{author(last)}寄過催請，明天起可以再寄。")
    missing = list(call.recipients.missing().select_related("agency"))
    if not missing:
        raise ValidationError("所有機關都已回復，不需要催請。")
    reached = mails.missing_asked(call, missing)
    _note("call.missing_asked", call, by=by, agencies=len(missing), mails=len(reached.addresses))
    return reached


@transaction.atomic
def answer_none(*, recipient: CallRecipient, by: User) -> CallRecipient:
    """Say for an agency that it has nothing (無); after the closing day too, since nothing is refused then.

    Raises:
        ValidationError: it said so before, or has sent something.
    """
    recipient = _locked_recipient(recipient)
    if recipient.call.sent_at is None:
        raise ValidationError("函請提案尚未寄發。")
    if recipient.none_at:
        who, at = recipient.none_by.get_full_name() if recipient.none_by else "", timezone.localtime(recipient.none_at)
        raise ValidationError(f"{who}已於 {roc.moment(at)} 回復「無」。")
    if has_sent(CallRecipient.objects.with_answers().get(pk=recipient.pk)):
        raise ValidationError(f"{recipient.agency}已送件，不需要再回復「無」。")
    recipient.none_at, recipient.none_by = timezone.now(), by
    recipient.save(update_fields=["none_at", "none_by"])
    _note("call.none", recipient.call, by=by, agency=recipient.agency.short_name)
    return recipient


@transaction.atomic
def take_back_none(*, recipient: CallRecipient, by: User) -> CallRecipient:
    """Take the answer 「無」 back while the call is open for the agency.

    Raises:
        ValidationError: it did not say so, or its last day has passed.
    """
    recipient = _locked_recipient(recipient)
    if recipient.none_at is None:
        raise ValidationError("目前沒有「無」的回復可以撤回。")
    if timezone.localdate() > recipient.closes_on:
        raise ValidationError("已過截止日，「無」的回復不能撤回；仍可送案例或提案，列為逾期件。")
    recipient.none_at, recipient.none_by = None, None
    recipient.save(update_fields=["none_at", "none_by"])
    _note("call.none_taken_back", recipient.call, by=by, agency=recipient.agency.short_name)
    return recipient


def _ask(call: CallForItems, new: Iterable[Invitee], *, first: int) -> None:
    CallRecipient.objects.bulk_create(
        CallRecipient(call=call, agency=invitee.agency, is_coached=invitee.is_coached, order=order)
        for order, invitee in enumerate(new, start=first)
    )


def _refuse_closed(meeting: Meeting) -> None:
    if meeting.state == MeetingState.CANCELLED:
        raise ValidationError("會議已取消，不能函請提案。")
    if meeting.is_past:
        raise ValidationError("會議時間已過，不能再函請提案。")


def _refuse_unsent(call: CallForItems) -> None:
    if call.sent_at is None:
        raise ValidationError("函請提案尚未寄發。")
    if call.meeting.state == MeetingState.CANCELLED:
        raise ValidationError("會議已取消，不再函請提案。")


def _refuse_reversed(call: CallForItems) -> None:
    if call.closes_on < call.issued_on:
        raise ValidationError({"closes_on": "截止日不得早於函請日期。"})


def _sent(call: CallForItems) -> str:
    """Return who sent it and when, as the beginning of a sentence."""
    last = Entry.objects.for_target(call).filter(act="call.sent").first()
    return f"{author(last)}寄發函請提案"


def _locked_meeting(meeting: Meeting) -> Meeting:
    return Meeting.objects.select_for_update(of=("self",)).select_related("plan", "district").get(pk=meeting.pk)


def _locked(call: CallForItems) -> CallForItems:
    """Return the call as it is now, kept from others with its meeting until the transaction ends."""
    return (
        CallForItems.objects.select_for_update(of=("self", "meeting"))
        .select_related("meeting__plan__office", "meeting__district__plan")
        .get(pk=call.pk)
    )


def _locked_recipient(recipient: CallRecipient) -> CallRecipient:
    return (
        CallRecipient.objects.select_for_update(of=("self",))
        .select_related("agency", "none_by", "call__meeting__plan__office", "call__meeting__district")
        .get(pk=recipient.pk)
    )


def _note(act: str, call: CallForItems, *, by: User, **detail: Any) -> None:
    record(act, call, by=by, office_id=call.meeting.plan.office_id, **detail)
