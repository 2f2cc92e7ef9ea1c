"""Classes: planned, changed, announced, closed, cancelled; their sessions, hours by topic, papers and files."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from personnel_portal.documents import odf, pdf
from personnel_portal.documents.paper import Heading, Paragraph, Table
from personnel_portal.outbox.models import Message
from tests import build
from tests.site.clients import logged_in, status
from tests.training import courses
from training.actions import classes as actions
from training.choices import ClassState, HoursState, Place
from training.documents import classes as papers
from training.models import Attendance, ClassFile, College, TrainingClass

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with time_machine.travel(build.at(build.TODAY, 10), tick=False):
        yield


def data(**changes: Any) -> dict[str, Any]:
    """Return the form of a class with one session of three hours on the day that comes a fortnight on."""
    day = build.TODAY + timedelta(days=14)
    before = build.TODAY + timedelta(days=7)
    return {
        "form": "own",
        "mode": "on_site",
        "organiser": build.listed("人事處").pk,
        "goals": "提升性別意識",
        "audience": "本府同仁",
        "content": "性別平等政策綱領",
        "place": "三樓禮堂",
        "trainers": "王教授",
        "quota": "40",
        "minimum": "10",
        "hours": "3",
        "opens_at_date": f"{build.TODAY:%Y-%m-%d}",
        "opens_at_time": "08:00",
        "closes_at_date": f"{before:%Y-%m-%d}",
        "closes_at_time": "17:00",
        "statuses": ["civil_servant", "contract"],
        "sessions-TOTAL_FORMS": "1",
        "sessions-INITIAL_FORMS": "0",
        "sessions-0-day": f"{day:%Y-%m-%d}",
        "sessions-0-begins": "09:00",
        "sessions-0-finishes": "12:00",
        "sessions-0-minutes": "",
        **changes,
    }


def shown(response: Any) -> str:
    return str(response.content.decode())


def made_by(user: Any, course: Any, **changes: Any) -> TrainingClass:
    response = logged_in(user).post(reverse("training:add_class", args=[course.pk]), data(**changes))
    assert response.status_code == 302, shown(response)
    return TrainingClass.objects.get(course=course)


# --- Planning --------------------------------------------------------------------------------------------------------


def test_a_class_is_planned_with_its_sessions_and_hours_by_topic(cast: build.Cast) -> None:
    course = courses.course("性別主流化研習")
    gender, policy = courses.topic("性別主流化"), courses.topic("政策")
    made = made_by(cast.office_reviewer, course, **{f"topic_{gender.pk}": "2", f"topic_{policy.pk}": "1"})
    assert (made.state, made.number, made.quota, made.hours) == (ClassState.DRAFT, 1, 40, Decimal(3))
    assert made.sessions.get().minutes == 180
    assert {row.topic.name: row.hours for row in made.topics.all()} == {"性別主流化": 2, "政策": 1}
    assert logged_in(cast.member_officer).get(made.get_absolute_url()).status_code == 404


def test_the_office_runs_the_class_unless_another_agency_is_chosen(cast: build.Cast) -> None:
    page: Any = logged_in(cast.office_reviewer).get(f"/training/courses/{courses.course().pk}/classes/add/")
    assert page.context["form"]["organiser"].value() == build.listed("人事處").pk


def test_hours_of_topics_add_up_to_those_of_the_class(cast: build.Cast) -> None:
    course, topic = courses.course(), courses.topic("政策")
    url = reverse("training:add_class", args=[course.pk])
    response = logged_in(cast.office_reviewer).post(url, data(**{f"topic_{topic.pk}": "2.5"}))
    assert response.status_code == 422
    assert "各類別時數合計 2.5 小時，與學習時數 3 小時不符。" in shown(response)
    assert not course.classes.exists()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"sessions-0-finishes": "09:00"}, "結束須晚於開始。"),
        ({"sessions-0-minutes": "181"}, "上課分鐘不得超過起訖時間（180 分鐘）。"),
        ({"sessions-0-day": "113/6/30"}, "不在計畫期間"),
        ({"closes_at_date": "115/12/31"}, "報名截止不得晚於開課"),
        ({"minimum": "41"}, "最低開班人數不得大於名額。"),
        ({"quota": "0"}, "名額至少 1 人。"),
        ({"statuses": []}, "請至少勾選一種身分別。"),
        ({"nominees": "3"}, "僅薦送參訓可限制每機關人數。"),
    ],
)
def test_what_does_not_fit_is_said(cast: build.Cast, changes: dict[str, str], sentence: str) -> None:
    course = courses.course()
    response = logged_in(cast.office_reviewer).post(reverse("training:add_class", args=[course.pk]), data(**changes))
    assert response.status_code == 422
    assert sentence in shown(response)
    assert not course.classes.exists()


def test_sessions_do_not_overlap(cast: build.Cast) -> None:
    course = courses.course()
    day = build.TODAY + timedelta(days=14)
    second = {
        "sessions-TOTAL_FORMS": "2",
        "sessions-1-day": f"{day:%Y-%m-%d}",
        "sessions-1-begins": "11:00",
        "sessions-1-finishes": "13:00",
    }
    response = logged_in(cast.office_reviewer).post(reverse("training:add_class", args=[course.pk]), data(**second))
    assert response.status_code == 422
    assert "場次時間重疊" in shown(response)


def test_units_plan_classes_of_their_own_college_alone(cast: build.Cast) -> None:
    plan = courses.plan()
    college = College.objects.create(plan=plan, order=5, name="專業學院", run_by_units=True)
    theirs, ours = courses.course(plan_=plan, college=college), courses.course(plan_=plan)
    client = logged_in(cast.host_officer)
    assert status(client.get(reverse("training:add_class", args=[ours.pk]))) == 403
    url = reverse("training:add_class", args=[theirs.pk])
    assert client.post(url, data()).status_code == 422, "another agency is no organiser of theirs"
    host = build.listed("大林鎮公所")
    assert client.post(url, data(organiser=host.pk)).status_code == 302
    assert theirs.classes.get().organiser == host


def test_a_course_that_the_year_leaves_out_has_no_classes(cast: build.Cast) -> None:
    course = courses.course()
    course.is_planned = False
    course.save()
    response = logged_in(cast.office_reviewer).post(reverse("training:add_class", args=[course.pk]), data())
    assert "本課程未列入年度計畫，不能新增班別。" in shown(response)


# --- Announcing ------------------------------------------------------------------------------------------------------


def test_a_class_goes_from_draft_to_closed_and_back(cast: build.Cast) -> None:
    made = made_by(cast.office_reviewer, courses.course())
    client = logged_in(cast.office_reviewer)
    for step, state in (("open", "open"), ("close", "closed"), ("open", "open")):
        client.post(reverse(f"training:{step}_class", args=[made.pk]))
        made.refresh_from_db()
        assert made.state == state
    assert logged_in(cast.member_officer).get(made.get_absolute_url()).status_code == 200


def test_a_class_without_sessions_or_window_is_not_announced(cast: build.Cast) -> None:
    without = courses.training_class(state=ClassState.DRAFT, minutes=())
    with pytest.raises(ValidationError, match="請先排定場次"):
        actions.open_class(training_class=without, by=cast.office_reviewer)
    shut = courses.training_class(state=ClassState.DRAFT, opens_at=None)
    with pytest.raises(ValidationError, match="報名起訖時間"):
        actions.open_class(training_class=shut, by=cast.office_reviewer)
    begun = courses.training_class(state=ClassState.DRAFT, starts=build.at(build.TODAY, 9))
    with pytest.raises(ValidationError, match="已開始"):
        actions.open_class(training_class=begun, by=cast.office_reviewer)


def test_a_cancelled_class_tells_everybody_why(cast: build.Cast) -> None:
    made = courses.training_class()
    people = [courses.employee(name=name) for name in ("甲", "乙")]
    for person, place in zip(people, (Place.REGISTERED, Place.WAITING), strict=True):
        courses.registration(made, person, place=place, by=cast.office_reviewer)
    client, url = logged_in(cast.office_reviewer), reverse("training:cancel_class", args=[made.pk])
    assert client.post(url, {"reason": ""}).status_code == 422
    assert client.post(url, {"reason": "講座因故不克出席"}).status_code == 302
    made.refresh_from_db()
    assert (made.state, made.cancel_reason) == (ClassState.CANCELLED, "講座因故不克出席")
    assert not made.registrations.active().exists()
    mails = Message.objects.filter(to__in=[person.mail for person in people])
    assert mails.count() == 2
    assert all("講座因故不克出席" in one.text for one in mails)
    with pytest.raises(actions.Conflict, match="停辦"):
        actions.open_class(training_class=made, by=cast.office_reviewer)


def test_only_drafts_are_removed(cast: build.Cast) -> None:
    draft, announced = courses.training_class(state=ClassState.DRAFT), courses.training_class()
    client = logged_in(cast.office_reviewer)
    client.post(reverse("training:remove_class", args=[draft.pk]))
    client.post(reverse("training:remove_class", args=[announced.pk]))
    assert list(TrainingClass.objects.all()) == [announced]


# --- Changing --------------------------------------------------------------------------------------------------------


def change(user: Any, one: TrainingClass, **changes: Any) -> Any:
    session = one.sessions.get()
    rows = {"sessions-INITIAL_FORMS": "1", "sessions-0-id": session.pk, "sessions-0-minutes": "180"}
    return logged_in(user).post(reverse("training:edit_class", args=[one.pk]), data(**(rows | changes)))


def test_people_with_a_place_learn_of_another_day(cast: build.Cast) -> None:
    made = courses.training_class(minutes=(180,), place="三樓禮堂", hours=Decimal(3))
    person = courses.employee(name="甲")
    courses.registration(made, person, by=cast.office_reviewer)
    assert change(cast.office_reviewer, made).status_code == 302
    assert not Message.objects.filter(to=person.mail).exists(), "day and place are as before"
    later = build.TODAY + timedelta(days=20)
    assert change(cast.office_reviewer, made, **{"sessions-0-day": f"{later:%Y-%m-%d}"}).status_code == 302
    assert "班別異動" in Message.objects.get(to=person.mail).subject


def test_a_quota_never_falls_below_those_who_have_a_place(cast: build.Cast) -> None:
    made = courses.training_class(minutes=(180,), quota=2)
    for name in ("甲", "乙"):
        courses.registration(made, courses.employee(name=name), by=cast.office_reviewer)
    response = change(cast.office_reviewer, made, quota="1", minimum="0")
    assert response.status_code == 422
    assert "名額不得少於 2 人" in shown(response)


def test_more_places_go_to_those_who_wait(cast: build.Cast) -> None:
    made = courses.training_class(minutes=(180,), quota=1)
    courses.registration(made, courses.employee(name="甲"), by=cast.office_reviewer)
    waiting = courses.registration(made, courses.employee(name="乙"), place=Place.WAITING, by=cast.office_reviewer)
    assert change(cast.office_reviewer, made, quota="2", minimum="0").status_code == 302
    waiting.refresh_from_db()
    assert waiting.place == Place.OFFERED


def test_a_session_with_attendance_stays_as_it_was(cast: build.Cast) -> None:
    made = courses.training_class(minutes=(180,))
    registration = courses.registration(made, by=cast.office_reviewer)
    session = made.sessions.get()
    Attendance.objects.create(
        session=session, registration=registration, presence="present", entered_by=cast.office_reviewer
    )
    response = change(cast.office_reviewer, made, **{"sessions-0-minutes": "170"})
    assert "已登錄出席，不能變更時間。" in shown(response)
    removed = change(cast.office_reviewer, made, **{"sessions-0-DELETE": "on"})
    assert "已登錄出席，不能移除。" in shown(removed)


@pytest.mark.parametrize("state", [HoursState.SUBMITTED, HoursState.GRANTED])
def test_a_class_whose_hours_are_away_is_not_changed(cast: build.Cast, state: HoursState) -> None:
    made = courses.training_class(minutes=(180,), hours_state=state)
    assert "不能再變更。" in shown(change(cast.office_reviewer, made))


# --- The list and the page -------------------------------------------------------------------------------------------


def test_the_list_is_searched_narrowed_and_exported(cast: build.Cast) -> None:
    taking = courses.training_class(course_=courses.course("資料治理研習"))
    courses.training_class(course_=courses.course("公文研習"), state=ClassState.FINISHED)
    client, url = logged_in(cast.member_officer), reverse("training:classes")
    assert "公文研習第 1 期" in shown(client.get(url))
    narrowed = shown(client.get(url, {"state": "taking"}))
    assert str(taking) in narrowed
    assert "公文研習" not in narrowed
    assert "公文研習第 1 期" in shown(client.get(url, {"q": "公文", "sort": "-days"}))
    assert status(client.get(url, {"export": "csv"})) == 200


def test_an_employee_sees_the_class_and_registers_himself_but_keeps_nothing(cast: build.Cast) -> None:
    person = courses.employee(username="staff.own")
    made = courses.training_class()
    page = shown(logged_in(person.user).get(made.get_absolute_url()))
    assert all(text in page for text in ("實施計畫 PDF", "班別資料"))
    assert not any(text in page for text in ("辦理本班", "出席與時數"))
    assert status(logged_in(person.user).get(reverse("training:edit_class", args=[made.pk]))) == 403


# --- Papers and files ------------------------------------------------------------------------------------------------


def test_the_plan_of_a_class_says_what_the_clause_asks(cast: build.Cast) -> None:
    made = courses.training_class(
        course_=courses.course("性別主流化研習"), minutes=(90, 90), hours=Decimal(3), goals="提升性別意識", place="禮堂"
    )
    courses.class_topic(made, "性別主流化", 3)
    paper = papers.class_plan(made)
    headings = [block.text for block in paper.blocks if isinstance(block, Heading)]
    for asked in ("目標", "對象", "課程配當", "訓期及時間", "人數", "研習方式"):
        assert any(asked in heading for heading in headings)
    (table,) = [block for block in paper.blocks if isinstance(block, Table)]
    assert [row[3] for row in table.rows] == ["90", "90"]
    assert any("計 2 場次、180 分鐘" in block.text for block in paper.blocks if isinstance(block, Paragraph))
    assert pdf.render(paper).startswith(b"%PDF")
    assert odf.render(paper).startswith(b"PK")


def test_hand_outs_are_for_those_who_have_a_place(cast: build.Cast) -> None:
    made = courses.training_class()
    learner, other = courses.employee(username="learner"), courses.employee(username="other")
    courses.registration(made, learner, by=cast.office_reviewer)
    url = reverse("training:add_class_files", args=[made.pk])
    file = SimpleUploadedFile("講義.pdf", pdf.render(papers.course_list(courses.plan(), papers.course_table([], []))))
    client = logged_in(cast.office_reviewer)
    assert client.post(url, {"handouts": [file], "is_handout": "on"}).status_code == 302
    handout = ClassFile.objects.get()
    address = reverse("training:class_file", args=[handout.pk])
    assert status(logged_in(learner.user).get(address)) == 200
    assert status(logged_in(other.user).get(address)) == 404
    bad = client.post(url, {"handouts": [SimpleUploadedFile("x.exe", b"MZ")]})
    assert bad.status_code == 422
    assert ClassFile.objects.count() == 1
    client.post(reverse("training:remove_class_file", args=[handout.pk]))
    assert not ClassFile.objects.exists()
