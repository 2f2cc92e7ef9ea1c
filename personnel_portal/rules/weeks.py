"""Weeks of official leave for study, Monday to Sunday, and school years, August to July (domain notes, A4: 004-11, 004-15)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

FIRST_MONTH = 8
_ROC = 1911  # the Gregorian year of a ROC year is so much later


def week(day: date) -> tuple[date, date]:
    """Return the Monday and the Sunday of a day's week, also where a year ends within it."""
    monday = day - timedelta(days=day.weekday())
    return monday, monday + timedelta(days=6)


def taken(leaves: Iterable[tuple[date, Decimal]], day: date) -> Decimal:
    """Return the hours of leave in the week of a day."""
    monday, sunday = week(day)
    return sum((hours for on, hours in leaves if monday <= on <= sunday), Decimal(0))


@dataclass(frozen=True, slots=True)
class Allowance:
    """Leave that is approved: up to so many hours a week, from one day to another, both included."""

    first: date
    last: date
    hours: Decimal

    def covers(self, day: date) -> bool:
        """Tell whether leave may be taken on the day."""
        return self.first <= day <= self.last


def heaviest(allowances: Iterable[Allowance]) -> Decimal:
    """Return the hours a week that the allowances come to where most of them run together; 0 for none.

    Those that only follow one another do not add up, even where one ends and the next begins within a week: what is
    taken in that week is counted when it is taken.
    """
    known = list(allowances)
    # The most run on a day on which one of them begins.
    return max(
        (sum((one.hours for one in known if one.covers(begun.first)), Decimal(0)) for begun in known),
        default=Decimal(0),
    )


def school_year(year: int) -> tuple[date, date]:
    """Return the first and the last day of a (ROC) school year (學年度): 115 runs from 115-08-01 to 116-07-31."""
    return date(year + _ROC, FIRST_MONTH, 1), date(year + _ROC + 1, FIRST_MONTH, 1) - timedelta(days=1)


def school_year_of(day: date) -> int:
    """Return the (ROC) school year of a day."""
    return day.year - _ROC - (day.month < FIRST_MONTH)
