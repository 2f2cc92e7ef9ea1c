"""Facts about training that several pages ask for."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from districts.models import Agency, Person, Posting
from districts.standing import standing
from personnel_portal import roc
from personnel_portal.accounts.models import User
from personnel_portal.rules.folding import fold
from training.choices import ClassState, Form
from training.eligibility import Check, check, closed, posts_on, starts_at
from training.models import Course, Need, Registration, Survey, TrainingClass

# --- Needs survey ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Demand:
    """How much a course is wanted: one of the catalogue, or one that agencies propose (`course` is none then).

    Attributes:
        rank: the mean of the ranks that its agencies give it; the lower the more urgent.
        people: how many people all of them together would send.
    """

    name: str
    course: Course | None
    needs: tuple[Need, ...]

    @property
    def agencies(self) -> int:
        return len(self.needs)

    @property
    def rank(self) -> Decimal:
        mean = Decimal(sum(need.rank for need in self.needs)) / len(self.needs)
        return mean.quantize(Decimal("0.1"), ROUND_HALF_UP)

    @property
    def people(self) -> int:
        return sum(need.people or 0 for need in self.needs)


def demands(survey: Survey) -> list[Demand]:
    """Return what the agencies want, the most wanted first; one query."""
    needs = survey.needs.select_related("agency", "course__college").order_by("agency", "rank")
    groups: dict[object, list[Need]] = {}
    for need in needs:
        groups.setdefault(need.course_id or fold(need.proposed), []).append(need)
    found = [
        Demand(group[0].course.name if group[0].course else group[0].proposed, group[0].course, tuple(group))
        for group in groups.values()
    ]
    return sorted(found, key=lambda one: (-one.agencies, one.rank, -one.people, one.name))


# --- Classes ---------------------------------------------------------------------------------------------------------


def stage(training_class: TrainingClass, now: datetime) -> tuple[str, str]:
    """Return where a class stands for those who would register, in a word and its tone."""
    state = ClassState(training_class.state)
    if state == ClassState.OPEN:
        if training_class.opens_at and now < training_class.opens_at:
            return "尚未開始報名", "none"
        if training_class.closes_at and now >= training_class.closes_at:
            return "報名截止", "none"
        return "受理報名", "wait"
    tones = {ClassState.DRAFT: "none", ClassState.FINISHED: "done", ClassState.CANCELLED: "late"}
    return state.label, tones.get(state, "none")


def days(begins: datetime | None, ends: datetime | None) -> str:
    """Return 115/12/6, or 115/12/6–12/8 of a class of several days; nothing where no session is set."""
    if begins is None or ends is None:
        return ""
    first, last = timezone.localdate(begins), timezone.localdate(ends)
    return roc.short(first) if first == last else f"{roc.short(first)}–{_shortest(first, last)}"


def _shortest(first: date, last: date) -> str:
    return f"{last.month}/{last.day}" if first.year == last.year else roc.short(last)


# --- Registration ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Places:
    """How many have a place or are offered one, how many wait, and how many places are free."""

    seated: int
    waiting: int
    free: int


def places_of(training_class: Any) -> Places:
    """Return how full a class is, as it came with its places."""
    seated, waiting = training_class.seated, training_class.waiting
    return Places(seated, waiting, free=max(training_class.quota - seated, 0))


@dataclass(frozen=True, slots=True)
class Registering:
    """What the class page says about registering, to the person who looks.

    Attributes:
        shut: why nobody can register now, empty while registration runs.
        own: the person's own case; none for an account without a person.
        registers_others: may register people of an agency.
    """

    places: Places
    shut: str
    own: Check | None
    registers_others: bool
    is_nominated: bool

    @property
    def next_turn(self) -> int:
        """Which turn in the waiting list whoever comes now would have."""
        return self.places.waiting + 1

    @property
    def registration(self) -> Registration | None:
        """The person's own standing registration for the class."""
        return self.own.registration if self.own else None


def registering(user: User, training_class: TrainingClass, now: datetime | None = None) -> Registering:
    """Return what the class page says about registering; two queries more than the class needs."""
    now = now or timezone.now()
    mine = standing(user)
    posts = list(posts_on(timezone.localdate(now)).filter(person=mine.person_id))
    is_nominated = training_class.form == Form.NOMINATED
    own = check(training_class, [posts[0].person], now, posts=posts)[0] if posts else None
    return Registering(
        places=places_of(training_class),
        shut=closed(training_class, now, starts_at(training_class), nominating=is_nominated),
        own=own,
        registers_others=bool(mine.works_for) or mine.is_reviewer,
        is_nominated=is_nominated,
    )


def registrable(user: User) -> QuerySet[Person]:
    """Return whom somebody may register: oneself, the people of one's agencies, to the office's reviewers everybody."""
    mine = standing(user)
    people = Person.objects.filter(office=mine.office_id)
    if mine.is_reviewer:
        return people
    at_work = Posting.objects.on(timezone.localdate()).filter(agency__in=mine.works_for)
    return people.filter(Q(pk=mine.person_id or 0) | Q(pk__in=at_work.values("person")))


def agencies_of(user: User) -> QuerySet[Agency]:
    """Return the agencies whose people somebody may register or nominate."""
    mine = standing(user)
    agencies = Agency.objects.filter(office=mine.office_id, is_active=True)
    return agencies if mine.is_reviewer else agencies.filter(pk__in=mine.works_for)
