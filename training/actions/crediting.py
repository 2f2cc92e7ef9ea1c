"""From the end of a class to its hours: finish it, submit, return, grant, and correct what was granted (陸、四、(五)4; 陸、七)."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max, Min
from django.utils import timezone

from personnel_portal import roc
from personnel_portal.accounts.models import User
from personnel_portal.rules.credit import split
from personnel_portal.trail.actions import record
from personnel_portal.trail.models import Entry
from training import crediting, mails
from training.actions.attendance import CORRECTED, Square, locked, write
from training.actions.questionnaire import prepare_questions
from training.choices import ClassState, HoursState, Origin
from training.crediting import Earned, Mark, Roll, plain, reference
from training.models import ClassTopic, LearningRecord, TrainingClass

REASON_LONGEST = 300


class Conflict(ValidationError):  # noqa: N818  # not an error of the program: somebody else was faster
    """The class stands elsewhere meanwhile; the message says by whom and when."""


@transaction.atomic
def finish_class(*, training_class: TrainingClass, by: User) -> TrainingClass:
    """End a class whose sessions are over and whose attendance is complete; those who attended are asked what they think.

    Raises:
        ValidationError: a session is still to come, an entry is missing, or nobody has a place.
        Conflict: it is not running any more.
    """
    training_class = locked(training_class)
    if training_class.state not in (ClassState.OPEN, ClassState.CLOSED):
        raise Conflict(_stands(training_class, f"本班目前為「{training_class.get_state_display()}」，不能結訓"))
    roll = crediting.of_class(training_class)
    _refuse_unfinished(roll)
    training_class.state = ClassState.FINISHED
    training_class.save(update_fields=["state"])
    prepare_questions(training_class=training_class)
    record("class.finished", training_class, by=by, office_id=_office(training_class), people=len(roll.people))
    mails.questionnaire_asked(training_class, [earned.registration for earned in roll.people if earned.attended])
    return training_class


def _refuse_unfinished(roll: Roll) -> None:
    if roll.terms is None:
        raise ValidationError("本班沒有場次，請先排定場次。")
    last = roll.sessions[-1]
    ends = max(session.ends for session in roll.sessions)
    if timezone.now() < ends:
        raise ValidationError(f"最後一場次於 {roc.moment(timezone.localtime(last.ends))} 結束，結束後才能結訓。")
    if not roll.people:
        raise ValidationError("本班沒有錄取學員，請改為停辦。")
    if roll.missing:
        raise ValidationError(f"還有 {roll.missing} 人次未登錄出席情形，請登錄後再結訓。")


@transaction.atomic
def submit_hours(*, training_class: TrainingClass, by: User) -> TrainingClass:
    """Submit the hours of a class that a unit runs (陸、四、(五)4); the reviewers learn of it.

    Raises:
        ValidationError: the class is not finished, or its topics do not add up.
        Conflict: they lie with the office already, or nobody submits them.
    """
    training_class = locked(training_class)
    if not run_by_unit(training_class):
        raise Conflict("本班由人事處辦理，時數直接核給，不必報送。")
    _refuse_ungrantable(training_class)
    if training_class.hours_state not in (HoursState.OPEN, HoursState.RETURNED):
        raise Conflict(_stands(training_class, f"時數目前為「{training_class.get_hours_state_display()}」"))
    training_class.hours_state = HoursState.SUBMITTED
    training_class.save(update_fields=["hours_state"])
    record("hours.submitted", training_class, by=by, office_id=_office(training_class))
    mails.hours_submitted(training_class, by=by)
    return training_class


@transaction.atomic
def return_hours(*, training_class: TrainingClass, reason: str, by: User) -> TrainingClass:
    """Send the hours back to the unit for correction, with a reason that it reads.

    Raises:
        ValidationError: no reason, or one too long.
        Conflict: they do not wait for the office.
    """
    reason = _reason(reason, "請說明退請補正的理由。")
    training_class = locked(training_class)
    if training_class.hours_state != HoursState.SUBMITTED:
        raise Conflict(_stands(training_class, f"時數目前為「{training_class.get_hours_state_display()}」"))
    training_class.hours_state, training_class.hours_reason = HoursState.RETURNED, reason
    training_class.save(update_fields=["hours_state", "hours_reason"])
    record("hours.returned", training_class, by=by, office_id=_office(training_class), reason=reason)
    mails.hours_returned(training_class)
    return training_class


@transaction.atomic
def grant_hours(*, training_class: TrainingClass, by: User) -> TrainingClass:
    """Grant the hours: each person's become learning records by topic. Granting again changes nothing.

    Raises:
        ValidationError: the class is not finished, its topics do not add up, or the unit has not submitted the hours.
    """
    training_class = locked(training_class)
    if training_class.hours_state == HoursState.GRANTED:
        return training_class
    _refuse_ungrantable(training_class)
    if run_by_unit(training_class) and training_class.hours_state != HoursState.SUBMITTED:
        raise ValidationError("本班由業務單位辦理，須俟主辦單位報送後才能核給（陸、四、(五)4）。")
    roll = crediting.of_class(training_class)
    _write_records(training_class, roll.people)
    training_class.hours_state, training_class.hours_reason = HoursState.GRANTED, ""
    training_class.hours_granted_by, training_class.hours_granted_at = by, timezone.now()
    training_class.save(update_fields=["hours_state", "hours_reason", "hours_granted_by", "hours_granted_at"])
    told = {_who(earned): earned.arithmetic for earned in roll.people}
    record("hours.granted", training_class, by=by, office_id=_office(training_class), hours=told)
    mails.hours_granted(training_class, crediting.of_class(training_class).people)
    return training_class


@transaction.atomic
def correct_attendance(
    *,
    training_class: TrainingClass,
    marks: Mapping[Square, Mark | None],
    shown: Mapping[Square, str] | None = None,
    reason: str,
    by: User,
) -> dict[str, tuple[str, str]]:
    """Correct attendance after the hours were granted; the records follow, and the trail keeps what was before.

    Return the hours that changed, by person, before and after.

    Raises:
        ValidationError: no reason, nothing changed, or a mark does not fit; one sentence each.
        Conflict: nothing was granted yet.
        ChangedMeanwhileError: somebody else corrected the same.
    """
    reason = _reason(reason, "請說明更正的理由。")
    training_class = locked(training_class)
    if training_class.hours_state != HoursState.GRANTED:
        raise Conflict(_stands(training_class, "時數尚未核給，請直接登錄出席情形"))
    if None in marks.values():
        raise ValidationError("更正時不能取消登錄，請選擇實際的出席情形。")
    before = {earned.registration.pk: earned for earned in crediting.of_class(training_class).people}
    changed = write(training_class, marks, shown=shown, by=by)
    if not changed:
        raise ValidationError("出席情形沒有變更。")
    after = crediting.of_class(training_class).people
    touched = {registration for registration, _ in marks}
    _write_records(training_class, [one for one in after if one.registration.pk in touched])
    hours = {
        _who(one): (plain(before[one.registration.pk].hours), plain(one.credit.hours))
        for one in after
        if one.registration.pk in touched and before[one.registration.pk].hours != one.credit.hours
    }
    record(
        CORRECTED,
        training_class,
        by=by,
        office_id=_office(training_class),
        reason=reason,
        marked={where: list(words) for where, words in changed.items()},
        hours={who: list(amounts) for who, amounts in hours.items()},
    )
    return hours


def run_by_unit(training_class: TrainingClass) -> bool:
    """Tell whether a unit runs the class, so that it submits the hours and the office grants them."""
    college = training_class.course.college
    return college is not None and college.run_by_units


def _refuse_ungrantable(training_class: TrainingClass) -> None:
    if training_class.state != ClassState.FINISHED:
        raise ValidationError("本班尚未結訓，請先完成出席登錄並結訓。")
    topics = sum((topic.hours for topic in training_class.topics.all()), Decimal(0))
    if topics and topics != training_class.hours:
        raise ValidationError(
            f"課程類別時數合計 {plain(topics)} 小時，與本班 {plain(training_class.hours)} 小時不符，請先更正班別。"
        )


def _write_records(training_class: TrainingClass, earners: Sequence[Earned]) -> None:
    """Make the records of these people what they have earned: by topic, and none for nothing."""
    topics = list(ClassTopic.objects.filter(training_class=training_class).order_by("topic__order", "topic"))
    people = [earned.registration.person_id for earned in earners]
    rows = LearningRecord.objects.filter(
        origin=Origin.CLASS, reference=reference(training_class), person__in=people
    ).select_for_update()
    known = {(row.person_id, row.topic_id): row for row in rows}
    days = _days(training_class)
    made: list[LearningRecord] = []
    changed: list[LearningRecord] = []
    for earned in earners:
        for topic, share in _shares(topics, earned.credit.hours):
            row = known.pop((earned.registration.person_id, topic), None)
            if row is None:
                made.append(_record(training_class, days, earned, topic, share))
            elif row.hours != share:
                row.hours = share
                changed.append(row)
    LearningRecord.objects.bulk_create(made)
    LearningRecord.objects.bulk_update(changed, ["hours"])
    LearningRecord.objects.filter(pk__in=[row.pk for row in known.values()]).delete()


def _shares(topics: list[ClassTopic], hours: Decimal) -> list[tuple[int | None, Decimal]]:
    """Return the topics' shares of the hours; those of nothing are left out."""
    if not topics:
        return [(None, hours)] if hours else []
    shares = split(hours, [topic.hours for topic in topics])
    return [(topic.topic_id, share) for topic, share in zip(topics, shares, strict=True) if share]


def _record(
    training_class: TrainingClass, days: tuple[date, date], earned: Earned, topic: int | None, hours: Decimal
) -> LearningRecord:
    starts, ends = days
    return LearningRecord(
        person_id=earned.registration.person_id,
        agency_id=earned.registration.agency_id,
        year=roc.year(ends),
        topic_id=topic,
        course=str(training_class)[:200],
        starts=starts,
        ends=ends,
        hours=hours,
        mode=training_class.mode,
        origin=Origin.CLASS,
        reference=reference(training_class),
    )


def _days(training_class: TrainingClass) -> tuple[date, date]:
    """Return the first and the last day of a class; the hours count for the year of the last."""
    ends = training_class.sessions.aggregate(first=Min("starts"), last=Max("ends"))
    return timezone.localdate(ends["first"]), timezone.localdate(ends["last"])


def _reason(text: str, missing: str) -> str:
    """Return the reason that somebody gave.

    Raises:
        ValidationError: none, or one too long.
    """
    reason = text.strip()
    if not reason:
        raise ValidationError({"reason": missing})
    if len(reason) > REASON_LONGEST:
        raise ValidationError({"reason": f"理由最多 {REASON_LONGEST} 字。"})
    return reason


def _who(earned: Earned) -> str:
    return f"{earned.registration.person.name}（{earned.registration.agency.short_name}）"


def _stands(training_class: TrainingClass, where: str) -> str:
    """Say where the class stands, and who brought it there."""
    last = Entry.objects.for_target(training_class).first()
    return f"{where}（{last.who} {roc.moment(timezone.localtime(last.at))}）。" if last else f"{where}。"


def _office(training_class: TrainingClass) -> int:
    return training_class.course.plan.office_id
