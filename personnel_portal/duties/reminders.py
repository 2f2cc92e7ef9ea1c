"""Which reminders are due: who is told what on a day, computed from the stream and from what was sent before.

An offset is a number of days before the effective date (30, 14, 7, 1, 0), or a multiple of minus the plan's
`overdue_every` after it. Its mail goes on the working day on or before that day. Everything that has passed and was
not sent is caught up by one mail, so a run that was missed loses nothing and floods nobody.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from districts.calendar import office_calendar
from districts.facts import officers_by_agency
from districts.models import Closure, Person, Plan
from personnel_portal.accounts.models import Deputyship
from personnel_portal.duties import stream
from personnel_portal.duties.models import Reminder
from personnel_portal.rules.duty import Duty
from personnel_portal.rules.worktime import OfficeCalendar

LONGEST_REST = 15  # days; no run of rest days is longer, so no sending day lies further before its offset


@dataclass(frozen=True, slots=True)
class Item:
    """One duty in a digest, with the offsets that it settles."""

    plan: Plan
    duty: Duty
    offsets: tuple[int, ...]


@dataclass(slots=True)
class Digest:
    """What one person is told on a day; `addresses` also holds the deputies of an absent person."""

    person: Person
    addresses: dict[str, str]
    items: list[Item] = field(default_factory=list)


def passed_offsets(duty: Duty, plan: Plan, calendar: OfficeCalendar, today: date) -> list[int]:
    """Return the offsets of a duty whose sending day has come, farthest from the deadline first."""
    if duty.due is None:
        return []
    effective = duty.due.effective
    overdue = range(-plan.overdue_every, (effective - today).days - LONGEST_REST, -plan.overdue_every)
    offsets = [*sorted(plan.reminder_offsets, reverse=True), *overdue]
    return [offset for offset in offsets if calendar.on_or_before(effective - timedelta(days=offset)) <= today]


def due_digests(plans: Iterable[Plan], today: date) -> list[Digest]:
    """Return what is to be sent today, one digest a person, most urgent item first.

    What has no deadline is never late, so nobody is written to for it alone; it stands in the digests that go anyway.
    """
    digests: dict[int, Digest] = {}
    for plan in plans:
        calendar = office_calendar(plan.office_id, plan.starts.year, today.year + 1)
        duties = [duty for duty in stream.of_plan(plan, today=today, calendar=calendar) if duty.is_open()]
        officers = officers_by_agency({duty.agency_id for duty in duties}, today)
        sent = _sent(plan)
        for duty in sorted(duties, key=lambda duty: duty.due is None):
            passed = passed_offsets(duty, plan, calendar, today)
            for person in officers.get(duty.agency_id, ()):
                fresh = tuple(
                    o for o in passed if (duty.key, duty.due and duty.due.effective, person.pk, o) not in sent
                )
                if fresh:
                    digests.setdefault(person.pk, Digest(person, {person.mail: person.name}))
                if fresh or (duty.due is None and person.pk in digests):
                    digests[person.pk].items.append(Item(plan, duty, fresh))
    add_deputies(digests.values(), today)
    for digest in digests.values():
        digest.items.sort(key=lambda item: (item.duty.due.effective if item.duty.due else date.max, item.duty.key))
    return list(digests.values())


def unreachable(plans: Iterable[Plan], today: date) -> Counter[int]:
    """Return the agencies that owe something with a deadline and have nobody to write to, with how much they owe."""
    owed = Counter(
        duty.agency_id for plan in plans for duty in stream.of_plan(plan, today=today) if duty.is_open() and duty.due
    )
    officers = officers_by_agency(owed, today)
    return Counter({agency: count for agency, count in owed.items() if agency not in officers})


def _sent(plan: Plan) -> set[tuple[str, date | None, int, int | None]]:
    reminders = Reminder.objects.filter(plan=plan, offset__isnull=False)
    return set(reminders.values_list("duty_key", "effective", "person_id", "offset"))


def add_deputies(digests: Iterable[Digest], today: date) -> None:
    """Tell the deputies too, since the absent officer may not read mail."""
    by_user = {digest.person.user_id: digest for digest in digests if digest.person.user_id}
    for deputyship in _deputyships(by_user, today):
        if deputyship.deputy.email:
            by_user[deputyship.principal_id].addresses[deputyship.deputy.email] = deputyship.deputy.name


def _deputyships(users: Iterable[int], today: date) -> Iterator[Deputyship]:
    return Deputyship.objects.on(today).filter(principal__in=list(users)).select_related("deputy").iterator()


def moved_by(closure: Closure, today: date) -> list[Digest]:
    """Return whom a closure concerns: the officers of each open duty whose effective date it moves."""
    digests: dict[int, Digest] = {}
    for plan in Plan.objects.filter(office=closure.office_id).running(today):
        closed = office_calendar(plan.office_id, plan.starts.year, plan.ends.year)
        calendar = replace(closed, closures=closed.closures - {closure.day})
        before = {duty.key: duty.due for duty in stream.of_plan(plan, today=today, calendar=calendar)}
        duties = stream.of_plan(plan, today=today, calendar=closed)
        moved = [duty for duty in duties if duty.is_open() and duty.due and duty.due != before.get(duty.key)]
        officers = officers_by_agency({duty.agency_id for duty in moved}, today)
        for duty in moved:
            for person in officers.get(duty.agency_id, ()):
                digest = digests.setdefault(person.pk, Digest(person, {person.mail: person.name}))
                digest.items.append(Item(plan, duty, ()))
    return list(digests.values())
