"""The demo's learning hours: people who have reached the year's demand, who are on the way, who are behind; and a report of the
national portal that waits to be looked through."""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal

from districts.choices import Access, Function
from districts.models import Agency, Office, Person, Posting
from personnel_portal import roc
from personnel_portal.accounts.models import User
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
# 姓名, 機關, 職稱, 今年時數
PEOPLE: list[tuple[str, str, str, Mapping[str, int]]] = [
    ("蘇郁雯", "民雄國中", "組員", ENOUGH),
    ("曾國展", "民雄國中", "幹事", HALF),
    ("何宜蓁", "大林鎮公所", "課員", ENOUGH),
    ("賴冠宇", "大林鎮公所", "技士", ENOUGH | {GENDER: 0}),
    ("莊雅筑", "竹崎鄉公所", "辦事員", {OTHER: 3}),
    ("高振源", "義竹鄉公所", "課員", HALF),
]
# What the national portal has of them: 姓名, 機關, 課程, 類別, 時數; one more, one differing, one of nobody known.
REPORTED = [
    ("曾國展", "民雄國中", COURSES[ENVIRONMENT], ENVIRONMENT, "4"),
    ("曾國展", "民雄國中", "水資源與永續農業", ENVIRONMENT, "2"),
    ("蘇郁雯", "民雄國中", COURSES[POLICY], POLICY, "1"),
    ("高振源", "義竹鄉公所", "人權兩公約與生活", "人權教育", "3"),
    ("林○明", "義竹鄉公所", "人權兩公約與生活", "人權教育", "3"),
]


def play(office: Office, today: date, users: Mapping[str, User]) -> None:
    """Give people hours of this year, then hand in a report of the national portal and read it."""
    day = max(today - timedelta(days=70), today.replace(month=1, day=1))
    topics = {topic.name: topic for topic in Topic.objects.filter(office=office)}
    for name, where, title, hours in PEOPLE:
        agency = Agency.objects.get(office=office, short_name=where)
        person = Person.objects.create(office=office, name=name)
        Posting.objects.create(
            person=person,
            agency=agency,
            title=title,
            function=Function.HANDLER,
            access=Access.OWN,
            since=date(2023, 10, 1),
        )
        LearningRecord.objects.bulk_create(
            LearningRecord(
                person=person,
                agency=agency,
                year=roc.year(day),
                topic=topics[topic],
                course=COURSES[topic],
                starts=day,
                ends=day,
                hours=Decimal(each),
                mode=Mode.ONLINE,
                origin=Origin.IMPORT,
            )
            for topic, each in hours.items()
            if each
        )
    report = receive_report(
        office=office, name="學習時數報表.csv", content=_report(day), year=roc.year(day), by=users["reviewer"]
    )
    read_report(report=report)


def _report(day: date) -> bytes:
    head = "姓名,服務機關,課程名稱,課程類別,上課起日,上課迄日,學習時數"
    written = roc.short(day)
    lines = (
        f"{name},{agency},{course},{topic},{written},{written},{hours}"
        for name, agency, course, topic, hours in REPORTED
    )
    return "\r\n".join([head, *lines]).encode("cp950")
