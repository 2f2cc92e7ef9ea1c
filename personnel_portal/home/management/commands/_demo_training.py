"""What the parts of the training demo share: the year's plan, people with a post, days on which anybody works."""

from datetime import date, timedelta

from districts.actions.plans import clone_plan
from districts.choices import Access, Function, PlanKind
from districts.models import Agency, Office, Person, Plan, Posting

SINCE = date(2023, 10, 1)


def plan_of(office: Office, year: int) -> Plan:
    """Return the county's training plan of a year, cloned from the newest where it is not there."""
    plans = Plan.objects.filter(office=office, kind=PlanKind.TRAINING)
    newest = plans.order_by("-year")[0]
    return plans.filter(year=year).first() or clone_plan(plan=newest, year=year, by=None)


def person_of(office: Office, name: str, agency: str, title: str, since: date = SINCE) -> Person:
    """Return who is called so, with a post at the agency where nobody is."""
    known = Person.objects.filter(office=office, name=name).first()
    if known:
        return known
    person = Person.objects.create(office=office, name=name)
    Posting.objects.create(
        person=person,
        agency=Agency.objects.get(office=office, short_name=agency),
        title=title,
        function=Function.HANDLER,
        access=Access.OWN,
        since=since,
    )
    return person


def working(day: date) -> date:
    """Return the day, or the Friday before it."""
    return day - timedelta(days=max(0, day.weekday() - 4))
