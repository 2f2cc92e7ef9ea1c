"""The yearly report of a work plan: how the sections stand, the versions that were issued, and their files."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from kpi.actions.reports import freeze_report
from kpi.choices import PaperKind
from kpi.documents.work import figures, yearly_report
from kpi.models import FrozenReport, WorkPlan
from kpi.policies import can_report_work
from kpi.worktree import QUARTERS, by_section, entered, last_quarter, together, totals, tree
from personnel_portal.accounts.requests import SignedInRequest
from personnel_portal.guards import guard
from personnel_portal.uploads.sending import send as send_file


@guard(WorkPlan)
def report(request: SignedInRequest, work_plan: WorkPlan) -> HttpResponse:
    """Show what the report would say as of a quarter (`?quarter=`, else the last that is over), and the versions."""
    nodes, rows = tree(work_plan.plan), entered(work_plan.plan)
    quarter = _quarter(request, work_plan)
    context = {
        "work_plan": work_plan,
        "plan": work_plan.plan,
        "quarter": quarter,
        "quarters": QUARTERS,
        "sections": by_section(nodes, rows, quarter),
        "whole": together(nodes, rows, quarter),
        "totals": totals(nodes),
        "versions": FrozenReport.objects.filter(plan=work_plan.plan, kind=PaperKind.WORK).select_related("made_by"),
        "may_report": bool(can_report_work(request.user, work_plan)),
    }
    return render(request, "kpi/work_report.html", context)


@require_POST
@guard(WorkPlan, can_report_work)
def freeze(request: SignedInRequest, work_plan: WorkPlan) -> HttpResponse:
    """Issue the report as its next version."""
    nodes, rows = tree(work_plan.plan), entered(work_plan.plan)
    quarter, today = _quarter(request, work_plan), timezone.localdate()
    made = freeze_report(
        plan=work_plan.plan,
        kind=PaperKind.WORK,
        year=work_plan.plan.year,
        paper=yearly_report(work_plan, nodes, rows, quarter, today),
        figures=figures(nodes, rows, quarter),
        by=request.user,
    )
    messages.success(request, f"已產製第 {made.version} 版，PDF 與 ODT 檔於背景製作，稍後重新整理即可下載。")
    return redirect("kpi:work_report", pk=work_plan.pk)


@guard(FrozenReport)
def file(request: SignedInRequest, report: FrozenReport, form: str) -> HttpResponseBase:
    """Send a version as PDF or ODT."""
    stored = {"pdf": report.pdf, "odt": report.odt}.get(form)
    if stored is None:
        raise Http404("檔案尚未製作完成，請稍後再試。")
    return send_file(stored, by=request.user, target=report)


def _quarter(request: SignedInRequest, work_plan: WorkPlan) -> int:
    asked = request.POST.get("quarter") or request.GET.get("quarter", "")
    if asked in {str(quarter) for quarter in QUARTERS}:
        return int(asked)
    return last_quarter(work_plan.plan, timezone.localdate())
