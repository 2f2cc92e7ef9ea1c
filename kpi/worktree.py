"""A work plan as a tree, with what it costs and how it goes: a fixed number of queries, however many items."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.db.models import Prefetch

from districts.models import Plan
from kpi.choices import Level
from kpi.models import Amount, Progress, ProgressFile, WorkItem
from personnel_portal.rules import pace
from personnel_portal.rules.pace import Entry, Pace, Rolled

QUARTERS = (1, 2, 3, 4)


@dataclass(slots=True)
class Node:
    """An item with what stands below it, in reading order; `depth` is 0 for a section."""

    item: WorkItem
    depth: int
    children: list["Node"] = field(default_factory=list)

    @property
    def is_last(self) -> bool:
        """Tell whether it is what progress is reported on: a plan item (重要工作計畫項目) without another below it."""
        return self.item.level == Level.KEY and not any(child.item.level == Level.KEY for child in self.children)

    def walk(self) -> Iterator["Node"]:
        """Yield the node and all below it in reading order."""
        yield self
        for child in self.children:
            yield from child.walk()

    @property
    def amounts(self) -> list[Amount]:
        """The amounts that stand at the item itself."""
        return list(self.item.amounts.all())


def tree(plan: Plan) -> list[Node]:
    """Return the top nodes of a plan; two queries."""
    items = WorkItem.objects.of_plan(plan).select_related("plan").order_by("order")
    return arrange(items.prefetch_related(Prefetch("amounts", Amount.objects.select_related("counts_once_with__item"))))


def arrange(items: Iterable[WorkItem]) -> list[Node]:
    """Return the items, given in reading order, as trees."""
    top: list[Node] = []
    known: dict[int, Node] = {}
    for item in items:
        above = known.get(item.parent_id) if item.parent_id else None
        known[item.pk] = node = Node(item, above.depth + 1 if above else 0)
        (above.children if above else top).append(node)
    return top


def every(nodes: Iterable[Node]) -> list[Node]:
    """Return the nodes and all below them in reading order."""
    return [one for node in nodes for one in node.walk()]


def levels(nodes: Sequence[Node]) -> Iterator[list[Node]]:
    """Yield the nodes of each depth, the top first."""
    level = list(nodes)
    while level:
        yield level
        level = [child for node in level for child in node.children]


def last_items(nodes: Iterable[Node]) -> list[Node]:
    """Return the items that progress is reported on."""
    return [node for node in every(nodes) if node.is_last]


# --- Money ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Totals:
    """What the amounts of some items come to, in thousands.

    Attributes:
        printed: every printed amount added.
        once: an amount that is printed twice counted once.
        count: how many amounts are printed.
        repeated: the amounts that `once` leaves out.
        doubtful: the amounts of which it is not certain to what item they belong.
        notes: funding notes without an amount, with how often each is printed.
    """

    printed: Decimal
    once: Decimal
    count: int
    repeated: tuple[Amount, ...]
    doubtful: tuple[Amount, ...]
    notes: Mapping[str, int]

    @property
    def reason(self) -> str:
        """Why there are two totals, and what neither holds."""
        parts = [f"逐筆合計 {self.printed:,} 千元（{self.count} 筆）。"]
        parts += [
            f"{amount.thousands:,} 千元同時印於「{amount.counts_once_with.item}」與「{amount.item}」，"
            f"重複者計一次為 {self.once:,} 千元。"
            for amount in self.repeated
            if amount.counts_once_with
        ]
        parts += [f"「{note}」{times} 處未列金額，不計入。" for note, times in self.notes.items()]
        return "".join(parts)


def totals(nodes: Iterable[Node]) -> Totals:
    """Return what the amounts of the nodes and of all below them come to."""
    amounts = [(amount, node.item) for node in every(nodes) for amount in node.amounts]
    for amount, item in amounts:
        amount.item = item  # spares a query where a sentence names it
    numbers = [amount for amount, _ in amounts if amount.thousands is not None]
    repeated = tuple(amount for amount in numbers if amount.counts_once_with_id)
    notes = [amount.funding for amount, _ in amounts if amount.thousands is None]
    return Totals(
        printed=_sum(numbers),
        once=_sum(numbers) - _sum(repeated),
        count=len(numbers),
        repeated=repeated,
        doubtful=tuple(amount for amount, _ in amounts if amount.is_doubtful),
        notes={note: notes.count(note) for note in dict.fromkeys(notes)},
    )


def _sum(amounts: Iterable[Amount]) -> Decimal:
    return sum((amount.thousands or Decimal(0) for amount in amounts), Decimal(0))


# --- Progress ---------------------------------------------------------------------------------------------------------


def last_quarter(plan: Plan, today: date) -> int:
    """Return the last quarter of the plan's year that is over on the day, at least the first."""
    if today > plan.ends:
        return QUARTERS[-1]
    return max(1, (today.month - 1) // 3) if today >= plan.starts else 1


@dataclass(frozen=True, slots=True)
class SectionProgress:
    """How a section stands in a quarter: its items together, its budget, and what was spent of it.

    `spent` is the latest entered amount of each item up to the quarter, since execution is reported cumulatively; none
    where nothing was entered.
    """

    section: Node
    rolled: Rolled
    budget: Totals
    spent: Decimal | None

    @property
    def rate(self) -> Decimal | None:
        """The spent share of the budget."""
        return rate(self.spent, self.budget)


def rate(spent: Decimal | None, budget: Totals) -> Decimal | None:
    """Return the spent share of a budget in per cent, repeated amounts counted once; none where either is missing."""
    if spent is None or not budget.once:
        return None
    return (spent * 100 / budget.once).quantize(Decimal("0.1"))


def spent_together(sections: Iterable[SectionProgress]) -> Decimal | None:
    """Return what all sections spent; none where nothing was entered."""
    entered_amounts = [section.spent for section in sections if section.spent is not None]
    return sum(entered_amounts, Decimal(0)) if entered_amounts else None


Entered = Mapping[tuple[int, int], Progress]


def entered(plan: Plan) -> Entered:
    """Return the plan's progress by item and quarter; two queries."""
    files = Prefetch("files", ProgressFile.objects.select_related("stored"))
    rows = Progress.objects.filter(item__plan=plan).prefetch_related(files)
    return {(row.item_id, row.quarter): row for row in rows}


def entry_of(progress: Progress | None) -> Entry | None:
    """Return the figures of a quarter as the rules take them."""
    if progress is None:
        return None
    return Entry(progress.planned, progress.actual, Pace(progress.pace) if progress.pace else None)


def by_section(nodes: Sequence[Node], rows: Entered, quarter: int) -> list[SectionProgress]:
    """Return how each section stands in a quarter."""
    return [_section(node, rows, quarter) for node in nodes]


def together(nodes: Sequence[Node], rows: Entered, quarter: int) -> Rolled:
    """Return all items together; each counts once, so this is no average of the sections."""
    return pace.roll_up(entry_of(rows.get((node.item.pk, quarter))) for node in last_items(nodes))


def _section(node: Node, rows: Entered, quarter: int) -> SectionProgress:
    below = last_items([node])
    spent = [value for one in below if (value := _spent(one.item.pk, rows, quarter)) is not None]
    rolled = pace.roll_up(entry_of(rows.get((one.item.pk, quarter))) for one in below)
    return SectionProgress(node, rolled, totals([node]), sum(spent, Decimal(0)) if spent else None)


def _spent(item: int, rows: Entered, quarter: int) -> Decimal | None:
    values = [rows[item, one].spent for one in QUARTERS if one <= quarter and (item, one) in rows]
    return next((value for value in reversed(values) if value is not None), None)
