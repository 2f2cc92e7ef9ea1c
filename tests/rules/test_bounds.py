"""Bounds as rules state them, and tables without gaps and overlaps."""

from decimal import Decimal
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personnel_portal.rules.bounds import Bounds, TableError, in_order

D = Decimal
ONE = D(1)


@pytest.mark.parametrize(
    ("bounds", "inside", "outside"),
    [
        (Bounds(low=D(15)), [15, 16], [14]),  # 15 以上
        (Bounds(low=D(15), low_included=False), [16], [15]),  # 超過 15
        (Bounds(high=D(5)), [4], [5]),  # 未滿 5
        (Bounds(high=D(5), high_included=True), [5], [6]),  # 5 以下
        (Bounds(D(5), D(5), high_included=True), [5], [4, 6]),
        (Bounds(), [-(10**6), 0, 10**6], []),
    ],
)
def test_bounds_include_what_the_words_include(bounds: Bounds, inside: list[int], outside: list[int]) -> None:
    assert [value for value in inside + outside if bounds.holds(value)] == inside


@pytest.mark.parametrize(("low", "high", "key"), [(D(6), D(5), "reversed"), (D(5), D(5), "empty")])
def test_reversed_and_empty_bounds_are_refused(low: D, high: D, key: str) -> None:
    with pytest.raises(TableError) as refused:
        Bounds(low, high)
    assert (refused.value.key, refused.value.numbers) == (key, {"low": low, "high": high})


def closed(low: int, high: int) -> Bounds:
    return Bounds(D(low), D(high), high_included=True)


@pytest.mark.parametrize(
    ("table", "step", "key", "numbers"),
    [
        ([closed(1, 5), closed(7, 10)], ONE, "gap", {"low": D(5), "high": D(7)}),
        ([closed(1, 5), closed(5, 10)], ONE, "overlap", {"low": D(5), "high": D(5)}),
        ([closed(1, 5), closed(6, 10)], None, "gap", {"low": D(5), "high": D(6)}),
        ([closed(1, 5), closed(5, 10)], None, "overlap", {"low": D(5), "high": D(5)}),
        ([Bounds(D(1), D(5)), Bounds(D(5), D(9), low_included=False)], None, "gap", {"low": D(5), "high": D(5)}),
        ([Bounds(high=D(5)), Bounds(high=D(9))], None, "overlap", {"high": D(9)}),
    ],
)
def test_gaps_and_overlaps_are_refused_with_their_numbers(
    table: list[Bounds], step: D | None, key: str, numbers: dict[str, D]
) -> None:
    with pytest.raises(TableError) as refused:
        in_order(table[::-1], step=step)
    assert (refused.value.key, refused.value.numbers) == (key, numbers)


@pytest.mark.parametrize(
    ("table", "step"),
    [
        ([closed(1, 5), closed(6, 10), Bounds(D(11))], ONE),
        ([Bounds(D(0), D(60)), Bounds(D(60), D(80)), Bounds(D(80), D(100), high_included=True)], None),
        ([Bounds(high=D(5)), Bounds(D(5))], None),
        ([], None),
    ],
)
def test_tables_without_gaps_are_put_in_order(table: list[Bounds], step: D | None) -> None:
    assert in_order(table[::-1], step=step) == table


cuts = st.lists(st.integers(0, 100) | st.just(10**6), min_size=2, max_size=6, unique=True).map(sorted)


@given(cuts, st.integers(-1, 101) | st.integers(10**6 - 1, 10**6 + 1), st.randoms(use_true_random=False))
def test_a_table_that_is_taken_decides_every_value_once(cuts: list[int], value: int, random: Random) -> None:
    table = [Bounds(D(low), D(high)) for low, high in pairwise(cuts)]
    random.shuffle(table)
    assert sum(bounds.holds(value) for bounds in in_order(table)) == (cuts[0] <= value < cuts[-1])


@given(cuts.filter(lambda cuts: len(cuts) > 2), st.data())
def test_a_moved_bound_is_a_gap_or_an_overlap(cuts: list[int], data: st.DataObject) -> None:
    place = data.draw(st.integers(1, len(cuts) - 2))
    by = data.draw(st.sampled_from([D("-0.5"), D("0.5")]))
    table = [Bounds(D(low), D(high)) for low, high in pairwise(cuts)]
    table[place] = Bounds(D(cuts[place]) + by, D(cuts[place + 1]))
    with pytest.raises(TableError) as refused:
        in_order(table)
    assert refused.value.key == ("gap" if by > 0 else "overlap")
