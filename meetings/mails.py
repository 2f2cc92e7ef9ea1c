"""The mails about meetings and minutes, a function each."""

from collections.abc import Iterable, Mapping
from itertools import chain
from typing import Any

from django.urls import reverse
from django.utils import timezone

from districts.choices import Access, AgencyKind
from districts.facts import officers_by_agency
from districts.models import Agency, Person, Posting
from meetings.duties import event
from meetings.facts import agenda, reach
from meetings.models import Meeting, Minutes, MinutesVersion
from personnel_portal.duties import ical
from personnel_portal.outbox.letters import post


def called(meeting: Meeting, agencies: Iterable[Agency] | None = None) -> tuple[int, tuple[str, ...]]:
    """Mail the call to everybody invited, or to some of them; return how many mails, and the agencies nobody could be
    written to."""
    return _tell(meeting, "called", {"agenda": list(chain(*agenda(meeting).values()))}, agencies)


def moved(meeting: Meeting, before: Mapping[str, Any]) -> tuple[int, tuple[str, ...]]:
    """Tell everybody invited of a new time or place; `before` holds the old values by field name."""
    return _tell(meeting, "moved", {"before": before})


def cancelled(meeting: Meeting) -> tuple[int, tuple[str, ...]]:
    """Tell everybody invited that the meeting does not take place, and why."""
    return _tell(meeting, "cancelled", {})


def key_prefix(meeting: Meeting) -> str:
    """Return how the dedupe keys of the meeting's invitations begin, by which they are called back."""
    return f"meeting:{meeting.pk}:"


def _tell(
    meeting: Meeting, occasion: str, context: Mapping[str, Any], agencies: Iterable[Agency] | None = None
) -> tuple[int, tuple[str, ...]]:
    if agencies is None:
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


def submitted(minutes: Minutes, version: MinutesVersion) -> None:
    """Tell the office's reviewers that minutes were submitted."""
    _tell_of_minutes("submitted", minutes, _reviewers(minutes), version=version)


def accepted(minutes: Minutes) -> None:
    """Tell the host that the minutes are on record."""
    _tell_of_minutes("accepted", minutes, _hosts(minutes))


def returned(minutes: Minutes, *, reopened: bool = False) -> None:
    """Tell the host what to correct, with the link to the place where it is done; `reopened` is after 備查."""
    _tell_of_minutes("returned", minutes, _hosts(minutes), page="meetings:minutes", reopened=reopened)


def _tell_of_minutes(
    occasion: str, minutes: Minutes, people: Iterable[Person], page: str = "meetings:detail", **context: Any
) -> None:
    meeting = minutes.meeting
    for person in people:
        post(
            f"meetings/mail/{occasion}",
            {"minutes": minutes, "meeting": meeting, "page": reverse(page, kwargs={"pk": meeting.pk}), **context},
            to=person.mail,
            to_name=person.name,
            sender=f"office:{meeting.plan.office_id}",
        )


def _hosts(minutes: Minutes) -> Iterable[Person]:
    today, plan = timezone.localdate(), minutes.meeting.plan
    host = minutes.meeting.district.host_on(plan.nearest(today))
    return officers_by_agency([host.pk], today).get(host.pk, []) if host else []


def _reviewers(minutes: Minutes) -> Iterable[Person]:
    postings = Posting.objects.on(timezone.localdate()).filter(
        agency__office=minutes.meeting.plan.office_id,
        agency__kind=AgencyKind.OFFICE,
        access__in=[Access.ADMIN, Access.REVIEW],
    )
    return Person.objects.filter(postings__in=postings).exclude(mail="").distinct()
