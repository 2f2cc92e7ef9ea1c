"""Registering for a class, its waiting list and the offers of freed places.

Whoever decides about places locks the class first and counts anew (`Roll`): first come, first served. A turn is given
once and nobody's changes; while anybody waits, a freed place is offered to the first of them and never taken by somebody
who comes later. An offer is kept for the plan's `offer_hours`, though not beyond the class's start; after it nobody moves
up. What has expired goes out before anything else is decided, so that it does not matter how late the sweep comes by.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, Exists, F, OuterRef, Q
from django.utils import timezone

from districts.models import Person
from personnel_portal.accounts.models import User
from personnel_portal.trail.actions import record
from training import mails
from training.choices import SEATED, ClassState, Place
from training.eligibility import Check, check, moment, starts_at
from training.flow import may_follow
from training.models import Registration, RegistrationEvent, TrainingClass, TrainingRule

# In these states of a class freed places are offered.
PROMOTING = (ClassState.OPEN, ClassState.CLOSED)
ACTS = {
    Place.NOMINATED: "registration.nominated",
    Place.REGISTERED: "registration.registered",
    Place.WAITING: "registration.waiting",
    Place.OFFERED: "registration.offered",
    Place.CANCELLED: "registration.cancelled",
    Place.DECLINED: "registration.declined",
    Place.EXPIRED: "registration.expired",
    Place.REFUSED: "registration.refused",
}


class Conflict(ValidationError):  # noqa: N818  # not an error of the program: somebody else was faster
    """The registration is not any more where the page showed it."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one person's registration: the registration with its turn (0 for a place), or why there is none."""

    person: Person
    registration: Registration | None = None
    turn: int = 0
    refusal: str = ""
    warnings: tuple[str, ...] = ()


class Roll:
    """A locked class with the places and turns given so far; inside the transaction that made it nobody else decides.

    Attributes:
        now: the moment of all that is decided, taken once the lock is held, so that moments follow one another as turns do.
    """

    def __init__(self, training_class: TrainingClass) -> None:
        locked = TrainingClass.objects.select_for_update(of=("self",)).select_related("course__plan", "organiser")
        self.training_class: TrainingClass = locked.prefetch_related("sessions").get(pk=training_class.pk)
        self.now = timezone.now()
        self.starts = starts_at(self.training_class)
        given = list(self.training_class.registrations.values_list("queue", "seat", "place"))
        self._seats = {seat for _, seat, _ in given if seat}
        self._last = max((queue for queue, _, _ in given), default=0)
        self._waiting = sum(place == Place.WAITING for _, _, place in given)
        self._offered = sum(place == Place.OFFERED for _, _, place in given)

    @property
    def free(self) -> int:
        """How many places nobody has or is offered."""
        return max(self.training_class.quota - len(self._seats), 0)

    @property
    def seated(self) -> int:
        return len(self._seats)

    @property
    def is_started(self) -> bool:
        return self.starts is not None and self.now >= self.starts

    def next_turn(self) -> int:
        """Give the next turn."""
        self._last += 1
        return self._last

    def settle(self, *, by: User | None) -> list[Registration]:
        """Let go the offers that have expired and offer what is free to those who wait; return whom it is offered to."""
        rows = self.training_class.registrations.select_related("person__user", "agency")
        late_ones = rows.filter(place=Place.OFFERED, offered_until__lte=self.now).order_by("queue")
        for late in late_ones if self._offered else ():
            self.move(late, Place.EXPIRED, by=None, reason=f"至 {moment(_end(late))} 未回復。")
            mails.expired(late)
        is_over = self.is_started or self.training_class.state not in PROMOTING
        if is_over or not self.free or not self._waiting:
            return []
        promoted = list(rows.filter(place=Place.WAITING).order_by("queue")[: self.free])
        for first in promoted:
            self.offer(first, by=by)
        return promoted

    def offer(self, registration: Registration, *, by: User | None) -> None:
        """Offer a free place to somebody who waits."""
        until = self.now + timedelta(hours=_offer_hours(self.training_class))
        registration.offered_until = min(until, self.starts) if self.starts else until
        self.move(registration, Place.OFFERED, by=by, reason=f"保留至 {moment(_end(registration))}。")
        mails.offered(registration)

    def admit(self, registration: Registration, *, by: User, reason: str = "") -> int:
        """Give a place to whoever comes now, or a place in the waiting list behind all who wait; return the turn in it."""
        has_place = self.free and not self._waiting
        self.move(registration, Place.REGISTERED if has_place else Place.WAITING, by=by, reason=reason)
        if has_place:
            mails.registered(registration)
            return 0
        before = self.training_class.registrations.filter(place=Place.WAITING, queue__lte=registration.queue)
        turn = before.count()
        mails.waiting(registration, turn)
        return turn

    def move(self, registration: Registration, place: Place, *, by: User | None, reason: str = "") -> None:
        """Take a registration a step further: its place, its seat, the step and the entry in the trail.

        The only code that sets a place.

        Raises:
            Conflict: the step may not follow; somebody else was faster.
        """
        before = registration.place if registration.pk else ""
        if not may_follow(before, place):
            raise Conflict(f"{registration.person.name}目前為「{Place(before).label}」，不能改為「{place.label}」。")
        self._waiting += (place == Place.WAITING) - (before == Place.WAITING)
        self._offered += (place == Place.OFFERED) - (before == Place.OFFERED)
        registration.place, registration.training_class = place, self.training_class
        self._seat(registration)
        registration.save()
        RegistrationEvent.objects.create(
            registration=registration, place=place, by=by, at=self.now, reason=reason[:300]
        )
        record(
            ACTS[place],
            registration,
            by=by,
            office_id=self.training_class.course.plan.office_id,
            agency=registration.agency.short_name,
            reason=reason,
        )

    def _seat(self, registration: Registration) -> None:
        if registration.place not in SEATED:
            self._seats.discard(registration.seat or 0)
            registration.seat = None
        elif registration.seat is None:
            registration.seat = next(number for number in range(1, len(self._seats) + 2) if number not in self._seats)
            self._seats.add(registration.seat)


# --- Registering -----------------------------------------------------------------------------------------------------


@transaction.atomic
def register(
    *, training_class: TrainingClass, people: Sequence[Person], agencies: Iterable[int] | None = None, by: User
) -> list[Answer]:
    """Register people in the order given; each is answered for itself, so that one refusal stops nobody else.

    Args:
        agencies: those in whose name it is done; none where somebody registers himself or herself, or the office does.
    """
    roll = Roll(training_class)
    roll.settle(by=None)
    named = None if agencies is None else frozenset(agencies)
    return [_register(roll, one, by) for one in check(roll.training_class, people, roll.now, agencies=named)]


def _register(roll: Roll, case: Check, by: User) -> Answer:
    if case.refusal or case.agency is None:
        return Answer(case.person, refusal=case.refusal)
    registration = Registration(
        training_class=roll.training_class,
        person=case.person,
        agency=case.agency,
        queue=roll.next_turn(),
        registered_by=by,
        registered_at=roll.now,
    )
    turn = roll.admit(registration, by=by)
    return Answer(case.person, registration, turn, warnings=case.warnings)


# --- Offers ----------------------------------------------------------------------------------------------------------


def accept_offer(*, registration: Registration, by: User) -> Registration:
    """Take an offered place.

    Raises:
        Conflict: it is not offered, or not any more.
    """
    return _answer(registration, Place.REGISTERED, by=by, reason="接受遞補。")


def decline_offer(*, registration: Registration, reason: str = "", by: User) -> Registration:
    """Let an offered place go; it is offered to the next.

    Raises:
        Conflict: it is not offered, or not any more.
    """
    return _answer(registration, Place.DECLINED, by=by, reason=reason or "放棄遞補。")


def _answer(registration: Registration, place: Place, *, by: User, reason: str) -> Registration:
    # A transaction of its own: what has expired goes out, whatever is said of the answer.
    fill_places(registration.training_class)
    with transaction.atomic():
        roll = Roll(registration.training_class)
        fresh = _fresh(registration)
        if fresh.place != Place.OFFERED or _end(fresh) <= roll.now:
            raise Conflict(_unoffered(fresh))
        roll.move(fresh, place, by=by, reason=reason)
        if place == Place.REGISTERED:
            mails.registered(fresh)
        roll.settle(by=None)
        return fresh


def _unoffered(registration: Registration) -> str:
    if registration.place == Place.EXPIRED or registration.place == Place.OFFERED:
        return f"遞補回復期限已於 {moment(_end(registration))} 屆至，名額已釋出。"
    return f"這筆報名目前為「{registration.get_place_display()}」，不在遞補通知中。"


@transaction.atomic
def fill_places(training_class: TrainingClass, *, by: User | None = None) -> list[Registration]:
    """Let expired offers go and offer free places in order; return whom they are offered to.

    To be called after anything that may free places: more of them, a class opened again.

    Args:
        by: who made the places free; none for the portal itself.
    """
    return Roll(training_class).settle(by=by)


@transaction.atomic
def hold_places(training_class: TrainingClass, quota: int) -> None:
    """Lock a class whose quota is about to be changed, before it is saved in the same transaction.

    Raises:
        ValidationError: more people have a place than the new quota allows; nobody loses one by a number.
    """
    roll = Roll(training_class)
    if quota < roll.seated:
        raise ValidationError(
            {
                "quota": f"已有 {roll.seated} 人錄取或遞補通知中，名額不得少於 {roll.seated} 人；如需減少，請先取消部分報名。"
            }
        )


def sweep_offers(now: datetime) -> int:
    """Settle every class with an expired offer, or with a free place while somebody waits; return how many."""
    expired = Registration.objects.filter(training_class=OuterRef("pk"), place=Place.OFFERED, offered_until__lte=now)
    waiting = Registration.objects.filter(training_class=OuterRef("pk"), place=Place.WAITING)
    seated = Count("registrations", filter=Q(registrations__place__in=SEATED))
    classes = TrainingClass.objects.annotate(taken=seated).filter(
        Exists(expired) | (Exists(waiting) & Q(taken__lt=F("quota"), state__in=PROMOTING))
    )
    due = [one for one in classes.prefetch_related("sessions") if _is_due(one, now)]
    for training_class in due:
        fill_places(training_class)
    return len(due)


def _is_due(training_class: TrainingClass, now: datetime) -> bool:
    """Tell whether there is still something to do; in a class that has begun only offers end."""
    starts = starts_at(training_class)
    offers = training_class.registrations.filter(place=Place.OFFERED, offered_until__lte=now)
    return starts is None or now < starts or offers.exists()


# --- Cancelling ------------------------------------------------------------------------------------------------------


@transaction.atomic
def cancel_registration(*, registration: Registration, reason: str, by: User) -> Registration:
    """Cancel a registration; a place that it had is offered to the next.

    Raises:
        ValidationError: no reason, or the class has begun and it is a matter of attendance now.
        Conflict: it does not stand any more.
    """
    if not reason:
        raise ValidationError({"reason": "請填取消原因。"})
    roll = Roll(registration.training_class)
    fresh = _fresh(registration)
    if fresh.place == Place.REGISTERED and roll.is_started:
        raise ValidationError("本班已開課，不能取消報名；未到課者由主辦機關登錄出席情形。")
    if not may_follow(fresh.place, Place.CANCELLED):
        raise Conflict(f"這筆報名目前為「{fresh.get_place_display()}」，不必取消。")
    roll.move(fresh, Place.CANCELLED, by=by, reason=reason)
    mails.cancelled(fresh, reason)
    roll.settle(by=None)
    return fresh


@transaction.atomic
def cancel_all(*, training_class: TrainingClass, reason: str, by: User) -> int:
    """Cancel everybody's registration because the class is not held; return how many.

    To be called in the transaction that cancels the class, once its state says so: nobody is promoted then.
    """
    roll = Roll(training_class)
    standing = roll.training_class.registrations.active().select_related("person__user", "agency").order_by("queue")
    for registration in standing:
        roll.move(registration, Place.CANCELLED, by=by, reason=reason)
        mails.cancelled(registration, reason)
    return len(standing)


def _fresh(registration: Registration) -> Registration:
    """Return a registration as it stands now that its class is locked."""
    found: Any = Registration.objects.select_related("person__user", "agency", "training_class__course__plan")
    fresh: Registration = found.get(pk=registration.pk)
    return fresh


def _end(registration: Registration) -> datetime:
    """Return until when a place was offered; a constraint asks for it."""
    return registration.offered_until or registration.registered_at


def _offer_hours(training_class: TrainingClass) -> int:
    rule = TrainingRule.objects.filter(plan=training_class.course.plan_id).first()
    return (rule or TrainingRule()).offer_hours
