"""The yearly report of a plan of targets: what was to be reached, what was, why not, and what is done about it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from kpi.compute import Cell, Overall, YearFigures
from kpi.models import Correction, Indicator
from kpi.trends import Trend
from personnel_portal import roc
from personnel_portal.documents import charts
from personnel_portal.documents.paper import Block, Column, Drawing, Fields, Heading, Paper, Paragraph, Table

FOREIGN = "他機關計畫，供參考"
RATIO = round(100 * charts.HEIGHT / charts.WIDTH)
FIGURES = (
    Column("編號", 2, "center"),
    Column("績效指標", 8),
    Column("目標", 4, "end"),
    Column("實績", 4, "end"),
    Column("達成率", 4, "end"),
    Column("燈號", 4, "center"),
)
UNITS = (Column("機關", 6), *FIGURES[2:])
CORRECTIONS = (
    Column("指標", 2, "center"),
    Column("機關", 4),
    Column("未達原因", 7),
    Column("改善措施", 7),
    Column("期限", 4, "center"),
    Column("完成情形", 5),
)


@dataclass(frozen=True, slots=True)
class YearReport:
    """What a yearly report is made of.

    Attributes:
        trends: how indicators went, by their keys; none where there is no line to see.
        corrections: of missed targets, with indicator and agency.
        day: of compiling.
    """

    figures: YearFigures
    trends: Mapping[int, Trend]
    corrections: Sequence[Correction]
    day: date

    @property
    def year(self) -> int:
        return self.figures.facts.year

    def shown(self, indicator: Indicator) -> Cell | Overall:
        """Return what tells of an indicator."""
        return _shown(self.figures, indicator)


def _shown(figures: YearFigures, indicator: Indicator) -> Cell | Overall:
    """Return what tells of an indicator: its only unit, else all together."""
    cells = figures.of(indicator)
    return cells[0] if len(cells) == 1 else figures.overall(indicator)


def figures_of(figures: YearFigures) -> dict[str, Any]:
    """Return a year's numbers as a report keeps them: each indicator, and each unit's."""
    return {
        indicator.code: {
            "name": indicator.name,
            **_told(_shown(figures, indicator)),
            "units": {cell.agency.short_name: _told(cell) for cell in figures.of(indicator)},
        }
        for indicator in figures.facts.indicators
    }


def differences(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Return what became of figures since a version: indicator, then and now in words; only what differs."""
    codes = dict.fromkeys([*before, *now])
    told = [(code, _line(before.get(code)), _line(now.get(code))) for code in codes]
    return [
        (code, then, today)
        for code, then, today in told
        if then != today or before[code]["units"] != now[code]["units"]
    ]


def paper(report: YearReport) -> Paper:
    """Return the report; a plan of another body says so on every page."""
    plan = report.figures.facts.plan
    is_foreign = plan.issuing_body != plan.office.name
    return Paper(
        title=f"{plan.issuing_body}\n{report.year}年度績效目標執行報告",
        author=plan.office.name,
        header=FOREIGN if is_foreign else "",
        footer=f"製表日期：{roc.full(report.day)}",
        blocks=(*_plan(report), *_overview(report), *_indicators(report), *_corrections(report), *_readings(report)),
    )


def _told(shown: Cell | Overall) -> dict[str, str]:
    return {
        "target": shown.target_label,
        "value": shown.value_label,
        "achievement": shown.achievement_label,
        "light": shown.light_label,
    }


def _line(figure: Mapping[str, Any] | None) -> str:
    return f"目標 {figure['target']}，實績 {figure['value']}（{figure['light']}）" if figure else "—"


def _plan(report: YearReport) -> Iterator[Block]:
    plan = report.figures.facts.plan
    yield Fields((("依據", plan.title), ("年度", f"{report.year}年度"), ("製表", roc.full(report.day))), place="small")
    strategy = getattr(plan, "strategy", None)
    texts = (("機關任務", "mission"), ("機關願景", "vision"), ("施政重點", "priorities"))
    told = [(label, getattr(strategy, name)) for label, name in texts if strategy and getattr(strategy, name)]
    if told:
        yield Heading("壹、任務、願景及施政重點")
        for label, text in told:
            yield Heading(label, 2)
            yield from (Paragraph(line.strip(), indent=4) for line in text.splitlines() if line.strip())


def _overview(report: YearReport) -> Iterator[Block]:
    yield Heading("貳、績效目標達成情形")
    indicators = report.figures.facts.indicators
    yield Table(FIGURES, [[one.code, one.name, *_told(report.shown(one)).values()] for one in indicators], size="small")
    if not report.figures.is_over:
        yield Paragraph(f"{report.year}年度尚未結束，實績為截至製表日期已送出之資料。", size="small")
    yield Paragraph(
        "多個機關分別填報且無法合併計算之指標，實績欄以「—」表示，燈號欄為各機關分別判定之機關數，詳各機關情形。",
        size="small",
    )


def _indicators(report: YearReport) -> Iterator[Block]:
    yield Heading("參、各項指標")
    goal = None
    for indicator in report.figures.facts.indicators:
        if indicator.goal_id != goal:
            goal = indicator.goal_id
            yield Heading(str(indicator.goal), 2)
        yield from _indicator(report, indicator)


def _indicator(report: YearReport, indicator: Indicator) -> Iterator[Block]:
    shown, cells = report.shown(indicator), report.figures.of(indicator)
    yield Heading(str(indicator), 3)
    rows = [("衡量標準", indicator.standard), ("年度目標", shown.target_label), ("計算", shown.explanation)]
    rows += [("註記", indicator.note)] if indicator.note else []
    yield Fields(tuple((label, text) for label, text in rows if text), place="small")
    if len(cells) > 1:
        yield Table(UNITS, [[cell.agency.short_name, *_told(cell).values()] for cell in cells], size="small")
    trend = report.trends.get(indicator.pk)
    if trend:
        yield Drawing(trend.svg, trend.title, RATIO)
        yield Table(
            (Column("期間", 4), Column("目標", 4, "end"), Column("實績", 6, "end"), Column("燈號", 3, "center")),
            [[point.label, point.target_label, point.text, point.light_label] for point in trend.points],
            size="small",
        )


def _corrections(report: YearReport) -> Iterator[Block]:
    yield Heading("肆、未達目標之原因及改善措施")
    rows = list(_missed(report))
    yield Table(CORRECTIONS, rows, size="small") if rows else Paragraph("無。", indent=4)


def _missed(report: YearReport) -> Iterable[list[str]]:
    filed = {(one.indicator_id, one.agency_id): one for one in report.corrections}
    for cell in report.figures.missed():
        one = filed.get((cell.indicator.pk, cell.agency.pk))
        head = [cell.indicator.code, cell.agency.short_name]
        yield [*head, *_corrected(one)] if one else [*head, "尚未填報", "", "", ""]


def _corrected(one: Correction) -> list[str]:
    done = f"{roc.short(one.done_on)}完成。{one.result}" if one.done_on else "辦理中"
    return [one.cause, one.measure, roc.short(one.due_on), done]


def _readings(report: YearReport) -> Iterator[Block]:
    readings = list(report.figures.facts.plan.readings.all())
    if readings:
        yield Heading("伍、採用之條文解釋")
        rows = [[reading.clause, reading.question, reading.chosen] for reading in readings]
        yield Table((Column("條次", 3), Column("疑義", 6), Column("採用解釋", 7)), rows, size="small")
