"""The first page of usage returns, an agency's returns: begin, fill in, send, look at; evidence."""

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Prefetch, QuerySet
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from districts.choices import PlanKind
from districts.models import Agency, Plan
from districts.standing import Standing, standing
from kpi import scoring
from kpi.actions import usage as actions
from kpi.choices import BandFor, Catalogued, Grant, ReportState, Round
from kpi.forms.usage import ReturnForm
from kpi.forms.usage_office import ReturnReasonForm, TrainingForm
from kpi.models import Score, ScoreList, Service, System, UsageReport, UsageTraining, Use, UseFile
from kpi.policies import (
    can_fill_return,
    can_manage_plan,
    can_review_return,
    can_review_usage,
    can_start_return,
    is_somebody,
)
from personnel_portal.accounts.requests import SignedInRequest
from personnel_portal.guards import guard
from personnel_portal.rules.usage import per_cent
from personnel_portal.trail.models import Entry
from personnel_portal.uploads import kinds
from personnel_portal.uploads.actions import keep_each
from personnel_portal.uploads.sending import send as send_file

TONES = {
    ReportState.DRAFT: "none",
    ReportState.SUBMITTED: "wait",
    ReportState.RETURNED: "late",
    ReportState.REVIEWED: "done",
}
GRANTS = {Grant.PENDING: "wait", Grant.GRANTED: "done", Grant.REFUSED: "late"}


def plans_of(request: SignedInRequest) -> Any:
    """Return the plans for the use of IT tools that the person may see."""
    return Plan.objects.visible_to(request.user).filter(kind=PlanKind.IT_USE)


@guard(policy=is_somebody)
def overview(request: SignedInRequest) -> HttpResponse:
    """Show a plan's two rounds: to an agency its own returns, to the office how far all are; `?year=` chooses the plan."""
    plans = plans_of(request).prefetch_related("readings")
    plan = plans.of_year(request.GET.get("year", ""), timezone.localdate())
    context: dict[str, Any] = {"plan": plan, "plans": plans}
    if plan:
        context |= _shown(request, plan)
    return render(request, "kpi/usage.html", context)


def _shown(request: SignedInRequest, plan: Plan) -> dict[str, Any]:
    mine = standing(request.user)
    rules = scoring.rules_of(plan)
    days = actions.last_days(plan)
    trainings = list(UsageTraining.objects.filter(plan=plan))
    published = ScoreList.objects.filter(plan=plan).first()
    filers = scoring.filers(plan) if mine.is_office else _own_agencies(mine)
    reports = list(UsageReport.objects.filter(plan=plan, agency__in=[agency.pk for agency in filers]))
    return {
        "rules": rules,
        "bands": [(BandFor(counts), rows) for counts, rows in rules.bands.items()],
        "trainings": trainings,
        "asked": rules.row.trainings if rules.row else 0,
        "training_form": TrainingForm(),
        "published": published,
        "own": _own([one for one in filers if one.is_active and one.pk in mine.works_for], reports, days),
        "own_scores": Score.objects.visible_to(request.user)
        .filter(score_list=published, agency__in=mine.reads_for)
        .select_related("agency", "score_list"),
        "rounds": _rounds(len(filers), reports, days) if mine.is_office else [],
        "proposed": System.objects.visible_to(request.user).filter(state=Catalogued.PROPOSED).count()
        if mine.is_reviewer
        else 0,
        "may_review": bool(can_review_usage(request.user, plan)),
        "may_manage": bool(can_manage_plan(request.user, plan)),
    }


def _own_agencies(mine: Standing) -> list[Agency]:
    return list(Agency.objects.members().filter(pk__in=mine.works_for, is_active=True))


def _own(
    agencies: Iterable[Agency], reports: Iterable[UsageReport], days: dict[int, Any]
) -> list[tuple[Agency, list[tuple[Round, Any, Any]]]]:
    """Return agencies with what they filed and by when, round by round."""
    there = {(one.agency_id, one.round): one for one in reports}
    return [
        (agency, [(round_, there.get((agency.pk, round_)), days[round_]) for round_ in Round]) for agency in agencies
    ]


def _rounds(asked: int, reports: Iterable[UsageReport], days: dict[int, Any]) -> list[dict[str, Any]]:
    """Return how far each round is: filed, waiting for the review, returned, reviewed, of how many agencies."""
    rounds = []
    for round_ in Round:
        found = [report.state for report in reports if report.round == round_]
        counts = {state: found.count(state) for state in ReportState.values}
        filed = counts[ReportState.SUBMITTED] + counts[ReportState.REVIEWED]
        rounds.append({"round": round_, "asked": asked, "filed": filed, "day": days[round_], **counts})
    return rounds


# --- One return ------------------------------------------------------------------------------------------------------


@require_POST
@guard(Plan, can_start_return)
def start(request: SignedInRequest, plan: Plan) -> HttpResponseBase:
    """Begin a return of one of the person's agencies."""
    mine = standing(request.user)
    asked, round_ = request.POST.get("agency", ""), request.POST.get("round", "")
    agency = Agency.objects.filter(pk__in=mine.works_for, pk=asked).first() if asked.isdecimal() else None
    if agency is None or round_ not in map(str, Round.values):
        messages.error(request, "請選擇要填報的機關與次別。")
        return redirect("kpi:usage")
    try:
        report = actions.start_return(plan=plan, agency=agency, round_=Round(int(round_)), by=request.user)
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
        return redirect("kpi:usage")
    if round_ == str(Round.SECOND) and report.uses.exists():
        messages.info(request, "已帶入第 1 次回報的內容與佐證，請增刪後送出。")
    return redirect("kpi:edit_usage_return", pk=report.pk)


@guard(UsageReport, can_fill_return)
def edit(request: SignedInRequest, report: UsageReport) -> HttpResponseBase:
    """Fill in a return: save the draft, or save and send it. Good files are kept whatever else is refused."""
    if report.state not in actions.OPEN and request.method != "POST":
        messages.info(request, f"這份回報目前為「{report.get_state_display()}」，不能修改。")
        return redirect(report)
    if request.method != "POST":
        return _edit_page(request, report, ReturnForm(report))
    form = ReturnForm(report, request.POST, request.FILES)
    valid = form.is_valid()
    refused = _keep_files(request, report, form, valid=valid)
    if valid:
        try:
            saved = actions.save_return(
                report=report, filled=form.filled(), revision=form.head.cleaned_data["revision"], by=request.user
            )
        except ValidationError as refusal:
            form.head.add_error(None, refusal)
            form.show_again(UsageReport.objects.get(pk=report.pk))
            refused = True
        else:
            if not refused:
                return _saved(request, saved)
            form.show_again(saved)
    return _edit_page(request, report, form)


def _saved(request: SignedInRequest, report: UsageReport) -> HttpResponseBase:
    if "send" not in request.POST:
        messages.success(request, "已儲存草稿，尚未送出。")
        return redirect("kpi:edit_usage_return", pk=report.pk)
    try:
        actions.send_return(report=report, by=request.user)
    except ValidationError as refusal:
        form = ReturnForm(report, _as_data(request, report), None)
        form.is_valid()
        errors = refusal.message_dict if hasattr(refusal, "error_dict") else {"": refusal.messages}
        form.add_errors(errors)
        return _edit_page(request, report, form)
    messages.success(request, "已送出回報，並通知人事處審查。")
    return redirect(report)


def _as_data(request: SignedInRequest, report: UsageReport) -> Any:
    """Return what was posted, for a page on which all of it is saved already."""
    data = request.POST.copy()
    data["revision"] = str(report.revision)
    for number, service in enumerate(report.services.all()):
        data[f"service-{number}-pk"] = str(service.pk)
    return data


def _keep_files(request: SignedInRequest, report: UsageReport, form: ReturnForm, *, valid: bool) -> bool:
    """Keep what was uploaded and put it to what is ticked; say at the field what is refused. Return whether any was."""
    refused = False
    attached = {}
    for row in form.rows:
        files = row.cleaned_data.get("uploads") if hasattr(row, "cleaned_data") else None
        if not files or not row.cleaned_data.get("used"):
            continue
        batch = keep_each(files, by=request.user, allowed=kinds.ATTACHMENTS)
        attached[row.thing] = batch.kept
        for error in batch.refused:
            row.add_error("uploads", error)
            refused = True
    refused |= _keep_service_files(request, form) if valid else False
    if any(attached.values()):
        try:
            actions.attach_evidence(report=report, files=attached, by=request.user)
        except ValidationError as refusal:
            form.head.add_error(None, refusal)
            refused = True
    return refused


def _keep_service_files(request: SignedInRequest, form: ReturnForm) -> bool:
    refused = False
    for row in form.services:
        if files := row.cleaned_data["upload"]:
            batch = keep_each(files[:1], by=request.user, allowed=kinds.ATTACHMENTS)
            row.stored = batch.kept[0] if batch.kept else None
            for error in batch.refused:
                row.add_error("upload", error)
                refused = True
    return refused


def _edit_page(request: SignedInRequest, report: UsageReport, form: ReturnForm) -> HttpResponse:
    context = {
        "report": report,
        "form": form,
        "day": actions.last_day(report.plan, report.round),
        "subsystems": any(row.thing.kind == "subsystem" for row in form.rows),
    }
    status = 422 if form.problems else 200
    return render(request, "kpi/usage_return_form.html", context, status=status)


@guard(UsageReport)
def detail(request: SignedInRequest, report: UsageReport) -> HttpResponse:
    """Show a return with the review of each item, and what it comes to."""
    return detail_page(request, report)


def detail_page(
    request: SignedInRequest, report: UsageReport, *, return_form: ReturnReasonForm | None = None, status: int = 200
) -> HttpResponse:
    """Answer the page of a return, with a refused form of its office if there is one."""
    uses = list(uses_of(report))
    rules = scoring.rules_of(report.plan)
    granted = [(report.pk, one.system_id, one.subsystem_id) for one in uses if one.grant == Grant.GRANTED]
    counted = scoring.counted(granted).get(report.pk, scoring.Granted())
    result = scoring.score_of(report, counted, rules.formula) if report.is_scored else None
    reviewer = bool(can_review_return(request.user, report))
    context = {
        "report": report,
        "tone": TONES[ReportState(report.state)],
        "steps": steps(report),
        "groups": grouped(uses),
        "services": report.services.select_related("stored"),
        "counted": counted,
        "result": result,
        "rules": rules,
        "tools_share": per_cent(result.tools.share) if result else "",
        "subsystems_share": per_cent(result.subsystems.share) if result else "",
        "other": UsageReport.objects.visible_to(request.user)
        .filter(plan=report.plan_id, agency=report.agency_id)
        .exclude(pk=report.pk)
        .first(),
        "scores": Score.objects.visible_to(request.user).filter(report=report).select_related("score_list"),
        "may_edit": report.state in actions.OPEN and can_fill_return(request.user, report),
        "may_review": report.state == ReportState.SUBMITTED and reviewer,
        "return_form": (return_form or ReturnReasonForm())
        if reviewer and report.state in (ReportState.SUBMITTED, ReportState.REVIEWED)
        else None,
        "is_late": is_late(report),
        "entries": Entry.objects.for_target(report).exclude(act="usage.saved")[:20],
    }
    return render(request, "kpi/usage_return.html", context, status=status)


def is_late(report: UsageReport) -> bool:
    """Tell whether a return was first sent after its last day."""
    day = actions.last_day(report.plan, report.round)
    return bool(day and report.submitted_at and timezone.localdate(report.submitted_at) > day)


def uses_of(report: UsageReport) -> QuerySet[Use]:
    """Return the items of a return with their files, in the order in which pages show them; two queries."""
    uses = Use.objects.filter(report=report).select_related("system__sub_item", "subsystem")
    files = Prefetch("files", UseFile.objects.select_related("stored"))
    return uses.prefetch_related(files).order_by("system__sub_item__order", "system__order", "subsystem__order", "pk")


def grouped(uses: Iterable[Use]) -> list[tuple[str, str, list[Use]]]:
    """Return items by sub-item, the sub-systems last, each with the anchor of its part."""
    found: dict[tuple[int, str, str], list[Use]] = {}
    for use in uses:
        if use.system:
            key = (use.system.sub_item.order, use.system.sub_item.name, "tools")
        else:
            key = (10**6, "WebHR 子系統", "subsystems")
        found.setdefault(key, []).append(use)
    return [(name, anchor, rows) for (_, name, anchor), rows in sorted(found.items(), key=lambda item: item[0][0])]


def steps(report: UsageReport) -> list[tuple[str, str]]:
    """Return the stepper of a return; one that went back stands at its agency again."""
    state = ReportState(report.state)
    if state == ReportState.RETURNED:
        return [("填報", "past"), ("退請補正", "stop"), ("審查", "next"), ("完成審查", "next")]
    order = [ReportState.DRAFT, ReportState.SUBMITTED, ReportState.REVIEWED]
    place = order.index(state)
    words = ["填報", "人事處審查", "完成審查"]
    if state == ReportState.REVIEWED:
        return [(word, "past") for word in words]
    return [(word, "past" if at < place else "now" if at == place else "next") for at, word in enumerate(words)]


# --- Evidence --------------------------------------------------------------------------------------------------------


@guard(UseFile)
def evidence(request: SignedInRequest, file: UseFile) -> HttpResponseBase:
    """Return a file that shows the use of a system."""
    return send_file(file.stored, by=request.user, target=file.use.report)


@guard(Service)
def service_evidence(request: SignedInRequest, service: Service) -> HttpResponseBase:
    """Return the file of an integrated service."""
    if service.stored is None:
        messages.error(request, "這項整合服務沒有佐證檔案。")
        return redirect(service.report)
    return send_file(service.stored, by=request.user, target=service.report)
