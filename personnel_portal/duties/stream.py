"""The one stream of duties: every provider's duties of a plan, with the relief that the office gave.

The providers are modules named in `settings.DUTY_PROVIDERS`; each has
`duties(on: PlanDay) -> Iterable[Duty]` with a number of queries that does not depend on the rows. So the
stream knows no app above it, and a new app joins by one line in the settings.
"""

from collections.abc import Iterable
from datetime import date
from functools import partial
from importlib import import_module
from typing import Any

from django.conf import settings
from django.db.models import Count

from districts.facts import plan_day
from districts.models import Plan
from districts.standing import standing
from personnel_portal.duties.memory import recall
from personnel_portal.duties.models import Relief, Reminder
from personnel_portal.rules.duty import Duty, Event, State
from personnel_portal.rules.worktime import OfficeCalendar
from personnel_portal.trail.models import Entry

# A late duty first, one that has time last; what has no deadline has waited since it arose.
URGENCY = [State.LATE, State.SOON, State.OPEN, State.WAITING]


def of_plan(plan: Plan, *, today: date, calendar: OfficeCalendar | None = None) -> list[Duty]:
    """Return every duty of the plan as it stands today, in the order of the providers."""
    on = plan_day(plan, today, calendar)
    stated = [duty for name in settings.DUTY_PROVIDERS for duty in import_module(name).duties(on)]
    return _relieved(stated, Relief.objects.filter(plan=plan).on(today))


def of_plans(plans: Iterable[Plan], *, today: date) -> list[Duty]:
    """Return every duty of the plans as pages show them: remembered as long as their office's trail tells of nothing new."""
    plans = list(plans)
    marks = {office: (today, Entry.objects.in_office(office).mark()) for office in {plan.office_id for plan in plans}}
    return [
        duty for plan in plans for duty in recall(plan.pk, marks[plan.office_id], partial(of_plan, plan, today=today))
    ]


def owed_by(agencies: Iterable[int], duties: Iterable[Duty], today: date) -> list[Duty]:
    """Return what the agencies still owe: late, soon, what waits without a deadline, and then what has time."""
    wanted = frozenset(agencies)
    mine = [duty for duty in duties if duty.agency_id in wanted and duty.is_open()]
    return sorted(mine, key=lambda duty: (URGENCY.index(duty.state(today)), _day(duty), duty.key))


def _day(duty: Duty) -> date:
    return duty.due.effective if duty.due else duty.since or date.max


def find(key: str, duties: Iterable[Duty]) -> Duty | None:
    """Return the duty of that key."""
    return next((duty for duty in duties if duty.key == key), None)


def reminded(plan: Plan) -> dict[str, int]:
    """Return how often each duty of the plan was reminded; one run's mails to three people are one reminder."""
    occasions = Reminder.objects.filter(plan=plan).order_by().values_list("duty_key")
    return dict(occasions.annotate(times=Count("made_at", distinct=True)))


def _relieved(duties: list[Duty], reliefs: Iterable[Relief]) -> list[Duty]:
    by_duty = {(relief.agency_id, relief.duty_key): relief for relief in reliefs}
    return [_relieve(duty, by_duty.get((duty.agency_id, duty.key))) for duty in duties]


def _relieve(duty: Duty, relief: Relief | None) -> Duty:
    if relief is None:
        return duty
    return duty.extended(relief.until) if relief.until else duty.waive(relief.reason)


def events_for(user: Any, first: date, last: date) -> list[Event]:
    """Return what takes place in the period as far as the user may see it, from the providers that have events."""
    modules = [import_module(name) for name in settings.DUTY_PROVIDERS]
    found = [event for module in modules if hasattr(module, "events") for event in module.events(user, first, last)]
    return sorted(found, key=lambda event: (event.starts, event.key))


def seen_by(user: Any, *, today: date) -> list[Duty]:
    """Return the duties of the running plans that a person may see: all to the office, to others their own
    agencies' and those of the districts that they host."""
    mine = standing(user)
    return [
        duty
        for duty in of_plans(Plan.objects.visible_to(user).running(today), today=today)
        if mine.is_office or duty.agency_id in mine.reads_for or duty.district_id in mine.hosts
    ]
