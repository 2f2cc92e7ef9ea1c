"""What follows from inspections and missed targets: violations, causes and corrective actions."""

from dataclasses import dataclass

from django.contrib import messages
from django.core.exceptions import ValidationError
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
)
from kpi.views.years import Choice, seen_by, year_in
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
        "choice": Choice(plan, year, (plan,)),
        "rows": sorted(rows, key=lambda row: row.rank),
        "is_over": figures.is_over,
        "today": today,
    }
    return render(request, "kpi/missed_targets.html", context)


@guard(Indicator)
def correction(request: SignedInRequest, indicator: Indicator, agency: int) -> HttpResponse:
    """Show a unit's missed target with its cause and corrective action; the unit finds its forms there."""
    year = year_in(request, indicator.goal.plan)
    return _correction_page(request, _cell(request, indicator, year, agency), year)


@require_POST
@guard(Indicator)
def file_correction(request: SignedInRequest, indicator: Indicator, agency: int) -> HttpResponseBase:
    """Say why a target was missed, what is done about it, and by when."""
    plan = indicator.goal.plan
    year = year_in(request, plan)
    cell = _cell(request, indicator, year, agency)
    require(can_work_for(request.user, cell.agency))
    form = CorrectionForm(request.POST, correction=_filed(cell, year), today=timezone.localdate())
    if form.is_valid():
        try:
            actions.file_correction(
                indicator=indicator, agency=cell.agency, year=year, by=request.user, **form.cleaned_data
            )
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            messages.success(request, "已儲存未達原因與改善措施。")
            return redirect(f"{reverse('kpi:missed_targets', args=[plan.pk])}?year={year}")
    return _correction_page(request, cell, year, form=form)


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
    return _correction_page(request, cell, year, finish_form=form)


def _correction_page(
    request: SignedInRequest,
    cell: Cell,
    year: int,
    *,
    form: CorrectionForm | None = None,
    finish_form: FinishForm | None = None,
) -> HttpResponse:
    plan, filed = cell.indicator.goal.plan, _filed(cell, year)
    is_open = bool(can_work_for(request.user, cell.agency)) and not (filed and filed.done_on)
    context = {
        "choice": Choice(plan, year, (plan,)),
        "cell": cell,
        "correction": filed,
        "form": form or (CorrectionForm(correction=filed, today=timezone.localdate()) if is_open else None),
        "finish_form": finish_form or (FinishForm() if is_open and filed else None),
        "entries": Entry.objects.for_target(filed)[:HISTORY] if filed else (),
    }
    is_refused = any(each is not None and each.errors for each in (form, finish_form))
    return render(request, "kpi/correction.html", context, status=422 if is_refused else 200)


def _filed(cell: Cell, year: int) -> Correction | None:
    known = Correction.objects.filter(indicator=cell.indicator, agency=cell.agency, year=year)
    found: Correction | None = known.select_related("agency").first()
    return found


def _cell(request: SignedInRequest, indicator: Indicator, year: int, agency: int) -> Cell:
    """Return the unit's figure that the person may see.

    Raises:
        Http404: it does not report the indicator, or is not the person's to see.
    """
    seen = seen_by(request)
    if seen is not None and agency not in seen:
        raise Http404
    plan, today = indicator.goal.plan, timezone.localdate()
    figures = compute.of_year(plan, year, today=today, agencies=[agency], only=[indicator])
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
    """List a year's violations, an agency its own; a reviewer finds the form for another there."""
    may_enter = bool(can_review_targets(request.user, plan))
    return _violations(request, plan, ViolationForm(plan=plan) if may_enter else None)


@require_POST
@guard(Plan, can_review_targets)
def enter_violation(request: SignedInRequest, plan: Plan) -> HttpResponseBase:
    """Enter a violation that was found."""
    form = ViolationForm(request.POST, plan=plan)
    if form.is_valid():
        try:
            entered = actions.enter_violation(by=request.user, **form.cleaned_data)
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            messages.success(request, f"已登錄：{entered.agency.short_name}，{entered.kind}。")
            return redirect(f"{reverse('kpi:violations', args=[plan.pk])}?year={entered.day.year - ROC}")
    response = _violations(request, plan, form)
    response.status_code = 422
    return response


def _violations(request: SignedInRequest, plan: Plan, form: ViolationForm | None) -> HttpResponseBase:
    year = year_in(request, plan)
    found = Violation.objects.visible_to(request.user).filter(kind__indicator__goal__plan=plan, day__year=year + ROC)
    return lists.show(
        request,
        queryset=found.select_related("kind", "agency", "entered_by").order_by("-day", "-pk"),
        columns=[*COLUMNS, _REMOVE] if form else COLUMNS,
        title=f"{year}年度違失紀錄",
        empty="這一年度沒有違失紀錄；沒有違失者，該指標為 100。",
        template="kpi/violations.html",
        office_id=plan.office_id,
        choice=Choice(plan, year, (plan,)),
        form=form,
    )


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
