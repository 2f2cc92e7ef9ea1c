"""Work plans: the list, one as a tree with what it costs, begin and copy one."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Count, Q
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from districts.models import Agency
from districts.policies import is_somebody
from districts.standing import standing
from kpi.actions import work_copy as actions
from kpi.choices import Level
from kpi.forms.work import BeginForm
from kpi.models import WorkPlan
from kpi.policies import can_begin_work_plan, can_edit_work_plan, can_report_work
from kpi.worktree import every, last_items, totals, tree
from personnel_portal import lists, roc
from personnel_portal.accounts.requests import SignedInRequest
from personnel_portal.guards import guard
from personnel_portal.trail.models import Entry

FOREIGN = "他機關計畫，供參考"
COLUMNS = [
    lists.Column("year", "年度", "plan.year", sort=("plan__year",), numeric=True),
    lists.Column(
        "body",
        "訂定機關",
        lambda w: lists.Cell(w.plan.issuing_body, note=FOREIGN if w.is_foreign else ""),
        sort=("plan__issuing_body",),
        link=lambda w: w.get_absolute_url(),
        width=40,
    ),
    lists.Column("sections", "課室", sort=("sections",), numeric=True),
    lists.Column("items", "項目", sort=("items",), numeric=True),
]


@guard(policy=is_somebody)
def index(request: SignedInRequest) -> HttpResponseBase:
    """List the work plans that the person may see, the newest first."""
    levels = {"sections": Q(plan__work_items__level=Level.SECTION), "items": Q(plan__work_items__isnull=False)}
    counts = {name: Count("plan__work_items", filter=which) for name, which in levels.items()}
    found = WorkPlan.objects.visible_to(request.user).select_related("plan").annotate(**counts)
    may_begin = can_begin_work_plan(request.user)
    return lists.show(
        request,
        queryset=found.order_by("-plan__year", "plan__issuing_body"),
        columns=COLUMNS,
        title="年度工作計畫",
        empty="尚無工作計畫。由「新增工作計畫」開始，再匯入既有的表格或逐項輸入。",
        actions=[lists.Action("新增工作計畫", reverse("kpi:begin_work"))] if may_begin else [],
        office_id=standing(request.user).office_id,
    )


@guard(WorkPlan)
def detail(request: SignedInRequest, work_plan: WorkPlan) -> HttpResponse:
    """Show the tree, a section at a time (`?section=` its place, or `all`), with both totals and their reason."""
    nodes = tree(work_plan.plan)
    asked = request.GET.get("section", "")
    place = int(asked) if asked.isdecimal() and len(asked) < 4 and 1 <= int(asked) <= len(nodes) else 1
    shown = nodes if asked == "all" else nodes[place - 1 : place]
    context = {
        "work_plan": work_plan,
        "plan": work_plan.plan,
        "foreign": FOREIGN,
        "sections": [(number, node, totals([node])) for number, node in enumerate(nodes, start=1)],
        "place": "all" if asked == "all" else place,
        "shown": [(node, every([node]), totals([node])) for node in shown],
        "whole": totals(nodes),
        "last": len(last_items(nodes)),
        "readings": work_plan.plan.readings.all(),
        "may_edit": bool(can_edit_work_plan(request.user, work_plan)),
        "may_report": bool(can_report_work(request.user, work_plan)),
        "may_copy": bool(can_begin_work_plan(request.user)),
        "history": Entry.objects.for_target(work_plan)[:5],
    }
    return render(request, "kpi/work_plan.html", context)


@guard(policy=can_begin_work_plan)
def begin(request: SignedInRequest) -> HttpResponse:
    """Begin an agency's work plan without items."""
    form = BeginForm(
        request.POST or None, agencies=_agencies(request), initial={"year": roc.year(timezone.localdate())}
    )
    if request.method == "POST" and form.is_valid():
        try:
            return redirect(actions.begin_plan(**form.cleaned_data, by=request.user))
        except ValidationError as error:
            form.add_error(None, error)
    return _form(request, form, "新增工作計畫", "建立後可匯入既有的表格，或逐項輸入。", reverse("kpi:work"))


@guard(WorkPlan, lambda user, work_plan: can_begin_work_plan(user))
def copy(request: SignedInRequest, work_plan: WorkPlan) -> HttpResponse:
    """Copy the tree to another year, for one of the person's agencies."""
    agencies = _agencies(request)
    initial: dict[str, Any] = {"year": work_plan.plan.year + 1, "agency": work_plan.agency_id}
    if work_plan.is_foreign:
        initial["year"] = roc.year(timezone.localdate())
    form = BeginForm(request.POST or None, agencies=agencies, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            return redirect(actions.copy_plan(source=work_plan, **form.cleaned_data, by=request.user))
        except ValidationError as error:
            form.add_error(None, error)
    subtitle = f"{work_plan}：複製項目、預算金額與辦理週期，不含進度；提及原年度的文字會加註，請逐項檢視。"
    return _form(request, form, "複製工作計畫", subtitle, work_plan.get_absolute_url())


def _agencies(request: SignedInRequest) -> Any:
    return Agency.objects.filter(pk__in=standing(request.user).works_for).order_by("pk")


def _form(request: SignedInRequest, form: BeginForm, title: str, subtitle: str, back: str) -> HttpResponse:
    context = {"form": form, "title": title, "subtitle": subtitle, "action": "建立", "back": back}
    return render(request, "districts/form.html", context, status=422 if form.errors else 200)
