"""Credited hours of a class: who missed how many minutes, and what that means by the plan's rule (陸、七)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Protocol

from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Sum

from personnel_portal.documents.paper import numeral
from personnel_portal.rules.credit import Credit, CreditRule, Grant, credit, lost_from
from training.choices import Granting, HoursState, Leave, Origin, Place, Presence
from training.models import Attendance, LearningRecord, Registration, Session, TrainingClass, TrainingRule

CLAUSE = "陸、七"


class Missed(Protocol):
    """How somebody was at a session: a row of attendance, or what would become one."""

    @property
    def presence(self) -> str: ...

    @property
    def missed(self) -> int: ...

    @property
    def leave(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Mark:
    """How somebody was at a session, and how many minutes were missed."""

    presence: str
    missed: int = 0
    leave: str = ""

    @classmethod
    def of(cls, row: Attendance) -> "Mark":
        return cls(row.presence, row.missed, row.leave)

    def __str__(self) -> str:
        word = Leave(self.leave).label if self.leave else Presence(self.presence).label
        return f"{word} {self.missed} 分鐘" if self.missed else word

    @property
    def stamp(self) -> str:
        """The mark as a page carries it."""
        return f"{self.presence}.{self.leave}.{self.missed}"


@dataclass(frozen=True, slots=True)
class Terms:
    """What a class's hours depend on.

    Attributes:
        hours: those of the class.
        total: its minutes.
        rule: the plan's rule; `part` and `whole` as the plan writes it, since a fraction is reduced.
        counted: the kinds of leave that count as absence.
    """

    hours: Decimal
    total: int
    rule: CreditRule
    part: int
    whole: int
    counted: frozenset[str]

    def absence(self, mark: Missed) -> int:
        """Return how many of the missed minutes count as absence."""
        is_spared = mark.presence == Presence.LEAVE and mark.leave not in self.counted
        return 0 if is_spared else mark.missed

    def earned(self, absent: int) -> Credit:
        """Return the hours of somebody who missed so many minutes."""
        return credit(hours=self.hours, total=self.total, absent=absent, rule=self.rule)

    def sentence(self, absent: int) -> str:
        """Return what somebody should know while attendance is entered; `attendance.js` says the same words."""
        found = self.earned(absent)
        return f"再缺 {found.minutes_left} 分鐘即不核給 {plain(found.hours)} 小時" if found.minutes_left else self.lost

    @property
    def lost_from(self) -> int:
        """From how many minutes of absence on there are no hours."""
        return lost_from(self.total, self.rule.limit)

    @property
    def tenths(self) -> int:
        """The hours of the class in tenths, whole numbers as scripts count exactly."""
        return int(self.hours * 10)

    @property
    def lost(self) -> str:
        """What is said once the hours are lost."""
        share = f"{numeral(self.whole)}分之{numeral(self.part)}" if self.whole > self.part else "全部"
        return f"缺課達{share}，不核給時數"

    def arithmetic(self, absent: int) -> str:
        """Return how the hours follow from the minutes: 119 × 3 ＝ 357 ＜ 360，核給 6 小時."""
        found = self.earned(absent)
        limit = f"{self.total}" if self.part == 1 else f"{self.total} × {self.part} ＝ {self.total * self.part}"
        sign = "＜" if found.minutes_left else "≥"
        test = f"缺課 {absent} 分鐘 × {self.whole} ＝ {absent * self.whole} {sign} 總分鐘 {limit}"
        if not found.minutes_left:
            return f"{test}，不核給"
        if self.rule.grant is Grant.FULL or not absent:
            return f"{test}，核給 {plain(found.hours)} 小時"
        exact = f"{plain(self.hours)} 小時 × {self.total - absent} ÷ {self.total}"
        return f"{test}；{exact}，未滿 0.5 小時者不計，核給 {plain(found.hours)} 小時"


@dataclass(frozen=True, slots=True)
class Earned:
    """What somebody has from a class.

    Attributes:
        marks: what was entered, by session.
        missing: the sessions for which nothing was entered.
        granted: the hours that the records say once they are granted, else none.
    """

    registration: Registration
    marks: Mapping[int, Attendance]
    missing: int
    absent: int
    terms: Terms
    granted: Decimal | None = None

    @property
    def credit(self) -> Credit:
        return self.terms.earned(self.absent)

    @property
    def sentence(self) -> str:
        return self.terms.sentence(self.absent)

    @property
    def arithmetic(self) -> str:
        return self.terms.arithmetic(self.absent)

    @property
    def attended(self) -> bool:
        """Tell whether the person was there at all."""
        return any(mark.missed < mark.session.minutes for mark in self.marks.values())

    def supposing(self, marks: Mapping[int, Missed]) -> int:
        """Return the minutes of absence if these sessions were entered otherwise."""
        return sum(self.terms.absence(mark) for mark in {**self.marks, **marks}.values())

    @property
    def hours(self) -> Decimal:
        """The hours granted; before, those that would be."""
        return self.credit.hours if self.granted is None else self.granted

    @property
    def differs(self) -> bool:
        """Tell whether the rule of today would give other hours than were granted."""
        return self.granted is not None and self.granted != self.credit.hours


@dataclass(frozen=True, slots=True)
class Roll:
    """A class as its attendance stands: its sessions in order, and everybody who has a place."""

    training_class: TrainingClass
    sessions: Sequence[Session]
    terms: Terms | None
    people: Sequence[Earned]

    @property
    def missing(self) -> int:
        """How many entries are still to be made."""
        return sum(earned.missing for earned in self.people)

    @property
    def credited(self) -> list[Earned]:
        return [earned for earned in self.people if earned.hours]


def plain(hours: Decimal) -> str:
    """Return hours as they are written: 6, not 6.0."""
    return f"{hours.normalize():f}"


def reference(training_class: TrainingClass) -> str:
    """Return what learning records of a class refer to."""
    return f"training.trainingclass-{training_class.pk}"


def terms_of(training_class: TrainingClass, sessions: Sequence[Session]) -> Terms | None:
    """Return what the hours depend on by the plan's rule; none while the class has no session."""
    total = sum(session.minutes for session in sessions)
    if not total:
        return None
    try:
        rule = training_class.course.plan.training_rule
    except ObjectDoesNotExist:
        rule = TrainingRule()
    limit = Fraction(rule.absence_part, rule.absence_whole)
    grant = Grant.FULL if rule.granting == Granting.FULL else Grant.ATTENDED
    return Terms(
        hours=training_class.hours,
        total=total,
        rule=CreditRule(limit, grant),
        part=rule.absence_part,
        whole=rule.absence_whole,
        counted=frozenset(rule.counted_leaves),
    )


def of_class(training_class: TrainingClass, *, only: Registration | None = None) -> Roll:
    """Return the attendance and hours of everybody who has a place in a class, or of one; five queries at most."""
    sessions = list(training_class.sessions.order_by("starts", "pk"))
    terms = terms_of(training_class, sessions)
    rows = Registration.objects.filter(training_class=training_class, place=Place.REGISTERED)
    people = rows.filter(pk=only.pk) if only else rows
    by_key = {session.pk: session for session in sessions}
    marks: dict[int, dict[int, Attendance]] = {}
    for mark in Attendance.objects.filter(registration__in=people):
        mark.session = by_key[mark.session_id]
        marks.setdefault(mark.registration_id, {})[mark.session_id] = mark
    granted = _granted(training_class)
    order = people.select_related("person", "agency").order_by("queue")
    return Roll(
        training_class,
        sessions,
        terms,
        [_earned(row, marks.get(row.pk, {}), sessions, terms, granted) for row in order] if terms else [],
    )


def _earned(
    row: Registration,
    marks: Mapping[int, Attendance],
    sessions: Sequence[Session],
    terms: Terms,
    granted: Mapping[int, Decimal] | None,
) -> Earned:
    return Earned(
        registration=row,
        marks=marks,
        missing=len(sessions) - len(marks),
        absent=sum(terms.absence(mark) for mark in marks.values()),
        terms=terms,
        granted=None if granted is None else granted.get(row.person_id, Decimal(0)),
    )


def _granted(training_class: TrainingClass) -> dict[int, Decimal] | None:
    """Return the hours that the records of the class say by person; none before they are granted."""
    if training_class.hours_state != HoursState.GRANTED:
        return None
    rows = LearningRecord.objects.filter(origin=Origin.CLASS, reference=reference(training_class))
    return dict(rows.order_by().values("person").annotate(hours=Sum("hours")).values_list("person", "hours"))


def whole(training_class: TrainingClass) -> TrainingClass:
    """Return a class with all that its hours depend on, in one query."""
    rows = TrainingClass.objects.select_related(
        "course__plan__training_rule", "course__plan__office", "course__college", "organiser", "hours_granted_by"
    )
    found: TrainingClass = rows.get(pk=training_class.pk)
    return found


def leaves_counted(terms: Terms) -> str:
    """Return in words which kinds of leave count as absence."""
    counted = [leave.label for leave in Leave if leave in terms.counted]
    if len(counted) == len(Leave):
        return "各種假別均計入缺課"
    return f"計入缺課之假別：{'、'.join(counted)}" if counted else "請假均不計入缺課"
