"""The goals, indicators and targets of a plan, carried over with it to another year."""

from typing import Any

from districts.models import Plan
from kpi.models import DeductionKind, Goal, Indicator, Strategy, Target, Unit


def carry_over(source: Plan, plan: Plan) -> None:
    """Give a cloned plan the targets of the one that it comes from, each as many years later as the plan is.

    Texts, units, goals, indicators with their kinds of deductions, and targets go along; what was reported stays behind.
    """
    for strategy in Strategy.objects.filter(plan=source):
        _copy(strategy, plan=plan).save()
    Unit.objects.bulk_create(_copy(unit, plan=plan) for unit in Unit.objects.filter(plan=source))
    goals = {goal.pk: _copy(goal, plan=plan) for goal in Goal.objects.filter(plan=source)}
    Goal.objects.bulk_create(goals.values())
    rows = Indicator.objects.filter(goal__plan=source)
    indicators = {row.pk: _copy(row, goal=goals[row.goal_id]) for row in rows}
    Indicator.objects.bulk_create(indicators.values())
    DeductionKind.objects.bulk_create(
        _copy(kind, indicator=indicators[kind.indicator_id])
        for kind in DeductionKind.objects.filter(indicator__in=indicators)
    )
    years = plan.year - source.year
    Target.objects.bulk_create(
        _copy(target, indicator=indicators[target.indicator_id], year=target.year + years)
        for target in Target.objects.filter(indicator__in=indicators)
    )


def _copy(row: Any, **changes: Any) -> Any:
    """Return an unsaved row with the same values but for the changes."""
    columns = {f.attname: getattr(row, f.attname) for f in row._meta.concrete_fields if not f.primary_key}
    for name in changes:
        del columns[row._meta.get_field(name).attname]
    return type(row)(**columns, **changes)
