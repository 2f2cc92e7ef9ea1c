"""Cases as their authors see them: the list, who still lacks one, the page of one, and its form."""

from functools import partial

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from districts.models import Membership, Plan
from districts.policies import is_somebody
from districts.standing import standing
from personnel_portal import lists
from personnel_portal.accounts.models import User
from personnel_portal.accounts.requests import SignedInRequest
from personnel_portal.guards import guard
from personnel_portal.trail.models import Entry
from proposals.actions import items as actions
from proposals.choices import CaseState
from proposals.facts import agencies_without_case
from proposals.filters import CaseFilter, MissingFilter
from proposals.flow import CASE_STEPS
from proposals.forms.cases import CaseForm
from proposals.models import Case, Publication
from proposals.policies import can_compile, can_hand_in, can_take, is_party
from proposals.views.items import LISTED, form_page, panel

LIST = "案例"
TONES = {
    CaseState.DRAFT: "none",
    CaseState.SENT: "wait",
    CaseState.SHARED: "wait",
    CaseState.COMPILED: "wait",
    CaseState.AT_OFFICE: "soon",
    CaseState.IN_REVIEW: "soon",
    CaseState.PUBLISHED: "done",
    CaseState.RETURNED: "late",
    CaseState.WITHDRAWN: "none",
}
# The way of a case when all goes well.
MAIN = ("send", "share", "compile", "send_to_office", "review", "publish")


# --- The lists -------------------------------------------------------------------------------------------------------


def _state(case: Case) -> lists.Cell:
    return lists.Cell(case.get_state_display(), TONES[CaseState(case.state)], "逾期送件" if case.is_late else "")


COLUMNS = [
    lists.Column("number", "編號", "reference", sort=("plan__year", "district__order", "number"), width=20),
    lists.Column("subject", "案由", sort=("subject",), link=lambda c: c.get_absolute_url(), width=60),
    lists.Column("agency", "提供機關", "agency.short_name", sort=("agency__short_name",), width=20),
    lists.Column("district", "分區", "district.name", sort=("district__order",)),
    lists.Column("business", "業務類別", "get_business_display", sort=("business",)),
    lists.Column("kind", "案例類型", "get_kind_display", sort=("kind",)),
    lists.Column("state", "狀態", _state, sort=("state",)),
    lists.Column(
        "sent_at", "送件日期", lambda c: timezone.localdate(c.sent_at) if c.sent_at else None, sort=("sent_at",)
    ),
]


@guard(policy=is_somebody)
def index(request: SignedInRequest) -> HttpResponseBase:
    """List the cases that the person may see, the newest first; published ones of others stand in the library."""
    buttons = [lists.Action("案例庫", reverse("proposals:library"), primary=False)]
    if can_hand_in(request.user):
        buttons.insert(0, lists.Action("新增案例", reverse("proposals:create_case")))
        buttons.insert(1, lists.Action("匯入", reverse("proposals:import_cases"), primary=False))
    if can_compile(request.user):
        buttons.append(lists.Action("尚未提供案例的機關", reverse("proposals:cases_missing"), primary=False))
    return lists.show(
        request,
        queryset=_listed(request.user),
        columns=COLUMNS,
        filterset_class=CaseFilter,
        title=LIST,
        empty="尚無案例。按「新增案例」開始，可先存草稿再送承辦單位；其他機關已發布的案例在案例庫。",
        actions=buttons,
        office_id=standing(request.user).office_id,
    )


def _listed(user: User) -> QuerySet[Case]:
    cases = Case.objects.visible_to(user).select_related(None).select_related("plan", "district", "agency")
    return cases.only(*LISTED, "business", "sent_at")


MISSING_COLUMNS = [
    lists.Column("district", "分區", "district.name", sort=("district__order",)),
    lists.Column(
        "agency",
        "機關",
        "agency.short_name",
        sort=("agency__short_name",),
        link=lambda m: reverse("districts:agency", args=[m.agency_id]),
        width=24,
    ),
    lists.Column("official_name", "機關全銜", "agency.official_name", sort=("agency__official_name",), width=44),
]


@guard(policy=can_compile)
def missing(request: SignedInRequest) -> HttpResponseBase:
    """List the members that still owe a case (`?year=`), to hosts those of their districts."""
    mine, today = standing(request.user), timezone.localdate()
    plans = Plan.objects.visible_to(request.user).liaison()
    plan = plans.of_year(request.GET.get("year", ""), today)
    members = agencies_without_case(plan, today) if plan else Membership.objects.none()
    return lists.show(
        request,
        queryset=members if mine.is_office else members.filter(district__in=mine.hosts),
        columns=MISSING_COLUMNS,
        filterset_class=partial(MissingFilter, plans=plans),
        title=f"{plan.year}年度尚未提供案例的機關" if plan else "尚未提供案例的機關",
        empty="每個專任人事機構都已提供案例。",
        actions=[lists.Action("全部案例", reverse("proposals:cases"), primary=False)],
        office_id=mine.office_id,
    )


# --- One case --------------------------------------------------------------------------------------------------------


@guard(Case)
def detail(request: SignedInRequest, case: Case) -> HttpResponse:
    """Show a case: how far it is, what it tells, its files, and what this person may do next."""
    user = request.user
    context = {
        **panel(user, case),
        "case": case,
        "tone": TONES[CaseState(case.state)],
        "steps": steps(case),
        "publications": Publication.objects.visible_to(user).filter(case=case).order_by("-pk"),
        "can_share": can_take(user, case, "share"),
        "can_begin_review": can_take(user, case, "review"),
        "can_review": can_take(user, case, "mark"),
    }
    return render(request, "proposals/case.html", context)


def steps(case: Case) -> list[tuple[str, str]]:
    """Return the stepper of a case, read from the table of steps."""
    state = CaseState(case.state)
    if state == CaseState.WITHDRAWN:
        way = [CaseState.DRAFT, CaseState.SENT] if case.sent_at else [CaseState.DRAFT]
        return [*((step.label, "past") for step in way), (state.label, "stop")]
    way = [CaseState.DRAFT, *(CaseState(CASE_STEPS[step].target) for step in MAIN)]
    if state == CaseState.RETURNED:
        return [(way[0].label, "past"), (state.label, "stop"), *((step.label, "next") for step in way[1:])]
    at = way.index(state)
    found = [(step, "past" if place < at else "next") for place, step in enumerate(way)]
    found[at] = (state, "past" if state == CaseState.PUBLISHED else "now")
    # A case that came after the meeting was not shared there.
    unshared = (CaseState.SHARED, "past") in found and not _was_shared(case)
    return [(step.label, how) for step, how in found if not (unshared and step == CaseState.SHARED)]


def _was_shared(case: Case) -> bool:
    return Entry.objects.for_target(case).filter(act="item.shared").exists()


@require_POST
@guard(Case, is_party("share"))
def share(request: SignedInRequest, case: Case) -> HttpResponse:
    """Record that the case was shared at the meeting."""
    try:
        actions.share_case(case=case, by=request.user)
        messages.success(request, "已登錄於會報分享。")
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
    return redirect(case)


# --- Its form --------------------------------------------------------------------------------------------------------


@guard(policy=can_hand_in)
def create(request: SignedInRequest) -> HttpResponseBase:
    """Begin a case; `?meeting=` names the call that it answers."""
    return _form(request, Case(), "新增案例")


@guard(Case, is_party("edit"))
def edit(request: SignedInRequest, case: Case) -> HttpResponseBase:
    """Change a draft or a returned case."""
    return _form(request, case, "編輯案例")


def _form(request: SignedInRequest, case: Case, title: str) -> HttpResponseBase:
    context = {"title": title, "back": reverse("proposals:cases"), "list_title": LIST}
    return form_page(request, case, CaseForm, "proposals/case_form.html", **context)
