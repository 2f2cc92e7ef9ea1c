"""The one stream of duties: every provider's duties of a plan, with the relief that the office gave.

The providers are modules named in `settings.DUTY_PROVIDERS`; each has
`duties(plan, calendar, today) -> Iterable[Duty]` with a number of queries that does not depend on the rows. So the
stream knows no app above it, and a new app joins by one line in the settings.
"""

from collections.abc import Iterable
from datetime import date
from importlib import import_module

from django.conf import settings

from districts.calendar import office_calendar
from districts.models import Plan
from personnel_portal.duties.models import Relief
from personnel_portal.rules.duty import Duty
from personnel_portal.rules.worktime import OfficeCalendar

FAR = date.max


def of_plan(plan: Plan, *, today: date, calendar: OfficeCalendar | None = None) -> list[Duty]:
    """Return every duty of the plan as it stands today, in the order of the providers."""
    calendar = calendar or office_calendar(plan.office_id, plan.starts.year, plan.ends.year)
    stated = [duty for name in settings.DUTY_PROVIDERS for duty in import_module(name).duties(plan, calendar, today)]
    return _relieved(stated, Relief.objects.filter(plan=plan).on(today))


def owed_by(agencies: Iterable[int], duties: Iterable[Duty]) -> list[Duty]:
    """Return what the agencies still owe, soonest first; what has no deadline comes last, oldest first."""
    wanted = frozenset(agencies)
    mine = [duty for duty in duties if duty.agency_id in wanted and duty.is_open()]
    return sorted(mine, key=lambda duty: (duty.due.effective if duty.due else FAR, duty.since or FAR, duty.key))


def find(key: str, duties: Iterable[Duty]) -> Duty | None:
    """Return the duty of that key."""
    return next((duty for duty in duties if duty.key == key), None)


def _relieved(duties: list[Duty], reliefs: Iterable[Relief]) -> list[Duty]:
    by_duty = {(relief.agency_id, relief.duty_key): relief for relief in reliefs}
    return [_relieve(duty, by_duty.get((duty.agency_id, duty.key))) for duty in duties]


def _relieve(duty: Duty, relief: Relief | None) -> Duty:
    if relief is None:
        return duty
    return duty.extended(relief.until) if relief.until else duty.waive(relief.reason)
