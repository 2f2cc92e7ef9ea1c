"""What the tests of learning hours build: records, and a whole county of them."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import count, cycle, islice

from districts.choices import Access, Function, Status
from districts.models import Agency, Person, Posting
from tests import build
from training.choices import Mode, Origin
from training.models import LearningRecord, Topic

YEAR = 115  # of `build.TODAY`
DAY = date(2026, 3, 2)

POLICY, ENVIRONMENT, GENDER = "當前政府重大政策", "環境教育", "性別主流化"
ETHICS, RIGHTS, NEUTRAL, CULTURES = "廉政與服務倫理", "人權教育", "行政中立", "多元族群文化及公民參與"
OTHER = "業務相關課程"
# What meets a year's demand exactly: 10 compulsory hours of 20.
ENOUGH = {POLICY: 1, ENVIRONMENT: 4, GENDER: 1, ETHICS: 2, NEUTRAL: 2, OTHER: 10}

_numbers = count(1)


def topic(name: str) -> Topic:
    return Topic.objects.get(office=build.county(), name=name)


def record(
    person: Person,
    hours: Decimal | float = 1,
    topic_: str = OTHER,
    *,
    course: str = "",
    day: date = DAY,
    agency: Agency | None = None,
    origin: Origin = Origin.CLASS,
    mode: Mode = Mode.ON_SITE,
    **fields: object,
) -> LearningRecord:
    """Give somebody a record of a day."""
    values = {"year": day.year - 1911, "ends": day, "topic": topic(topic_) if topic_ else None} | fields
    return LearningRecord.objects.create(
        person=person,
        agency=agency or person.postings.order_by("pk")[0].agency,
        course=course or f"第{next(_numbers)}課程",
        starts=day,
        hours=Decimal(str(hours)),
        origin=origin,
        mode=mode,
        **values,
    )


def learn(person: Person, hours: Mapping[str, float], *, day: date = DAY) -> list[LearningRecord]:
    """Give somebody hours of several topics."""
    return [record(person, each, name, day=day) for name, each in hours.items()]


def many_people(number: int, agencies: Sequence[Agency]) -> list[Person]:
    """Make so many civil servants, spread over the agencies; without their own save, for tests of scale."""
    office = build.county()
    made = Person.objects.bulk_create(
        Person(office=office, name=f"職員{place:05d}", status=Status.CIVIL_SERVANT) for place in range(number)
    )
    Posting.objects.bulk_create(
        Posting(
            person=person,
            agency=agency,
            title="科員",
            function=Function.HANDLER,
            access=Access.OWN,
            since=date(2020, 1, 1),
        )
        for person, agency in zip(made, cycle(agencies), strict=False)
    )
    return made


def many_records(people: Sequence[Person], agencies: Sequence[Agency], each: int, *, year: int = YEAR) -> None:
    """Give everybody so many records of the year; two of three meet what it asks."""
    topics = {name: topic(name) for name in ENOUGH}
    order = list(islice(cycle([*ENOUGH]), each))
    times = {name: order.count(name) for name in ENOUGH}
    first = date(year + 1911, 1, 5)
    rows = (
        LearningRecord(
            person=person,
            agency=agency,
            year=year,
            topic=topics[name],
            course=f"{name}第{number}場",
            starts=first + timedelta(days=number),
            ends=first + timedelta(days=number),
            hours=Decimal(ENOUGH[name]) / times[name] if place % 3 else Decimal("0.1"),
            origin=Origin.IMPORT,
        )
        for place, (person, agency) in enumerate(zip(people, cycle(agencies), strict=False))
        for number, name in enumerate(order)
    )
    while batch := list(islice(rows, 10_000)):
        LearningRecord.objects.bulk_create(batch)
