"""Working days of the offices (辦公日曆表) and what a rest day does to a deadline.

Source: 中華民國政府行政機關辦公日曆表, published a year at a time; 行政程序法 §48 IV for filings. The field uses both
directions (domain notes, B3), so the policy is a setting of each deadline.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

ONE_DAY = timedelta(days=1)
SATURDAY = 5


class Policy(StrEnum):
    """What happens to a deadline that falls on a rest day."""

    NEXT = "next"
    PREVIOUS = "previous"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class OfficeCalendar:
    """The rest days that are known, by date.

    Attributes:
        days: every day of the loaded years; true means off (放假), false means at work (also make-up Saturdays).
        closures: days on which the office is closed besides, such as a typhoon (天然災害停止上班).

    A year that is not loaded knows weekends only; `covers` tells, so that a page can say so beside the date.
    """

    days: Mapping[date, bool] = field(default_factory=dict)
    closures: frozenset[date] = frozenset()

    def covers(self, day: date) -> bool:
        """Tell whether the published calendar of the day's year is loaded."""
        return day in self.days

    def is_working(self, day: date) -> bool:
        """Tell whether the office works on the day."""
        if day in self.closures:
            return False
        return not self.days.get(day, day.weekday() >= SATURDAY)

    def on_or_after(self, day: date) -> date:
        """Return the day itself if it is a working day, else the next one."""
        while not self.is_working(day):
            day += ONE_DAY
        return day

    def on_or_before(self, day: date) -> date:
        """Return the day itself if it is a working day, else the one before."""
        while not self.is_working(day):
            day -= ONE_DAY
        return day

    def effective(self, nominal: date, policy: Policy) -> date:
        """Return the day until which a deadline can be met."""
        match policy:
            case Policy.NEXT:
                return self.on_or_after(nominal)
            case Policy.PREVIOUS:
                return self.on_or_before(nominal)
            case Policy.NONE:
                return nominal
