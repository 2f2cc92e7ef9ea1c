"""Reading the office calendar: the value that rules compute with, the years that are loaded, and the warning."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import BooleanField, Count, Q, Value
from django.db.models.functions import ExtractYear

from districts.models import CalendarDay, Closure, Office
from personnel_portal import roc
from personnel_portal.rules.worktime import OfficeCalendar

# A deadline near New Year moves across it; no run of rest days is longer.
_MARGIN = timedelta(days=31)


@dataclass(frozen=True, slots=True)
class LoadedYear:
    """A year of the published calendar that is loaded; `year` is Gregorian."""

    year: int
    off_days: int
    working_weekends: int

    @property
    def roc_year(self) -> int:
        return roc.year(date(self.year, 1, 1))


def office_calendar(office: Office | int, *years: int) -> OfficeCalendar:
    """Return the office's calendar from the first to the last of the (Gregorian) years, in one query.

    A month before and after is loaded too, since a deadline may move across New Year.
    """
    first, last = date(min(years), 1, 1) - _MARGIN, date(max(years), 12, 31) + _MARGIN
    closed = Value(None, BooleanField())
    days = CalendarDay.objects.order_by().filter(day__range=(first, last)).values_list("day", "is_off")
    closures = Closure.objects.order_by().filter(office=office, day__range=(first, last)).values_list("day", closed)
    found = list(days.union(closures, all=True))
    return OfficeCalendar(
        {day: is_off for day, is_off in found if is_off is not None},
        frozenset(day for day, is_off in found if is_off is None),
    )


def coverage() -> list[LoadedYear]:
    """Return the loaded years, earliest first."""
    years = (
        CalendarDay.objects.order_by()
        .annotate(year=ExtractYear("day"))
        .values("year")
        .annotate(
            off_days=Count("pk", filter=Q(is_off=True)),
            working_weekends=Count("pk", filter=Q(is_off=False, day__week_day__in=[1, 7])),
        )
        .order_by("year")
    )
    return [LoadedYear(**year) for year in years]


def warning(calendar: OfficeCalendar, days: Iterable[date]) -> str:
    """Return the sentence to show beside dates of years that are not loaded; empty when all are."""
    unknown = sorted({day for day in days if not calendar.covers(day)})
    if not unknown:
        return ""
    years = "、".join(f"{year}年" for year in sorted({roc.year(day) for day in unknown}))
    return f"{years}辦公日曆尚未匯入，僅排除週六、週日。" + "".join(map(_holiday_sentence, unknown))


def _holiday_sentence(day: date) -> str:
    """Return what the law's list of holidays says about a day that no published calendar covers."""
    # Imported when needed: it takes a quarter of a second, and nearly every date is covered.
    import holidays

    name = holidays.country_holidays("TW", years=day.year, language="zh_TW").get(day)
    return f"{roc.long(day)}可能放假（{name}）。" if name else ""
