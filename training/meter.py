"""Learning hours against what a year asks: a person's meter, an agency's people, the county's agencies.

Sums and counts are the database's work, in a number of queries that does not grow with people or records.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import (
    Case,
    Count,
    DecimalField,
    Exists,
    Expression,
    F,
    Func,
    IntegerField,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce
from django.utils import timezone

from districts.choices import AgencyKind
from districts.models import Agency, Person, Posting
from personnel_portal import roc
from personnel_portal.rules.meter import Learned, Meter, Part, Reading, measure
from training.choices import ACTIVE, ClassState, Mode
from training.models import LearningRecord, Registration, RequirementSet, TrainingClass

FIRST_YEAR = 90  # in which hours were first asked

_HOURS: DecimalField[Any, Any] = DecimalField(max_digits=8, decimal_places=1)
_NONE = Value(Decimal(0), output_field=_HOURS)


def number(hours: Decimal) -> str:
    """Return hours as people write them: 20, 1.5."""
    return f"{hours.normalize():f}"


def plain(hours: Decimal) -> Decimal | int:
    """Return hours as a number without a useless zero."""
    return int(hours) if hours == int(hours) else hours


# --- What a year asks ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Asked:
    """What a year asks of people of some statuses, by which clause."""

    pk: int
    name: str
    clause: str
    statuses: tuple[str, ...]
    hours: Decimal
    parts: tuple[Part, ...]

    def measure(self, records: Iterable[LearningRecord]) -> Meter:
        """Return the meter of somebody who has these records."""
        return measure(self.hours, self.parts, [_learned(record) for record in records])


def asked_in(office_id: int, year: int) -> list[Asked]:
    """Return what a (ROC) year asks, the newest first; one query. Each status is asked by the newest set that names it."""
    rows = RequirementSet.objects.filter(office=office_id).in_year(year).order_by("-from_year", "pk")
    parts: dict[int, dict[str, Part]] = {}
    sets: dict[int, Any] = {}
    columns = ["requirements__name", "requirements__hours", "requirements__digital", "requirements__topics"]
    for row in rows.order_by("-from_year", "pk", "requirements__order", "requirements__pk").values(
        "pk", "name", "clause", "statuses", "hours", *columns
    ):
        sets[row["pk"]] = row
        known = parts.setdefault(row["pk"], {})
        if name := row["requirements__name"]:
            topic = row["requirements__topics"]
            topics = (known[name].topics if name in known else frozenset()) | ({topic} if topic else frozenset())
            known[name] = Part(name, row["requirements__hours"], topics, row["requirements__digital"])
    taken: set[str] = set()
    found = []
    for pk, row in sets.items():
        statuses = tuple(status for status in row["statuses"] if status not in taken)
        taken.update(statuses)
        found.append(Asked(pk, row["name"], row["clause"], statuses, row["hours"], tuple(parts[pk].values())))
    return found


def asked_of(status: str, sets: Sequence[Asked]) -> Asked | None:
    """Return what is asked of a status."""
    return next((asked for asked in sets if status in asked.statuses), None)


def years() -> list[tuple[str, str]]:
    """Return the (ROC) years for which hours may be asked, this year first, as choices."""
    this = roc.year(timezone.localdate())
    return [(str(year), f"{year} 年度") for year in range(this, FIRST_YEAR - 1, -1)]


def counting_day(year: int, today: date) -> date:
    """Return the day whose posts decide where people count: today, for other years the day nearest to it."""
    first, last = date(roc.gregorian(year), 1, 1), date(roc.gregorian(year), 12, 31)
    return min(max(today, first), last)


# --- One person ------------------------------------------------------------------------------------------------------


def digital_hours(record: LearningRecord) -> Decimal:
    """Return how many of a record's hours were learned online; of blended learning what was entered."""
    if record.digital_hours is not None:
        return record.digital_hours
    return record.hours if record.mode == Mode.ONLINE else Decimal(0)


def _learned(record: LearningRecord) -> Learned:
    return Learned(record.topic_id, record.hours, digital_hours(record))


@dataclass(frozen=True, slots=True)
class Filling:
    """A class that takes registrations, and which of the missing lines its hours would fill, by how much."""

    training_class: TrainingClass
    lines: tuple[tuple[str, Decimal], ...]


def fillings(user: Any, person: Person, meter: Meter, now: datetime) -> list[Filling]:
    """Return the open classes that would fill what somebody misses, those that fill most first; two queries.

    Left out are classes for others' statuses or agencies, and those that the person stands in already.
    """
    if meter.is_met:
        return []
    classes = (
        TrainingClass.objects.visible_to(user)
        .taking(now)
        .filter(Q(agencies=None) | Q(agencies__postings__in=Posting.objects.on(now.date()).filter(person=person)))
        .exclude(Exists(Registration.objects.filter(training_class=OuterRef("pk"), person=person, place__in=ACTIVE)))
        .select_related("course")
        .prefetch_related("topics")
        .order_by("closes_at", "pk")
        .distinct()
    )
    found = [Filling(each, _filled(each, meter)) for each in classes if person.status in each.statuses]
    useful = [filling for filling in found if filling.lines]
    return sorted(useful, key=lambda filling: -sum(hours for _, hours in filling.lines))


def _filled(training_class: TrainingClass, meter: Meter) -> tuple[tuple[str, Decimal], ...]:
    lines = [(part.name, min(part.missing, _adds(training_class, part))) for part in meter.parts if part.missing]
    lines = [(name, hours) for name, hours in lines if hours]
    if meter.total.missing and training_class.hours:
        lines.append((meter.total.name, min(meter.total.missing, training_class.hours)))
    return tuple(lines)


def _adds(training_class: TrainingClass, line: Reading) -> Decimal:
    part = line.part
    if part is None or (part.digital and training_class.mode != Mode.ONLINE):
        return Decimal(0)
    if not part.topics:
        return training_class.hours
    return sum((each.hours for each in training_class.topics.all() if part.takes(each.topic_id)), Decimal(0))


# --- Agencies and the county -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Share:
    """How many of those who are asked have met it."""

    people: int
    met: int

    @property
    def percent(self) -> Decimal | None:
        """Rounded down to a tenth, so that 100.0 means everybody; none where nobody is asked."""
        return Decimal(self.met * 1000 // self.people).scaleb(-1) if self.people else None


def counted(office_id: int, statuses: Sequence[str], day: date) -> QuerySet[Posting]:
    """Return the one post by which each person counts: of several held on the day, the first entered."""
    held = Posting.objects.on(day).filter(agency__office=office_id)
    earlier = held.filter(person=OuterRef("person"), pk__lt=OuterRef("pk"))
    return held.filter(~Exists(earlier), person__status__in=statuses)


def met(asked: Asked, year: int, *, until: date | None = None, among: QuerySet[Any] | None = None) -> QuerySet[Any]:
    """Return the keys of all who meet what is asked, by what was learned until a day; `among` (keys of people)
    spares the others' records."""
    learned = LearningRecord.objects.filter(year=year)
    if until is not None:
        learned = learned.filter(ends__lte=until)
    if among is not None:
        learned = learned.filter(person__in=among)
    sums = learned.order_by().values("person").annotate(**_sums(asked, ""))
    reached: QuerySet[Any] = sums.filter(**{f"{name}__gte": hours for name, hours in _limits(asked).items()})
    return reached.values("person")


def _limits(asked: Asked) -> dict[str, Decimal]:
    return {"total": asked.hours, **{f"part{number}": part.hours for number, part in enumerate(asked.parts)}}


def _sums(asked: Asked, path: str, within: Q | None = None) -> dict[str, Expression | Coalesce]:
    """Return the sum of each line of the meter; `path` leads to the records, `within` narrows them."""
    within = within or Q()
    online: Expression = Coalesce(
        F(f"{path}digital_hours"),
        Case(When(**{f"{path}mode": Mode.ONLINE}, then=F(f"{path}hours")), default=_NONE, output_field=_HOURS),
    )
    sums: dict[str, Expression | Coalesce] = {"total": Coalesce(Sum(f"{path}hours", filter=within), _NONE)}
    for number, part in enumerate(asked.parts):
        topics = Q(**{f"{path}topic__in": sorted(part.topics)}) if part.topics else Q()
        hours = online if part.digital else F(f"{path}hours")
        sums[f"part{number}"] = Coalesce(Sum(hours, filter=within & topics), _NONE)
    return sums


def agencies(
    office_id: int, asked: Asked, year: int, day: date, *, agency: Agency | None = None, until: date | None = None
) -> dict[int, Share]:
    """Return, by agency, how many of those who are asked have met it; one query, whose rows are agencies."""
    posts = counted(office_id, asked.statuses, day)
    if agency is not None:
        posts = posts.filter(agency=agency)
    people = posts.values("person") if agency else Person.objects.filter(office=office_id).values("pk")
    done = Q(person__in=met(asked, year, until=until, among=people))
    rows = posts.order_by().values("agency").annotate(people=Count("pk"), met=Count("pk", filter=done))
    return {pk: Share(people, reached) for pk, people, reached in rows.values_list("agency", "people", "met")}


def whole(shares: Iterable[Share]) -> Share:
    """Return what the shares come to together; everybody counts in one of them."""
    listed = list(shares)
    return Share(sum(each.people for each in listed), sum(each.met for each in listed))


def listed(shares: Mapping[int, Share]) -> QuerySet[Any]:
    """Return the agencies of the shares as rows to list and sort, with `people`, `met`, `behind` and `permille`."""
    known = Agency.objects.filter(pk__in=shares)
    if not shares:
        return known.annotate(**dict.fromkeys(("people", "met", "behind", "permille"), Value(0)))
    return known.annotate(
        people=_Given({pk: share.people for pk, share in shares.items()}),
        met=_Given({pk: share.met for pk, share in shares.items()}),
        behind=F("people") - F("met"),
        permille=F("met") * 1000 / F("people"),
    )


class _Given(Func):
    """A number for each row by its key, 0 for the others, so that the database need not count again what is known.

    One JSON object: hundreds of WHENs of a CASE took a third of a second to be compiled.
    """

    output_field = IntegerField()

    def __init__(self, numbers: Mapping[int, int]) -> None:
        super().__init__(Value(json.dumps(numbers)), F("pk"))

    def as_postgresql(self, compiler: Any, connection: Any) -> Any:
        return self.as_sql(
            compiler, connection, template="COALESCE((%(expressions)s::text)::int, 0)", arg_joiner="::jsonb ->> "
        )

    def as_sqlite(self, compiler: Any, connection: Any, **extra_context: Any) -> Any:
        return self.as_sql(
            compiler, connection, template="COALESCE(json_extract(%(expressions)s), 0)", arg_joiner=", '$.' || "
        )


def people(agency: Agency, asked: Asked, year: int, day: date) -> QuerySet[Any]:
    """Return the agency's people who are asked, with `total` and `part0`, `part1`, … hours of the year."""
    here = counted(agency.office_id, asked.statuses, day).filter(agency=agency)
    found = Person.objects.filter(pk__in=here.values("person"))
    return found.annotate(**_sums(asked, "learning__", Q(learning__year=year))).order_by("name", "pk")


def behind(asked: Asked) -> Q:
    """Return the condition on `people` that a line of the meter is not reached."""
    condition = Q()
    for name, hours in _limits(asked).items():
        condition |= Q(**{f"{name}__lt": hours})
    return condition


def read(person: Any, asked: Asked) -> Meter:
    """Return the meter of a row of `people`."""
    parts = tuple(
        Reading(part.name, part.hours, getattr(person, f"part{number}"), part)
        for number, part in enumerate(asked.parts)
    )
    return Meter(Reading("全年時數", asked.hours, person.total), parts)


def shares(agency: Agency, until: date) -> dict[int, Share]:
    """Return, by agency, how many meet what the year asks by what they learned until a day.

    The office is told of all agencies, another agency of itself; one query for each set of the year.
    """
    year, day = roc.year(until), min(until, timezone.localdate())
    only = None if _is_office(agency) else agency
    found: dict[int, Share] = {}
    for asked in asked_in(agency.office_id, year):
        for pk, share in agencies(agency.office_id, asked, year, day, agency=only, until=until).items():
            found[pk] = whole([share, found.get(pk, Share(0, 0))])
    return found


def classes_held(agency: Agency, first: date, last: date) -> QuerySet[TrainingClass]:
    """Return the classes that began between two days and are over: all for the office, for another agency its own."""
    whose = Q(course__plan__office=agency.office_id) if _is_office(agency) else Q(organiser=agency)
    held: QuerySet[TrainingClass] = TrainingClass.objects.filter(whose, state=ClassState.FINISHED)
    begun = held.annotate(begins=Min("sessions__starts")).filter(begins__date__range=(first, last))
    return begun.select_related("course").order_by("begins", "pk")


def _is_office(agency: Agency) -> bool:
    return agency.kind == AgencyKind.OFFICE
