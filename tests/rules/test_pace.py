"""How work goes, item by item and together."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personnel_portal.rules.pace import Entry, Pace, computed, pace, roll_up

PERCENT = st.decimals(0, 100, places=2)
ENTRIES = st.builds(Entry, PERCENT, st.none() | PERCENT, st.none() | st.sampled_from(Pace))


@pytest.mark.parametrize(
    ("planned", "actual", "expected"),
    [
        ("50", None, None),
        ("50", "50", Pace.ON_TIME),
        ("50", "49.99", Pace.LATE),
        ("0", "0", Pace.ON_TIME),
        ("100", "100", Pace.DONE),
        ("25", "100", Pace.DONE),
        ("100", "99.99", Pace.LATE),
    ],
)
def test_exactly_as_planned_is_on_time(planned: str, actual: str | None, expected: Pace | None) -> None:
    assert computed(Decimal(planned), None if actual is None else Decimal(actual)) == expected


def test_what_somebody_decided_goes_first() -> None:
    assert pace(Entry(Decimal(50), Decimal(10), Pace.ON_TIME)) == Pace.ON_TIME
    assert pace(Entry(Decimal(50), Decimal(10))) == Pace.LATE


def test_items_count_once_each_and_the_unreported_not_as_zero() -> None:
    rolled = roll_up([Entry(Decimal(50), Decimal(60)), Entry(Decimal(25), Decimal(0)), Entry(Decimal(9), None), None])
    assert (rolled.items, rolled.reported) == (4, 2)
    assert (rolled.planned, rolled.actual) == (Decimal("37.50"), Decimal("30.00"))
    assert rolled.paces == {Pace.ON_TIME: 1, Pace.LATE: 1, Pace.DONE: 0}


def test_nothing_reported_is_no_zero() -> None:
    assert roll_up([None, Entry(Decimal(5), None)]).actual is None


@given(st.lists(st.none() | ENTRIES, max_size=30))
def test_what_is_rolled_up_adds_up(entries: list[Entry | None]) -> None:
    rolled = roll_up(entries)
    assert rolled.items == len(entries)
    assert sum(rolled.paces.values()) == rolled.reported <= rolled.items
    if rolled.actual is not None:
        assert 0 <= rolled.actual <= 100
