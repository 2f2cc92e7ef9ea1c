"""The plan of 102 as rows, against the list that somebody else typed from the page."""

from datetime import date
from decimal import Decimal

import pytest

from districts.choices import PlanKind
from districts.facts import plan_day
from districts.models import Plan
from kpi.choices import BandFor
from kpi.models import SubItem, Subsystem, System, UsageBand, UsageRule
from kpi.scoring import rules_of
from personnel_portal import roc
from personnel_portal.rules.duty import Due
from tests.kpi import expected_usage as expected
from tests.kpi import usages

pytestmark = pytest.mark.django_db


@pytest.fixture
def plan() -> Plan:
    return Plan.objects.get(kind=PlanKind.IT_USE, year=102)


def test_the_plan_is_that_of_the_page(plan: Plan) -> None:
    version = plan.versions.get()
    assert f"{plan.title}（草案）" == expected.TITLE
    assert (version.issued_on, version.number) == (roc.parse(expected.APPROVAL[0]), expected.APPROVAL[1])
    assert "草案" in version.note


def test_the_37_systems_stand_exactly_as_printed() -> None:
    rows = System.objects.order_by("sub_item__order", "order")
    found = tuple((one.sub_item.name, one.category, one.code, one.name, one.builder) for one in rows)
    assert found == expected.SYSTEMS
    assert len(found) == 37
    assert [one.name for one in SubItem.objects.all()] == [name for _, name, _ in expected.SUB_ITEMS]


def test_the_plan_names_no_sub_system_of_webhr() -> None:
    assert not Subsystem.objects.exists()


@pytest.mark.parametrize(
    ("counts", "bands"),
    [(BandFor.TOOLS, expected.TOOL_BANDS), (BandFor.SUBSYSTEMS, expected.SUBSYSTEM_BANDS)],
)
def test_the_bands_are_the_printed_ones(plan: Plan, counts: BandFor, bands: tuple[tuple[str, ...], ...]) -> None:
    rows = UsageBand.objects.filter(plan=plan, counts=counts).order_by("-low")
    found = [(one.mark, str(one.low), str(one.high), f"{one.share:.0f}") for one in rows]
    assert found == [band[:4] for band in bands]


def test_the_weights_and_the_sessions_are_those_of_the_page(plan: Plan) -> None:
    rule = UsageRule.objects.get(plan=plan)
    assert [f"{rule.use_part:.0f}", f"{rule.service_part:.0f}"] == [share for _, share in expected.WEIGHTS]
    assert (rule.base, rule.tools_weight, rule.subsystems_weight) == (Decimal(100), Decimal(50), Decimal(50))
    assert rule.trainings == expected.TRAININGS_AT_LEAST
    assert rules_of(plan).problem == ""


def test_both_deadlines_move_from_their_weekend_to_monday(plan: Plan) -> None:
    nominal = [plan.deadlines.get(duty=f"kpi.usage.{number}").nominal for number in (1, 2)]
    assert nominal == [roc.parse(day) for day in expected.DEADLINES]
    calendar = plan_day(plan, date(2013, 6, 1)).calendar
    rows = plan.deadlines.filter(duty__regex=r"usage\.\d")
    due = [Due.on(one.nominal, one.holiday_policy, calendar) for one in rows if one.nominal]
    assert [one.effective for one in due] == [date(2013, 6, 17), date(2013, 9, 16)]


def test_every_reading_says_its_clause_and_its_reason(plan: Plan) -> None:
    rows = list(plan.readings.all())
    assert len(rows) == 19
    assert all(row.clause and row.chosen and row.alternative and row.reason for row in rows)


def test_a_year_that_is_carried_over_brings_rules_and_no_confirmation() -> None:
    plan = usages.plan()
    found = rules_of(plan)
    assert found.formula == rules_of(Plan.objects.get(kind=PlanKind.IT_USE, year=102)).formula
    assert found.row
    assert found.row.base == Decimal(100)
    assert plan.deadlines.get(duty="kpi.usage.1").nominal == date(2026, 6, 15)
    assert System.objects.count() == 37  # the catalogue is the office's, not the year's
