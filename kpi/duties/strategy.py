"""What a plan of targets asks: figures of each period that has ended, the review of them, and what is done about a miss.

Where the plan states no day (`kpi.report`: day of the month after the period; `kpi.correct`: days after the year), a duty
shows the days since it arose and is never late.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from django.urls import reverse
from django.utils import timezone

from districts.facts import PlanDay
from districts.models import Agency
from kpi import compute
from kpi.choices import MONTHS, EntryState, Formula, last_month
from kpi.compute import Cell, YearFigures
from kpi.facts import ROC, year_of, years_of
from kpi.models import Actual, Correction
from personnel_portal.rules.duty import Due, Duty, Evidence
from personnel_portal.rules.worktime import Policy

REPORT, REVIEW, CORRECT, IMPROVE = "kpi.report", "kpi.review", "kpi.correct", "kpi.improve"
CLAUSE = "績效指標"  # where the plan has no deadline that names one
LOOKED_BACK = timedelta(days=183)  # what the year before still owes is followed up as long as an ended plan is


def duties(on: PlanDay) -> Iterator[Duty]:
    """Yield what units and the office owe; a fixed number of queries for the year, and as many for the one before it."""
    years = sorted({year_of(on.plan, on.today), year_of(on.plan, on.today - LOOKED_BACK)})
    for year in years:
        if year in years_of(on.plan):
            figures = compute.of_year(on.plan, year, today=on.today)
            if figures.facts.units:  # a plan that nobody reports to is there to be read
                filed = Correction.objects.filter(indicator__goal__plan=on.plan, year=year)
                yield from _reports(on, figures)
                yield from _review(on, figures)
                yield from _corrections(on, figures, filed.select_related("indicator__goal"))


# --- Figures of a period ---------------------------------------------------------------------------------------------


def _reports(on: PlanDay, figures: YearFigures) -> Iterator[Duty]:
    """Yield for each unit and each month with which periods end one duty: all of its figures of these periods."""
    owed: dict[tuple[Agency, int], list[tuple[Cell, int]]] = defaultdict(list)
    for cell in figures.cells.values():
        if cell.indicator.formula != Formula.DEDUCTIONS:  # violations are the office's to enter
            for period in range(1, cell.indicator.periods + 1):
                owed[cell.agency, last_month(cell.indicator.frequency, period)].append((cell, period))
    for (agency, month), places in sorted(owed.items(), key=lambda item: (item[0][1], item[0][0].pk)):
        if _month(figures.facts.year, month) <= on.today:
            yield _report(on, figures.facts.year, agency, month, [cell.entries[period - 1] for cell, period in places])


def _report(on: PlanDay, year: int, agency: Agency, month: int, entries: list[Actual | None]) -> Duty:
    sent = [entry for entry in entries if entry and entry.state in compute.COUNTED]
    returned = sum(entry is not None and entry.state == EntryState.RETURNED for entry in entries)
    page = f"{reverse('kpi:entry', args=[on.plan.pk])}?agency={agency.pk}&year={year}"
    deadline, ends = on.deadlines.get(REPORT), _month(year, month + 1)
    nominal = deadline.day_in(ends) if deadline else None
    has_ended = ends <= on.today
    return Duty(
        key=f"{REPORT}.{year}-{month}.agency-{agency.pk}",
        kind=f"{REPORT}.{year}-{month}",
        heading=f"{year}年{month}月績效實績",
        title=f"填報截至 {year}年{month}月底的績效實績（{len(entries)} 項）",
        clause=deadline.clause if deadline else CLAUSE,
        plan_id=on.plan.pk,
        agency_id=agency.pk,
        due=Due.on(nominal, deadline.holiday_policy, on.calendar, deadline.hour) if deadline and nominal else None,
        since=ends if has_ended else None,
        after="期末後",
        done=_sent(sent, page) if len(sent) == len(entries) else None,
        url=page,
        action="補正" if returned else "填報",
        note="、".join(([] if has_ended else ["期間進行中"]) + list(_told(len(sent), len(entries), returned))),
    )


def _told(sent: int, asked: int, returned: int) -> Iterator[str]:
    if sent < asked:
        yield f"已送出 {sent}／{asked} 項"
    if returned:
        yield f"退請補正 {returned} 項"


def _sent(entries: Iterable[Actual], page: str) -> Evidence:
    """Return the day on which the last figure was sent for the last time."""
    days = [timezone.localdate(entry.submitted_at or entry.entered_at) for entry in entries]
    return Evidence(f"{len(days)} 項", max(days), page)


def _month(year: int, month: int) -> date:
    """Return the first day of a month of a (ROC) year; 13 is that of the next year's first."""
    return date(year + ROC + (month - 1) // MONTHS, (month - 1) % MONTHS + 1, 1)


# --- The office's review ---------------------------------------------------------------------------------------------


def _review(on: PlanDay, figures: YearFigures) -> Iterator[Duty]:
    """Yield the review while anything waits for it; what is reviewed is no duty any more."""
    year = figures.facts.year
    entries = (entry for cell in figures.cells.values() for entry in cell.entries)
    waiting = [entry for entry in entries if entry and entry.state == EntryState.SUBMITTED]
    if waiting:
        yield Duty(
            key=f"{REVIEW}.{year}",
            kind=f"{REVIEW}.{year}",
            heading=f"{year}年度績效實績審核",
            title=f"審核 {year}年度績效實績（{len(waiting)} 筆）",
            clause=CLAUSE,
            plan_id=on.plan.pk,
            agency_id=on.office_agency_id,
            since=min(timezone.localdate(entry.submitted_at or entry.entered_at) for entry in waiting),
            after="送出後",
            url=f"{reverse('kpi:review_targets', args=[on.plan.pk])}?year={year}",
            action="審核",
        )


# --- Missed targets --------------------------------------------------------------------------------------------------


def _corrections(on: PlanDay, figures: YearFigures, filed: Iterable[Correction]) -> Iterator[Duty]:
    """Yield the cause of each target that is missed for good, and each corrective action that was promised."""
    known = {(one.indicator_id, one.agency_id): one for one in filed}
    for cell in figures.missed():
        one = known.get((cell.indicator.pk, cell.agency.pk))
        if one or figures.is_over or (not cell.figure.missing and cell.indicator.formula != Formula.DEDUCTIONS):
            yield _correct(on, figures.facts.year, cell, one)
    for one in known.values():
        yield _improve(on, one)


def _correct(on: PlanDay, year: int, cell: Cell, filed: Correction | None) -> Duty:
    deadline, since = on.deadlines.get(CORRECT), _month(year, MONTHS + 1)
    days = deadline.days_after if deadline else None
    due = None
    if deadline and days is not None:
        due = Due.on(since + timedelta(days=days - 1), deadline.holiday_policy, on.calendar, deadline.hour)
    page = _page(cell.indicator.pk, cell.agency.pk, year)
    return Duty(
        key=f"{CORRECT}.{year}.{cell.indicator.pk}.agency-{cell.agency.pk}",
        kind=f"{CORRECT}.{year}",
        heading=f"{year}年度未達目標說明",
        title=f"說明未達目標的原因與改善措施：{cell.indicator}",
        clause=deadline.clause if deadline else CLAUSE,
        plan_id=on.plan.pk,
        agency_id=cell.agency.pk,
        due=due,
        since=min(since, on.today),
        after="年度結束後",
        done=Evidence("已說明", timezone.localdate(filed.entered_at), page) if filed else None,
        url=page,
        action="填報",
        note=f"目標 {cell.target_label}，實績 {cell.value_label}",
    )


def _improve(on: PlanDay, filed: Correction) -> Duty:
    page = _page(filed.indicator_id, filed.agency_id, filed.year)
    return Duty(
        key=f"{IMPROVE}.{filed.pk}",
        kind=f"{IMPROVE}.{filed.year}",
        heading=f"{filed.year}年度改善措施",
        title=f"完成改善措施：{filed.indicator}",
        clause=f"指標 {filed.indicator.code}",
        plan_id=on.plan.pk,
        agency_id=filed.agency_id,
        due=Due.on(filed.due_on, Policy.NEXT, on.calendar),
        since=timezone.localdate(filed.entered_at),
        done=Evidence("已完成", filed.done_on, page) if filed.done_on else None,
        url=page,
        action="回報完成",
    )


def _page(indicator: int, agency: int, year: int) -> str:
    return f"{reverse('kpi:correction', args=[indicator, agency])}?year={year}"
