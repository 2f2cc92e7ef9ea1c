"""One item of a work plan: its page, its form, where it stands; what was done for its periods and after events."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from kpi.actions import work as actions
from kpi.actions import work_progress
from kpi.choices import Level, Period
from kpi.duties.work import periods_of
from kpi.forms.work import AMOUNTS, DoingForm, EventForm, EvidenceForm, FinishForm, ItemForm
from kpi.models import Doing, ProgressFile, WorkItem, WorkPlan
from kpi.policies import can_edit_work_item, can_edit_work_plan, can_keep_doing, can_report_work_item
from kpi.views.work import FOREIGN
from kpi.worktree import QUARTERS, arrange
from personnel_portal.accounts.requests import SignedInRequest
from personnel_portal.guards import guard
from personnel_portal.trail.models import Entry

NEXT_LEVEL = {
    Level.SECTION: Level.WORK,
    Level.FOCUS: Level.FOCUS,
    Level.WORK: Level.KEY,
    Level.KEY: Level.DETAIL,
    Level.DETAIL: Level.DETAIL,
}


@guard(WorkItem)
def item(request: SignedInRequest, item: WorkItem) -> HttpResponse:
    """Show an item: where it stands, its amounts and period, its quarters with evidence, what was done."""
    return _page(request, item)


@guard(WorkItem, can_edit_work_item)
def edit(request: SignedInRequest, item: WorkItem) -> HttpResponse:
    """Change an item with its amounts."""
    form = ItemForm(request.POST or None, instance=item)
    amounts = AMOUNTS(request.POST or None, instance=item, prefix="amounts")
    if request.method == "POST" and form.is_valid() and amounts.is_valid():
        try:
            changed = amounts.save(commit=False)
            actions.change_item(
                item=item,
                changes=form.changes,
                amounts=changed,
                removed=amounts.deleted_objects,
                shown=form.as_shown,
                by=request.user,
            )
            messages.success(request, "已儲存。")
            return redirect(item)
        except ValidationError as error:
            form.add_error(None, error)
    return _form(request, item.plan.work_plan, form, amounts, f"編輯：{item}", item.get_absolute_url())


@guard(WorkPlan, can_edit_work_plan)
def add(request: SignedInRequest, work_plan: WorkPlan) -> HttpResponse:
    """Add an item below another (`?parent=`), or a section."""
    asked = request.GET.get("parent", "")
    found = WorkItem.objects.of_plan(work_plan.plan).filter(pk=asked) if asked.isdecimal() and len(asked) < 18 else None
    parent = found.first() if found is not None else None
    level = NEXT_LEVEL[Level(parent.level)] if parent else Level.SECTION
    empty = WorkItem(plan=work_plan.plan, parent=parent)
    form = ItemForm(request.POST or None, initial={"level": level})
    amounts = AMOUNTS(request.POST or None, instance=empty, prefix="amounts")
    back = parent.get_absolute_url() if parent else work_plan.get_absolute_url()
    if request.method == "POST" and form.is_valid() and amounts.is_valid():
        values = {name: value for name, value in form.cleaned_data.items() if name != "shown"}
        kept = [one.instance for one in amounts.forms if one.has_changed() and one not in amounts.deleted_forms]
        try:
            made = actions.add_item(plan=work_plan.plan, parent=parent, values=values, amounts=kept, by=request.user)
            messages.success(request, "已新增。")
            return redirect(made)
        except ValidationError as error:
            form.add_error(None, error)
    title = f"於「{parent}」下新增項目" if parent else "新增課室"
    return _form(request, work_plan, form, amounts, title, back)


@require_POST
@guard(WorkItem, can_edit_work_item)
def move(request: SignedInRequest, item: WorkItem) -> HttpResponse:
    """Move an item by one place, in or out."""
    step = request.POST.get("step", "")
    try:
        if step not in actions.MOVES:
            raise ValidationError("請選擇要移動的方向。")
        actions.move_item(item=item, step=step, by=request.user)
    except ValidationError as error:
        messages.error(request, error.messages[0])
    return redirect(item)


@guard(WorkItem, can_edit_work_item)
def remove(request: SignedInRequest, item: WorkItem) -> HttpResponse:
    """Remove an item with all below it, once that is confirmed."""
    if request.method == "POST":
        back = item.parent.get_absolute_url() if item.parent else item.plan.work_plan.get_absolute_url()
        try:
            count = actions.remove_item(item=item, by=request.user)
            messages.success(request, f"已移除 {count} 個項目。")
            return redirect(back)
        except ValidationError as error:
            messages.error(request, error.messages[0])
            return redirect(item)
    context = {
        "title": f"移除「{item}」？",
        "consequences": ["其下的項目與預算金額一併移除。", "已填報進度或辦理紀錄的項目不能移除。"],
        "action": "移除",
        "danger": True,
        "cancel_url": item.get_absolute_url(),
    }
    return render(request, "components/confirm.html", context)


# --- What was done ----------------------------------------------------------------------------------------------------


@require_POST
@guard(WorkItem, can_report_work_item)
def done(request: SignedInRequest, item: WorkItem) -> HttpResponse:
    """Enter that it was done for a period."""
    form = DoingForm(request.POST, days=_open_days(item))
    if form.is_valid():
        try:
            work_progress.record_doing(item=item, **form.cleaned_data, by=request.user)
            messages.success(request, "已登錄辦理。")
            return redirect(item)
        except ValidationError as error:
            form.add_error(None, error)
    return _page(request, item, doing_form=form, status=422)


@require_POST
@guard(WorkItem, can_report_work_item)
def event(request: SignedInRequest, item: WorkItem) -> HttpResponse:
    """Enter an event that the limit counts from."""
    form = EventForm(request.POST)
    if form.is_valid():
        try:
            work_progress.report_event(item=item, **form.cleaned_data, by=request.user)
            messages.success(request, "已登錄事件，並列入待辦。")
            return redirect(item)
        except ValidationError as error:
            form.add_error(None, error)
    return _page(request, item, event_form=form, status=422)


@require_POST
@guard(Doing, can_keep_doing)
def finish(request: SignedInRequest, doing: Doing) -> HttpResponse:
    """Enter that what an event asked for was done."""
    form = FinishForm(request.POST)
    try:
        if not form.is_valid():
            raise ValidationError(next(iter(form.errors.values())).as_data()[0])
        work_progress.finish_event(doing=doing, done_on=form.cleaned_data["done_on"], by=request.user)
        messages.success(request, "已登錄辦畢。")
    except ValidationError as error:
        messages.error(request, error.messages[0])
    return redirect(doing.item)


@require_POST
@guard(Doing, can_keep_doing)
def take_back(request: SignedInRequest, doing: Doing) -> HttpResponse:
    """Take back a record that was entered by mistake."""
    work_progress.take_back(doing=doing, by=request.user)
    messages.success(request, "已撤回。")
    return redirect(doing.item)


def _open_days(item: WorkItem) -> list[date]:
    """Return the due days that wait for an entry: those that are over, the newest first, then the next one."""
    today, plan = timezone.localdate(), item.plan
    since = max(plan.work_plan.since or plan.starts, plan.starts)
    known = set(item.doings.filter(event_at__isnull=True).values_list("due_on", flat=True))
    days = periods_of(item, since, plan.ends)
    ahead = [day for day in days if day >= today][:1]
    over = [day for day in reversed(days) if day < today]
    return [day for day in over[:60] + ahead if day not in known]


def _page(
    request: SignedInRequest,
    item: WorkItem,
    *,
    doing_form: DoingForm | None = None,
    event_form: EventForm | None = None,
    status: int = 200,
) -> HttpResponse:
    work_plan = item.plan.work_plan
    siblings = WorkItem.objects.of_plan(item.plan).order_by("order").prefetch_related("amounts")
    nodes = {node.item.pk: node for top in arrange(siblings) for node in top.walk()}
    here = nodes[item.pk]
    above: list[WorkItem] = []
    parent = here.item.parent_id
    while parent:
        above.insert(0, nodes[parent].item)
        parent = nodes[parent].item.parent_id
    files = Prefetch("files", ProgressFile.objects.select_related("stored"))
    rows = {row.quarter: row for row in item.progress.prefetch_related(files).select_related("entered_by")}
    may_report = bool(can_report_work_item(request.user, item))
    days = _open_days(item) if may_report else []
    context: dict[str, Any] = {
        "item": item,
        "work_plan": work_plan,
        "foreign": FOREIGN,
        "above": above,
        "below": [node for node in here.walk() if node is not here],
        "node": here,
        "quarters": [(quarter, rows.get(quarter)) for quarter in QUARTERS] if here.is_last else [],
        "doings": item.doings.select_related("entered_by").order_by("-due_on", "-pk")[:30],
        "takes_events": item.period == Period.AFTER_EVENT and item.limit,
        "doing_form": doing_form or (DoingForm(days=days, initial=_asked(request)) if days else None),
        "event_form": event_form or EventForm(),
        "finish_form": FinishForm(initial={"done_on": timezone.localdate()}),
        "evidence_form": EvidenceForm(),
        "may_edit": bool(can_edit_work_item(request.user, item)),
        "may_report": may_report,
        "history": Entry.objects.for_target(item).order_by("-pk")[:10],
    }
    return render(request, "kpi/work_item.html", context, status=status)


def _asked(request: SignedInRequest) -> dict[str, str]:
    return {"due_on": request.GET.get("due", "")[:10]}


def _form(
    request: SignedInRequest, work_plan: WorkPlan, form: ItemForm, amounts: Any, title: str, back: str
) -> HttpResponse:
    status = 422 if form.errors or (amounts.is_bound and not amounts.is_valid()) else 200
    context = {"form": form, "amounts": amounts, "title": title, "back": back, "work_plan": work_plan}
    return render(request, "kpi/work_item_form.html", context, status=status)
