"""Nominations: an agency names people by rank and with a reason, the office approves or refuses."""

from typing import Any

import pytest
import time_machine
from django.core.exceptions import ValidationError

from districts.models import Person
from personnel_portal.outbox.models import Message
from tests import build
from tests.site.clients import logged_in
from tests.training import courses
from training.actions import nominations as actions
from training.actions.registration import Conflict
from training.choices import Form, Place
from training.models import Registration, TrainingClass

pytestmark = pytest.mark.django_db

NOW = build.at(build.TODAY, 10)


@pytest.fixture(autouse=True)
def clock() -> Any:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def training_class(cast: build.Cast) -> TrainingClass:
    return courses.training_class(
        course_=courses.course("公務人員行政管理研習班"), form=Form.NOMINATED, quota=1, nominees=2
    )


def nominated(training_class: TrainingClass, cast: build.Cast, rank: int = 1, name: str = "") -> Registration:
    return actions.nominate(
        training_class=training_class,
        agency=build.listed("民雄國中"),
        person=courses.employee(name=name),
        rank=rank,
        reason="業務需要",
        by=cast.member_officer,
    )


def decided(training_class: TrainingClass, cast: build.Cast, *rows: Registration, **fields: Any) -> Any:
    values: dict[str, Any] = {"approve": True, "reason": "", "by": cast.office_reviewer} | fields
    return actions.decide_nominations(training_class=training_class, chosen=[row.pk for row in rows], **values)


def test_an_approved_nominee_has_a_place_and_the_next_waits(cast: build.Cast, training_class: TrainingClass) -> None:
    first, second = nominated(training_class, cast), nominated(training_class, cast, 2)
    assert first.place == Place.NOMINATED
    answers = decided(training_class, cast, second, first)
    assert [answer.turn for answer in answers] == [0, 1]
    assert list(first.events.values_list("place", flat=True)) == ["nominated", "registered"]
    second.refresh_from_db()
    assert second.place == Place.WAITING


def test_a_refusal_needs_a_reason_and_is_told_to_the_agency(cast: build.Cast, training_class: TrainingClass) -> None:
    row = nominated(training_class, cast)
    with pytest.raises(ValidationError, match="請說明不予薦送的理由"):
        decided(training_class, cast, row, approve=False)
    decided(training_class, cast, row, approve=False, reason="資格不符。")
    told = Message.objects.get(subject__startswith="【不予薦送】")
    assert (told.to, "理由：資格不符。" in told.text) == (cast.member_officer.email, True)
    with pytest.raises(Conflict, match="目前為「不予薦送」"):
        decided(training_class, cast, row)


def test_an_agency_nominates_no_more_than_it_may_and_each_rank_once(
    cast: build.Cast, training_class: TrainingClass
) -> None:
    nominated(training_class, cast, 1, "甲員")
    with pytest.raises(ValidationError) as same:
        nominated(training_class, cast, 1)
    assert same.value.message_dict == {"rank": ["第 1 順位已薦送甲員，請改填其他順位。"]}
    nominated(training_class, cast, 2)
    with pytest.raises(ValidationError) as many:
        nominated(training_class, cast, 3)
    assert many.value.messages == ["每機關最多薦送 2 人，民雄國中已薦送 2 人。"]


def test_only_classes_of_that_form_take_nominations(cast: build.Cast) -> None:
    with pytest.raises(ValidationError, match="本班不採薦送"):
        nominated(courses.training_class(), cast)


def test_the_pages_of_the_agency_and_the_office(cast: build.Cast, training_class: TrainingClass) -> None:
    person = courses.employee(name="薦送員")
    address = f"/training/classes/{training_class.pk}/nominations/"
    officer, reviewer = logged_in(cast.member_officer), logged_in(cast.office_reviewer)
    agency = build.listed("民雄國中").pk
    assert "每機關最多薦送 2 人" in officer.get(address).text
    bad = officer.post(f"{address}add/", {"agency": agency, "person": person.pk, "rank": "x", "reason": ""})
    assert bad.status_code == 422
    assert "請說明薦送的理由。" in bad.text
    posted = {"agency": agency, "person": person.pk, "rank": 1, "reason": "即將陞任主管"}
    assert officer.post(f"{address}add/", posted).status_code == 302
    assert "審核「公務人員行政管理研習班第 1 期」薦送人員 1 人" in reviewer.get("/").text
    row = Registration.objects.get()
    empty = reviewer.post(f"{address}decide/", {"decision": "refuse", "nomination": row.pk})
    assert "請說明不予薦送的理由。" in empty.text
    assert reviewer.post(f"{address}decide/", {"decision": "approve", "nomination": row.pk}).status_code == 302
    assert Person.objects.get(registrations__place=Place.REGISTERED) == person


def test_nobody_nominates_for_another_agency(cast: build.Cast, training_class: TrainingClass) -> None:
    stranger = courses.employee(build.listed("竹崎鄉公所"))
    posted = {"agency": build.listed("竹崎鄉公所").pk, "person": stranger.pk, "rank": 1, "reason": "x"}
    answer = logged_in(cast.member_officer).post(f"/training/classes/{training_class.pk}/nominations/add/", posted)
    assert answer.status_code == 422
    assert not Registration.objects.exists()
