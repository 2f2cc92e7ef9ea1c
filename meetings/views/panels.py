"""What the parts of the meeting's page show: its call, its attendance and its agenda."""

from typing import Any

from django.utils import timezone

from districts.standing import standing
from meetings.choices import MeetingState
from meetings.facts import agenda, turnout, uninvited
from meetings.models import Meeting
from meetings.policies import can_prepare_papers, can_run_meeting
from personnel_portal.accounts.models import User


def panels(user: User, meeting: Meeting) -> dict[str, Any]:
    """Return the context of meetings/_call.html, _attendance.html and _agenda.html; agencies check in by a code on the day."""
    can_run = can_run_meeting(user, meeting)
    is_open = meeting.check_in_code and meeting.day == timezone.localdate() and meeting.state != MeetingState.CANCELLED
    rows = meeting.invitations.all()
    invitations = list(rows.select_related("agency") if is_open else rows)
    mine = standing(user).works_for
    return {
        "can_run": can_run,
        "uninvited": [invitee.agency for invitee in uninvited(meeting)] if can_run else [],
        "can_prepare": can_prepare_papers(user, meeting),
        "turnout": turnout(invitations),
        "agenda": agenda(meeting),
        "check_ins": [row for row in invitations if row.agency_id in mine] if is_open else [],
    }
