"""What the database itself refuses, on both databases, and the sentence that a form shows for it."""

from collections.abc import Callable
from datetime import date, time, timedelta

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction

from districts.choices import AgencyKind, PlanKind, VersionKind
from districts.models import (
    Agency,
    AgencyName,
    Closure,
    CoachingRow,
    Deadline,
    District,
    DistrictArea,
    Membership,
    Office,
    Plan,
    PlanVersion,
    Posting,
    Reading,
    Township,
)
from tests import build

pytestmark = pytest.mark.django_db

START, END = date(2026, 10, 1), date(2027, 9, 30)
MIDDLE = date(2027, 3, 1)
ONE_DAY = timedelta(days=1)


@pytest.fixture
def plan() -> Plan:
    return build.plan(year=116, office=build.office())


@pytest.fixture
def east(plan: Plan) -> District:
    return build.district("東區", plan=plan)


@pytest.fixture
def west(plan: Plan) -> District:
    return build.district("西區", plan=plan)


def refused(write: Callable[[], object], name: str) -> None:
    """Assert that the database refuses a write by the named constraint (SQLite names no unique ones)."""
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        write()
    message = str(refusal.value)
    assert name in message or message.startswith("UNIQUE constraint failed")


# --- A member is in one district at a time ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("since", "until"),
    [(START, END), (START, MIDDLE), (MIDDLE, END), (MIDDLE, MIDDLE), (START - ONE_DAY, END + ONE_DAY), (END, END)],
)
def test_member_of_two_districts_is_refused(east: District, west: District, since: date, until: date) -> None:
    member = build.membership(district=east).agency
    refused(
        lambda: build.membership(district=west, agency=member, since=since, until=until),
        "member_of_one_district_at_a_time",
    )
    refused(
        lambda: build.membership(district=east, agency=member, since=since, until=until),
        "member_of_one_district_at_a_time",
    )


def test_member_may_change_districts_from_one_day_to_the_next(east: District, west: District) -> None:
    first = build.membership(district=east, until=MIDDLE - ONE_DAY)
    second = build.membership(district=west, agency=first.agency, since=MIDDLE)
    refused(lambda: Membership.objects.filter(pk=first.pk).update(until=MIDDLE), "member_of_one_district_at_a_time")
    refused(
        lambda: Membership.objects.filter(pk=second.pk).update(since=MIDDLE - ONE_DAY),
        "member_of_one_district_at_a_time",
    )
    second.order = 5
    second.save()  # a row does not overlap itself


def test_member_taken_over_by_an_update_is_refused(east: District, west: District) -> None:
    member, other = build.membership(district=east), build.membership(district=west)
    refused(
        lambda: Membership.objects.filter(pk=other.pk).update(agency=member.agency),
        "member_of_one_district_at_a_time",
    )


def test_overlap_in_a_bulk_write_is_refused(east: District, west: District) -> None:
    agency = build.agency()
    rows = [
        Membership(plan=east.plan, district=district, agency=agency, since=START, until=END)
        for district in (east, west)
    ]
    refused(lambda: Membership.objects.bulk_create(rows), "member_of_one_district_at_a_time")
    assert not Membership.objects.filter(agency=agency).exists()


def test_member_may_be_in_districts_of_two_plans(east: District) -> None:
    member = build.membership(district=east)
    other_plan = build.plan(year=117, office=east.plan.office)
    build.membership(district=build.district("東區", plan=other_plan), agency=member.agency, since=START, until=END)
    assert Membership.objects.filter(agency=member.agency).count() == 2


# --- A district has one host at a time, and the host is a member -----------------------------------------------------


def test_second_host_of_a_district_is_refused(east: District) -> None:
    build.membership(district=east, is_host=True)
    member = build.membership(district=east)
    refused(lambda: build.membership(district=east, is_host=True), "district_has_one_host_at_a_time")
    refused(lambda: Membership.objects.filter(pk=member.pk).update(is_host=True), "district_has_one_host_at_a_time")


def test_host_may_change_in_mid_year(east: District) -> None:
    first = build.membership(district=east, is_host=True, until=MIDDLE - ONE_DAY)
    second = build.membership(district=east, is_host=True, since=MIDDLE)
    assert (east.host_on(MIDDLE - ONE_DAY), east.host_on(MIDDLE)) == (first.agency, second.agency)
    refused(lambda: Membership.objects.filter(pk=first.pk).update(until=END), "district_has_one_host_at_a_time")


def test_members_that_do_not_host_and_other_districts_do_not_matter(east: District, west: District) -> None:
    build.membership(district=east, is_host=True)
    build.membership(district=east)
    build.membership(district=west, is_host=True)
    assert Membership.objects.filter(plan=east.plan, is_host=True).count() == 2


def test_membership_takes_the_plan_of_its_district(east: District) -> None:
    member = Membership(plan=build.plan(year=113), district=east, agency=build.agency(), since=START, until=END)
    member.save()
    assert member.plan == east.plan


def test_overlap_has_a_sentence_for_the_form(east: District, west: District) -> None:
    host = build.membership(district=east, is_host=True)
    again = Membership(plan=east.plan, district=west, agency=host.agency, since=MIDDLE, until=END)
    with pytest.raises(ValidationError) as refusal:
        again.full_clean()
    assert refusal.value.messages == ["同一機關在同一計畫中，同一期間只能屬於一個分區。"]
    second = Membership(plan=east.plan, district=east, agency=build.agency(), is_host=True, since=START, until=END)
    with pytest.raises(ValidationError) as refusal:
        second.full_clean()
    assert refusal.value.messages == ["同一分區同一期間只能有一個承辦單位。"]
    host.full_clean()  # a row does not overlap itself


# --- The other constraints -------------------------------------------------------------------------------------------

CHECKS: dict[str, Callable[[District], object]] = {
    "membership_ends_after_start": lambda east: build.membership(district=east, since=END, until=START),
    "plan_ends_after_start": lambda east: Plan.objects.filter(pk=east.plan.pk).update(ends=START - ONE_DAY),
    "deadline_day_of_a_month": lambda east: deadline(east.plan, month_day=32),
    "deadline_counted_one_way": lambda east: deadline(east.plan, month_day=5, days_after=0),
    "plan_reminds_after_days": lambda east: Plan.objects.filter(pk=east.plan.pk).update(overdue_every=0),
    "posting_ends_after_start": lambda east: build.posting(
        person=build.person(), agency=build.agency(), since=END, until=START
    ),
    "coaching_month_by_its_first_day": lambda east: build.coaching_table(
        district=east, rows={}, month=date(2026, 11, 2)
    ),
}


@pytest.mark.parametrize("name", CHECKS)
def test_check_constraint_refuses(east: District, name: str) -> None:
    refused(lambda: CHECKS[name](east), name)


def deadline(plan: Plan, **values: object) -> Deadline:
    return Deadline.objects.create(plan=plan, duty="x", title="某事", clause="肆", hour=time(17), **values)


def twice(model: type[models.Model], **values: object) -> None:
    model._default_manager.create(**values)
    model._default_manager.create(**values)


DUPLICATES: dict[str, Callable[[District], object]] = {
    "office_code": lambda east: Office.objects.create(code=east.plan.office.code, name="另一人事處"),
    "township_named_once": lambda east: twice(Township, office=east.plan.office, name="某鄉"),
    "agency_listed_once": lambda east: twice(
        Agency, office=east.plan.office, short_name="某國小", official_name="某縣某國小", kind=AgencyKind.ELEMENTARY
    ),
    "office_is_one_agency": lambda east: build.agency(office=east.plan.office, kind=AgencyKind.OFFICE),
    "agency_name_once": lambda east: twice(AgencyName, agency=build.listed("消防局"), name="縣消防局"),
    "plan_once_a_year": lambda east: Plan.objects.create(
        office=east.plan.office,
        kind=PlanKind.LIAISON,
        year=east.plan.year,
        title="又一計畫",
        issuing_body=east.plan.issuing_body,
        starts=START,
        ends=END,
    ),
    "plan_version_once": lambda east: twice(
        PlanVersion, plan=east.plan, kind=VersionKind.APPROVED, number="府人任字第1號函", issued_on=START
    ),
    "deadline_once_a_duty": lambda east: [deadline(east.plan), deadline(east.plan)],
    "reading_once_a_question": lambda east: twice(
        Reading, plan=east.plan, key="k", clause="伍", question="？", value=1, chosen="一"
    ),
    "district_once_a_plan": lambda east: District.objects.create(plan=east.plan, name=east.name),
    "area_once_a_district": lambda east: twice(DistrictArea, district=east, label="某鄉"),
    "posting_open_once": lambda east: twice(
        Posting, person=build.person(), agency=build.listed("消防局"), title="主任", since=START
    ),
    "coaching_version_once": lambda east: [
        build.coaching_table(district=east, rows={}),
        build.coaching_table(district=east, rows={}),
    ],
    "coached_by_one_officer": lambda east: twice(
        CoachingRow,
        table=build.coaching_table(district=east, rows={}),
        officer=build.person(),
        agency=build.listed("消防局"),
    ),
    "closure_once_a_day": lambda east: twice(Closure, office=east.plan.office, day=MIDDLE, reason="颱風"),
}


@pytest.mark.parametrize("name", DUPLICATES)
def test_unique_constraint_refuses(east: District, name: str) -> None:
    refused(lambda: DUPLICATES[name](east), name)


def test_every_constraint_of_the_app_is_tried() -> None:
    named = {c.name for model in apps.get_app_config("districts").get_models() for c in model._meta.constraints}
    tried = {*CHECKS, *DUPLICATES, "member_of_one_district_at_a_time", "district_has_one_host_at_a_time"}
    assert named - tried == set()


# --- Sentences of the plan's values ----------------------------------------------------------------------------------


@pytest.mark.parametrize("offsets", ["30", 30, {"0": 1}, [1, "7"], [1.5], [True], [-1], [366], [None]])
def test_impossible_offsets_of_reminders_get_a_sentence(plan: Plan, offsets: object) -> None:
    plan.reminder_offsets = offsets
    with pytest.raises(ValidationError) as refusal:
        plan.full_clean()
    assert refusal.value.message_dict == {"reminder_offsets": ["請填 0 到 365 的整數日數，如 [30, 14, 7, 1, 0]。"]}


def test_values_of_plan_and_deadline_get_a_sentence(plan: Plan) -> None:
    plan.reminder_offsets = [365, 0]
    plan.full_clean()
    plan.overdue_every = 0
    with pytest.raises(ValidationError, match="逾期後提醒的間隔至少 1 日。"):
        plan.full_clean()
    unclear = Deadline(plan=plan, duty="x", title="某事", clause="肆", nominal=START, days_after=3)
    with pytest.raises(ValidationError, match="固定期限、每月幾日、事後幾日內只能擇一填寫"):
        unclear.full_clean()


def test_nearest_day_of_the_plan(plan: Plan) -> None:
    days = [START - ONE_DAY, START, MIDDLE, END, END + ONE_DAY]
    assert [plan.nearest(day) for day in days] == [START, START, MIDDLE, END, END]


@pytest.mark.parametrize(
    ("text", "year"), [("113", 113), ("116", 116), ("", 116), ("0116", 116), ("x", 116), ("²", 116)]
)
def test_plan_of_an_asked_year(text: str, year: int) -> None:
    build.plan()
    found = Plan.objects.liaison().filter(office=build.county()).of_year(text, MIDDLE)
    assert found is not None
    assert found.year == year


def test_year_without_a_plan_has_none() -> None:
    assert Plan.objects.of_year("999", MIDDLE) is None


def test_day_of_a_month_stays_within_it(plan: Plan) -> None:
    monthly = Deadline(plan=plan, month_day=31)
    assert monthly.day_in(date(2027, 2, 14)) == date(2027, 2, 28)
    assert monthly.day_in(date(2027, 3, 1)) == date(2027, 3, 31)
    assert Deadline(plan=plan).day_in(MIDDLE) is None
