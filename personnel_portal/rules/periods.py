"""How often something of a work plan is to be done, and on which days it is due (vocabulary of domain notes A2.1).

A period is done once within it, so it is due on its last day unless the plan names a day: 每月20日 on the 20th, 每半年 on
the last of June and of December, 每週三 on Wednesdays. What has no date (每日, 不定期, 隨到隨辦, 依限, 定期) is due on no day; a
month and a day that an agency sets for 定期 or 依限 make it yearly. What follows an event is due a while after it.
"""

import calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from personnel_portal.rules import lunar

FRIDAY = 5
FESTIVALS = ((1, 1), (5, 5), (8, 15))  # 春節, 端午, 中秋: the lunar days


class Period(StrEnum):
    """How often."""

    NONE = ""
    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"
    QUARTERLY = "quarterly"
    FOUR_MONTHS = "four_months"
    HALF_YEARLY = "half_yearly"
    YEARLY = "yearly"
    FESTIVALS = "festivals"
    REGULAR = "regular"
    IRREGULAR = "irregular"
    ON_REQUEST = "on_request"
    AS_SET = "as_set"
    AFTER_EVENT = "after_event"
    LUNAR = "lunar"


class Within(StrEnum):
    """The unit of a limit after an event."""

    HOURS = "hours"
    DAYS = "days"
    MONTHS = "months"


# Periods of several months, by how many.
MONTHS = {Period.MONTHLY: 1, Period.QUARTERLY: 3, Period.FOUR_MONTHS: 4, Period.HALF_YEARLY: 6}


@dataclass(frozen=True, slots=True)
class Rule:
    """A period with the day that goes with it.

    Attributes:
        weekday: 1 (Monday) to 7, of what is done weekly; Friday where none is named.
        month: of what is done yearly, or the lunar month; December where none is named.
        day: of the (last) month of the period; its last day where none is named. A shorter month has its last day.
    """

    period: Period
    weekday: int | None = None
    month: int | None = None
    day: int | None = None


def due_days(rule: Rule, first: date, last: date) -> list[date]:
    """Return the days of a span, both ends included, on which what the rule says is due, in order."""
    return sorted(day for day in _days(rule, first, last) if first <= day <= last)


def _days(rule: Rule, first: date, last: date) -> Iterator[date]:
    match rule.period:
        case Period.WEEKLY:
            yield from _weekdays(rule.weekday or FRIDAY, first, last)
        case Period.MONTHLY | Period.QUARTERLY | Period.FOUR_MONTHS | Period.HALF_YEARLY:
            step = MONTHS[rule.period]
            for year in range(first.year, last.year + 1):
                yield from (day_of(year, month, rule.day) for month in range(step, 13, step))
        case Period.YEARLY:
            yield from (day_of(year, rule.month or 12, rule.day) for year in range(first.year, last.year + 1))
        case Period.REGULAR | Period.AS_SET if rule.month:
            yield from (day_of(year, rule.month, rule.day) for year in range(first.year, last.year + 1))
        case Period.FESTIVALS:
            yield from _lunar_days(FESTIVALS, first, last)
        case Period.LUNAR if rule.month and rule.day:
            yield from _lunar_days(((rule.month, rule.day),), first, last)


def _weekdays(weekday: int, first: date, last: date) -> Iterator[date]:
    day = first + timedelta(days=(weekday - first.isoweekday()) % 7)
    while day <= last:
        yield day
        day += timedelta(days=7)


def _lunar_days(wanted: tuple[tuple[int, int], ...], first: date, last: date) -> Iterator[date]:
    """Yield the days of the lunar dates; a year that the table does not know, or that lacks the day, has none."""
    for year in range(first.year - 1, last.year + 1):  # the twelfth lunar month ends in the next year
        for month, day in wanted:
            try:
                yield lunar.solar(year, month, day)
            except ValueError:
                continue


def day_of(year: int, month: int, day: int | None) -> date:
    """Return the day of a month, or its last where none is given or it has fewer."""
    length = calendar.monthrange(year, month)[1]
    return date(year, month, min(day or length, length))


def due_after(event: datetime, limit: int, within: Within) -> tuple[date, time | None]:
    """Return by when something is due after an event: the day, and the hour where the limit is in hours.

    The day of the event does not count (民法 §120); months end on the day of the same number, or the month's last (§121).
    """
    match within:
        case Within.HOURS:
            due = event + timedelta(hours=limit)
            return due.date(), due.time().replace(second=0, microsecond=0)
        case Within.DAYS:
            return event.date() + timedelta(days=limit), None
        case Within.MONTHS:
            years, month = divmod(event.month - 1 + limit, 12)
            return day_of(event.year + years, month + 1, event.day), None
