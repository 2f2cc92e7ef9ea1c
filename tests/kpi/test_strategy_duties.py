"""What a plan of targets makes units and the office owe."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from districts.facts import plan_day
from districts.models import Agency, Deadline, Plan
from kpi.choices import EntryState, Formula, Frequency, ReportedBy
from kpi.duties import duties
from kpi.models import Actual, Correction, Indicator, Unit
from personnel_portal.duties.board import chip
from personnel_portal.rules.duty import Duty, State
from tests import build
from tests.kpi import targets

pytestmark = pytest.mark.django_db

APRIL, NEXT_YEAR = date(2026, 4, 10), date(2027, 2, 1)


@pytest.fixture
def plan(cast: build.Cast) -> Plan:
    return targets.plan()


@pytest.fixture
def member(plan: Plan) -> Agency:
    return build.listed("民雄國中")


@pytest.fixture
def share(cast: build.Cast, plan: Plan) -> Indicator:
    return targets.indicator(plan, formula=Formula.RATIO, target="80")


def owed(plan: Plan, day: date, kind: str, agency: Agency | None = None) -> list[Duty]:
    found = duties(plan_day(plan, day))
    return [duty for duty in found if duty.kind.startswith(kind) and agency in (None, build_of(duty))]


def build_of(duty: Duty) -> Agency:
    return Agency.objects.get(pk=duty.agency_id)


def test_each_unit_owes_one_report_for_each_month_with_which_periods_end(
    cast: build.Cast, plan: Plan, member: Agency, share: Indicator
) -> None:
    targets.indicator(plan, frequency=Frequency.MONTH)
    targets.indicator(plan, frequency=Frequency.YEAR, reported_by=ReportedBy.OFFICE)
    found = owed(plan, APRIL, "kpi.report", member)
    assert [duty.kind for duty in found] == [f"kpi.report.115-{month}" for month in (1, 2, 3, 4)]
    assert [duty.title for duty in found][2] == "填報截至 115年3月底的績效實績（2 項）"
    assert [duty.since for duty in found][2] == date(2026, 4, 1)
    assert {duty.state(APRIL) for duty in found} == {State.OPEN}, "the plan states no day"
    assert (chip(found[2], APRIL).text, found[2].note) == ("期末後 9 日", "已送出 0／2 項")
    assert (chip(found[3], APRIL).text, found[3].note) == ("待辦", "期間進行中、已送出 0／1 項")
    assert owed(plan, APRIL, "kpi.report", build.listed("人事處")) == [], "its year has not come to the last month"


def test_a_report_is_done_when_all_of_it_is_sent_and_owed_again_when_returned(
    cast: build.Cast, plan: Plan, member: Agency, share: Indicator
) -> None:
    sent = targets.actual(share, member, 1, ratio=("8", "10"), by=cast.member_officer)
    Actual.objects.update(submitted_at=build.at(date(2026, 4, 3)))
    (done,) = owed(plan, APRIL, "kpi.report.115-3", member)
    assert done.done
    assert (done.done.day, done.done.label) == (date(2026, 4, 3), "1 項")
    Actual.objects.filter(pk=sent.pk).update(state=EntryState.RETURNED, reason="分母有誤。")
    (again,) = owed(plan, APRIL, "kpi.report.115-3", member)
    assert (again.done, again.action, again.note) == (None, "補正", "已送出 0／1 項、退請補正 1 項")


def test_the_plans_day_of_the_next_month_is_the_deadline(plan: Plan, member: Agency, share: Indicator) -> None:
    Deadline.objects.create(plan=plan, duty="kpi.report", title="填報實績", clause="肆、一", month_day=10)
    plan.refresh_from_db()
    (march,) = owed(plan, date(2026, 4, 13), "kpi.report.115-3", member)
    assert march.due
    assert (march.due.nominal, march.due.effective) == (date(2026, 4, 10), date(2026, 4, 10))
    assert (march.state(date(2026, 4, 13)), march.clause) == (State.LATE, "肆、一")


def test_the_office_reviews_what_waits(cast: build.Cast, plan: Plan, member: Agency, share: Indicator) -> None:
    assert owed(plan, APRIL, "kpi.review") == []
    targets.actual(share, member, 1, ratio=("8", "10"), by=cast.member_officer)
    Actual.objects.update(submitted_at=build.at(date(2026, 4, 3)))
    (review,) = owed(plan, APRIL, "kpi.review")
    assert (review.title, review.since, build_of(review).short_name) == (
        "審核 115年度績效實績（1 筆）",
        date(2026, 4, 3),
        "人事處",
    )


def test_a_target_that_is_missed_for_good_asks_for_cause_and_action(
    cast: build.Cast, plan: Plan, member: Agency, share: Indicator
) -> None:
    for period in (1, 2, 3):
        targets.actual(share, member, period, ratio=("4", "10"), by=cast.member_officer)
    assert owed(plan, date(2026, 12, 30), "kpi.correct") == [], "a quarter is still to come"
    (missed,) = owed(plan, NEXT_YEAR, "kpi.correct")
    assert (missed.agency_id, missed.note) == (member.pk, "目標 ≧ 80 %，實績 40.00 %")
    assert missed.days_since(NEXT_YEAR) == 31
    Deadline.objects.create(plan=plan, duty="kpi.correct", title="說明未達目標", clause="肆、二", days_after=31)
    plan.refresh_from_db()
    (dated,) = owed(plan, NEXT_YEAR, "kpi.correct")
    assert dated.due
    assert (dated.due.nominal, dated.due.effective) == (date(2027, 1, 31), date(2027, 2, 1)), "a Sunday"


def test_a_corrective_action_is_owed_until_it_is_done(
    cast: build.Cast, plan: Plan, member: Agency, share: Indicator
) -> None:
    targets.actual(share, member, 1, ratio=("4", "10"), by=cast.member_officer)
    filed = Correction.objects.create(
        indicator=share,
        agency=member,
        year=115,
        cause="名冊未更新",
        measure="每月核對",
        due_on=date(2027, 1, 20),
        entered_by=cast.member_officer,
        entered_at=build.at(date(2027, 1, 5)),
    )
    (said,) = owed(plan, NEXT_YEAR, "kpi.correct")
    assert said.done
    assert said.done.day == date(2027, 1, 5)
    (action,) = owed(plan, NEXT_YEAR, "kpi.improve")
    assert action.state(NEXT_YEAR) == State.LATE
    Correction.objects.filter(pk=filed.pk).update(done_on=date(2027, 1, 18))
    (done,) = owed(plan, NEXT_YEAR, "kpi.improve")
    assert done.state(NEXT_YEAR) == State.DONE


def test_a_plan_without_units_makes_no_duties(cast: build.Cast) -> None:
    foreign = Plan.objects.get(kind="kpi", issuing_body="嘉義市政府人事處")
    assert list(duties(plan_day(foreign, date(2021, 4, 10)))) == []


def test_duties_ask_no_more_for_more_units(plan: Plan, share: Indicator) -> None:
    counts = []
    units = plan.units.values("agency")
    for more in ([], list(Agency.objects.members().exclude(pk__in=units)[:20])):
        Unit.objects.bulk_create(Unit(plan=plan, agency=agency) for agency in more)
        on = plan_day(plan, APRIL)
        with CaptureQueriesContext(connection) as captured:
            list(duties(on))
        counts.append(len(captured))
    assert counts == [5, 5]
