"""What stands on the first page about training: two queries, whatever waits."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from districts.models import Person
from districts.standing import standing
from personnel_portal.accounts.models import User
from tests import build
from tests.training import attending, courses
from training import desk
from training.actions.crediting import finish_class, submit_hours
from training.choices import HoursState, Place
from training.models import Attendance, Registration, Session, TrainingClass

pytestmark = pytest.mark.django_db


def lines(user: User) -> Sequence[tuple[str, str]]:
    """Return the chip and title of each line, as the person sees them now."""
    user = User.objects.get(pk=user.pk)  # what a user may do is remembered on the object
    return [(line.chip, line.title) for line in desk.waiting(user, standing(user), timezone.now())]


@pytest.fixture
def clerk(cast: build.Cast) -> Person:
    return courses.employee(build.listed("民雄國中"), name="陳組員", username="clerk")


def account(person: Person) -> User:
    assert person.user
    return person.user


def running(cast: build.Cast, *, begins_in: timedelta) -> TrainingClass:
    return courses.training_class(starts=timezone.now() + begins_in, minutes=(60,), by=cast.office_reviewer)


def test_an_offer_waits_for_the_person_and_for_the_agency(clerk: Person, cast: build.Cast) -> None:
    training_class = courses.training_class(by=cast.office_reviewer)
    courses.registration(training_class, clerk, place=Place.OFFERED, by=cast.office_reviewer)
    agency = build.officer(build.listed("民雄國中"))
    assert lines(account(clerk)) == [("遞補", f"回復「{training_class}」遞補通知")]
    assert lines(agency) == [("遞補", f"陳組員：回復「{training_class}」遞補通知")]
    assert lines(cast.stranger) == []
    Registration.objects.update(offered_until=timezone.now())
    assert lines(account(clerk)) == []


@pytest.mark.parametrize(
    ("begins_in", "shows"),
    [(timedelta(minutes=29), True), (timedelta(minutes=31), False), (timedelta(hours=-2), False)],
)
def test_a_session_asks_to_check_in_half_an_hour_before(
    clerk: Person, cast: build.Cast, begins_in: timedelta, shows: bool
) -> None:
    training_class = running(cast, begins_in=begins_in)
    courses.registration(training_class, clerk, by=cast.office_reviewer)
    assert lines(account(clerk)) == ([("簽到", f"簽到：{training_class}")] if shows else [])


def test_whoever_checked_in_is_not_asked_again(clerk: Person, cast: build.Cast) -> None:
    training_class = running(cast, begins_in=timedelta(minutes=-5))
    place = courses.registration(training_class, clerk, by=cast.office_reviewer)
    Attendance.objects.create(session=Session.objects.get(), registration=place, missed=0, entered_by=account(clerk))
    assert lines(account(clerk)) == []


@pytest.mark.parametrize(("missed", "asks"), [(0, True), (359, True), (360, False)])
def test_a_finished_class_asks_those_who_were_there(clerk: Person, cast: build.Cast, missed: int, asks: bool) -> None:
    training_class = attending.finished(missed, by=cast.office_reviewer)
    Registration.objects.update(person=clerk)
    assert lines(account(clerk)) == ([("待填答", f"填答「{training_class}」滿意度問卷")] if asks else [])


def test_a_reviewer_decides_on_nominations_and_grants_hours(clerk: Person, cast: build.Cast) -> None:
    by = cast.office_reviewer
    nominated = courses.training_class(by=by)
    courses.registration(nominated, clerk, place=Place.NOMINATED, by=cast.member_officer)
    courses.registration(nominated, place=Place.NOMINATED, by=cast.member_officer)
    finished, submitted = attending.finished(0, by=by, days_ago=2), attending.submitted(0, by=by)
    assert lines(by) == [
        ("待審核", f"審核「{nominated}」薦送人員 2 人"),
        ("待核給", f"核給「{submitted}」學習時數"),
        ("待核給", f"核給「{finished}」學習時數"),
    ]
    assert lines(cast.office_reader) == lines(cast.stranger) == []


def test_whoever_runs_a_class_finishes_it_and_hands_its_hours_in(cast: build.Cast) -> None:
    """Hours of a unit's class wait for nobody until the unit submits them."""
    host = cast.host_officer
    training_class = attending.units_class(by=host)
    (person,) = attending.places(training_class, 1, by=host)
    assert lines(host) == [("待結訓", f"結訓：{training_class}")]
    attending.enter(training_class, {person: attending.missed(0)}, by=host)
    finished = finish_class(training_class=training_class, by=host)
    assert lines(host) == lines(cast.office_reviewer) == []
    submit_hours(training_class=finished, by=host)
    assert lines(cast.office_reviewer) == [("待核給", f"核給「{training_class}」學習時數")]
    TrainingClass.objects.update(hours_state=HoursState.RETURNED)
    assert lines(host) == [("待補正", f"補正：{training_class}")]


def test_a_desk_asks_twice(cast: build.Cast, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    for user, number in ((cast.office_reviewer, 2), (cast.office_reader, 1), (cast.member_officer, 2)):
        mine = standing(user)
        with django_assert_num_queries(number):
            list(desk.waiting(user, mine, timezone.now()))


def test_many_offers_leave_room_for_ones_own(clerk: Person, cast: build.Cast) -> None:
    """An officer who is offered places for many people still sees where to check in."""
    officer = build.officer(build.listed("民雄國中"))
    own: Any = officer.person
    training_class = courses.training_class(quota=40, by=cast.office_reviewer)
    for _ in range(35):
        courses.registration(training_class, place=Place.OFFERED, by=cast.office_reviewer)
    today = running(cast, begins_in=timedelta(minutes=10))
    courses.registration(today, own, by=cast.office_reviewer)
    assert [chip for chip, _ in lines(officer)] == ["遞補"] * desk.SHOWN + ["簽到"]
