"""The demo's classes that are yet to come: one that is full, with a waiting list and an offer, and one with nominations."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from django.utils import timezone

from districts.models import Agency, Office, Person, Plan
from personnel_portal import roc
from personnel_portal.accounts.models import User
from personnel_portal.home.management.commands._demo_training import person_of, plan_of, working
from training.actions import nominations
from training.actions import registration as actions
from training.choices import ClassState, Form
from training.models import ClassTopic, Course, Session, Topic, TrainingClass

FULL = "廉政倫理與個資安全研習"
NOMINATED = "領導研究班"
TOPICS = {FULL: "廉政與服務倫理", NOMINATED: "業務相關課程"}
QUOTA = 5
# 姓名, 機關, 職稱；依報名先後
PEOPLE = [
    ("羅文彬", "民雄國中", "組長"),
    ("簡淑華", "民雄國中", "幹事"),
    ("杜佳蓉", "大林鎮公所", "課員"),
    ("江志明", "大林鎮公所", "書記"),
    ("石惠玲", "竹崎鄉公所", "課員"),
    ("何書婷", "民雄國中", "書記"),
    ("范國華", "文化觀光局", "科員"),
    ("姚秀琴", "義竹鄉公所", "課員"),
]
NOMINEES = [("羅文彬", "辦理人事業務績效優良，擬培育為中階主管。"), ("簡淑華", "即將接任總務組長。")]


def play(office: Office, today: date, users: Mapping[str, User]) -> None:
    """Make both classes; places, offers and nominations come about by the acts that people use."""
    plan = plan_of(office, roc.year(today))
    people = [person_of(office, *row) for row in PEOPLE]
    _waiting_list(_class(plan, FULL, today, users["reviewer"], quota=QUOTA), people, users["reviewer"])
    course = _class(plan, NOMINATED, today, users["reviewer"], quota=3, form=Form.NOMINATED, nominees=2)
    agency = Agency.objects.get(office=office, short_name="民雄國中")
    for rank, (name, reason) in enumerate(NOMINEES, start=1):
        person = Person.objects.get(office=office, name=name)
        nominations.nominate(
            training_class=course, agency=agency, person=person, rank=rank, reason=reason, by=users["member"]
        )


def _waiting_list(training_class: TrainingClass, people: list[Person], by: User) -> None:
    """Fill a class beyond its quota; somebody who has a place cannot come, so that the first who waits is offered it."""
    answers = actions.register(training_class=training_class, people=people, by=by)
    first = answers[2].registration
    if first is not None:
        actions.cancel_registration(registration=first, reason="當日奉派出差。", by=by)


def _class(plan: Plan, course: str, today: date, by: User, **fields: object) -> TrainingClass:
    found = Course.objects.get(plan=plan, name=course)
    now, day = timezone.now(), working(today + timedelta(days=21))
    made = TrainingClass.objects.create(
        course=found,
        number=found.classes.count() + 1,
        state=ClassState.OPEN,
        mode=found.mode,
        goals=found.goals,
        audience=found.audience,
        place="人力發展所 201 教室",
        organiser=Agency.objects.get(office=plan.office, short_name="人事處"),
        hours=Decimal(3),
        opens_at=now - timedelta(days=3),
        closes_at=_at(day - timedelta(days=7), 17),
        created_by=by,
        **fields,
    )
    starts = _at(day, 9)
    Session.objects.create(training_class=made, starts=starts, ends=starts + timedelta(hours=3), minutes=180)
    for topic in Topic.objects.filter(office=plan.office, name=TOPICS.get(course, "")):
        ClassTopic.objects.create(training_class=made, topic=topic, hours=made.hours)
    return made


def _at(day: date, hour: int) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(hour)))
