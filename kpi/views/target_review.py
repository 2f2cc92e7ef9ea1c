"""The office's review of what units report: approve or return, one by one and in bulk, and close months."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from districts.models import Plan
from kpi.actions import actuals as actions
from kpi.forms.targets import RETURN, LockForm, ReviewedFilter, ReviewForm, stamp
from kpi.models import Actual, PeriodLock
from kpi.policies import can_review_targets
from kpi.views.years import Choice, year_in
from personnel_portal.accounts.requests import SignedInRequest
from personnel_portal.guards import guard

SHOWN = 200  # rows a page: what one can look through before one decides


@guard(Plan, can_review_targets)
def review(request: SignedInRequest, plan: Plan) -> HttpResponseBase:
    """Show what waits for the review (or was approved), and decide on what is ticked."""
    year = year_in(request, plan)
    rows = _rows(request, plan, year)
    if request.method != "POST":
        return _page(request, plan, year, rows)
    form = ReviewForm(request.POST, found=rows)
    if form.is_valid():
        try:
            messages.success(request, _decide(request, form))
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            return redirect(_address(plan, year))
    return _page(request, plan, year, rows, form=form)


@require_POST
@guard(Plan, can_review_targets)
def lock(request: SignedInRequest, plan: Plan) -> HttpResponseBase:
    """Close the months of a year up to one, or open them again."""
    year = year_in(request, plan)
    form = LockForm(request.POST)
    if not form.is_valid():
        return _page(request, plan, year, _rows(request, plan, year), lock_form=form)
    month = form.cleaned_data["month"]
    actions.lock_months(plan=plan, year=year, month=month, by=request.user)
    messages.success(request, f"{year}年度已鎖定至 {month} 月。" if month else f"{year}年度已解除鎖定。")
    return redirect(_address(plan, year))


def _decide(request: SignedInRequest, form: ReviewForm) -> str:
    actuals, reason = form.cleaned_data["actuals"], form.cleaned_data["reason"]
    if form.cleaned_data["decision"] == RETURN:
        count = actions.return_entries(actuals=actuals, reason=reason, by=request.user)
        return f"已退請補正 {count} 筆，並通知填報機關。"
    return f"已核定 {actions.approve_entries(actuals=actuals, by=request.user)} 筆。"


def _rows(request: SignedInRequest, plan: Plan, year: int) -> QuerySet[Actual]:
    rows: QuerySet[Actual] = Actual.objects.visible_to(request.user).filter(indicator__goal__plan=plan, year=year)
    return rows


def _page(
    request: SignedInRequest,
    plan: Plan,
    year: int,
    rows: QuerySet[Actual],
    *,
    form: ReviewForm | None = None,
    lock_form: LockForm | None = None,
) -> HttpResponse:
    narrowed = ReviewedFilter(request.GET, plan=plan)
    found = narrowed.narrow(rows).order_by("indicator__goal__order", "indicator__order", "agency", "period")
    shown = list(
        found.select_related("indicator__goal__plan", "agency", "entered_by").prefetch_related("files__stored")[:SHOWN]
    )
    closed = PeriodLock.objects.filter(plan=plan, year=year).select_related("locked_by").first()
    context = {
        "choice": Choice(plan, year, (plan,)),
        "narrowed": narrowed,
        "rows": [(actual, stamp(actual)) for actual in shown],
        "count": found.count() if len(shown) == SHOWN else len(shown),
        "form": form or ReviewForm(found=rows),
        "ticked": set(form.ticked) if form else set(),
        "lock": closed,
        "lock_form": lock_form or LockForm(initial={"month": closed.month if closed else 0}),
    }
    is_refused = any(each and each.errors for each in (form, lock_form))
    return render(request, "kpi/target_review.html", context, status=422 if is_refused else 200)


def _address(plan: Plan, year: int) -> str:
    return f"{reverse('kpi:review_targets', args=[plan.pk])}?year={year}"
