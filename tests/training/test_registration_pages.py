"""The pages of registration, as an employee, an officer, the agency in charge and the office use them."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from districts.choices import Access, Status
from districts.models import Person
from tests import build
from tests.site.clients import logged_in
from tests.site.pages import queries
from tests.training import courses
from training.actions import registration as actions
from training.choices import ClassState, Form, Place
from training.models import LearningRecord, Registration, TrainingClass

pytestmark = pytest.mark.django_db

NOW = build.at(build.TODAY, 10)


@pytest.fixture(autouse=True)
def clock() -> Any:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def clerk(cast: build.Cast) -> Person:
    """An employee of 民雄國中 with a login of her own."""
    return courses.employee(name="林書記", username="clerk")


@pytest.fixture
def training_class(cast: build.Cast) -> TrainingClass:
    return courses.training_class(
        course_=courses.course("性別主流化研習"), organiser=build.listed("大林鎮公所"), by=cast.host_officer, quota=1
    )


def told(answer: Any) -> list[str]:
    return [str(message) for message in answer.context["messages"]]


def place(person: Person) -> str:
    return str(Registration.objects.filter(person=person).latest("pk").place)


def as_(person: Person) -> Client:
    return logged_in(person.user)


# --- Oneself ---------------------------------------------------------------------------------------------------------


def test_an_employee_registers_from_the_page_of_the_class(clerk: Person, training_class: TrainingClass) -> None:
    client = as_(clerk)
    page = client.get(training_class.get_absolute_url())
    assert page.context["panel"].own.refusal == ""
    assert "尚餘 1 個名額" in page.text
    answer = client.post(
        f"/training/classes/{training_class.pk}/register/", {"people": clerk.pk, "own": "1"}, follow=True
    )
    assert answer.redirect_chain == [(training_class.get_absolute_url(), 302)]
    assert told(answer) == ["林書記：錄取。"]
    assert "檢視我的報名" in answer.text
    mine = client.get("/training/registrations/")
    assert "性別主流化研習第 1 期" in mine.text


def test_an_employee_sees_the_turn_of_waiting(cast: build.Cast, clerk: Person, training_class: TrainingClass) -> None:
    actions.register(training_class=training_class, people=[courses.employee()], by=cast.host_officer)
    client = as_(clerk)
    assert "名額已滿，報名後列為候補第 1 位" in client.get(training_class.get_absolute_url()).text
    answer = client.post(
        f"/training/classes/{training_class.pk}/register/", {"people": clerk.pk, "own": "1"}, follow=True
    )
    assert told(answer) == ["林書記：名額已滿，列為候補第 1 位。"]
    page = client.get(Registration.objects.get(person=clerk).get_absolute_url())
    assert "第 1 位" in page.text


def test_the_reason_is_the_same_before_and_after_the_click(clerk: Person, training_class: TrainingClass) -> None:
    training_class.agencies.add(build.listed("大林鎮公所"), build.listed("竹崎鄉公所"))
    reason = "本班限竹崎鄉公所、大林鎮公所人員參加，民雄國中不在其列。"
    client = as_(clerk)
    shown = client.get(training_class.get_absolute_url()).context["panel"].own.refusal
    assert set(shown) == set(reason)
    answer = client.post(
        f"/training/classes/{training_class.pk}/register/", {"people": clerk.pk, "own": "1"}, follow=True
    )
    assert told(answer) == [f"林書記：未報名。{shown}"]
    assert not Registration.objects.exists()


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"opens_at": NOW + timedelta(hours=1)}, "報名自 115年11月22日（日）11:00 開始。"),
        ({"closes_at": NOW}, "報名已於 115年11月22日（日）10:00 截止。"),
        ({"opens_at": None, "closes_at": None}, "本班尚未公布報名期間。"),
        ({"state": ClassState.CLOSED}, "本班已停止報名。"),
        ({"state": ClassState.FINISHED}, "本班已結訓。"),
        ({"state": ClassState.CANCELLED, "cancel_reason": "颱風。"}, "本班停辦：颱風。"),
        ({"form": Form.NOMINATED}, "本班由機關薦送參加，請洽服務機關人事單位。"),
        ({"statuses": [Status.CONTRACT.value]}, "本班限約聘僱人員參加，身分別為公務人員者不得報名。"),
    ],
)
def test_why_not(clerk: Person, training_class: TrainingClass, fields: dict[str, Any], reason: str) -> None:
    TrainingClass.objects.filter(pk=training_class.pk).update(**fields)
    client = as_(clerk)
    assert reason in client.get(f"/training/classes/{training_class.pk}/register/").text
    answer = client.post(f"/training/classes/{training_class.pk}/register/", {"people": clerk.pk}, follow=True)
    assert told(answer) == [f"林書記：未報名。{reason}"]


def test_a_class_that_has_begun_takes_nobody(clerk: Person, training_class: TrainingClass, clock: Any) -> None:
    TrainingClass.objects.update(closes_at=NOW + timedelta(days=30))
    clock.move_to(build.at(build.TODAY + timedelta(days=14), 9))
    answer = as_(clerk).get(f"/training/classes/{training_class.pk}/register/")
    assert "本班已於 115年12月6日（日）09:00 開課，不再受理報名。" in answer.text


def test_a_course_to_be_taken_first(clerk: Person, training_class: TrainingClass) -> None:
    first = courses.course("認識 CEDAW 研習")
    training_class.course.after.add(first)
    client, address = as_(clerk), f"/training/classes/{training_class.pk}/register/"
    assert "須先完成「認識 CEDAW 研習」。" in client.get(address).text
    held = courses.training_class(course_=first, state=ClassState.FINISHED)
    LearningRecord.objects.create(
        person=clerk,
        agency=build.listed("民雄國中"),
        year=115,
        course="認識 CEDAW 研習第 1 期",
        starts=build.TODAY,
        ends=build.TODAY,
        hours=3,
        origin="class",
        reference=f"training.trainingclass-{held.pk}",
    )
    assert "須先完成" not in client.get(address).text


def test_overlapping_classes_are_minded_not_refused(
    cast: build.Cast, clerk: Person, training_class: TrainingClass
) -> None:
    other = courses.training_class(course_=courses.course("公文寫作研習"))
    actions.register(training_class=other, people=[clerk], by=cast.member_officer)
    warning = "與「公文寫作研習第 1 期」（錄取）上課時間重疊：115年12月6日（日）09:00。"
    client = as_(clerk)
    assert warning in client.get(training_class.get_absolute_url()).text
    answer = client.post(
        f"/training/classes/{training_class.pk}/register/", {"people": clerk.pk, "own": "1"}, follow=True
    )
    assert told(answer) == [f"林書記：錄取。{warning}"]


def test_an_employee_registers_nobody_else(clerk: Person, training_class: TrainingClass) -> None:
    colleague = courses.employee()
    answer = as_(clerk).post(f"/training/classes/{training_class.pk}/register/", {"people": [clerk.pk, colleague.pk]})
    assert answer.status_code == 422
    assert "請選擇名單上的人員。" in answer.text
    assert not Registration.objects.exists()


# --- An agency's people ----------------------------------------------------------------------------------------------


def test_an_officer_registers_several_and_each_is_answered(cast: build.Cast, training_class: TrainingClass) -> None:
    first, second = courses.employee(name="甲員"), courses.employee(name="乙員")
    teacher = courses.employee(name="丙師", status=Status.TEACHER)
    client, address = logged_in(cast.member_officer), f"/training/classes/{training_class.pk}/register/"
    page = client.get(address)
    assert {case.person.name: bool(case.refusal) for case in page.context["checks"]} == {
        "甲員": False,
        "乙員": False,
        "丙師": True,
        "吳成員": False,
    }
    people = [first.pk, teacher.pk, second.pk]
    answer = client.post(address, {"people": people, "agency": build.listed("民雄國中").pk}, follow=True)
    assert told(answer) == [
        "甲員：錄取。",
        "丙師：未報名。本班限公務人員及約聘僱人員參加，身分別為教師者不得報名。",
        "乙員：名額已滿，列為候補第 1 位。",
    ]


def test_an_officer_registers_nobody_of_another_agency(cast: build.Cast, training_class: TrainingClass) -> None:
    stranger = courses.employee(build.listed("竹崎鄉公所"))
    address = f"/training/classes/{training_class.pk}/register/"
    assert logged_in(cast.member_officer).post(address, {"people": stranger.pk}).status_code == 422
    assert logged_in(cast.office_reviewer).post(address, {"people": stranger.pk}).status_code == 302
    assert place(stranger) == Place.REGISTERED


@pytest.mark.parametrize("posted", [{}, {"people": "x"}, {"people": "9" * 30}, {"people": "1\x00"}, {"agency": "²"}])
def test_what_no_page_posts_is_answered_with_a_sentence(
    cast: build.Cast, training_class: TrainingClass, posted: dict[str, str]
) -> None:
    answer = logged_in(cast.member_officer).post(f"/training/classes/{training_class.pk}/register/", posted)
    assert answer.status_code == 422


# --- Offers and cancellations ----------------------------------------------------------------------------------------


@pytest.fixture
def offered(cast: build.Cast, clerk: Person, training_class: TrainingClass) -> Registration:
    """The clerk is offered a place; somebody else waits behind her."""
    people = [courses.employee(), clerk, courses.employee(name="候補員")]
    answers = actions.register(training_class=training_class, people=people, by=cast.host_officer)
    assert answers[0].registration is not None
    actions.cancel_registration(registration=answers[0].registration, reason="出差", by=cast.host_officer)
    return Registration.objects.get(person=clerk)


def test_an_offer_waits_on_the_first_page_and_is_accepted(clerk: Person, offered: Registration) -> None:
    client = as_(clerk)
    home = client.get("/")
    assert "回復「性別主流化研習第 1 期」遞補通知" in home.text
    assert "115年11月24日（二）10:00 前回復" in home.text
    assert "接受遞補" in client.get(offered.get_absolute_url()).text
    answer = client.post(f"{offered.get_absolute_url()}accept/", follow=True)
    assert told(answer) == ["林書記已錄取。"]
    assert [event.place for event in answer.context["events"]] == ["registered", "offered", "waiting"]
    again = client.post(f"{offered.get_absolute_url()}accept/", follow=True)
    assert told(again) == ["這筆報名目前為「錄取」，不在遞補通知中。"]


def test_an_offer_is_declined_after_a_question(clerk: Person, offered: Registration) -> None:
    client, address = as_(clerk), f"{offered.get_absolute_url()}decline/"
    assert "放棄遞補？" in client.get(address).text
    client.post(address, {"reason": "當日\x1e請假"})
    assert place(clerk) == Place.DECLINED
    assert Registration.objects.get(person__name="候補員").place == Place.OFFERED


def test_a_late_answer_is_told_so(clerk: Person, offered: Registration, clock: Any) -> None:
    clock.move_to(NOW + timedelta(days=3))
    answer = as_(clerk).post(f"{offered.get_absolute_url()}accept/", follow=True)
    assert told(answer) == ["遞補回復期限已於 115年11月24日（二）10:00 屆至，名額已釋出。"]
    assert place(clerk) == Place.EXPIRED


def test_the_agency_in_charge_cancels_with_a_reason_but_does_not_answer_offers(
    cast: build.Cast, clerk: Person, offered: Registration
) -> None:
    client, address = logged_in(cast.host_officer), offered.get_absolute_url()
    assert client.post(f"{address}accept/").status_code == 403
    answer = client.post(f"{address}cancel/", {"reason": " "})
    assert answer.status_code == 422
    assert "請填取消原因" in answer.text
    assert client.post(f"{address}cancel/", {"reason": "字" * 301}).status_code == 422
    client.post(f"{address}cancel/", {"reason": "重複派訓"})
    assert place(clerk) == Place.CANCELLED
    assert "重複派訓" in client.get(address).text


def test_a_stranger_sees_no_registration(cast: build.Cast, offered: Registration) -> None:
    other = courses.employee(build.listed("竹崎鄉公所"), username="other")
    for user in (other.user, cast.neighbour_host):
        assert logged_in(user).get(offered.get_absolute_url()).status_code == 404
    assert not Registration.objects.visible_to(other.user).exists()


# --- Lists -----------------------------------------------------------------------------------------------------------


def test_the_list_of_a_class_is_searched_and_exported(cast: build.Cast, offered: Registration) -> None:
    client, address = logged_in(cast.host_officer), f"/training/classes/{offered.training_class_id}/registrations/"
    page = client.get(address)
    assert "共 3 筆" in page.text
    assert "候補第 1 位" in page.text
    found = client.get(address, {"q": "林書", "place": "offered"})
    assert "共 1 筆" in found.text
    export: Any = client.get(address, {"export": "csv", "place": "waiting"})
    text = b"".join(export.streaming_content).decode("utf-8-sig")
    assert "候補員" in text
    assert "林書記" not in text


def test_an_agency_sees_its_own_people_in_the_list(cast: build.Cast, offered: Registration) -> None:
    courses.registration(
        offered.training_class, courses.employee(build.listed("竹崎鄉公所")), by=cast.host_officer, place=Place.WAITING
    )
    address = f"/training/classes/{offered.training_class_id}/registrations/"
    assert "共 3 筆" in logged_in(cast.member_officer).get(address).text
    assert "共 1 筆" in logged_in(cast.neighbour_host).get(address).text
    assert logged_in(offered.person.user).get(address).status_code == 403


def test_pages_ask_no_more_for_many(cast: build.Cast, clerk: Person, training_class: TrainingClass) -> None:
    pages = [
        (clerk.user, training_class.get_absolute_url()),
        (clerk.user, "/training/registrations/"),
        (cast.member_officer, f"/training/classes/{training_class.pk}/register/"),
        (cast.member_officer, f"/training/classes/{training_class.pk}/registrations/"),
    ]
    for one in (courses.training_class(), training_class):
        actions.register(training_class=one, people=[clerk], by=cast.member_officer)
    before = [queries(logged_in(user), address) for user, address in pages]
    for _ in range(12):
        other = courses.training_class()
        actions.register(training_class=other, people=[clerk], by=cast.member_officer)
        actions.register(training_class=training_class, people=[courses.employee()], by=cast.member_officer)
    after = [queries(logged_in(user), address) for user, address in pages]
    assert after == before


def test_reading_staff_register_nobody(cast: build.Cast, training_class: TrainingClass) -> None:
    reader = build.officer(build.listed("竹崎鄉公所"), access=Access.READ)
    page = logged_in(reader).get(f"/training/classes/{training_class.pk}/register/")
    assert [case.person for case in page.context["checks"]] == [reader.person]
