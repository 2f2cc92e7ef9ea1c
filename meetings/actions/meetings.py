"""A meeting from its plan to its end: one function a step, each with its trace and its mails."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max

from districts.models import District
from meetings import mails
from meetings.actions.shown import Shown, refuse_overwriting
from meetings.choices import LOCKED, MeetingKind, MeetingState, MinutesState
from meetings.facts import Invitee, invitees, uninvited
from meetings.models import Invitation, Meeting, Minutes
from personnel_portal.accounts.models import User
from personnel_portal.outbox.actions import cancel as call_back
from personnel_portal.trail.actions import record
from personnel_portal.trail.models import Entry

# What `change_meeting` may change.
CHANGEABLE = frozenset(
    {
        "starts_at",
        "ends_at",
        "place",
        "chair",
        "recorder",
        "contact",
        "observers",
        "opening",
        "call_number",
        "call_date",
    }
)
# A change of one of these is told to everybody who was called.
TOLD = ("starts_at", "place")


@dataclass(frozen=True, slots=True)
class Called:
    """What a call came to: the mails that go out, and the agencies that nobody can be written to."""

    mails: int
    unreachable: tuple[str, ...]


@transaction.atomic
def plan_meeting(
    *, district: District, kind: MeetingKind, starts_at: datetime, place: str, by: User | None, **details: str
) -> Meeting:
    """Set up a meeting of a district with its number, its minutes (not filed yet) and the plan's convener as chair.

    Raises:
        ValidationError: the district has a meeting of that kind at that time.
    """
    # Two hosts' officers may plan at once: the lock makes their numbers differ, and what was sent twice is seen.
    District.objects.select_for_update().get(pk=district.pk)
    if twin := Meeting.objects.standing().of_kind(kind).filter(district=district, starts_at=starts_at).first():
        raise ValidationError(f"同一時間已排定「{twin}」，請勿重複建立。")
    details["chair"] = details.get("chair") or district.plan.convener
    meeting = Meeting.objects.create(
        plan=district.plan,
        district=district,
        kind=kind,
        number=Meeting.objects.next_number(district, kind),
        starts_at=starts_at,
        place=place,
        created_by=by,
        **details,
    )
    Minutes.objects.create(meeting=meeting)
    record("meeting.planned", meeting, by=by, office_id=meeting.plan.office_id, starts_at=starts_at, place=place)
    return meeting


@transaction.atomic
def change_meeting(*, meeting: Meeting, by: User, shown: Shown | None = None, **changes: Any) -> Meeting:
    """Change time, place or people; who was already called is told of a new time or place.

    Args:
        shown: what the page showed, so that nobody else's change since then is written over.
        **changes: the new values by field.

    Raises:
        ValidationError: it was cancelled or is locked, it took place and would move into the future, or it would end
            before its beginning.
        ChangedMeanwhileError: somebody else changed the same since the page was shown.
        TypeError: a change is none of `CHANGEABLE`.
    """
    if others := changes.keys() - CHANGEABLE:
        raise TypeError(f"change_meeting does not change {', '.join(sorted(others))}")
    refuse_locked(meeting)
    meeting = _locked(meeting)
    if meeting.state == MeetingState.CANCELLED:
        raise ValidationError("會議已取消，不能變更。")
    refuse_overwriting(meeting, changes, shown, Entry.objects.for_target(meeting).filter(act="meeting.changed"))
    before = {name: getattr(meeting, name) for name, value in changes.items() if getattr(meeting, name) != value}
    for name, value in changes.items():
        setattr(meeting, name, value)
    if meeting.state == MeetingState.HELD and not meeting.is_past:
        raise ValidationError({"starts_at": "會議已召開，時間不能改到未來。"})
    if meeting.ends_at and meeting.ends_at < meeting.starts_at:
        raise ValidationError({"starts_at": "散會時間不得早於開會時間。"})
    told = {name: before[name] for name in TOLD if name in before}
    if told:
        meeting.sequence += 1
    meeting.save()
    changed = {name: changes[name] for name in before}
    record("meeting.changed", meeting, by=by, office_id=meeting.plan.office_id, changed=changed)
    # A time corrected after the meeting is nobody's appointment any more.
    if told and meeting.state == MeetingState.CALLED and not meeting.is_past:
        call_back(key_prefix=mails.key_prefix(meeting), by=by)
        mails.moved(meeting, told)
    return meeting


@transaction.atomic
def call_meeting(*, meeting: Meeting, number: str, call_date: date, by: User) -> Called:
    """Call the meeting (開會通知): keep who is invited as it is now, and mail each of them with an .ics.

    Raises:
        ValidationError: it was called before, took place, or was cancelled; or its time has passed.
    """
    meeting = _locked(meeting)
    if meeting.state != MeetingState.PLANNED:
        raise ValidationError(f"會議目前為「{meeting.get_state_display()}」，不能再發開會通知。")
    if meeting.is_past:
        raise ValidationError("會議時間已過，不能再發開會通知；請直接登錄召開。")
    meeting.state, meeting.call_number, meeting.call_date = MeetingState.CALLED, number, call_date
    meeting.save()
    take_invitations(meeting=meeting)
    sent, unreachable = mails.called(meeting)
    record("meeting.called", meeting, by=by, office_id=meeting.plan.office_id, number=number, mails=sent)
    return Called(sent, unreachable)


def take_invitations(*, meeting: Meeting) -> None:
    """Keep the invited agencies as the plan names them on the meeting's day, unless a call has kept them before."""
    if meeting.invitations.exists():
        return
    _invite(meeting, invitees(meeting.district, MeetingKind(meeting.kind), meeting.day), first=1)


@transaction.atomic
def invite_more(*, meeting: Meeting, by: User) -> Called:
    """Invite the agencies that the plan names since the call went out, and mail the call to them alone.

    Raises:
        ValidationError: the meeting is not called, its time has passed, or all are invited.
    """
    meeting = _locked(meeting)
    missing = uninvited(meeting)
    if not missing:
        raise ValidationError("沒有需要補寄開會通知的機關。")
    last = meeting.invitations.aggregate(last=Max("order"))["last"] or 0
    _invite(meeting, missing, first=last + 1)
    agencies = [invitee.agency for invitee in missing]
    sent, unreachable = mails.called(meeting, agencies)
    names = [agency.short_name for agency in agencies]
    record("meeting.invited_more", meeting, by=by, office_id=meeting.plan.office_id, agencies=names, mails=sent)
    return Called(sent, unreachable)


def _invite(meeting: Meeting, new: Iterable[Invitee], *, first: int) -> None:
    Invitation.objects.bulk_create(
        Invitation(meeting=meeting, agency=invitee.agency, is_coached=invitee.is_coached, order=order)
        for order, invitee in enumerate(new, start=first)
    )


@transaction.atomic
def cancel_meeting(*, meeting: Meeting, reason: str, by: User) -> Meeting:
    """Cancel a meeting with a reason; mails still waiting are called back, and who was called is told.

    Raises:
        ValidationError: it took place, or was cancelled before.
    """
    meeting = _locked(meeting)
    if meeting.state in (MeetingState.HELD, MeetingState.CANCELLED):
        raise ValidationError(f"會議{meeting.get_state_display()}，不能取消。")
    was_called = meeting.state == MeetingState.CALLED
    meeting.state, meeting.cancel_reason = MeetingState.CANCELLED, reason
    meeting.sequence += 1
    meeting.save()
    record("meeting.cancelled", meeting, by=by, office_id=meeting.plan.office_id, reason=reason)
    call_back(key_prefix=mails.key_prefix(meeting), by=by)
    if was_called:
        mails.cancelled(meeting)
    return meeting


@transaction.atomic
def hold_meeting(*, meeting: Meeting, by: User, ends_at: datetime | None = None) -> Meeting:
    """Record that the meeting took place; who was invited is kept even where no call went out by the portal.

    Raises:
        ValidationError: it was cancelled or is locked, its time has not come, or it would end before its beginning.
    """
    refuse_locked(meeting)
    meeting = _locked(meeting)
    if meeting.state == MeetingState.CANCELLED:
        raise ValidationError("會議已取消。")
    if not meeting.is_past:
        raise ValidationError("會議時間未到，不能登錄召開。")
    if meeting.state == MeetingState.HELD and ends_at is None:
        return meeting
    if ends_at and ends_at < meeting.starts_at:
        raise ValidationError({"ends_at": "散會時間不得早於開會時間。"})
    meeting.state = MeetingState.HELD
    meeting.ends_at = ends_at or meeting.ends_at
    meeting.save()
    take_invitations(meeting=meeting)
    record("meeting.held", meeting, by=by, office_id=meeting.plan.office_id)
    return meeting


def refuse_locked(meeting: Meeting) -> None:
    """Refuse a change of a meeting whose minutes are accepted, and keep others from accepting them meanwhile.

    Every act takes this lock before that of the meeting, as those on the minutes do.

    Raises:
        ValidationError: the minutes are accepted.
    """
    if Minutes.objects.select_for_update(of=("self",)).get(meeting=meeting.pk).state == MinutesState.ACCEPTED:
        raise ValidationError(LOCKED)


def _locked(meeting: Meeting) -> Meeting:
    """Return the meeting as it is now, kept from others until the transaction ends."""
    return (
        Meeting.objects.select_for_update(of=("self",)).select_related("plan", "district", "minutes").get(pk=meeting.pk)
    )
