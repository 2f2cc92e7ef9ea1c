"""The demo's training year: classes to come in each state, goals and readings of some courses, and next year's survey."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from django.utils import timezone

from districts.models import Agency, Office, Plan
from personnel_portal import roc
from personnel_portal.accounts.models import User
from personnel_portal.home.management.commands._demo_training import plan_of
from training.actions import classes as actions
from training.actions.catalogue import change_course
from training.actions.classes import Parts
from training.actions.survey import answer_survey, open_survey
from training.choices import Form, Mode
from training.models import Course, Need, PreReading, Session, Topic, TrainingClass

# 課程, 平臺課程名稱, 網址：示範用，非真實課程。
READINGS = [
    ("性別主流化研習", "性別主流化基礎概念（示範）", "https://elearn.example.gov.tw/gender"),
    ("廉政倫理與個資安全研習", "個人資料保護法入門（示範）", "https://elearn.example.gov.tw/privacy"),
]


@dataclass(frozen=True, slots=True)
class Coming:
    """A class to come: its course, who runs it, in how many days, its sessions and its hours by topic."""

    course: str
    organiser: str
    by: str
    in_days: int
    place: str
    trainers: str
    sessions: Sequence[tuple[int, int, str]]
    topics: Mapping[str, str]
    quota: int
    goals: str
    form: Form = Form.OWN
    mode: Mode = Mode.ON_SITE
    is_open: bool = True

    @property
    def hours(self) -> Decimal:
        return Decimal(sum(end - start for start, end, _ in self.sessions))


COMING = [
    Coming(
        "性別主流化研習",
        "人事處",
        "reviewer",
        9,
        "縣府三樓大禮堂",
        "國立中正大學 王教授",
        [(9, 12, "性別主流化工具與實例"), (13, 16, "性別影響評估演練")],
        {"性別主流化": "6"},
        60,
        "瞭解性別主流化政策與工具，並能運用於業務。",
    ),
    Coming(
        "廉政倫理與個資安全研習",
        "人事處",
        "reviewer",
        16,
        "人力發展所 201 教室",
        "政風處 李科長、律師 陳先生",
        [(9, 12, "公務員廉政倫理規範"), (13, 15, "個資外洩案例研析")],
        {"廉政與服務倫理": "3", "業務相關課程": "2"},
        40,
        "建立廉政倫理觀念，強化個人資料保護。",
        mode=Mode.BLENDED,
    ),
    Coming(
        "領導研究班",
        "人事處",
        "reviewer",
        24,
        "地方行政研習中心",
        "",
        [(9, 12, "領導與願景"), (13, 16, "變革管理")],
        {},
        5,
        "培育中高階主管領導職能。",
        form=Form.NOMINATED,
    ),
    Coming(
        "土地登記人員法令研習會",
        "大林鎮公所",
        "host.north",
        20,
        "大林鎮公所三樓會議室",
        "地政士 林先生",
        [(9, 12, "土地登記規則修正重點")],
        {"業務相關課程": "3"},
        25,
        "熟悉土地登記法令。",
        is_open=False,
    ),
]
# 機關, 帳號, 需求（課程或建議課程, 人數, 說明）依優先順序
NEEDS: list[tuple[str, str, list[tuple[str, int, str]]]] = [
    (
        "大林鎮公所",
        "host.north",
        [
            ("性別主流化研習", 12, "新進人員多"),
            ("生成式 AI 於公務之應用", 8, "減輕文書負擔"),
            ("政府採購實務與案例研析", 3, ""),
        ],
    ),
    (
        "文化觀光局",
        "host.south",
        [
            ("生成式 AI 於公務之應用", 15, "展覽文案與翻譯"),
            ("Super Easy 說英語研習", 6, "國際旅客接待"),
            ("性別主流化研習", 10, ""),
        ],
    ),
    (
        "義竹鄉公所",
        "host.sea",
        [
            ("天然災害通報作業研習", 6, "沿海低窪地區"),
            ("性別主流化研習", 5, ""),
        ],
    ),
    ("竹崎鄉公所", "host.hill", [("天然災害通報作業研習", 9, "山區道路通報"), ("溝通藝術與談判協商研習", 4, "")]),
]


def play(office: Office, today: date, users: Mapping[str, User]) -> None:
    """Make the year's classes and the survey for the next; everything comes about by the acts that people use."""
    plan = plan_of(office, roc.year(today))
    for name, title, url in READINGS:
        reading = PreReading(title=title, url=url)
        change_course(course=_course(plan, name), changes={}, readings=[reading], by=users["reviewer"])
    for coming in COMING:
        _announce(plan, coming, today, users[coming.by])
    _ask(plan_of(office, roc.year(today) + 1), today, users)


def _course(plan: Plan, name: str) -> Course:
    found: Course = Course.objects.get(plan=plan, name=name)
    return found


def _announce(plan: Plan, coming: Coming, today: date, by: User) -> None:
    """Plan a class and announce it, unless the year is too short for it."""
    day = today + timedelta(days=coming.in_days)
    if day > plan.ends:
        return
    made = TrainingClass(
        course=_course(plan, coming.course),
        form=coming.form,
        mode=coming.mode,
        organiser=Agency.objects.get(office=plan.office, short_name=coming.organiser),
        place=coming.place,
        trainers=coming.trainers,
        goals=coming.goals,
        quota=coming.quota,
        minimum=min(coming.quota, 10),
        hours=coming.hours,
        nominees=2 if coming.form == Form.NOMINATED else None,
        opens_at=_at(today - timedelta(days=10), 8),
        closes_at=_at(day - timedelta(days=3), 17),
    )
    sessions = [
        Session(starts=_at(day, a), ends=_at(day, b), minutes=60 * (b - a), title=t) for a, b, t in coming.sessions
    ]
    topics = {
        topic: Decimal(coming.topics[topic.name])
        for topic in Topic.objects.filter(office=plan.office, name__in=coming.topics)
    }
    actions.add_class(training_class=made, parts=Parts(sessions=sessions, topics=topics), by=by)
    if coming.is_open:
        actions.open_class(training_class=made, by=by)


def _ask(plan: Plan, today: date, users: Mapping[str, User]) -> None:
    """Open the survey of a plan, and let some agencies answer."""
    survey = open_survey(
        plan=plan,
        opens_on=today - timedelta(days=7),
        closes_on=today + timedelta(days=14),
        note="請依各單位業務需要及職能評鑑結果填列，順序 1 為最優先。",
        by=users["reviewer"],
    )
    for short_name, username, wishes in NEEDS:
        agency = Agency.objects.get(office=plan.office, short_name=short_name)
        needs = [_need(plan, name, people, why) for name, people, why in wishes]
        answer_survey(survey=survey, agency=agency, needs=needs, by=users[username])


def _need(plan: Plan, name: str, people: int, why: str) -> Need:
    course = Course.objects.filter(plan=plan, name=name).first()
    return Need(course=course, proposed="" if course else name, people=people, why=why)


def _at(day: date, hour: int) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(hour)))
