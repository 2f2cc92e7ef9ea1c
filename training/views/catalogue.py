"""The catalogue of a year's plan: colleges, programmes, courses, the plan's rule; kept by the office."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from districts.models import Plan
from districts.policies import is_somebody
from districts.standing import standing
from meetings.views.papers import RENDERERS
from personnel_portal import lists
from personnel_portal.accounts.requests import SignedInRequest
from personnel_portal.documents import sheets
from personnel_portal.guards import guard
from personnel_portal.trail.actions import record
from personnel_portal.trail.models import Entry
from training.actions import catalogue as actions
from training.documents import classes as papers
from training.facts import demands
from training.forms.catalogue import PROGRAMMES, READINGS, CollegeForm, CourseForm, RuleForm
from training.forms.refusals import say
from training.models import College, Course, Programme, Survey, TrainingClass, TrainingRule
from training.policies import (
    can_add_class,
    can_keep_catalogue,
    can_keep_college,
    can_keep_course,
    can_see_survey,
    can_see_training,
)
from training.views.class_rows import Row, rows_of
from training.views.plans import chosen


@dataclass(frozen=True, slots=True)
class Line:
    """A course in the catalogue: how many classes of it one sees, and how many agencies want it."""

    course: Course
    classes: int
    wanted: int


@dataclass(frozen=True, slots=True)
class Section:
    """A college with its courses, those of no programme first; no college means trainings of other bodies."""

    college: College | None
    parts: tuple[tuple[Programme | None, tuple[Line, ...]], ...]

    @property
    def count(self) -> int:
        return sum(len(lines) for _, lines in self.parts)


# --- The catalogue ---------------------------------------------------------------------------------------------------


@guard(policy=is_somebody)
def catalogue(request: SignedInRequest) -> HttpResponse:
    """Show the courses of a year's plan, by college and programme, with its rule and how its clauses are read."""
    choice = chosen(request)
    if choice is None:
        return render(request, "training/catalogue.html", {"choice": None})
    plan, mine = choice.plan, standing(request.user)
    courses = list(
        Course.objects.visible_to(request.user).of_plan(plan).select_related("college", "programme__college")
    )
    survey: Survey | None = getattr(plan, "needs_survey", None)
    counted = Counter(
        TrainingClass.objects.visible_to(request.user).filter(course__plan=plan).values_list("course", flat=True)
    )
    wanted = {one.course.pk: one.agencies for one in demands(survey) if one.course} if survey else {}
    lines = [Line(course, counted[course.pk], wanted.get(course.pk, 0)) for course in courses]
    context = {
        "choice": choice,
        "sections": list(_sections(College.objects.of_plan(plan), (line for line in lines if line.course.is_planned))),
        "left_out": [line for line in lines if not line.course.is_planned],
        "count": sum(course.is_planned for course in courses),
        "rule": getattr(plan, "training_rule", None),
        "readings": list(plan.readings.all()),
        "version": plan.versions.last(),
        "survey": survey,
        "survey_open": survey is not None and survey.is_open(timezone.localdate()),
        "may_survey": can_see_survey(request.user, plan),
        "may_keep": can_keep_catalogue(request.user, plan),
        "next_plan": _next_of(choice.plans, plan) if mine.is_reviewer else None,
        "forms": papers.LIST_FORMS,
    }
    return render(request, "training/catalogue.html", context)


def _sections(colleges: Iterable[College], lines: Iterable[Line]) -> Iterator[Section]:
    found = list(lines)
    for college in (*colleges, None):
        own = [line for line in found if line.course.college_id == (college.pk if college else None)]
        programmes = list(dict.fromkeys(line.course.programme for line in own))
        programmes.sort(key=lambda one: one.order if one else 0)
        parts = [(one, tuple(line for line in own if line.course.programme == one)) for one in programmes]
        if college or own:
            yield Section(college, tuple(parts))


def _next_of(plans: Iterable[Plan], plan: Plan) -> Plan | None:
    """Return the plan of the year after, of the same body: for it needs are asked now."""
    same = (one for one in plans if one.year == plan.year + 1 and one.issuing_body == plan.issuing_body)
    return next(same, None)


@guard(Plan, can_see_training)
def course_list(request: SignedInRequest, plan: Plan, form: str) -> HttpResponseBase:
    """Hand out 附表: the year's courses with their classes, as a paper or as a sheet."""
    if form not in papers.LIST_FORMS:
        raise Http404
    classes = (
        TrainingClass.objects.visible_to(request.user).filter(course__plan=plan).exclude(state="draft").with_days()
    )
    courses = Course.objects.of_plan(plan).planned().select_related("college", "programme")
    table = papers.course_table(courses, classes)
    name = f"{plan.year}年度預定辦理課程一覽表"
    record("catalogue.printed", plan, by=request.user, office_id=plan.office_id, form=form)
    if form in lists.EXPORTS:
        heads = [sheets.Column(column.label, 4 * column.share) for column in table.columns]
        return sheets.response(form, name, heads, (list(row) for row in table.rows))
    render_paper, content_type = RENDERERS[form]
    content = BytesIO(render_paper(papers.course_list(plan, table)))
    return FileResponse(content, as_attachment=True, filename=f"{name}.{form}", content_type=content_type)


# --- One course ------------------------------------------------------------------------------------------------------


@guard(Course)
def course(request: SignedInRequest, course: Course) -> HttpResponse:
    """Show a course with what is to be read before it, and its classes."""
    course = Course.objects.select_related("plan", "college", "programme").get(pk=course.pk)
    classes = TrainingClass.objects.visible_to(request.user).filter(course=course)
    rows: list[Row] = rows_of(classes.order_by("number"))
    context = {
        "course": course,
        "rows": rows,
        "readings": list(course.readings.all()),
        "after": list(course.after.all()),
        "may_keep": can_keep_course(request.user, course),
        "may_add": can_add_class(request.user, course) if course.is_planned else None,
        "history": Entry.objects.for_target(course)[:10] if standing(request.user).is_office else [],
    }
    return render(request, "training/course.html", context)


@guard(Plan, can_keep_catalogue)
def add_course(request: SignedInRequest, plan: Plan) -> HttpResponseBase:
    """Add a course to a plan."""
    form = CourseForm(request.POST or None, instance=Course(plan=plan), plan=plan, initial=_begun(request, plan))
    readings = READINGS(request.POST or None, instance=form.instance, prefix="readings")
    if request.method == "POST" and form.is_valid() and readings.is_valid():
        try:
            made = actions.add_course(
                course=form.save(commit=False),
                after=form.cleaned_data["after"],
                readings=readings.save(commit=False),
                by=request.user,
            )
            messages.success(request, f"已新增課程「{made.name}」。")
            return redirect(made)
        except ValidationError as refusal:
            say(form, refusal)
    return _course_form(request, form, readings, plan, "新增課程", _home(plan))


def _begun(request: SignedInRequest, plan: Plan) -> dict[str, Any]:
    asked = request.GET.get("college", "")
    college = (
        College.objects.filter(plan=plan, pk=int(asked)).first()
        if asked.isascii() and asked.isdecimal() and len(asked) < 10
        else None
    )
    return {"college": college.pk} if college else {}


@guard(Course, can_keep_course)
def edit_course(request: SignedInRequest, course: Course) -> HttpResponseBase:
    """Change a course, what is to be taken first and what is to be read."""
    plan = course.plan
    form = CourseForm(request.POST or None, instance=course, plan=plan)
    readings = READINGS(request.POST or None, instance=course, prefix="readings")
    if request.method == "POST" and form.is_valid() and readings.is_valid():
        changed = readings.save(commit=False)
        try:
            actions.change_course(
                course=course,
                changes=form.changes,
                shown=form.as_shown,
                after=form.cleaned_data["after"],
                readings=changed,
                removed=readings.deleted_objects,
                by=request.user,
            )
            messages.success(request, f"已儲存課程「{course.name}」。")
            return redirect(course)
        except ValidationError as refusal:
            say(form, refusal)
    return _course_form(request, form, readings, plan, f"編輯課程：{course.name}", course.get_absolute_url())


def _course_form(
    request: SignedInRequest, form: CourseForm, readings: Any, plan: Plan, title: str, back: str
) -> HttpResponse:
    context = {"form": form, "rows": readings, "plan": plan, "title": title, "back": back}
    wrong = form.errors or readings.total_error_count()
    return render(request, "training/course_form.html", context, status=422 if wrong else 200)


# --- Colleges and the rule -------------------------------------------------------------------------------------------


@guard(Plan, can_keep_catalogue)
def add_college(request: SignedInRequest, plan: Plan) -> HttpResponseBase:
    """Add a college to a plan."""
    return _college(request, College(plan=plan), "新增學院")


@guard(College, can_keep_college)
def edit_college(request: SignedInRequest, college: College) -> HttpResponseBase:
    """Change a college and its programmes."""
    return _college(request, college, f"編輯學院：{college.name}")


def _college(request: SignedInRequest, college: College, title: str) -> HttpResponseBase:
    form = CollegeForm(request.POST or None, instance=college)
    programmes = PROGRAMMES(request.POST or None, instance=college, prefix="programmes")
    if request.method == "POST" and form.is_valid() and programmes.is_valid():
        changed = programmes.save(commit=False)
        try:
            saved = actions.save_college(
                college=form.save(commit=False), programmes=changed, removed=programmes.deleted_objects, by=request.user
            )
            messages.success(request, f"已儲存「{saved.name}」。")
            return redirect(_home(college.plan))
        except ValidationError as refusal:
            say(form, refusal)
    context = {"form": form, "rows": programmes, "plan": college.plan, "title": title, "back": _home(college.plan)}
    wrong = form.errors or programmes.total_error_count()
    return render(request, "training/college_form.html", context, status=422 if wrong else 200)


@guard(Plan, can_keep_catalogue)
def rule(request: SignedInRequest, plan: Plan) -> HttpResponseBase:
    """Change what a plan says of absence, waiting lists and study leave."""
    known = TrainingRule.objects.of_plan(plan).first() or TrainingRule(plan=plan)
    form = RuleForm(request.POST or None, instance=known)
    if request.method == "POST" and form.is_valid():
        changes = form.changes if known.pk else {name: form.cleaned_data[name] for name in RuleForm.Meta.fields}
        try:
            actions.change_rule(plan=plan, changes=changes, shown=form.as_shown, by=request.user)
            messages.success(request, "已儲存訓練進修規則；已核給的時數不變。")
            return redirect(_home(plan))
        except ValidationError as refusal:
            say(form, refusal)
    context = {"form": form, "plan": plan, "title": "訓練進修規則", "back": _home(plan)}
    return render(request, "training/plan_form.html", context, status=422 if form.errors else 200)


def _home(plan: Plan) -> str:
    return f"{reverse('training:catalogue')}?plan={plan.pk}"
