"""The national portal's reports: handed in, progress while they are read, the preview, and what was taken over."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from districts.models import Office
from districts.policies import is_office
from personnel_portal import lists
from personnel_portal.accounts.requests import SignedInRequest
from personnel_portal.guards import guard, require
from training import meter
from training.actions import reports as actions
from training.choices import Outcome
from training.filters import RecordFilter, ReportRowFilter
from training.forms.reports import ReportForm
from training.models import NationalReport
from training.policies import can_exchange_hours, can_take_report

ONLY_HERE = "only_here"


@guard(policy=is_office)
def index(request: SignedInRequest) -> HttpResponseBase:
    """List the reports, and take another in."""
    form = ReportForm(request.POST or None, request.FILES or None)
    if request.method == "POST":
        require(can_exchange_hours(request.user))
        if form.is_valid():
            report = actions.receive_report(
                office=Office.objects.visible_to(request.user).get(),
                name=form.name,
                content=form.content,
                year=form.cleaned_data["year"],
                by=request.user,
            )
            return redirect(report)
    context = {
        "form": form if can_exchange_hours(request.user) else None,
        "reports": NationalReport.objects.visible_to(request.user).defer("content").select_related("made_by")[:50],
    }
    return render(request, "training/reports.html", context, status=422 if form.errors else 200)


@guard(NationalReport)
def detail(request: SignedInRequest, report: NationalReport) -> HttpResponseBase:
    """Show how far the reading is; then the lines by what they are beside the records here."""
    is_over = report.read_at is not None or report.problem
    if is_over and request.headers.get("HX-Target") == "progress":
        response = HttpResponse()
        response["HX-Refresh"] = "true"
        return response
    if report.read_at is None:
        template = (
            "training/_report_progress.html" if request.headers.get("HX-Request") else "training/report_wait.html"
        )
        return render(request, template, {"report": report})
    return _only_here(request, report) if request.GET.get("outcome") == ONLY_HERE else _lines(request, report)


def _lines(request: SignedInRequest, report: NationalReport) -> HttpResponseBase:
    context = _context(request, report)
    rows = report.lines.filter(outcome=context["outcome"])
    return lists.show(
        request,
        queryset=rows.select_related("topic", "record__topic").order_by("line"),
        columns=LINES,
        title=f"{report.year}年度入口網站報表",
        empty="沒有這一類的資料列。",
        name=f"{report.year}年度入口網站報表比對",
        filterset_class=ReportRowFilter,
        template="training/report.html",
        office_id=report.office_id,
        **context,
    )


def _only_here(request: SignedInRequest, report: NationalReport) -> HttpResponseBase:
    rows = actions.only_here(report).select_related("person", "agency", "topic")
    return lists.show(
        request,
        queryset=rows.order_by("agency", "person__name", "starts"),
        columns=RECORDS,
        title=f"{report.year}年度入口網站報表",
        empty="本平臺的紀錄都在報表上。",
        name=f"{report.year}年度僅本平臺有的學習紀錄",
        filterset_class=RecordFilter,
        template="training/report.html",
        office_id=report.office_id,
        **_context(request, report),
    )


def _context(request: SignedInRequest, report: NationalReport) -> dict[str, Any]:
    counts = dict(report.lines.order_by().values_list("outcome").annotate(Count("pk")))
    asked = request.GET.get("outcome", "")
    first = next((one.value for one in SHOWN if counts.get(one.value)), SHOWN[0].value)
    return {
        "report": report,
        "outcome": asked if asked in (*Outcome.values, ONLY_HERE) else first,
        "tabs": [
            *((one.value, one.label, counts.get(one.value, 0)) for one in SHOWN),
            (ONLY_HERE, "僅本平臺有", actions.only_here(report).count()),
        ],
        "counts": counts,
        "may_take": bool(can_exchange_hours(request.user)),
        "subtitle": f"{report.name}，{report.rows:,} 列",
    }


SHOWN = (Outcome.ONLY_THERE, Outcome.DIFFERING, Outcome.BOTH, Outcome.PROBLEM)


def _to_person(row: Any) -> str | None:
    return f"{reverse('training:person_hours', args=[row.person_id])}" if row.person_id else None


LINES = [
    lists.Column("line", "列", sort=("line",), numeric=True, width=8),
    lists.Column("agency_text", "機關", sort=("agency_text",)),
    lists.Column("name", "姓名", sort=("name",), link=_to_person),
    lists.Column("course", "課程", sort=("course",), width=40),
    lists.Column("topic", "類別", "topic.name"),
    lists.Column("starts", "起日", sort=("starts",)),
    lists.Column("ends", "迄日"),
    lists.Column("hours", "時數", lambda row: row.hours and meter.plain(row.hours), sort=("hours",), numeric=True),
    lists.Column("problem", "說明", width=40),
]
RECORDS = [
    lists.Column("agency", "機關", "agency.short_name", sort=("agency__short_name",)),
    lists.Column("person", "姓名", "person.name", sort=("person__name",), link=_to_person),
    lists.Column("course", "課程", sort=("course",), width=40, link=lambda row: row.source_url or None),
    lists.Column("topic", "類別", "topic.name"),
    lists.Column("starts", "起日", sort=("starts",)),
    lists.Column("ends", "迄日"),
    lists.Column("hours", "時數", lambda row: row.hours and meter.plain(row.hours), sort=("hours",), numeric=True),
    lists.Column("origin", "來源", "get_origin_display"),
]


@require_POST
@guard(NationalReport, can_take_report)
def take(request: SignedInRequest, report: NationalReport) -> HttpResponse:
    """Take over what the national portal alone has, and with `differing` its hours where the two differ."""
    try:
        added, changed = actions.take_report(report=report, with_differing="differing" in request.POST, by=request.user)
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
    else:
        messages.success(request, f"已匯入 {added:,} 筆，變更 {changed:,} 筆。")
    return redirect(report)


@require_POST
@guard(NationalReport, can_take_report)
def drop(request: SignedInRequest, report: NationalReport) -> HttpResponse:
    """Remove a report with its lines."""
    actions.drop_report(report=report, by=request.user)
    messages.success(request, f"已刪除「{report.name}」；已匯入的學習紀錄不受影響。")
    return redirect("training:reports")
