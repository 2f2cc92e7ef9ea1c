"""`manage.py audit_registrations`: each fault that it looks for is planted past the actions, and found."""

from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from django.db import connection

from tests import build
from tests.training import courses
from training.actions import registration as actions
from training.choices import Place
from training.models import Registration, RegistrationEvent, TrainingClass

pytestmark = pytest.mark.django_db

NOW = build.at(build.TODAY, 10)


@pytest.fixture(autouse=True)
def clock() -> Any:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def rows(cast: build.Cast) -> list[Registration]:
    """A class of two places, with an accepted offer, an offer, and two who wait."""
    training_class = courses.training_class(quota=2)
    people = [courses.employee(name=name) for name in "甲乙丙丁戊己"]
    answers = actions.register(training_class=training_class, people=people, by=cast.office_reviewer)
    made = [answer.registration for answer in answers if answer.registration]
    actions.cancel_registration(registration=made[0], reason="出差", by=cast.office_reviewer)
    actions.accept_offer(registration=made[2], by=cast.office_reviewer)
    actions.cancel_registration(registration=made[1], reason="出差", by=cast.office_reviewer)
    return list(Registration.objects.order_by("queue"))


def audit() -> tuple[int, list[str]]:
    """Return the exit code and the lines."""
    out = StringIO()
    code = 0
    try:
        call_command("audit_registrations", stdout=out, stderr=StringIO())
    except SystemExit as stopped:
        code = int(stopped.code or 0)
    return code, out.getvalue().splitlines()


def planted(row: Registration, place: Place, **fields: Any) -> None:
    Registration.objects.filter(pk=row.pk).update(place=place, **fields)
    RegistrationEvent.objects.create(registration=row, place=place)


def test_a_sound_class_passes(rows: list[Registration]) -> None:
    assert [row.place for row in rows] == ["cancelled", "cancelled", "registered", "offered", "waiting", "waiting"]
    assert audit() == (0, ["1 個班別，均相符。"])


def _overbooked(rows: list[Registration]) -> None:
    TrainingClass.objects.update(quota=1)


def _person_twice(rows: list[Registration]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX registered_once")
    Registration.objects.filter(pk=rows[5].pk).update(person=rows[4].person)


def _overtaken(rows: list[Registration]) -> None:
    TrainingClass.objects.update(quota=3)
    planted(rows[5], Place.OFFERED, seat=3, offered_until=NOW + timedelta(hours=1))


def _after_start(rows: list[Registration]) -> None:
    start = build.at(build.TODAY + timedelta(days=14), 9)
    planted(rows[3], Place.REGISTERED)
    connection.cursor().execute(
        "UPDATE training_registrationevent SET at = %s WHERE registration_id = %s AND place = 'registered'",
        [start, rows[3].pk],
    )


def _state_without_history(rows: list[Registration]) -> None:
    Registration.objects.filter(pk=rows[4].pk).update(place=Place.CANCELLED)


def _impossible_step(rows: list[Registration]) -> None:
    planted(rows[0], Place.REFUSED)


def _forgotten_offer(rows: list[Registration]) -> None:
    Registration.objects.filter(pk=rows[3].pk).update(offered_until=NOW - timedelta(hours=1))


@pytest.mark.parametrize(
    ("plant", "kind", "sentence"),
    [
        (_overbooked, "超額", "名額 1 人，錄取及遞補通知中 2 人。"),
        (_person_twice, "重複", "戊有 2 筆有效的報名。"),
        (_overtaken, "順序", "己（序號 6）於 115/11/22 10:00:00 遞補通知中，在候補中的戊（序號 5）之前。"),
        (_after_start, "開課後遞補", "丁（序號 4）於 115/12/06 09:00:00 錄取，本班已開課。"),
        (_state_without_history, "歷程", "戊（序號 5）目前為「取消」，歷程最後為「候補」。"),
        (_impossible_step, "歷程", "甲（序號 1）由「取消」成為「不予薦送」，不是許可的步驟。"),
        (_forgotten_offer, "逾期", "丁（序號 4）的遞補保留至 115/11/22 09:00:00，仍未處理。"),
    ],
)
def test_a_planted_fault_is_found(
    rows: list[Registration], plant: Callable[[list[Registration]], None], kind: str, sentence: str
) -> None:
    plant(rows)
    code, lines = audit()
    assert code == 1
    name = f"{rows[0].training_class}（{rows[0].training_class_id}）"
    assert lines == [f"{kind}\t{name}\t{sentence}"]
