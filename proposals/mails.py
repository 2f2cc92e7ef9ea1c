"""The mails about cases and proposals, a function each."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.urls import reverse
from django.utils import timezone

from districts.choices import Access, AgencyKind
from districts.facts import officers_by_agency
from districts.models import Agency, Person, Posting
from personnel_portal.outbox.letters import post
from proposals.models import Package, Proposal
from proposals.models.items import Item


def sent(item: Item) -> None:
    """Tell the host that an item came in."""
    _tell("sent", item, _hosts(item))


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


def sent_to_office(package: Package, items: Sequence[Item]) -> None:
    """Tell the reviewers that a district's items have come."""
    for person in reviewers(package.plan.office_id):
        post(
            "proposals/mail/sent_to_office",
            {"package": package, "items": items, "page": reverse("proposals:list")},
            to=person.mail,
            to_name=person.name,
            sender=f"office:{package.plan.office_id}",
        )


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
