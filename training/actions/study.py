"""Applications for study leave (進修): drafts, filing, the agency's decision, withdrawal, the end, leave by day (柒)."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from districts.models import Agency, Person
from meetings.actions.shown import Shown, refuse_overwriting
from personnel_portal import roc
from personnel_portal.accounts.models import User
from personnel_portal.trail.actions import record
from personnel_portal.trail.models import Entry
from personnel_portal.uploads.models import StoredFile
from training import mails
from training.choices import StudyState, StudyTime
from training.models import Study, StudyFile, StudyLeave
from training.studying import APPLY, due_of, leave_refusal, load, room, takes_leave
from training.studying import hours as in_words

OPEN = (StudyState.DRAFT, StudyState.SUBMITTED)
CAME_TO_NOTHING = (StudyState.LATE, StudyState.REFUSED, StudyState.WITHDRAWN)


# --- Drafts ----------------------------------------------------------------------------------------------------------


@transaction.atomic
def add_study(*, study: Study, files: Iterable[StoredFile] = (), by: User) -> Study:
    """Keep an application as a draft.

    Raises:
        ValidationError: the person has applied for the same already.
    """
    _refuse_twice(study)
    study.state, study.entered_by = StudyState.DRAFT, by
    study.save()
    _attach(study, files)
    _note("study.drafted", study, by=by)
    return study


@transaction.atomic
def change_study(
    *,
    study: Study,
    changes: Mapping[str, Any],
    files: Iterable[StoredFile] = (),
    shown: Shown | None = None,
    by: User,
) -> Study:
    """Change a draft.

    Raises:
        ChangedMeanwhileError: somebody else changed the same since the page was shown.
        ValidationError: it is no draft any more, or the person has applied for the same already.
    """
    fresh = _locked(study, StudyState.DRAFT)
    refuse_overwriting(fresh, changes, shown, Entry.objects.for_target(fresh).filter(act="study.changed"))
    for name, value in changes.items():
        setattr(fresh, name, value)
    _refuse_twice(fresh)
    fresh.save()
    _attach(fresh, files)
    _note("study.changed", fresh, by=by, changed=sorted(changes))
    return fresh


@transaction.atomic
def remove_file(*, file: StudyFile, by: User) -> None:
    """Take a file off a draft.

    Raises:
        ValidationError: the application is no draft any more.
    """
    fresh = _locked(file.study, StudyState.DRAFT)
    _note("study.file_removed", fresh, by=by, file=file.stored.name)
    file.delete()


def _refuse_twice(study: Study) -> None:
    """Refuse a second application of a person for the same studies, unless the first came to nothing."""
    Person.objects.select_for_update(no_key=True).get(
        pk=study.person_id
    )  # who sends a form twice waits here for the first
    same = Study.objects.filter(person=study.person_id, school=study.school, programme=study.programme)
    others = same.filter(from_year=study.from_year).exclude(state__in=CAME_TO_NOTHING).exclude(pk=study.pk)
    if other := others.first():
        raise ValidationError(
            f"{study.person.name}已有{study.school}{study.programme}自 {study.from_year} 學年度起的進修申請"
            f"（{other.get_state_display()}），不得重複申請。"
        )


def _attach(study: Study, files: Iterable[StoredFile]) -> None:
    StudyFile.objects.bulk_create(StudyFile(study=study, stored=stored) for stored in files)


# --- Filing and deciding ---------------------------------------------------------------------------------------------


@transaction.atomic
def submit_study(*, study: Study, on: date, by: User) -> Study:
    """File an application with the agency; after the last day, that day included, it is only kept (逾期不受理).

    Args:
        on: the day on which the agency got it.

    Raises:
        ValidationError: it is no draft any more, or the day is none on which it can have been filed.
    """
    if on > timezone.localdate():
        raise ValidationError({"on": "提出日期不得晚於今天。"})
    if on < study.plan.starts:
        raise ValidationError({"on": f"提出日期不得早於計畫起日 {roc.short(study.plan.starts)}。"})
    fresh = _locked(study, StudyState.DRAFT)
    due = due_of(fresh.plan, APPLY)
    fresh.applied_on, fresh.state = on, StudyState.SUBMITTED
    if due and on > due.effective:
        fresh.state = StudyState.LATE
        fresh.reason = f"於 {roc.long(on)} 提出，已逾 {roc.long(due.effective)} 期限，不予受理（柒、五、(一)）。"
    fresh.save()
    _note("study.late" if fresh.state == StudyState.LATE else "study.submitted", fresh, by=by, on=roc.short(on))
    if fresh.state == StudyState.LATE:
        mails.study_told(fresh)
    else:
        mails.study_submitted(fresh)
    return fresh


@transaction.atomic
def approve_study(*, study: Study, by: User) -> Study:
    """Approve an application: the quota has room, and the person's leave a week stays within its limit.

    The person's and the agency's rows are locked, so that two approvals at once cannot both take the last place.

    Raises:
        ValidationError: it was decided before or came late, the quota is full or its staff not known, or the leave is
            too much of a week.
    """
    Person.objects.select_for_update(no_key=True).get(pk=study.person_id)
    Agency.objects.select_for_update(no_key=True).get(pk=study.agency_id)
    fresh = _locked(study, StudyState.SUBMITTED)
    counted = room(fresh.agency, fresh.plan)
    weekly = load(fresh)
    if refusal := counted.refusal(fresh) or weekly.refusal():
        raise ValidationError(refusal)
    fresh.approved_year = fresh.plan.year
    _decide(fresh, StudyState.APPROVED, "", by)
    _note(
        "study.approved",
        fresh,
        by=by,
        staff=counted.staff,
        quota=counted.quota,
        filled=len(counted.people),
        weekly=str(weekly.hours),
    )
    mails.study_told(fresh)
    return fresh


@transaction.atomic
def refuse_study(*, study: Study, reason: str, by: User) -> Study:
    """Refuse an application, with the reason.

    Raises:
        ValidationError: no reason, or it was decided before.
    """
    if not reason.strip():
        raise ValidationError({"reason": "請說明不同意的理由。"})
    fresh = _locked(study, StudyState.SUBMITTED)
    _decide(fresh, StudyState.REFUSED, reason.strip(), by)
    _note("study.refused", fresh, by=by, reason=reason.strip())
    mails.study_told(fresh)
    return fresh


def _decide(study: Study, state: StudyState, reason: str, by: User) -> None:
    study.state, study.reason = state, reason
    study.decided_by, study.decided_at = by, timezone.now()
    study.save()


@transaction.atomic
def withdraw_study(*, study: Study, reason: str, by: User) -> Study:
    """Take an application back, also an approved one that did not begin: its place in the quota is free again.

    Raises:
        ValidationError: it was refused, came late or ended, or it has begun and can only be ended.
    """
    Agency.objects.select_for_update(no_key=True).get(pk=study.agency_id)
    fresh = _locked(study, *OPEN, StudyState.APPROVED)
    if fresh.state == StudyState.APPROVED and (fresh.semesters.exists() or fresh.leaves.exists()):
        raise ValidationError("已登錄學期或公假，不得撤回；不再進修者請辦理結束。")
    told = fresh.state != StudyState.DRAFT
    fresh.state, fresh.reason = StudyState.WITHDRAWN, reason.strip()
    fresh.save()
    _note("study.withdrawn", fresh, by=by, reason=reason.strip())
    if told:
        mails.study_told(fresh)
    return fresh


@transaction.atomic
def end_study(*, study: Study, on: date, reason: str, by: User) -> Study:
    """Close a leave, on its last day or before (結束).

    Raises:
        ValidationError: it is not approved, the day is outside of it or still to come, or there is leave after it.
    """
    Person.objects.select_for_update(no_key=True).get(pk=study.person_id)
    fresh = _locked(study, StudyState.APPROVED)
    if not fresh.first_day <= on <= fresh.last_day:
        raise ValidationError({"on": f"結束日須在 {roc.short(fresh.first_day)} 至 {roc.short(fresh.last_day)} 之間。"})
    if on > timezone.localdate():
        raise ValidationError({"on": "結束日不得晚於今天。"})
    if later := fresh.leaves.filter(day__gt=on).first():
        raise ValidationError({"on": f"{roc.short(later.day)} 已登錄公假，請先移除或改填較晚的結束日。"})
    fresh.ended_on = on if on < fresh.last_day else None
    fresh.state, fresh.reason = StudyState.ENDED, reason.strip()
    fresh.save()
    _note("study.ended", fresh, by=by, reason=reason.strip(), on=roc.short(on))
    mails.study_told(fresh)
    return fresh


# --- Official leave --------------------------------------------------------------------------------------------------


@transaction.atomic
def enter_leave(*, study: Study, day: date, hours: Decimal, by: User) -> StudyLeave:
    """Enter official leave of a day, within the hours that the person may have in its week (柒、四).

    The person's row is locked: two entries at once, also for two studies, are counted one after the other.

    Raises:
        ValidationError: the study has no leave on that day, or it would be too much.
    """
    Person.objects.select_for_update(no_key=True).get(pk=study.person_id)
    fresh = _locked(study, StudyState.APPROVED)
    if not takes_leave(fresh):
        what = "本件未核給公假。" if fresh.time == StudyTime.PART_TIME else f"{fresh.get_time_display()}不核給公假。"
        raise ValidationError(what)
    if not fresh.first_day <= day <= fresh.last_day:
        span = f"{roc.short(fresh.first_day)} 至 {roc.short(fresh.last_day)}"
        raise ValidationError({"day": f"公假日期須在核准進修期間（{span}）內。"})
    if fresh.leaves.filter(day=day).exists():
        raise ValidationError({"day": f"{roc.short(day)} 已登錄公假，如需更正請先移除。"})
    if refusal := leave_refusal(fresh, day, hours):
        raise ValidationError({"hours": refusal})
    made = StudyLeave.objects.create(study=fresh, day=day, hours=hours, entered_by=by)
    _note("study.leave_entered", fresh, by=by, reason=_of_leave(made))
    return made


@transaction.atomic
def remove_leave(*, leave: StudyLeave, by: User) -> None:
    """Take back leave that was entered."""
    _note("study.leave_removed", leave.study, by=by, reason=_of_leave(leave))
    leave.delete()


def _of_leave(leave: StudyLeave) -> str:
    return f"{roc.long(leave.day)}　{in_words(leave.hours)} 小時"


def _locked(study: Study, *states: StudyState) -> Study:
    found = Study.objects.select_for_update(of=("self",)).select_related("person", "agency", "plan")
    fresh: Study = found.get(pk=study.pk)
    if fresh.state not in states:
        raise ValidationError(f"這件申請目前為「{fresh.get_state_display()}」，不能辦理這個步驟。")
    return fresh


def _note(act: str, study: Study, *, by: User, **detail: Any) -> None:
    record(act, study, by=by, office_id=study.plan.office_id, agency=study.agency.short_name, **detail)
