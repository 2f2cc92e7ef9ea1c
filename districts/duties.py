"""What the plan asks of districts: the monthly coaching table (肆、二、(一))."""

from collections.abc import Iterator
from datetime import date

from django.urls import reverse
from django.utils import timezone

from districts.facts import PlanDay
from districts.models import CoachingTable, Deadline
from personnel_portal import roc
from personnel_portal.rules.duty import Due, Duty, Evidence
from personnel_portal.rules.worktime import OfficeCalendar

COACHING = "districts.coaching"


def duties(on: PlanDay) -> Iterator[Duty]:
    """Yield the table of the current month for each district; an older month is superseded by it."""
    deadline = on.deadlines.get(COACHING)
    if deadline is None or not on.plan.covers(on.today):
        return
    month = on.today.replace(day=1)
    filed = {
        table.district_id: table
        for table in CoachingTable.objects.filter(district__plan=on.plan, month=month).order_by("version")
    }
    for district_id, agency_id in on.hosts.items():
        table = filed.get(district_id)
        yield Duty(
            key=f"{COACHING}.{month:%Y-%m}.district-{district_id}",
            kind=f"{COACHING}.{month:%Y-%m}",
            heading=f"輔導分配表　{month.month} 月",
            title=f"報送 {roc.year(month)} 年 {month.month} 月輔導分配表",
            clause=deadline.clause,
            plan_id=on.plan.pk,
            agency_id=agency_id,
            district_id=district_id,
            due=_due(deadline, month, on.calendar),
            since=month,
            done=Evidence(f"第 {table.version} 版", timezone.localdate(table.filed_at), _page(district_id))
            if table
            else None,
            url=_page(district_id),
            action="報送分配表",
        )


def _due(deadline: Deadline, month: date, calendar: OfficeCalendar) -> Due | None:
    nominal = deadline.day_in(month)
    return Due.on(nominal, deadline.holiday_policy, calendar, deadline.hour) if nominal else None


def _page(district_id: int) -> str:
    return reverse("districts:coaching", kwargs={"pk": district_id})
