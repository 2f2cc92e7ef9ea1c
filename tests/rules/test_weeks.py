"""Weeks of leave and school years: properties, and the edges of years."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personnel_portal.rules.weeks import Allowance, heaviest, school_year, school_year_of, taken, week

days = st.dates(date(2000, 1, 1), date(2060, 12, 31))
hours = st.decimals("0.5", "8", places=1)


@given(days)
def test_a_week_runs_from_monday_to_sunday_and_holds_its_day(day: date) -> None:
    monday, sunday = week(day)
    assert (monday.weekday(), sunday - monday) == (0, timedelta(days=6))
    assert monday <= day <= sunday
    assert week(monday) == week(sunday) == (monday, sunday)


@pytest.mark.parametrize("day", [date(2026, 12, 28), date(2026, 12, 31), date(2027, 1, 1), date(2027, 1, 3)])
def test_a_week_goes_on_over_a_years_end(day: date) -> None:
    assert week(day) == (date(2026, 12, 28), date(2027, 1, 3))


def test_hours_of_a_week_are_counted_on_both_sides_of_new_year() -> None:
    leaves = [(date(2026, 12, 27), Decimal(8)), (date(2026, 12, 31), Decimal(5)), (date(2027, 1, 1), Decimal("2.5"))]
    assert taken(leaves, date(2027, 1, 2)) == Decimal("7.5")


@given(st.lists(st.tuples(days, hours)), days)
def test_every_hour_is_of_exactly_one_week(leaves: list[tuple[date, Decimal]], day: date) -> None:
    mondays = {week(on)[0] for on, _ in leaves}
    assert sum((taken(leaves, monday) for monday in mondays), Decimal(0)) == sum((one for _, one in leaves), Decimal(0))
    assert taken(leaves, day) == sum((one for on, one in leaves if week(on) == week(day)), Decimal(0))


spans = st.builds(
    lambda first, length, asked: Allowance(first, first + timedelta(days=length), asked),
    days,
    st.integers(0, 800),
    hours,
)


@given(st.lists(spans, max_size=6))
def test_the_heaviest_load_is_that_of_some_day_and_no_day_has_more(allowances: list[Allowance]) -> None:
    found = heaviest(allowances)
    edges = [day for one in allowances for day in (one.first, one.last)]
    on_edges = [sum((one.hours for one in allowances if one.covers(day)), Decimal(0)) for day in edges]
    assert found == max(on_edges, default=Decimal(0))
    assert max((one.hours for one in allowances), default=Decimal(0)) <= found
    assert found <= sum((one.hours for one in allowances), Decimal(0))


def test_studies_that_follow_one_another_do_not_add_up() -> None:
    first = Allowance(*school_year(115), Decimal(8))
    second = Allowance(*school_year(116), Decimal(8))
    assert heaviest([first, second]) == 8
    both = Allowance(date(2027, 7, 31), date(2027, 8, 31), Decimal("0.5"))
    assert heaviest([first, second, both]) == Decimal("8.5")


@given(st.integers(1, 300))
def test_school_years_follow_one_another(year: int) -> None:
    first, last = school_year(year)
    assert (first.month, first.day, last.month, last.day) == (8, 1, 7, 31)
    assert school_year(year + 1)[0] == last + timedelta(days=1)
    assert school_year_of(first) == school_year_of(last) == year
