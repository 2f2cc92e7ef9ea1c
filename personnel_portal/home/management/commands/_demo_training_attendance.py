"""The demo's classes that are over: one with hours and what people thought of it, one whose hours wait for the office."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from django.utils import timezone

from districts.models import Agency, Office, Person, Plan
from personnel_portal import roc
from personnel_portal.accounts.models import User
from personnel_portal.home.management.commands._demo_training import person_of, plan_of, working
from training.actions.attendance import enter_attendance
from training.actions.crediting import finish_class, grant_hours, submit_hours
from training.actions.questionnaire import answer_questionnaire
from training.choices import ClassState, Leave, Place, Presence, QuestionKind
from training.crediting import Mark
from training.models import (
    ClassTopic,
    Course,
    Question,
    Registration,
    RegistrationEvent,
    Session,
    Topic,
    TrainingClass,
)

PRESENT = Mark(Presence.PRESENT)
# 姓名, 機關, 職稱, 上午及下午各 180 分鐘的出席情形
PEOPLE = [
    ("葉志偉", "民雄國中", "組長", PRESENT, PRESENT),
    ("羅美惠", "民雄國中", "幹事", Mark(Presence.LATE, 20), PRESENT),
    ("鄧家豪", "大林鎮公所", "課員", PRESENT, Mark(Presence.LEFT_EARLY, 30)),
    ("方怡婷", "大林鎮公所", "書記", PRESENT, PRESENT),
    ("丁文傑", "竹崎鄉公所", "課員", Mark(Presence.LATE, 119), PRESENT),
    ("卓淑貞", "竹崎鄉公所", "里幹事", Mark(Presence.LEAVE, 120, Leave.OFFICIAL), PRESENT),
    ("簡俊宏", "義竹鄉公所", "技士", PRESENT, PRESENT),
    ("柯佩蓉", "文化觀光局", "科員", PRESENT, PRESENT),
    ("白建志", "文化觀光局", "約僱人員", Mark(Presence.ABSENT, 180), Mark(Presence.ABSENT, 180)),
]
# 各題分數（依題序，文字題除外）、收穫、建議
ANSWERS = [
    ((5, 5, 4, 4, 5, 5), "傾聽與提問的演練很實用。", ""),
    ((5, 5, 5, 4, 4, 5), "", "希望增加分組演練時間。"),
    ((4, 5, 4, 3, 4, 4), "談判前的準備表。", ""),
    ((5, 4, 4, 4, 5, 5), "", ""),
    ((4, 4, 3, 2, 4, 4), "", "上午時間偏早，遠地同仁趕不及。"),
    ((5, 5, 4, 4, 5, 5), "案例貼近鄉鎮實務。", "請提供講義電子檔。"),
]


@dataclass(frozen=True, slots=True)
class Held:
    """A class that took place: its course, who ran it, how many days ago, and its hours by topic."""

    course: str
    organiser: str
    by: str
    days_ago: int
    place: str
    trainers: str
    hours: Mapping[str, int]


COURTESY = Held(
    "溝通藝術與談判協商研習", "人事處", "reviewer", 12, "人力發展所 301 教室", "中正大學林教授", {"業務相關課程": 6}
)
PAPERS = Held("公文流程管理講習會", "大林鎮公所", "host.north", 6, "大林鎮公所三樓會議室", "王秘書", {})


def play(office: Office, today: date, users: Mapping[str, User]) -> None:
    """Make both classes; attendance, hours and answers come about by the acts that people use."""
    plan = plan_of(office, roc.year(today))
    courtesy = _held(plan, COURTESY, today, users[COURTESY.by], PEOPLE)
    grant_hours(training_class=courtesy, by=users["reviewer"])
    _answer(courtesy, today)
    papers = _held(plan, PAPERS, today, users[PAPERS.by], PEOPLE[2:6])
    if papers.course.college and papers.course.college.run_by_units:
        submit_hours(training_class=papers, by=users[PAPERS.by])


def _held(
    plan: Plan, held: Held, today: date, by: User, people: Sequence[tuple[str, str, str, Mark, Mark]]
) -> TrainingClass:
    course = Course.objects.get(plan=plan, name=held.course)
    day = max(working(today - timedelta(days=held.days_ago)), plan.starts)
    number = course.classes.count() + 1
    made = TrainingClass.objects.create(
        course=course,
        number=number,
        state=ClassState.CLOSED,
        organiser=Agency.objects.get(office=plan.office, short_name=held.organiser),
        place=held.place,
        trainers=held.trainers,
        quota=30,
        hours=Decimal(6),
        opens_at=_at(day - timedelta(days=40), 9),
        closes_at=_at(day - timedelta(days=10), 17),
        created_by=by,
    )
    for hour, title in ((9, "上午"), (13, "下午")):
        starts = _at(day, hour)
        Session.objects.create(
            training_class=made, starts=starts, ends=starts + timedelta(hours=3), minutes=180, title=title
        )
    for name, hours in held.hours.items():
        topic = Topic.objects.get(office=plan.office, name=name)
        ClassTopic.objects.create(training_class=made, topic=topic, hours=hours)
    _attend(made, people, by)
    return finish_class(training_class=made, by=by)


def _attend(made: TrainingClass, people: Sequence[tuple[str, str, str, Mark, Mark]], by: User) -> None:
    sessions, plan = list(made.sessions.order_by("starts")), made.course.plan
    marks: dict[tuple[int, int], Mark | None] = {}
    for queue, (name, agency, title, *marked) in enumerate(people, start=1):
        place = _place(made, person_of(plan.office, name, agency, title, plan.starts), queue, by)
        marks |= {(place.pk, session.pk): mark for session, mark in zip(sessions, marked, strict=True)}
    enter_attendance(training_class=made, marks=marks, by=by)


def _place(made: TrainingClass, person: Person, queue: int, by: User) -> Registration:
    """Give a place as if it had been asked for in time: a class that is over takes no registrations."""
    agency = person.postings.all()[0].agency
    place = Registration.objects.create(
        training_class=made,
        person=person,
        agency=agency,
        place=Place.REGISTERED,
        queue=queue,
        seat=queue,
        registered_by=by,
        registered_at=made.created_at,
    )
    RegistrationEvent.objects.create(registration=place, place=Place.REGISTERED, by=by, at=made.created_at)
    return place


def _answer(made: TrainingClass, today: date) -> None:
    questions = list(Question.objects.filter(training_class=made).order_by("order"))
    scales = [question.pk for question in questions if question.kind == QuestionKind.SCALE]
    texts = [question.pk for question in questions if question.kind == QuestionKind.TEXT]
    attended = Registration.objects.attended().filter(training_class=made).order_by("queue")
    for place, (points, *written) in zip(attended, ANSWERS, strict=False):
        answers: dict[int, int | str] = {
            **dict(zip(scales, points, strict=True)),
            **dict(zip(texts, written, strict=True)),
        }
        answer_questionnaire(registration=place, answers=answers, today=today)


def _at(day: date, hour: int) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(hour)))
