"""Calls for items: the list of meetings with their calls, the call of one meeting, and its letter."""

from io import BytesIO
from typing import Any

from django.db.models import Count, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import FileResponse, Http404
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from districts.policies import is_somebody
from districts.standing import standing
from meetings.choices import MeetingState
from meetings.models import Meeting
from meetings.views.papers import RENDERERS
from personnel_portal import lists, roc
from personnel_portal.accounts.models import User
from personnel_portal.accounts.requests import SignedInRequest
from personnel_portal.guards import guard
from personnel_portal.trail.actions import record
from personnel_portal.trail.models import Entry
from proposals import documents, facts
from proposals.filters import CALL_STATES, CallFilter, CallRecipientFilter
from proposals.forms import blanks
from proposals.models import CallForItems, CallRecipient
from proposals.policies import can_run_call

HISTORY = 30
TONES = {"未函請": "none", "擬稿中": "soon", "函請中": "wait", "已截止": "done", "會議已取消": "none"}


# --- The list of meetings with their calls ---------------------------------------------------------------------------


@guard(policy=is_somebody)
def index(request: SignedInRequest) -> HttpResponseBase:
    """List the calls that the person sent or was sent; to hosts and the office also the meetings that lack one."""
    mine = standing(request.user)
    return lists.show(
        request,
        queryset=_meetings(request.user),
        columns=_meeting_columns(request),
        filterset_class=CallFilter,
        title="函請提案",
        empty="尚無函請提案。承辦單位排定會議後，在這裡擬稿並寄發給成員與輔導區機關。",
        office_id=mine.office_id,
    )


def _meetings(user: User) -> QuerySet[Meeting]:
    """Return the meetings with a call that the person sees, and those for which a call can be drafted; each with how
    many of the asked agencies that the person sees have answered."""
    mine = standing(user)
    handled = Q() if mine.is_office else Q(district__in=mine.hosts)
    wanting = Q(items_call__isnull=True) & handled & ~Q(state=MeetingState.CANCELLED)
    called = Q(items_call__in=CallForItems.objects.visible_to(user).values("pk"))
    asked = CallRecipient.objects.visible_to(user).filter(call__meeting=OuterRef("pk")).order_by()
    return (
        Meeting.objects.filter(plan__office=mine.office_id)
        .filter(called | wanting)
        .annotate(asked=_how_many(asked), answered=_how_many(asked.answered()))
        .select_related("district", "plan", "items_call")
        .order_by("-starts_at", "pk")
    )


def _how_many(rows: QuerySet[CallRecipient]) -> Coalesce:
    counted = rows.values("call").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def _meeting_columns(request: SignedInRequest) -> list[lists.Column]:
    columns = [
        lists.Column("district", "分區", "district.name", sort=("district__order",)),
        lists.Column(
            "meeting",
            "會議",
            lambda m: f"第 {m.number} 次{m.get_kind_display()}",
            sort=("kind", "number"),
            link=lambda m: _address("call", m) if _call_of(m) else None,
            width=40,
        ),
        lists.Column("at", "開會時間", lambda m: roc.moment(timezone.localtime(m.starts_at)), sort=("starts_at",)),
        lists.Column("state", "函請", lambda m: lists.Cell(_state(m), TONES[_state(m)])),
        lists.Column(
            "closes",
            "截止日",
            lambda m: getattr(_call_of(m), "closes_on", None),
            sort=("items_call__closes_on",),
        ),
        lists.Column("answered", "已回復", lambda m: f"{m.answered}／{m.asked}" if m.asked else "—", numeric=True),
    ]
    mine = standing(request.user)
    if (mine.hosts or mine.is_reviewer) and "export" not in request.GET:
        columns.append(_step_column(request.user))
    return columns


def _step_column(user: User) -> lists.Column:
    """Return the column whose link begins or goes on with a draft, where the person may."""

    def step(meeting: Meeting) -> str:
        call = _call_of(meeting)
        if meeting.state == MeetingState.CANCELLED or meeting.is_past or (call and call.sent_at):
            return ""
        return ("續擬函稿" if call else "函請提案") if can_run_call(user, meeting) else ""

    return lists.Column("next", "辦理", step, link=lambda m: _address("edit_call", m) if step(m) else None)


def _call_of(meeting: Meeting) -> CallForItems | None:
    found: CallForItems | None = getattr(meeting, "items_call", None)
    return found


def _state(meeting: Meeting) -> str:
    call = _call_of(meeting)
    if meeting.state == MeetingState.CANCELLED:
        return "會議已取消"
    if call is None:
        return CALL_STATES["none"]
    return CALL_STATES["draft" if call.sent_at is None else "closed" if call.is_closed else "open"]


def _address(view: str, meeting: Meeting) -> str:
    return reverse(f"proposals:{view}", kwargs={"pk": meeting.pk})


# --- The call of one meeting -----------------------------------------------------------------------------------------


@guard(policy=is_somebody)
def call(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """Show the call of a meeting: the draft, or who has answered; to an agency its own answer."""
    shown = _visible(request.user, pk)
    if shown is None:
        meeting = get_object_or_404(Meeting.objects.visible_to(request.user).select_related("district", "plan"), pk=pk)
        if not can_run_call(request.user, meeting):
            raise Http404
        return redirect("proposals:edit_call", pk=pk)
    mine = standing(request.user)
    if shown.sent_at is None:
        return render(request, "proposals/call_draft.html", _context(request.user, shown))
    if mine.is_office or shown.meeting.district_id in mine.hosts:
        return _answers(request, shown)
    return render(request, "proposals/call_own.html", _context(request.user, shown))


def _visible(user: User, meeting: int) -> CallForItems | None:
    """Return the call of a meeting if the person may see it; coached agencies see calls of meetings they do not attend."""
    calls = CallForItems.objects.visible_to(user).filter(meeting=meeting)
    return calls.select_related("meeting__plan__office", "meeting__district", "created_by").first()


def _context(user: User, shown: CallForItems) -> dict[str, Any]:
    """Return what every page of a call shows."""
    own = (
        shown.recipients.filter(agency__in=standing(user).works_for).with_answers().select_related("agency", "none_by")
    )
    asked = facts.asked(shown) if shown.sent_at is None else []
    return {
        "call": shown,
        "meeting": shown.meeting,
        "title": f"函請提案：{shown.meeting}",
        "steps": _steps(shown),
        "is_cancelled": shown.meeting.state == MeetingState.CANCELLED,
        "can_run": can_run_call(user, shown.meeting),
        "purpose": shown.filled(shown.purpose),
        "explanation": shown.filled(shown.explanation).splitlines(),
        "count": len(asked),
        "members": [invitee.agency for invitee in asked if not invitee.is_coached],
        "coached": [invitee.agency for invitee in asked if invitee.is_coached],
        "warnings": [] if shown.sent_at else facts.closing_warnings(shown.meeting, shown.closes_on),
        "own": own,
        "blanks": blanks.FORMATS.items(),
        "today": timezone.localdate(),
        "history": Entry.objects.for_target(shown).exclude(act="call.printed")[:HISTORY],
    }


def _steps(shown: CallForItems) -> list[tuple[str, str]]:
    if shown.meeting.state == MeetingState.CANCELLED:
        return [("擬稿", "past"), *([("已寄發", "past")] if shown.sent_at else []), ("會議已取消", "stop")]
    reached = 0 if shown.sent_at is None else 2 if shown.is_closed else 1
    return [
        (name, "past" if place < reached else "now" if place == reached else "next")
        for place, name in enumerate(("擬稿", "已寄發，等候回復", "已截止"))
    ]


def _answers(request: SignedInRequest, shown: CallForItems) -> HttpResponseBase:
    """List whom the call asked and what each answered; the counts are those of all, whatever the filter."""
    rows = shown.recipients.with_answers().select_related("agency", "none_by")
    context = _context(request.user, shown)
    runs = context["can_run"] and not context["is_cancelled"] and "export" not in request.GET
    return lists.show(
        request,
        queryset=rows,
        columns=[*ANSWER_COLUMNS, *([EXTEND] if runs else [])],
        filterset_class=CallRecipientFilter,
        name=f"{shown.meeting}函請提案回復情形",
        empty="沒有函請對象。",
        template="proposals/call.html",
        office_id=shown.meeting.plan.office_id,
        tally=facts.tally(rows),
        unasked=[invitee.agency for invitee in facts.unasked(shown)] if context["can_run"] else [],
        items_of_others=facts.items_of_others(shown),
        **context,
    )


def _answer(row: Any) -> lists.Cell:
    if facts.has_sent(row):
        notes = [f"聯合提案 {row.joined} 件"] if row.joined else []
        notes += [f"逾期 {row.late} 件"] if row.late else []
        return lists.Cell("已送件", "done", "，".join(notes))
    if row.none_at:
        at = roc.moment(timezone.localtime(row.none_at))
        return lists.Cell("無", "done", f"{row.none_by.get_full_name()} {at}")
    return lists.Cell("尚未回復", "late" if timezone.localdate() > row.closes_on else "wait")


def _closes(row: CallRecipient) -> lists.Cell:
    note = f"展延：{row.extension_reason}" if row.is_extended else ""
    return lists.Cell(roc.short(row.closes_on), note=note)


ANSWER_COLUMNS = [
    lists.Column("agency", "機關", "agency.short_name", sort=("agency__short_name",), width=24),
    lists.Column("answer", "回復", _answer, width=40),
    lists.Column("cases", "案例", sort=("cases",), numeric=True, width=8),
    lists.Column("proposals", "提案", sort=("proposals",), numeric=True, width=8),
    lists.Column("closes", "截止日", _closes, width=30),
    lists.Column("part", "身分", lambda row: "輔導區兼任(辦)" if row.is_coached else "分區成員", sort=("is_coached",)),
]
EXTEND = lists.Column(
    "extend", "辦理", lambda row: "展延", link=lambda row: reverse("proposals:extend_call", kwargs={"pk": row.pk})
)


@guard(policy=is_somebody)
def letter(request: SignedInRequest, pk: int, form: str) -> HttpResponseBase:
    """Return the letter: PDF to file, ODT to edit; a draft until it was sent."""
    shown = _visible(request.user, pk)
    if shown is None or form not in RENDERERS:
        raise Http404
    render_paper, content_type = RENDERERS[form]
    content = render_paper(documents.letter(shown))
    record("call.printed", shown, by=request.user, office_id=shown.meeting.plan.office_id, form=form)
    name = f"{shown.meeting}函請提案.{form}"
    return FileResponse(BytesIO(content), as_attachment=True, filename=name, content_type=content_type)
