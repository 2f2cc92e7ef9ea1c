"""The survey of needs (陸、一、(二)): opened for a plan, answered by agencies, and what of it goes into the plan."""

from collections.abc import Iterable, Sequence
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from districts.models import Agency, Plan
from personnel_portal.accounts.models import User
from personnel_portal.rules.folding import fold
from personnel_portal.trail.actions import record
from training import mails
from training.actions.catalogue import add_course
from training.models import Course, Need, Survey

MOST = 20  # courses that an agency asks for


@transaction.atomic
def open_survey(*, plan: Plan, opens_on: date, closes_on: date, note: str, by: User) -> Survey:
    """Open the survey of a plan, or move its days; agencies learn of a new one by mail.

    Raises:
        ValidationError: it would end before it begins, or a new one before today.
    """
    if closes_on < opens_on:
        raise ValidationError({"closes_on": "調查迄日不得早於起日。"})
    Plan.objects.select_for_update(of=("self",), no_key=True).get(pk=plan.pk)
    known = Survey.objects.filter(plan=plan).first()
    if known is None and closes_on < timezone.localdate():
        raise ValidationError({"closes_on": "調查迄日不得早於今天。"})
    survey = known or Survey(plan=plan)
    survey.opens_on, survey.closes_on, survey.note = opens_on, closes_on, note
    survey.save()
    record("survey.changed" if known else "survey.opened", survey, by=by, office_id=plan.office_id)
    if known is None:
        mails.survey_opened(survey)
    return survey


@transaction.atomic
def answer_survey(*, survey: Survey, agency: Agency, needs: Sequence[Need], by: User) -> list[Need]:
    """Write what an agency asks for, in its order, instead of what it asked for before.

    Raises:
        ValidationError: the survey is not open, or a course is asked for twice.
    """
    survey = Survey.objects.select_for_update(of=("self",)).select_related("plan").get(pk=survey.pk)
    if not survey.is_open(timezone.localdate()):
        raise ValidationError("需求調查不在填報期間，未儲存。")
    if len(needs) > MOST:
        raise ValidationError(f"每一機關最多填 {MOST} 項。")
    _refuse_twice(needs)
    Need.objects.filter(survey=survey, agency=agency).delete()
    for rank, need in enumerate(needs, start=1):
        need.pk, need.survey, need.agency, need.rank = None, survey, agency, rank
        need.entered_by = by
    made = Need.objects.bulk_create(needs)
    record("survey.answered", survey, by=by, office_id=survey.plan.office_id, agency=agency.short_name, rows=len(made))
    return made


@transaction.atomic
def choose_courses(*, plan: Plan, planned: Iterable[Course], by: User) -> tuple[int, int]:
    """Say which courses of the catalogue are held in the plan's year; return how many came in and how many went out.

    Raises:
        ValidationError: a course that would be left out has classes already.
    """
    Plan.objects.select_for_update(of=("self",), no_key=True).get(pk=plan.pk)
    chosen = {course.pk for course in planned}
    courses = list(Course.objects.filter(plan=plan).prefetch_related("classes"))
    added = [course for course in courses if course.pk in chosen and not course.is_planned]
    dropped = [course for course in courses if course.pk not in chosen and course.is_planned]
    if held := next((course for course in dropped if course.classes.all()), None):
        raise ValidationError(f"「{held.name}」已建立班別，不能自年度計畫移除。")
    for course in (*added, *dropped):
        course.is_planned = not course.is_planned
    Course.objects.bulk_update([*added, *dropped], ["is_planned"])
    if added or dropped:
        record(
            "courses.chosen",
            plan,
            by=by,
            office_id=plan.office_id,
            added=[course.name for course in added],
            dropped=[course.name for course in dropped],
        )
    return len(added), len(dropped)


@transaction.atomic
def take_up(*, need: Need, course: Course, by: User) -> Course:
    """Put a course that agencies propose into the plan: whoever proposed it by that name asks for that course from now on.

    Args:
        need: one of the proposals; the office may give the course another name.

    Raises:
        ValidationError: the plan names such a course already.
    """
    survey = need.survey
    course.plan = survey.plan
    made = add_course(course=course, by=by)
    wanted = [one.pk for one in survey.needs.exclude(proposed="") if fold(one.proposed) == fold(need.proposed)]
    Need.objects.filter(pk__in=wanted).update(course=made, proposed="")
    return made


def _refuse_twice(needs: Sequence[Need]) -> None:
    seen = set[object]()
    for need in needs:
        wanted: object = need.course_id or fold(need.proposed)
        if wanted in seen:
            raise ValidationError(f"「{need.course or need.proposed}」重複，請併為一列。")
        seen.add(wanted)
