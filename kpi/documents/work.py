"""The yearly report of a work plan (年度工作總報告), compiled from what was entered by quarter."""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.text import Truncator

from kpi.choices import Level, Pace
from kpi.models import Progress, WorkPlan
from kpi.worktree import Entered, Node, SectionProgress, by_section, entry_of, last_items, together, totals
from personnel_portal import roc
from personnel_portal.documents.paper import Block, Column, Fields, Heading, Paper, Paragraph, Table, numeral
from personnel_portal.rules import pace

LONGEST = 600  # characters of what was done, in a cell
SUMMARY = (
    Column("課室", 6),
    Column("項數", 3, "end"),
    Column("已填報", 3, "end"),
    Column("預定 %", 4, "end"),
    Column("實際 %", 4, "end"),
    Column("完成", 3, "end"),
    Column("如期", 3, "end"),
    Column("落後", 3, "end"),
    Column("預算（千元）", 6, "end"),
    Column("執行數（千元）", 6, "end"),
    Column("執行率", 4, "end"),
)
DETAIL = (
    Column("工作項目", 6),
    Column("重要工作計畫項目", 9),
    Column("預定 %", 3, "end"),
    Column("實際 %", 3, "end"),
    Column("進度", 4, "center"),
    Column("辦理情形", 14),
    Column("預算（千元）", 5, "end"),
    Column("執行數（千元）", 5, "end"),
)


def yearly_report(work_plan: WorkPlan, nodes: Sequence[Node], rows: Entered, quarter: int, day: date) -> Paper:
    """Return the report as of a quarter: the sections together, then every item with what was done."""
    plan = work_plan.plan
    sections = by_section(nodes, rows, quarter)
    whole = totals(nodes)
    blocks: list[Block] = [
        Fields(
            (
                ("機關", plan.issuing_body),
                ("資料期間", f"{plan.year}年度至第 {quarter} 季"),
                ("製表日期", roc.full(day)),
            ),
            place="small",
        ),
        Heading("壹、各課室辦理情形總表"),
        Table(SUMMARY, [*map(_summary, sections), _total(nodes, rows, quarter, sections)]),
        Paragraph(whole.reason, size="small"),
    ]
    if whole.doubtful:
        blocks.append(Paragraph(f"歸屬存疑的金額 {len(whole.doubtful)} 筆，依註記歸於各項。", size="small"))
    blocks.append(Heading("貳、各項工作辦理情形"))
    for place, section in enumerate(nodes, start=1):
        items = list(_details(section, rows, quarter))
        blocks += [
            Heading(f"{numeral(place)}、{section.item.text}", 2),
            Table(DETAIL, items) if items else Paragraph("無。"),
        ]
    return Paper(
        title=f"{plan.issuing_body}\n{plan.year}年度工作總報告",
        author=plan.issuing_body,
        footer=f"製表日期：{roc.full(day)}",
        landscape=True,
        blocks=tuple(blocks),
    )


def figures(nodes: Sequence[Node], rows: Entered, quarter: int) -> dict[str, Any]:
    """Return the numbers of the report as JSON carries them, so that versions can be compared."""
    whole = totals(nodes)
    return {
        "quarter": quarter,
        "items": {
            str(node.item.pk): [str(row.planned), None if row.actual is None else str(row.actual)]
            for node in last_items(nodes)
            if (row := rows.get((node.item.pk, quarter)))
        },
        "printed": str(whole.printed),
        "once": str(whole.once),
    }


def word(row: Progress | None) -> str:
    """Return how an item goes in a word; who decided otherwise says why."""
    entry = entry_of(row)
    found = pace.pace(entry) if entry else None
    label = Pace(found.value).label if found else "未填"
    return f"{label}\n（人工認定：{row.pace_reason}）" if row and row.pace else label


def _summary(line: SectionProgress) -> list[str]:
    rolled = line.rolled
    return [
        line.section.item.text,
        str(rolled.items),
        str(rolled.reported),
        _number(rolled.planned),
        _number(rolled.actual),
        *(str(rolled.paces[kind]) for kind in (pace.Pace.DONE, pace.Pace.ON_TIME, pace.Pace.LATE)),
        _two(line.budget.printed, line.budget.once),
        _number(line.spent),
        f"{line.rate}%" if line.rate is not None else "—",
    ]


def _total(nodes: Sequence[Node], rows: Entered, quarter: int, sections: Sequence[SectionProgress]) -> list[str]:
    rolled, whole = together(nodes, rows, quarter), totals(nodes)
    spent = [line.spent for line in sections if line.spent is not None]
    paid = sum(spent, Decimal(0)) if spent else None
    rate = f"{paid * 100 / whole.once:.1f}%" if paid is not None and whole.once else "—"
    return [
        "合計",
        str(rolled.items),
        str(rolled.reported),
        _number(rolled.planned),
        _number(rolled.actual),
        *(str(rolled.paces[kind]) for kind in (pace.Pace.DONE, pace.Pace.ON_TIME, pace.Pace.LATE)),
        _two(whole.printed, whole.once),
        _number(paid),
        rate,
    ]


def _details(section: Node, rows: Entered, quarter: int) -> Iterator[list[str]]:
    for above, node in _with_heading(section, ""):
        row = rows.get((node.item.pk, quarter))
        yield [
            above,
            f"{node.item.mark}{node.item.text}",
            _number(row.planned) if row else "—",
            _number(row.actual) if row else "—",
            word(row),
            Truncator(row.text).chars(LONGEST, truncate="…（下略，全文見平台）") if row else "",
            "\n".join(map(str, node.amounts)).replace(" 千元", ""),
            _number(row.spent) if row else "—",
        ]


def _with_heading(node: Node, above: str) -> Iterator[tuple[str, Node]]:
    """Yield the items of a section, each with the headings that it stands under and the amounts that stand there."""
    for child in node.children:
        if child.is_last:
            yield above, child
        elif child.item.level in (Level.WORK, Level.KEY):
            amounts = "".join(f"（{amount}）" for amount in child.amounts)
            yield from _with_heading(child, f"{above}{child.item.mark}{child.item.text}{amounts}\n")


def _number(value: Decimal | None) -> str:
    return "—" if value is None else f"{value.normalize():,f}"


def _two(printed: Decimal, once: Decimal) -> str:
    return f"{printed:,}" if printed == once else f"{printed:,}\n（{once:,}）"
