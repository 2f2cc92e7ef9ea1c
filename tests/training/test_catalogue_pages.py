"""The catalogue and its keeping: what is shown, what the office changes, and what goes with a cloned plan."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.urls import reverse

from districts.actions.plans import clone_plan
from districts.choices import PlanKind
from districts.models import Plan
from personnel_portal.trail.models import Entry
from tests import build
from tests.site.clients import logged_in
from tests.training import courses
from training.models import College, Course, PreReading, Programme, TrainingRule

pytestmark = pytest.mark.django_db

BLANK_ROWS = {"readings-TOTAL_FORMS": "0", "readings-INITIAL_FORMS": "0"}


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with time_machine.travel(build.at(build.TODAY, 10), tick=False):
        yield


@pytest.fixture
def printed() -> Plan:
    return Plan.objects.get(kind=PlanKind.TRAINING, year=103)


def page(user: Any, url: str) -> str:
    response = logged_in(user).get(url)
    assert response.status_code == 200
    return str(response.content.decode())


def course_data(**changes: str) -> dict[str, str]:
    return {"name": "資料治理研習", "form": "own", "mode": "on_site", "is_planned": "on", **BLANK_ROWS, **changes}


def test_the_printed_plan_is_shown_by_college_and_programme(cast: build.Cast, printed: Plan) -> None:
    shown = page(cast.member_officer, f"{reverse('training:catalogue')}?year=103")
    for text in ("(五)專業學院", "會計業務與採購學程", "哈囉!新移民研習", "薦送參訓", "政務研究班", "40 門", "陸、七"):
        assert text in shown
    assert "新增課程" not in shown
    assert "新增課程" in page(cast.office_reviewer, f"{reverse('training:catalogue')}?plan={printed.pk}")


def test_an_employee_sees_the_catalogue_and_only_what_is_his_in_the_menu(cast: build.Cast, printed: Plan) -> None:
    person = courses.employee(username="staff.own")
    assert person.user is not None
    shown = page(person.user, reverse("training:catalogue"))
    assert "性別主流化研習" in shown
    menu = shown[: shown.index("<main")]
    assert all(entry in menu for entry in ("訓練進修", "行事曆"))
    assert not any(entry in menu for entry in ("責任看板", "提案與案例"))


def test_the_office_adds_a_course_with_its_reading(cast: build.Cast) -> None:
    plan = courses.plan()
    data = course_data() | {
        "readings-TOTAL_FORMS": "1",
        "readings-0-title": "資料治理入門",
        "readings-0-url": "elearn.example.gov.tw/1",
    }
    response = logged_in(cast.office_reviewer).post(reverse("training:add_course", args=[plan.pk]), data)
    made = Course.objects.get(plan=plan)
    assert (response.status_code, response.headers["Location"]) == (302, made.get_absolute_url())
    assert (made.name, made.order, made.is_planned) == ("資料治理研習", 1, True)
    assert made.readings.get().url == "https://elearn.example.gov.tw/1"
    assert Entry.objects.filter(act="course.added").exists()


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "不是網址"])
def test_a_reading_leads_nowhere_but_to_the_web(cast: build.Cast, url: str) -> None:
    plan = courses.plan()
    data = course_data() | {"readings-TOTAL_FORMS": "1", "readings-0-title": "x", "readings-0-url": url}
    assert logged_in(cast.office_reviewer).post(reverse("training:add_course", args=[plan.pk]), data).status_code == 422
    assert not Course.objects.filter(plan=plan).exists()


def test_a_course_is_named_once_in_its_college(cast: build.Cast) -> None:
    plan = courses.plan()
    courses.course("資料治理研習", plan_=plan)
    response = logged_in(cast.office_reviewer).post(reverse("training:add_course", args=[plan.pk]), course_data())
    assert response.status_code == 422
    assert "本計畫已有「資料治理研習」。" in response.content.decode()


def test_a_programme_is_of_the_course_s_college(cast: build.Cast) -> None:
    plan = courses.plan()
    policy, other = (College.objects.create(plan=plan, order=n, name=name) for n, name in ((1, "政策"), (2, "專業")))
    programme = Programme.objects.create(college=other, order=1, name="公文學程")
    client, url = logged_in(cast.office_reviewer), reverse("training:add_course", args=[plan.pk])
    data = course_data(college=str(policy.pk), programme=str(programme.pk))
    assert "「公文學程」不屬於政策。" in client.post(url, data).content.decode()
    assert client.post(url, course_data(programme=str(programme.pk))).status_code == 302
    assert Course.objects.get(plan=plan).college == other


def test_no_course_comes_before_itself(cast: build.Cast) -> None:
    first, second = courses.course("初級"), courses.course("進階")
    second.after.add(first)
    data = course_data(name="初級", after=str(second.pk))
    response = logged_in(cast.office_reviewer).post(reverse("training:edit_course", args=[first.pk]), data)
    assert response.status_code == 422
    assert "先修課程互為先修" in response.content.decode()


def test_two_people_do_not_write_over_one_another(cast: build.Cast) -> None:
    course = courses.course("初級")
    client, url = logged_in(cast.office_reviewer), reverse("training:edit_course", args=[course.pk])
    form = client.get(url).context["form"]
    shown = str(form["shown"].value())
    data = course_data(name="初級", audience="全體", shown=shown)
    assert client.post(url, data).status_code == 302
    late = client.post(url, course_data(name="初級", audience="主管", shown=shown))
    assert late.status_code == 422
    assert "目前為「全體」" in late.content.decode()
    assert Course.objects.get(pk=course.pk).audience == "全體"


@pytest.mark.parametrize("text", ["標題\x00\x0b", "長" * 20_000, "😀", "=1+1"])
def test_odd_texts_get_an_answer(cast: build.Cast, text: str) -> None:
    url = reverse("training:add_course", args=[courses.plan().pk])
    assert logged_in(cast.office_reviewer).post(url, course_data(name=text)).status_code in (302, 422)


def test_a_college_gets_programmes(cast: build.Cast) -> None:
    plan = courses.plan()
    data = {
        "mark": "(一)",
        "name": "政策學院",
        "programmes-TOTAL_FORMS": "2",
        "programmes-INITIAL_FORMS": "0",
        "programmes-0-name": "治理學程",
        "programmes-1-name": "",
    }
    assert (
        logged_in(cast.office_reviewer).post(reverse("training:add_college", args=[plan.pk]), data).status_code == 302
    )
    college = College.objects.get(plan=plan)
    assert [one.name for one in college.programmes.all()] == ["治理學程"]


def test_the_office_changes_the_rule(cast: build.Cast) -> None:
    plan = courses.plan()
    client, url = logged_in(cast.office_reviewer), reverse("training:rule", args=[plan.pk])
    data = {
        "absence_part": "1",
        "absence_whole": "4",
        "granting": "attended",
        "counted_leaves": ["personal", "sick"],
        "offer_hours": "24",
        "quota_part": "1",
        "quota_whole": "10",
        "quota_minimum": "1",
        "weekly_hours": "8",
    }
    assert client.post(url, data).status_code == 302
    rule = TrainingRule.objects.get(plan=plan)
    assert (rule.absence_whole, rule.granting, rule.counted_leaves) == (4, "attended", ["personal", "sick"])
    refused = client.post(url, data | {"absence_part": "5"})
    assert refused.status_code == 422
    assert "缺課上限須大於 0 且不大於 1。" in refused.content.decode()


def test_the_catalogue_goes_with_a_cloned_plan(printed: Plan, cast: build.Cast) -> None:
    first, second = Course.objects.of_plan(printed)[:2]
    second.after.add(first)
    PreReading.objects.create(course=first, title="入門", url="https://elearn.example.gov.tw/")
    TrainingRule.objects.filter(plan=printed).update(offer_hours=24)
    clone = clone_plan(plan=printed, year=104, by=cast.office_admin)
    names = ["name", "college__name", "programme__name", "order", "form", "is_example", "responsible"]
    assert list(Course.objects.of_plan(clone).values_list(*names)) == list(
        Course.objects.of_plan(printed).values_list(*names)
    )
    assert College.objects.of_plan(clone).count() == 6
    assert Programme.objects.filter(college__plan=clone).count() == 3
    copied = Course.objects.of_plan(clone)[1]
    assert copied.after.get().plan == clone
    assert copied.after.get().readings.get().title == "入門"
    assert clone.training_rule.offer_hours == 24
    roster = clone.deadlines.get(duty="training.study.roster")
    assert roster.nominal is not None
    assert roster.nominal.year == 2015


def test_the_list_of_courses_is_handed_out(cast: build.Cast) -> None:
    course = courses.course("性別主流化研習")
    courses.training_class(course_=course, hours=Decimal(6))
    client = logged_in(cast.member_officer)
    url = reverse("training:course_list", args=[course.plan_id, "csv"])
    text = b"".join(client.get(url).streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]  # a sheet streams
    head, row = (line.split(",") for line in text.splitlines())
    assert head[:4] == ["序號", "學院", "學程", "課程名稱"]
    starts = build.TODAY + timedelta(days=14)
    assert row[3:9] == [
        "性別主流化研習",
        "自辦訓練",
        "1",
        f"{starts.year - 1911}/{starts.month}/{starts.day}",
        "10",
        "6",
    ]
    assert client.get(reverse("training:course_list", args=[course.plan_id, "exe"])).status_code == 404


def test_the_search_finds_courses_and_classes(cast: build.Cast) -> None:
    course = courses.course("資料治理研習")
    courses.training_class(course_=course, place="三樓禮堂")
    found = page(cast.member_officer, f"{reverse('home:search')}?q=資料治理")
    assert found.count("資料治理研習") >= 2
    assert "資料治理研習第 1 期" in page(cast.member_officer, f"{reverse('home:search')}?q=三樓禮堂")
