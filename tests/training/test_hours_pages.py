"""The meter of a person, an agency's people, the county; hours entered by hand; what flows into targets."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from districts.choices import Access, Status
from districts.models import Agency, Person
from kpi.actions import carrying
from kpi.choices import Formula, Source
from kpi.known import known_rows
from personnel_portal.trail.models import Entry
from tests import build
from tests.kpi import targets
from tests.site.clients import logged_in
from tests.training import courses, learning
from tests.training.learning import ENOUGH, ENVIRONMENT, OTHER, POLICY, YEAR, learn, record
from training import meter
from training.choices import ClassState, Mode, Origin
from training.models import LearningRecord, Requirement, RequirementSet

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def today() -> Iterator[None]:
    with time_machine.travel(build.at(build.TODAY, 10), tick=False):
        yield


@pytest.fixture
def school(cast: build.Cast) -> Agency:
    return build.listed("民雄國中")


@pytest.fixture
def clerk(cast: build.Cast, school: Agency) -> Person:
    """An employee with a login that sees what is the person's own."""
    return courses.employee(school, name="沈雨晴", username="clerk")


def page(client: Client, name: str, *args: object, query: str = "") -> str:
    response = client.get(reverse(f"training:{name}", args=args) + query)
    assert response.status_code == 200, response.status_code
    return response.content.decode()


def as_user(person: Person) -> Client:
    assert person.user is not None
    return logged_in(person.user)


def test_own_meter_says_what_is_missing_and_by_which_clause(clerk: Person) -> None:
    learn(clerk, {POLICY: 1, ENVIRONMENT: 2.5, OTHER: 8})
    shown = page(as_user(clerk), "hours")
    assert "未達成" in shown
    assert "同策略績效指標 4-1" in shown
    assert "<b>8.5</b> 小時" in shown  # of 20
    assert "<b>1.5</b> 小時" in shown  # of 環境教育
    assert "<b>4</b> 小時" in shown  # of the four together
    assert "第" in shown


def test_each_number_leads_to_its_records(clerk: Person) -> None:
    record(clerk, 4, ENVIRONMENT, course="濕地導覽")
    record(clerk, 3, OTHER, course="公文寫作")
    assert "濕地導覽" in page(as_user(clerk), "hours")
    only = page(as_user(clerk), "hours", query=f"?year={YEAR}&part=1")
    assert "濕地導覽" in only
    assert "公文寫作" not in only
    assert f"?year={YEAR}&amp;part=1#records" in only


def test_twenty_hours_with_every_part_are_enough(clerk: Person) -> None:
    learn(clerk, ENOUGH)
    assert "已達成" in page(as_user(clerk), "hours")
    assert "未達成" not in page(as_user(clerk), "hours")
    assert "未達成" in page(as_user(clerk), "hours", query=f"?year={YEAR - 1}")


def test_open_classes_that_would_fill_what_is_missing_are_named(cast: build.Cast, clerk: Person) -> None:
    learn(clerk, ENOUGH | {ENVIRONMENT: 1})
    named = courses.course("濕地生態研習")
    green = courses.training_class(course_=named, hours=Decimal(6))
    for name, hours in ((ENVIRONMENT, 4), (OTHER, 2)):
        courses.class_topic(green, name, hours)
    assert green.course.name not in [POLICY]
    closed = courses.training_class(course_=courses.course("已截止"), state=ClassState.CLOSED)
    elsewhere = courses.training_class(course_=courses.course("他機關"))
    elsewhere.agencies.add(build.listed("大林鎮公所"))
    teachers = courses.training_class(course_=courses.course("教師專班"), statuses=[Status.TEACHER])
    shown = page(as_user(clerk), "hours")
    assert green.get_absolute_url() in shown
    assert "可補 環境教育 3 小時、全年時數 3 小時" in " ".join(shown.split())
    for other in (closed, elsewhere, teachers):
        assert other.get_absolute_url() not in shown
    courses.registration(green, clerk, by=cast.member_officer)
    assert green.get_absolute_url() not in page(as_user(clerk), "hours")


def test_older_years_are_measured_by_their_own_demand(clerk: Person) -> None:
    day = date(2015, 5, 4)
    record(clerk, 36, OTHER, day=day)
    record(clerk, 3, POLICY, day=day, mode=Mode.ONLINE)
    record(clerk, 4, OTHER, day=day, mode=Mode.BLENDED, digital_hours=Decimal(2))
    shown = page(as_user(clerk), "hours", query="?year=104")
    assert "數位學習" in shown
    assert "已達成" in shown  # 43 of 40 hours, 5 of 5 digital ones
    assert "未達成" not in shown


def test_teachers_are_asked_nothing(school: Agency) -> None:
    teacher = courses.employee(school, username="teacher", status=Status.TEACHER)
    assert "未規定教師應達的學習時數" in page(as_user(teacher), "hours")


def test_agency_lists_its_people_and_who_is_behind(cast: build.Cast, school: Agency, clerk: Person) -> None:
    learn(clerk, ENOUGH)
    late = courses.employee(school, name="江晚成")
    record(late, 19.5)
    courses.employee(school, name="教師甲", status=Status.TEACHER)
    courses.employee(build.listed("大林鎮公所"), name="他機關員工")
    mine = logged_in(cast.member_officer)
    shown = page(mine, "agency_hours", school.pk)
    assert "沈雨晴" in shown
    assert "尚缺 全年時數 0.5、當前政府重大政策 1、環境教育 4" in shown
    assert "教師甲" not in shown
    assert "他機關員工" not in shown
    behind = page(mine, "agency_hours", school.pk, query="?standing=behind")
    assert "江晚成" in behind
    assert "沈雨晴" not in behind
    met = page(mine, "agency_hours", school.pk, query="?standing=met")
    assert "沈雨晴" in met
    assert "江晚成" not in met
    assert mine.get(reverse("training:person_hours", args=[late.pk])).status_code == 200
    assert mine.get(reverse("training:agency_hours", args=[build.listed("大林鎮公所").pk])).status_code == 403


def test_county_counts_each_person_once(cast: build.Cast, school: Agency, clerk: Person) -> None:
    learn(clerk, ENOUGH)
    build.posting(person=clerk, agency=build.listed("大林鎮公所"), access=Access.OWN, title="兼辦")
    asked = meter.asked_in(build.county().pk, YEAR)[0]
    shares = meter.agencies(build.county().pk, asked, YEAR, build.TODAY)
    rows = {row.short_name: row for row in meter.listed(shares)}
    everybody = Person.objects.filter(office=build.county(), postings__isnull=False).distinct().count()
    assert sum(row.people for row in rows.values()) == everybody
    assert sum(row.met for row in rows.values()) == rows["民雄國中"].met == 1
    assert rows["民雄國中"].people == 2  # with the officer
    shown = page(logged_in(cast.office_reader), "county_hours")
    assert "50.0%" in shown


def test_database_and_rule_agree_on_who_meets_it(school: Agency) -> None:
    asked = meter.asked_in(build.county().pk, YEAR)[0]
    people = {
        name: courses.employee(school, name=name)
        for name in ("足夠", "差半小時", "缺政策", "數位", "無類別", "去年", "四類同一")
    }
    learn(people["足夠"], ENOUGH)
    learn(people["差半小時"], ENOUGH | {OTHER: 9.5})
    learn(people["缺政策"], {name: hours for name, hours in ENOUGH.items() if name != POLICY} | {OTHER: 30})
    for name, hours in ENOUGH.items():
        record(people["數位"], hours, name, mode=Mode.ONLINE)
    record(people["無類別"], 40, "")
    learn(people["去年"], ENOUGH, day=date(2025, 3, 2))
    learn(people["四類同一"], {POLICY: 1, ENVIRONMENT: 4, learning.GENDER: 1, learning.RIGHTS: 4, OTHER: 10})
    by_rule = {name for name, person in people.items() if asked.measure(person.learning.filter(year=YEAR)).is_met}
    keys = set(meter.met(asked, YEAR).values_list("person", flat=True))
    listed = {row.name: meter.read(row, asked).is_met for row in meter.people(school, asked, YEAR, build.TODAY)}
    assert by_rule == {name for name, person in people.items() if person.pk in keys} == {"足夠", "數位", "四類同一"}
    assert {name for name, is_met in listed.items() if is_met} == by_rule


def test_newer_set_takes_over_a_status(school: Agency) -> None:
    more = RequirementSet.objects.create(
        office=build.county(), name="約聘僱另定", from_year=115, statuses=[Status.CONTRACT], hours=10
    )
    Requirement.objects.create(requirement_set=more, name="數位學習", hours=2, digital=True)
    sets = meter.asked_in(build.county().pk, YEAR)
    assert [(int(asked.hours), asked.statuses) for asked in sets] == [(10, ("contract",)), (20, ("civil_servant",))]
    temp = courses.employee(school, status=Status.CONTRACT)
    record(temp, 10, OTHER, mode=Mode.ONLINE)
    assert temp.pk in set(meter.met(sets[0], YEAR).values_list("person", flat=True))


# --- By hand ---------------------------------------------------------------------------------------------------------

ENTERED = {
    "course": "國家文官學院研習", "topic": "", "starts": "115/3/2", "ends": "115/3/3", "hours": "12",
    "mode": "on_site", "digital_hours": "", "note": "文院字第1150000001號",
}  # fmt: skip


def test_officer_enters_hours_for_the_own_people(cast: build.Cast, clerk: Person) -> None:
    mine, url = logged_in(cast.member_officer), reverse("training:add_record", args=[clerk.pk])
    assert mine.post(url, ENTERED).status_code == 302
    made = LearningRecord.objects.get(person=clerk)
    assert (int(made.hours), made.year, made.agency) == (12, 115, build.listed("民雄國中"))
    assert made.origin == Origin.ENTERED
    assert Entry.objects.filter(act="hours.entered", actor_id=cast.member_officer.pk).count() == 1
    again = mine.post(url, ENTERED)
    assert again.status_code == 422
    assert "已有同一天、同一類別的這門課程" in again.content.decode()
    edit = reverse("training:edit_record", args=[made.pk])
    assert mine.post(edit, ENTERED | {"hours": "11.5"}).status_code == 302
    made.refresh_from_db()
    assert made.hours == Decimal("11.5")
    assert mine.post(edit, {"remove": "1"}).status_code == 302
    assert not LearningRecord.objects.filter(person=clerk).exists()


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"hours": "1.3"}, "以 0.5 小時為單位"),
        ({"hours": "0"}, "且須大於 0"),
        ({"ends": "115/3/1"}, "迄日不得早於起日"),
        ({"starts": "115/2/30"}, "起日"),
        ({"ends": "116/3/1"}, "迄日不得晚於今日"),
        ({"starts": "89/3/1", "ends": "89/3/1"}, "自 90 年度起列計"),
        ({"hours": "500"}, "每日至多 24 小時"),
        ({"mode": "blended"}, "請填其中的數位時數"),
        ({"digital_hours": "13"}, "數位時數不得大於時數"),
        ({"note": ""}, "證明文件"),
        ({"course": "\U0001f600" * 300}, "課程名稱"),
    ],
)
def test_wrong_hours_are_refused_at_their_field(
    cast: build.Cast, clerk: Person, wrong: dict[str, str], sentence: str
) -> None:
    answer = logged_in(cast.member_officer).post(reverse("training:add_record", args=[clerk.pk]), ENTERED | wrong)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert not LearningRecord.objects.exists()


def test_nobody_enters_own_hours_or_changes_granted_ones(cast: build.Cast, clerk: Person) -> None:
    granted = record(clerk, 6)
    assert as_user(clerk).get(reverse("training:add_record", args=[clerk.pk])).status_code == 404
    neighbour = logged_in(cast.neighbour_host)
    assert neighbour.get(reverse("training:add_record", args=[clerk.pk])).status_code == 404
    answer = logged_in(cast.member_officer).post(reverse("training:edit_record", args=[granted.pk]), {"remove": "1"})
    assert answer.status_code == 403
    assert "請由來源更正" in answer.content.decode()


# --- Targets ---------------------------------------------------------------------------------------------------------


def test_share_of_people_flows_into_the_target(cast: build.Cast, school: Agency, clerk: Person) -> None:
    plan = targets.plan()
    indicator = targets.indicator(plan, source=Source.LEARNING_HOURS, formula=Formula.RATIO, unit="%", target="80")
    learn(clerk, ENOUGH, day=date(2026, 5, 4))
    office = {row.reference: row for row in known_rows(indicator, build.listed("人事處"), YEAR, 4)}
    assert len(office) == Agency.objects.filter(office=build.county(), postings__isnull=False).distinct().count()
    (row,) = known_rows(indicator, school, YEAR, 4)
    assert (row.amount, row.base) == (Decimal(1), Decimal(2))
    assert row.url == f"{reverse('training:agency_hours', args=[school.pk])}?year={YEAR}"
    assert known_rows(indicator, school, YEAR, 1)[0].amount == 0  # nothing was learned before April
    made = carrying.carry_in(
        indicator=indicator, agency=school, year=YEAR, period=4, references=[row.reference], by=cast.member_officer
    )
    assert (made.numerator, made.denominator, made.value) == (Decimal(1), Decimal(2), None)
    assert made.carried["rows"][0]["label"] == "民雄國中：115 年度達成 1 人／列計 2 人"


def test_hours_of_finished_classes_flow_into_the_target(cast: build.Cast, school: Agency) -> None:
    plan = targets.plan()
    indicator = targets.indicator(plan, source=Source.COURSE_HOURS, unit="小時", decimals=1)
    starts = timezone.localtime() - timedelta(days=20)
    held = courses.training_class(organiser=school, hours=Decimal("6.5"), state=ClassState.FINISHED, starts=starts)
    courses.training_class(organiser=school, starts=starts)  # not finished
    courses.training_class(organiser=build.listed("大林鎮公所"), state=ClassState.FINISHED, starts=starts)
    assert [row.reference for row in known_rows(indicator, school, YEAR, 4)] == [f"training.trainingclass-{held.pk}"]
    assert len(known_rows(indicator, build.listed("人事處"), YEAR, 4)) == 2
    reference = f"training.trainingclass-{held.pk}"
    made = carrying.carry_in(
        indicator=indicator, agency=school, year=YEAR, period=4, references=[reference], by=cast.member_officer
    )
    assert made.value == Decimal("6.5")
