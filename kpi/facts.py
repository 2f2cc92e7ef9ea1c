"""What is known of a year of a KPI plan, looked up with a fixed number of queries, however many units and periods there are."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery

from districts.choices import AgencyKind
from districts.models import Agency, Plan
from kpi.choices import ReportedBy
from kpi.models import Actual, Indicator, PeriodLock, Target, Unit, Violation
from personnel_portal.rules.indicators import Deduction, Formula

ROC = 1911  # 民國 1 is 1912

Key = tuple[int, int]  # indicator, agency


@dataclass(frozen=True, slots=True)
class YearFacts:
    """A year of a plan.

    Attributes:
        indicators: in the plan's order, each with its goal, plan and strategy.
        units: the agencies that report the indicators of units, in the plan's order.
        office: the agency that the personnel office itself is; it reports the other indicators.
        targets: by indicator, then by agency; None stands for the common one.
        actuals: what is entered, drafts included, by indicator and agency, then by period.
        deductions: the violations of the year by indicator and agency.
        locked_through: the last month that is closed; 0 while none is.
    """

    plan: Plan
    year: int
    indicators: tuple[Indicator, ...]
    units: tuple[Agency, ...]
    office: Agency | None
    targets: Mapping[int, Mapping[int | None, Target]]
    actuals: Mapping[Key, Mapping[int, Actual]]
    deductions: Mapping[Key, tuple[Deduction, ...]]
    locked_through: int

    def agencies_of(self, indicator: Indicator) -> tuple[Agency, ...]:
        """Return who reports the indicator."""
        if indicator.reported_by == ReportedBy.UNITS:
            return self.units
        return (self.office,) if self.office else ()

    def target_of(self, indicator: Indicator, agency: Agency | None) -> Target | None:
        """Return the agency's own target, else the common one."""
        by_agency = self.targets.get(indicator.pk, {})
        return (by_agency.get(agency.pk) if agency else None) or by_agency.get(None)


def year_facts(
    plan: Plan, year: int, agencies: Collection[int] | None = None, only: Collection[Indicator] | None = None
) -> YearFacts:
    """Return the facts of a year of a plan, of some agencies or some indicators only where they are given; five queries."""
    indicators = {indicator.pk: indicator for indicator in (_indicators(plan) if only is None else only)}
    reporting = list(_agencies(plan, year))
    chosen = [agency for agency in reporting if agencies is None or agency.pk in agencies]
    by_key = {agency.pk: agency for agency in chosen}
    return YearFacts(
        plan=plan,
        year=year,
        indicators=tuple(indicators.values()),
        units=tuple(agency for agency in chosen if agency.unit_order is not None),  # type: ignore[attr-defined]  # annotated
        office=next((agency for agency in chosen if agency.kind == AgencyKind.OFFICE), None),
        targets=_targets(indicators, year),
        actuals=_actuals(indicators, year, by_key),
        deductions=_deductions(indicators.values(), year, by_key),
        locked_through=next((one.locked_through or 0 for one in reporting), 0),  # type: ignore[attr-defined]  # annotated
    )


def years_of(plan: Plan) -> range:
    """Return the (ROC) years that the plan covers."""
    return range(plan.starts.year - ROC, plan.ends.year - ROC + 1)


def year_of(plan: Plan, today: date) -> int:
    """Return the plan's year that is looked at on a day: that of the day, or the plan's nearest."""
    return plan.nearest(today).year - ROC


def is_over(year: int, today: date) -> bool:
    """Tell whether the (ROC) year is over."""
    return today.year - ROC > year


def _indicators(plan: Plan) -> Iterable[Indicator]:
    rows: QuerySet[Indicator] = Indicator.objects.filter(goal__plan=plan)
    return rows.select_related("goal__plan__strategy").order_by("goal__order", "order")


def _agencies(plan: Plan, year: int) -> QuerySet[Agency]:
    """Return the plan's units and the office itself, each with the last month of the year that is closed."""
    lock = PeriodLock.objects.filter(plan=plan, year=year).values("month")
    order = Unit.objects.filter(plan=plan, agency=OuterRef("pk")).values("order")
    is_unit = Q(pk__in=Unit.objects.filter(plan=plan).values("agency"))
    rows = Agency.objects.filter(is_unit | Q(office=plan.office_id, kind=AgencyKind.OFFICE))
    return rows.annotate(unit_order=Subquery(order), locked_through=Subquery(lock)).order_by("unit_order", "pk")


def _targets(indicators: Collection[int], year: int) -> Mapping[int, Mapping[int | None, Target]]:
    found: dict[int, dict[int | None, Target]] = defaultdict(dict)
    for target in Target.objects.filter(indicator__in=indicators, year=year).order_by():
        found[target.indicator_id][target.agency_id] = target
    return found


def _actuals(
    indicators: Mapping[int, Indicator], year: int, agencies: Mapping[int, Agency]
) -> Mapping[Key, Mapping[int, Actual]]:
    found: dict[Key, dict[int, Actual]] = defaultdict(dict)
    entered = [pk for pk, indicator in indicators.items() if indicator.formula != Formula.DEDUCTIONS]
    rows = Actual.objects.filter(indicator__in=entered, year=year, agency__in=agencies)
    for actual in rows.order_by("period"):
        actual.indicator, actual.agency = indicators[actual.indicator_id], agencies[actual.agency_id]
        found[actual.indicator_id, actual.agency_id][actual.period] = actual
    return found


def _deductions(
    indicators: Iterable[Indicator], year: int, agencies: Collection[int]
) -> Mapping[Key, tuple[Deduction, ...]]:
    counted = [indicator.pk for indicator in indicators if indicator.formula == Formula.DEDUCTIONS]
    rows = (
        Violation.objects.filter(kind__indicator__in=counted, day__year=year + ROC, agency__in=agencies)
        .order_by("kind")
        .values_list("kind__indicator", "agency", "kind__name", "kind__points")
        .annotate(times=Count("pk"))
    )
    found: dict[Key, list[Deduction]] = defaultdict(list)
    for indicator, agency, name, points, times in rows:
        found[indicator, agency].append(Deduction(name, points, times))
    return {key: tuple(deductions) for key, deductions in found.items()}
