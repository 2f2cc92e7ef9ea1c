"""The plan of 103 as rows, against the list that somebody else typed from the page."""

from decimal import Decimal

import pytest

from districts.choices import PlanKind
from districts.models import Plan
from personnel_portal import roc
from tests.training import expected_catalogue as expected
from training.choices import Form, Granting, Leave, Mode
from training.models import College, Course, Programme

pytestmark = pytest.mark.django_db


@pytest.fixture
def plan() -> Plan:
    return Plan.objects.get(kind=PlanKind.TRAINING, year=expected.YEAR)


def test_the_plan_is_that_of_the_page(plan: Plan) -> None:
    version = plan.versions.get()
    assert (plan.title, plan.issuing_body) == (expected.TITLE, "嘉義縣政府")
    assert (plan.starts, plan.ends) == tuple(map(roc.parse, expected.PERIOD))
    assert (version.issued_on, version.number) == (roc.parse(expected.APPROVAL[0]), expected.APPROVAL[1])
    assert "、".join(expected.LEARNING_SYSTEMS) in plan.note


def test_the_forms_of_training_are_the_printed_ones() -> None:
    assert Form.labels == [name for _, name in expected.TRAINING_FORMS]
    assert Mode.labels == [name for _, name in expected.LEARNING_FORMS]


def test_the_colleges_and_programmes_stand_as_printed(plan: Plan) -> None:
    assert tuple(College.objects.of_plan(plan).values_list("mark", "name")) == expected.COLLEGES
    programmes = Programme.objects.filter(college__plan=plan)
    assert tuple((f"{one.order}.", one.name) for one in programmes) == expected.PROGRAMMES
    assert {one.college.name for one in programmes} == {"專業學院"}
    assert [one.name for one in College.objects.of_plan(plan) if one.run_by_units] == ["專業學院"]


def test_the_34_courses_stand_exactly_as_printed(plan: Plan) -> None:
    named = Course.objects.of_plan(plan).filter(is_example=False).select_related("college", "programme")
    found = [(one.college.name, one.programme.name if one.programme else "", one.name) for one in named]
    assert found == [(college, programme, name) for college, programme, _, name in expected.COURSES]
    assert len(found) == 34


def test_the_examples_stand_as_such(plan: Plan) -> None:
    examples = Course.objects.of_plan(plan).filter(is_example=True)
    assert tuple(one.name for one in examples.filter(college__name="人力發展學院")) == expected.EXAMPLES
    nominated = examples.filter(college=None)
    assert tuple(one.name for one in nominated) == expected.RECOMMENDED_CLASSES
    assert {one.form for one in nominated} == {Form.NOMINATED}
    assert Course.objects.of_plan(plan).count() == 34 + 3 + 3


def test_the_orders_run_without_gap(plan: Plan) -> None:
    assert list(Course.objects.of_plan(plan).values_list("order", flat=True)) == list(range(1, 41))


def test_the_rules_are_those_of_the_page(plan: Plan) -> None:
    rule = plan.training_rule
    assert (rule.absence_part, rule.absence_whole) == expected.ABSENCE
    assert (rule.quota_part, rule.quota_whole, rule.quota_minimum) == (
        *expected.STUDY_QUOTA,
        expected.STUDY_QUOTA_AT_LEAST,
    )
    assert rule.weekly_hours == Decimal(expected.STUDY_LEAVE_HOURS)
    assert (rule.granting, rule.counted_leaves) == (Granting.FULL, Leave.values)


def test_the_deadlines_name_their_days_and_clauses(plan: Plan) -> None:
    rows = {row.duty: row for row in plan.deadlines.all()}
    apply, roster = rows["training.study.apply"], rows["training.study.roster"]
    assert apply.nominal is not None
    assert roster.nominal is not None
    assert (apply.nominal.month, apply.nominal.day) == expected.APPLY_BY
    assert (roster.nominal.month, roster.nominal.day) == expected.ROSTER_BY
    assert (apply.clause, roster.clause) == ("柒、五、(一)", "柒、五、(二)")
    assert rows["training.study.timetable"].days_after == expected.TIMETABLE_WEEKS * 7
    assert {row.policy for row in rows.values()} == {"next"}


def test_each_reading_has_its_alternative_and_its_reason(plan: Plan) -> None:
    readings = plan.readings.all()
    assert len(readings) == 20
    assert all(row.chosen and row.alternative and row.reason and row.clause for row in readings)
    assert not readings.exclude(confirmed_on=None).exists()
