"""On which days periodical work is due."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from holidays.calendars.chinese import _ChineseLunisolar
from hypothesis import given
from hypothesis import strategies as st

from personnel_portal.rules import lunar
from personnel_portal.rules.periods import Period, Rule, Within, day_of, due_after, due_days

FIRST, LAST = date(2023, 1, 1), date(2023, 12, 31)
PLAIN = {Period.DAILY, Period.IRREGULAR, Period.ON_REQUEST, Period.AFTER_EVENT, Period.NONE}


@pytest.mark.parametrize(
    ("rule", "days"),
    [
        (Rule(Period.QUARTERLY), ["03-31", "06-30", "09-30", "12-31"]),
        (Rule(Period.FOUR_MONTHS), ["04-30", "08-31", "12-31"]),
        (Rule(Period.HALF_YEARLY), ["06-30", "12-31"]),
        (Rule(Period.HALF_YEARLY, day=15), ["06-15", "12-15"]),
        (Rule(Period.YEARLY), ["12-31"]),
        (Rule(Period.YEARLY, month=4), ["04-30"]),
        (Rule(Period.YEARLY, month=2, day=30), ["02-28"]),
        (Rule(Period.REGULAR, month=9, day=1), ["09-01"]),
        (Rule(Period.REGULAR), []),
        (Rule(Period.AS_SET), []),
        (Rule(Period.LUNAR, month=7, day=15), ["08-30"]),
        (Rule(Period.LUNAR), []),
        (Rule(Period.FESTIVALS), ["01-22", "06-22", "09-29"]),
    ],
)
def test_due_days_of_a_year(rule: Rule, days: list[str]) -> None:
    assert [f"{day:%m-%d}" for day in due_days(rule, FIRST, LAST)] == days


def test_every_wednesday_of_a_month() -> None:
    wednesdays = due_days(Rule(Period.WEEKLY, weekday=3), date(2023, 3, 1), date(2023, 3, 31))
    assert [day.day for day in wednesdays] == [1, 8, 15, 22, 29]


def test_what_names_no_weekday_is_due_at_the_end_of_the_working_week() -> None:
    assert {day.isoweekday() for day in due_days(Rule(Period.WEEKLY), FIRST, LAST)} == {5}


def test_the_twentieth_of_each_month_and_the_last_day_of_each() -> None:
    assert {day.day for day in due_days(Rule(Period.MONTHLY, day=20), FIRST, LAST)} == {20}
    ends = due_days(Rule(Period.MONTHLY), FIRST, LAST)
    assert [day.day for day in ends] == [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]


@pytest.mark.parametrize("period", sorted(PLAIN))
def test_what_has_no_date_is_due_on_no_day(period: Period) -> None:
    assert due_days(Rule(period, month=3, day=1), FIRST, LAST) == []


DAYS = st.dates(date(2021, 1, 1), date(2048, 12, 31))


@given(
    st.sampled_from(sorted(set(Period) - PLAIN)),
    DAYS,
    st.integers(0, 800),
    st.integers(1, 7),
    st.none() | st.integers(1, 12),
    st.none() | st.integers(1, 31),
)
def test_due_days_lie_in_the_span_and_join(
    period: Period, first: date, length: int, weekday: int, month: int | None, day: int | None
) -> None:
    rule, last = Rule(period, weekday, month, day), first + timedelta(days=length)
    middle = first + timedelta(days=length // 2)
    days = due_days(rule, first, last)
    assert days == sorted(set(days))
    assert all(first <= one <= last for one in days)
    assert days == due_days(rule, first, middle) + due_days(rule, middle + timedelta(days=1), last)


@pytest.mark.parametrize(
    ("event", "limit", "within", "due"),
    [
        (datetime(2023, 5, 1, 15, 20, tzinfo=UTC), 4, Within.HOURS, (date(2023, 5, 1), time(19, 20))),
        (datetime(2023, 5, 1, 22, 0, tzinfo=UTC), 4, Within.HOURS, (date(2023, 5, 2), time(2, 0))),
        (datetime(2023, 5, 1, 9, tzinfo=UTC), 15, Within.DAYS, (date(2023, 5, 16), None)),
        (datetime(2023, 11, 30, 9, tzinfo=UTC), 3, Within.MONTHS, (date(2024, 2, 29), None)),
        (datetime(2023, 12, 5, 9, tzinfo=UTC), 1, Within.MONTHS, (date(2024, 1, 5), None)),
    ],
)
def test_what_follows_an_event_is_due_a_while_after_it(
    event: datetime, limit: int, within: Within, due: tuple[date, time | None]
) -> None:
    assert due_after(event, limit, within) == due


def test_lunar_days_are_those_of_an_independent_table() -> None:
    known = _ChineseLunisolar()
    wrong = []
    for year in range(2020, 2050):
        asked = {
            "lunar_new_year": (1, 1),
            "dragon_boat": (5, 5),
            "mid_autumn": (8, 15),
            "double_ninth": (9, 9),
        }
        for name, (month, day) in asked.items():
            if getattr(known, f"{name}_date")(year)[0] != lunar.solar(year, month, day):
                wrong.append((year, name))
    assert wrong == []


@pytest.mark.parametrize("asked", [(2019, 1, 1), (2050, 1, 1), (2023, 13, 1), (2023, 1, 31), (2023, 3, 30)])
def test_lunar_days_that_do_not_exist_are_refused(asked: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="lunar"):
        lunar.solar(*asked)


def test_day_of_a_short_month_is_its_last() -> None:
    assert (day_of(2024, 2, 31), day_of(2023, 2, None), day_of(2023, 1, 5)) == (
        date(2024, 2, 29),
        date(2023, 2, 28),
        date(2023, 1, 5),
    )
