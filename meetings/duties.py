"""What the plan asks of hosts and of the office about meetings (肆、二、(三)).

Each host holds one meeting A and one meeting B by their days, and submits the minutes of every meeting; the office
then files them (備查). The plan names no number of days for the minutes, so they show the days since the meeting
and are late only where the office sets a number.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from django.db.models import Prefetch
from django.urls import reverse
from django.utils import timezone

from districts.facts import PlanDay
from districts.models import Deadline, District
from meetings.choices import MeetingKind, MeetingState, MinutesState
from meetings.models import Meeting
from personnel_portal import roc
from personnel_portal.rules.duty import Due, Duty, Event, Evidence

HOLD = "meetings.hold"
MINUTES = "meetings.minutes"
REVIEW = "meetings.review"
DELIVERED = (MinutesState.SUBMITTED, MinutesState.ACCEPTED)
USUAL_LENGTH = timedelta(hours=2)  # of a meeting whose end is not known yet
SHORT = {MeetingKind.JOINT: "專、兼任(辦)會報", MeetingKind.FULL_TIME: "專任會報"}


def duties(on: PlanDay) -> Iterator[Duty]:
    """Yield the duties of all districts of the plan; two queries, however many meetings."""
    meetings = Meeting.objects.in_plan(on.plan).standing().select_related("minutes").order_by("starts_at")
    prefetch = Prefetch("meetings", meetings, "held_or_planned")
    districts = [d for d in on.plan.districts.prefetch_related(prefetch) if d.pk in on.hosts]
    for kind in MeetingKind:
        if deadline := on.deadlines.get(f"{HOLD}.{kind}"):
            yield from (_hold(district, kind, deadline, on) for district in districts)
    if deadline := on.deadlines.get(MINUTES):
        past = [meeting for district in districts for meeting in _meetings(district) if _is_past(meeting, on.today)]
        yield from (_submit(meeting, deadline, on) for meeting in past)
        submitted = [meeting for meeting in past if meeting.minutes.state in DELIVERED]
        yield from (_review(meeting, deadline, on.office_agency_id) for meeting in submitted)


def _meetings(district: District) -> list[Meeting]:
    return district.held_or_planned  # type: ignore[attr-defined,no-any-return]  # made by the prefetch above


def _is_past(meeting: Meeting, today: date) -> bool:
    return meeting.day < today or (meeting.day == today and meeting.is_past)


def _hold(district: District, kind: MeetingKind, deadline: Deadline, on: PlanDay) -> Duty:
    of_kind = [meeting for meeting in _meetings(district) if meeting.kind == kind]
    counted = [m for m in of_kind if m.state == MeetingState.HELD and on.plan.covers(m.day)]
    waiting = next((m for m in of_kind if m.state != MeetingState.HELD), None)
    done = Evidence(f"{len(counted)} 場", counted[0].day, counted[0].get_absolute_url()) if counted else None
    due = Due.on(deadline.nominal, deadline.holiday_policy, on.calendar, deadline.hour) if deadline.nominal else None
    return Duty(
        key=f"{HOLD}.{kind}.district-{district.pk}",
        kind=f"{HOLD}.{kind}",
        heading=f"{SHORT[kind]} ≥ 1 場",
        title=f"辦理{kind.label}至少 1 場",
        clause=deadline.clause,
        plan_id=on.plan.pk,
        agency_id=on.hosts[district.pk],
        district_id=district.pk,
        due=due,
        since=on.plan.starts,
        done=done,
        url=waiting.get_absolute_url()
        if waiting
        else f"{reverse('meetings:create')}?district={district.pk}&kind={kind}",
        action="檢視會議" if waiting else "排定會議",
        note=_planned(waiting),
    )


def _planned(meeting: Meeting | None) -> str:
    if meeting is None:
        return "尚未排定"
    return f"{'待登錄召開' if meeting.is_past else '已排定'} {roc.short(meeting.day)}"


def _submit(meeting: Meeting, deadline: Deadline, on: PlanDay) -> Duty:
    minutes = meeting.minutes
    delivered = minutes.state in DELIVERED
    days = deadline.days_after
    return Duty(
        key=f"{MINUTES}.meeting-{meeting.pk}",
        kind=MINUTES,
        heading="會議紀錄報送備查",
        title=f"{'補正' if minutes.state == MinutesState.RETURNED else '報送'}{_name(meeting)}紀錄",
        clause=deadline.clause,
        plan_id=meeting.plan_id,
        agency_id=on.hosts[meeting.district_id],
        district_id=meeting.district_id,
        due=Due.on(meeting.day + timedelta(days=days), deadline.holiday_policy, on.calendar, deadline.hour)
        if days is not None
        else None,
        since=meeting.day,
        after="會後",
        done=Evidence(minutes.get_state_display(), timezone.localdate(minutes.submitted_at), meeting.get_absolute_url())
        if delivered
        else None,
        url=reverse("meetings:minutes", kwargs={"pk": meeting.pk}),
        action="補正紀錄" if minutes.state == MinutesState.RETURNED else "上傳紀錄",
        note=f"會議 {roc.long(meeting.day)}",
    )


def _review(meeting: Meeting, deadline: Deadline, office_agency_id: int) -> Duty:
    minutes = meeting.minutes
    accepted = minutes.state == MinutesState.ACCEPTED
    return Duty(
        key=f"{REVIEW}.meeting-{meeting.pk}",
        kind=REVIEW,
        heading="會議紀錄備查（人事處）",
        title=f"審核{meeting.district.name}{_name(meeting)}紀錄",
        clause=deadline.clause,
        plan_id=meeting.plan_id,
        agency_id=office_agency_id,
        district_id=meeting.district_id,
        since=timezone.localdate(minutes.submitted_at),
        after="報送後",
        done=Evidence("已備查", timezone.localdate(minutes.decided_at), meeting.get_absolute_url())
        if accepted
        else None,
        url=meeting.get_absolute_url(),
        action="審核",
        note=f"{roc.short(timezone.localdate(minutes.submitted_at))} 報送",
    )


def _name(meeting: Meeting) -> str:
    return f"第 {meeting.number} 次{SHORT[MeetingKind(meeting.kind)]}"


def events(user: Any, first: date, last: date) -> Iterator[Event]:
    """Return the meetings of the period that the user may see and that were not cancelled."""
    meetings = Meeting.objects.visible_to(user).standing().filter(starts_at__date__range=(first, last))
    return map(event, meetings.select_related("district"))


def event(meeting: Meeting) -> Event:
    """Return the meeting as calendars and the .ics of its mails show it."""
    return Event(
        key=f"meetings.meeting-{meeting.pk}",
        title=str(meeting),
        starts=meeting.starts_at,
        ends=meeting.ends_at or meeting.starts_at + USUAL_LENGTH,
        place=meeting.place,
        url=meeting.get_absolute_url(),
        sequence=meeting.sequence,
    )
