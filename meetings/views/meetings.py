"""The list of meetings, and the page of one meeting."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from districts.models import District
from districts.policies import is_somebody
from districts.standing import standing
from meetings.choices import MeetingKind, MeetingState, MinutesState
from meetings.facts import warnings
from meetings.filters import MeetingFilter
from meetings.forms.minutes import ReasonForm, UploadForm
from meetings.models import Meeting, Minutes, MinutesFile, MinutesVersion
from meetings.policies import can_reopen_minutes, can_review_minutes, can_submit_minutes, works_on_minutes
from meetings.views.panels import panels
from personnel_portal import lists, roc
from personnel_portal.accounts.models import User
from personnel_portal.accounts.requests import SignedInRequest
from personnel_portal.guards import guard
from personnel_portal.trail.models import Entry

HISTORY = 30
# The steps of a meeting; who printed or fetched what is the trail's matter.
STEPS = (
    "meeting.planned",
    "meeting.changed",
    "meeting.called",
    "meeting.invited_more",
    "meeting.cancelled",
    "meeting.held",
)
WORK = ("attendance.opened", "attendance.marked")
DECISIONS = ("minutes.submitted", "minutes.returned", "minutes.accepted", "minutes.reopened", "minutes.circulated")

STATE_TONES = {
    MeetingState.PLANNED: "wait",
    MeetingState.CALLED: "wait",
    MeetingState.HELD: "done",
    MeetingState.CANCELLED: "none",
}
MINUTES_TONES = {
    MinutesState.UNFILED: "none",
    MinutesState.SUBMITTED: "soon",
    MinutesState.RETURNED: "late",
    MinutesState.ACCEPTED: "done",
}

COLUMNS = [
    lists.Column("district", "分區", "district.name", sort=("district__order",)),
    lists.Column(
        "meeting",
        "會議",
        lambda m: f"第 {m.number} 次{m.get_kind_display()}",
        sort=("kind", "number"),
        link=lambda m: m.get_absolute_url(),
        width=40,
    ),
    lists.Column("at", "時間", lambda m: roc.moment(timezone.localtime(m.starts_at)), sort=("starts_at",), width=26),
    lists.Column("place", "地點", sort=("place",), width=24),
    lists.Column(
        "state",
        "狀態",
        lambda m: lists.Cell(m.get_state_display(), STATE_TONES[MeetingState(m.state)]),
        sort=("state",),
    ),
    lists.Column("minutes", "紀錄", lambda m: _minutes_cell(m), sort=("minutes__state",)),
]


def _minutes_cell(meeting: Meeting) -> lists.Cell:
    if meeting.state == MeetingState.CANCELLED or (
        not meeting.is_past and meeting.minutes.state == MinutesState.UNFILED
    ):
        return lists.Cell("—")
    state = MinutesState(meeting.minutes.state)
    return lists.Cell(state.label, MINUTES_TONES[state])


@guard(policy=is_somebody)
def index(request: SignedInRequest) -> HttpResponseBase:
    """List the meetings that the person may see, newest first."""
    mine = standing(request.user)
    hosted = District.objects.filter(pk__in=mine.hosts).first()
    actions = [lists.Action("排定會議", f"{reverse('meetings:create')}?district={hosted.pk}")] if hosted else []
    return lists.show(
        request,
        queryset=Meeting.objects.visible_to(request.user),
        columns=COLUMNS,
        filterset_class=MeetingFilter,
        title="聯繫會報",
        empty="尚無會議。承辦單位可按「排定會議」建立；會後在會議頁面上傳紀錄。",
        actions=actions,
        office_id=mine.office_id,
    )


@guard(Meeting)
def detail(request: SignedInRequest, meeting: Meeting) -> HttpResponse:
    """Show a meeting: how far it is, who does the next step, its minutes in all versions, and its history."""
    return detail_page(request, meeting)


def detail_page(
    request: SignedInRequest,
    meeting: Meeting,
    *,
    return_form: ReasonForm | None = None,
    reopen_form: ReasonForm | None = None,
    status: int = 200,
    **context: Any,
) -> HttpResponse:
    """Return the page of a meeting, with a form that was refused in its place."""
    user = request.user
    if status != 200:
        meeting.refresh_from_db()  # what was refused may have been, because somebody else was faster
    works_on = works_on_minutes(user, meeting)
    readable = works_on or Minutes.objects.visible_to(user).filter(meeting=meeting).exists()
    minutes = meeting.minutes if readable else None
    can_submit = can_submit_minutes(user, meeting.minutes)
    files = _files(user, meeting) if can_submit or meeting.minutes.state != MinutesState.UNFILED else []
    versions = _versions(files)
    latest = versions[-1][0] if versions else None
    values = {
        "meeting": meeting,
        "steps": _steps(meeting),
        "next_step": _next_step(meeting),
        "minutes": minutes,
        "versions": versions,
        "latest": latest,
        "works_on": works_on,
        "findings": latest.findings if latest and minutes and minutes.state != MinutesState.ACCEPTED else None,
        "can_submit": can_submit,
        "form": UploadForm(),
        "max_bytes": settings.UPLOAD_MAX_BYTES,
        "can_review": can_review_minutes(user, meeting.minutes),
        "can_reopen": can_reopen_minutes(user, meeting.minutes),
        "drafts": sum(file.version.submitted_at is None for file in files),
        "return_form": return_form or ReasonForm(what="退請補正"),
        "reopen_form": reopen_form or ReasonForm(what="重啟"),
        "warnings": _warnings(meeting),
        **panels(user, meeting),
        "history": _history(meeting, works_on=works_on),
    }
    return render(request, "meetings/detail.html", {**values, **context}, status=status)


def _files(user: User, meeting: Meeting) -> list[MinutesFile]:
    """Return the files that the person may see, of submitted versions and of what is still to be submitted."""
    files = MinutesFile.objects.visible_to(user).filter(version__minutes=meeting.minutes)
    return list(files.select_related("stored", "version__submitted_by").order_by("version__number", "role", "pk"))


def _versions(files: Iterable[MinutesFile]) -> list[tuple[MinutesVersion, list[MinutesFile]]]:
    """Return the submitted versions, oldest first, each with its files."""
    grouped: dict[int, tuple[MinutesVersion, list[MinutesFile]]] = {}
    for file in files:
        if file.version.submitted_at:
            grouped.setdefault(file.version_id, (file.version, []))[1].append(file)
    return list(grouped.values())


def _steps(meeting: Meeting) -> list[tuple[str, str]]:
    """Return the stepper: each step's words and whether it is past, current or ahead."""
    if meeting.state == MeetingState.CANCELLED:
        return [("已排定", "past"), ("已取消", "stop")]
    minutes = MinutesState(meeting.minutes.state)
    returned = minutes == MinutesState.RETURNED
    names = ["已排定", "已通知", "已召開", "退請補正" if returned else "紀錄待報送", "已報送", "已備查"]
    reached = {
        MinutesState.UNFILED: {MeetingState.PLANNED: 0, MeetingState.CALLED: 1, MeetingState.HELD: 3}.get(
            MeetingState(meeting.state), 0
        ),
        MinutesState.RETURNED: 3,
        MinutesState.SUBMITTED: 4,
        MinutesState.ACCEPTED: 6,
    }[minutes]
    now = "stop" if returned else "now"
    steps = [
        (name, "past" if place < reached else now if place == reached else "next") for place, name in enumerate(names)
    ]
    # What was waited for is no step that anybody took.
    return [step for step in steps if step != ("紀錄待報送", "past")]


def _next_step(meeting: Meeting) -> str:
    """Return who may do the next step, in a sentence."""
    host = f"{meeting.district.name}承辦單位"
    match MeetingState(meeting.state), MinutesState(meeting.minutes.state):
        case MeetingState.CANCELLED, _:
            return "會議已取消，沒有後續步驟。"
        case _, MinutesState.SUBMITTED:
            return "下一步：人事處審核紀錄，同意備查或退請補正。"
        case _, MinutesState.ACCEPTED:
            return "會議紀錄已備查，全部步驟已完成。"
        case _, MinutesState.RETURNED:
            return f"下一步：{host}補正紀錄後重新報送。"
    if meeting.is_past:
        return f"下一步：{host}上傳並報送會議紀錄。"
    if meeting.state == MeetingState.PLANNED:
        return f"下一步：{host}寄發開會通知。"
    return f"下一步：{host}於會後上傳並報送會議紀錄。"


def _warnings(meeting: Meeting) -> list[str]:
    if meeting.state in (MeetingState.HELD, MeetingState.CANCELLED):
        return []
    return warnings(meeting.district, MeetingKind(meeting.kind), meeting.day, meeting=meeting)


def _history(meeting: Meeting, *, works_on: bool) -> list[Entry]:
    """Return the steps, newest first; how attendance and minutes came about is between the host and the office."""
    acts = (*STEPS, *WORK) if works_on else STEPS
    entries = Entry.objects.for_target(meeting).filter(act__in=acts)
    if works_on:
        entries |= Entry.objects.for_target(meeting.minutes).filter(act__in=DECISIONS)
    return list(entries[:HISTORY])
