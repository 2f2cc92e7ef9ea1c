"""The plans of the office: settings, letters, deadlines, readings, and cloning one to another year."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from districts.actions import plan_settings as actions
from districts.actions.plans import clone_plan, preview_clone
from districts.forms.people import add_refusal
from districts.forms.plans import CloneForm, ConfirmReadingForm, DeadlineForm, PlanForm, VersionForm
from districts.models import Plan, PlanVersion
from districts.policies import can_manage_plan, is_admin
from districts.standing import standing
from personnel_portal import lists
from personnel_portal.accounts.requests import SignedInRequest
from personnel_portal.guards import guard

COLUMNS = [
    lists.Column(
        "title", "計畫", sort=("title",), link=lambda plan: reverse("districts:plan", args=[plan.pk]), width=40
    ),
    lists.Column("kind", "種類", "get_kind_display", sort=("kind",)),
    lists.Column("year", "年度", sort=("year",), numeric=True),
    lists.Column("issuing_body", "訂定機關", sort=("issuing_body",)),
    lists.Column("starts", "起日", sort=("starts",)),
    lists.Column("ends", "迄日", sort=("ends",)),
]


@guard(policy=is_admin)
def plans(request: SignedInRequest) -> HttpResponseBase:
    """List the plans of the office."""
    return lists.show(
        request,
        queryset=Plan.objects.visible_to(request.user),
        columns=COLUMNS,
        title="計畫設定",
        empty="尚無計畫。請先載入計畫資料，再複製為新年度。",
        office_id=standing(request.user).office_id,
    )


@guard(Plan, can_manage_plan)
def plan(request: SignedInRequest, plan: Plan) -> HttpResponse:
    """Show a plan with its letters, deadlines and readings."""
    readings = list(plan.readings.select_related("confirmed_by"))
    context = {
        "plan": plan,
        "versions": plan.versions.all(),
        "deadlines": plan.deadlines.all(),
        "readings": readings,
        "unconfirmed": sum(reading.confirmed_on is None for reading in readings),
        "districts": plan.districts.all(),
        "today": timezone.localdate(),
    }
    return render(request, "districts/plan.html", context)


@guard(Plan, can_manage_plan)
def edit_plan(request: SignedInRequest, plan: Plan) -> HttpResponse:
    """Change the settings of a plan."""
    form = PlanForm(request.POST or None, instance=plan)
    if request.method == "POST" and form.is_valid():
        try:
            actions.save_plan(plan=form.save(commit=False), by=request.user)
        except ValidationError as refusal:
            add_refusal(form, refusal)
        else:
            return _done(request, plan, "已更新計畫設定。")
    return _form(request, plan, form, title="修改計畫設定", action="儲存")


@guard(Plan, can_manage_plan)
def add_version(request: SignedInRequest, plan: Plan) -> HttpResponse:
    """Enter a letter that approved or amended the plan."""
    form = VersionForm(request.POST or None, instance=PlanVersion(plan=plan))
    if request.method == "POST" and form.is_valid():
        version = actions.add_version(version=form.save(commit=False), by=request.user)
        return _done(request, plan, f"已登錄 {version.number}。")
    return _form(request, plan, form, title="登錄核定或修正文號", action="登錄")


@require_POST
@guard(Plan, can_manage_plan)
def remove_version(request: SignedInRequest, plan: Plan, version: int) -> HttpResponse:
    """Take back a letter that was entered by mistake."""
    letter = get_object_or_404(plan.versions, pk=version)
    actions.remove_version(version=letter, by=request.user)
    return _done(request, plan, f"已刪除 {letter.number}。")


@guard(Plan, can_manage_plan)
def edit_deadline(request: SignedInRequest, plan: Plan, deadline: int) -> HttpResponse:
    """Change a deadline of the plan."""
    form = DeadlineForm(request.POST or None, instance=get_object_or_404(plan.deadlines, pk=deadline))
    if request.method == "POST" and form.is_valid():
        actions.save_deadline(deadline=form.save(commit=False), by=request.user)
        return _done(request, plan, "已更新期限，責任看板與提醒即時依新期限計算。")
    return _form(request, plan, form, title="修改期限", action="儲存")


@require_POST
@guard(Plan, can_manage_plan)
def confirm_reading(request: SignedInRequest, plan: Plan, reading: int) -> HttpResponse:
    """Confirm a chosen reading as of a day."""
    chosen = get_object_or_404(plan.readings, pk=reading)
    form = ConfirmReadingForm(request.POST)
    if not form.is_valid():
        messages.error(request, str(next(iter(form.errors.values()))[0]))
        return redirect("districts:plan", pk=plan.pk)
    try:
        actions.confirm_reading(reading=chosen, on=form.cleaned_data["confirmed_on"], by=request.user)
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
        return redirect("districts:plan", pk=plan.pk)
    return _done(request, plan, f"已確認「{chosen.clause}」的解釋。")


@guard(Plan, can_manage_plan)
def clone(request: SignedInRequest, plan: Plan) -> HttpResponse:
    """Clone the plan to another year; every difference is shown before it is saved."""
    form = CloneForm(request.POST or None, initial={"year": plan.year + 1})
    context: dict[str, Any] = {"plan": plan, "form": form}
    if request.method == "POST" and form.is_valid():
        year = form.cleaned_data["year"]
        try:
            if "confirmed" in request.POST:
                made = clone_plan(plan=plan, year=year, by=request.user)
                return _done(request, made, f"已建立{made}，請檢視期限與條文解釋。")
            context["preview"] = preview_clone(plan, year)
        except ValidationError as refusal:
            form.add_error("year", refusal)
    return render(request, "districts/plan_clone.html", context, status=422 if form.errors else 200)


def _done(request: SignedInRequest, plan: Plan, sentence: str) -> HttpResponse:
    messages.success(request, sentence)
    return redirect("districts:plan", pk=plan.pk)


def _form(request: SignedInRequest, plan: Plan, form: Any, *, title: str, action: str) -> HttpResponse:
    context = {
        "form": form,
        "title": title,
        "subtitle": str(plan),
        "action": action,
        "back": reverse("districts:plan", args=[plan.pk]),
    }
    return render(request, "districts/form.html", context, status=422 if form.errors else 200)
