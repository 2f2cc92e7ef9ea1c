"""Targets: comparators, achievement, periods that become one figure, and lights."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personnel_portal.rules.indicators import (
    Aggregation,
    Comparator,
    Deduction,
    Figure,
    Formula,
    Judgement,
    Light,
    Measure,
    Reported,
    Target,
    figure,
    judge,
    pooled,
    shown,
)

D = Decimal
YELLOW = D(80)
numbers = st.decimals(min_value=0, max_value=10**9, places=4)
positive = st.decimals(min_value="0.0001", max_value=10**9, places=4)


def at(comparator: Comparator, value: str, upper: str | None = None) -> Target:
    return Target(comparator, D(value), None if upper is None else D(upper))


@st.composite
def targets(draw: st.DrawFn) -> Target:
    """Any target: all comparators, a range with its upper end, targets of 0 among them."""
    comparator, value = draw(st.sampled_from(Comparator)), draw(numbers)
    if comparator is Comparator.YES:
        return Target(comparator, draw(st.sampled_from([D(0), D(1)])))
    upper = value + draw(numbers) if comparator is Comparator.RANGE else None
    return Target(comparator, value, upper)


# --- Targets ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("target", "actual", "is_met", "achievement"),
    [
        (at(Comparator.AT_LEAST, "80"), "80", True, "100"),
        (at(Comparator.AT_LEAST, "80"), "79.9999", False, "99.999875"),
        (at(Comparator.AT_LEAST, "80"), "100", True, "125"),
        (at(Comparator.AT_LEAST, "80"), "0", False, "0"),
        (at(Comparator.AT_LEAST, "0"), "0", True, "100"),
        (at(Comparator.AT_LEAST, "0"), "7", True, "100"),
        (at(Comparator.AT_MOST, "20"), "20", True, "100"),
        (at(Comparator.AT_MOST, "20"), "21", False, "95"),
        (at(Comparator.AT_MOST, "20"), "10", True, "150"),
        (at(Comparator.AT_MOST, "20"), "0", True, "200"),
        (at(Comparator.AT_MOST, "20"), "41", False, "0"),
        (at(Comparator.AT_MOST, "0"), "0", True, "100"),
        (at(Comparator.AT_MOST, "0"), "1", False, "0"),
        (at(Comparator.EQUAL, "12"), "12", True, "100"),
        (at(Comparator.EQUAL, "12"), "9", False, "75"),
        (at(Comparator.EQUAL, "12"), "15", False, "75"),
        (at(Comparator.EQUAL, "0"), "1", False, "0"),
        (at(Comparator.RANGE, "3", "5"), "3", True, "100"),
        (at(Comparator.RANGE, "3", "5"), "5", True, "100"),
        (at(Comparator.RANGE, "4", "5"), "3", False, "75"),
        (at(Comparator.RANGE, "3", "5"), "6", False, "80"),
        (at(Comparator.YES, "1"), "1", True, "100"),
        (at(Comparator.YES, "1"), "0", False, "0"),
    ],
)
def test_a_target_knows_its_direction(target: Target, actual: str, is_met: bool, achievement: str) -> None:
    assert (target.is_met(D(actual)), target.achievement(D(actual))) == (is_met, D(achievement))


@given(targets(), numbers)
def test_an_achievement_is_100_or_more_exactly_where_the_target_is_met(target: Target, actual: Decimal) -> None:
    assert (target.achievement(actual) >= 100) == target.is_met(actual)
    assert target.achievement(actual) >= 0


@given(targets())
def test_a_figure_exactly_at_its_target_meets_it(target: Target) -> None:
    assert target.is_met(target.value)
    assert target.upper is None or target.is_met(target.upper)


@given(numbers, numbers, numbers)
def test_more_is_never_worse_for_a_floor_and_never_better_for_a_ceiling(
    bound: Decimal, one: Decimal, other: Decimal
) -> None:
    less, more = sorted([one, other])
    floor, ceiling = Target(Comparator.AT_LEAST, bound), Target(Comparator.AT_MOST, bound)
    assert floor.achievement(less) <= floor.achievement(more)
    assert ceiling.achievement(less) >= ceiling.achievement(more)


@pytest.mark.parametrize(
    ("comparator", "value", "upper"),
    [(Comparator.RANGE, "3", None), (Comparator.RANGE, "3", "2"), (Comparator.AT_LEAST, "3", "5")],
)
def test_a_target_that_decides_nothing_is_refused(comparator: Comparator, value: str, upper: str | None) -> None:
    with pytest.raises(ValueError, match="range"):
        at(comparator, value, upper)


# --- Figures ---------------------------------------------------------------------------------------------------------


RATIO = Measure(Formula.RATIO, Aggregation.SUM, 12)
NUMBER = Measure(Formula.NUMBER, Aggregation.SUM, 4)
MONTHS = Measure(Formula.MONTHS_KEPT, Aggregation.SUM, 12)


def ratio(period: int, numerator: int, denominator: int) -> Reported:
    return Reported(period, numerator=D(numerator), denominator=D(denominator))


def number(period: int, value: int) -> Reported:
    return Reported(period, value=D(value))


parts = st.integers(0, 10**6).flatmap(lambda d: st.tuples(st.integers(0, d), st.just(d)))


@given(st.lists(parts, min_size=1, max_size=12), st.randoms())
def test_a_ratio_is_the_share_of_its_sums_in_any_order(pairs: list[tuple[int, int]], random: object) -> None:
    reports = [ratio(period, *pair) for period, pair in enumerate(pairs, start=1)]
    random.shuffle(reports)  # type: ignore[attr-defined]  # a Random of Hypothesis
    found = figure(RATIO, reports)
    numerator, denominator = sum(n for n, _ in pairs), sum(d for _, d in pairs)
    assert (found.numerator, found.denominator) == (D(numerator), D(denominator))
    assert found.value == (D(100) * numerator / denominator if denominator else None)
    assert found.is_reported
    shares = [D(100) * n / d for n, d in pairs if d]
    assert found.value is None or min(shares) - D("1E-20") <= found.value <= max(shares) + D("1E-20")


@given(st.lists(parts, min_size=1, max_size=12), st.integers(1, 11))
def test_units_pooled_in_parts_are_units_pooled_at_once(pairs: list[tuple[int, int]], cut: int) -> None:
    units = [figure(RATIO, [ratio(1, *pair)]) for pair in pairs]
    first, second = pooled(units[:cut]), pooled(units[cut:])
    assert pooled([part for part in (first, second) if part]) == pooled(units)


def test_percentages_are_not_averaged() -> None:
    assert figure(RATIO, [ratio(1, 1, 1), ratio(2, 0, 9)]).value == 10


def test_nothing_due_is_reported_but_not_judged() -> None:
    found = figure(RATIO, [ratio(1, 0, 0)])
    assert (found.value, found.is_reported) == (None, True)
    assert judge(found, at(Comparator.AT_LEAST, "80"), yellow_from=YELLOW, is_over=True).light is Light.NONE


def test_a_blank_is_no_figure_and_0_is_one() -> None:
    assert (figure(NUMBER, []).value, figure(NUMBER, []).is_reported) == (None, False)
    assert (figure(NUMBER, [number(1, 0)]).value, figure(NUMBER, [number(1, 0)]).is_reported) == (D(0), True)


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=4))
def test_numbers_are_summed_or_the_latest_is_taken(values: list[int]) -> None:
    reports = [number(period, value) for period, value in enumerate(values, start=1)]
    assert figure(NUMBER, reports).value == sum(values)
    latest = figure(Measure(Formula.NUMBER, Aggregation.LATEST, 4), reversed(reports))
    assert (latest.value, latest.counted) == (D(values[-1]), (reports[-1],))
    assert latest.missing == tuple(range(len(values) + 1, 5))


@pytest.mark.parametrize(("kept", "met"), [(7, False), (8, True), (12, True), (0, False)])
def test_months_kept_are_counted_out_of_all_twelve(kept: int, met: bool) -> None:
    found = figure(MONTHS, [number(month, int(month <= kept)) for month in range(1, 13)])
    assert (found.numerator, found.denominator) == (D(kept), D(12))
    assert at(Comparator.AT_LEAST, "60").is_met(found.value or D(0)) is met


@given(st.integers(0, 2000), st.integers(0, 400))
def test_deductions_take_their_points_from_100_down_to_0(carelessness: int, absences: int) -> None:
    taken = (Deduction("公出登記不實", D("0.1"), carelessness), Deduction("未出勤", D("0.5"), absences))
    found = figure(Measure(Formula.DEDUCTIONS, Aggregation.SUM, 12), [], taken)
    assert found.value == max(D(0), 100 - D("0.1") * carelessness - D("0.5") * absences)
    assert found.missing == ()


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"value": D(1), "numerator": D(1), "denominator": D(2)},
        {"numerator": D(1)},
        {"denominator": D(1)},
        {"numerator": D(3), "denominator": D(2)},
        {"numerator": D(-1), "denominator": D(2)},
    ],
)
def test_a_report_that_says_nothing_or_too_much_is_refused(wrong: dict[str, Decimal]) -> None:
    with pytest.raises(ValueError):
        Reported(1, **wrong)


# --- Lights ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "light"),
    [(80, Light.GREEN), (100, Light.GREEN), (79, Light.YELLOW), (64, Light.YELLOW), (63, Light.RED), (0, Light.RED)],
)
def test_lights_after_the_year(value: int, light: Light) -> None:
    assert _judged(figure(RATIO, [ratio(1, value, 100)]), "80", is_over=True).light is light


def test_what_only_grows_is_not_missed_while_the_year_runs() -> None:
    first = figure(NUMBER, [number(1, 3)])
    assert _judged(first, "12").light is Light.RUNNING
    assert _judged(first, "12", is_over=True).light is Light.RED
    every = figure(NUMBER, [number(period, 2) for period in range(1, 5)])
    assert _judged(every, "12").light is Light.RED


def test_months_kept_are_missed_as_soon_as_the_rest_cannot_save_them() -> None:
    def kept(months: int, of: int) -> Light:
        reports = [number(month, int(month <= months)) for month in range(1, of + 1)]
        return _judged(figure(MONTHS, reports), "60").light

    assert (kept(0, 4), kept(0, 5), kept(8, 8)) == (Light.RUNNING, Light.RED, Light.GREEN)


@pytest.mark.parametrize("comparator", [Comparator.AT_MOST, Comparator.EQUAL, Comparator.RANGE])
def test_what_is_too_much_is_missed_at_once(comparator: Comparator) -> None:
    target = at(comparator, "2", "2" if comparator is Comparator.RANGE else None)
    found = judge(figure(NUMBER, [number(1, 3)]), target, yellow_from=YELLOW, is_over=False)
    assert found.light in (Light.YELLOW, Light.RED)


def test_a_ratio_is_judged_as_it_stands() -> None:
    assert _judged(figure(RATIO, [ratio(1, 1, 2)]), "80").light is Light.RED


@given(targets(), numbers, st.booleans())
def test_green_means_met(target: Target, value: Decimal, is_over: bool) -> None:
    found = judge(figure(NUMBER, [Reported(1, value=value)]), target, yellow_from=YELLOW, is_over=is_over)
    assert (found.light is Light.GREEN) == target.is_met(value) == found.is_met


def test_without_a_target_nothing_is_judged() -> None:
    found = judge(figure(NUMBER, [number(1, 3)]), None, yellow_from=YELLOW, is_over=True)
    assert found == Judgement(Light.NONE)


def _judged(found: Figure, target: str, *, is_over: bool = False) -> Judgement:
    return judge(found, at(Comparator.AT_LEAST, target), yellow_from=YELLOW, is_over=is_over)


# --- What is shown ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "target", "expected"),
    [("79.996", "80", "79.996"), ("79.994", "80", "79.99"), ("80", "80", "80.00"), ("66.6666", None, "66.67")],
)
def test_rounding_never_turns_a_miss_into_a_hit(value: str, target: str | None, expected: str) -> None:
    wanted = None if target is None else at(Comparator.AT_LEAST, target)
    assert str(shown(D(value), 2, wanted)) == expected


@given(targets(), numbers, st.integers(0, 4))
def test_what_is_shown_is_judged_as_what_is_meant(target: Target, value: Decimal, decimals: int) -> None:
    rounded = shown(value, decimals, target)
    assert target.is_met(rounded) == target.is_met(value)
