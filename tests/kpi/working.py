"""Builders of work plans for tests."""

from typing import Any

from kpi.actions import work_copy
from kpi.choices import Level
from kpi.models import WorkItem, WorkPlan
from personnel_portal.accounts.models import User
from tests import build


def printed() -> WorkPlan:
    """Return the work plan of 112 as it is loaded."""
    return WorkPlan.objects.get(plan__year=112)


def own_plan(by: User, *, year: int = 115, agency: str = "大林鎮公所") -> WorkPlan:
    """Begin an agency's own plan without items; 115 is the calendar year of `build.TODAY`."""
    made = work_copy.begin_plan(agency=build.listed(agency), year=year, by=by)
    made.since = made.plan.starts
    made.save()
    return made


def item(plan: WorkPlan, text: str = "登革熱防治", *, parent: WorkItem | None = None, **values: Any) -> WorkItem:
    """Add an item behind all others: a section on top, else a plan item."""
    order = 1 + WorkItem.objects.filter(plan=plan.plan).count()
    level = values.pop("level", Level.KEY if parent else Level.SECTION)
    return WorkItem.objects.create(plan=plan.plan, parent=parent, order=order, level=level, text=text, **values)


def small_plan(by: User) -> tuple[WorkPlan, WorkItem, list[WorkItem]]:
    """Begin a plan with a section, one work and three plan items."""
    plan = own_plan(by)
    section = item(plan, "民政課")
    work = item(plan, "衛生", parent=section, level=Level.WORK, mark="一、")
    keys = [item(plan, f"工作{number}", parent=work, mark=f"{number}.") for number in (1, 2, 3)]
    return plan, section, keys
