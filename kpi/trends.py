"""How an indicator goes: over the periods of a year, and over the years of its plan.

Both are drawn from the same figures as the year itself: periods are summed up to each, units are taken together by their
numerators and denominators. Numbers of several units cannot be taken together; there the units that meet are counted.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from kpi import compute, words
from kpi.choices import Formula, last_month, period_label
from kpi.compute import Cell
from kpi.facts import ROC, is_over, years_of
from kpi.models import Actual, Indicator, Target, Violation
from personnel_portal.documents.charts import Mark, Zone, trend
from personnel_portal.rules import indicators as rules
from personnel_portal.rules.indicators import UNJUDGED, Deduction, Figure, Judgement, Light, Reported

COUNTED_UNIT, APART = "個機關", "各機關分別判定"
WORST_FIRST = (Light.RED, Light.YELLOW, Light.RUNNING, Light.GREEN)


@dataclass(frozen=True, slots=True)
class Point:
    """A place on a trend, as the chart and the table show it.

    Attributes:
        value: the figure, or how many units meet their targets; none where nothing is reported.
        text: as the table writes it.
    """

    label: str
    value: Decimal | None
    text: str
    target: rules.Target | None
    target_label: str
    judgement: Judgement

    @property
    def light(self) -> Light:
        return self.judgement.light

    @property
    def light_label(self) -> str:
        """The light in words."""
        return words.LIGHTS[self.light]

    @property
    def achievement_label(self) -> str:
        return words.achievement(self.judgement)


@dataclass(frozen=True, slots=True)
class Trend:
    """The points from left to right, and their unit in words."""

    title: str
    unit: str
    decimals: int
    points: tuple[Point, ...]

    @property
    def is_empty(self) -> bool:
        return all(point.value is None for point in self.points)

    @property
    def is_drawn(self) -> bool:
        """Whether there is a line to see: two figures at least."""
        return sum(point.value is not None for point in self.points) > 1

    @property
    def svg(self) -> str:
        """The picture; pages and papers show the same."""
        return trend(self.title, [_mark(point, self.decimals) for point in self.points], unit=self.unit)


@dataclass(frozen=True, slots=True)
class _One:
    """A unit's figure, and what it should be."""

    figure: Figure
    target: rules.Target | None


def over_periods(indicator: Indicator, year: int, cells: Sequence[Cell], today: date) -> Trend:
    """Return how the (ROC) year's figure grew from period to period; a period that nobody reported is a gap.

    Violations have days instead of periods: one query looks them up.
    """
    deductions = _deductions(indicator, [cell.agency.pk for cell in cells], year) if _deducts(indicator) else {}
    points = [_through(indicator, year, period, cells, deductions, today) for period in range(1, indicator.periods + 1)]
    how = indicator.get_aggregation_display()
    return _trend(indicator, f"{_name(indicator)}　{year}年度各期（{how}）", cells, points)


def over_years(
    indicator: Indicator, cells: Sequence[Cell], today: date, known: Mapping[int, "YearRows"] | None = None
) -> Trend:
    """Return the figure of each year of the plan that has begun, of the units that the cells are of; three queries.

    Args:
        known: the rows of the years, where they were looked up for several indicators at once.
    """
    agencies = [cell.agency.pk for cell in cells]
    years = [year for year in years_of(indicator.goal.plan) if year <= today.year - ROC]
    rows = known if known is not None else rows_of([indicator], agencies)
    found = rows.get(indicator.pk, YearRows({}, {}, {}))
    points = [_of_year(indicator, year, agencies, found, today) for year in years]
    return _trend(indicator, f"{_name(indicator)}　各年度實績", cells, points)


@dataclass(frozen=True, slots=True)
class YearRows:
    """What all years of an indicator know: reports and deductions by year and agency, targets by year and agency (none: common)."""

    reported: Mapping[tuple[int, int], Sequence[Reported]]
    deductions: Mapping[tuple[int, int], Sequence[Deduction]]
    targets: Mapping[tuple[int, int | None], Target]


def rows_of(indicators: Iterable[Indicator], agencies: Iterable[int]) -> dict[int, YearRows]:
    """Look up all years of the indicators; three queries, however many they are."""
    chosen, keys = {indicator.pk for indicator in indicators}, set(agencies)
    reported: dict[int, dict[tuple[int, int], list[Reported]]] = defaultdict(lambda: defaultdict(list))
    for actual in Actual.objects.counted().filter(indicator__in=chosen, agency__in=keys).order_by("period"):
        reported[actual.indicator_id][actual.year, actual.agency_id].append(_report(actual))
    targets: dict[int, dict[tuple[int, int | None], Target]] = defaultdict(dict)
    for target in Target.objects.filter(indicator__in=chosen):
        targets[target.indicator_id][target.year, target.agency_id] = target
    deductions: dict[int, dict[tuple[int, int], list[Deduction]]] = defaultdict(lambda: defaultdict(list))
    violations = Violation.objects.filter(kind__indicator__in=chosen, agency__in=keys).order_by("kind")
    for violation in violations.select_related("kind"):
        year = violation.day.year - ROC
        deductions[violation.kind.indicator_id][year, violation.agency_id].append(_deduction(violation))
    return {pk: YearRows(reported[pk], deductions[pk], targets[pk]) for pk in chosen}


def _through(
    indicator: Indicator,
    year: int,
    period: int,
    cells: Sequence[Cell],
    deductions: Mapping[tuple[int, int], Sequence[Deduction]],
    today: date,
) -> Point:
    """Return the year's figure as it stood at the end of a period."""
    label = period_label(indicator.frequency, period)
    shown = cells
    if _deducts(indicator):
        has_begun = date(year + ROC, last_month(indicator.frequency, period - 1) + 1, 1) <= today
        shown = cells if has_begun else ()
    elif not any(_is_counted(cell.entries[period - 1]) for cell in cells):
        shown = ()
    over = is_over(year, today) and period == indicator.periods
    ones = [_One(_upto(indicator, cell, period, deductions), cell.target) for cell in shown]
    return _point(indicator, label, ones, _common(cells), over, apart=_is_apart(indicator, cells))


def _upto(
    indicator: Indicator, cell: Cell, period: int, deductions: Mapping[tuple[int, int], Sequence[Deduction]]
) -> Figure:
    reports = [_report(entry) for entry in cell.entries[:period] if entry and _is_counted(entry)]
    last = last_month(indicator.frequency, period)
    taken = [
        d for (agency, month), found in deductions.items() for d in found if agency == cell.agency.pk and month <= last
    ]
    return rules.figure(compute.measure_of(indicator), reports, taken)


def _of_year(indicator: Indicator, year: int, agencies: Sequence[int], rows: YearRows, today: date) -> Point:
    common = compute.target_value(indicator, rows.targets.get((year, None)))
    measure = compute.measure_of(indicator)
    ones = []
    for agency in agencies:
        own = rows.targets.get((year, agency)) or rows.targets.get((year, None))
        figure = rules.figure(measure, rows.reported.get((year, agency), ()), rows.deductions.get((year, agency), ()))
        ones.append(_One(figure, compute.target_value(indicator, own)))
    apart = _is_apart(indicator, agencies)
    return _point(indicator, f"{year} 年", ones, common, is_over(year, today), apart=apart)


def _point(
    indicator: Indicator, label: str, ones: Sequence[_One], common: rules.Target | None, over: bool, *, apart: bool
) -> Point:
    if apart:
        return _counted(indicator, label, ones, over)
    figure = ones[0].figure if len(ones) == 1 else rules.pooled([one.figure for one in ones])
    target = ones[0].target if len(ones) == 1 else common
    target_label = words.target(indicator, target)
    if figure is None or figure.value is None:
        return Point(label, None, "—", target, target_label, UNJUDGED)
    text = words.value(indicator, figure, target)
    return Point(label, figure.value, text, target, target_label, _judged(indicator, figure, target, over))


def _counted(indicator: Indicator, label: str, ones: Sequence[_One], over: bool) -> Point:
    """Return how many of the units that can be judged meet their targets; its light is the worst of theirs."""
    judged = [_judged(indicator, one.figure, one.target, over) for one in ones]
    known = [judgement for judgement in judged if judgement.is_met is not None]
    met = sum(bool(judgement.is_met) for judgement in known)
    if not known:
        return Point(label, None, "—", None, APART, UNJUDGED)
    light = next(light for light in WORST_FIRST if any(judgement.light == light for judgement in known))
    text = f"{met} 個機關達標（共 {len(known)} 個）"
    return Point(label, Decimal(met), text, None, APART, Judgement(light, met == len(known)))


def _judged(indicator: Indicator, figure: Figure, target: rules.Target | None, over: bool) -> Judgement:
    return rules.judge(figure, target, yellow_from=compute.yellow_from(indicator.goal.plan), is_over=over)


def _trend(indicator: Indicator, title: str, cells: Sequence[Cell], points: Sequence[Point]) -> Trend:
    if _is_apart(indicator, cells):
        return Trend(f"{title}（達標機關數）", COUNTED_UNIT, 0, tuple(points))
    return Trend(title, words.unit_of(indicator), indicator.decimals, tuple(points))


def _name(indicator: Indicator) -> str:
    return str(indicator).rstrip("。")


def _is_apart(indicator: Indicator, units: Sequence[object]) -> bool:
    """Tell whether several units are judged apart: only shares can be taken together, by numerators and denominators."""
    return len(units) > 1 and indicator.formula not in (Formula.RATIO, Formula.MONTHS_KEPT)


def _deducts(indicator: Indicator) -> bool:
    return indicator.formula == Formula.DEDUCTIONS


def _common(cells: Sequence[Cell]) -> rules.Target | None:
    """Return the target of units together: that which has no agency of its own, of whichever cell bears it."""
    return next((cell.target for cell in cells if cell.row and cell.row.agency_id is None), None)


def _is_counted(entry: Actual | None) -> bool:
    return entry is not None and entry.state in compute.COUNTED


def _report(actual: Actual) -> Reported:
    return Reported(actual.period, actual.value, actual.numerator, actual.denominator)


def _deduction(violation: Violation) -> Deduction:
    return Deduction(violation.kind.name, violation.kind.points, 1)


def _deductions(
    indicator: Indicator, agencies: Sequence[int], year: int
) -> Mapping[tuple[int, int], Sequence[Deduction]]:
    """Return the violations of a year by agency and month."""
    found: dict[tuple[int, int], list[Deduction]] = defaultdict(list)
    rows = Violation.objects.filter(kind__indicator=indicator, agency__in=agencies, day__year=year + ROC)
    for violation in rows.select_related("kind"):
        found[violation.agency_id, violation.day.month].append(_deduction(violation))
    return found


def _mark(point: Point, decimals: int) -> Mark:
    is_met = None if point.light in (Light.NONE, Light.RUNNING) else point.judgement.is_met
    text = "" if point.value is None else f"{rules.shown(point.value, decimals, point.target):,f}"
    return Mark(point.label, point.value, text, is_met, zone_of(point.target))


def zone_of(target: rules.Target | None) -> Zone | None:
    """Return where figures meet a target, whatever its direction."""
    if target is None:
        return None
    match target.comparator:
        case rules.Comparator.AT_LEAST:
            return Zone(target.value, None)
        case rules.Comparator.AT_MOST:
            return Zone(None, target.value)
        case rules.Comparator.RANGE:
            return Zone(target.value, target.upper)
        case _:
            return Zone(target.value, target.value)
