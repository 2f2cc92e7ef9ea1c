"""The mails about cases and proposals, a function each."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django.utils import timezone

from districts.choices import Access, AgencyKind
from districts.facts import officers_by_agency
from districts.models import Agency, Person, Posting
from meetings.facts import Reach, reach
from meetings.models import Meeting
from personnel_portal.outbox.letters import post, post_all
from proposals.models import (
    CallForItems,
    CallRecipient,
    Circular,
    Decision,
    FollowUp,
    Package,
    Proposal,
    Publication,
    Supersession,
)
from proposals.models.items import Item


def sent(item: Item) -> None:
    """Tell the host that an item came in."""
    _tell("sent", item, _hosts(item))


def entered(items: Sequence[Item], host: Agency | None) -> None:
    """Tell an agency which of its items the host entered in its name."""
    first = items[0]
    for person in officers([first.agency_id]):
        post(
            "proposals/mail/entered",
            {"items": items, "host": host, "what": first._meta.verbose_name, "page": first.get_absolute_url()},  # type: ignore[attr-defined]  # both kinds have it
            to=person.mail,
            to_name=person.name,
            sender=f"office:{first.plan.office_id}",
        )


def withdrawn(item: Item) -> None:
    """Tell whoever has it that the agency withdrew an item: the host, and the office once it was there."""
    people = list(_hosts(item))
    _tell("withdrawn", item, [*people, *(reviewers(item.plan.office_id) if item.package_id else [])])


def returned(item: Item) -> None:
    """Tell the proposers what to correct."""
    _tell("returned", item, officers(proposing_agencies(item)))


def split(proposal: Proposal, lead: Proposal) -> None:
    """Tell the proposers that their proposal stands by itself again."""
    _tell("split", proposal, officers(proposing_agencies(proposal)), lead=lead)


def merged(proposal: Proposal, lead: Proposal) -> None:
    """Tell both sides that a proposal was merged into a lead; who is on both gets one mail."""
    own = officers(proposing_agencies(proposal))
    _tell("merged", proposal, own, lead=lead)
    others = [person for person in officers(proposing_agencies(lead)) if person not in own]
    _tell("joined", lead, others, merged=proposal)


def published(publication: Publication) -> None:
    """Tell the authors and the host that a case stands in the library."""
    case = publication.case
    people = [*officers([case.agency_id]), *_hosts(case)]
    _tell("published", case, people, publication=publication, page=publication.get_absolute_url())


def superseded(supersession: Supersession) -> None:
    """Tell the authors that their published case no longer holds, and which proposal changed it."""
    publication = supersession.publication
    _tell(
        "superseded",
        publication.case,
        officers([publication.case.agency_id]),
        publication=publication,
        proposal=supersession.proposal,
        statute=supersession.statute,
        page=publication.get_absolute_url(),
    )


def sent_to_office(package: Package, items: Sequence[Item]) -> None:
    """Tell the reviewers that a district's items have come."""
    for person in reviewers(package.plan.office_id):
        post(
            "proposals/mail/sent_to_office",
            {"package": package, "items": items, "page": package.get_absolute_url()},
            to=person.mail,
            to_name=person.name,
            sender=f"office:{package.plan.office_id}",
        )


def called(call: CallForItems, agencies: Sequence[Agency]) -> Reach:
    """Mail the call for items to the agencies; each is asked once, so that the first of them names the occasion."""
    return _ask("called", call, agencies, f"called:{agencies[0].pk}")


def closing_moved(call: CallForItems, before: date, agencies: Iterable[Agency]) -> Reach:
    """Tell agencies that they have until a later day than `before`."""
    return _ask("called_later", call, agencies, f"later:{call.closes_on}", before=before)


def extended(recipient: CallRecipient) -> Reach:
    """Tell an agency that it has more time."""
    occasion = f"extended:{recipient.pk}:{recipient.extended_until}"
    return _ask("called_extended", recipient.call, [recipient.agency], occasion, recipient=recipient)


def missing_asked(call: CallForItems, missing: Iterable[CallRecipient]) -> Reach:
    """Ask those who have not answered again, each with its own last day."""
    by_day: dict[date, list[Agency]] = defaultdict(list)
    for row in missing:
        by_day[row.closes_on].append(row.agency)
    today = timezone.localdate()
    reaches = [
        _ask("called_missing", call, agencies, f"missing:{today}:{day}", closes_on=day, is_over=today > day)
        for day, agencies in by_day.items()
    ]
    return Reach(
        {address: name for found in reaches for address, name in found.addresses.items()},
        tuple(agency for found in reaches for agency in found.unreachable),
    )


def _ask(template: str, call: CallForItems, agencies: Iterable[Agency], occasion: str, **context: Any) -> Reach:
    reached = reach(agencies)
    for address, name in reached.addresses.items():
        post(
            f"proposals/mail/{template}",
            {"call": call, "meeting": call.meeting, "office_name": call.meeting.plan.office.name, **context},
            to=address,
            to_name=name,
            key=f"items-call:{call.pk}:{occasion}:{address}"[:200],
            sender=f"office:{call.meeting.plan.office_id}",
        )
    return reached


def decided(decision: Decision) -> None:
    """Tell all who propose what the office decided, those of merged proposals about their own; a correction too."""
    lead = decision.proposal
    told: set[Person] = set()
    for proposal in (lead, *lead.merged.select_related("plan", "district", "agency")):
        people = [person for person in officers(proposing_agencies(proposal)) if person not in told]
        occasion = "corrected" if decision.corrects else "decided"
        _tell(occasion, proposal, people, decision=decision, lead=None if proposal == lead else lead)
        told.update(people)


def proposing_agencies(item: Item) -> list[int]:
    """Return the agency that handed it in, and those that joined it, in order."""
    joined = item.co_proposers.values_list("agency_id", flat=True) if isinstance(item, Proposal) else []
    return [item.agency_id, *joined]


def officers(agencies: Iterable[int]) -> list[Person]:
    """Return everybody who acts for the agencies today and can be written to, once each."""
    found = officers_by_agency(list(agencies), timezone.localdate())
    return list(dict.fromkeys(person for people in found.values() for person in people))


def reviewers(office_id: int) -> list[Person]:
    """Return the office's reviewers who can be written to."""
    postings = Posting.objects.on(timezone.localdate()).filter(
        agency__office=office_id, agency__kind=AgencyKind.OFFICE, access__in=[Access.ADMIN, Access.REVIEW]
    )
    return list(Person.objects.filter(postings__in=postings).exclude(mail="").distinct())


def _hosts(item: Item) -> list[Person]:
    host: Agency | None = item.district.host_on(item.plan.nearest(timezone.localdate()))
    return officers([host.pk]) if host else []


def _tell(occasion: str, item: Item, people: Iterable[Person], **context: Any) -> None:
    for person in dict.fromkeys(people):
        post(
            f"proposals/mail/{occasion}",
            {"item": item, "what": item._meta.verbose_name, "page": item.get_absolute_url(), **context},  # type: ignore[attr-defined]  # both kinds have it
            to=person.mail,
            to_name=person.name,
            sender=f"office:{item.plan.office_id}",
        )


# --- Follow-ups ------------------------------------------------------------------------------------------------------


def follow_up_opened(follow_up: FollowUp) -> None:
    """Tell the responsible agency what to do until when, and the proposers that it is done."""
    _tell_of_follow_up("opened", follow_up, [follow_up.agency_id, *_behind(follow_up.proposal)])


def follow_up_reported(follow_up: FollowUp, text: str) -> None:
    """Tell the reviewers, the district's host and the proposers what the agency reported."""
    meeting = follow_up.agenda_item.meeting
    people = [*reviewers(meeting.plan.office_id), *officers([*_host_of(meeting), *_behind(follow_up.proposal)])]
    _tell_of_follow_up("reported", follow_up, [], people, text=text)


def follow_up_returned(follow_up: FollowUp, reason: str) -> None:
    """Tell the responsible agency why it goes on."""
    _tell_of_follow_up("returned", follow_up, [follow_up.agency_id], text=reason)


def follow_up_released(follow_up: FollowUp, text: str) -> None:
    """Tell the responsible agency, the host and the proposers that it is over."""
    agencies = [follow_up.agency_id, *_host_of(follow_up.agenda_item.meeting), *_behind(follow_up.proposal)]
    _tell_of_follow_up("released", follow_up, agencies, text=text)


def _behind(proposal: Proposal | None) -> list[int]:
    """Return all agencies behind a proposal: the first, those that joined, and those of the proposals merged into it."""
    if proposal is None:
        return []
    return [agency for item in (proposal, *proposal.merged.all()) for agency in proposing_agencies(item)]


def _host_of(meeting: Meeting) -> list[int]:
    host = meeting.district.host_on(meeting.plan.nearest(timezone.localdate()))
    return [host.pk] if host else []


def _tell_of_follow_up(
    occasion: str, follow_up: FollowUp, agencies: Iterable[int], people: Iterable[Person] = (), **context: Any
) -> None:
    """Write to the agencies' officers and to further people, once each; the responsible agency is asked to act."""
    for person in dict.fromkeys([*people, *officers(agencies)]):
        post(
            f"proposals/mail/follow_up_{occasion}",
            {"follow_up": follow_up, "page": follow_up.get_absolute_url(), **context},
            to=person.mail,
            to_name=person.name,
            sender=f"office:{follow_up.agenda_item.meeting.plan.office_id}",
        )


# --- Circulars -------------------------------------------------------------------------------------------------------


def circular_published(circular: Circular, agencies: Iterable[Agency]) -> Reach:
    """Tell everybody of the agencies that a circular is there to be acknowledged, one mail an address."""
    return _tell_of_circular("published", circular, agencies, key=f"circular:{circular.pk}:")


def circular_reminder(circular: Circular, agencies: Iterable[Agency]) -> Reach:
    """Remind the agencies that have not acknowledged it."""
    return _tell_of_circular("reminder", circular, agencies)


def _tell_of_circular(occasion: str, circular: Circular, agencies: Iterable[Agency], key: str = "") -> Reach:
    reached = reach(agencies)
    post_all(
        f"proposals/mail/circular_{occasion}",
        {"circular": circular, "page": circular.get_absolute_url(), "office_name": circular.plan.office.name},
        to=reached.addresses,
        key=key,
        sender=f"office:{circular.plan.office_id}",
    )
    return reached
