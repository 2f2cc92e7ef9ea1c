"""The demo's learning hours: people who have reached the year's demand, who are on the way, who are behind; and a
report of the national portal that waits to be looked through."""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from districts.models import Office, Posting
from personnel_portal import roc
from personnel_portal.accounts.models import User
from personnel_portal.home.management.commands._demo_training import person_of
from training.actions.reports import read_report, receive_report
from training.choices import Mode, Origin
from training.models import LearningRecord, Topic

POLICY, ENVIRONMENT, GENDER, OTHER = "當前政府重大政策", "環境教育", "性別主流化", "業務相關課程"
ETHICS, NEUTRAL = "廉政與服務倫理", "行政中立"
COURSES = {
    POLICY: "淨零排放政策解析",
    ENVIRONMENT: "濕地生態與減塑行動",
    GENDER: "CEDAW 與直接、間接歧視",
    ETHICS: "公務員廉政倫理規範案例",
    NEUTRAL: "選舉期間之行政中立",
    OTHER: "公文寫作與文書處理",
}
ENOUGH = {POLICY: 1, ENVIRONMENT: 4, GENDER: 1, ETHICS: 2, NEUTRAL: 2, OTHER: 12}
HALF = {POLICY: 1, ENVIRONMENT: 2, GENDER: 1, OTHER: 9}
BEGUN = {OTHER: 3}
ALMOST = ENOUGH | {GENDER: 0}
# How far those stand who have no hours of their own below, turn by turn.
OTHERS = (ENOUGH, ENOUGH, HALF, ENOUGH, ALMOST, ENOUGH, ENOUGH, BEGUN, ENOUGH, ENOUGH)
ONLINE = (POLICY, GENDER, ETHICS, NEUTRAL)
# 姓名, 機關, 職稱, 今年時數
PEOPLE: list[tuple[str, str, str, Mapping[str, int]]] = [
    ("蘇郁雯", "民雄國中", "組員", ENOUGH),
    ("曾國展", "民雄國中", "幹事", HALF),
    ("何書婷", "民雄國中", "書記", HALF),
    ("何宜蓁", "大林鎮公所", "課員", ENOUGH),
    ("賴冠宇", "大林鎮公所", "技士", ALMOST),
    ("莊雅筑", "竹崎鄉公所", "辦事員", BEGUN),
    ("高振源", "義竹鄉公所", "課員", HALF),
]
# The agencies that the national portal's report lists; beside what is here one line differs, two are there alone, and one
# means nobody who is known.
REPORTED = ("民雄國中", "義竹鄉公所")
DIFFERING = ("曾國展", COURSES[ENVIRONMENT], "4")
# 姓名, 機關, 課程, 類別, 時數
ONLY_THERE = [
    ("曾國展", "民雄國中", "水資源與永續農業", ENVIRONMENT, "2"),
    ("高振源", "義竹鄉公所", "人權兩公約與生活", "人權教育", "3"),
    ("林○明", "義竹鄉公所", "人權兩公約與生活", "人權教育", "3"),
]


def play(office: Office, today: date, users: Mapping[str, User]) -> None:
    """Give people hours of this year, then hand in a report of the national portal and read it."""
    topics = {topic.name: topic for topic in Topic.objects.filter(office=office)}
    learned = {person_of(office, name, where, title).pk: hours for name, where, title, hours in PEOPLE}
    posts = Posting.objects.filter(agency__office=office).order_by("-pk").values_list("person", "agency")
    serving = dict(posts)
    others = sorted(serving.keys() - learned.keys())
    learned |= {person: OTHERS[turn % len(OTHERS)] for turn, person in enumerate(others)}
    LearningRecord.objects.bulk_create(
        _record(person, serving[person], topics[topic], Decimal(each), today)
        for person, hours in learned.items()
        for topic, each in hours.items()
        if each
    )
    year = roc.year(today)
    report = receive_report(
        office=office, name="學習時數報表.csv", content=_report(office, today), year=year, by=users["reviewer"]
    )
    read_report(report=report)


def _record(person: int, agency: int, topic: Topic, hours: Decimal, today: date) -> LearningRecord:
    day = _day(topic.name, today)
    return LearningRecord(
        person_id=person,
        agency_id=agency,
        year=roc.year(day),
        topic=topic,
        course=COURSES[topic.name],
        starts=day,
        ends=day,
        hours=hours,
        mode=Mode.ONLINE if topic.name in ONLINE else Mode.ON_SITE,
        origin=Origin.IMPORT,
        in_portal=True,
    )


def _day(topic: str, today: date) -> date:
    """Return when a topic's course was, spread over the year as far as it has come."""
    return max(today - timedelta(days=70 + 21 * list(COURSES).index(topic)), today.replace(month=1, day=1))


def _report(office: Office, today: date) -> bytes:
    head = "姓名,服務機關,課程名稱,課程類別,上課起日,上課迄日,學習時數"
    known = LearningRecord.objects.filter(origin=Origin.IMPORT, agency__office=office, agency__short_name__in=REPORTED)
    lines: list[tuple[Any, ...]] = [
        (record.person.name, record.agency.short_name, record.course, record.topic, record.starts, f"{record.hours:f}")
        for record in known.select_related("person", "agency", "topic").order_by("agency", "person", "starts")
    ]
    lines += [(*told, _day(ENVIRONMENT, today), hours) for *told, hours in ONLY_THERE]
    written = (
        f"{name},{agency},{course},{topic},{roc.short(day)},{roc.short(day)},"
        f"{DIFFERING[2] if (name, course) == DIFFERING[:2] else hours}"
        for name, agency, course, topic, day, hours in lines
    )
    return "\r\n".join([head, *written]).encode("cp950")
