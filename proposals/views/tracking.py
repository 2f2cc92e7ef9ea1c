"""Follow-ups (決議列管): the list, one with its timeline, the steps, and the table for the next meeting."""

from io import BytesIO
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import BooleanField, ExpressionWrapper, F, OuterRef, Q, QuerySet, Subquery
from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import Truncator
from django.views.decorators.http import require_POST

from districts.models import District, Plan
from districts.policies import is_somebody
from districts.standing import Standing, standing
from meetings.models import AgendaItem, Meeting
from meetings.views.papers import RENDERERS
from personnel_portal import lists
from personnel_portal.accounts.requests import SignedInRequest
from personnel_portal.guards import guard
from personnel_portal.trail.actions import record
from proposals import documents
from proposals.actions import tracking as actions
from proposals.choices import FollowUpState
from proposals.filters import FollowUpFilter
from proposals.forms.tracking import AnswerForm, OpenForm, ReportForm
from proposals.models import FollowUp, FollowUpReport
from proposals.policies import can_follow_up, can_open_follow_ups, can_print_follow_ups, can_release

TONES = {FollowUpState.OPEN: "wait", FollowUpState.REPORTED: "soon", FollowUpState.RELEASED: "done"}
SHOWN = 60  # characters of the newest report in the list


def _state(follow_up: FollowUp) -> lists.Cell:
    state = FollowUpState(follow_up.state)
    today = timezone.localdate()
    if state == FollowUpState.OPEN and follow_up.due_on and follow_up.due_on < today:
        return lists.Cell(state.label, "late", f"逾期 {(today - follow_up.due_on).days} 日")
    return lists.Cell(state.label, TONES[state])


COLUMNS = [
    lists.Column(
        "district",
        "分區",
        "agenda_item.meeting.district.name",
        sort=("agenda_item__meeting__plan__year", "agenda_item__meeting__district__order"),
    ),
    lists.Column(
        "task",
        "辦理事項（案由）",
        lambda f: lists.Cell(f.task, note=f.agenda_item.subject),
        sort=("task",),
        link=lambda f: f.get_absolute_url(),
        width=60,
    ),
    lists.Column("agency", "承辦單位", "agency.short_name", sort=("agency__short_name",)),
    lists.Column("due_on", "期限", sort=("due_on",)),
    lists.Column("state", "狀態", _state, sort=("state",)),
    lists.Column("latest", "最近辦理情形", lambda f: Truncator(f.latest or "").chars(SHOWN), width=40),
]


@guard(policy=is_somebody)
def index(request: SignedInRequest) -> HttpResponseBase:
    """List what is followed up as far as the person may see it, the nearest day first."""
    mine = standing(request.user)
    may_open = can_open_follow_ups(request.user)
    meeting = request.GET.get("meeting", "")
    address = reverse("proposals:open_follow_up") + (f"?meeting={meeting}" if meeting.isdecimal() else "")
    newest = FollowUpReport.objects.filter(follow_up=OuterRef("pk")).order_by("-pk").values("text")[:1]
    over = ExpressionWrapper(Q(state=FollowUpState.RELEASED), BooleanField())
    found = FollowUp.objects.visible_to(request.user).annotate(latest=Subquery(newest), over=over)
    return lists.show(
        request,
        queryset=found.select_related("agenda_item__meeting__district", "agency").order_by(
            "over", F("due_on").asc(nulls_last=True)
        ),
        columns=COLUMNS,
        filterset_class=FollowUpFilter,
        title="決議列管",
        empty="尚無列管事項。會議有決議後，由分區承辦單位或人事處列管，承辦單位在此填報辦理情形。",
        actions=[lists.Action("新增列管", address)] if may_open else [],
        template="proposals/follow_ups.html",
        office_id=mine.office_id,
        printed=_printed(mine),
    )


def _printed(mine: Standing) -> QuerySet[District]:
    """Return the districts whose tables the person may print: those of the current plan."""
    plan = Plan.objects.liaison().filter(office=mine.office_id).current(timezone.localdate())
    districts = District.objects.filter(plan=plan)
    return districts if mine.is_office else districts.filter(pk__in=mine.hosts)


@guard(policy=can_open_follow_ups)
def open_follow_up(request: SignedInRequest) -> HttpResponse:
    """Put a resolution under follow-up; `?item=` or `?meeting=` narrows what is offered."""
    mine = standing(request.user)
    items = _resolutions(request)
    form = OpenForm(
        request.POST if request.method == "POST" else None,
        items=items,
        office_id=mine.office_id or 0,
        initial=_chosen(request, items),
    )
    if request.method == "POST" and form.is_valid():
        try:
            follow_up = actions.open_follow_up(**form.cleaned_data, by=request.user)
            messages.success(request, f"已列管，並通知{follow_up.agency.short_name}。")
            return redirect(follow_up)
        except ValidationError as error:
            form.add_error(None, error)
    status = 422 if form.errors else 200
    return render(request, "proposals/follow_up_form.html", {"form": form, "items": items}, status=status)


def _resolutions(request: SignedInRequest) -> list[AgendaItem]:
    """Return what was resolved in the meetings of the running plans that the person may put under follow-up."""
    mine = standing(request.user)
    plans = Plan.objects.visible_to(request.user).liaison().running(timezone.localdate())
    meetings = Meeting.objects.visible_to(request.user).standing().filter(plan__in=plans)
    if not mine.is_reviewer:
        meetings = meetings.filter(district__in=mine.hosts)
    if (asked := request.GET.get("meeting", "")).isdecimal() and len(asked) < 10:
        meetings = meetings.filter(pk=asked)
    items = AgendaItem.objects.filter(meeting__in=meetings).exclude(resolution="").select_related("meeting__district")
    return list(items.order_by("-meeting__starts_at", "meeting", "section", "order", "pk"))


def _chosen(request: SignedInRequest, items: list[AgendaItem]) -> dict[str, Any]:
    asked = request.GET.get("item", "")
    chosen = next((item for item in items if str(item.pk) == asked), items[0] if len(items) == 1 else None)
    return {"item": str(chosen.pk), "task": Truncator(chosen.resolution).chars(300)} if chosen else {}


@guard(FollowUp)
def follow_up(request: SignedInRequest, follow_up: FollowUp) -> HttpResponse:
    """Show one with its timeline, and the form of whoever is to act."""
    return _page(request, follow_up)


@require_POST
@guard(FollowUp, can_follow_up)
def report(request: SignedInRequest, follow_up: FollowUp) -> HttpResponse:
    """Report how it was carried out."""
    form = ReportForm(request.POST)
    if form.is_valid():
        try:
            actions.report_follow_up(follow_up=follow_up, text=form.cleaned_data["text"], by=request.user)
            messages.success(request, "已填報，並通知人事處審核解列。")
            return redirect(follow_up)
        except ValidationError as error:
            form.add_error(None, error)
    return _page(request, follow_up, report_form=form, status=422)


@require_POST
@guard(FollowUp, can_release)
def release(request: SignedInRequest, follow_up: FollowUp) -> HttpResponse:
    """Release what was reported."""
    form = AnswerForm(request.POST)
    if form.is_valid():
        try:
            actions.release_follow_up(follow_up=follow_up, text=form.cleaned_data["text"], by=request.user)
            messages.success(request, "已解除列管，並通知承辦單位及提案機關。")
            return redirect(follow_up)
        except ValidationError as error:
            form.add_error(None, error)
    return _page(request, follow_up, answer_form=form, status=422)


@require_POST
@guard(FollowUp, can_release)
def keep_open(request: SignedInRequest, follow_up: FollowUp) -> HttpResponse:
    """Keep it under follow-up with a reason."""
    form = AnswerForm(request.POST, goes_on=True)
    if form.is_valid():
        try:
            actions.return_follow_up(follow_up=follow_up, reason=form.cleaned_data["text"], by=request.user)
            messages.success(request, "已繼續列管，並通知承辦單位。")
            return redirect(follow_up)
        except ValidationError as error:
            form.add_error(None, error)
    return _page(request, follow_up, answer_form=form, status=422)


def _page(
    request: SignedInRequest,
    follow_up: FollowUp,
    *,
    report_form: ReportForm | None = None,
    answer_form: AnswerForm | None = None,
    status: int = 200,
) -> HttpResponse:
    found = FollowUp.objects.select_related("agenda_item__meeting__district", "agency", "proposal", "created_by")
    follow_up = found.get(pk=follow_up.pk)  # what was refused may have been, because somebody else was faster
    state, user = FollowUpState(follow_up.state), request.user
    meeting = follow_up.agenda_item.meeting
    context = {
        "follow_up": follow_up,
        "cell": _state(follow_up),
        "steps": _steps(state),
        "reports": follow_up.reports.select_related("by").order_by("-pk"),
        "report_form": report_form or ReportForm(),
        "answer_form": answer_form or AnswerForm(),
        "can_report": state == FollowUpState.OPEN and can_follow_up(user, follow_up),
        "can_answer": state == FollowUpState.REPORTED and can_release(user, follow_up),
        "sees_meeting": Meeting.objects.visible_to(user).filter(pk=meeting.pk).exists(),
    }
    return render(request, "proposals/follow_up.html", context, status=status)


def _steps(state: FollowUpState) -> list[tuple[str, str]]:
    reached = list(FollowUpState).index(state)
    return [
        (
            step.label,
            "past"
            if place < reached or step == FollowUpState.RELEASED == state
            else "now"
            if place == reached
            else "next",
        )
        for place, step in enumerate(FollowUpState)
    ]


@guard(District, can_print_follow_ups)
def table(request: SignedInRequest, district: District, form: str) -> HttpResponseBase:
    """Return the 決議事項列管表 for the district's next meeting."""
    if form not in RENDERERS:
        raise Http404
    today = timezone.localdate()
    found = FollowUp.objects.for_next_meeting(district, today).select_related(
        "agenda_item__meeting__district", "agency"
    )
    render_paper, content_type = RENDERERS[form]
    content = render_paper(documents.follow_up_table(district, found.prefetch_related("reports"), today))
    record("follow_up.printed", district, by=request.user, office_id=district.plan.office_id, form=form)
    name = f"{district.plan.year}年度{district.name}決議事項列管表.{form}"
    return FileResponse(BytesIO(content), as_attachment=True, filename=name, content_type=content_type)
