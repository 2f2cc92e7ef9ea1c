"""From a messy table to the tree of a work plan: what was read is proposed, a person corrects it, then it is saved."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from decimal import Decimal, InvalidOperation
from hashlib import sha256
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from districts.models import Plan
from kpi.actions.work import DEEPEST
from kpi.choices import Level
from kpi.models import Amount, DraftTree, WorkItem
from personnel_portal.accounts.models import User
from personnel_portal.rules import amounts, outline
from personnel_portal.trail.actions import record

Node = dict[str, Any]  # a node of rules.outline as JSON carries it
Table = tuple[str, Sequence[Sequence[str]]]
UNNAMED = "（未命名課室）"


@transaction.atomic
def begin_draft(*, plan: Plan, name: str, tables: Sequence[Table], section: str, by: User) -> DraftTree:
    """Read tables into a draft; nothing of the plan changes yet.

    Args:
        tables: the sheets with their names, or what was pasted.
        section: the name of the section where the table has no title.

    Raises:
        ValidationError: nothing was recognised.
    """
    nodes = [_packed(node) for node in outline.read_all(tables)]
    if not nodes:
        raise ValidationError("沒有辨識出任何工作項目，請確認欄位或編號後再試。")
    if nodes[0]["level"] != Level.SECTION:
        doubts = [] if section else ["表格內沒有課室標題，請填課室名稱。"]
        nodes.insert(0, _section(section or UNNAMED, doubts))
    for node in nodes[1:]:
        node["depth"] = max(1, node["depth"]) if node["level"] != Level.SECTION else 0
    source = [list(row) for _, rows in tables for row in rows]
    return DraftTree.objects.create(plan=plan, name=name, source=source, nodes=nodes, made_by=by)


@transaction.atomic
def correct_draft(*, draft: DraftTree, stamp: str, step: str, at: int, by: User) -> DraftTree:
    """Take a step with the node at a place: up, down, in, out, merge, remove, settle.

    Raises:
        ValidationError: the draft changed since the page was shown, was saved, or the step leads nowhere.
    """
    draft = _locked(draft, stamp)
    if step not in STEPS or not 0 <= at < len(draft.nodes):
        raise ValidationError("找不到要調整的項目，請重新整理頁面。")
    draft.nodes = STEPS[step]([dict(node) for node in draft.nodes], at)
    draft.save(update_fields=["nodes"])
    return draft


@transaction.atomic
def change_node(*, draft: DraftTree, stamp: str, at: int, values: Mapping[str, Any], by: User) -> DraftTree:
    """Correct what a node says.

    Raises:
        ValidationError: the draft changed since the page was shown, or an amount is no number of thousands.
    """
    draft = _locked(draft, stamp)
    nodes = [dict(node) for node in draft.nodes]
    if not 0 <= at < len(nodes):
        raise ValidationError("找不到要調整的項目，請重新整理頁面。")
    nodes[at] |= {name: values[name] for name in ("level", "mark", "text")} | {"sums": _sums(values["sums"])}
    if values["settled"]:
        nodes[at]["doubts"] = []
    draft.nodes = nodes
    draft.save(update_fields=["nodes"])
    return draft


@transaction.atomic
def save_draft(*, draft: DraftTree, stamp: str, by: User) -> int:
    """Add the tree to the plan, behind what it has; return how many items.

    What is still marked as doubtful goes along with its sentence as the note of the item or of its amounts.

    Raises:
        ValidationError: the tree does not hold together; the sentence names the node.
    """
    draft = _locked(draft, stamp)
    Plan.objects.select_for_update(of=("self",)).get(pk=draft.plan_id)
    _refuse_broken(draft.nodes)
    first = (WorkItem.objects.of_plan(draft.plan).aggregate(last=Max("order"))["last"] or 0) + 1
    made = _items(draft, first)
    amounts = [amount for node, item in zip(draft.nodes, made, strict=True) for amount in _amounts(node, item)]
    Amount.objects.bulk_create(amounts)
    draft.saved_at = timezone.now()
    draft.save(update_fields=["saved_at"])
    record("work_plan.imported", draft.plan, by=by, office_id=draft.plan.office_id, items=len(made), source=draft.name)
    return len(made)


def stamp_of(draft: DraftTree) -> str:
    """Return what tells one state of the draft from another."""
    return sha256(json.dumps(draft.nodes, sort_keys=True).encode()).hexdigest()[:16]


def _locked(draft: DraftTree, stamp: str) -> DraftTree:
    fresh: DraftTree = (
        DraftTree.objects.select_for_update(of=("self",)).select_related("plan__work_plan__agency").get(pk=draft.pk)
    )
    if fresh.saved_at:
        raise ValidationError("這份草稿已經匯入，請由工作計畫頁面修改。")
    if stamp_of(fresh) != stamp:
        raise ValidationError("草稿已在其他分頁變更，以下為最新內容，請確認後再操作。")
    return fresh


def _packed(node: outline.Node) -> Node:
    values = asdict(node) | {"level": node.level.value, "doubts": list(node.doubts)}
    return values | {"sums": [_packed_sum(one) for one in node.sums]}


def _packed_sum(one: amounts.Sum) -> dict[str, str | None]:
    return {"thousands": None if one.thousands is None else str(one.thousands), "funding": one.funding}


def _section(name: str, doubts: list[str]) -> Node:
    return {"depth": 0, "level": Level.SECTION, "mark": "", "text": name, "row": 0, "sums": [], "doubts": doubts}


def _sums(text: str) -> list[dict[str, str | None]]:
    found = []
    for part in filter(None, (part.strip() for part in text.replace(";", "；").split("；"))):
        for one in amounts.sums(part):
            if one.doubt and re.search(r"\d", one.funding):  # a note in words is what the person says it is
                raise ValidationError({"sums": one.doubt})
            found.append(_packed_sum(one))
    return found


# --- Steps ------------------------------------------------------------------------------------------------------------


def _end(nodes: Sequence[Node], at: int) -> int:
    """Return where what stands below a node ends."""
    deeper = range(at + 1, len(nodes))
    return next((place for place in deeper if nodes[place]["depth"] <= nodes[at]["depth"]), len(nodes))


def _shift(nodes: list[Node], at: int, by: int) -> list[Node]:
    for node in nodes[at : _end(nodes, at)]:
        node["depth"] += by
    return nodes


def _in(nodes: list[Node], at: int) -> list[Node]:
    if not at or nodes[at]["depth"] > nodes[at - 1]["depth"] or nodes[at]["level"] == Level.SECTION:
        raise ValidationError("前面沒有同層的項目，無法移至其下。")
    return _shift(nodes, at, 1)


def _out(nodes: list[Node], at: int) -> list[Node]:
    if nodes[at]["depth"] <= 1:
        raise ValidationError("已在課室之下的第一層，無法再往外移。")
    return _shift(nodes, at, -1)


def _up(nodes: list[Node], at: int) -> list[Node]:
    """Move before the neighbour of the same depth; the first below its parent moves before the parent."""
    depth = nodes[at]["depth"]
    to = next((place for place in range(at - 1, -1, -1) if nodes[place]["depth"] <= depth), None)
    if to is None or not to:
        raise ValidationError("已是第一項。")
    return _moved(nodes, at, to)


def _down(nodes: list[Node], at: int) -> list[Node]:
    """Move behind the neighbour of the same depth; the last below its parent moves below the parent's neighbour."""
    end = _end(nodes, at)
    if end >= len(nodes):
        raise ValidationError("已是最後一項。")
    to = _end(nodes, end) if nodes[end]["depth"] == nodes[at]["depth"] else end + 1
    return _moved(nodes, at, to)


def _moved(nodes: list[Node], at: int, to: int) -> list[Node]:
    end = _end(nodes, at)
    block, rest = nodes[at:end], nodes[:at] + nodes[end:]
    place = to if to < at else to - len(block)
    moved = rest[:place] + block + rest[place:]
    if _broken(moved) is not None:
        raise ValidationError("該處的層級不符，請先往外移或往內移。")
    return moved


def _merge(nodes: list[Node], at: int) -> list[Node]:
    """Append the text to the last node of the same level before it; what stands below goes along."""
    to = next((place for place in range(at - 1, -1, -1) if nodes[place]["level"] == nodes[at]["level"]), None)
    if to is None:
        raise ValidationError("前面沒有同層級的項目可以併入。")
    nodes[to]["text"] = f"{nodes[to]['text']}{nodes[at]['mark']}{nodes[at]['text']}"[:2000]
    nodes[to]["sums"] = [*nodes[to]["sums"], *nodes[at]["sums"]]
    nodes[to]["also"] = [*nodes[to].get("also", []), nodes[at]["row"], *nodes[at].get("also", [])]
    return _without(nodes, at)


def _remove(nodes: list[Node], at: int) -> list[Node]:
    return _without(nodes, at)


def _without(nodes: list[Node], at: int) -> list[Node]:
    """Leave a node out; what stood below moves one level out."""
    for node in nodes[at + 1 : _end(nodes, at)]:
        node["depth"] -= 1
    left = nodes[:at] + nodes[at + 1 :]
    if not left:
        raise ValidationError("至少須保留一個項目。")
    return left


def _settle(nodes: list[Node], at: int) -> list[Node]:
    nodes[at]["doubts"] = []
    return nodes


STEPS: Mapping[str, Callable[[list[Node], int], list[Node]]] = {
    "up": _up,
    "down": _down,
    "in": _in,
    "out": _out,
    "merge": _merge,
    "remove": _remove,
    "settle": _settle,
}


# --- Saving -----------------------------------------------------------------------------------------------------------


def _broken(nodes: Sequence[Node]) -> str | None:
    """Return what does not hold together, in a sentence."""
    last = -1
    for node in nodes:
        name = f"「{node['mark']}{node['text'][:20]}」"
        if (node["depth"] == 0) != (node["level"] == Level.SECTION):
            return f"{name}：最上層的項目須為課室，課室也只能在最上層。"
        if node["depth"] > last + 1:
            return f"{name}的層級比上一項深了不只一層，請往外移。"
        if node["depth"] >= DEEPEST:
            return f"{name}：工作計畫最多 {DEEPEST} 層。"
        last = node["depth"]
    return None


def _refuse_broken(nodes: Sequence[Node]) -> None:
    if sentence := _broken(nodes):
        raise ValidationError(sentence)
    for node in nodes:
        if node["text"] == UNNAMED:
            raise ValidationError(f"請先修改「{UNNAMED}」，填上課室名稱。")
        if not node["text"].strip():
            raise ValidationError(f"第 {node['row']} 列有項目沒有內容，請補上或移除。")
        if len(node["text"]) > 2000:
            raise ValidationError(f"「{node['text'][:20]}…」超過 2,000 字，請分成數項。")


def _items(draft: DraftTree, first: int) -> list[WorkItem]:
    """Save the items level by level, since a parent must be there before its children; return them in reading order."""
    made = [
        WorkItem(
            plan=draft.plan,
            order=first + place,
            level=node["level"],
            mark=node["mark"],
            text=node["text"],
            note=" ".join(node["doubts"])[:300] if not node["sums"] else "",
        )
        for place, node in enumerate(draft.nodes)
    ]
    above: dict[int, int] = {}
    for place, node in enumerate(draft.nodes):
        above[node["depth"]] = place
        if node["depth"]:
            made[place].parent = made[above[node["depth"] - 1]]
    for depth in range(1 + max(node["depth"] for node in draft.nodes)):
        level = [item for item, node in zip(made, draft.nodes, strict=True) if node["depth"] == depth]
        for item in level:
            item.parent = item.parent  # takes the key that the parent has by now
        WorkItem.objects.bulk_create(level)
    return made


def _amounts(node: Node, item: WorkItem) -> list[Amount]:
    doubt = " ".join(node["doubts"])[:300]
    return [
        Amount(
            item=item,
            thousands=_decimal(one["thousands"]),
            funding=one["funding"],
            is_doubtful=bool(doubt),
            note=doubt,
        )
        for one in node["sums"]
    ]


def _decimal(text: str | None) -> Decimal | None:
    try:
        return None if text is None else Decimal(text)
    except InvalidOperation:
        return None
