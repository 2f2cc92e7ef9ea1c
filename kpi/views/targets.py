"""Targets and what became of them: a plan's year, unit by unit, and one indicator."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import prefetch_related_objects
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone

from districts.models import Agency, Plan
from districts.standing import standing
from kpi import compute, trends, words
from kpi.actions.actuals import Amounts
from kpi.choices import EntryState, ReportedBy, period_label
from kpi.compute import Cell, Overall, YearFigures
from kpi.facts import years_of
from kpi.models import Actual, Correction, Goal, Indicator
from kpi.policies import can_see_targets, is_reviewer, is_somebody
from kpi.views.years import Choice, chosen, seen_by, year_in
from personnel_portal import lists
from personnel_portal.accounts.requests import SignedInRequest
from personnel_portal.documents import sheets
from personnel_portal.guards import guard
from personnel_portal.rules.indicators import Light
from personnel_portal.trail.actions import record

SORTS = ("unit", "achievement", "-achievement")


@dataclass(frozen=True, slots=True)
class Line:
    """An indicator on the overview.

    Attributes:
        shown: the figure that the line tells: that of the one unit that is seen, else of all together.
        lights: how many units stand how; empty where there is but one.
        due: how many reports are overdue.
    """

    indicator: Indicator
    shown: Cell | Overall
    lights: tuple[tuple[Light, int], ...]
    due: int

    @property
    def is_apart(self) -> bool:
        """Whether each unit is judged for itself, since their numbers cannot be taken together."""
        return bool(self.lights) and not self.shown.figure

    @property
    def light(self) -> Light:
        """The line's light; of units that are judged apart that which asks for most."""
        return self.lights[0][0] if self.is_apart else self.shown.light


@dataclass(frozen=True, slots=True)
class Table:
    """Agencies by the indicators that they report."""

    heading: str
    indicators: tuple[Indicator, ...]
    rows: tuple[tuple[Agency, tuple[Cell, ...]], ...]


@dataclass(frozen=True, slots=True)
class UnitLine:
    """A unit's figure of an indicator, with its reports (period, row, amount; no row where none is seen and one is due)."""

    cell: Cell
    reports: tuple[tuple[str, Actual | None, str], ...]
    correction: Correction | None
    is_own: bool


# --- Overview --------------------------------------------------------------------------------------------------------


@guard(policy=is_somebody)
def overview(request: SignedInRequest) -> HttpResponseBase:
    """Show a year of a plan: goals, indicators, targets, and what became of them."""
    choice = chosen(request)
    if choice is None:
        return render(request, "kpi/targets.html", {"choice": None})
    figures = _figures(request, choice.plan, choice.year)
    lines = [line_of(figures, indicator) for indicator in figures.facts.indicators]
    if request.GET.get("export") in lists.EXPORTS:
        return _export(request, choice, f"{choice.year}年度績效目標", OVERVIEW, map(_overview_row, lines))
    return render(request, "kpi/targets.html", _overview(request, choice, figures, lines))


def _overview(request: SignedInRequest, choice: Choice, figures: YearFigures, lines: list[Line]) -> dict[str, object]:
    mine = standing(request.user)
    counts = Counter(line.light for line in lines)
    reporting = [agency for agency in _reporting(figures) if agency.pk in mine.works_for]
    return {
        "choice": choice,
        "strategy": getattr(choice.plan, "strategy", None),
        "goals": _by_goal(lines),
        "counts": [(light, counts[light]) for light in words.ORDER if counts[light]],
        "units": len(figures.facts.units),
        "entering": [(agency, _due(figures.of_agency(agency))) for agency in reporting],
        "waiting": _waiting(figures) if is_reviewer(request.user) else 0,
        "missed": len(figures.missed()),
        "readings": list(choice.plan.readings.all()),
    }


def line_of(figures: YearFigures, indicator: Indicator) -> Line:
    """Return the line of an indicator, of all units that were asked for."""
    cells, overall = figures.of(indicator), figures.overall(indicator)
    shown = cells[0] if len(cells) == 1 else overall
    lights = tuple((light, overall.lights[light]) for light in words.ORDER if overall.lights.get(light))
    return Line(indicator, shown, lights if len(cells) > 1 else (), _due(cells) if figures.facts.units else 0)


def _by_goal(lines: Iterable[Line]) -> dict[Goal, list[Line]]:
    goals: dict[Goal, list[Line]] = {}
    for line in lines:
        goals.setdefault(line.indicator.goal, []).append(line)
    return goals


def _reporting(figures: YearFigures) -> list[Agency]:
    """Return who reports anything of the plan; a plan without units is there to be read."""
    facts = figures.facts
    if not facts.units:
        return []
    by = {indicator.reported_by for indicator in facts.indicators}
    units = list(facts.units) if ReportedBy.UNITS in by else []
    return [*([facts.office] if facts.office and ReportedBy.OFFICE in by else []), *units]


def _due(cells: Iterable[Cell]) -> int:
    return sum(len(cell.due) for cell in cells)


def _waiting(figures: YearFigures) -> int:
    entries = (entry for cell in figures.cells.values() for entry in cell.entries)
    return sum(entry is not None and entry.state == EntryState.SUBMITTED for entry in entries)


# --- Units × indicators ----------------------------------------------------------------------------------------------


@guard(Plan, can_see_targets)
def matrix(request: SignedInRequest, plan: Plan) -> HttpResponseBase:
    """Show each unit's figure of each indicator; an agency sees its own line."""
    choice = Choice(plan, year_in(request, plan), (plan,))
    figures = _figures(request, plan, choice.year)
    if request.GET.get("export") in lists.EXPORTS:
        cells = (cell for agency in _reporting(figures) for cell in figures.of_agency(agency))
        return _export(request, choice, f"{choice.year}年度各機關績效目標", MATRIX, map(_matrix_row, cells))
    counts = Counter(cell.light for cell in figures.cells.values())
    context = {
        "choice": choice,
        "tables": [table for by in (ReportedBy.UNITS, ReportedBy.OFFICE) if (table := _table(figures, by))],
        "counts": [(light, counts[light]) for light in words.ORDER if counts[light]],
    }
    return render(request, "kpi/target_matrix.html", context)


def _table(figures: YearFigures, by: ReportedBy) -> Table | None:
    """Return the table of those who report the same indicators; none where nobody does."""
    indicators = tuple(one for one in figures.facts.indicators if one.reported_by == by)
    reporting = set(_reporting(figures))
    agencies = [one for one in figures.facts.agencies_of(indicators[0]) if one in reporting] if indicators else []
    rows = tuple((agency, tuple(figures.cells[one.pk, agency.pk] for one in indicators)) for agency in agencies)
    return Table(f"{by.label}填報的指標", indicators, rows) if rows else None


# --- One indicator ---------------------------------------------------------------------------------------------------


@guard(Indicator)
def indicator(request: SignedInRequest, indicator: Indicator) -> HttpResponse:
    """Show an indicator: what is measured, its targets, how it goes, and each unit's figures with their reasons."""
    plan, today = indicator.goal.plan, timezone.localdate()
    year = year_in(request, plan)
    figures = compute.of_year(plan, year, today=today, agencies=seen_by(request), only=[indicator])
    prefetch_related_objects([indicator], "targets__agency")
    cells = figures.of(indicator)
    agency = next((cell.agency for cell in cells if str(cell.agency.pk) == request.GET.get("agency")), None)
    chosen_cells = [cell for cell in cells if agency in (None, cell.agency)]
    sort = request.GET.get("sort", "")
    context = {
        "choice": Choice(plan, year, (plan,)),
        "indicator": indicator,
        "agency": agency,
        "units": list(_units(request, sorted_by(cells, sort if sort in SORTS else "unit"), year)),
        "sort": sort,
        "line": line_of(figures, indicator) if agency is None else Line(indicator, chosen_cells[0], (), 0),
        "periods": trends.over_periods(indicator, year, chosen_cells, today),
        "years": trends.over_years(indicator, chosen_cells, today) if len(years_of(plan)) > 1 else None,
        "targets": [
            (target, words.target(indicator, compute.target_value(indicator, target)))
            for target in sorted(
                indicator.targets.all(), key=lambda one: (one.year, one.agency_id is not None, one.agency_id)
            )
        ],
    }
    return render(request, "kpi/indicator.html", context)


def sorted_by(cells: list[Cell], sort: str) -> list[Cell]:
    """Return the cells in the order of the units, or by achievement, which obeys the indicator's direction; the unknown last."""
    if sort == "unit":
        return cells
    known = [cell for cell in cells if cell.judgement.achievement is not None]
    unknown = [cell for cell in cells if cell.judgement.achievement is None]
    known.sort(key=lambda cell: cell.judgement.achievement or Decimal(0), reverse=sort.startswith("-"))
    return known + unknown


def _units(request: SignedInRequest, cells: list[Cell], year: int) -> Iterator[UnitLine]:
    mine = standing(request.user)
    indicators = {cell.indicator.pk for cell in cells}
    filed = Correction.objects.visible_to(request.user).filter(indicator__in=indicators, year=year)
    corrections = {correction.agency_id: correction for correction in filed}
    for cell in cells:
        reports = _reports(cell, with_drafts=cell.agency.pk in mine.reads_for)
        own = cell.agency.pk in mine.works_for
        yield UnitLine(cell, tuple(reports), corrections.get(cell.agency.pk), own)


def _reports(cell: Cell, *, with_drafts: bool) -> Iterator[tuple[str, Actual | None, str]]:
    for period, known in enumerate(cell.entries, start=1):
        entry = None if known and known.state == EntryState.DRAFT and not with_drafts else known
        if entry or period in cell.due:
            label = period_label(cell.indicator.frequency, period)
            yield label, entry, str(Amounts.of(entry)) if entry else ""


# --- Sheets ----------------------------------------------------------------------------------------------------------

OVERVIEW = [
    *(sheets.Column(label, width) for label, width in (("策略目標", 30), ("編號", 6), ("績效指標", 40))),
    *(sheets.Column(label, 14) for label in ("目標", "實績", "達成率", "燈號")),
    sheets.Column("計算", 60),
]
MATRIX = [
    *(sheets.Column(label, width) for label, width in (("機關", 16), ("編號", 6), ("績效指標", 40))),
    *(sheets.Column(label, 14) for label in ("目標", "實績", "達成率", "燈號", "逾期未報期數")),
    sheets.Column("計算", 60),
]


def _overview_row(line: Line) -> list[sheets.Value]:
    return [
        line.indicator.goal.name,
        line.indicator.code,
        line.indicator.name,
        *_told(line.shown),
        line.shown.explanation,
    ]


def _matrix_row(cell: Cell) -> list[sheets.Value]:
    head = [cell.agency.short_name, cell.indicator.code, cell.indicator.name]
    return [*head, *_told(cell), len(cell.due), cell.explanation]


def _told(shown: Cell | Overall) -> Iterator[sheets.Value]:
    return iter((shown.target_label, shown.value_label, shown.achievement_label, shown.light_label))


def _export(
    request: SignedInRequest,
    choice: Choice,
    name: str,
    columns: list[sheets.Column],
    rows: Iterable[list[sheets.Value]],
) -> HttpResponseBase:
    written = list(rows)
    response = sheets.response(request.GET["export"], name, columns, written)
    office_id = choice.plan.office_id
    record("list.exported", None, by=request.user, office_id=office_id, list=name, rows=len(written))
    return response


def _figures(request: SignedInRequest, plan: Plan, year: int) -> YearFigures:
    return compute.of_year(plan, year, today=timezone.localdate(), agencies=seen_by(request))
