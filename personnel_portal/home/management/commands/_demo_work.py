"""The demo's work plan: a township office's year with progress by quarter, some of it late, and a few doings."""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal

from districts.models import Agency, Office
from kpi.actions import work_copy, work_progress
from kpi.actions.reports import freeze_report
from kpi.actions.work_progress import Report
from kpi.choices import Level, Pace, PaperKind, Period
from kpi.documents.work import figures, yearly_report
from kpi.duties.work import periods_of
from kpi.models import WorkItem, WorkPlan
from kpi.worktree import Node, entered, last_items, tree
from personnel_portal import roc
from personnel_portal.accounts.models import User

AGENCY, MODEL_YEAR = "大林鎮公所", 112
SINCE = timedelta(days=60)  # before today; what was due earlier is not asked for
DONE = ["已依計畫辦理，成果上網公告。", "辦理 3 場次，參加 126 人次。", "持續辦理中。", "受理 42 件，均於期限內辦結。"]


def play(office: Office, today: date, users: Mapping[str, User]) -> None:
    """Copy the printed plan of 112 for a township office, and report on the quarters that are over."""
    by, year = users["host.north"], roc.year(today)
    agency = Agency.objects.get(office=office, short_name=AGENCY)
    source = WorkPlan.objects.get(plan__office=office, plan__year=MODEL_YEAR, agency__isnull=True)
    plan = work_copy.copy_plan(source=source, agency=agency, year=year, by=by)
    plan.since = max(plan.plan.starts, today - SINCE)
    plan.save(update_fields=["since"])
    nodes = tree(plan.plan)
    over = (today.month - 1) // 3
    for quarter in range(1, over + 1):
        _report(plan, nodes, quarter, everything=quarter < over, by=by)
    if over:
        rows = entered(plan.plan)
        freeze_report(
            plan=plan.plan,
            kind=PaperKind.WORK,
            year=year,
            paper=yearly_report(plan, nodes, rows, over, today),
            figures=figures(nodes, rows, over),
            by=by,
        )
    _doings(plan, today, by)


def _report(plan: WorkPlan, nodes: list[Node], quarter: int, *, everything: bool, by: User) -> None:
    sections = nodes if everything else nodes[4:6]  # 人事室 and 行政室 are quick
    planned = Decimal(25 * quarter)
    for section in sections:
        reports = [_line(node, place, planned) for place, node in enumerate(last_items([section]))]
        work_progress.save_progress(plan=plan.plan, quarter=quarter, reports=reports, by=by)


def _line(node: Node, place: int, planned: Decimal) -> Report:
    is_late, is_judged = place % 7 == 3, place % 14 == 3
    actual = planned - 15 if is_late else Decimal(100) if place % 5 == 4 else planned
    budget = next((amount.thousands for amount in node.amounts if amount.thousands), None)
    values = {
        "planned": planned,
        "actual": actual,
        "spent": (budget * planned / 100).quantize(Decimal(1)) if budget else None,
        "text": DONE[place % len(DONE)],
        "pace": Pace.ON_TIME if is_judged else "",
        "pace_reason": "配合市府期程展延，已奉核。" if is_judged else "",
    }
    return Report(node.item, values)


def _doings(plan: WorkPlan, today: date, by: User) -> None:
    """Enter the last period of most periodical items; every fourth waits."""
    items = WorkItem.objects.of_plan(plan.plan).exclude(period="").exclude(level=Level.SECTION).order_by("order")
    for place, item in enumerate(items.exclude(period=Period.AFTER_EVENT)):
        past = [day for day in periods_of(item, plan.since or plan.plan.starts, plan.plan.ends) if day < today]
        for day in past[:-1] if place % 4 == 0 else past:
            work_progress.record_doing(item=item, due_on=day, done_on=day, note="", by=by)
