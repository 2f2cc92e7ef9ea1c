"""What the parts of the meeting's page show: its call, its attendance and its agenda."""

from typing import Any

from django.utils import timezone

from meetings.choices import MeetingState
from meetings.facts import agenda, own_invitations, turnout, uninvited
from meetings.models import Invitation, Meeting
from meetings.policies import can_prepare_papers, can_run_meeting
from personnel_portal.accounts.models import User


def panels(user: User, meeting: Meeting) -> dict[str, Any]:
    """Return the context of meetings/_call.html, _attendance.html and _agenda.html."""
    can_run = can_run_meeting(user, meeting)
    return {
        "can_run": can_run,
        "uninvited": [invitee.agency for invitee in uninvited(meeting)] if can_run else [],
        "can_prepare": can_prepare_papers(user, meeting),
        "turnout": turnout(meeting),
        "agenda": agenda(meeting),
        "check_ins": _check_ins(user, meeting),
    }


def _check_ins(user: User, meeting: Meeting) -> list[Invitation]:
    """Return the invitations to check in by: on the day, while a code is open."""
    is_open = meeting.check_in_code and meeting.day == timezone.localdate() and meeting.state != MeetingState.CANCELLED
    return own_invitations(meeting, user) if is_open else []
