"""The office's side of usage returns: the list, the review, one system across agencies, who has not filed."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count, Q
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from districts.models import Plan
from districts.standing import standing
from kpi.actions import usage_review as actions
from kpi.actions.usage import last_day
from kpi.choices import Grant, ReportState, Round
from kpi.filters import UsageReturnFilter
from kpi.forms.usage_office import BulkForm, ReturnReasonForm, ReviewForm
from kpi.models import System, UsageReport, Use
from kpi.policies import can_review_return, can_review_usage, can_see_scores, is_somebody
from kpi.views.usage import TONES, detail_page, grouped, uses_of
from personnel_portal import lists
from personnel_portal.accounts.requests import SignedInRequest
from personnel_portal.guards import guard

# --- The list --------------------------------------------------------------------------------------------------------


def _state(report: UsageReport) -> lists.Cell:
    return lists.Cell(report.get_state_display(), TONES[ReportState(report.state)])


def _of(name: str) -> Any:
    return lambda report: getattr(report, name)


COLUMNS = [
    lists.Column(
        "agency", "機關", "agency.short_name", sort=("agency__short_name",), link=UsageReport.get_absolute_url
    ),
    lists.Column("round", "次別", "get_round_display", sort=("round",)),
    lists.Column("is_scored", "計分", lambda one: "計分" if one.is_scored else "配合度", sort=("is_scored",), width=10),
    lists.Column("letter", "函報文號", "letter_number", sort=("letter_number",), width=26),
    lists.Column("submitted_at", "首次送出", "submitted_at", sort=("submitted_at",), width=18),
    lists.Column("used", "填報", _of("used"), sort=("used",), numeric=True, width=8),
    lists.Column("granted", "採認", _of("granted"), sort=("granted",), numeric=True, width=8),
    lists.Column("state", "狀態", _state, sort=("state",), width=12),
]


@guard(policy=is_somebody)
def index(request: SignedInRequest) -> HttpResponseBase:
    """List the returns that the person may see, what waits for the review first."""
    granted = Count("uses", filter=Q(uses__grant=Grant.GRANTED))
    found = UsageReport.objects.visible_to(request.user).annotate(used=Count("uses"), granted=granted)
    return lists.show(
        request,
        queryset=found.select_related("agency", "plan").order_by("-plan__year", "-round", "-state", "agency"),
        columns=COLUMNS,
        filterset_class=UsageReturnFilter,
        title="使用情形回報",
        empty="還沒有回報。各機關送出後會列在這裡。",
        office_id=standing(request.user).office_id,
    )


# --- The review ------------------------------------------------------------------------------------------------------


@guard(UsageReport, can_review_return)
def review(request: SignedInRequest, report: UsageReport) -> HttpResponseBase:
    """Review a return item by item or in bulk; save, or finish the review."""
    if report.state != ReportState.SUBMITTED and request.method != "POST":
        messages.info(request, f"這份回報目前為「{report.get_state_display()}」，無須審查。")
        return redirect(report)
    groups = grouped(uses_of(report))
    data = request.POST if request.method == "POST" else None
    form = ReviewForm(report, [use for *_, rows in groups for use in rows], _before(report), data)
    if data is not None and form.is_valid():
        button = request.POST.get("do", "")
        try:
            actions.review_return(
                report=report,
                review=form.review(button),
                finish=button == "finish",
                revision=form.whole.cleaned_data["revision"],
                by=request.user,
            )
        except ValidationError as refusal:
            form.add_errors(refusal)
            form.show_again(UsageReport.objects.get(pk=report.pk))
        else:
            if button == "finish":
                messages.success(request, f"已完成{report.agency.short_name}的審查，並通知該機關。")
                return redirect(_next(report))
            messages.success(request, "已儲存審查。")
            return redirect("kpi:review_usage_return", pk=report.pk)
    by_use = {item.use.pk: item for item in form.items}
    context = {
        "report": report,
        "form": form,
        "groups": [(name, anchor, [by_use[use.pk] for use in rows]) for name, anchor, rows in groups],
        "services": report.services.select_related("stored"),
        "return_form": ReturnReasonForm(),
    }
    return render(request, "kpi/usage_review.html", context, status=422 if form.problems else 200)


def _before(report: UsageReport) -> dict[tuple[int | None, int | None], Use]:
    """Return the items of the first return, which the review of the second looks at."""
    if report.round != Round.SECOND:
        return {}
    uses = Use.objects.filter(report__plan=report.plan_id, report__agency=report.agency_id, report__round=Round.FIRST)
    return {(use.system_id, use.subsystem_id): use for use in uses}


def _next(report: UsageReport) -> str:
    """Return the page of the next return that waits, else the list."""
    waiting = UsageReport.objects.filter(plan=report.plan_id, state=ReportState.SUBMITTED).exclude(pk=report.pk)
    following = waiting.order_by("round", "submitted_at", "pk").first()
    if following is None:
        return f"{reverse('kpi:usage')}?year={report.plan.year}"
    return reverse("kpi:review_usage_return", args=[following.pk])


@require_POST
@guard(UsageReport, can_review_return)
def give_back(request: SignedInRequest, report: UsageReport) -> HttpResponse | HttpResponseBase:
    """Return it to its agency for correction."""
    form = ReturnReasonForm(request.POST)
    if form.is_valid():
        try:
            actions.return_for_correction(report=report, reason=form.cleaned_data["reason"], by=request.user)
        except ValidationError as refusal:
            form.add_error(None, refusal.messages[0])
        else:
            messages.success(request, "已退請補正，並通知該機關。")
            return redirect(report)
    return detail_page(request, report, return_form=form, status=422)


# --- One system across agencies --------------------------------------------------------------------------------------


@guard(Plan, can_review_usage)
def by_system(request: SignedInRequest, plan: Plan, system: int) -> HttpResponse | HttpResponseBase:
    """Judge what all agencies say of one system, in bulk."""
    shown = get_object_or_404(System.objects.visible_to(request.user), pk=system)
    form = BulkForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        grant = Grant.REFUSED if request.POST.get("do") == "refuse" else Grant.GRANTED
        try:
            count = actions.judge_in_bulk(
                plan=plan,
                items=_ticked(request.POST.getlist("use")),
                grant=grant,
                reason=form.cleaned_data["reason"],
                by=request.user,
            )
        except ValidationError as refusal:
            form.add_error("reason" if hasattr(refusal, "error_dict") else None, refusal.messages)
        else:
            messages.success(request, f"已{grant.label} {count} 個機關的「{shown.name}」。")
            return redirect("kpi:usage_by_system", pk=plan.pk, system=shown.pk)
    uses = Use.objects.filter(report__plan=plan, system=shown, report__state=ReportState.SUBMITTED)
    context = {
        "plan": plan,
        "system": shown,
        "form": form,
        "ticked": request.POST.getlist("use"),
        "uses": uses.select_related("report__agency").prefetch_related("files__stored").order_by("report__agency"),
    }
    return render(request, "kpi/usage_by_system.html", context, status=422 if form.errors else 200)


def _ticked(values: list[str]) -> dict[int, str]:
    """Return the ticked items with the grant that the page showed, from `<key>:<grant>`."""
    pairs = (value.partition(":") for value in values)
    return {int(key): grant for key, _, grant in pairs if key.isascii() and key.isdecimal() and len(key) < 19}


# --- Who has not filed -----------------------------------------------------------------------------------------------


@guard(Plan, can_see_scores)
def missing(request: SignedInRequest, plan: Plan) -> HttpResponse:
    """List the agencies that have not filed a round (`?round=2`), with the form that chases them."""
    round_ = Round.SECOND if request.GET.get("round") == "2" else Round.FIRST
    day = last_day(plan, round_)
    context = {
        "plan": plan,
        "round": round_,
        "rounds": list(Round),
        "rows": [
            (agency, report, TONES[ReportState(report.state)] if report else "")
            for agency, report in actions.missing(plan, round_)
        ],
        "day": day,
        "is_over": bool(day and timezone.localdate() > day),
        "may_chase": bool(can_review_usage(request.user, plan)),
    }
    return render(request, "kpi/usage_missing.html", context)


@require_POST
@guard(Plan, can_review_usage)
def chase(request: SignedInRequest, plan: Plan) -> HttpResponseBase:
    """Mail the ticked agencies."""
    round_ = Round.SECOND if request.POST.get("round") == "2" else Round.FIRST
    ticked = frozenset(
        int(key) for key in request.POST.getlist("agency") if key.isascii() and key.isdecimal() and len(key) < 19
    )
    try:
        reached = actions.chase(plan=plan, round_=round_, agencies=ticked, by=request.user)
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
    else:
        messages.success(request, f"已寄出催請，共 {reached} 人。")
    return redirect(f"{reverse('kpi:usage_missing', args=[plan.pk])}?round={int(round_)}")
