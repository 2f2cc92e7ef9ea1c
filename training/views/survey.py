"""The survey of needs of a plan: the office opens it, agencies answer, and its result stands beside the plan."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from districts.models import Agency, Plan
from districts.standing import standing
from personnel_portal import lists
from personnel_portal.accounts.requests import SignedInRequest
from personnel_portal.documents import sheets
from personnel_portal.guards import guard
from personnel_portal.trail.actions import record
from training.actions import survey as actions
from training.facts import Demand, demands
from training.forms.catalogue import TakeUpForm
from training.forms.refusals import say
from training.forms.survey import NeedFormSet, SurveyForm, rows_of
from training.models import Course, Need, Survey
from training.policies import can_answer_survey, can_keep_catalogue, can_see_survey, can_take_up

HEADS = [
    sheets.Column("課程", 44),
    sheets.Column("學院", 18),
    sheets.Column("需求機關數", 12),
    sheets.Column("平均順序", 10),
    sheets.Column("預估人數", 10),
    sheets.Column("列入計畫", 10),
]


@guard(Plan, can_see_survey)
def survey(request: SignedInRequest, plan: Plan) -> HttpResponseBase:
    """Show the survey of a plan: an agency's own answer, and how much each course is wanted."""
    found = Survey.objects.of_plan(plan).first()
    wanted = demands(found) if found else []
    if found and request.GET.get("export") in lists.EXPORTS:
        return _export(request, plan, wanted)
    return render(request, "training/survey.html", _context(request, plan, found, wanted))


def _context(
    request: SignedInRequest, plan: Plan, found: Survey | None, wanted: Sequence[Demand], **more: Any
) -> dict[str, Any]:
    mine = standing(request.user)
    keeps = can_keep_catalogue(request.user, plan)
    agency, agencies = _agency(request)
    context: dict[str, Any] = {
        "plan": plan,
        "survey": found,
        "is_open": found is not None and found.is_open(timezone.localdate()),
        "is_ahead": found is not None and timezone.localdate() < found.opens_on,
        "agency": agency,
        "agencies": agencies,
        "own": [need for one in wanted for need in one.needs if agency and need.agency_id == agency.pk],
        "demands": wanted,
        "keeps": keeps,
        "exports": [(form, sheets.FORMATS[form][0]) for form in lists.EXPORTS],
    }
    context["own"].sort(key=lambda need: need.rank)
    if keeps:
        asked = {one.course.pk for one in wanted if one.course}
        context["form"] = SurveyForm(initial=_days(found))
        context["unasked"] = Course.objects.of_plan(plan).exclude(pk__in=asked).select_related("college")
        answered = {need.agency_id for one in wanted for need in one.needs}
        members = Agency.objects.filter(office=plan.office_id, is_active=True).order_by("kind", "pk")
        context["missing"] = [one for one in members if one.pk not in answered] if found else []
        context["answered"] = len(answered)
    elif mine.is_office:
        context["answered"] = len({need.agency_id for one in wanted for need in one.needs})
    return context | more


def _days(found: Survey | None) -> dict[str, Any]:
    return {"opens_on": found.opens_on, "closes_on": found.closes_on, "note": found.note} if found else {}


def _agency(request: SignedInRequest) -> tuple[Agency | None, list[Agency]]:
    """Return the agency that is answered for, of `?agency=`, among those that the person works for."""
    agencies = list(Agency.objects.filter(pk__in=standing(request.user).works_for, is_active=True).order_by("pk"))
    asked = request.POST.get("agency") or request.GET.get("agency", "")
    return next((one for one in agencies if str(one.pk) == asked), next(iter(agencies), None)), agencies


def _export(request: SignedInRequest, plan: Plan, wanted: Sequence[Demand]) -> HttpResponseBase:
    rows = (
        [
            one.name,
            one.course.college.name if one.course and one.course.college else "",
            one.agencies,
            one.rank,
            one.people,
            ("是" if one.course.is_planned else "否") if one.course else "建議課程",
        ]
        for one in wanted
    )
    name = f"{plan.year}年度訓練需求調查結果"
    record("list.exported", plan, by=request.user, office_id=plan.office_id, list=name, rows=len(wanted))
    return sheets.response(request.GET["export"], name, HEADS, rows)


@guard(Plan, can_answer_survey)
def answer(request: SignedInRequest, plan: Plan) -> HttpResponseBase:
    """Take what an agency asks for, by rank."""
    found = Survey.objects.of_plan(plan).first()
    agency, agencies = _agency(request)
    back = f"{reverse('training:survey', args=[plan.pk])}?agency={agency.pk if agency else ''}"
    if found is None or agency is None or not found.is_open(timezone.localdate()):
        messages.error(request, "需求調查不在填報期間。")
        return redirect(back)
    courses = list(Course.objects.of_plan(plan).select_related("college"))
    needs = list(Need.objects.filter(survey=found, agency=agency).order_by("rank"))
    data = request.POST if request.method == "POST" else None
    rows = NeedFormSet(data, initial=rows_of(needs), prefix="needs", form_kwargs={"courses": courses, "plan": plan})
    refused: list[str] = []
    if data is not None and rows.is_valid():
        try:
            kept = actions.answer_survey(survey=found, agency=agency, needs=rows.needs, by=request.user)
            messages.success(request, f"已儲存{agency.short_name}的訓練需求，共 {len(kept)} 項；截止前可再修改。")
            return redirect(back)
        except ValidationError as refusal:
            refused = refusal.messages
    context = {"plan": plan, "survey": found, "agency": agency, "agencies": agencies, "rows": rows, "refused": refused}
    wrong = refused or (data is not None and not rows.is_valid())
    return render(request, "training/survey_answer.html", {**context, "back": back}, status=422 if wrong else 200)


@require_POST
@guard(Plan, can_keep_catalogue)
def open_survey(request: SignedInRequest, plan: Plan) -> HttpResponseBase:
    """Open the survey of a plan, or move its days."""
    form = SurveyForm(request.POST)
    if form.is_valid():
        is_new = not Survey.objects.of_plan(plan).exists()
        try:
            actions.open_survey(plan=plan, by=request.user, **form.cleaned_data)
            messages.success(request, "已開辦需求調查，並寄信通知各機關。" if is_new else "已儲存調查期間。")
            return redirect("training:survey", pk=plan.pk)
        except ValidationError as refusal:
            say(form, refusal)
    found = Survey.objects.of_plan(plan).first()
    context = _context(request, plan, found, demands(found) if found else [], form=form)
    return render(request, "training/survey.html", context, status=422)


@require_POST
@guard(Plan, can_keep_catalogue)
def choose_courses(request: SignedInRequest, plan: Plan) -> HttpResponse | HttpResponseBase:
    """Say which courses go into the year's plan."""
    ticked = [key for key in request.POST.getlist("planned") if key.isascii() and key.isdecimal() and len(key) < 19]
    try:
        planned = Course.objects.of_plan(plan).filter(pk__in=[int(key) for key in ticked])
        added, dropped = actions.choose_courses(plan=plan, planned=planned, by=request.user)
        messages.success(request, f"已儲存年度課程：新列入 {added} 門、移出 {dropped} 門。")
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
    return redirect("training:survey", pk=plan.pk)


@guard(Need, can_take_up)
def take_up(request: SignedInRequest, need: Need) -> HttpResponseBase:
    """Put a proposed course into the plan; everybody's need of it is of that course then."""
    plan = need.survey.plan
    back = reverse("training:survey", args=[plan.pk])
    if not need.proposed:
        messages.info(request, "這項需求已是目錄中的課程。")
        return redirect(back)
    form = TakeUpForm(request.POST or None, instance=Course(plan=plan), plan=plan, initial={"name": need.proposed})
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.take_up(need=need, course=form.save(commit=False), by=request.user)
            messages.success(request, f"已將「{made.name}」列入{plan.year}年度計畫。")
            return redirect(back)
        except ValidationError as refusal:
            say(form, refusal)
    context = {"form": form, "plan": plan, "title": "建議課程列入計畫", "back": back}
    return render(request, "training/plan_form.html", context, status=422 if form.errors else 200)
