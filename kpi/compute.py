"""The figures of a year of a KPI plan: indicator × unit, with what was reported, what it achieves, and why."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from districts.models import Agency, Plan
from kpi import words
from kpi.choices import MONTHS, PERIODS, EntryState, Frequency, ReportedBy, last_month
from kpi.facts import ROC, YearFacts, is_over, year_facts
from kpi.models import Actual, Indicator
from kpi.models import Target as TargetRow
from personnel_portal.rules.indicators import (
    UNJUDGED,
    Aggregation,
    Comparator,
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
)

COUNTED = frozenset({EntryState.SUBMITTED, EntryState.APPROVED})
ENTERED = frozenset(EntryState)  # for the unit itself: what its figures would be
YELLOW_FROM = Decimal(80)  # where a plan says nothing


@dataclass(frozen=True, slots=True)
class Cell:
    """An indicator of a unit in a year.

    Attributes:
        row, target: the target as entered (the agency's own, else the common one) and as a value; none without one.
        entries: what is entered for each period, from the first, drafts and returned ones included.
        figure, judgement: what the counted entries amount to.
        due: periods that have ended and for which nothing has been submitted.
    """

    indicator: Indicator
    agency: Agency
    row: TargetRow | None
    target: Target | None
    entries: tuple[Actual | None, ...]
    figure: Figure
    judgement: Judgement
    due: tuple[int, ...]

    @property
    def light(self) -> Light:
        return self.judgement.light

    @property
    def light_label(self) -> str:
        """The light in words."""
        return words.LIGHTS[self.light]

    @property
    def chip(self) -> str:
        """The state of the chip that carries the light."""
        return words.CHIPS[self.light]

    @property
    def target_label(self) -> str:
        return words.target(self.indicator, self.target)

    @property
    def value_label(self) -> str:
        return words.value(self.indicator, self.figure, self.target)

    @property
    def achievement_label(self) -> str:
        return words.achievement(self.judgement)

    @property
    def explanation(self) -> str:
        """The arithmetic in a line."""
        return words.explained(self.indicator, self.figure, self.target, self.judgement)


@dataclass(frozen=True, slots=True)
class Overall:
    """An indicator over all units: that of the office alone, or of all units together.

    Attributes:
        cell: the one cell of an indicator that the office reports.
        figure: all units together by their numerators and denominators; none for numbers and deductions, which are
            judged unit by unit.
        lights: how many units stand how.
    """

    indicator: Indicator
    target: Target | None
    cell: Cell | None
    figure: Figure | None
    judgement: Judgement
    lights: Mapping[Light, int]

    @property
    def light(self) -> Light:
        return self.judgement.light

    @property
    def light_label(self) -> str:
        """The light in words; where each unit is judged for itself, how many stand how."""
        return words.LIGHTS[self.light] if self.figure else words.counts(self.lights) or words.LIGHTS[Light.NONE]

    @property
    def chip(self) -> str:
        """The state of the chip that carries the light."""
        return words.CHIPS[self.light]

    @property
    def target_label(self) -> str:
        return words.target(self.indicator, self.target)

    @property
    def value_label(self) -> str:
        return words.value(self.indicator, self.figure, self.target) if self.figure else "—"

    @property
    def achievement_label(self) -> str:
        return words.achievement(self.judgement)

    @property
    def explanation(self) -> str:
        """The arithmetic in a line; of several units their sums."""
        if self.cell:
            return self.cell.explanation
        return words.explained(self.indicator, self.figure, self.target, self.judgement) if self.figure else ""


@dataclass(frozen=True, slots=True)
class YearFigures:
    """The figures of a year of a plan.

    Attributes:
        facts: what they were computed from: indicators, units, office, lock.
        cells: by the keys of indicator and agency.
        is_over: the year is over, so that what is not met is missed.
    """

    facts: YearFacts
    cells: Mapping[tuple[int, int], Cell]
    is_over: bool

    def cell(self, indicator: Indicator, agency: Agency) -> Cell | None:
        """Return the cell, or none where the agency does not report the indicator."""
        return self.cells.get((indicator.pk, agency.pk))

    def of(self, indicator: Indicator) -> list[Cell]:
        """Return the cells of an indicator in the order of the units."""
        return [self.cells[indicator.pk, agency.pk] for agency in self.facts.agencies_of(indicator)]

    def of_agency(self, agency: Agency) -> list[Cell]:
        """Return the cells of an agency in the order of the indicators."""
        cells = (self.cell(indicator, agency) for indicator in self.facts.indicators)
        return [cell for cell in cells if cell]

    def overall(self, indicator: Indicator) -> Overall:
        """Return the indicator over all units that were asked for."""
        cells = self.of(indicator)
        lights = Counter(cell.light for cell in cells)
        target = target_value(indicator, self.facts.target_of(indicator, None))
        if indicator.reported_by == ReportedBy.OFFICE:
            cell = cells[0] if cells else None
            return Overall(
                indicator,
                cell.target if cell else target,
                cell,
                cell.figure if cell else None,
                cell.judgement if cell else UNJUDGED,
                lights,
            )
        together = pooled([cell.figure for cell in cells])
        judgement = UNJUDGED
        if together:
            # Pooled shares grow no further by what one unit still owes, but the year decides as for each unit.
            judgement = judge(together, target, yellow_from=yellow_from(indicator.goal.plan), is_over=self.is_over)
        return Overall(indicator, target, None, together, judgement, lights)

    def missed(self) -> list[Cell]:
        """Return the cells that are red or yellow: those that ask for a cause and a corrective action."""
        return [cell for cell in self.cells.values() if cell.light in (Light.RED, Light.YELLOW)]


def of_year(
    plan: Plan,
    year: int,
    *,
    today: date,
    agencies: Collection[int] | None = None,
    only: Collection[Indicator] | None = None,
    states: Collection[EntryState] = COUNTED,
) -> YearFigures:
    """Return the figures of a (ROC) year of a plan; five queries, however many units and periods there are.

    Args:
        agencies: those whose figures are asked for (keys); all where none are given.
        only: the indicators that are asked for, with their plan and its strategy; all where none are given.
        states: the entries that count; a unit looks at its own drafts with `ENTERED`.
    """
    facts, over = year_facts(plan, year, agencies, only), is_over(year, today)
    cells = {
        (indicator.pk, agency.pk): _cell(facts, indicator, agency, today, frozenset(states))
        for indicator in facts.indicators
        for agency in facts.agencies_of(indicator)
    }
    return YearFigures(facts, cells, over)


def target_value(indicator: Indicator, row: TargetRow | None) -> Target | None:
    """Return a target as a value; none where there is none, or a range lacks its upper end."""
    comparator = Comparator(indicator.comparator)
    if row is None or (comparator is Comparator.RANGE and row.upper is None):
        return None
    return Target(comparator, row.value, row.upper if comparator is Comparator.RANGE else None)


def measure_of(indicator: Indicator) -> Measure:
    """Return how the indicator is counted."""
    return Measure(Formula(indicator.formula), Aggregation(indicator.aggregation), indicator.periods)


def yellow_from(plan: Plan) -> Decimal:
    """Return the achievement (%) from which a missed target is yellow."""
    strategy = getattr(plan, "strategy", None)
    return Decimal(strategy.yellow_from) if strategy else YELLOW_FROM


def ended(frequency: str, year: int, today: date) -> int:
    """Return how many periods of a (ROC) year have ended before the day."""
    months = (today.year - ROC - year) * MONTHS + today.month - 1
    periods = PERIODS[Frequency(frequency)]
    return max(0, min(periods, months * periods // MONTHS))


def closed(facts: YearFacts, indicator: Indicator, period: int, today: date) -> str:
    """Return why nothing can be entered for a period of the facts' year any more or yet; empty where it can."""
    if indicator.formula == Formula.DEDUCTIONS:
        return "由違失紀錄計算，無須填報。"
    if last_month(indicator.frequency, period) <= facts.locked_through:
        return f"{facts.year}年度已鎖定至 {facts.locked_through} 月，不能變更。"
    if period > ended(indicator.frequency, facts.year, today) + 1 or facts.year > today.year - ROC:
        return "期間尚未開始，不能填報。"
    return ""


def _cell(facts: YearFacts, indicator: Indicator, agency: Agency, today: date, states: Collection[EntryState]) -> Cell:
    entries = facts.actuals.get((indicator.pk, agency.pk), {})
    counted = [_reported(entry) for entry in entries.values() if entry.state in states]
    whole = figure(measure_of(indicator), counted, facts.deductions.get((indicator.pk, agency.pk), ()))
    row = facts.target_of(indicator, agency)
    target = target_value(indicator, row)
    over = is_over(facts.year, today)
    reported = {report.period for report in counted}
    asked = 0 if indicator.formula == Formula.DEDUCTIONS else ended(indicator.frequency, facts.year, today)
    return Cell(
        indicator=indicator,
        agency=agency,
        row=row,
        target=target,
        entries=tuple(entries.get(period) for period in range(1, indicator.periods + 1)),
        figure=whole,
        judgement=judge(whole, target, yellow_from=yellow_from(indicator.goal.plan), is_over=over),
        due=tuple(period for period in range(1, asked + 1) if period not in reported),
    )


def _reported(entry: Actual) -> Reported:
    return Reported(entry.period, entry.value, entry.numerator, entry.denominator)
