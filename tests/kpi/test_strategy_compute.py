"""The figures of a year of a plan, from its rows."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from districts.models import Agency, Plan
from kpi import compute
from kpi.choices import Aggregation, Comparator, EntryState, Formula, Frequency, ReportedBy
from kpi.models import Actual, DeductionKind, Indicator, PeriodLock, Target, Unit, Violation
from personnel_portal.rules.indicators import Light
from tests import build
from tests.kpi import targets

DURING, AFTER = date(2026, 4, 10), date(2027, 1, 2)
D = Decimal


@pytest.fixture
def plan(cast: build.Cast) -> Plan:
    """A plan of targets of 115 with two units."""
    return targets.plan()


@pytest.fixture
def unit(plan: Plan) -> Agency:
    """大林鎮公所."""
    return build.listed("大林鎮公所")


def cell(plan: Plan, indicator: Indicator, unit: Agency, today: date = AFTER) -> compute.Cell:
    return compute.of_year(plan, targets.YEAR, today=today).cells[indicator.pk, unit.pk]


def test_numerators_and_denominators_are_summed_and_percentages_never_averaged(
    cast: build.Cast, plan: Plan, unit: Agency
) -> None:
    indicator = targets.indicator(plan, formula=Formula.RATIO, target="80")
    targets.actual(indicator, unit, 1, ratio=("1", "1"), by=cast.host_officer)
    targets.actual(indicator, unit, 2, ratio=("7", "9"), by=cast.host_officer)

    found = cell(plan, indicator, unit)

    assert (found.figure.numerator, found.figure.denominator, found.figure.value) == (D(8), D(10), D(80))
    assert (found.light, found.judgement.achievement) == (Light.GREEN, D(100))
    assert found.explanation == "(1 + 7 = 8) ÷ (1 + 9 = 10) × 100 = 80.00 %，≧ 80 % → 達標（達成率 100.00 %）"
    assert found.due == (3, 4)


def test_a_blank_is_not_0_and_0_is_not_blank(cast: build.Cast, plan: Plan, unit: Agency) -> None:
    indicator = targets.indicator(plan, target="2", unit="場次", decimals=0)
    other = build.listed("民雄國中")
    targets.actual(indicator, unit, 1, "0", by=cast.host_officer)

    zero, blank = cell(plan, indicator, unit), cell(plan, indicator, other)

    assert (zero.value_label, zero.light, zero.figure.value) == ("0 場次", Light.RED, D(0))
    assert (blank.value_label, blank.light, blank.figure.value) == ("—", Light.NONE, None)
    assert blank.explanation == "尚無已送出的填報資料。"


def test_drafts_and_returned_entries_do_not_count_but_for_the_unit_itself(
    cast: build.Cast, plan: Plan, unit: Agency
) -> None:
    indicator = targets.indicator(plan, target="2")
    for period, state in enumerate(EntryState, start=1):
        targets.actual(indicator, unit, period, "1", state=state, by=cast.host_officer)

    counted = cell(plan, indicator, unit)
    own = compute.of_year(plan, targets.YEAR, today=AFTER, states=compute.ENTERED).cells[indicator.pk, unit.pk]

    assert (counted.figure.value, own.figure.value) == (D(2), D(4))
    assert counted.due == (1, 3)
    assert [entry.state for entry in counted.entries if entry] == list(EntryState)


def test_months_kept_are_a_share_of_the_whole_year(cast: build.Cast, plan: Plan, unit: Agency) -> None:
    indicator = targets.indicator(plan, formula=Formula.MONTHS_KEPT, frequency=Frequency.MONTH, target="60")
    for month in range(1, 9):
        targets.actual(indicator, unit, month, "0" if month == 1 else "1", by=cast.host_officer)

    seven = cell(plan, indicator, unit)
    assert seven.light == Light.YELLOW
    assert seven.explanation == "符合 7 個月 ÷ 12 個月 × 100 = 58.33 %，不符 ≧ 60 % → 接近目標（達成率 97.22 %）"
    assert cell(plan, indicator, unit, today=DURING).light == Light.RUNNING

    targets.actual(indicator, unit, 9, "1", by=cast.host_officer)
    eight = cell(plan, indicator, unit)
    assert (eight.value_label, eight.light) == ("66.67 %", Light.GREEN)


def test_deductions_are_counted_from_the_violations_of_the_year(cast: build.Cast, plan: Plan, unit: Agency) -> None:
    indicator = targets.indicator(plan, formula=Formula.DEDUCTIONS, target="80", decimals=1, unit="分")
    kinds = [
        DeductionKind.objects.create(indicator=indicator, name=name, points=D(points))
        for name, points in (("公出登記不實", "0.1"), ("未出勤", "0.5"))
    ]
    for kind, day in [(kinds[0], 1), (kinds[0], 2), (kinds[1], 2)]:
        Violation.objects.create(kind=kind, agency=unit, day=date(2026, 3, day), entered_by=cast.office_reviewer)
    Violation.objects.create(kind=kinds[1], agency=unit, day=date(2025, 12, 31), entered_by=cast.office_reviewer)

    found = cell(plan, indicator, unit)
    assert found.explanation == (
        "100 − 0.1 × 2（公出登記不實） − 0.5 × 1（未出勤） = 99.3 分，≧ 80 分 → 達標（達成率 124.13 %）"
    )
    assert cell(plan, indicator, build.listed("民雄國中")).value_label == "100.0 分"


def test_the_latest_entry_alone_counts_where_the_indicator_says_so(cast: build.Cast, plan: Plan, unit: Agency) -> None:
    indicator = targets.indicator(
        plan, comparator=Comparator.AT_MOST, aggregation=Aggregation.LATEST, target="20", decimals=0, unit="個"
    )
    for period, value in ((1, "21"), (2, "20")):
        targets.actual(indicator, unit, period, value, by=cast.host_officer)
    assert cell(plan, indicator, unit).explanation == "第 2 季 = 20 個，≦ 20 個 → 達標（達成率 100.00 %）"


def test_an_agency_may_have_a_target_of_its_own(cast: build.Cast, plan: Plan, unit: Agency) -> None:
    indicator = targets.indicator(plan, target="10")
    Target.objects.create(indicator=indicator, year=targets.YEAR, agency=unit, value=D(5))
    for agency in (unit, build.listed("民雄國中")):
        targets.actual(indicator, agency, 1, "5", by=cast.host_officer)
    assert [found.light for found in compute.of_year(plan, targets.YEAR, today=AFTER).of(indicator)] == [
        Light.GREEN,
        Light.RED,
    ]


def test_units_together_are_pooled_by_their_numerators_and_denominators(
    cast: build.Cast, plan: Plan, unit: Agency
) -> None:
    shared = targets.indicator(plan, formula=Formula.RATIO, target="80")
    apart = targets.indicator(plan, target="1")
    for agency, ratio in ((unit, ("1", "1")), (build.listed("民雄國中"), ("5", "9"))):
        targets.actual(shared, agency, 1, ratio=ratio, by=cast.host_officer)
        targets.actual(apart, agency, 1, "1", by=cast.host_officer)

    figures = compute.of_year(plan, targets.YEAR, today=AFTER)

    together = figures.overall(shared)
    assert together.explanation == "6 ÷ 10 × 100 = 60.00 %，不符 ≧ 80 % → 未達標（達成率 75.00 %）"
    assert dict(together.lights) == {Light.GREEN: 1, Light.RED: 1}
    assert (figures.overall(apart).figure, dict(figures.overall(apart).lights)) == (None, {Light.GREEN: 2})
    assert [found.agency.short_name for found in figures.missed()] == ["民雄國中"]


def test_the_office_reports_its_own_indicators(cast: build.Cast, plan: Plan) -> None:
    indicator = targets.indicator(plan, reported_by=ReportedBy.OFFICE, target="1")
    office = build.listed("人事處")
    targets.actual(indicator, office, 1, "1", by=cast.office_reviewer)
    figures = compute.of_year(plan, targets.YEAR, today=AFTER)
    assert [found.agency for found in figures.of(indicator)] == [office]
    assert figures.overall(indicator).light == Light.GREEN
    assert compute.of_year(plan, targets.YEAR, today=AFTER, agencies=[]).overall(indicator).value_label == "—"


def test_the_year_of_19_indicators_20_units_and_12_months_takes_four_queries(cast: build.Cast) -> None:
    plan = targets.plan(units=[])
    units = list(Agency.objects.members()[:20])
    Unit.objects.bulk_create(Unit(plan=plan, agency=agency, order=order) for order, agency in enumerate(units))
    indicators = [
        targets.indicator(plan, formula=Formula.RATIO, frequency=Frequency.MONTH, target="80") for _ in range(19)
    ]
    Actual.objects.bulk_create(
        Actual(
            indicator=indicator,
            agency=agency,
            year=targets.YEAR,
            period=month,
            numerator=8,
            denominator=10,
            state=EntryState.SUBMITTED,
            entered_by=cast.office_admin,
        )
        for indicator in indicators
        for agency in units
        for month in range(1, 13)
    )
    PeriodLock.objects.create(plan=plan, year=targets.YEAR, month=3, locked_by=cast.office_admin)
    with CaptureQueriesContext(connection) as queries:
        figures = compute.of_year(plan, targets.YEAR, today=AFTER)
        lights = {found.explanation for found in figures.cells.values()}
    assert len(queries) == 4  # a fifth where an indicator is counted from violations
    assert (len(figures.cells), figures.facts.locked_through, len(lights)) == (380, 3, 1)
