"""The mails about meetings and minutes, a function each."""

from collections.abc import Mapping
from itertools import chain
from typing import Any

from meetings.duties import event
from meetings.facts import agenda, reach
from meetings.models import Meeting
from personnel_portal.duties import ical
from personnel_portal.outbox.letters import post


def called(meeting: Meeting) -> tuple[int, tuple[str, ...]]:
    """Mail the call to everybody invited; return how many mails, and the agencies nobody could be written to."""
    return _tell(meeting, "called", {"agenda": list(chain(*agenda(meeting).values()))})


def moved(meeting: Meeting, before: Mapping[str, Any]) -> tuple[int, tuple[str, ...]]:
    """Tell everybody invited of a new time or place; `before` holds the old values by field name."""
    return _tell(meeting, "moved", {"before": before})


def cancelled(meeting: Meeting) -> tuple[int, tuple[str, ...]]:
    """Tell everybody invited that the meeting does not take place, and why."""
    return _tell(meeting, "cancelled", {})


def key_prefix(meeting: Meeting) -> str:
    """Return how the dedupe keys of the meeting's invitations begin, by which they are called back."""
    return f"meeting:{meeting.pk}:"


def _tell(meeting: Meeting, occasion: str, context: Mapping[str, Any]) -> tuple[int, tuple[str, ...]]:
    agencies = [invitation.agency for invitation in meeting.invitations.select_related("agency")]
    reached = reach(agencies)
    entry = ical.invitation(event(meeting), cancelled=occasion == "cancelled")
    for address, name in reached.addresses.items():
        post(
            f"meetings/mail/{occasion}",
            {"meeting": meeting, "office_name": meeting.plan.office.name, **context},
            to=address,
            to_name=name,
            key=f"{key_prefix(meeting)}{occasion}:{meeting.sequence}:{address}"[:200],
            sender=f"office:{meeting.plan.office_id}",
            attachments=[("meeting.ics", "text/calendar", entry)],
        )
    return len(reached.addresses), reached.unreachable
