"""Handing a post over (交接): duties, drafts and rights follow the posting."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction

from districts.actions.people import Details, Post, add_person, appoint, end_posting
from districts.models import CoachingRow, CoachingTable, District, Membership, Person, Posting
from personnel_portal.accounts.models import User
from personnel_portal.trail.actions import record

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Passing:
    """What a post stands for on a day, and so passes to whoever takes it over.

    Attributes:
        member: the districts to which the agency belongs.
        hosted: the districts that the agency hosts, with their meetings, minutes and coaching tables.
        coached: the agencies that the person coaches by the tables of the month; a table names people, so that these
            pass over only by its next version.
        kept: the posts that the person keeps elsewhere.
    """

    member: list[District]
    hosted: list[District]
    coached: list[CoachingRow]
    kept: list[Posting]


def passing_on(posting: Posting, day: date) -> Passing:
    """Return what passes over with a post."""
    members = Membership.objects.on(day).filter(agency=posting.agency_id).select_related("district__plan")
    tables = [
        CoachingTable.objects.valid_on(day, district)
        for district in {member.district_id: member.district for member in members}.values()
    ]
    coached = CoachingRow.objects.filter(table__in=filter(None, tables), officer=posting.person_id)
    kept = Posting.objects.on(day).filter(person=posting.person_id).exclude(pk=posting.pk)
    return Passing(
        member=[member.district for member in members if not member.is_host],
        hosted=[member.district for member in members if member.is_host],
        coached=list(coached.select_related("agency", "table__district")),
        kept=list(kept.select_related("agency")),
    )


@transaction.atomic
def hand_over(*, posting: Posting, last_day: date, to: Person | Details, post: Post, by: User | None) -> Posting:
    """End a post on a day and let the next person begin it the day after; return the new posting.

    Args:
        to: somebody who is entered already, or the details of somebody new.
        post: the post as the next person holds it.

    Raises:
        PermissionDenied: the access is not theirs to give.
        ValidationError: as `end_posting`, `add_person` and `appoint`; or the two are one.
    """
    if to == posting.person:
        raise ValidationError({"incoming": "接任人員不得為卸任人員本人。"})
    first_day = last_day + ONE_DAY
    if isinstance(to, Person):
        begun = appoint(person=to, agency=posting.agency, post=post, since=first_day, by=by)
    else:
        begun = add_person(details=to, agency=posting.agency, post=post, since=first_day, by=by)
    end_posting(posting=posting, until=last_day, by=by)
    record(
        "posting.handed_over",
        begun,
        by=by,
        office_id=posting.agency.office_id,
        outgoing=posting.person.name,
        incoming=begun.person.name,
        last_day=last_day.isoformat(),
    )
    return begun
