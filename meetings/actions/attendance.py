"""Who came: entered by the host for all agencies at once, read from a sheet, or checked in by a code on the day."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from meetings.actions.meetings import refuse_locked
from meetings.actions.shown import ChangedMeanwhileError, author
from meetings.choices import AttendanceState, MeetingState
from meetings.models import Invitation, Meeting
from personnel_portal.accounts.models import User
from personnel_portal.trail.actions import record
from personnel_portal.trail.models import Entry

ATTEMPTS = 5  # wrong codes that one person may enter for one meeting
REFUSED = "attendance.refused"


@dataclass(frozen=True, slots=True)
class Mark:
    """How one agency attended, and by whom."""

    attendance: AttendanceState
    attendee: str = ""


@transaction.atomic
def mark_attendance(
    *, meeting: Meeting, marks: Mapping[int, Mark], by: User, shown: Mapping[int, tuple[str, str]] | None = None
) -> int:
    """Write the attendance of the invitations named by their keys, all or none; return how many changed.

    Args:
        shown: state and name that the page showed for these, so that nobody else's entry since then is written over.

    Raises:
        ValidationError: a deputy is not named, or the meeting is locked.
        ChangedMeanwhileError: somebody else entered another state or name since the page was shown.
    """
    refuse_locked(meeting)
    changed, overwritten = [], []
    for invitation in meeting.invitations.select_for_update(of=("self",)).filter(pk__in=marks).select_related("agency"):
        mark = marks[invitation.pk]
        if mark.attendance == AttendanceState.BY_DEPUTY and not mark.attendee:
            raise ValidationError(f"{invitation.agency.short_name}為代理出席，請填代理人姓名。")
        now = (invitation.attendance, invitation.attendee)
        if now != (mark.attendance, mark.attendee):
            if shown and shown.get(invitation.pk, now) != now:
                overwritten.append(invitation)
                continue
            invitation.attendance, invitation.attendee = mark.attendance, mark.attendee
            changed.append(invitation)
    if overwritten:
        raise _entered_meanwhile(meeting, overwritten)
    Invitation.objects.bulk_update(changed, ["attendance", "attendee"])
    if changed:
        # A bulk write sends no signals, so it leaves its own entry.
        marked = {str(i.agency): i.get_attendance_display() for i in changed}
        record("attendance.marked", meeting, by=by, office_id=meeting.plan.office_id, marked=marked)
    return len(changed)


def _entered_meanwhile(meeting: Meeting, rows: Sequence[Invitation]) -> ChangedMeanwhileError:
    entries = list(Entry.objects.for_target(meeting).filter(act__in=("attendance.marked", "attendance.checked_in")))
    sentences = []
    for row in rows:
        agency = str(row.agency)
        named = (e for e in entries if agency in e.detail.get("marked", ()) or agency == e.detail.get("agency"))
        entered = f"{row.get_attendance_display()}{f'（{row.attendee}）' if row.attendee else ''}"
        sentences.append(f"{author(next(named, None))}登錄「{agency}」為「{entered}」；請確認後再儲存。")
    return ChangedMeanwhileError(sentences, {row.pk: (row.attendance, row.attendee) for row in rows})


@transaction.atomic
def open_check_in(*, meeting: Meeting, by: User) -> str:
    """Make the short code by which the invited check in on the day; an older code no longer works.

    Raises:
        ValidationError: the meeting was cancelled or is locked.
    """
    refuse_locked(meeting)
    if meeting.state == MeetingState.CANCELLED:
        raise ValidationError("會議已取消。")
    meeting.check_in_code = f"{secrets.randbelow(10**6):06}"
    meeting.save(update_fields=["check_in_code"])
    record("attendance.opened", meeting, by=by, office_id=meeting.plan.office_id)
    return meeting.check_in_code


def check_in(*, invitation: Invitation, code: str, by: User, today: date) -> Invitation:
    """Mark the invited agency as present, by the code shown in the room; a deputy of its officer as such.

    A wrong code is kept in the trail, which also counts them: after `ATTEMPTS` wrong ones the person cannot try this
    meeting's codes any more and signs by hand.

    Raises:
        ValidationError: no code is open, it is not the day, the meeting is locked, or the code is wrong or was wrong
            too often.
    """
    with transaction.atomic():
        refuse_locked(invitation.meeting)
        # The lock makes two attempts at once count as two.
        invitation = (
            Invitation.objects.select_for_update(of=("self",))
            .select_related("agency", "meeting__plan", "meeting__district")
            .get(pk=invitation.pk)
        )
        refusal = _refusal(invitation.meeting, code, by, today)
        if not refusal:
            _mark_present(invitation, by)
    # Raised after the transaction, or the count of wrong codes would be rolled back with it.
    if refusal:
        raise ValidationError(refusal)
    return invitation


def _refusal(meeting: Meeting, code: str, by: User, today: date) -> str:
    """Return why the code is not taken; a wrong one is written down."""
    if meeting.state == MeetingState.CANCELLED:
        return "會議已取消。"
    if not meeting.check_in_code:
        return "本次會議未開放自行報到，請向承辦單位簽到。"
    if meeting.day != today:
        return "僅能於開會當日報到。"
    if Entry.objects.for_target(meeting).filter(act=REFUSED, actor_id=by.pk).count() >= ATTEMPTS:
        return "報到碼錯誤次數過多，請向承辦單位簽到。"
    if not secrets.compare_digest(meeting.check_in_code.encode(), code.strip().encode()):
        record(REFUSED, meeting, by=by, office_id=meeting.plan.office_id)
        return "報到碼不正確，請核對會場所示的六位數字。"
    return ""


def _mark_present(invitation: Invitation, by: User) -> None:
    invitation.attendance = AttendanceState.BY_DEPUTY if by.acting_for else AttendanceState.PRESENT
    invitation.attendee = by.get_full_name()[:50]
    invitation.checked_in_at = timezone.now()
    invitation.save(update_fields=["attendance", "attendee", "checked_in_at"])
    meeting = invitation.meeting
    record("attendance.checked_in", meeting, by=by, office_id=meeting.plan.office_id, agency=str(invitation.agency))
