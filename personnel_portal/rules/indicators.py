"""Targets and what is reported against them: how periods become one figure, and whether it meets its target (001 參二).

Figures are percent for ratios, months kept and deductions, and in the indicator's own unit otherwise. A blank is none,
never 0. Whether a target is met is decided on the figure as computed, not on what rounding makes of it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

ZERO, ONE, HUNDRED = Decimal(0), Decimal(1), Decimal(100)
FINEST = 10  # decimal places that `shown` tries until the rounded figure tells the truth


class Comparator(StrEnum):
    """Which figures meet a target."""

    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    EQUAL = "equal"
    RANGE = "range"
    YES = "yes"


class Formula(StrEnum):
    """What is reported for a period, and what is made of it."""

    RATIO = "ratio"
    NUMBER = "number"
    MONTHS_KEPT = "months_kept"
    DEDUCTIONS = "deductions"


class Aggregation(StrEnum):
    """How the periods of a year become one figure: all of them, or the latest alone."""

    SUM = "sum"
    LATEST = "latest"


class Light(StrEnum):
    """How a figure stands to its target."""

    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"
    RUNNING = "running"  # not met yet, but what is still to come can meet it
    NONE = "none"  # nothing to judge: no figure, or no target


@dataclass(frozen=True, slots=True)
class Target:
    """What is to be reached.

    Attributes:
        value: the bound, the lower end of a range, 1 for yes.
        upper: the upper end of a range, included as the lower end is.

    Raises:
        ValueError: a range without upper end or reversed, or an upper end where there is no range.
    """

    comparator: Comparator
    value: Decimal
    upper: Decimal | None = None

    def __post_init__(self) -> None:
        if (self.comparator is Comparator.RANGE) != (self.upper is not None):
            raise ValueError("an upper end belongs to a range, and a range needs one")
        if self.upper is not None and self.upper < self.value:
            raise ValueError("the range is reversed")

    def is_met(self, actual: Decimal) -> bool:
        """Tell whether the figure meets the target; exactly at the target it does."""
        match self.comparator:
            case Comparator.AT_MOST:
                return actual <= self.value
            case Comparator.EQUAL | Comparator.YES:
                return actual == self.value
            case Comparator.RANGE:
                return self.value <= actual <= self._upper
            case Comparator.AT_LEAST:
                return actual >= self.value

    def achievement(self, actual: Decimal) -> Decimal:
        """Return the achievement (達成率, %): 100 or more exactly where the target is met, never under 0.

        ≧ counts actual ÷ target. ≦ counts (2 × target − actual) ÷ target, which is 200 for an actual of 0 and 100 at the
        target. = counts the deviation off. A range counts as its nearer end, 100 inside. Yes or no, and a target of 0,
        know 100 and 0 alone.
        """
        if self.comparator is Comparator.YES:
            return self._all_or_nothing(actual)
        if self.comparator is Comparator.RANGE:
            return self._in_range(actual)
        if self.value <= 0:
            return self._all_or_nothing(actual)
        match self.comparator:
            case Comparator.AT_MOST:
                share = 2 * self.value - actual
            case Comparator.EQUAL:
                share = self.value - abs(self.value - actual)
            case _:
                share = actual
        return max(ZERO, HUNDRED * share / self.value)

    @property
    def _upper(self) -> Decimal:
        return self.value if self.upper is None else self.upper

    def _all_or_nothing(self, actual: Decimal) -> Decimal:
        return HUNDRED if self.is_met(actual) else ZERO

    def _in_range(self, actual: Decimal) -> Decimal:
        if self.is_met(actual):
            return HUNDRED
        nearer = Target(Comparator.AT_LEAST, self.value)
        if actual > self._upper:
            nearer = Target(Comparator.AT_MOST, self._upper)
        return nearer.achievement(actual)


@dataclass(frozen=True, slots=True)
class Reported:
    """What was reported for a period: a number, or numerator and denominator.

    Raises:
        ValueError: neither or both, a negative numerator, or a numerator over its denominator.
    """

    period: int
    value: Decimal | None = None
    numerator: Decimal | None = None
    denominator: Decimal | None = None

    def __post_init__(self) -> None:
        is_ratio = self.numerator is not None and self.denominator is not None
        if is_ratio == (self.value is not None) or (self.numerator is None) != (self.denominator is None):
            raise ValueError("a number, or numerator and denominator")
        if self.numerator is not None and self.denominator is not None and not 0 <= self.numerator <= self.denominator:
            raise ValueError("the numerator is over its denominator or negative")


@dataclass(frozen=True, slots=True)
class Deduction:
    """Violations of a kind: the points that each takes off, and how many there are."""

    name: str
    points: Decimal
    times: int

    @property
    def total(self) -> Decimal:
        return self.points * self.times


@dataclass(frozen=True, slots=True)
class Measure:
    """How an indicator is counted; `periods` are those of a year."""

    formula: Formula
    aggregation: Aggregation
    periods: int


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of a year, and what it was made of.

    Attributes:
        value: none where nothing was reported, or where nothing was due (a denominator of 0).
        numerator, denominator: the sums that the value is a share of; of months kept, kept and all months of the year.
        counted: the reports that went in, by period.
        missing: the periods of the year that are not reported.
        deductions: what was taken off 100.
    """

    measure: Measure
    value: Decimal | None
    numerator: Decimal | None = None
    denominator: Decimal | None = None
    counted: tuple[Reported, ...] = ()
    missing: tuple[int, ...] = ()
    deductions: tuple[Deduction, ...] = ()

    @property
    def is_reported(self) -> bool:
        """Tell whether anything was reported, be it that nothing was due."""
        return bool(self.counted) or self.value is not None


def figure(measure: Measure, reported: Iterable[Reported], deductions: Sequence[Deduction] = ()) -> Figure:
    """Return the figure of a year.

    Numerators and denominators are summed, percentages never averaged. Months kept are a share of all periods of the year.
    Deductions start from 100 and end at 0; they need no report, since no violation is 100.
    """
    known = tuple(sorted(reported, key=lambda report: report.period))
    missing = tuple(sorted(set(range(1, measure.periods + 1)) - {report.period for report in known}))
    if measure.formula is Formula.DEDUCTIONS:
        points = sum((deduction.total for deduction in deductions), ZERO)
        return Figure(measure, max(ZERO, HUNDRED - points), deductions=tuple(deductions))
    is_latest = measure.aggregation is Aggregation.LATEST and measure.formula is not Formula.MONTHS_KEPT
    counted = known[-1:] if is_latest else known
    if not counted:
        return Figure(measure, None, missing=missing)
    if measure.formula is Formula.NUMBER:
        return Figure(measure, _sum(report.value for report in counted), counted=counted, missing=missing)
    if measure.formula is Formula.MONTHS_KEPT:
        kept = Decimal(sum(bool(report.value) for report in counted))
        return _share(measure, kept, Decimal(measure.periods), counted, missing)
    numerator = _sum(report.numerator for report in counted)
    return _share(measure, numerator, _sum(report.denominator for report in counted), counted, missing)


def pooled(figures: Sequence[Figure]) -> Figure | None:
    """Return the figure of several units together, by their numerators and denominators; none where they have none."""
    shares = [f for f in figures if f.numerator is not None and f.denominator is not None]
    if not shares:
        return None
    numerator, denominator = _sum(s.numerator for s in shares), _sum(s.denominator for s in shares)
    missing = tuple(period for share in shares for period in share.missing)  # what each unit can still add
    return _share(shares[0].measure, numerator, denominator, (), missing)


def _share(
    measure: Measure,
    numerator: Decimal,
    denominator: Decimal,
    counted: tuple[Reported, ...] = (),
    missing: tuple[int, ...] = (),
) -> Figure:
    value = HUNDRED * numerator / denominator if denominator else None
    return Figure(measure, value, numerator, denominator, counted, missing)


def _sum(values: Iterable[Decimal | None]) -> Decimal:
    return sum((value for value in values if value is not None), ZERO)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a figure achieves; `achievement` is in %, none where there is nothing to judge."""

    light: Light
    is_met: bool | None = None
    achievement: Decimal | None = None


UNJUDGED = Judgement(Light.NONE)


def judge(figure: Figure, target: Target | None, *, yellow_from: Decimal, is_over: bool) -> Judgement:
    """Return how a figure stands to its target.

    A missed target is yellow from an achievement (%) on and red below. While the year runs, a figure that only grows and
    can still grow enough is neither.

    Args:
        is_over: the year is over, so that nothing is still to come.
    """
    if figure.value is None or target is None:
        return UNJUDGED
    achievement = target.achievement(figure.value)
    if target.is_met(figure.value):
        return Judgement(Light.GREEN, True, achievement)
    if not is_over and _can_still_meet(figure, figure.value, target):
        return Judgement(Light.RUNNING, False, achievement)
    return Judgement(Light.YELLOW if achievement >= yellow_from else Light.RED, False, achievement)


def _can_still_meet(figure: Figure, value: Decimal, target: Target) -> bool:
    if not figure.missing or value > target.value or target.comparator is Comparator.AT_MOST:
        return False
    if figure.measure.formula is Formula.MONTHS_KEPT and figure.numerator is not None and figure.denominator:
        return HUNDRED * (figure.numerator + len(figure.missing)) / figure.denominator >= target.value
    return figure.measure == Measure(Formula.NUMBER, Aggregation.SUM, figure.measure.periods)


def shown(value: Decimal, decimals: int, target: Target | None = None) -> Decimal:
    """Return a figure rounded half up; with more places where rounding would turn a miss into a hit or the other way."""
    for places in range(decimals, FINEST + 1):
        rounded = value.quantize(ONE.scaleb(-places), ROUND_HALF_UP)
        if target is None or target.is_met(rounded) == target.is_met(value):
            return rounded
    return value
