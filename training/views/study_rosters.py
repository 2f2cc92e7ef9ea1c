"""The staff that quotas stand on, and the agencies' yearly rosters of study leave: to be filed, and taken note of."""

from collections.abc import Sequence
from io import BytesIO
from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import OuterRef, Subquery
from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from districts.choices import PlanKind
from districts.models import Agency, Plan
from districts.standing import standing
from personnel_portal import lists
from personnel_portal.accounts.requests import SignedInRequest
from personnel_portal.documents import odf, pdf, sheets
from personnel_portal.guards import guard
from personnel_portal.trail.actions import record
from personnel_portal.trail.models import Entry
from training.actions import study_rosters as actions
from training.choices import RosterState, StudyState
from training.documents import study as documents
from training.filters import StudyRosterFilter
from training.forms.study import HeadcountsForm, HeadcountSheetForm, ReasonForm, read_headcounts
from training.models import Study, StudyRoster
from training.policies import (
    can_enter_headcounts,
    can_file_roster,
    can_review_roster,
    can_see_rosters,
    can_start_roster,
)
from training.studying import ROSTER, Room, due_of, rooms, roster_lines

TONES = {
    "": "late",
    RosterState.DRAFT: "soon",
    RosterState.SUBMITTED: "wait",
    RosterState.RETURNED: "late",
    RosterState.ACCEPTED: "done",
}
ODT = "application/vnd.oasis.opendocument.text"


def _plans(request: SignedInRequest) -> Any:
    return Plan.objects.visible_to(request.user).filter(kind=PlanKind.TRAINING).order_by("-year", "pk")


def _plan(request: SignedInRequest, plans: Any) -> Plan | None:
    asked = request.GET.get("plan", "")
    if asked.isascii() and asked.isdecimal() and len(asked) < 18:
        return cast("Plan | None", plans.filter(pk=asked).first())
    return cast("Plan | None", plans.of_year(request.GET.get("year", ""), timezone.localdate()))


# --- Staff and quota -------------------------------------------------------------------------------------------------


def _agencies(request: SignedInRequest) -> list[Agency]:
    mine = standing(request.user)
    found = Agency.objects.visible_to(request.user).filter(is_active=True)
    return list(found if mine.is_office else found.filter(pk__in=mine.reads_for))


@guard(policy=can_see_rosters)
def headcounts(request: SignedInRequest) -> HttpResponse:
    """Show the quota of a year (`?year=`): staff, who fills it, what is left, to whoever may enter the staff with a form."""
    plans = _plans(request)
    plan = _plan(request, plans)
    context: dict[str, Any] = {"plan": plan, "plans": plans}
    if plan:
        context |= _headcounts(request, plan)
    return render(request, "training/headcounts.html", context)


def _headcounts(
    request: SignedInRequest, plan: Plan, *, form: HeadcountsForm | None = None, **more: Any
) -> dict[str, Any]:
    shown = rooms(_agencies(request), plan)
    mine = standing(request.user)
    own = [one for one in shown if mine.is_reviewer or one.agency.pk in mine.works_for]
    if own and form is None:
        form = _form(own)
    fields = {one.agency.pk: form[f"staff-{one.agency.pk}"] for one in own} if form else {}
    return {
        "rows": [(one, fields.get(one.agency.pk)) for one in shown],
        "form": form,
        "sheet_form": HeadcountSheetForm() if len(own) > 1 else None,
        "missing": sum(one.staff is None for one in shown),
        **more,
    }


def _form(own: Sequence[Room], data: Any = None, initial: Any = None) -> HeadcountsForm:
    known = {one.agency.pk: one.staff for one in own if one.staff is not None}
    return HeadcountsForm(data, agencies=[one.agency for one in own], known=known | (initial or {}))


def _own(request: SignedInRequest, plan: Plan) -> list[Room]:
    mine = standing(request.user)
    return [one for one in rooms(_agencies(request), plan) if mine.is_reviewer or one.agency.pk in mine.works_for]


@require_POST
@guard(Plan, can_enter_headcounts)
def enter_headcounts(request: SignedInRequest, plan: Plan) -> HttpResponseBase:
    """Save the staff of the person's agencies; the office's reviewers that of all."""
    form = _form(_own(request, plan), request.POST)
    if form.is_valid():
        changed = actions.save_headcounts(plan=plan, staff=form.staff(), by=request.user)
        messages.success(request, f"已登錄 {changed} 個機關的員額。" if changed else "員額沒有變更。")
        return redirect(f"{reverse('training:headcounts')}?year={plan.year}")
    context = {"plan": plan, "plans": _plans(request), **_headcounts(request, plan, form=form)}
    return render(request, "training/headcounts.html", context, status=422)


@require_POST
@guard(Plan, can_enter_headcounts)
def read_sheet(request: SignedInRequest, plan: Plan) -> HttpResponse:
    """Read a sheet of staff into the form, where it is looked over and saved."""
    own = _own(request, plan)
    upload = HeadcountSheetForm(request.POST, request.FILES)
    found: dict[int, int] = {}
    problems: list[str] = []
    if upload.is_valid():
        try:
            found, problems = read_headcounts(upload.cleaned_data["sheet"], [one.agency for one in own])
        except ValidationError as refusal:
            upload.add_error("sheet", refusal)
    more = {"sheet_form": upload, "problems": problems, "read": len(found)}
    context = {"plan": plan, "plans": _plans(request), **_headcounts(request, plan, form=_form(own, initial=found))}
    return render(request, "training/headcounts.html", context | more, status=422 if upload.errors else 200)


# --- Rosters: who filed ----------------------------------------------------------------------------------------------


def _state(agency: Any) -> lists.Cell:
    state = agency.roster_state or ""
    return lists.Cell(RosterState(state).label if state else "未報送", TONES[state])


def _people(agency: Any) -> object:
    if agency.roster_state in (None, RosterState.DRAFT):
        return None
    return len(agency.roster_lines) or "無"


COLUMNS = [
    lists.Column(
        "agency",
        "機關",
        "short_name",
        sort=("short_name",),
        link=lambda one: reverse("training:study_roster", args=[one.roster]) if one.roster else None,
        width=24,
    ),
    lists.Column("kind", "類別", "get_kind_display", sort=("kind",)),
    lists.Column("people", "人次", _people, numeric=True, width=8),
    lists.Column("sent", "報送時間", "roster_sent", sort=("roster_sent",), width=18),
    lists.Column("state", "狀態", _state, sort=("roster_state",), width=12),
]


@guard(policy=can_see_rosters)
def index(request: SignedInRequest) -> HttpResponseBase:
    """List the agencies with their rosters of a plan (`?plan=`, `?year=`), those that have not filed among them."""
    plans = _plans(request)
    plan = _plan(request, plans)
    mine = standing(request.user)
    rosters = StudyRoster.objects.filter(plan=plan, agency=OuterRef("pk"))
    found = Agency.objects.visible_to(request.user).filter(is_active=True).members()
    if not mine.is_office:
        found = found.filter(pk__in=mine.reads_for)
    columns = {"roster": "pk", "roster_state": "state", "roster_sent": "submitted_at", "roster_lines": "lines"}
    found = found.annotate(**{name: Subquery(rosters.values(field)[:1]) for name, field in columns.items()})
    states = dict(found.order_by().values_list("pk", "roster_state")) if plan else {}  # type: ignore[misc]  # annotated above
    without = [key for key, state in states.items() if state is None and key in mine.works_for]
    return lists.show(
        request,
        queryset=found.order_by("kind", "pk"),
        columns=COLUMNS,
        filterset_class=StudyRosterFilter,
        title=f"{plan.year}年度進修名冊" if plan else "進修名冊",
        empty="沒有應報送名冊的機關。",
        template="training/study_rosters.html",
        office_id=mine.office_id,
        plan=plan,
        plans=plans,
        due=due_of(plan, ROSTER) if plan else None,
        own=Agency.objects.filter(pk__in=without),
        filed=_filed(list(states.values())) if plan and mine.is_office else None,
    )


def _filed(states: Sequence[str | None]) -> tuple[int, int, int]:
    """Return how many agencies filed, of how many, and of how many note was taken."""
    taken = states.count(RosterState.ACCEPTED)
    return states.count(RosterState.SUBMITTED) + taken, len(states), taken


# --- One roster ------------------------------------------------------------------------------------------------------


@require_POST
@guard(Plan, can_start_roster)
def start(request: SignedInRequest, plan: Plan) -> HttpResponseBase:
    """Begin the roster of one of the person's agencies."""
    asked = request.POST.get("agency", "")
    named = asked.isascii() and asked.isdecimal() and len(asked) < 18
    agency = Agency.objects.filter(pk__in=standing(request.user).works_for, pk=asked).first() if named else None
    if agency is None:
        messages.error(request, "請選擇要報送名冊的機關。")
        return redirect("training:study_rosters")
    try:
        return redirect(actions.start_roster(plan=plan, agency=agency, by=request.user))
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
        return redirect("training:study_rosters")


@guard(StudyRoster)
def detail(request: SignedInRequest, roster: StudyRoster) -> HttpResponse:
    """Show a roster: before it is sent as it would be, afterwards as it was, with what changed since."""
    return _page(request, roster)


def _page(
    request: SignedInRequest, roster: StudyRoster, *, form: ReasonForm | None = None, status: int = 200
) -> HttpResponse:
    now, is_open = roster_lines(roster.plan, roster.agency), roster.state in actions.OPEN
    lines = now if is_open else roster.lines
    reviews = bool(can_review_roster(request.user, roster))
    pending = Study.objects.filter(agency=roster.agency, plan=roster.plan, state=StudyState.SUBMITTED)
    context = {
        "roster": roster,
        "tone": TONES[RosterState(roster.state)],
        "steps": _steps(roster),
        "heads": [label for _, label, *_ in documents.COLUMNS],
        "lines": [documents.cells_of(line) for line in lines],
        "changed": not is_open and now != roster.lines,
        "pending": pending.count() if is_open else 0,
        "due": due_of(roster.plan, ROSTER),
        "may_submit": is_open and bool(can_file_roster(request.user, roster)),
        "may_accept": reviews and roster.state == RosterState.SUBMITTED,
        "reason_form": form or ReasonForm(label="退請補正理由", required=True) if reviews and not is_open else None,
        "entries": Entry.objects.for_target(roster)[:20],
    }
    return render(request, "training/study_roster.html", context, status=status)


def _steps(roster: StudyRoster) -> list[tuple[str, str]]:
    words = ["編製", "報送", "備查"]
    if roster.state == RosterState.RETURNED:
        return [("編製", "past"), ("退請補正", "stop"), ("報送", "next"), ("備查", "next")]
    if roster.state == RosterState.ACCEPTED:
        return [(word, "past") for word in words]
    now = 0 if roster.state == RosterState.DRAFT else 2
    return [(word, "past" if at < now else "now" if at == now else "next") for at, word in enumerate(words)]


@require_POST
@guard(StudyRoster, can_file_roster)
def submit(request: SignedInRequest, roster: StudyRoster) -> HttpResponseBase:
    """Send a roster to the office."""
    return _done(request, roster, actions.submit_roster, "已報送名冊，並通知人事處。")


@require_POST
@guard(StudyRoster, can_review_roster)
def accept(request: SignedInRequest, roster: StudyRoster) -> HttpResponseBase:
    """Take note of a roster."""
    return _done(request, roster, actions.accept_roster, "已備查，並通知該機關。")


def _done(request: SignedInRequest, roster: StudyRoster, act: Any, told: str) -> HttpResponseBase:
    try:
        act(roster=roster, by=request.user)
        messages.success(request, told)
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
    return redirect(roster)


@require_POST
@guard(StudyRoster, can_review_roster)
def give_back(request: SignedInRequest, roster: StudyRoster) -> HttpResponseBase:
    """Return a roster to its agency for correction."""
    form = ReasonForm(request.POST, label="退請補正理由", required=True)
    if form.is_valid():
        try:
            actions.return_roster(roster=roster, reason=form.cleaned_data["reason"], by=request.user)
            messages.success(request, "已退請補正，並通知該機關。")
        except ValidationError as refusal:
            messages.error(request, refusal.messages[0])
        return redirect(roster)
    return _page(request, roster, form=form, status=422)


@guard(StudyRoster)
def paper(request: SignedInRequest, roster: StudyRoster, form: str) -> HttpResponseBase:
    """Return a roster as pdf, odt or xlsx, as it was sent, before that as it would be."""
    if form not in ("pdf", "odt", "xlsx"):
        raise Http404
    lines = roster_lines(roster.plan, roster.agency) if roster.state in actions.OPEN else roster.lines
    name, day = documents.name_of(roster), timezone.localdate()
    if form == "xlsx":
        response: HttpResponseBase = sheets.response(form, name, documents.SHEET, documents.sheet_rows(lines))
    else:
        render_, kind = (pdf.render, "application/pdf") if form == "pdf" else (odf.render, ODT)
        content = BytesIO(render_(documents.roster_paper(roster, lines, day)))
        response = FileResponse(content, as_attachment=True, filename=f"{name}.{form}", content_type=kind)
    record("study.roster_printed", roster, by=request.user, office_id=roster.plan.office_id, form=form)
    return response
