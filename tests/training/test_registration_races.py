"""Opening time: everybody comes at once. Never an eleventh place, and the turns are kept.

On PostgreSQL the class's row is what they queue for; on SQLite the write transaction is.
"""

import random
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from districts.models import Person
from personnel_portal.accounts.models import User
from personnel_portal.outbox.actions import enqueue
from personnel_portal.outbox.models import Message
from tests import build
from tests.racing import race
from tests.training import courses
from training.actions import registration as actions
from training.auditing import faults
from training.choices import SEATED, Place
from training.models import Registration, RegistrationEvent, TrainingClass

QUOTA, WAITING, RACERS = 10, 5, 40
# SQLite lets one transaction write at a time, and whoever waits for it sleeps: fewer rounds show as much.
ROUNDS = 20 if connection.vendor == "postgresql" else 2


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """Mails are written in the transaction but not worded, which takes longest, and nobody wakes the worker."""

    def post(name: str, context: object, *, to: str, to_name: str, sender: str) -> None:
        enqueue(to=to, name=to_name, subject=name, text=name, sender=sender)

    monkeypatch.setattr("training.mails.post", post)
    monkeypatch.setattr("personnel_portal.outbox.wake.send", lambda task: True)


@pytest.fixture
def by(transactional_db: None) -> User:
    return build.cast().office_reviewer


@pytest.fixture
def people(by: User) -> list[Person]:
    return [courses.employee() for _ in range(RACERS + QUOTA + WAITING)]


def registering(training_class: TrainingClass, person: Person, by: User) -> Callable[[], Any]:
    return lambda: actions.register(training_class=training_class, people=[person], by=by)[0]


def full(by: User, people: Sequence[Person]) -> tuple[TrainingClass, list[Registration]]:
    """Return a class of ten, taken, with five on its list."""
    training_class = courses.training_class(quota=QUOTA)
    answers = actions.register(training_class=training_class, people=people[: QUOTA + WAITING], by=by)
    return training_class, [answer.registration for answer in answers if answer.registration]


def assert_sound(training_class: TrainingClass) -> None:
    """Never an eleventh place, nobody overtaken, each step in the history."""
    rows = Registration.objects.filter(training_class=training_class)
    assert rows.filter(place__in=SEATED).count() <= QUOTA
    assert [str(fault) for fault in faults(training_class, timezone.now())] == []
    queues = list(rows.order_by("queue").values_list("queue", flat=True))
    assert queues == list(range(1, len(queues) + 1))


def test_forty_race_for_ten_places(by: User, people: list[Person]) -> None:
    for _ in range(ROUNDS):
        training_class = courses.training_class(quota=QUOTA)
        racers = random.sample(people, RACERS)
        answers = race(*(registering(training_class, person, by) for person in racers))
        assert [answer for answer in answers if isinstance(answer, Exception)] == []
        assert_sound(training_class)
        rows = list(Registration.objects.filter(training_class=training_class).order_by("queue"))
        assert [row.place for row in rows] == [Place.REGISTERED] * QUOTA + [Place.WAITING] * (RACERS - QUOTA)
        assert sorted(answer.turn for answer in answers) == [0] * QUOTA + list(range(1, RACERS - QUOTA + 1))
        # The moments follow one another as the turns do: nobody was written down before somebody who came first.
        assert rows == sorted(rows, key=lambda row: row.registered_at)
    assert Message.objects.count() == ROUNDS * RACERS * 2  # to each, and to the officer of people without a login


def test_forty_race_for_freed_places_with_five_on_the_list(by: User, people: list[Person]) -> None:
    """Ten places are given up, offers expire and are declined while forty newcomers press in."""
    for _ in range(ROUNDS // 2):
        training_class, rows = full(by, people)
        given_up = rows[:4]
        # Two of those who wait have an offer already: one is overdue, one is about to be declined.
        actions.cancel_registration(registration=rows[8], reason="出差", by=by)
        actions.cancel_registration(registration=rows[9], reason="出差", by=by)
        late, unwilling = rows[QUOTA], rows[QUOTA + 1]
        Registration.objects.filter(pk=late.pk).update(offered_until=timezone.now() - timedelta(minutes=1))
        steps: list[Callable[[], Any]] = [
            *(registering(training_class, person, by) for person in people[QUOTA + WAITING :]),
            *(cancelling(row, by) for row in given_up),
            partial(actions.accept_offer, registration=late, by=by),
            partial(actions.decline_offer, registration=unwilling, by=by),
            lambda: actions.sweep_offers(timezone.now()),
            lambda: actions.sweep_offers(timezone.now()),
        ]
        answers = race(*random.sample(steps, len(steps)))
        errors = [answer for answer in answers if isinstance(answer, Exception)]
        assert all(isinstance(error, actions.Conflict) for error in errors), errors
        assert len(errors) == 1, errors  # the overdue offer
        assert_sound(training_class)
        assert_in_turn(training_class)


def cancelling(row: Registration, by: User) -> Callable[[], Any]:
    return lambda: actions.cancel_registration(registration=row, reason="業務繁忙", by=by)


def assert_in_turn(training_class: TrainingClass) -> None:
    """Six places came free and two offers lapsed: the eight who were first on the list have been offered one, in turn."""
    offers = RegistrationEvent.objects.filter(registration__training_class=training_class, place=Place.OFFERED)
    queues = list(offers.order_by("pk").values_list("registration__queue", flat=True))
    assert queues == list(range(QUOTA + 1, QUOTA + 9))
    newcomers = Registration.objects.filter(training_class=training_class, queue__gt=QUOTA + WAITING)
    assert not newcomers.filter(place=Place.REGISTERED).exists()


def test_one_person_clicks_twenty_times(by: User, people: list[Person]) -> None:
    training_class = courses.training_class(quota=QUOTA)
    answers = race(*(registering(training_class, people[0], by) for _ in range(20)))
    assert sum(bool(answer.registration) for answer in answers) == 1
    assert {answer.refusal for answer in answers} == {"", "已報名本班（錄取），不必重複報名。"}
    assert Message.objects.count() == 2


def test_the_last_place_is_offered_once_and_taken_or_passed_on(by: User, people: list[Person]) -> None:
    for _ in range(ROUNDS // 2):
        training_class, rows = full(by, people)
        actions.cancel_registration(registration=rows[0], reason="出差", by=by)
        offered = rows[QUOTA]
        answers = race(
            partial(actions.accept_offer, registration=offered, by=by),
            partial(actions.decline_offer, registration=offered, by=by),
            partial(actions.cancel_registration, registration=offered, reason="出差", by=by),
        )
        assert any(isinstance(answer, Registration) for answer in answers)
        assert_sound(training_class)
        assert Registration.objects.filter(training_class=training_class, place__in=SEATED).count() == QUOTA


def test_a_quota_that_is_raised_while_people_come_goes_to_those_who_wait(by: User, people: list[Person]) -> None:
    training_class, rows = full(by, people)

    def raise_quota() -> None:
        TrainingClass.objects.filter(pk=training_class.pk).update(quota=QUOTA + 3)
        actions.fill_places(training_class, by=by)

    newcomers = people[QUOTA + WAITING : QUOTA + WAITING + 15]
    race(raise_quota, *(registering(training_class, person, by) for person in newcomers))
    training_class.refresh_from_db()
    assert [str(fault) for fault in faults(training_class, timezone.now())] == []
    offered = training_class.registrations.filter(place=Place.OFFERED).order_by("queue")
    assert list(offered) == rows[QUOTA : QUOTA + 3]
