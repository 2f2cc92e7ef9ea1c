"""What the audit of registrations looks for: it replays each class's history and compares it with what stands."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from personnel_portal import roc
from training.choices import ACTIVE, SEATED, Place
from training.eligibility import starts_at
from training.flow import may_follow
from training.models import Registration, RegistrationEvent, TrainingClass

SWEPT_WITHIN = timedelta(minutes=30)  # by then the sweep has come by, unless it stands still


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that must not be: the kind in a word, the class, and the sentence."""

    kind: str
    training_class: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.kind}\t{self.training_class}\t{self.sentence}"


def faults(training_class: TrainingClass, now: datetime) -> Iterator[Fault]:
    """Yield what is wrong with the registrations of a class; three queries.

    Every step is replayed in the order in which it was written, which is that of the locks: whoever got a place while
    somebody with an earlier turn waited has overtaken.
    """
    rows = list(training_class.registrations.select_related("person").order_by("queue", "pk"))
    events = list(RegistrationEvent.objects.filter(registration__training_class=training_class).order_by("pk"))
    starts = starts_at(training_class)
    found = [
        *_overbooked(training_class, rows),
        *_duplicates(rows),
        *_replayed(rows, events, starts),
        *_disagreeing(rows, events),
        *_overdue(rows, now),
    ]
    for kind, sentence in found:
        yield Fault(kind, f"{training_class}（{training_class.pk}）", sentence)


Found = Iterator[tuple[str, str]]


def _overbooked(training_class: TrainingClass, rows: Sequence[Registration]) -> Found:
    seated = sum(row.place in SEATED for row in rows)
    if seated > training_class.quota:
        yield "超額", f"名額 {training_class.quota} 人，錄取及遞補通知中 {seated} 人。"


def _duplicates(rows: Sequence[Registration]) -> Found:
    """Somebody who stands twice for a place, a seat or a turn that was given twice."""
    active = [row for row in rows if row.place in ACTIVE]
    names = {row.person_id: row.person.name for row in active}
    for person, times in Counter(row.person_id for row in active).items():
        if times > 1:
            yield "重複", f"{names[person]}有 {times} 筆有效的報名。"
    for seat, times in Counter(row.seat for row in rows if row.seat).items():
        if times > 1:
            yield "重複", f"第 {seat} 席次給了 {times} 人。"
    for queue, times in Counter(row.queue for row in rows).items():
        if times > 1:
            yield "重複", f"序號 {queue} 給了 {times} 人。"


def _replayed(rows: Sequence[Registration], events: Sequence[RegistrationEvent], starts: datetime | None) -> Found:
    known = {row.pk: row for row in rows}
    places: dict[int, str] = defaultdict(str)
    for event in events:
        row, before = known[event.registration_id], places[event.registration_id]
        if not may_follow(before, event.place):
            yield "歷程", f"{_who(row)}由「{_label(before)}」成為「{_label(event.place)}」，不是許可的步驟。"
        if event.place in SEATED and before not in SEATED:
            ahead = [pk for pk, place in places.items() if place == Place.WAITING and known[pk].queue < row.queue]
            if ahead:
                first = min((known[pk] for pk in ahead), key=lambda one: one.queue)
                yield "順序", f"{_who(row)}於 {_at(event)} {_label(event.place)}，在候補中的{_who(first)}之前。"
        if before in (Place.WAITING, Place.OFFERED) and event.place in SEATED and starts and event.at >= starts:
            yield "開課後遞補", f"{_who(row)}於 {_at(event)} {_label(event.place)}，本班已開課。"
        places[event.registration_id] = event.place


def _disagreeing(rows: Sequence[Registration], events: Sequence[RegistrationEvent]) -> Found:
    last: Mapping[int, RegistrationEvent] = {event.registration_id: event for event in events}
    for row in rows:
        told = last[row.pk].place if row.pk in last else ""
        if told != row.place:
            yield "歷程", f"{_who(row)}目前為「{_label(row.place)}」，歷程最後為「{_label(told)}」。"


def _overdue(rows: Sequence[Registration], now: datetime) -> Found:
    for row in rows:
        if row.place == Place.OFFERED and row.offered_until and row.offered_until + SWEPT_WITHIN < now:
            yield "逾期", f"{_who(row)}的遞補保留至 {_moment(row.offered_until)}，仍未處理。"


def _who(row: Registration) -> str:
    return f"{row.person.name}（序號 {row.queue}）"


def _label(place: str) -> str:
    return Place(place).label if place else "（無）"


def _at(event: RegistrationEvent) -> str:
    return _moment(event.at)


def _moment(at: datetime) -> str:
    return roc.stamp(timezone.localtime(at))
