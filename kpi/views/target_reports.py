"""The yearly reports of a plan of targets: issued as versions that stay as they are, with what changed since."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from districts.models import Plan
from kpi import compute, trends
from kpi.actions.reports import freeze_report
from kpi.choices import PaperKind
from kpi.documents import targets as documents
from kpi.documents.targets import YearReport
from kpi.models import Correction, FrozenReport
from kpi.policies import can_review_targets, can_see_targets
from kpi.trends import Trend
from kpi.views.years import Choice, year_in
from personnel_portal.accounts.requests import SignedInRequest
from personnel_portal.guards import guard
from personnel_portal.uploads import sending


@guard(Plan, can_see_targets)
def reports(request: SignedInRequest, plan: Plan) -> HttpResponse:
    """List the versions of a year's report; whoever may issue one sees what has changed since the last."""
    year = year_in(request, plan)
    issued = FrozenReport.objects.visible_to(request.user).filter(plan=plan, year=year, kind=PaperKind.STRATEGY)
    versions = list(issued.select_related("pdf", "odt", "made_by"))
    may_issue = bool(can_review_targets(request.user, plan))
    figures = (
        documents.figures_of(compute.of_year(plan, year, today=timezone.localdate())) if may_issue and versions else {}
    )
    context = {
        "choice": Choice(plan, year, (plan,)),
        "versions": versions,
        "may_issue": may_issue,
        "differences": documents.differences(versions[0].content["figures"], figures) if figures else [],
    }
    return render(request, "kpi/target_reports.html", context)


@require_POST
@guard(Plan, can_review_targets)
def issue(request: SignedInRequest, plan: Plan) -> HttpResponseBase:
    """Freeze the year's report as its next version."""
    year = year_in(request, plan)
    report = _report(plan, year)
    frozen = freeze_report(
        plan=plan,
        kind=PaperKind.STRATEGY,
        year=year,
        paper=documents.paper(report),
        figures=documents.figures_of(report.figures),
        by=request.user,
    )
    messages.success(request, f"已產製{frozen}；PDF 與 ODT 檔案稍後即可下載。")
    return redirect(f"{reverse('kpi:target_reports', args=[plan.pk])}?year={year}")


@guard(FrozenReport)
def download(request: SignedInRequest, report: FrozenReport, form: str) -> HttpResponseBase:
    """Hand out a version's PDF or ODT."""
    stored = {"pdf": report.pdf, "odt": report.odt}.get(form)
    if stored is None:
        raise Http404("檔案還在產製，請稍後再試。" if form in ("pdf", "odt") else "")
    return sending.send(stored, by=request.user, target=report, name=f"{report.plan.issuing_body}{report}")


def _report(plan: Plan, year: int) -> YearReport:
    plan = Plan.objects.select_related("office", "strategy").prefetch_related("readings").get(pk=plan.pk)
    today = timezone.localdate()
    figures = compute.of_year(plan, year, today=today)
    corrections = Correction.objects.filter(indicator__goal__plan=plan, year=year).select_related("indicator__goal")
    return YearReport(figures, _trends(figures, year), list(corrections), today)


def _trends(figures: compute.YearFigures, year: int) -> dict[int, Trend]:
    """Return how indicators went: over the years of a plan, or over the periods of the year while it is the first."""
    facts, today = figures.facts, timezone.localdate()
    agencies = {agency.pk for one in facts.indicators for agency in facts.agencies_of(one)}
    rows = trends.rows_of(facts.indicators, agencies)
    found = {}
    for one in facts.indicators:
        years = trends.over_years(one, figures.of(one), today, rows)
        trend = years if years.is_drawn else trends.over_periods(one, year, figures.of(one), today)
        if trend.is_drawn:
            found[one.pk] = trend
    return found
