"""The month calendar and the private iCal feed: the same duties and meetings, by day."""

import calendar as months
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from districts.calendar import office_calendar
from districts.models import Agency, CalendarDay
from districts.policies import is_somebody
from districts.standing import standing
from personnel_portal import roc
from personnel_portal.accounts.requests import SignedInRequest
from personnel_portal.duties import actions, stream
from personnel_portal.duties.board import Chip, chip
from personnel_portal.duties.ical import feed_of
from personnel_portal.duties.models import FeedToken
from personnel_portal.guards import guard, public
from personnel_portal.rules.duty import Duty

FIRST, LAST = date(1912, 1, 1), date(2200, 12, 1)
FEW = 3  # duties of a kind that a day shows in full; what all agencies owe on one day is folded


@dataclass(frozen=True, slots=True)
class Kind:
    """What is due of a kind on one day, and how many of them are done."""

    heading: str
    lines: list[tuple[Duty, Chip, Agency]]
    done: int

    @property
    def is_folded(self) -> bool:
        return len(self.lines) > FEW


@guard(policy=is_somebody)
def month(request: SignedInRequest) -> HttpResponse:
    """Show a month: deadlines on their effective day, meetings, rest days; `?month=116-05`."""
    today = timezone.localdate()
    first = _asked(request.GET.get("month", "")) or today.replace(day=1)
    weeks = months.Calendar(firstweekday=6).monthdatescalendar(first.year, first.month)
    start, end = weeks[0][0], weeks[-1][-1]
    shown = office_calendar(standing(request.user).office_id or 0, start.year, end.year)
    notes = dict(CalendarDay.objects.filter(day__range=(start, end)).values_list("day", "note"))
    seen = stream.seen_by(request.user, today=today)
    duties = [duty for duty in seen if duty.due and start <= duty.due.effective <= end]
    agencies = Agency.objects.filter(pk__in={duty.agency_id for duty in duties}).in_bulk()
    events = stream.events_for(request.user, start, end)
    days = [
        [
            {
                "day": day,
                "in_month": day.month == first.month,
                "is_today": day == today,
                "is_off": not shown.is_working(day),
                "note": notes.get(day, ""),
                "duties": _kinds([duty for duty in duties if duty.due and duty.due.effective == day], agencies, today),
                "events": [event for event in events if timezone.localdate(event.starts) == day],
            }
            for day in week
        ]
        for week in weeks
    ]
    context = {
        "weeks": days,
        "first": first,
        "year": roc.year(first),
        "previous": _name(first - timedelta(days=1)),
        "following": _name(first + timedelta(days=31)),
        "covered": shown.covers(first),
    }
    return render(request, "duties/calendar.html", context)


def _kinds(duties: list[Duty], agencies: Mapping[int, Agency], today: date) -> list[Kind]:
    """Return the duties of a day by their kinds, in the order of the stream."""
    kinds: dict[str, list[Duty]] = defaultdict(list)
    for duty in duties:
        kinds[duty.kind].append(duty)
    return [
        Kind(
            heading=own[0].heading,
            lines=[(duty, chip(duty, today), agencies[duty.agency_id]) for duty in own],
            done=sum(not duty.is_open() for duty in own),
        )
        for own in kinds.values()
    ]


def _asked(text: str) -> date | None:
    """Return the first day of a month written 116-05, or None for anything else."""
    year, _, number = text.partition("-")
    if not (year.isascii() and year.isdecimal() and number.isascii() and number.isdecimal()):
        return None
    try:
        asked = date(roc.gregorian(int(year)), int(number), 1)
    except (ValueError, OverflowError):
        return None
    return asked if FIRST <= asked <= LAST else None


def _name(day: date) -> str:
    return f"{roc.year(day)}-{day.month:02}"


@guard(policy=is_somebody)
def feed_page(request: SignedInRequest) -> HttpResponse:
    """Show the private address of my calendar, or how to open one."""
    token = FeedToken.objects.live().filter(user=request.user).first()
    address = request.build_absolute_uri(reverse("duties:feed", kwargs={"token": token.token})) if token else ""
    return render(request, "duties/feed.html", {"token": token, "address": address})


@require_POST
@guard(policy=is_somebody)
def open_feed(request: SignedInRequest) -> HttpResponse:
    actions.open_feed(user=request.user)
    messages.success(request, "已產生新的訂閱網址，舊網址（如有）已失效。")
    return redirect("duties:feed_page")


@require_POST
@guard(policy=is_somebody)
def revoke_feed(request: SignedInRequest) -> HttpResponse:
    actions.revoke_feed(user=request.user)
    messages.success(request, "訂閱網址已失效。")
    return redirect("duties:feed_page")


@public
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """Answer the calendar behind a private address; a revoked or unknown one does not exist."""
    live = FeedToken.objects.live().filter(token=token).select_related("user").first()
    if live is None:
        raise Http404
    response = HttpResponse(feed_of(live.user, timezone.localdate()), content_type="text/calendar; charset=utf-8")
    response["Cache-Control"] = "private, no-store"
    return response
