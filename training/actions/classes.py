"""Classes: how one is planned, changed, announced, closed and cancelled. How it ends and what hours it gives is in
`actions.crediting`, who has a place in `actions.registration`."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from districts.models import Agency
from meetings.actions.shown import Shown, refuse_overwriting
from personnel_portal import roc
from personnel_portal.accounts.models import User
from personnel_portal.trail.actions import record
from personnel_portal.trail.models import Entry
from personnel_portal.uploads.models import StoredFile
from training import mails
from training.actions.registration import cancel_all, fill_places, hold_places
from training.choices import ClassState, HoursState
from training.models import ClassFile, ClassTopic, Course, Session, Topic, TrainingClass

ENDED = (ClassState.FINISHED, ClassState.CANCELLED)
ANNOUNCED = (ClassState.OPEN, ClassState.CLOSED)


class Conflict(ValidationError):  # noqa: N818  # not an error of the program: somebody else was faster
    """The class stands elsewhere meanwhile."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What belongs to a class besides its own fields.

    Attributes:
        sessions: those that are new or changed.
        removed: sessions that fall away.
        topics: hours by topic; all of them together are the hours of the class.
        agencies: whose people may take part; none means all.
    """

    sessions: Sequence[Session] = ()
    removed: Sequence[Session] = ()
    topics: Mapping[Topic, Decimal] = field(default_factory=dict)
    agencies: Iterable[Agency] = ()


# --- Planning --------------------------------------------------------------------------------------------------------


@transaction.atomic
def add_class(*, training_class: TrainingClass, parts: Parts, by: User) -> TrainingClass:
    """Plan a class of a course, as a draft; it is the next in number (期別).

    Raises:
        ValidationError: the year's plan leaves the course out, or sessions or hours do not fit; by field.
    """
    course = (
        Course.objects.select_for_update(of=("self",), no_key=True)
        .select_related("plan")
        .get(pk=training_class.course_id)
    )
    if not course.is_planned:
        raise ValidationError("本課程未列入年度計畫，不能新增班別。")
    last = course.classes.aggregate(last=Max("number"))["last"] or 0
    training_class.course, training_class.number = course, last + 1
    training_class.state, training_class.created_by = ClassState.DRAFT, by
    training_class.save()
    _set(training_class, parts)
    _note("class.planned", training_class, by=by)
    return training_class


@transaction.atomic
def change_class(
    *,
    training_class: TrainingClass,
    changes: Mapping[str, Any],
    parts: Parts,
    shown: Shown | None = None,
    by: User,
) -> TrainingClass:
    """Change a class; more places are offered to those who wait, and who has a place learns of other days or rooms.

    Raises:
        Conflict: the class has ended, or its hours lie with the office or are granted.
        ValidationError: sessions or hours do not fit, or more people have a place than there would be; by field.
        ChangedMeanwhileError: somebody else changed the same since the page was shown.
    """
    fresh = _held(training_class)
    refuse_overwriting(fresh, changes, shown, Entry.objects.for_target(fresh).filter(act="class.changed"))
    if "quota" in changes:
        hold_places(fresh, changes["quota"])
    was = _when_and_where(fresh)
    for name, value in changes.items():
        setattr(fresh, name, value)
    fresh.save()
    _set(fresh, parts)
    if fresh.state in ANNOUNCED:
        _refuse_unready(fresh)
    _note("class.changed", fresh, by=by, changed=sorted(changes))
    if fresh.state in ANNOUNCED:
        fill_places(fresh, by=by)
        if _when_and_where(fresh) != was:
            mails.class_moved(fresh)
    return fresh


def _set(training_class: TrainingClass, parts: Parts) -> None:
    for session in parts.removed:
        if session.attendance.exists():
            raise ValidationError(f"{_moment(session.starts)} 的場次已登錄出席，不能移除。")
        session.delete()
    for session in parts.sessions:
        _refuse_measured(session)
        session.training_class = training_class
        session.save()
    training_class.agencies.set(parts.agencies)
    training_class.topics.all().delete()
    ClassTopic.objects.bulk_create(
        ClassTopic(training_class=training_class, topic=topic, hours=hours) for topic, hours in parts.topics.items()
    )
    _refuse_unfit(training_class)


def _refuse_measured(session: Session) -> None:
    """Refuse other times or minutes for a session whose attendance was entered: absence was measured against them."""
    before = Session.objects.filter(pk=session.pk, attendance__isnull=False).first() if session.pk else None
    if before and any(getattr(before, name) != getattr(session, name) for name in ("starts", "ends", "minutes")):
        raise ValidationError(f"{_moment(before.starts)} 的場次已登錄出席，不能變更時間。")


def _refuse_unfit(training_class: TrainingClass) -> None:
    """Refuse sessions that overlap or lie outside the plan's year, a window that ends too late, and hours that differ."""
    plan = training_class.course.plan
    sessions = list(training_class.sessions.order_by("starts"))
    for one, other in pairwise(sessions):
        if other.starts < one.ends:
            raise ValidationError(f"{_moment(other.starts)} 的場次與前一場次時間重疊。")
    for session in sessions:
        if not (plan.covers(_day(session.starts)) and plan.covers(_day(session.ends))):
            period = f"{roc.short(plan.starts)} 至 {roc.short(plan.ends)}"
            raise ValidationError(f"{_moment(session.starts)} 的場次不在計畫期間（{period}）內。")
    if sessions and training_class.closes_at and training_class.closes_at > sessions[0].starts:
        raise ValidationError({"closes_at": f"報名截止不得晚於開課（{_moment(sessions[0].starts)}）。"})
    topics = [row.hours for row in training_class.topics.all()]
    if topics and sum(topics) != training_class.hours:
        total, hours = (f"{number.normalize():f}" for number in (sum(topics, Decimal(0)), training_class.hours))
        raise ValidationError({"hours": f"各類別時數合計 {total} 小時，與學習時數 {hours} 小時不符。"})


def _when_and_where(training_class: TrainingClass) -> tuple[object, ...]:
    return (training_class.place, *training_class.sessions.order_by("starts").values_list("starts", "ends", "place"))


@transaction.atomic
def remove_draft(*, training_class: TrainingClass, by: User) -> None:
    """Remove a class that was never announced; its name stays in the trail.

    Raises:
        Conflict: it was announced meanwhile.
    """
    fresh = _held(training_class)
    if fresh.state != ClassState.DRAFT:
        raise Conflict("本班已公告，不能刪除；不辦理時請停辦。")
    _note("class.removed", fresh, by=by, name=str(fresh))
    fresh.delete()


# --- Announcing, closing, cancelling ---------------------------------------------------------------------------------


@transaction.atomic
def open_class(*, training_class: TrainingClass, by: User) -> TrainingClass:
    """Announce a class: it takes registrations in its window. One that was closed takes them again.

    Raises:
        Conflict: it is open already, or has ended.
        ValidationError: it has no sessions or no window, or has begun.
    """
    fresh = _held(training_class)
    if fresh.state == ClassState.OPEN:
        raise Conflict("本班已受理報名。")
    _refuse_unready(fresh)
    first = fresh.sessions.order_by("starts")[0]
    if first.starts <= timezone.now():
        raise ValidationError(f"第一場次（{_moment(first.starts)}）已開始，請先修改場次。")
    _move(fresh, ClassState.OPEN, "class.opened", by=by)
    fill_places(fresh, by=by)
    return fresh


def _refuse_unready(training_class: TrainingClass) -> None:
    if not training_class.sessions.exists():
        raise ValidationError("請先排定場次，再受理報名。")
    if training_class.opens_at is None or training_class.closes_at is None:
        raise ValidationError("請先訂定報名起訖時間，再受理報名。")
    if not training_class.statuses:
        raise ValidationError("請先選擇得參加之身分別，再受理報名。")


@transaction.atomic
def close_class(*, training_class: TrainingClass, by: User) -> TrainingClass:
    """Take no more registrations; who waits is still offered what gets free.

    Raises:
        Conflict: it is not open.
    """
    fresh = _held(training_class)
    if fresh.state != ClassState.OPEN:
        raise Conflict(f"本班目前為「{fresh.get_state_display()}」，不必停止報名。")
    return _move(fresh, ClassState.CLOSED, "class.closed", by=by)


@transaction.atomic
def cancel_class(*, training_class: TrainingClass, reason: str, by: User) -> TrainingClass:
    """Cancel an announced class; everybody's registration is cancelled with it, and they learn why by mail.

    Raises:
        ValidationError: no reason, or it has not been announced.
        Conflict: it has ended already.
    """
    if not reason:
        raise ValidationError({"reason": "請填停辦原因。"})
    fresh = _held(training_class)
    if fresh.state == ClassState.DRAFT:
        raise ValidationError("本班尚未公告，請直接刪除草稿。")
    fresh.cancel_reason = reason
    _move(fresh, ClassState.CANCELLED, "class.cancelled", by=by, reason=reason)
    cancel_all(training_class=fresh, reason=f"停辦：{reason}"[:300], by=by)
    return fresh


def _move(training_class: TrainingClass, state: ClassState, act: str, *, by: User, reason: str = "") -> TrainingClass:
    training_class.state = state
    training_class.save(update_fields=["state", "cancel_reason"])
    _note(act, training_class, by=by, **({"reason": reason} if reason else {}))
    return training_class


# --- Files -----------------------------------------------------------------------------------------------------------


@transaction.atomic
def add_files(*, training_class: TrainingClass, stored: Iterable[StoredFile], is_handout: bool, by: User) -> int:
    """Keep files with a class, for its learners where they are hand-outs; return how many."""
    added = [
        ClassFile.objects.create(training_class=training_class, stored=file, is_handout=is_handout) for file in stored
    ]
    for file in added:
        _note("class.file_added", training_class, by=by, file=file.stored.name)
    return len(added)


@transaction.atomic
def remove_file(*, file: ClassFile, by: User) -> None:
    """Take a file off a class; its name and hash stay in the trail."""
    _note("class.file_removed", file.training_class, by=by, file=file.stored.name, sha256=file.stored.sha256)
    file.delete()


# --- Below -----------------------------------------------------------------------------------------------------------


def _held(training_class: TrainingClass) -> TrainingClass:
    """Return the class as it stands, held until the transaction ends.

    Raises:
        Conflict: it has ended, or its hours lie with the office or are granted.
    """
    rows = TrainingClass.objects.select_for_update(of=("self",)).select_related("course__plan__office", "organiser")
    fresh: TrainingClass = rows.get(pk=training_class.pk)
    if fresh.state in ENDED:
        raise Conflict(f"本班{fresh.get_state_display()}，不能再變更。")
    if fresh.hours_state in (HoursState.SUBMITTED, HoursState.GRANTED):
        raise Conflict(f"本班時數{fresh.get_hours_state_display()}，不能再變更。")
    return fresh


def _note(act: str, training_class: TrainingClass, *, by: User, **detail: Any) -> None:
    record(act, training_class, by=by, office_id=training_class.course.plan.office_id, **detail)


def _day(moment: datetime) -> Any:
    return timezone.localdate(moment)


def _moment(moment: datetime) -> str:
    return roc.moment(timezone.localtime(moment))
