"""The demo's returns of IT-tool usage: a year under review, in which some agencies have not filed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from districts.actions.plans import clone_plan
from districts.choices import PlanKind
from districts.models import Agency, Office, Plan
from kpi.actions import usage, usage_catalogue, usage_review
from kpi.actions.usage import Filled, ServiceEntry, Thing, UseEntry
from kpi.actions.usage_review import Judged, Review
from kpi.choices import Grant, Part, Round
from kpi.models import SubItem, Subsystem, System, UsageReport, UsageTraining
from personnel_portal import roc
from personnel_portal.accounts.models import User
from personnel_portal.home.management.commands import _demo_targets

# Who files for an agency; for the others the office enters what they sent on paper.
USERS = {**_demo_targets.USERS, "三興國小": "coached"}
SUBSYSTEMS = [
    "組織編制",
    "任免遷調",
    "考績",
    "平時獎懲",
    "訓練進修",
    "差勤",
    "待遇",
    "保險",
    "退休撫卹",
    "個人資料",
    "報表",
]
PURPOSES = ["每月更新人員動態", "辦理年度統計", "受理同仁線上申請", "公務人員個人資料校對"]


@dataclass(frozen=True, slots=True)
class Filing:
    """How much an agency files in the first round; `share` is what is granted for services, none leaves it waiting."""

    agency: str
    tools: int
    subsystems: int
    share: int | None


FILINGS = [
    Filing("文化觀光局", 21, 10, 80),
    Filing("竹崎鄉公所", 17, 8, 50),
    Filing("義竹鄉公所", 17, 8, 50),
    Filing("民雄國中", 12, 5, 0),
    Filing("大林國小", 6, 2, 0),
    Filing("三興國小", 5, 1, 0),
    Filing("民雄鄉公所", 18, 9, None),
    Filing("大林鎮公所", 14, 6, None),
]


def play(office: Office, today: date, users: Mapping[str, User]) -> None:
    """Make the year's plan and what agencies filed; everything comes about by the acts that people use."""
    plan = _plan(office, roc.year(today))
    reviewer = users["reviewer"]
    for order, name in enumerate(SUBSYSTEMS, start=1):
        usage_catalogue.save_subsystem(subsystem=Subsystem(office=office, order=order, name=name), by=reviewer)
    for number, title in enumerate(["WebHR 差勤子系統操作", "WebITR 回流教育"]):
        day = max(today - timedelta(days=60 + 30 * number), plan.starts)
        training = UsageTraining(day=day, title=title, attendees=45 - number)
        usage_catalogue.add_training(plan=plan, training=training, by=reviewer)
    for filing in FILINGS:
        _file(plan, filing, today, users)
    sub_item = SubItem.objects.get(office=office, order=4)
    system = System(sub_item=sub_item, name="線上教學平台", builder="教育處", reason="辦理數位研習與問卷")
    member = Agency.objects.get(office=office, short_name="民雄國中")
    usage_catalogue.propose_system(system=system, agency=member, by=users["member"])


def _plan(office: Office, year: int) -> Plan:
    plans = Plan.objects.filter(office=office, kind=PlanKind.IT_USE)
    return plans.filter(year=year).first() or clone_plan(plan=plans.order_by("year")[0], year=year, by=None)


def _file(plan: Plan, filing: Filing, today: date, users: Mapping[str, User]) -> None:
    agency = Agency.objects.get(office=plan.office, short_name=filing.agency)
    by = users[USERS.get(filing.agency, "admin")]
    report = usage.start_return(plan=plan, agency=agency, round_=Round.FIRST, by=by)
    tools = System.objects.order_by("sub_item__order", "order")[: filing.tools]
    things = [Thing("system", one.pk) for one in tools]
    things += [Thing("subsystem", one.pk) for one in Subsystem.objects.filter(office=plan.office)[: filing.subsystems]]
    entries = {
        thing: UseEntry(PURPOSES[number % len(PURPOSES)], "操作畫面及產製報表留存備查")
        for number, thing in enumerate(things)
    }
    services = [ServiceEntry("C.C.S人事服務平台", Part.JOINT, "提供各科 NG 案例")] if filing.share != 0 else []
    filled = Filled("○人字第0000000000號", today, f"{agency.short_name}人事", "05-0000000", entries, services)
    report = usage.save_return(report=report, filled=filled, revision=report.revision, by=by)
    report = usage.send_return(report=report, by=by)
    if filing.agency == "大林鎮公所":
        usage_review.return_for_correction(report=report, reason="第 3 項佐證不清楚，請補畫面。", by=users["reviewer"])
    elif filing.share is not None:
        _review(report, filing.share, users["reviewer"])


def _review(report: UsageReport, share: int, by: User) -> None:
    items = {key: Judged(Grant.GRANTED) for key in report.uses.values_list("pk", flat=True)}
    reason = "配合建置並提供案例" if share else ""
    review = Review(items, Decimal(share), reason, "" if report.is_scored else "如期函報，配合度良好")
    usage_review.review_return(report=report, review=review, finish=True, revision=report.revision, by=by)
