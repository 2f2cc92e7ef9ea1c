"""What an agency's work plan asks of it: periodical work, what follows an event, progress by quarter, the yearly report.

Of periodical work the last period that is over and the next one are stated, so that a weekly item is two lines and not
fifty; how many earlier periods were not entered stands beside. Another body's plan asks nobody for anything.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from django.db.models import Count, Max
from django.urls import reverse
from django.utils import timezone
from django.utils.text import Truncator

from districts.facts import PlanDay
from districts.models import Deadline
from kpi.choices import Level, PaperKind
from kpi.models import Doing, FrozenReport, Progress, WorkItem, WorkPlan
from personnel_portal import roc
from personnel_portal.rules.duty import Due, Duty, Evidence
from personnel_portal.rules.periods import Period, Rule, Within, day_of, due_after, due_days
from personnel_portal.rules.worktime import Policy

PERIOD, EVENT, PROGRESS, REPORT = "kpi.work.period", "kpi.work.event", "kpi.work.progress", "kpi.work.report"
SHOWN = 30  # characters of an item's text


def duties(on: PlanDay) -> Iterator[Duty]:
    """Yield the duties of an agency's own work plan; a fixed number of queries."""
    owner = WorkPlan.objects.filter(plan=on.plan, agency__isnull=False).first()
    if owner is None or owner.agency_id is None:
        return
    items = list(WorkItem.objects.of_plan(on.plan).exclude(period="").order_by("order"))
    doings = Doing.objects.filter(item__plan=on.plan).select_related("item").order_by("due_on", "pk")
    by_item: dict[int, dict[date, Doing]] = defaultdict(dict)
    events = []
    for doing in doings:
        if doing.event_at:
            events.append(doing)
        else:
            by_item[doing.item_id][doing.due_on] = doing
    if PERIOD in on.deadlines:
        for item in items:
            yield from _periods(on, owner, on.deadlines[PERIOD], item, by_item[item.pk])
    if EVENT in on.deadlines:
        for doing in events:
            yield _event(on, owner, on.deadlines[EVENT], doing)
    if PROGRESS in on.deadlines:
        yield from _progress(on, owner, on.deadlines[PROGRESS])
    if REPORT in on.deadlines:
        yield from _report(on, owner, on.deadlines[REPORT])


def rule_of(item: WorkItem) -> Rule:
    """Return an item's period as the rules take it."""
    return Rule(Period(item.period), item.weekday, item.month, item.day)


def periods_of(item: WorkItem, since: date, until: date) -> list[date]:
    """Return the days on which an item is due in a span."""
    return due_days(rule_of(item), since, until)


def _periods(
    on: PlanDay, owner: WorkPlan, deadline: Deadline, item: WorkItem, done: Mapping[date, Doing]
) -> Iterator[Duty]:
    days = periods_of(item, max(owner.since or on.plan.starts, on.plan.starts), on.plan.ends)
    past = [day for day in days if day < on.today]
    missed = sum(day not in done for day in past[:-1])
    stated = [*past[-1:], *[day for day in days if day >= on.today][:1]]
    for day in stated:
        doing = done.get(day)
        yield _duty(
            on,
            owner,
            deadline,
            key=f"{PERIOD}.item-{item.pk}.{day:%Y%m%d}",
            heading="週期性工作",
            title=f"{_name(item)}（{item.period_text or item.get_period_display()}）",
            due=Due.on(day, deadline.holiday_policy, on.calendar, deadline.hour),
            done=Evidence("已辦理", doing.done_on, item.get_absolute_url()) if doing and doing.done_on else None,
            url=f"{item.get_absolute_url()}?due={day:%Y-%m-%d}#done",
            action="登錄辦理",
            note=f"此前另有 {missed} 期未登錄" if missed and day in past else "",
        )


def _event(on: PlanDay, owner: WorkPlan, deadline: Deadline, doing: Doing) -> Duty:
    item = doing.item
    assert doing.event_at is not None  # noqa: S101  # chosen by it
    due = Due(doing.due_on, doing.due_on, Policy.NONE)
    if item.limit and item.within:
        event = timezone.localtime(doing.event_at)
        day, hour = due_after(event, item.limit, Within(item.within))
        # A limit of hours does not wait for a working day.
        due = (
            Due(day, day, Policy.NONE, hour)
            if hour
            else Due.on(day, deadline.holiday_policy, on.calendar, deadline.hour)
        )
    return _duty(
        on,
        owner,
        deadline,
        key=f"{EVENT}.doing-{doing.pk}",
        heading="事件後限期辦理",
        title=f"{_name(item)}（{roc.moment(timezone.localtime(doing.event_at))}事件後）",
        due=due,
        done=Evidence("已辦畢", doing.done_on, item.get_absolute_url()) if doing.done_on else None,
        url=f"{item.get_absolute_url()}#events",
        action="登錄辦畢",
        note=Truncator(doing.note).chars(SHOWN),
    )


def _progress(on: PlanDay, owner: WorkPlan, deadline: Deadline) -> Iterator[Duty]:
    """Yield for each quarter that is over that its progress is to be entered, done once every item has its figure."""
    keys = WorkItem.objects.of_plan(on.plan).filter(level=Level.KEY)
    parents = keys.filter(parent__level=Level.KEY).values("parent")
    items = keys.exclude(pk__in=parents).count()
    rows = Progress.objects.filter(item__plan=on.plan, actual__isnull=False).values("quarter").order_by()
    known = {row["quarter"]: row for row in rows.annotate(items=Count("pk"), last=Max("entered_at"))}
    for quarter in range(1, 5):
        ends = day_of(on.plan.starts.year, quarter * 3, None)
        if not items or ends >= on.today or (owner.since and ends < owner.since):
            continue
        row = known.get(quarter, {"items": 0, "last": None})
        is_done = row["items"] >= items
        nominal = None if deadline.days_after is None else ends + timedelta(days=deadline.days_after)
        yield _duty(
            on,
            owner,
            deadline,
            key=f"{PROGRESS}.{quarter}",
            heading="工作計畫進度",
            title=f"填報第 {quarter} 季工作計畫進度",
            due=Due.on(nominal, deadline.holiday_policy, on.calendar, deadline.hour) if nominal else None,
            since=ends,
            after="季後",
            done=Evidence(f"已填 {items} 項", timezone.localdate(row["last"])) if is_done else None,
            url=f"{reverse('kpi:work_progress', args=[owner.pk])}?quarter={quarter}",
            action="填報進度",
            note=f"已填 {row['items']}／{items} 項",
        )


def _report(on: PlanDay, owner: WorkPlan, deadline: Deadline) -> Iterator[Duty]:
    """Yield once the year is over that its report is to be made."""
    if on.today <= on.plan.ends:
        return
    first = FrozenReport.objects.filter(plan=on.plan, kind=PaperKind.WORK).order_by("version").first()
    nominal = None if deadline.days_after is None else on.plan.ends + timedelta(days=deadline.days_after)
    yield _duty(
        on,
        owner,
        deadline,
        key=REPORT,
        heading="年度工作總報告",
        title=f"編製 {on.plan.year} 年度工作總報告",
        due=Due.on(nominal, deadline.holiday_policy, on.calendar, deadline.hour) if nominal else None,
        since=on.plan.ends,
        after="年度結束後",
        done=Evidence("已產製", timezone.localdate(first.made_at)) if first else None,
        url=reverse("kpi:work_report", args=[owner.pk]),
        action="產製報告",
    )


def _duty(on: PlanDay, owner: WorkPlan, deadline: Deadline, **values: object) -> Duty:
    return Duty(
        kind=deadline.duty,
        clause=deadline.clause,
        plan_id=on.plan.pk,
        agency_id=owner.agency_id or 0,
        **values,  # type: ignore[arg-type]  # named as the fields of a duty by the callers above
    )


def _name(item: WorkItem) -> str:
    return Truncator(f"{item.mark}{item.text}").chars(SHOWN)
