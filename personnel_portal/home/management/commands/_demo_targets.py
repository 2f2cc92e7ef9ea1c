"""The demo's targets: the office's own plan of the year, with figures that units entered, sent, and got back."""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal

from districts.actions.plans import clone_plan
from districts.choices import AgencyKind, PlanKind
from districts.models import Agency, Office, Plan
from kpi.actions import actuals, missed
from kpi.actions.actuals import Amounts, Entry
from kpi.choices import Formula, Source
from kpi.compute import closed, of_year
from kpi.known import known_rows
from kpi.models import Actual, DeductionKind, Indicator, Unit
from personnel_portal import roc
from personnel_portal.accounts.models import User

SOURCE = "嘉義市政府人事處"
# Who reports, and how much of its targets it reaches (%).
UNITS = {"文化觀光局": 98, "大林鎮公所": 92, "竹崎鄉公所": 85, "義竹鄉公所": 74, "民雄國中": 95}
USERS = {
    "文化觀光局": "host.south",
    "大林鎮公所": "host.north",
    "竹崎鄉公所": "host.hill",
    "義竹鄉公所": "host.sea",
    "民雄國中": "member",
}


def play(office: Office, today: date, users: Mapping[str, User]) -> None:
    """Make the year's plan and what was reported so far; figures come about by the acts that people use."""
    year, reviewer = roc.year(today), users["reviewer"]
    plan = _plan(office, year)
    for number, (name, share) in enumerate(UNITS.items()):
        agency = Agency.objects.get(office=office, short_name=name)
        Unit.objects.create(plan=plan, agency=agency, order=number)
        user = users[USERS[name]]
        _report(plan, year, agency, today, user, share, is_sent=name != "民雄國中")
    own = Agency.objects.get(office=office, kind=AgencyKind.OFFICE)
    _report(plan, year, own, today, users["admin"], 100, is_sent=True)
    sent = Actual.objects.filter(indicator__goal__plan=plan, state="submitted")
    approved = [actual for actual in sent.select_related("indicator") if actual.last_month < today.month - 2]
    if approved:
        actuals.approve_entries(actuals=approved, by=reviewer)
    if back := sent.filter(agency__short_name="大林鎮公所", state="submitted").first():
        actuals.return_entries(actuals=[back], reason="與人力資源管理系統的人數不符，請確認後重新送出。", by=reviewer)
    if today.month > 3:
        actuals.lock_months(plan=plan, year=year, month=today.month // 4, by=reviewer)
    kind = DeductionKind.objects.filter(indicator__goal__plan=plan).order_by("pk")[0]
    unit = Agency.objects.get(office=office, short_name="義竹鄉公所")
    missed.enter_violation(kind=kind, agency=unit, day=today, office_unit="人事室", note="未填返回時間", by=reviewer)
    _correct(plan, year, unit, today, users[USERS[unit.short_name]])


def _correct(plan: Plan, year: int, agency: Agency, today: date, by: User) -> None:
    """Let a unit say why it missed the first of its targets, and what it does about it."""
    for cell in of_year(plan, year, today=today, agencies=[agency.pk]).missed()[:1]:
        missed.file_correction(
            indicator=cell.indicator,
            agency=agency,
            year=year,
            cause="下半年同仁異動頻繁，新進人員尚未完成規定課程。",
            measure="每月於主管會報提報各單位完成情形，並通知未完成人員。",
            due_on=today + timedelta(days=30),
            by=by,
        )


def _plan(office: Office, year: int) -> Plan:
    source = Plan.objects.get(office=office, kind=PlanKind.KPI, issuing_body=SOURCE)
    plan = clone_plan(plan=source, year=year, by=None)
    plan.issuing_body, plan.title = office.name, f"{office.name}{year}至{year + 3}年度績效目標（示範）"
    plan.note = "示範資料，目標值取自嘉義市政府人事處 108 至 111 年度施政計畫。"
    plan.save()
    for name in ("mission", "vision", "priorities"):  # what the source says of itself
        setattr(plan.strategy, name, f"（示範，文字取自{SOURCE}施政計畫）\n{getattr(plan.strategy, name)}")
    plan.strategy.save()
    return plan


def _report(plan: Plan, year: int, agency: Agency, today: date, by: User, share: int, *, is_sent: bool) -> None:
    facts = of_year(plan, year, today=today, agencies=[agency.pk]).facts
    entries = [
        Entry(indicator, period, _counted(indicator, agency, year, period) or _amounts(indicator, period, share))
        for indicator in facts.indicators
        if agency in facts.agencies_of(indicator)
        for period in range(1, indicator.periods + 1)
        if not closed(facts, indicator, period, today) and period <= max(1, today.month * indicator.periods // 12)
    ]
    actuals.save_entries(plan=plan, year=year, agency=agency, entries=entries, by=by)
    if is_sent and entries:
        actuals.submit_entries(plan=plan, year=year, agency=agency, by=by)


def _counted(indicator: Indicator, agency: Agency, year: int, period: int) -> Amounts | None:
    """Return what the portal itself counts of learning hours, so that the figure and the hours' pages agree."""
    if indicator.source != Source.LEARNING_HOURS:
        return None
    rows = known_rows(indicator, agency, year, period)
    people = sum((row.base or Decimal(0) for row in rows), Decimal(0))
    return Amounts(numerator=sum((row.amount for row in rows), Decimal(0)), denominator=people) if people else None


def _amounts(indicator: Indicator, period: int, share: int) -> Amounts:
    if indicator.formula == Formula.RATIO:
        whole = Decimal(40 + 5 * (indicator.pk % 4))
        return Amounts(numerator=(whole * share / 100).quantize(Decimal(1)), denominator=whole)
    if indicator.formula == Formula.MONTHS_KEPT:
        return Amounts(value=Decimal((period * 7) % 100 < share))
    known = {"1-1": 20, "1-2": 100, "1-3": 1, "2-4": 1, "5-6": 3}
    return Amounts(value=Decimal(known.get(indicator.code, share)))
