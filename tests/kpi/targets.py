"""What the tests of targets build: a plan of 115 (the year of `build.TODAY`), indicators, and what units report."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Max

from districts.choices import PlanKind
from districts.models import Agency, Plan
from kpi.choices import Comparator, EntryState, Formula, Frequency, ReportedBy
from kpi.models import Actual, Goal, Indicator, Strategy, Target, Unit
from personnel_portal.accounts.models import User
from tests import build

YEAR = 115
UNITS = ("大林鎮公所", "民雄國中")


def plan(*, units: Iterable[str] = UNITS, year: int = YEAR) -> Plan:
    """Make the county's own plan of targets of a year, with a goal and units by their listed names."""
    office = build.county()
    made = Plan.objects.create(
        office=office,
        kind=PlanKind.KPI,
        year=year,
        title=f"{office.name}{year}年度績效目標",
        issuing_body=office.name,
        starts=date(year + 1911, 1, 1),
        ends=date(year + 1911, 12, 31),
    )
    Strategy.objects.create(plan=made)
    Goal.objects.create(plan=made, order=1, mark="一", name="強化人事資料管理")
    for order, name in enumerate(units, start=1):
        Unit.objects.create(plan=made, agency=build.listed(name), order=order)
    return made


def indicator(
    plan: Plan,
    *,
    target: str | None = None,
    upper: str | None = None,
    formula: Formula = Formula.NUMBER,
    frequency: Frequency = Frequency.QUARTER,
    reported_by: ReportedBy = ReportedBy.UNITS,
    comparator: Comparator = Comparator.AT_LEAST,
    **fields: Any,
) -> Indicator:
    """Make the next indicator of a plan's first goal, with the common target of the plan's year where one is given."""
    goal = plan.goals.get(order=1)
    last = Indicator.objects.filter(goal=goal).aggregate(last=Max("order"))["last"] or 0
    fields.setdefault("name", f"指標 {last + 1}")
    if formula == Formula.RATIO:
        fields = {"numerator_label": "已檢人數", "denominator_label": "應檢人數"} | fields
    made: Indicator = Indicator.objects.create(
        goal=goal,
        order=last + 1,
        formula=formula,
        frequency=frequency,
        reported_by=reported_by,
        comparator=comparator,
        **fields,
    )
    if target is not None:
        Target.objects.create(
            indicator=made, year=plan.year, value=Decimal(target), upper=Decimal(upper) if upper else None
        )
    return made


def actual(
    indicator: Indicator,
    agency: Agency,
    period: int,
    value: str | None = None,
    *,
    by: User,
    ratio: tuple[str, str] | None = None,
    state: EntryState = EntryState.SUBMITTED,
    year: int = YEAR,
) -> Actual:
    """Make what an agency reported for a period: a number, or numerator and denominator."""
    made: Actual = Actual.objects.create(
        indicator=indicator,
        agency=agency,
        year=year,
        period=period,
        value=None if value is None else Decimal(value),
        numerator=Decimal(ratio[0]) if ratio else None,
        denominator=Decimal(ratio[1]) if ratio else None,
        state=state,
        reason="分母有誤。" if state == EntryState.RETURNED else "",
        entered_by=by,
    )
    return made
