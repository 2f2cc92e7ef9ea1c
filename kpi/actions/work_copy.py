"""A work plan begun: empty, or with the tree of an earlier year or of another body."""

from collections.abc import Mapping
from datetime import date

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from districts.actions.plans import clone_plan
from districts.choices import PlanKind
from districts.models import Agency, Deadline, Plan
from kpi.models import Amount, WorkItem, WorkPlan
from kpi.worktree import levels, tree
from personnel_portal.accounts.models import User
from personnel_portal.trail.actions import record

FIRST_YEAR = 1911  # before 民國 1
COPIED = (
    "order",
    "level",
    "mark",
    "text",
    "responsible",
    "period",
    "weekday",
    "month",
    "day",
    "limit",
    "within",
    "period_text",
)
# What a work plan asks for where it says nothing else: code, title, clause.
DEADLINES = (
    ("kpi.work.period", "辦理週期性工作", "工作計畫"),
    ("kpi.work.event", "事件後限期辦理", "工作計畫"),
    ("kpi.work.progress", "按季填報工作計畫進度", "工作計畫"),
    ("kpi.work.report", "編製年度工作總報告", "工作計畫"),
)


@transaction.atomic
def begin_plan(*, agency: Agency, year: int, by: User) -> WorkPlan:
    """Begin an agency's work plan without items.

    Raises:
        ValidationError: the agency has one for the year already.
    """
    made = _made(agency, year)
    Deadline.objects.bulk_create(
        Deadline(plan=made.plan, duty=duty, title=title, clause=clause) for duty, title, clause in DEADLINES
    )
    record("work_plan.begun", made, by=by, office_id=agency.office_id, year=year)
    return made


@transaction.atomic
def copy_plan(*, source: WorkPlan, agency: Agency | None, year: int, by: User) -> WorkPlan:
    """Copy a work plan to another year: its tree, amounts and periods, none of its progress.

    Args:
        agency: whose plan it becomes; none keeps another body's plan another body's.

    Raises:
        ValidationError: there is one for that year already.
    """
    if agency == source.agency:
        plan = clone_plan(plan=source.plan, year=year, by=by)  # carries the tree over by `carry_over` below
        made = WorkPlan.objects.get(plan=plan)
    elif agency is None:
        raise ValidationError("請選擇機關。")
    else:
        made = _made(agency, year)
        for deadline in source.plan.deadlines.all():
            deadline.pk, deadline.plan, deadline.nominal = None, made.plan, None
            deadline.save()
        _copy_items(source.plan, made.plan)
    record("work_plan.copied", made, by=by, office_id=source.plan.office_id, source=str(source), year=year)
    return made


def carry_over(source: Plan, plan: Plan) -> None:
    """Give a cloned plan the work plan of the one that it comes from."""
    known = WorkPlan.objects.filter(plan=source).first()
    if known is None:
        return
    WorkPlan.objects.create(plan=plan, agency=known.agency, since=_since(plan), note=known.note)
    _copy_items(source, plan)


def _made(agency: Agency, year: int) -> WorkPlan:
    title = f"{agency.official_name}{year}年度工作計畫"
    try:
        with transaction.atomic():
            plan = Plan.objects.create(
                office=agency.office,
                kind=PlanKind.WORK,
                year=year,
                title=title[:100],
                issuing_body=agency.official_name[:60],
                starts=date(year + FIRST_YEAR, 1, 1),
                ends=date(year + FIRST_YEAR, 12, 31),
                convener="",
                reminder_offsets=[1, 0],
            )
    except IntegrityError:
        raise ValidationError(f"{agency.short_name}已有 {year} 年度工作計畫。") from None
    return WorkPlan.objects.create(plan=plan, agency=agency, since=_since(plan))


def _since(plan: Plan) -> date:
    """Return from when on periodical work is followed up: nobody owes what was due before the plan was entered."""
    return max(plan.starts, timezone.localdate())


def _copy_items(source: Plan, plan: Plan) -> None:
    """Copy items level by level, then amounts; a text that names the old year is copied as it is, and marked."""
    copies: dict[int, WorkItem] = {}
    for level in levels(tree(source)):
        row = {node.item.pk: _item(node.item, plan, copies) for node in level}
        WorkItem.objects.bulk_create(row.values())
        copies |= row
    _copy_amounts(source, copies)


def _item(item: WorkItem, plan: Plan, copies: Mapping[int, WorkItem]) -> WorkItem:
    names_year = f"{item.plan.year}年" in "".join(item.text.split())
    return WorkItem(
        plan=plan,
        parent=copies[item.parent_id] if item.parent_id else None,
        note=f"文字提及 {item.plan.year} 年度，請檢視。" if names_year else item.note,
        **{name: getattr(item, name) for name in COPIED},
    )


def _copy_amounts(source: Plan, copies: Mapping[int, WorkItem]) -> None:
    kept = list(Amount.objects.filter(item__plan=source).order_by("item__order", "pk"))
    made = {
        amount.pk: Amount(
            item=copies[amount.item_id],
            thousands=amount.thousands,
            funding=amount.funding,
            is_doubtful=amount.is_doubtful,
            note=amount.note,
        )
        for amount in kept
    }
    Amount.objects.bulk_create(made.values())
    twins = [amount for amount in kept if amount.counts_once_with_id]
    for amount in twins:
        made[amount.pk].counts_once_with = made.get(amount.counts_once_with_id or 0)
    Amount.objects.bulk_update([made[amount.pk] for amount in twins], ["counts_once_with"])
