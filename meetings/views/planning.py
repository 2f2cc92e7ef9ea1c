"""A meeting from its plan to its end: create, edit, call, cancel, hold."""

from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from districts.models import District
from districts.standing import standing
from meetings.actions import meetings as actions
from meetings.choices import MeetingKind, MeetingState
from meetings.facts import invited, reach
from meetings.forms.planning import CallForm, CancelForm, HoldForm, MeetingForm, PlanForm
from meetings.models import Meeting
from meetings.policies import can_plan_meeting, can_plan_some_meeting, can_run_meeting
from personnel_portal.accounts.requests import SignedInRequest
from personnel_portal.guards import guard, require


@guard(policy=can_plan_some_meeting)
def create(request: SignedInRequest) -> HttpResponseBase:
    """Plan a meeting of a district that the person hosts; `?district=` and `?kind=` fill the form."""
    hosted = standing(request.user).hosts
    districts = District.objects.filter(pk__in=hosted).select_related("plan").order_by("-plan__year", "order")
    form = PlanForm(request.POST or None, districts=districts, initial=_initial(request, list(districts)))

    def save() -> Meeting:
        details = dict(form.cleaned_data)
        district, kind = details.pop("district"), MeetingKind(details.pop("kind"))
        require(can_plan_meeting(request.user, district))
        return actions.plan_meeting(district=district, kind=kind, by=request.user, **details)

    return _form_page(request, form, save, title="排定會議", done="已排定{}。", back="")


@guard(Meeting, can_run_meeting)
def edit(request: SignedInRequest, meeting: Meeting) -> HttpResponseBase:
    """Change a meeting; who was called is told of a new time or place."""
    form = MeetingForm(request.POST or None, instance=meeting)

    def save() -> Meeting:
        return actions.change_meeting(meeting=meeting, by=request.user, shown=form.as_shown, **form.changes)

    return _form_page(request, form, save, title="編輯會議", done="已儲存{}。", back=meeting.get_absolute_url())


def _form_page(
    request: SignedInRequest,
    form: PlanForm | MeetingForm,
    save: Callable[[], Meeting],
    *,
    title: str,
    done: str,
    back: str,
) -> HttpResponseBase:
    """Save at once, or once the person has seen what speaks against it; what was typed stays meanwhile."""
    warnings: list[str] = []
    if request.method == "POST" and form.is_valid():
        warnings = form.unseen(request.POST.getlist("seen"))
        if not warnings:
            try:
                meeting = save()
            except ValidationError as refusal:
                form.add_error(None, refusal)
            else:
                messages.success(request, done.format(meeting))
                return redirect(meeting)
        else:
            warnings = form.found()
    return render(request, "meetings/form.html", {"form": form, "title": title, "warnings": warnings, "back": back})


def _initial(request: SignedInRequest, districts: list[District]) -> dict[str, object]:
    asked = next((d for d in districts if str(d.pk) == request.GET.get("district")), districts[0])
    kind = request.GET.get("kind")
    return {
        "district": asked,
        "kind": kind if kind in MeetingKind.values else MeetingKind.JOINT,
        "chair": asked.plan.convener,
        "recorder": request.user.get_full_name(),
    }


@guard(Meeting, can_run_meeting)
def call(request: SignedInRequest, meeting: Meeting) -> HttpResponseBase:
    """Show whom the call goes to and what follows; then call the meeting."""
    form = CallForm(request.POST or None, meeting=meeting, initial={"call_date": timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            called = actions.call_meeting(
                meeting=meeting, number=data["number"], call_date=data["call_date"], by=request.user
            )
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            messages.success(request, f"已發出開會通知，寄信給 {called.mails} 人。")
            _warn_unreachable(request, called)
            return redirect(meeting)
    invitees = invited(meeting)
    context = {
        "meeting": meeting,
        "form": form,
        "count": len(invitees),
        "members": [invitee.agency for invitee in invitees if not invitee.is_coached],
        "coached": [invitee.agency for invitee in invitees if invitee.is_coached],
        "joint": meeting.kind == MeetingKind.JOINT,
        "reach": reach(invitee.agency for invitee in invitees),
    }
    return render(request, "meetings/call.html", context)


@require_POST
@guard(Meeting, can_run_meeting)
def invite_more(request: SignedInRequest, meeting: Meeting) -> HttpResponseBase:
    """Invite the agencies that were named after the call went out."""
    try:
        called = actions.invite_more(meeting=meeting, by=request.user)
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
    else:
        messages.success(request, f"已補寄開會通知，寄信給 {called.mails} 人。")
        _warn_unreachable(request, called)
    return redirect(meeting)


def _warn_unreachable(request: SignedInRequest, called: actions.Called) -> None:
    if called.unreachable:
        messages.warning(request, f"下列機關沒有可通知的人員，請另行通知：{'、'.join(called.unreachable)}。")


@guard(Meeting, can_run_meeting)
def cancel(request: SignedInRequest, meeting: Meeting) -> HttpResponseBase:
    """Ask for the reason, say what follows, and cancel the meeting."""
    form = CancelForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.cancel_meeting(meeting=meeting, reason=form.cleaned_data["reason"], by=request.user)
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            messages.success(request, f"已取消{meeting}。")
            return redirect(meeting)
    consequences = ["這場會議不計入應辦場次，編號保留不再使用。"]
    if meeting.state == MeetingState.CALLED:
        reached = reach(invitee.agency for invitee in invited(meeting))
        consequences.append("尚未寄出的開會通知會收回。")
        consequences.append(f"寄取消通知給 {len(reached.addresses)} 人，並從他們的行事曆移除。")
        if reached.unreachable:
            consequences.append(f"下列機關沒有可通知的人員，請另行通知：{'、'.join(reached.unreachable)}。")
    return _confirm(request, meeting, form, f"取消{meeting}？", "取消會議", consequences, danger=True)


@guard(Meeting, can_run_meeting)
def hold(request: SignedInRequest, meeting: Meeting) -> HttpResponseBase:
    """Record that the meeting took place."""
    form = HoldForm(request.POST or None, meeting=meeting)
    if request.method == "POST" and form.is_valid():
        try:
            actions.hold_meeting(meeting=meeting, by=request.user, ends_at=form.cleaned_data["ends_at"])
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            messages.success(request, f"已登錄{meeting}召開，請續登錄出席並報送紀錄。")
            return redirect(meeting)
    consequences = ["會議計入應辦場次。", "開始計算報送會議紀錄的日數。"]
    return _confirm(request, meeting, form, f"登錄{meeting}已召開", "登錄召開", consequences)


def _confirm(
    request: SignedInRequest,
    meeting: Meeting,
    form: CancelForm | HoldForm,
    title: str,
    action: str,
    consequences: list[str],
    *,
    danger: bool = False,
) -> HttpResponse:
    context = {
        "form": form,
        "title": title,
        "action": action,
        "consequences": consequences,
        "cancel_url": meeting.get_absolute_url(),
        "danger": danger,
    }
    return render(request, "components/confirm.html", context)
