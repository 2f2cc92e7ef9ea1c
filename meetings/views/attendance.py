"""Who came: the quick entry, the sheet, and the check-in by code."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from meetings.actions import attendance as actions
from meetings.facts import turnout
from meetings.forms.attendance import COLUMNS, AttendanceForm, SheetForm
from meetings.models import Invitation, Meeting
from meetings.policies import can_check_in, can_prepare_papers, can_run_meeting
from personnel_portal import lists
from personnel_portal.accounts.requests import SignedInRequest
from personnel_portal.documents import sheets
from personnel_portal.guards import guard, require
from personnel_portal.trail.actions import record


@guard(Meeting, can_run_meeting)
def attendance(request: SignedInRequest, meeting: Meeting) -> HttpResponseBase:
    """Enter the attendance of all agencies on one screen; `fill` takes the rest as present."""
    invitations = _invitations(meeting)
    form = AttendanceForm(request.POST or None, invitations=invitations)
    if request.method == "POST" and form.is_valid():
        try:
            changed = actions.mark_attendance(
                meeting=meeting, marks=form.marks(fill="fill" in request.POST), by=request.user, shown=form.as_shown
            )
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            messages.success(request, f"已登錄 {changed} 個機關的出席情形。" if changed else "出席情形沒有變更。")
            return redirect("meetings:attendance", meeting.pk)
    context = {"meeting": meeting, "form": form, "turnout": turnout(invitations)}
    return render(request, "meetings/attendance.html", context)


@guard(Meeting, can_run_meeting)
def import_attendance(request: SignedInRequest, meeting: Meeting) -> HttpResponseBase:
    """Take the attendance from a sheet."""
    form = SheetForm(request.POST or None, request.FILES or None, invitations=_invitations(meeting))
    if request.method == "POST" and form.is_valid():
        try:
            changed = actions.mark_attendance(meeting=meeting, marks=form.cleaned_data["file"], by=request.user)
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            messages.success(request, f"已由名單登錄 {changed} 個機關的出席情形。")
            return redirect("meetings:attendance", meeting.pk)
    return render(request, "meetings/import_attendance.html", {"meeting": meeting, "form": form})


@guard(Meeting, can_prepare_papers)
def attendance_sheet(request: SignedInRequest, meeting: Meeting, form: str) -> HttpResponseBase:
    """Return the invited agencies with their attendance as a sheet, which can be filled in and imported."""
    if form not in lists.EXPORTS:
        raise Http404
    rows = [(i.agency.short_name, i.get_attendance_display(), i.attendee) for i in _invitations(meeting)]
    record("list.exported", meeting, by=request.user, office_id=meeting.plan.office_id, list="出席名單", rows=len(rows))
    columns = [sheets.Column(labels[0], width) for labels, width in zip(COLUMNS.values(), (24, 14, 20), strict=True)]
    return sheets.response(form, f"{meeting}出席名單", columns, rows)


@require_POST
@guard(Meeting, can_run_meeting)
def open_check_in(request: SignedInRequest, meeting: Meeting) -> HttpResponseBase:
    """Make a new code for the room."""
    try:
        code = actions.open_check_in(meeting=meeting, by=request.user)
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
        return redirect(meeting)
    messages.success(request, f"報到碼為 {code}，請於會場公布；僅開會當日有效。")
    return redirect("meetings:attendance", meeting.pk)


@require_POST
@guard(Meeting)
def check_in(request: SignedInRequest, meeting: Meeting, invitation: int) -> HttpResponseBase:
    """Check an invited agency in by the code of the room."""
    found = get_object_or_404(Invitation.objects.select_related("agency", "meeting"), pk=invitation, meeting=meeting)
    require(can_check_in(request.user, found))
    try:
        actions.check_in(
            invitation=found, code=request.POST.get("code", "")[:20], by=request.user, today=timezone.localdate()
        )
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
    else:
        messages.success(request, f"{found.agency}已報到。")
    return redirect(meeting)


def _invitations(meeting: Meeting) -> list[Invitation]:
    return list(meeting.invitations.select_related("agency"))
