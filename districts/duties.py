"""What the plan asks of districts: the monthly coaching table (肆、二、(一))."""

import calendar as months
from collections.abc import Iterator
from datetime import date

from django.urls import reverse
from django.utils import timezone

from districts.models import CoachingTable, Deadline, Membership, Plan
from personnel_portal import roc
from personnel_portal.rules.duty import Due, Duty, Evidence
from personnel_portal.rules.worktime import OfficeCalendar

COACHING = "districts.coaching"


def hosts(plan: Plan, today: date) -> dict[int, int]:
    """Return the host agency of each district, by district: that of today, at the ends of the plan its first or last."""
    day = min(max(today, plan.starts), plan.ends)
    return dict(Membership.objects.filter(plan=plan).hosting(day).values_list("district_id", "agency_id"))


def duties(plan: Plan, calendar: OfficeCalendar, today: date) -> Iterator[Duty]:
    """Yield the table of the current month for each district; an older month is superseded by it."""
    deadline = plan.deadlines.filter(duty=COACHING).first()
    if deadline is None or not plan.covers(today):
        return
    month = today.replace(day=1)
    filed = {
        table.district_id: table
        for table in CoachingTable.objects.filter(district__plan=plan, month=month).order_by("version")
    }
    for district_id, agency_id in hosts(plan, today).items():
        table = filed.get(district_id)
        yield Duty(
            key=f"{COACHING}.{month:%Y-%m}.district-{district_id}",
            kind=f"{COACHING}.{month:%Y-%m}",
            heading=f"輔導分配表　{month.month} 月",
            title=f"報送 {roc.year(month)} 年 {month.month} 月輔導分配表",
            clause=deadline.clause,
            plan_id=plan.pk,
            agency_id=agency_id,
            district_id=district_id,
            due=_due(deadline, month, calendar),
            since=month,
            done=Evidence(f"第 {table.version} 版", timezone.localdate(table.filed_at), _page(district_id))
            if table
            else None,
            url=_page(district_id),
            action="報送分配表",
        )


def _due(deadline: Deadline, month: date, calendar: OfficeCalendar) -> Due | None:
    if deadline.month_day is None:
        return None
    last = months.monthrange(month.year, month.month)[1]
    nominal = month.replace(day=min(deadline.month_day, last))
    return Due.on(nominal, deadline.holiday_policy, calendar, deadline.hour)


def _page(district_id: int) -> str:
    return reverse("districts:coaching", kwargs={"pk": district_id})
