"""The targets of 108 to 111 in the database against the figures that somebody typed from the page."""

from decimal import Decimal

import pytest

from districts.actions.plans import clone_plan
from districts.choices import PlanKind
from districts.models import Plan, Reading
from kpi.choices import Aggregation, Comparator, Formula, Frequency, ReportedBy, Source
from kpi.models import DeductionKind, Goal, Indicator, Target, Unit
from tests import build
from tests.kpi import expected_strategy as expected

pytestmark = pytest.mark.django_db


@pytest.fixture
def plan() -> Plan:
    """嘉義市's plan of 108 to 111."""
    return Plan.objects.get(kind=PlanKind.KPI, issuing_body=expected.BODY)


def test_the_plan_is_another_bodys_of_four_years(plan: Plan) -> None:
    assert (plan.title, plan.year, plan.office) == (expected.TITLE, expected.YEARS[0], build.county())
    assert (plan.starts.year - 1911, plan.ends.year - 1911) == (expected.YEARS[0], expected.YEARS[-1])


def test_the_goals_are_as_printed(plan: Plan) -> None:
    assert tuple(Goal.objects.filter(plan=plan).values_list("mark", "name")) == expected.GOALS


@pytest.mark.parametrize(
    ("code", "name", "standard", "comparator", "unit", "targets"), expected.INDICATORS, ids=lambda value: str(value)[:5]
)
def test_an_indicator_is_as_printed(
    plan: Plan, code: str, name: str, standard: str, comparator: str, unit: str, targets: tuple[str, ...]
) -> None:
    goal, order = code.split("-")
    row = Indicator.objects.get(goal__plan=plan, goal__order=goal, order=order)
    assert (row.name, row.standard) == (name, standard)
    # What is not printed is read: more is better, and 1-1 counts 個.
    assert row.get_comparator_display() == (comparator or "≧")
    assert row.unit == (unit or "個")
    rows = Target.objects.filter(indicator=row, agency=None, upper=None).order_by("year")
    assert list(rows.values_list("year", "value")) == [
        (year, Decimal(value)) for year, value in zip(expected.YEARS, targets, strict=True)
    ]


def test_there_are_six_goals_nineteen_indicators_and_seventy_six_targets(plan: Plan) -> None:
    counts = [
        Goal.objects.filter(plan=plan).count(),
        Indicator.objects.filter(goal__plan=plan).count(),
        Target.objects.filter(indicator__goal__plan=plan).count(),
    ]
    assert counts == [6, 19, 76] == [len(expected.GOALS), len(expected.INDICATORS), 19 * len(expected.YEARS)]


def test_the_findings_take_the_printed_points(plan: Plan) -> None:
    found = dict(DeductionKind.objects.filter(indicator__goal__plan=plan).values_list("name", "points"))
    assert len(found) == len(expected.DEDUCTIONS)
    for finding, points in expected.DEDUCTIONS:
        assert [found[name] for name in found if finding in name] == [Decimal(points)]


def test_contradictions_are_noted_and_what_the_plan_leaves_open_is_read(plan: Plan) -> None:
    notes = {indicator.code: indicator.note for indicator in Indicator.objects.filter(goal__plan=plan)}
    for code, word in (
        ("5-4", "97%"),
        ("5-5", "97%"),
        ("6-2", "50%"),
        ("6-1", "(100%"),
        ("2-3", "上限"),
        ("1-1", "20"),
    ):
        assert word in notes[code]
    readings = Reading.objects.filter(plan=plan)
    assert readings.count() == 13
    assert not readings.filter(alternative="").exists()
    assert not readings.filter(confirmed_on__isnull=False).exists()


def test_what_is_counted_how_follows_the_standards(plan: Plan) -> None:
    rows = {indicator.code: indicator for indicator in Indicator.objects.filter(goal__plan=plan)}
    assert rows["1-1"].comparator == Comparator.AT_MOST
    assert rows["4-2"].formula == Formula.DEDUCTIONS
    assert (rows["5-2"].formula, rows["5-2"].aggregation, rows["5-2"].frequency) == (
        Formula.RATIO,
        Aggregation.SUM,
        Frequency.MONTH,
    )
    assert (rows["5-3"].formula, rows["5-3"].reported_by) == (Formula.MONTHS_KEPT, ReportedBy.UNITS)
    assert (rows["4-1"].source, rows["5-6"].source) == (Source.LEARNING_HOURS, Source.COURSE_HOURS)


def test_the_texts_for_the_report_are_whole(plan: Plan) -> None:
    strategy = plan.strategy
    assert len(strategy.mission.splitlines()) == 4
    assert [line[:3] for line in strategy.vision.splitlines()[::2]] == [f"({mark})" for mark in "一二三四五六七八"]
    assert [line[:3] for line in strategy.priorities.splitlines() if line[0] == "("][:1] == ["(一)"]
    assert strategy.priorities.splitlines()[-1].startswith("2.辦理年度體適能檢測活動")


def test_a_cloned_plan_takes_everything_along_with_its_years_moved(plan: Plan) -> None:
    Unit.objects.create(plan=plan, agency=build.listed("大林鎮公所"), order=1)
    rows = Indicator.objects.filter(goal__plan=plan)
    Target.objects.create(
        indicator=rows.get(goal__order=6, order=1), year=111, agency=build.listed("大林鎮公所"), value=Decimal(70)
    )

    clone = clone_plan(plan=plan, year=115, by=None)

    copies = Indicator.objects.filter(goal__plan=clone)
    columns = ("goal__order", "order", "name", "formula", "comparator", "frequency", "note")
    assert list(copies.values_list(*columns)) == list(rows.values_list(*columns))
    assert set(Target.objects.filter(indicator__in=copies).values_list("year", flat=True)) == {115, 116, 117, 118}
    assert Target.objects.filter(indicator__in=copies).count() == 77
    assert DeductionKind.objects.filter(indicator__in=copies).count() == 4
    assert clone.strategy.vision == plan.strategy.vision
    assert list(clone.units.values_list("agency__short_name", flat=True)) == ["大林鎮公所"]
    assert clone.readings.count() == 13
