"""The catalogue of a training plan: its rule, colleges, programmes and courses, and what goes with a cloned plan."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max, Model

from districts.models import Plan
from meetings.actions.shown import Shown, refuse_overwriting
from personnel_portal.accounts.models import User
from personnel_portal.trail.actions import record
from personnel_portal.trail.models import Entry
from training.models import College, Course, PreReading, Programme, TrainingRule

NUMBERS = range(1, 1000)  # of colleges and courses in a plan


# --- A plan of another year ------------------------------------------------------------------------------------------


@transaction.atomic
def carry_over(source: Plan, plan: Plan) -> None:
    """Give the cloned plan the rules, colleges, programmes and courses of its source; classes and needs stay behind.

    Courses that the source's year left out are left out again: the survey of needs may bring them back.
    """
    for rule in TrainingRule.objects.filter(plan=source):
        _copy(rule, plan=plan).save()
    colleges = {row.pk: _copy(row, plan=plan) for row in College.objects.filter(plan=source)}
    College.objects.bulk_create(colleges.values())
    rows = Programme.objects.filter(college__plan=source)
    programmes = {row.pk: _copy(row, college=colleges[row.college_id]) for row in rows}
    Programme.objects.bulk_create(programmes.values())
    courses = {
        row.pk: _copy(row, plan=plan, college=colleges.get(row.college_id), programme=programmes.get(row.programme_id))
        for row in Course.objects.filter(plan=source)
    }
    Course.objects.bulk_create(courses.values())
    readings = PreReading.objects.filter(course__plan=source)
    PreReading.objects.bulk_create(_copy(row, course=courses[row.course_id]) for row in readings)
    after = Course.after.through
    after.objects.bulk_create(
        after(from_course=courses[link.from_course_id], to_course=courses[link.to_course_id])
        for link in after.objects.filter(from_course__plan=source, to_course__plan=source)
    )


def _copy(row: Any, **changes: Any) -> Any:
    """Return an unsaved row with the same values but for the changes."""
    columns = {f.attname: getattr(row, f.attname) for f in row._meta.concrete_fields if not f.primary_key}
    for name in changes:
        del columns[row._meta.get_field(name).attname]
    return type(row)(**columns, **changes)


# --- The rule --------------------------------------------------------------------------------------------------------


@transaction.atomic
def change_rule(*, plan: Plan, changes: Mapping[str, Any], shown: Shown | None = None, by: User) -> TrainingRule:
    """Change what a plan says of absence, waiting lists and study leave; what was granted before stays as it is.

    Raises:
        ChangedMeanwhileError: somebody else changed the same since the page was shown.
    """
    Plan.objects.select_for_update(of=("self",), no_key=True).get(pk=plan.pk)
    rule = TrainingRule.objects.filter(plan=plan).first() or TrainingRule(plan=plan)
    before = {name: getattr(rule, name) for name in changes}
    if rule.pk:
        refuse_overwriting(rule, changes, shown, Entry.objects.for_target(rule).filter(act="training_rule.changed"))
    _write(rule, changes)
    told = {name: [str(before[name]), str(value)] for name, value in changes.items()}
    record("training_rule.changed", rule, by=by, office_id=plan.office_id, changed=sorted(changes), values=told)
    return rule


# --- Colleges --------------------------------------------------------------------------------------------------------


@transaction.atomic
def save_college(
    *, college: College, programmes: Iterable[Programme] = (), removed: Iterable[Programme] = (), by: User
) -> College:
    """Add or change a college with its programmes; a new one is the last of its plan, as a new programme of its college.

    Raises:
        ValidationError: a removed programme has courses.
    """
    plan = Plan.objects.select_for_update(of=("self",), no_key=True).get(pk=college.plan_id)
    is_new = college.pk is None
    if is_new:
        college.order = _next(plan.colleges.all())
    college.save()
    for programme in removed:
        if programme.courses.exists():
            raise ValidationError(f"「{programme.name}」仍有課程，請先將課程移至其他學程。")
        programme.delete()
    for programme in programmes:
        programme.college = college
        if programme.pk is None:
            programme.order = _next(college.programmes.all())
        programme.save()
    record(
        "college.added" if is_new else "college.changed", college, by=by, office_id=plan.office_id, college=college.name
    )
    return college


# --- Courses ---------------------------------------------------------------------------------------------------------


@transaction.atomic
def add_course(
    *, course: Course, after: Iterable[Course] = (), readings: Iterable[PreReading] = (), by: User
) -> Course:
    """Add a course to a plan, as the last.

    Raises:
        ValidationError: the plan names such a course already.
    """
    plan = Plan.objects.select_for_update(of=("self",), no_key=True).get(pk=course.plan_id)
    _refuse_twin(course)
    course.order = _next(plan.courses.all())
    course.save()
    course.after.set(after)
    _keep(course, readings)
    record("course.added", course, by=by, office_id=plan.office_id, course=course.name)
    return course


@transaction.atomic
def change_course(
    *,
    course: Course,
    changes: Mapping[str, Any],
    shown: Shown | None = None,
    after: Iterable[Course] = (),
    readings: Iterable[PreReading] = (),
    removed: Iterable[PreReading] = (),
    by: User,
) -> Course:
    """Change a course, what is to be taken first, and what is to be read before it.

    Raises:
        ValidationError: the plan has such a course already, or a course would have to be taken before itself.
        ChangedMeanwhileError: somebody else changed the same since the page was shown.
    """
    fresh: Course = Course.objects.select_for_update(of=("self",), no_key=True).get(pk=course.pk)
    refuse_overwriting(fresh, changes, shown, Entry.objects.for_target(fresh).filter(act="course.changed"))
    for name, value in changes.items():
        setattr(fresh, name, value)
    _refuse_twin(fresh)
    _refuse_circle(fresh, after := list(after))
    fresh.save()
    fresh.after.set(after)
    for reading in removed:
        reading.delete()
    _keep(fresh, readings)
    record("course.changed", fresh, by=by, office_id=fresh.plan.office_id, changed=sorted(changes))
    return fresh


def _keep(course: Course, readings: Iterable[PreReading]) -> None:
    for reading in readings:
        reading.course = course
        reading.save()


def _refuse_twin(course: Course) -> None:
    twins = Course.objects.filter(plan=course.plan_id, college=course.college_id, programme=course.programme_id)
    if twins.filter(name=course.name).exclude(pk=course.pk).exists():
        raise ValidationError({"name": f"本計畫已有「{course.name}」。"})


def _refuse_circle(course: Course, after: list[Course]) -> None:
    """Refuse that a course comes before itself, by whatever detour."""
    links = Course.after.through.objects.filter(from_course__plan=course.plan_id).exclude(from_course=course)
    before: dict[int, set[int]] = {}
    for later, earlier in links.values_list("from_course", "to_course"):
        before.setdefault(later, set()).add(earlier)
    reached, found = set[int](), {one.pk for one in after}
    while found:
        reached |= found
        found = set().union(*(before.get(pk, set()) for pk in found)) - reached
    if course.pk in reached:
        raise ValidationError({"after": "先修課程互為先修，請重新選擇。"})


def _next(rows: Any) -> int:
    """Return the next number of rows that are numbered within their plan or college."""
    number: int = (rows.aggregate(last=Max("order"))["last"] or 0) + 1
    if number not in NUMBERS:
        raise ValidationError(f"最多 {NUMBERS.stop - 1} 項。")
    return number


def _write(row: Model, changes: Mapping[str, Any]) -> None:
    for name, value in changes.items():
        setattr(row, name, value)
    row.full_clean(validate_unique=False)
    row.save()
