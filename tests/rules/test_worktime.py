"""Working days and deadlines, on the published calendars of 113–115."""

import csv
from datetime import date, timedelta
from functools import cache

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from personnel_portal.rules.worktime import ONE_DAY, OfficeCalendar, Policy

CLOSURES = st.frozensets(st.dates(date(2023, 12, 1), date(2026, 12, 31)), max_size=30)
DAYS = st.dates(date(2024, 1, 1), date(2026, 11, 30))


@cache
def published() -> dict[date, bool]:
    days = {}
    for year in (113, 114, 115):
        with (settings.BASE_DIR / f"fixtures/calendar/office-calendar-{year}.csv").open(encoding="utf-8-sig") as file:
            for row in csv.DictReader(file):
                days[date.fromisoformat(row["西元日期"])] = row["是否放假"] == "2"
    return days


@pytest.fixture
def calendar() -> OfficeCalendar:
    return OfficeCalendar(published())


@pytest.mark.parametrize(
    ("nominal", "following", "previous"),
    [
        (date(2024, 6, 30), date(2024, 7, 1), date(2024, 6, 28)),  # meeting A, a Sunday
        (date(2024, 8, 31), date(2024, 9, 2), date(2024, 8, 30)),  # meeting B, a Saturday
        (date(2024, 9, 30), date(2024, 9, 30), date(2024, 9, 30)),  # the period ends on a working Monday
        (date(2024, 2, 10), date(2024, 2, 15), date(2024, 2, 7)),  # 春節 of 113
        (date(2024, 4, 4), date(2024, 4, 8), date(2024, 4, 3)),
    ],
)
def test_deadline_moves_by_its_policy(calendar: OfficeCalendar, nominal: date, following: date, previous: date) -> None:
    assert calendar.effective(nominal, Policy.NEXT) == following
    assert calendar.effective(nominal, Policy.PREVIOUS) == previous
    assert calendar.effective(nominal, Policy.NONE) == nominal


def test_period_of_113_starts_on_a_sunday_without_its_calendar() -> None:
    unknown = OfficeCalendar()
    assert not unknown.is_working(date(2023, 10, 1))
    assert unknown.on_or_after(date(2023, 10, 1)) == date(2023, 10, 2)


@pytest.mark.parametrize("saturday", [date(2024, 2, 17), date(2025, 2, 8)])
def test_make_up_saturday_is_a_working_day(calendar: OfficeCalendar, saturday: date) -> None:
    assert saturday.weekday() == 5
    assert calendar.effective(saturday, Policy.NEXT) == saturday
    assert calendar.effective(saturday, Policy.PREVIOUS) == saturday


def test_year_that_is_not_loaded_knows_weekends_only(calendar: OfficeCalendar) -> None:
    new_year = date(2029, 1, 1)
    assert not calendar.covers(new_year)
    assert calendar.is_working(new_year)
    assert not calendar.is_working(date(2029, 1, 6))


def test_closure_moves_a_deadline_further() -> None:
    typhoon = OfficeCalendar(published(), frozenset({date(2024, 7, 1), date(2024, 6, 28)}))
    assert typhoon.effective(date(2024, 6, 30), Policy.NEXT) == date(2024, 7, 2)
    assert typhoon.effective(date(2024, 6, 30), Policy.PREVIOUS) == date(2024, 6, 27)
    assert typhoon.effective(date(2024, 7, 1), Policy.NONE) == date(2024, 7, 1)


@given(DAYS, CLOSURES)
def test_next_and_previous_are_the_nearest_working_days(day: date, closures: frozenset[date]) -> None:
    calendar = OfficeCalendar(published(), closures)
    later, earlier = calendar.on_or_after(day), calendar.on_or_before(day)
    assert earlier <= day <= later
    assert calendar.is_working(later)
    assert calendar.is_working(earlier)
    between = (earlier + n * ONE_DAY for n in range(1, (later - earlier).days))
    assert not any(calendar.is_working(rest) for rest in between)
    assert calendar.is_working(day) == (earlier == day == later)


@given(DAYS, DAYS, CLOSURES, st.sampled_from(Policy))
def test_later_nominal_days_never_get_earlier_deadlines(
    one: date, other: date, closures: frozenset[date], policy: Policy
) -> None:
    calendar = OfficeCalendar(published(), closures)
    first, second = sorted([one, other])
    assert calendar.effective(first, policy) <= calendar.effective(second, policy)
    assert calendar.effective(calendar.effective(one, policy), policy) == calendar.effective(one, policy)


@given(DAYS, CLOSURES, st.dates(date(2024, 1, 1), date(2026, 11, 30)))
def test_closure_never_shortens_a_filing_deadline(day: date, closures: frozenset[date], closed: date) -> None:
    before = OfficeCalendar(published(), closures).effective(day, Policy.NEXT)
    after = OfficeCalendar(published(), closures | {closed}).effective(day, Policy.NEXT)
    assert before <= after <= before + timedelta(days=45)
