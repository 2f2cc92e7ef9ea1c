"""Tables of tiers: what is refused when they are saved, and where a value falls between."""

from collections.abc import Sequence
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personnel_portal.rules.bounds import Bounds
from personnel_portal.rules.commendations import (
    Condition,
    HostingReadings,
    HostingRecord,
    Tier,
    Unit,
    hosting_commendations,
)
from personnel_portal.rules.tiers import TierError, gaps, refuse_contradictions
from tests.rules.test_commendations import TIERS

D = Decimal


def heads(clause: str, low: int | None, high: int | None, times: int = 1, *, closed: bool = False) -> Tier:
    """Return a tier of so many 嘉獎 by head-count: the lower bound included, the upper excluded unless `closed`."""
    bounds = Bounds(None if low is None else D(low), None if high is None else D(high), high_included=closed)
    return Tier(clause, (Condition("heads", bounds),), Unit.CITATION, times)


def both(clause: str, meetings: int, proposals: int, times: int) -> Tier:
    asked = (Condition("meetings", Bounds(D(meetings))), Condition("proposals", Bounds(D(proposals))))
    return Tier(clause, asked, Unit.CITATION, times)


@pytest.mark.parametrize(
    "tiers",
    [
        TIERS,
        [heads("一", None, 30), heads("二", 30, 50, 2), heads("三", 50, None, 3)],
        [heads("一", 0, 0, closed=True), heads("二", 1, 10**6, 2), heads("三", 10**6, None, 3)],
        [heads("前三名", 1, 3, closed=True), heads("第一名", 1, 1, 2, closed=True)],  # one within the other
        [both("一", 3, 1, 1), both("二", 2, 16, 2)],  # two measures may cross: the stronger wins
        [heads("一", 1, None), both("二", 1, 1, 2)],
        [],
    ],
)
def test_tables_that_decide_every_record_are_taken(tiers: Sequence[Tier]) -> None:
    refuse_contradictions(tiers)


@pytest.mark.parametrize(
    ("tiers", "key", "numbers"),
    [
        ([heads("一", 0, 31), heads("二", 30, 50, 2)], "overlap", (30, 30)),
        ([heads("一", 0, 30, closed=True), heads("二", 20, None, 2)], "overlap", (20, 30)),
        ([heads("一", 1, 2), heads("二", 1, 1, 2, closed=True)], "twins", (None, None)),
        ([heads("一", 2, None), heads("二", 1, None, 2)], "idle", (None, None)),
        ([both("一", 3, 20, 1), both("二", 2, 16, 2)], "idle", (None, None)),
        ([heads("一", 1, None, 3), heads("二", 2, None, 3)], "idle", (None, None)),
    ],
)
def test_contradictions_are_refused_with_their_numbers(
    tiers: list[Tier], key: str, numbers: tuple[int | None, int | None]
) -> None:
    for order in (tiers, tiers[::-1]):
        with pytest.raises(TierError) as refused:
            refuse_contradictions(order)
        assert (refused.value.key, (refused.value.low, refused.value.high)) == (key, numbers)


def test_a_range_without_a_whole_number_is_refused() -> None:
    between = Tier("一", (Condition("heads", Bounds(D(15), D(16), low_included=False)),), Unit.CITATION, 1)
    with pytest.raises(TierError, match="empty"):
        refuse_contradictions([between])


def test_where_tiers_add_up_none_is_idle() -> None:
    tiers = [heads("一", 2, None), heads("二", 1, None, 2)]
    refuse_contradictions(tiers, replace=False)
    found = hosting_commendations(
        HostingRecord("甲", measures={"heads": D(2)}), tiers, HostingReadings(replace=False)
    ).commendations
    assert sorted(c.times for c in found) == [1, 2]


def test_gaps_are_told_with_the_first_and_the_last_number() -> None:
    tiers = [heads("三", 60, None, 3), heads("一", 0, 30), heads("內", 5, 6, 2), heads("二", 31, 50, 2)]
    told = [(low.clause, high.clause, int(first), int(last)) for low, high, first, last in gaps(tiers)]
    assert told == [("一", "二", 30, 30), ("二", "三", 50, 59)]
    assert list(gaps(TIERS)) == []


ends = st.integers(0, 12) | st.just(10**6)
ranges = st.tuples(ends, ends).map(lambda pair: (min(pair), max(pair)))


@given(st.lists(ranges, max_size=4), st.integers(0, 14) | st.just(10**6))
def test_in_a_table_that_is_taken_a_number_is_in_one_tier_or_in_nested_ones(
    table: list[tuple[int, int]], number: int
) -> None:
    tiers = [heads(str(place), low, high, place + 1, closed=True) for place, (low, high) in enumerate(table)]
    try:
        refuse_contradictions(tiers)
    except TierError:
        return
    holding = [(high - low) for low, high in table if low <= number <= high]
    assert holding == sorted(set(holding), reverse=True), "each stronger one is narrower"
    between = [(first, last) for _, _, first, last in gaps(tiers) if first <= number <= last]
    assert not (holding and between), "what lies in a gap lies in no tier"
