"""The survey of needs: opened by the office, answered by agencies by rank, its result, and what goes into the plan."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.urls import reverse

from districts.models import Plan
from personnel_portal.outbox.models import Message
from tests import build
from tests.site.clients import logged_in, status
from tests.training import courses
from training.facts import demands
from training.models import Course, Need, Survey

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with time_machine.travel(build.at(build.TODAY, 10), tick=False):
        yield


@pytest.fixture
def plan() -> Plan:
    return courses.plan(116)


@pytest.fixture
def survey(plan: Plan) -> Survey:
    return Survey.objects.create(plan=plan, opens_on=build.TODAY, closes_on=build.TODAY + timedelta(days=14))


def answer(user: Any, plan: Plan, *rows: dict[str, Any]) -> Any:
    data: dict[str, Any] = {"needs-TOTAL_FORMS": str(len(rows)), "needs-INITIAL_FORMS": str(len(rows))}
    for number, row in enumerate(rows):
        data |= {f"needs-{number}-{name}": str(value) for name, value in row.items()}
    return logged_in(user).post(reverse("training:answer_survey", args=[plan.pk]), data)


def need(survey: Survey, agency: str, rank: int, course: Course | str, people: int | None = None) -> Need:
    named = {"course": course} if isinstance(course, Course) else {"proposed": course}
    by = build.officer(build.listed(agency))
    return Need.objects.create(
        survey=survey, agency=build.listed(agency), rank=rank, people=people, entered_by=by, **named
    )


def test_the_office_opens_the_survey_and_agencies_are_asked(cast: build.Cast, plan: Plan) -> None:
    client, url = logged_in(cast.office_reviewer), reverse("training:open_survey", args=[plan.pk])
    assert client.post(url, {"opens_on": "115/12/1", "closes_on": "115/11/30"}).status_code == 422
    data = {"opens_on": "115/11/22", "closes_on": "115/12/15", "note": "請各機關惠填"}
    assert client.post(url, data).status_code == 302
    assert Survey.objects.get(plan=plan).note == "請各機關惠填"
    told = Message.objects.filter(subject__contains="訓練需求調查")
    asked = told.count()
    assert told.filter(to=cast.member_officer.email).count() == 1
    client.post(url, data | {"closes_on": "115/12/20"})
    assert told.count() == asked, "moved days are no second survey"


def test_an_agency_ranks_courses_and_proposes_one(cast: build.Cast, plan: Plan, survey: Survey) -> None:
    first, second = courses.course("性別主流化研習", plan_=plan), courses.course("企業參訪", plan_=plan)
    response = answer(
        cast.member_officer,
        plan,
        {"rank": 3, "proposed": "資料治理", "why": "業務需要"},
        {"rank": 2, "course": second.pk, "people": 2},
        {"rank": 1, "course": first.pk, "people": 5},
        {"rank": 4},
    )
    assert response.status_code == 302
    rows = list(Need.objects.filter(survey=survey).values_list("rank", "course__name", "proposed", "people"))
    assert rows == [(1, "性別主流化研習", "", 5), (2, "企業參訪", "", 2), (3, None, "資料治理", None)]
    answer(cast.member_officer, plan, {"rank": 1, "course": second.pk})
    assert [row.course for row in Need.objects.filter(survey=survey)] == [second]


def test_what_is_proposed_under_a_known_name_is_that_course(cast: build.Cast, plan: Plan, survey: Survey) -> None:
    course = courses.course("企業參訪", plan_=plan)
    answer(cast.member_officer, plan, {"rank": 1, "proposed": "企業參訪 "})
    assert Need.objects.get(survey=survey).course == course


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ([{"rank": 1, "proposed": "甲"}, {"rank": 1, "proposed": "乙"}], "優先順序 1 重複"),
        ([{"rank": 1, "proposed": "甲"}, {"rank": 2, "proposed": "甲"}], "「甲」重複"),
        ([{"rank": 1, "people": 3}], "請選擇課程，或填建議課程。"),
        ([{"rank": 1, "course": 10**6}], "請選擇清單中的課程。"),
        ([{"rank": 1, "proposed": "長" * 20_000}], "最多 100 字"),
    ],
)
def test_an_answer_that_cannot_be_ranked_is_refused(
    cast: build.Cast, plan: Plan, survey: Survey, rows: list[dict[str, Any]], sentence: str
) -> None:
    response = answer(cast.member_officer, plan, *rows)
    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert not Need.objects.exists()


def test_nobody_answers_before_or_after_its_days(cast: build.Cast, plan: Plan, survey: Survey) -> None:
    Survey.objects.update(opens_on=build.TODAY - timedelta(days=9), closes_on=build.TODAY - timedelta(days=1))
    assert answer(cast.member_officer, plan, {"rank": 1, "proposed": "甲"}).status_code == 302
    assert not Need.objects.exists()


def test_the_result_counts_agencies_mean_rank_and_people(cast: build.Cast, plan: Plan, survey: Survey) -> None:
    gender, visit = courses.course("性別主流化研習", plan_=plan), courses.course("企業參訪", plan_=plan)
    need(survey, "民雄國中", 2, gender, 5)
    need(survey, "大林鎮公所", 1, gender, 3)
    need(survey, "大吉國中", 2, gender)
    need(survey, "民雄國中", 1, visit, 1)
    need(survey, "大林鎮公所", 2, "資料治理")
    found = [(one.name, one.agencies, str(one.rank), one.people) for one in demands(survey)]
    assert found == [("性別主流化研習", 3, "1.7", 8), ("企業參訪", 1, "1.0", 1), ("資料治理", 1, "2.0", 0)]
    url = reverse("training:survey", args=[plan.pk])
    page = logged_in(cast.member_officer).get(url).content.decode()
    assert "1.7" in page
    assert "大吉國中（順序" not in page, "who asks for what is the office's to see"
    assert "大吉國中（順序 2）" in logged_in(cast.office_reviewer).get(url).content.decode()
    assert status(logged_in(cast.office_reviewer).get(url, {"export": "csv"})) == 200


def test_the_office_says_which_courses_go_into_the_plan(cast: build.Cast, plan: Plan, survey: Survey) -> None:
    kept, dropped, held = (courses.course(name, plan_=plan) for name in ("甲", "乙", "丙"))
    client, url = logged_in(cast.office_reviewer), reverse("training:choose_courses", args=[plan.pk])
    client.post(url, {"planned": [kept.pk, held.pk, "x"]})
    assert set(Course.objects.of_plan(plan).planned()) == {kept, held}
    courses.training_class(course_=held)
    client.post(url, {"planned": [kept.pk, dropped.pk]})
    assert set(Course.objects.of_plan(plan).planned()) == {kept, held}, "a course with classes is not left out"


def test_a_proposed_course_is_taken_up_for_all_who_want_it(cast: build.Cast, plan: Plan, survey: Survey) -> None:
    first = need(survey, "民雄國中", 1, "資料治理")
    need(survey, "大林鎮公所", 3, "資料 治理")
    need(survey, "大吉國中", 1, "別的")
    url = reverse("training:take_up_need", args=[first.pk])
    assert status(logged_in(cast.member_officer).get(url)) == 403
    response = logged_in(cast.office_reviewer).post(url, {"name": "資料治理研習", "form": "own", "mode": "online"})
    assert response.status_code == 302
    course = Course.objects.get(plan=plan)
    assert (course.name, course.mode, course.is_planned) == ("資料治理研習", "online", True)
    assert course.needs.count() == 2
    assert [one.agencies for one in demands(survey)] == [2, 1]
