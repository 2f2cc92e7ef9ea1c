"""What a made-up county reports: its use of IT tools, and the quarters of its work plan."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from itertools import cycle
from random import Random
from typing import Any

from django.utils import timezone

from districts.choices import PlanKind
from districts.models import Office
from kpi.choices import Grant, ReportState, Round
from kpi.models import Progress, SubItem, Subsystem, System, UsageReport, Use, WorkPlan
from kpi.worktree import last_items, tree
from personnel_portal.home.management.commands import _demo_usage, _demo_work
from personnel_portal.home.management.commands._copying import copy, take_keys
from personnel_portal.home.management.commands._country_ground import COUNTY_CODE, County

# What every so many are.
STATES = [ReportState.REVIEWED] * 5 + [ReportState.SUBMITTED, ReportState.RETURNED]
TOOLS, SUBSYSTEMS = range(5, 22), range(2, 11)  # how many an agency uses
REFUSED = 9  # one of so many is not granted


def make_reports(county: County, *, random: Random, today: date) -> None:
    """Write the usage returns and the progress of the work plan of a county's year so far."""
    systems, subsystems = _catalogue(county.office)
    returns = list(_returns(county))
    copy(UsageReport, returns)
    copy(Use, (use for one in returns for use in _uses(one, systems, subsystems, random)))
    copy(Progress, _progress(county, today))


def _catalogue(office: Office) -> tuple[list[int], list[int]]:
    """Give the county the systems of the real one and the demo's sub-systems of WebHR; return their keys."""
    copies = {}
    for item in SubItem.objects.filter(office__code=COUNTY_CODE):
        copies[item.pk] = SubItem.objects.create(office=office, order=item.order, name=item.name, clause=item.clause)
    systems = [
        System(sub_item=copies[one.sub_item_id], order=one.order, code=one.code, name=one.name, builder=one.builder)
        for one in System.objects.filter(sub_item__in=copies).order_by("pk")
    ]
    subsystems = [Subsystem(office=office, order=order, name=name) for order, name in enumerate(_demo_usage.SUBSYSTEMS)]
    System.objects.bulk_create(systems)
    Subsystem.objects.bulk_create(subsystems)
    return [one.pk for one in systems], [one.pk for one in subsystems]


def _returns(county: County) -> Iterator[dict[str, Any]]:
    """Yield a return of every agency for the first round, and of every other for the second."""
    filed = [(Round.FIRST, place) for place in range(1, len(county.agencies))]
    filed += [(Round.SECOND, place) for place in range(1, len(county.agencies), 2)]
    now = timezone.now()
    for key, state, (round_, place) in zip(take_keys(UsageReport, len(filed)), cycle(STATES), filed, strict=False):
        yield {
            "id": key,
            "plan_id": county.plans[PlanKind.IT_USE].pk,
            "agency_id": county.agencies[place],
            "round": round_,
            "state": state,
            "reason": "請補操作畫面。" if state == ReportState.RETURNED else "",
            "contact_name": county.names[place],
            "entered_by_id": county.officers[place],
            "submitted_at": now,
            "reviewed_by_id": None if state == ReportState.SUBMITTED else county.reviewer,
            "reviewed_at": None if state == ReportState.SUBMITTED else now,
        }


def _uses(
    report: Mapping[str, Any], systems: Sequence[int], subsystems: Sequence[int], random: Random
) -> Iterator[dict[str, Any]]:
    things = [("system_id", key) for key in random.sample(systems, random.choice(TOOLS))]
    things += [("subsystem_id", key) for key in random.sample(subsystems, random.choice(SUBSYSTEMS))]
    for column, key in things:
        refused = random.randrange(REFUSED) == 0
        granted = Grant.REFUSED if refused else Grant.GRANTED
        yield {
            "report_id": report["id"],
            column: key,
            "purpose": random.choice(_demo_usage.PURPOSES),
            "grant": granted if report["state"] == ReportState.REVIEWED else Grant.PENDING,
            "reason": "未附佐證。" if refused and report["state"] == ReportState.REVIEWED else "",
        }


def _progress(county: County, today: date) -> Iterator[dict[str, Any]]:
    """Make the work plan the office's own; yield what it reported on the quarters that are over."""
    plan = county.plans[PlanKind.WORK]
    since = max(plan.starts, today - _demo_work.SINCE)
    WorkPlan.objects.filter(plan=plan).update(agency=county.agencies[0], since=since)
    items = last_items(tree(plan))
    for quarter in range(1, (today.month - 1) // 3 + 1):
        for place, node in enumerate(items):
            yield {
                "item_id": node.item.pk,
                "quarter": quarter,
                "planned": Decimal(25 * quarter),
                "actual": Decimal(25 * quarter - (10 if place % 7 == 0 else 0)),
                "text": _demo_work.DONE[place % len(_demo_work.DONE)],
                "entered_by_id": county.reviewer,
            }
