"""Who was there, and for how long: entered on one screen, read from a sheet, or checked in by the code of a session."""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from districts.actions.sheets import StagedRow, claim_sheet
from districts.models import StagedSheet
from meetings.actions.shown import ChangedMeanwhileError, author
from personnel_portal import roc
from personnel_portal.accounts.models import User
from personnel_portal.trail.actions import record
from personnel_portal.trail.models import Entry
from training.choices import ClassState, HoursState, Place, Presence
from training.crediting import Mark
from training.models import Attendance, Registration, Session, TrainingClass
from training.models.classes import check_in_code

ATTEMPTS = 5  # wrong codes that one person may enter for one session
OPENS_BEFORE = timedelta(minutes=30)
ENTERED, REFUSED, CORRECTED = "attendance.entered", "attendance.code_refused", "attendance.corrected"

Square = tuple[int, int]  # the keys of a registration and a session


def locked(training_class: TrainingClass) -> TrainingClass:
    """Return the class as it stands, held until the transaction ends."""
    rows = TrainingClass.objects.select_for_update(of=("self",)).select_related("course__plan__office", "organiser")
    found: TrainingClass = rows.get(pk=training_class.pk)
    return found


def refuse_closed(training_class: TrainingClass) -> None:
    """Refuse where attendance is not entered any more, or not yet.

    Raises:
        ValidationError: one sentence.
    """
    if training_class.state == ClassState.CANCELLED:
        raise ValidationError("本班已停辦，不登錄出席。")
    if training_class.state == ClassState.DRAFT:
        raise ValidationError("本班尚未開放報名，請先開班。")
    if training_class.hours_state == HoursState.SUBMITTED:
        raise ValidationError("時數已報送人事處，須由人事處退請補正後才能變更出席情形。")
    if training_class.hours_state == HoursState.GRANTED:
        raise ValidationError("時數已核給，請由人事處填具理由更正出席情形。")


@transaction.atomic
def enter_attendance(
    *,
    training_class: TrainingClass,
    marks: Mapping[Square, Mark | None],
    shown: Mapping[Square, str] | None = None,
    by: User,
) -> int:
    """Write the attendance of the squares, all or none; return how many changed. None takes an entry back.

    Args:
        shown: the stamps that the page showed, '' for none, so that nobody else's entry since then is written over.

    Raises:
        ValidationError: the class takes none, or a mark does not fit its session; one sentence each.
        ChangedMeanwhileError: somebody else entered another mark since the page was shown.
    """
    training_class = locked(training_class)
    refuse_closed(training_class)
    if training_class.state == ClassState.FINISHED and None in marks.values():
        raise ValidationError("已結訓的班別不能取消登錄，請選擇實際的出席情形。")
    changed = write(training_class, marks, shown=shown, by=by)
    if changed:
        told = {where: after for where, (_, after) in changed.items()}
        record(ENTERED, training_class, by=by, office_id=training_class.course.plan.office_id, marked=told)
    return len(changed)


def write(
    training_class: TrainingClass,
    marks: Mapping[Square, Mark | None],
    *,
    shown: Mapping[Square, str] | None = None,
    by: User,
) -> dict[str, tuple[str, str]]:
    """Write the marks that differ; return each in words before and after. The class is locked by the caller.

    Raises:
        ValidationError: as in `enter_attendance`.
    """
    sessions = {row.pk: row for row in training_class.sessions.all()}
    people = {
        row.pk: row
        for row in training_class.registrations.filter(place=Place.REGISTERED).select_related("person", "agency")
    }
    known = {(row.registration_id, row.session_id): row for row in _rows(training_class)}
    changed: dict[str, tuple[str, str]] = {}
    written: list[Attendance] = []
    removed: list[int] = []
    problems: list[str] = []
    overwritten: dict[Square, str] = {}
    now = timezone.now()
    for square, mark in marks.items():
        person, session = people.get(square[0]), sessions.get(square[1])
        if person is None or session is None:
            raise ValidationError("名單或場次已變更，請重新開啟頁面。")
        before = Mark.of(known[square]) if square in known else None
        if before == mark:
            continue
        where = label(person, session)
        if shown is not None and shown.get(square, "") != (before.stamp if before else ""):
            overwritten[square] = where
        elif mark is None:
            removed.append(known[square].pk)
        elif problem := misfit(mark, session, now):
            problems.append(f"{where}：{problem}")
            continue
        else:
            checked = known[square].checked_in_at if square in known else None
            written.append(_row(person, session, mark, by, now, checked))
        changed[where] = (str(before or "未登錄"), str(mark or "未登錄"))
    if problems:
        raise ValidationError(problems)
    if overwritten:
        raise _entered_meanwhile(training_class, overwritten, known)
    Attendance.objects.filter(pk__in=removed).delete()
    save(written)
    return changed


def save(rows: Iterable[Attendance]) -> None:
    """Write rows of attendance, whether they are there or not."""
    Attendance.objects.bulk_create(
        rows,
        batch_size=500,
        update_conflicts=True,
        unique_fields=["session", "registration"],
        update_fields=["presence", "missed", "leave", "checked_in_at", "entered_by", "entered_at"],
    )


def label(registration: Registration, session: Session) -> str:
    """Return whose square it is, in words."""
    starts = timezone.localtime(session.starts)
    return f"{registration.person.name}（{registration.agency.short_name}）{starts:%m/%d %H:%M}"


def _rows(training_class: TrainingClass) -> Iterable[Attendance]:
    return Attendance.objects.filter(session__training_class=training_class)


def _row(
    registration: Registration, session: Session, mark: Mark, by: User, now: datetime, checked: datetime | None
) -> Attendance:
    return Attendance(
        session=session,
        registration=registration,
        presence=mark.presence,
        missed=mark.missed,
        leave=mark.leave,
        checked_in_at=checked,
        entered_by=by,
        entered_at=now,
    )


def misfit(mark: Mark, session: Session, now: datetime) -> str:
    """Return why a mark cannot be that of a session."""
    if mark.missed > session.minutes:
        return f"缺課 {mark.missed} 分鐘，大於本場次的 {session.minutes} 分鐘。"
    if mark.presence == Presence.PRESENT and mark.missed:
        return "全程出席者沒有缺課分鐘；遲到、早退或請假請改選。"
    if mark.presence != Presence.PRESENT and not mark.missed:
        return "請填缺課分鐘。"
    if (mark.presence == Presence.LEAVE) != bool(mark.leave):
        return "請假請選假別。"
    if now < session.starts and mark.presence != Presence.LEAVE:
        return "場次尚未開始，只能先登錄請假。"
    return ""


def _entered_meanwhile(
    training_class: TrainingClass, squares: Mapping[Square, str], known: Mapping[Square, Attendance]
) -> ChangedMeanwhileError:
    """Say for each square who entered what, from the newest entries of the trail."""
    entries = list(Entry.objects.for_target(training_class).filter(act__in=(ENTERED, CORRECTED))[:50])
    sentences = []
    for square, where in squares.items():
        now = str(Mark.of(known[square])) if square in known else "未登錄"
        last = next((entry for entry in entries if where in entry.detail.get("marked", ())), None)
        sentences.append(f"{author(last)}登錄「{where}」為「{now}」；請確認後再儲存。")
    stamps = {square: Mark.of(known[square]).stamp if square in known else "" for square in squares}
    return ChangedMeanwhileError(sentences, stamps)


# --- Sheets ----------------------------------------------------------------------------------------------------------


@transaction.atomic
def import_attendance(
    *, sheet: StagedSheet, values: Sequence[tuple[Square, Mark]], refused: Sequence[StagedRow], by: User
) -> StagedSheet:
    """Enter the good lines of a sheet for its class, and keep the others to be handed back.

    Raises:
        ValidationError: the sheet was imported already, or the class takes none any more.
    """
    claim_sheet(sheet=sheet, refused=refused, count=len(values))
    training_class = TrainingClass.objects.get(pk=sheet.options["class"])
    enter_attendance(training_class=training_class, marks=dict(values), by=by)
    return sheet


# --- Check-in --------------------------------------------------------------------------------------------------------


def window(session: Session) -> tuple[datetime, datetime]:
    """Return from when until when people check in: from half an hour before the session until it ends."""
    return session.starts - OPENS_BEFORE, session.ends


@transaction.atomic
def renew_code(*, session: Session, by: User) -> Session:
    """Give a session another code; the old one no longer works.

    Raises:
        ValidationError: the class takes no attendance any more.
    """
    training_class = locked(session.training_class)
    refuse_closed(training_class)
    session.code = check_in_code()
    session.save(update_fields=["code"])
    record("attendance.code_renewed", training_class, by=by, office_id=training_class.course.plan.office_id)
    return session


def check_in(*, session: Session, registration: Registration, code: str, by: User, now: datetime) -> Attendance:
    """Enter somebody as present or late, by the code shown in the room and the minutes since the session began.

    A wrong code is kept in the trail, which also counts them: after `ATTEMPTS` wrong ones the person cannot try this
    session's codes any more and is entered by the organiser. What the organiser entered is not written over.

    Raises:
        ValidationError: outside the window, no place, entered already, or the code is wrong or was wrong too often.
    """
    with transaction.atomic():
        training_class = locked(session.training_class)  # two attempts at once count as two
        refuse_closed(training_class)
        session = Session.objects.get(pk=session.pk)
        row, refusal = None, _refusal(session, registration, code, by, now)
        if refusal is None:
            row = _check_in(session, registration, by, now)
            told = {label(registration, session): str(Mark.of(row))}
            office = training_class.course.plan.office_id
            record("attendance.checked_in_to_session", training_class, by=by, office_id=office, marked=told)
    # Raised after the transaction, or the count of wrong codes would be rolled back with it.
    if row is None:
        raise ValidationError(refusal or "")
    return row


def _refusal(session: Session, registration: Registration, code: str, by: User, now: datetime) -> str | None:
    """Return why the code is not taken; a wrong one is written down."""
    opens, closes = window(session)
    if registration.place != Place.REGISTERED or registration.training_class_id != session.training_class_id:
        return "您不是本班錄取的學員，請洽主辦單位。"
    if not opens <= now <= closes:
        return f"簽到時間為 {_clock(opens)} 至 {_clock(closes)}，其他時間請向主辦單位簽到。"
    known = Attendance.objects.filter(session=session, registration=registration).first()
    if known:
        return f"已登錄為「{Mark.of(known)}」，不需再簽到；如有出入請洽主辦單位。"
    tries = Entry.objects.for_target(session).filter(act=REFUSED, actor_id=by.pk).count()
    if tries >= ATTEMPTS:
        return "簽到碼錯誤次數過多，請向主辦單位簽到。"
    if not secrets.compare_digest(session.code.encode(), code.strip().encode()):
        record(REFUSED, session, by=by, office_id=registration.agency.office_id)
        return f"簽到碼不正確，請核對教室所示的六位數字（還可嘗試 {ATTEMPTS - tries - 1} 次）。"
    return None


def _check_in(session: Session, registration: Registration, by: User, now: datetime) -> Attendance:
    late = min(max(int((now - session.starts).total_seconds() // 60), 0), session.minutes)
    mark = Mark(Presence.LATE, late) if late else Mark(Presence.PRESENT)
    row = _row(registration, session, mark, by, now, now)
    row.save(force_insert=True)
    return row


def _clock(moment: datetime) -> str:
    return f"{roc.short(timezone.localtime(moment).date())} {timezone.localtime(moment):%H:%M}"
