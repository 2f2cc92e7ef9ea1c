"""The obligation board, one duty with its evidence, and what the office can do about it."""

from datetime import date

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from districts.models import Agency, District, Plan
from districts.policies import is_office, is_reviewer, is_somebody
from districts.standing import standing
from personnel_portal import lists, roc
from personnel_portal.accounts.requests import SignedInRequest
from personnel_portal.duties import actions, stream
from personnel_portal.duties.board import board as board_of
from personnel_portal.duties.board import by_urgency, chip, due_text
from personnel_portal.duties.forms import ReliefForm
from personnel_portal.duties.models import Relief, Reminder
from personnel_portal.duties.policies import can_chase, can_see_duty
from personnel_portal.guards import guard, require
from personnel_portal.rules.duty import Duty


@guard(policy=is_somebody)
def board(request: SignedInRequest) -> HttpResponse:
    """Show districts × duties of a plan; people outside the office see their own districts."""
    today = timezone.localdate()
    plans = Plan.objects.visible_to(request.user).liaison()
    plan = plans.of_year(request.GET.get("year", ""), today)
    mine = standing(request.user)
    districts = District.objects.filter(plan=plan)
    if not mine.is_office:
        districts = districts.filter(memberships__agency__in=mine.reads_for).distinct()
    duties = stream.of_plans([plan], today=today) if plan else []
    context = {
        "plan": plan,
        "plans": plans,
        "districts": list(districts),
        "rows": board_of(duties, list(districts), today, reminded=stream.reminded(plan)) if plan else [],
        "calendar_missing": any(duty.due and not duty.due.certain for duty in duties),
    }
    return render(request, "duties/board.html", context)


@guard(District)
def cell(request: SignedInRequest, district: District, kind: str) -> HttpResponse:
    """Show who owes what stands in one cell of the board: all to the office and the host, to others their own."""
    today = timezone.localdate()
    stated = stream.of_plans([district.plan], today=today)
    seen = [d for d in stated if d.kind == kind and d.district_id == district.pk and can_see_duty(request.user, d)]
    if not seen:
        raise Http404
    agencies = Agency.objects.in_bulk({duty.agency_id for duty in seen})
    rows = [(agencies[d.agency_id], d, chip(d, today), due_text(d.due)) for d in by_urgency(seen, today)]
    context = {"district": district, "first": seen[0], "rows": rows, "done": sum(not d.is_open() for d in seen)}
    return render(request, "duties/cell.html", context)


@guard(policy=is_somebody)
def detail(request: SignedInRequest, plan: int, key: str) -> HttpResponse:
    """Show one duty: clause, deadline, evidence, relief, and every reminder that went out."""
    return _page(request, _fetch(request, plan, key), ReliefForm())


@require_POST
@guard(policy=is_reviewer)
def remind_now(request: SignedInRequest, plan: int, key: str) -> HttpResponse:
    """Remind the agency by hand."""
    duty = _fetch(request, plan, key)
    require(can_chase(request.user, duty))
    try:
        count = actions.remind_now(
            plan=Plan.objects.get(pk=plan), duty=duty, by=request.user, today=timezone.localdate()
        )
        messages.success(request, f"已寄出提醒，收件 {count} 人。")
    except ValidationError as error:
        messages.error(request, error.messages[0])
    return redirect("duties:detail", plan=plan, key=key)


@require_POST
@guard(policy=is_reviewer)
def relieve(request: SignedInRequest, plan: int, key: str) -> HttpResponse:
    """Waive the duty or put it off."""
    duty = _fetch(request, plan, key)
    require(can_chase(request.user, duty))
    form = ReliefForm(request.POST)
    if form.is_valid():
        try:
            actions.give_relief(plan=Plan.objects.get(pk=plan), duty=duty, by=request.user, **form.relief())
            messages.success(request, "已登錄，並自責任看板即時生效。")
            return redirect("duties:detail", plan=plan, key=key)
        except ValidationError as error:
            form.add_error(None, error)
    return _page(request, duty, form, status=422)


@require_POST
@guard(Relief, lambda user, relief: is_reviewer(user))
def withdraw(request: SignedInRequest, relief: Relief) -> HttpResponse:
    """Take relief back."""
    try:
        actions.withdraw_relief(relief=relief, by=request.user)
        messages.success(request, "已撤銷，恢復原期限。")
    except ValidationError as error:
        messages.error(request, error.messages[0])
    return redirect("duties:detail", plan=relief.plan_id, key=relief.duty_key)


RELIEF_COLUMNS = [
    lists.Column("agency", "機關", "agency.short_name", sort=("agency__short_name",)),
    lists.Column(
        "duty", "應辦事項", "duty_title", link=lambda r: reverse("duties:detail", args=[r.plan_id, r.duty_key])
    ),
    lists.Column("until", "內容", lambda r: f"展延至 {roc.short(r.until)}" if r.until else "免除"),
    lists.Column("reason", "理由"),
    lists.Column("given_at", "核准時間", lambda r: timezone.localdate(r.given_at), sort=("given_at",)),
    lists.Column("state", "狀態", lambda r: _state(r, timezone.localdate())),
]


def _state(relief: Relief, today: date) -> lists.Cell:
    if relief.withdrawn_at:
        return lists.Cell("已撤銷", "none")
    expired = relief.expires_on is not None and relief.expires_on < today
    return lists.Cell("已失效", "none") if expired else lists.Cell("有效", "done")


@guard(policy=is_office)
def reliefs(request: SignedInRequest) -> HttpResponseBase:
    """List what was waived or put off."""
    return lists.show(
        request,
        queryset=Relief.objects.visible_to(request.user).select_related("agency"),
        columns=RELIEF_COLUMNS,
        title="免除與展延",
        empty="尚無免除或展延。可由責任看板點選事項後登錄。",
        office_id=standing(request.user).office_id,
    )


def _fetch(request: SignedInRequest, plan_id: int, key: str) -> Duty:
    """Return the duty if the person may see it; what may not be seen does not exist."""
    plan = Plan.objects.visible_to(request.user).filter(pk=plan_id).first()
    duty = stream.find(key, stream.of_plans([plan], today=timezone.localdate())) if plan else None
    if duty is None or not can_see_duty(request.user, duty):
        raise Http404
    return duty


def _page(request: SignedInRequest, duty: Duty, form: ReliefForm, status: int = 200) -> HttpResponse:
    today = timezone.localdate()
    context = {
        "duty": duty,
        "chip": chip(duty, today),
        "due_text": due_text(duty.due),
        "agency": Agency.objects.get(pk=duty.agency_id),
        "plan": Plan.objects.get(pk=duty.plan_id),
        "may_act": duty.agency_id in standing(request.user).works_for,
        "may_chase": can_chase(request.user, duty),
        "reliefs": Relief.objects.filter(plan=duty.plan_id, duty_key=duty.key).select_related("given_by"),
        "reminders": Reminder.objects.filter(plan=duty.plan_id, duty_key=duty.key).select_related("person", "message"),
        "form": form,
    }
    return render(request, "duties/detail.html", context, status=status)
