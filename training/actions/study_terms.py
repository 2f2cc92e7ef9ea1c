"""Semesters of study leave: their days, timetable and grades, and the learning hours that follow from the grades (柒、四–五)."""

from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from personnel_portal import roc
from personnel_portal.accounts.models import User
from personnel_portal.rules.weeks import school_year
from personnel_portal.trail.actions import record
from personnel_portal.uploads.models import StoredFile
from training import mails
from training.choices import Origin, StudyState
from training.models import LearningRecord, Semester, Study
from training.studying import HELD


@transaction.atomic
def save_semester(*, semester: Semester, by: User) -> Semester:
    """Enter a semester or correct its days.

    Raises:
        ValidationError: the study is not approved, the semester is there, or its days lie outside of its school year or
            within another semester.
    """
    study = (
        Study.objects.select_for_update(of=("self",))
        .select_related("plan", "agency", "person")
        .get(pk=semester.study_id)
    )
    if study.state != StudyState.APPROVED:
        raise ValidationError(f"這件申請目前為「{study.get_state_display()}」，不能登錄學期。")
    _refuse_days(study, semester)
    others = study.semesters.exclude(pk=semester.pk)
    if others.filter(year=semester.year, term=semester.term).exists():
        raise ValidationError({"term": f"{semester.label}已登錄。"})
    if other := others.filter(starts__lte=semester.ends, ends__gte=semester.starts).first():
        raise ValidationError(
            {"starts": f"與{other.label}（{roc.short(other.starts)} 至 {roc.short(other.ends)}）重疊。"}
        )
    act = "study.semester_changed" if semester.pk else "study.semester_added"
    semester.study = study
    semester.save()
    days = f"{roc.short(semester.starts)} 至 {roc.short(semester.ends)}"
    _note(act, semester, by=by, reason=f"{semester.label}　{days}")
    return semester


def _refuse_days(study: Study, semester: Semester) -> None:
    if not study.from_year <= semester.year <= study.to_year:
        raise ValidationError({"year": f"學年度須在核准的{study.years_label}內。"})
    if semester.ends <= semester.starts:
        raise ValidationError({"ends": "學期結束日須晚於開學日。"})
    first, last = school_year(semester.year)
    for name in ("starts", "ends"):
        if not first <= getattr(semester, name) <= last:
            raise ValidationError({name: f"{semester.year}學年度為 {roc.short(first)} 至 {roc.short(last)}。"})


@transaction.atomic
def file_timetable(*, semester: Semester, stored: StoredFile, by: User) -> Semester:
    """File the timetable of a semester; a new one takes the place of the one before, the day of the first filing stays."""
    fresh = _locked(semester)
    fresh.timetable, fresh.timetable_on = stored, fresh.timetable_on or timezone.localdate()
    fresh.save(update_fields=["timetable", "timetable_on"])
    _note("study.timetable_filed", fresh, by=by, reason=f"{fresh.label}　{stored.name}")
    return fresh


@transaction.atomic
def file_grades(*, semester: Semester, stored: StoredFile, credits_: Decimal | None, by: User) -> Semester:
    """File the grades of a semester once it is over; handed in again without credits they keep those known.

    Raises:
        ValidationError: the semester is not over.
    """
    if semester.ends > timezone.localdate():
        raise ValidationError(f"{semester.label}於 {roc.short(semester.ends)} 結束，結束後再送成績。")
    fresh = _locked(semester)
    fresh.grades, fresh.grades_on = stored, fresh.grades_on or timezone.localdate()
    fresh.credits = fresh.credits if credits_ is None else credits_
    fresh.save(update_fields=["grades", "grades_on", "credits"])
    _note("study.grades_filed", fresh, by=by, reason=f"{fresh.label}　{stored.name}")
    mails.study_grades_filed(fresh)
    return fresh


@transaction.atomic
def register_hours(*, semester: Semester, hours: Decimal, by: User) -> LearningRecord:
    """Register learning hours from the grades; done again it corrects the same record.

    The plan states no hours a credit, so they are entered. They count for the year in which the semester ended.

    Raises:
        ValidationError: there are no grades yet.
    """
    fresh = _locked(semester)
    if fresh.grades_id is None:
        raise ValidationError("請先上傳成績，再登錄學習時數（柒、五、(三)）。")
    before = fresh.hours
    fresh.hours = hours
    fresh.save(update_fields=["hours"])
    study = fresh.study
    made, _ = LearningRecord.objects.update_or_create(
        person=study.person,
        reference=fresh.reference,
        topic=None,
        defaults={
            "agency": study.agency,
            "year": roc.year(fresh.ends),
            "course": f"進修：{study.school}{study.programme}　{fresh.label}"[:200],
            "starts": fresh.starts,
            "ends": fresh.ends,
            "hours": hours,
            "origin": Origin.STUDY,
        },
    )
    _note("study.hours_registered", fresh, by=by, reason=f"{fresh.label}　{hours} 小時", before=str(before or ""))
    if before != hours:
        mails.study_hours(fresh)
    return made


def _locked(semester: Semester) -> Semester:
    found = Semester.objects.select_for_update(of=("self",)).select_related(
        "study__person", "study__agency", "study__plan"
    )
    fresh: Semester = found.get(pk=semester.pk)
    if fresh.study.state not in HELD:
        raise ValidationError(f"這件申請目前為「{fresh.study.get_state_display()}」，不能辦理這個步驟。")
    return fresh


def _note(act: str, semester: Semester, *, by: User, **detail: Any) -> None:
    study = semester.study
    record(
        act,
        study,
        by=by,
        office_id=study.plan.office_id,
        agency=study.agency.short_name,
        semester=semester.label,
        **detail,
    )
