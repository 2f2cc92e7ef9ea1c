"""Facts about plans and agencies that several apps ask for."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from districts.calendar import office_calendar
from districts.choices import PASSIVE, AgencyKind
from districts.models import Agency, Deadline, Membership, Person, Plan, Posting
from personnel_portal.rules.worktime import OfficeCalendar


@dataclass(frozen=True, slots=True)
class PlanDay:
    """A plan as it stands on a day: what every provider of duties needs, looked up once.

    Attributes:
        calendar: the office calendar of the plan's years.
        deadlines: the plan's deadlines by the code of their duty.
        hosts: the host agency of each district: that of the day, at the ends of the plan its first or last.
        office_agency_id: the agency that the personnel office itself is.
    """

    plan: Plan
    today: date
    calendar: OfficeCalendar
    deadlines: Mapping[str, Deadline]
    hosts: Mapping[int, int]
    office_agency_id: int


def plan_day(plan: Plan, today: date, calendar: OfficeCalendar | None = None) -> PlanDay:
    """Look up a plan's day; another calendar may be given, to see what it would change."""
    return PlanDay(
        plan=plan,
        today=today,
        calendar=calendar or office_calendar(plan.office_id, plan.starts.year, plan.ends.year),
        deadlines={deadline.duty: deadline for deadline in plan.deadlines.all()},
        hosts=dict(
            Membership.objects.filter(plan=plan).hosting(plan.nearest(today)).values_list("district_id", "agency_id")
        ),
        office_agency_id=Agency.objects.get(office=plan.office_id, kind=AgencyKind.OFFICE).pk,
    )


def officers_by_agency(agencies: Iterable[int], day: date) -> Mapping[int, list[Person]]:
    """Return the people who act for each agency on the day and can be written to; one query."""
    postings = (
        Posting.objects.on(day)
        .filter(agency__in=agencies)
        .exclude(access__in=PASSIVE)
        .exclude(person__mail="")
        .select_related("person")
        .order_by("agency", "since", "pk")
    )
    people: dict[int, list[Person]] = defaultdict(list)
    for posting in postings:
        if posting.person not in people[posting.agency_id]:
            people[posting.agency_id].append(posting.person)
    return people
