"""Places, turns and offers, one after another: who comes first has the place, and nobody overtakes."""

from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from districts.models import Person
from personnel_portal.accounts.models import User
from personnel_portal.celery import app
from personnel_portal.outbox.models import Message
from personnel_portal.trail.models import Entry
from personnel_portal.trail.querysets import AppendOnlyError
from tests import build
from tests.training import courses
from training import tasks
from training.actions import registration as actions
from training.actions.registration import Answer, Conflict
from training.choices import ClassState, Place
from training.models import Registration, RegistrationEvent, TrainingClass, TrainingRule

pytestmark = pytest.mark.django_db

NOW = build.at(build.TODAY, 10)
STARTS = build.at(build.TODAY + timedelta(days=14), 9)


@pytest.fixture(autouse=True)
def clock() -> Any:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def by(cast: build.Cast) -> User:
    return cast.member_officer


def a_class(quota: int = 2, **fields: Any) -> TrainingClass:
    return courses.training_class(quota=quota, **fields)


def registered(training_class: TrainingClass, by: User, *people: Person) -> list[Answer]:
    return actions.register(training_class=training_class, people=people or [courses.employee()], by=by)


def full(by: User, *, quota: int = 2, waiting: int = 3) -> tuple[TrainingClass, list[Registration]]:
    """Return a class whose places are taken, with people waiting; and the registrations in the order of their turns."""
    training_class = a_class(quota)
    answers = registered(training_class, by, *(courses.employee() for _ in range(quota + waiting)))
    return training_class, [answer.registration for answer in answers if answer.registration]


def places(training_class: TrainingClass) -> list[str]:
    return list(training_class.registrations.order_by("queue").values_list("place", flat=True))


def steps(registration: Registration) -> list[str]:
    return list(registration.events.values_list("place", flat=True))


def subjects(to: Person) -> list[str]:
    return list(Message.objects.filter(to=to.mail).order_by("pk").values_list("subject", flat=True))


# --- Places and turns ------------------------------------------------------------------------------------------------


def test_the_first_have_places_and_the_others_wait_in_turn(by: User) -> None:
    training_class = a_class()
    answers = registered(training_class, by, *(courses.employee() for _ in range(4)))
    assert [answer.turn for answer in answers] == [0, 0, 1, 2]
    assert places(training_class) == ["registered", "registered", "waiting", "waiting"]
    assert [one.seat for one in training_class.registrations.order_by("queue")] == [1, 2, None, None]


def test_each_of_several_people_is_answered_for_itself(by: User) -> None:
    training_class = a_class(3)
    known, teacher, new = courses.employee(), courses.employee(status="teacher"), courses.employee()  # type: ignore[arg-type]  # a choice's value
    registered(training_class, by, known)
    answers = registered(training_class, by, known, teacher, new)
    assert [answer.refusal for answer in answers] == [
        "已報名本班（錄取），不必重複報名。",
        "本班限公務人員及約聘僱人員參加，身分別為教師者不得報名。",
        "",
    ]
    assert places(training_class) == ["registered", "registered"]


def test_who_comes_while_others_wait_goes_behind_them_though_a_place_is_free(by: User) -> None:
    training_class, (first, _, waiting, *_) = full(by, waiting=2)
    # A place that came free without anybody's noticing.
    Registration.objects.filter(pk=first.pk).update(place=Place.CANCELLED, seat=None)
    (answer,) = registered(training_class, by)
    assert answer.turn == 2
    assert places(training_class) == ["cancelled", "registered", "offered", "waiting", "waiting"]
    waiting.refresh_from_db()
    assert waiting.seat == 1


def test_who_comes_back_has_a_new_turn(by: User) -> None:
    training_class, rows = full(by, waiting=2)
    actions.cancel_registration(registration=rows[2], reason="出差", by=by)
    (answer,) = registered(training_class, by, rows[2].person)
    assert answer.turn == 2
    assert answer.registration is not None
    assert answer.registration.queue == 5


# --- Offers ----------------------------------------------------------------------------------------------------------


def test_a_freed_place_is_offered_to_the_first_who_waits(by: User) -> None:
    training_class, rows = full(by)
    actions.cancel_registration(registration=rows[0], reason="業務繁忙", by=by)
    assert places(training_class) == ["cancelled", "registered", "offered", "waiting", "waiting"]
    rows[2].refresh_from_db()
    assert rows[2].offered_until == NOW + timedelta(hours=48)
    assert steps(rows[2]) == ["waiting", "offered"]


def test_an_offer_is_kept_as_long_as_the_plan_says_but_not_beyond_the_start(by: User) -> None:
    training_class, rows = full(by)
    TrainingRule.objects.filter(plan=training_class.course.plan).update(offer_hours=24)
    actions.cancel_registration(registration=rows[0], reason="業務繁忙", by=by)
    rows[2].refresh_from_db()
    assert rows[2].offered_until == NOW + timedelta(hours=24)
    TrainingRule.objects.filter(plan=training_class.course.plan).update(offer_hours=24 * 30)
    actions.cancel_registration(registration=rows[1], reason="業務繁忙", by=by)
    rows[3].refresh_from_db()
    assert rows[3].offered_until == STARTS


def test_an_accepted_offer_is_a_place(by: User) -> None:
    training_class, rows = full(by)
    actions.cancel_registration(registration=rows[0], reason="業務繁忙", by=by)
    actions.accept_offer(registration=rows[2], by=by)
    assert places(training_class) == ["cancelled", "registered", "registered", "waiting", "waiting"]
    assert steps(rows[2]) == ["waiting", "offered", "registered"]
    with pytest.raises(Conflict) as told:
        actions.accept_offer(registration=rows[2], by=by)
    assert told.value.messages == ["這筆報名目前為「錄取」，不在遞補通知中。"]


def test_a_declined_offer_goes_to_the_next(by: User) -> None:
    training_class, rows = full(by)
    actions.cancel_registration(registration=rows[0], reason="業務繁忙", by=by)
    actions.decline_offer(registration=rows[2], reason="當日請假", by=by)
    assert places(training_class) == ["cancelled", "registered", "declined", "offered", "waiting"]
    assert rows[2].events.last().reason == "當日請假"  # type: ignore[union-attr]  # there is one


def test_an_offer_that_nobody_answers_goes_to_the_next(by: User, clock: Any) -> None:
    training_class, rows = full(by)
    actions.cancel_registration(registration=rows[0], reason="業務繁忙", by=by)
    clock.move_to(NOW + timedelta(hours=48) - timedelta(seconds=1))
    tasks.sweep()
    assert places(training_class)[2:] == ["offered", "waiting", "waiting"]
    clock.move_to(NOW + timedelta(hours=48))
    tasks.sweep()
    assert places(training_class)[2:] == ["expired", "offered", "waiting"]
    rows[3].refresh_from_db()
    assert rows[3].offered_until == NOW + timedelta(hours=96)
    tasks.sweep()
    assert RegistrationEvent.objects.filter(registration=rows[3]).count() == 2


def test_a_late_answer_is_refused_and_the_place_goes_on_even_without_a_sweep(by: User, clock: Any) -> None:
    training_class, rows = full(by)
    actions.cancel_registration(registration=rows[0], reason="業務繁忙", by=by)
    clock.move_to(NOW + timedelta(hours=49))
    with pytest.raises(Conflict) as told:
        actions.accept_offer(registration=rows[2], by=by)
    assert told.value.messages == ["遞補回復期限已於 115年11月24日（二）10:00 屆至，名額已釋出。"]
    assert places(training_class)[2:] == ["expired", "offered", "waiting"]


def test_nobody_moves_up_once_the_class_has_begun(by: User, clock: Any) -> None:
    training_class, rows = full(by)
    actions.cancel_registration(registration=rows[0], reason="業務繁忙", by=by)
    clock.move_to(STARTS - timedelta(minutes=30))
    tasks.sweep()  # the offer of two days is over; the next has half an hour
    rows[3].refresh_from_db()
    assert (rows[3].place, rows[3].offered_until) == (Place.OFFERED, STARTS)
    clock.move_to(STARTS)
    tasks.sweep()
    assert places(training_class) == ["cancelled", "registered", "expired", "expired", "waiting"]
    assert actions.sweep_offers(datetime.now(tz=build.TAIPEI)) == 0
    with pytest.raises(ValidationError, match="本班已開課，不能取消報名"):
        actions.cancel_registration(registration=rows[1], reason="遲了", by=by)


@pytest.mark.parametrize("state", [ClassState.FINISHED, ClassState.DRAFT])
def test_a_class_that_is_not_to_be_held_soon_promotes_nobody(by: User, state: ClassState) -> None:
    training_class, rows = full(by)
    TrainingClass.objects.filter(pk=training_class.pk).update(state=state)
    actions.cancel_registration(registration=rows[0], reason="業務繁忙", by=by)
    assert places(training_class)[2] == "waiting"


def test_a_class_that_takes_no_more_registrations_still_offers_its_places(by: User) -> None:
    training_class, rows = full(by)
    TrainingClass.objects.filter(pk=training_class.pk).update(state=ClassState.CLOSED)
    actions.cancel_registration(registration=rows[0], reason="業務繁忙", by=by)
    assert places(training_class)[2] == "offered"


# --- The quota changes -----------------------------------------------------------------------------------------------


def test_more_places_are_offered_in_order(by: User) -> None:
    training_class, rows = full(by)
    training_class.quota = 4
    training_class.save()
    offered = actions.fill_places(training_class, by=by)
    assert offered == rows[2:4]
    assert places(training_class) == ["registered", "registered", "offered", "offered", "waiting"]


def test_more_places_are_found_by_the_sweep_too(by: User) -> None:
    training_class, _ = full(by)
    TrainingClass.objects.update(quota=3)
    tasks.sweep()
    assert places(training_class) == ["registered", "registered", "offered", "waiting", "waiting"]


def test_fewer_places_take_nobodys_away(by: User) -> None:
    training_class, rows = full(by, quota=3)
    with pytest.raises(ValidationError) as told:
        actions.hold_places(training_class, 2)
    assert told.value.message_dict == {
        "quota": ["已有 3 人錄取或遞補通知中，名額不得少於 3 人；如需減少，請先取消部分報名。"]
    }
    actions.hold_places(training_class, 3)
    # Even where a row was changed elsewhere, places come free only below the quota.
    TrainingClass.objects.update(quota=2)
    actions.cancel_registration(registration=rows[0], reason="業務繁忙", by=by)
    assert places(training_class)[3] == "waiting"
    actions.cancel_registration(registration=rows[1], reason="業務繁忙", by=by)
    assert places(training_class)[3] == "offered"


# --- Cancelling ------------------------------------------------------------------------------------------------------


def test_a_cancellation_asks_for_a_reason_and_is_done_once(by: User) -> None:
    _, rows = full(by)
    with pytest.raises(ValidationError, match="請填取消原因"):
        actions.cancel_registration(registration=rows[0], reason="", by=by)
    actions.cancel_registration(registration=rows[0], reason="業務繁忙", by=by)
    with pytest.raises(Conflict) as told:
        actions.cancel_registration(registration=rows[0], reason="業務繁忙", by=by)
    assert told.value.messages == ["這筆報名目前為「取消」，不必取消。"]


def test_a_class_that_is_not_held_cancels_everybody(by: User) -> None:
    training_class, rows = full(by)
    training_class.state, training_class.cancel_reason = ClassState.CANCELLED, "講座因故不克出席"
    training_class.save()
    assert actions.cancel_all(training_class=training_class, reason="停辦：講座因故不克出席", by=by) == 5
    assert set(places(training_class)) == {"cancelled"}
    assert subjects(rows[0].person)[-1].startswith("【取消報名】")


# --- Mails, history, constraints -------------------------------------------------------------------------------------


def test_every_step_is_told_in_the_same_transaction(by: User, clock: Any) -> None:
    training_class, rows = full(by, quota=1, waiting=2)
    name = str(training_class)
    actions.cancel_registration(registration=rows[0], reason="業務繁忙", by=by)
    clock.move_to(NOW + timedelta(hours=48))
    tasks.sweep()
    actions.accept_offer(registration=rows[2], by=by)
    first, second, third = (row.person for row in rows)
    assert subjects(first) == [f"【錄取】{first}已錄取「{name}」", f"【取消報名】{first}「{name}」的報名已取消"]
    assert subjects(second) == [
        f"【候補】{second}候補「{name}」第 1 位",
        f"【遞補通知】「{name}」有名額，請於 115年11月24日（二）10:00 前回復",
        f"【遞補逾期】{second}未於期限內回復「{name}」遞補",
    ]
    assert subjects(third)[-1] == f"【錄取】{third}已錄取「{name}」"
    told = Message.objects.get(to=first.mail, subject__startswith="【取消")
    assert "原因：業務繁忙" in told.text
    assert f"班別：{name}" in told.text


def test_nothing_is_told_of_what_did_not_happen(by: User) -> None:
    training_class = a_class()
    with transaction.atomic():
        registered(training_class, by)
        transaction.set_rollback(True)
    assert not Message.objects.exists()
    assert not Registration.objects.exists()


def test_the_officers_hear_of_somebody_without_a_login(cast: build.Cast) -> None:
    training_class = a_class()
    registered(training_class, cast.member_officer, courses.employee())
    assert Message.objects.filter(to=cast.member_officer.email, subject__startswith="【錄取】").count() == 1
    Message.objects.all().delete()
    registered(training_class, cast.member_officer, courses.employee(username="clerk"))
    assert list(Message.objects.values_list("to", flat=True)) == ["clerk@example.gov.tw"]


def test_steps_are_only_ever_added(by: User) -> None:
    _, rows = full(by)
    event = rows[0].events.get()
    assert (event.by, event.at, event.place) == (by, NOW, Place.REGISTERED)
    for write in (event.save, event.delete, RegistrationEvent.objects.all().delete):
        with pytest.raises(AppendOnlyError):
            write()
    with pytest.raises(AppendOnlyError):
        RegistrationEvent.objects.update(place=Place.CANCELLED)
    assert [entry.act for entry in Entry.objects.for_target(rows[0])] == ["registration.registered"]


@pytest.mark.parametrize(
    "fault",
    [
        {"place": Place.REGISTERED, "seat": 1},  # somebody else's seat
        {"place": Place.REGISTERED, "seat": None},
        {"place": Place.WAITING, "seat": 9},
        {"place": Place.OFFERED, "seat": 9, "offered_until": None},
    ],
)
def test_the_database_refuses_what_cannot_be(by: User, fault: dict[str, Any]) -> None:
    _, rows = full(by)
    with pytest.raises(IntegrityError), transaction.atomic():
        Registration.objects.filter(pk=rows[2].pk).update(**fault)


def test_the_database_refuses_a_second_registration_of_a_person(by: User) -> None:
    training_class, rows = full(by)
    with pytest.raises(IntegrityError), transaction.atomic():
        courses.registration(training_class, rows[0].person, by=by, place=Place.WAITING)


def test_beat_sweeps_the_offers_every_minute() -> None:
    entry = app.conf.beat_schedule["offers"]
    assert (entry["task"], entry["schedule"]) == (tasks.sweep.name, 60.0)
