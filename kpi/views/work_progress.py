"""Progress of a work plan by quarter: the page that it is entered on, and its evidence."""

from collections.abc import Sequence

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from kpi.actions import work_progress as actions
from kpi.forms.work import EvidenceForm, ProgressForm
from kpi.models import Progress, ProgressFile, WorkItem, WorkPlan
from kpi.policies import can_keep_work_evidence, can_report_work, can_report_work_item
from kpi.worktree import QUARTERS, Entered, Node, by_section, entered, last_items, last_quarter, together, totals, tree
from personnel_portal.accounts.requests import SignedInRequest
from personnel_portal.guards import guard
from personnel_portal.uploads import kinds
from personnel_portal.uploads.actions import keep_each
from personnel_portal.uploads.sending import send as send_file


@guard(WorkPlan)
def progress(request: SignedInRequest, work_plan: WorkPlan) -> HttpResponse:
    """Show a section's progress in a quarter (`?section=`, `?quarter=`); whoever may, enters it there."""
    nodes, rows = tree(work_plan.plan), entered(work_plan.plan)
    quarter, place = _quarter(request, work_plan), _place(request, nodes)
    items = last_items(nodes[place - 1 : place])
    may_report = bool(can_report_work(request.user, work_plan))
    forms = _forms(request, items, rows, quarter) if may_report else []
    if request.method == "POST" and may_report and not [form for form in forms if not form.is_valid()]:
        reports = [actions.Report(form.item, form.values(), form.shown_at) for form in forms if not form.is_blank]
        try:
            count = actions.save_progress(plan=work_plan.plan, quarter=quarter, reports=reports, by=request.user)
            messages.success(request, f"已儲存 {count} 項。" if count else "沒有變更。")
            return redirect(f"{reverse('kpi:work_progress', args=[work_plan.pk])}?quarter={quarter}&section={place}")
        except ValidationError as error:
            _show_refused(forms, error, rows, quarter)
    context = {
        "work_plan": work_plan,
        "plan": work_plan.plan,
        "quarter": quarter,
        "quarters": QUARTERS,
        "sections": by_section(nodes, rows, quarter),
        "section_link": f"?quarter={quarter}&section=",
        "section_name": nodes[place - 1].item.text if nodes else "",
        "whole": together(nodes, rows, quarter),
        "totals": totals(nodes),
        "place": place,
        "forms": [(form, rows.get((form.item.pk, quarter))) for form in forms],
        "lines": [(node.item, rows.get((node.item.pk, quarter))) for node in items],
        "wrong": [form for form in forms if form.is_bound and form.errors],
        "may_report": may_report,
    }
    status = 422 if any(form.is_bound and form.errors for form in forms) else 200
    return render(request, "kpi/work_progress.html", context, status=status)


def _forms(request: SignedInRequest, items: Sequence[Node], rows: Entered, quarter: int) -> list[ProgressForm]:
    data = request.POST if request.method == "POST" else None
    return [
        ProgressForm(
            data,
            item=node.item,
            instance=rows.get((node.item.pk, quarter)) or Progress(item=node.item, quarter=quarter),
            prefix=f"item{node.item.pk}",
        )
        for node in items
    ]


def _show_refused(forms: Sequence[ProgressForm], error: ValidationError, rows: Entered, quarter: int) -> None:
    """Put each sentence at its item; what was typed is kept, and sent once more it is written."""
    by_item = {str(form.item.pk): form for form in forms}
    for key, sentences in error.message_dict.items():
        form = by_item[key]
        form.add_error(None, sentences)
        fresh = Progress.objects.get(item=form.item, quarter=quarter)
        form.data = {**dict(form.data.items()), form.add_prefix("seen"): fresh.entered_at.isoformat()}


def _quarter(request: SignedInRequest, work_plan: WorkPlan) -> int:
    """Return the quarter that is asked for, else the last that is over in the plan's year."""
    asked = request.GET.get("quarter", "")
    if asked in {str(quarter) for quarter in QUARTERS}:
        return int(asked)
    return last_quarter(work_plan.plan, timezone.localdate())


def _place(request: SignedInRequest, nodes: Sequence[Node]) -> int:
    asked = request.GET.get("section", "")
    return int(asked) if asked.isdecimal() and len(asked) < 4 and 1 <= int(asked) <= len(nodes) else 1


@require_POST
@guard(WorkItem, can_report_work_item)
def add_evidence(request: SignedInRequest, item: WorkItem) -> HttpResponse:
    """Add files to an item's progress of a quarter."""
    form = EvidenceForm(request.POST, request.FILES)
    if not form.is_valid():
        messages.error(request, str(next(iter(form.errors.values()))[0]))
        return redirect(item)
    batch = keep_each(form.cleaned_data["evidence"], by=request.user, allowed=kinds.ATTACHMENTS)
    try:
        if batch.kept:
            actions.add_files(item=item, quarter=form.cleaned_data["quarter"], stored=batch.kept, by=request.user)
            messages.success(request, f"已加入 {len(batch.kept)} 個檔案。")
    except ValidationError as error:
        messages.error(request, error.messages[0])
    for refused in batch.refused:
        messages.error(request, refused.messages[0])
    return redirect(item)


@guard(ProgressFile)
def evidence(request: SignedInRequest, file: ProgressFile) -> HttpResponseBase:
    """Send a file of evidence."""
    return send_file(file.stored, by=request.user, target=file.progress.item)


@require_POST
@guard(ProgressFile, can_keep_work_evidence)
def remove_evidence(request: SignedInRequest, file: ProgressFile) -> HttpResponse:
    """Take a file of evidence back."""
    item = file.progress.item
    actions.remove_file(file=file, by=request.user)
    messages.success(request, "已移除佐證檔案。")
    return redirect(item)
