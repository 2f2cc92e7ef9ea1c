"""What the tests of training build: a year's plan, courses, classes with sessions, employees and their registrations."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import count

from django.db.models import Max
from django.utils import timezone

from districts.choices import Access, Function, PlanKind, Status
from districts.models import Agency, Person, Plan
from personnel_portal.accounts.models import User
from tests import build
from training.choices import SEATED, ClassState, Place
from training.models import (
    ClassTopic,
    College,
    Course,
    Registration,
    RegistrationEvent,
    Session,
    Topic,
    TrainingClass,
    TrainingRule,
)

YEAR = 115  # of `build.TODAY`

_numbers = count(1)


def plan(year: int = YEAR) -> Plan:
    """Return the county's training plan of a year, a bare one with the rules of 103 where none is there."""
    office = build.county()
    found, made = Plan.objects.get_or_create(
        office=office,
        kind=PlanKind.TRAINING,
        year=year,
        issuing_body=office.name,
        defaults={
            "title": f"{office.name}{year}年度訓練進修計畫",
            "starts": date(year + 1911, 1, 1),
            "ends": date(year + 1911, 12, 31),
        },
    )
    if made:
        TrainingRule.objects.create(plan=found)
    return found


def course(name: str = "", *, plan_: Plan | None = None, college: College | None = None) -> Course:
    """Make a course of a plan, without a college if none is given."""
    number = next(_numbers)
    return Course.objects.create(
        plan=plan_ or plan(), college=college, order=1000 + number, name=name or f"第{number}課程"
    )


def training_class(
    *,
    course_: Course | None = None,
    organiser: Agency | None = None,
    quota: int = 10,
    hours: Decimal = Decimal(6),
    state: ClassState = ClassState.OPEN,
    starts: datetime | None = None,
    minutes: Sequence[int] = (180, 180),
    by: User | None = None,
    **fields: object,
) -> TrainingClass:
    """Make a class that takes registrations now; its sessions follow one another on a day a fortnight ahead."""
    now = timezone.now()
    organiser = organiser or build.listed("人事處")
    made = TrainingClass.objects.create(
        course=course_ or course(),
        organiser=organiser,
        quota=quota,
        hours=hours,
        state=state,
        created_by=by or build.officer(organiser),
        **({"opens_at": now - timedelta(days=7), "closes_at": now + timedelta(days=7)} | fields),
    )
    start = starts or build.at(timezone.localdate() + timedelta(days=14), 9)
    for length in minutes:
        end = start + timedelta(minutes=length)
        Session.objects.create(training_class=made, starts=start, ends=end, minutes=length)
        start = end + timedelta(hours=1)
    return made


def topic(name: str = "政策", **fields: object) -> Topic:
    """Return a topic of the county, made where it is not there."""
    return Topic.objects.get_or_create(office=build.county(), name=name, defaults=fields)[0]


def class_topic(training_class_: TrainingClass, name: str, hours: Decimal | int) -> ClassTopic:
    """Say that so many of a class's hours count for a topic."""
    return ClassTopic.objects.create(training_class=training_class_, topic=topic(name), hours=hours)


def employee(
    agency: Agency | None = None, *, name: str = "", status: Status = Status.CIVIL_SERVANT, username: str = ""
) -> Person:
    """Make somebody who is employed at an agency; with a user name also a login that sees what is the person's own."""
    name = name or f"員工{next(_numbers)}"
    made = Person.objects.create(
        office=build.county(),
        name=name,
        status=status,
        mail=f"{username or f'staff{next(_numbers)}'}@example.gov.tw",
        user=build.user(username=username, name=name) if username else None,
    )
    build.posting(
        person=made,
        agency=agency or build.listed("民雄國中"),
        access=Access.OWN,
        function=Function.HANDLER,
        title="科員",
    )
    return made


def registration(
    training_class_: TrainingClass, person: Person | None = None, *, place: Place = Place.REGISTERED, by: User
) -> Registration:
    """Make a registration in any state, next in turn, with its first step; not through the actions."""
    person = person or employee()
    posting = person.postings.get()
    made = Registration.objects.create(
        training_class=training_class_,
        person=person,
        agency=posting.agency,
        place=place,
        queue=training_class_.registrations.count() + 1,
        seat=_next_seat(training_class_) if place in SEATED else None,
        offered_until=timezone.now() + timedelta(hours=48) if place == Place.OFFERED else None,
        registered_by=by,
    )
    RegistrationEvent.objects.create(registration=made, place=place, by=by)
    return made


def _next_seat(training_class_: TrainingClass) -> int:
    last = training_class_.registrations.aggregate(last=Max("seat"))["last"]
    return (last or 0) + 1
