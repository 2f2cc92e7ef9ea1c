"""What follows from inspections and missed targets: violations, causes and corrective actions."""

from dataclasses import dataclass

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from districts.models import Plan
from districts.standing import standing
from kpi import compute
from kpi.actions import missed as actions
from kpi.compute import Cell
from kpi.facts import ROC
from kpi.forms.targets import CorrectionForm, FinishForm, RemoveViolationForm, ViolationForm
from kpi.models import Correction, Indicator, Violation
from kpi.policies import (
    can_finish_correction,
    can_remove_violation,
    can_review_targets,
    can_see_targets,
    can_work_for,
    is_somebody,
)
from kpi.views.years import Choice, plans_of, seen_by, year_in
from personnel_portal import lists
from personnel_portal.accounts.requests import SignedInRequest
from personnel_portal.guards import guard, require
from personnel_portal.trail.models import Entry

HISTORY = 20

# --- Missed targets --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Missed:
    """A unit's indicator that asks for a corrective action, or has one; no cell where it is not reported any more."""

    cell: Cell | None
    correction: Correction | None
    is_own: bool

    @property
    def rank(self) -> tuple[bool, bool]:
        """What nobody explained comes first, what is done last."""
        return (bool(self.correction and self.correction.done_on), self.correction is not None)


@guard(Plan, can_see_targets)
def missed(request: SignedInRequest, plan: Plan) -> HttpResponse:
    """Show a year's missed targets with causes and corrective actions; an agency sees its own."""
    year, today = year_in(request, plan), timezone.localdate()
    figures = compute.of_year(plan, year, today=today, agencies=seen_by(request))
    filed = Correction.objects.visible_to(request.user).filter(indicator__goal__plan=plan, year=year)
    corrections = {(one.indicator_id, one.agency_id): one for one in filed.select_related("indicator__goal", "agency")}
    own = standing(request.user).works_for
    cells = {(cell.indicator.pk, cell.agency.pk): cell for cell in figures.missed()}
    keys = list(dict.fromkeys([*cells, *corrections]))
    rows = [Missed(figures.cells.get(key), corrections.get(key), key[1] in own) for key in keys]
    context = {
        "choice": Choice(plan, year, tuple(plans_of(request))),
        "rows": sorted(rows, key=lambda row: row.rank),
        "is_over": figures.is_over,
        "today": today,
    }
    return render(request, "kpi/missed_targets.html", context)


@guard(Indicator, is_somebody)
def correction(request: SignedInRequest, indicator: Indicator, agency: int) -> HttpResponseBase:
    """Say why a target was missed, what is done about it, and by when; then that it is done."""
    plan, today = indicator.goal.plan, timezone.localdate()
    year = year_in(request, plan)
    cell = _cell(request, indicator, year, agency)
    known = Correction.objects.filter(indicator=indicator, agency=cell.agency, year=year)
    filed = known.select_related("entered_by", "agency").first()
    is_own = bool(can_work_for(request.user, cell.agency))
    if request.method == "POST" and not is_own:
        raise PermissionDenied(can_work_for(request.user, cell.agency).reason)
    form = CorrectionForm(request.POST or None, correction=filed, today=today)
    if request.method == "POST" and form.is_valid():
        try:
            actions.file_correction(
                indicator=indicator, agency=cell.agency, year=year, by=request.user, **form.cleaned_data
            )
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            messages.success(request, "已儲存未達原因與改善措施。")
            return redirect(f"{reverse('kpi:missed_targets', args=[plan.pk])}?year={year}")
    return _correction_page(request, cell, year, filed, form if is_own else None)


@require_POST
@guard(Correction, can_finish_correction)
def finish(request: SignedInRequest, correction: Correction) -> HttpResponseBase:
    """Say that a corrective action is done."""
    plan, year = correction.indicator.goal.plan, correction.year
    form = FinishForm(request.POST)
    if form.is_valid():
        try:
            actions.finish_correction(correction=correction, by=request.user, **form.cleaned_data)
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            messages.success(request, "已回報改善措施完成。")
            return redirect(f"{reverse('kpi:missed_targets', args=[plan.pk])}?year={year}")
    cell = _cell(request, correction.indicator, year, correction.agency_id)
    again = CorrectionForm(correction=correction, today=timezone.localdate())
    return _correction_page(request, cell, year, correction, again, finish_form=form)


def _correction_page(
    request: SignedInRequest,
    cell: Cell,
    year: int,
    filed: Correction | None,
    form: CorrectionForm | None,
    *,
    finish_form: FinishForm | None = None,
) -> HttpResponse:
    plan = cell.indicator.goal.plan
    can_finish = form is not None and filed is not None and filed.done_on is None
    context = {
        "choice": Choice(plan, year, (plan,)),
        "cell": cell,
        "correction": filed,
        "form": form if form and not (filed and filed.done_on) else None,
        "finish_form": finish_form or (FinishForm() if can_finish else None),
        "entries": Entry.objects.for_target(filed)[:HISTORY] if filed else (),
    }
    errors = [each for each in (form, finish_form) if each is not None and each.is_bound and each.errors]
    return render(request, "kpi/correction.html", context, status=422 if errors else 200)


def _cell(request: SignedInRequest, indicator: Indicator, year: int, agency: int) -> Cell:
    """Return the unit's figure that the person may see.

    Raises:
        Http404: it does not report the indicator, or is not the person's to see.
    """
    seen = seen_by(request)
    if seen is not None and agency not in seen:
        raise Http404
    plan, today = indicator.goal.plan, timezone.localdate()
    figures = compute.of_year(plan, year, today=today, agencies=[agency], only=[indicator.pk])
    cell = figures.cells.get((indicator.pk, agency))
    if cell is None:
        raise Http404
    return cell


# --- Violations ------------------------------------------------------------------------------------------------------

COLUMNS = [
    lists.Column("day", "查獲日期", sort=("day",), width=12),
    lists.Column("agency", "機關", "agency.short_name", sort=("agency__short_name",)),
    lists.Column("office_unit", "單位", sort=("office_unit",)),
    lists.Column("kind", "違失類別", "kind.name", sort=("kind__name",), width=40),
    lists.Column(
        "points", "扣分", lambda row: row.kind.points.normalize(), sort=("kind__points",), numeric=True, width=8
    ),
    lists.Column("note", "說明", width=40),
    lists.Column("entered_by", "登錄人", "entered_by.get_full_name", width=12),
]


@guard(Plan, can_see_targets)
def violations(request: SignedInRequest, plan: Plan) -> HttpResponseBase:
    """List a year's violations; the office enters another."""
    year = year_in(request, plan)
    may_enter = bool(can_review_targets(request.user, plan))
    if request.method == "POST":
        require(can_review_targets(request.user, plan))
    form = ViolationForm(request.POST or None, plan=plan) if may_enter else None
    if request.method == "POST" and form is not None and form.is_valid():
        try:
            entered = actions.enter_violation(by=request.user, **form.cleaned_data)
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            messages.success(request, f"已登錄：{entered.agency.short_name}，{entered.kind}。")
            return redirect(f"{reverse('kpi:violations', args=[plan.pk])}?year={entered.day.year - ROC}")
    found = Violation.objects.visible_to(request.user).filter(kind__indicator__goal__plan=plan, day__year=year + ROC)
    response = lists.show(
        request,
        queryset=found.select_related("kind", "agency", "entered_by").order_by("-day", "-pk"),
        columns=[*COLUMNS, _REMOVE] if may_enter else COLUMNS,
        title=f"{year}年度違失紀錄",
        empty="這一年度沒有違失紀錄；沒有違失者，該指標為 100。",
        template="kpi/violations.html",
        office_id=plan.office_id,
        choice=Choice(plan, year, tuple(plans_of(request))),
        form=form,
    )
    if form is not None and form.is_bound and form.errors:
        response.status_code = 422
    return response


_REMOVE = lists.Column(
    "remove", "移除", lambda _: "移除", link=lambda row: reverse("kpi:remove_violation", args=[row.pk]), width=6
)


@guard(Violation, can_remove_violation)
def remove_violation(request: SignedInRequest, violation: Violation) -> HttpResponseBase:
    """Take back a violation that was entered by mistake."""
    plan = violation.kind.indicator.goal.plan
    page = f"{reverse('kpi:violations', args=[plan.pk])}?year={violation.day.year - ROC}"
    form = RemoveViolationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.remove_violation(violation=violation, reason=form.cleaned_data["reason"], by=request.user)
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            messages.success(request, "已移除違失紀錄。")
            return redirect(page)
    context = {
        "title": "移除違失紀錄？",
        "text": f"{violation.agency.short_name}　{violation.kind}",
        "consequences": ["該機關當年度的分數隨即重新計算。", "紀錄與移除理由留存於稽核軌跡。"],
        "action": "移除",
        "danger": True,
        "form": form,
        "cancel_url": page,
    }
    return render(request, "components/confirm.html", context, status=422 if form.is_bound and form.errors else 200)
