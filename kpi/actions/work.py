"""Writing the tree of a work plan: its items with their amounts, and where each stands."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F

from districts.models import Plan
from kpi.choices import Level
from kpi.models import Amount, WorkItem
from kpi.worktree import Node, arrange, every
from meetings.actions.shown import Shown, refuse_overwriting
from personnel_portal.accounts.models import User
from personnel_portal.trail.actions import record
from personnel_portal.trail.models import Entry

DEEPEST = 8  # levels of a tree
ASIDE = 1_000_000  # more than the items of any plan


@transaction.atomic
def add_item(
    *, plan: Plan, parent: WorkItem | None, values: Mapping[str, Any], amounts: Sequence[Amount] = (), by: User
) -> WorkItem:
    """Add an item as the last below its parent; without a parent it is a section.

    Raises:
        ValidationError: the tree would become too deep, or something but a section would stand on top.
    """
    nodes = _locked(plan)
    above = _node(nodes, parent) if parent else None
    _refuse_place(values["level"], above)
    item = WorkItem.objects.create(
        plan=plan, parent=parent, order=1 + max((node.item.order for node in every(nodes)), default=0), **values
    )
    (above.children if above else nodes).append(Node(item, above.depth + 1 if above else 0))
    _keep_amounts(item, amounts)
    _renumber(nodes)
    record("work_item.added", item, by=by, office_id=plan.office_id, parent=str(parent or ""))
    return item


@transaction.atomic
def change_item(
    *,
    item: WorkItem,
    changes: Mapping[str, Any],
    amounts: Sequence[Amount],
    removed: Sequence[Amount] = (),
    shown: Shown | None = None,
    by: User,
) -> WorkItem:
    """Change an item's text, period and amounts.

    Raises:
        ChangedMeanwhileError: somebody else changed the same since the page was shown.
        ValidationError: the level does not fit where the item stands.
    """
    fresh: WorkItem = WorkItem.objects.select_for_update(of=("self",)).select_related("plan", "parent").get(pk=item.pk)
    entries = Entry.objects.for_target(fresh).filter(act="work_item.changed").order_by("-pk")
    refuse_overwriting(fresh, changes, shown, entries)
    if (level := changes.get("level")) and (level == Level.SECTION) != (fresh.parent_id is None):
        raise ValidationError({"level": "最上層的項目須為課室，課室也只能在最上層。"})
    for name, value in changes.items():
        setattr(fresh, name, value)
    fresh.save()
    Amount.objects.filter(pk__in=[amount.pk for amount in removed], item=fresh).delete()
    _keep_amounts(fresh, amounts)
    record("work_item.changed", fresh, by=by, office_id=fresh.plan.office_id, changed=sorted(changes))
    return fresh


@transaction.atomic
def remove_item(*, item: WorkItem, by: User) -> int:
    """Remove an item and all below it; return how many.

    Raises:
        ValidationError: progress or doings were entered for it.
    """
    nodes = _locked(item.plan)
    below = list(_node(nodes, item).walk())
    keys = [node.item.pk for node in below]
    used = WorkItem.objects.filter(pk__in=keys)
    if used.filter(progress__isnull=False).exists() or used.filter(doings__isnull=False).exists():
        raise ValidationError("此項目或其下的項目已填報進度或辦理紀錄，不能移除；如不再辦理，請於註記說明。")
    record("work_item.removed", item, by=by, office_id=item.plan.office_id, items=len(keys))
    WorkItem.objects.filter(pk__in=keys).delete()
    _renumber(_locked(item.plan))
    return len(keys)


@transaction.atomic
def move_item(*, item: WorkItem, step: str, by: User) -> WorkItem:
    """Move an item with all below it: `up` or `down` among its neighbours, `in` below the one before, or `out`.

    Raises:
        ValidationError: there is no such place.
    """
    nodes = _locked(item.plan)
    here = _node(nodes, item)
    above = _node(nodes, here.item.parent) if here.item.parent else None
    MOVES[step](nodes, above, here)
    here.item.save(update_fields=["parent"])
    _renumber(nodes)
    record("work_item.moved", here.item, by=by, office_id=item.plan.office_id, step=step)
    return here.item


def _up(nodes: list[Node], above: Node | None, here: Node) -> None:
    _swap(above.children if above else nodes, here, -1)


def _down(nodes: list[Node], above: Node | None, here: Node) -> None:
    _swap(above.children if above else nodes, here, 1)


def _swap(row: list[Node], here: Node, way: int) -> None:
    place = row.index(here)
    if not 0 <= place + way < len(row):
        raise ValidationError("已是同層的第一項或最後一項。")
    row[place], row[place + way] = row[place + way], row[place]


def _in(nodes: list[Node], above: Node | None, here: Node) -> None:
    row = above.children if above else nodes
    place = row.index(here)
    if not place or here.item.level == Level.SECTION:
        raise ValidationError("前面沒有同層的項目，無法移至其下。")
    row.remove(here)
    row[place - 1].children.append(here)
    _refuse_place(here.item.level, row[place - 1], height=_height(here))
    here.item.parent = row[place - 1].item


def _out(nodes: list[Node], above: Node | None, here: Node) -> None:
    if above is None or above.item.parent is None:
        raise ValidationError("已在課室之下的第一層，無法再往外移。")
    over = _node(nodes, above.item.parent)
    above.children.remove(here)
    over.children.insert(over.children.index(above) + 1, here)
    here.item.parent = over.item


MOVES: Mapping[str, Callable[[list[Node], Node | None, Node], None]] = {
    "up": _up,
    "down": _down,
    "in": _in,
    "out": _out,
}


def _locked(plan: Plan) -> list[Node]:
    """Return the plan's tree, kept from other writers until the transaction ends."""
    Plan.objects.select_for_update(of=("self",)).get(pk=plan.pk)
    return arrange(WorkItem.objects.of_plan(plan).select_related("parent").order_by("order"))


def _node(nodes: Sequence[Node], item: WorkItem) -> Node:
    found = next((node for node in every(nodes) if node.item.pk == item.pk), None)
    if found is None:
        raise ValidationError("這個項目剛才已被移除，請重新整理頁面。")
    return found


def _refuse_place(level: str, above: Node | None, height: int = 1) -> None:
    if (level == Level.SECTION) != (above is None):
        raise ValidationError({"level": "最上層的項目須為課室，課室也只能在最上層。"})
    if above is not None and above.depth + 1 + height > DEEPEST:
        raise ValidationError(f"工作計畫最多 {DEEPEST} 層。")


def _height(node: Node) -> int:
    return max(one.depth for one in node.walk()) - node.depth + 1


def _renumber(nodes: Sequence[Node]) -> None:
    """Give every item its place in reading order; only those that moved are written, by way of places that nobody has."""
    moved = []
    for order, node in enumerate(every(nodes), start=1):
        if node.item.order != order:
            node.item.order = order
            moved.append(node.item)
    WorkItem.objects.filter(pk__in=[item.pk for item in moved]).update(order=F("order") + ASIDE)
    WorkItem.objects.bulk_update(moved, ["order"], batch_size=500)


def _keep_amounts(item: WorkItem, amounts: Sequence[Amount]) -> None:
    for amount in amounts:
        amount.item = item
        amount.save()
