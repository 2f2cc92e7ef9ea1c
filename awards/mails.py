"""The mails about commendations, a function each."""

from collections import defaultdict
from collections.abc import Sequence

from django.urls import reverse
from django.utils import timezone

from awards.choices import HostPersonState
from awards.models import HostPerson, Line, Run
from districts.facts import officers_by_agency
from districts.models import District, Person
from personnel_portal.accounts.models import User
from personnel_portal.outbox.letters import post
from proposals.mails import officers, reviewers


def people_named(district: District, *, by: User) -> None:
    """Tell the reviewers that a host's people wait for them: once for all that wait together, however many are named."""
    waiting = list(
        HostPerson.objects.filter(district=district, state=HostPersonState.NAMED)
        .select_related("person")
        .order_by("named_at", "pk")
    )
    first = waiting[0]
    for person in reviewers(district.plan.office_id):
        if person.user_id != by.pk:
            post(
                "awards/mail/people_named",
                {"district": district, "waiting": waiting, "page": _page(district)},
                to=person.mail,
                to_name=person.name,
                key=f"awards-named:{first.pk}:{first.stamp}:{person.mail}"[:200],
                sender=f"office:{district.plan.office_id}",
            )


def people_refused(district: District, refused: Sequence[HostPerson], reason: str) -> None:
    """Tell the host whom the office leaves out, and why."""
    host = district.host_on(district.plan.nearest(timezone.localdate()))
    for person in officers([host.pk]) if host else []:
        post(
            "awards/mail/people_refused",
            {"district": district, "refused": refused, "reason": reason, "page": _page(district)},
            to=person.mail,
            to_name=person.name,
            sender=f"office:{district.plan.office_id}",
        )


def approved(run: Run, lines: Sequence[Line]) -> None:
    """Tell everybody who is proposed, and the officers of their agencies, what was approved: one mail a person.

    Args:
        lines: those that were approved, with their agencies and what they replace.
    """
    at_agency = officers_by_agency({line.agency_id for line in lines}, timezone.localdate())
    proposed = Person.objects.in_bulk([line.person_id for line in lines])
    told: dict[Person, list[Line]] = defaultdict(list)
    for line in lines:
        for person in dict.fromkeys([proposed[line.person_id], *at_agency.get(line.agency_id, ())]):
            told[person].append(line)
    for person, own in told.items():
        if person.mail:
            post(
                "awards/mail/approved",
                {"run": run, "lines": own, "page": own[0].get_absolute_url()},
                to=person.mail,
                to_name=person.name,
                sender=f"office:{run.plan.office_id}",
            )


def _page(district: District) -> str:
    return reverse("awards:people", args=[district.pk])
