"""The duty stream of the real plan: what is owed, by whom, by when, and what makes it done."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from districts.models import Deadline, Plan
from meetings.choices import MeetingKind, MeetingState, MinutesState
from personnel_portal.duties import stream
from personnel_portal.duties.models import Relief
from personnel_portal.rules.duty import Duty, State
from tests import build

pytestmark = pytest.mark.django_db
TODAY = build.TODAY


def of_district(duties: list[Duty], name: str, kind: str) -> list[Duty]:
    district = build.district(name)
    return [duty for duty in duties if duty.district_id == district.pk and duty.kind == kind]


def test_every_host_owes_both_meetings_of_the_printed_plan() -> None:
    plan = Plan.objects.get(year=113)
    duties = [d for d in stream.of_plan(plan, today=date(2024, 6, 14)) if d.kind.startswith("meetings.hold")]

    assert [(d.kind, d.due.nominal, d.due.effective) for d in duties if d.due] == [
        *[("meetings.hold.A", date(2024, 6, 30), date(2024, 6, 30))] * 4,
        *[("meetings.hold.B", date(2024, 8, 31), date(2024, 8, 31))] * 4,
    ]
    assert {d.clause for d in duties} == {"肆、二、(三)"}
    assert {d.state(date(2024, 6, 30)) for d in duties if d.kind.endswith("A")} == {State.SOON}
    assert {d.state(date(2024, 7, 1)) for d in duties if d.kind.endswith("A")} == {State.LATE}
    hosts = ["文化觀光局", "大林鎮公所", "竹崎鄉公所", "義竹鄉公所"]
    assert [d.agency_id for d in duties[:4]] == [build.listed(name).pk for name in hosts]


def test_a_held_meeting_of_the_period_meets_its_duty_alone() -> None:
    plan = build.plan()
    build.held_meeting(day=date(2026, 11, 12))
    build.held_meeting(day=plan.starts - timedelta(days=1), kind=MeetingKind.FULL_TIME)
    duties = stream.of_plan(plan, today=TODAY)

    (joint,) = of_district(duties, "北平原區", "meetings.hold.A")
    (full_time,) = of_district(duties, "北平原區", "meetings.hold.B")
    assert joint.done
    assert (joint.done.label, joint.done.day) == ("1 場", date(2026, 11, 12))
    assert full_time.done is None, "a meeting before the period does not count (參、一)"


def test_a_cancelled_or_planned_meeting_does_not_meet_the_duty() -> None:
    plan = build.plan()
    build.meeting(state=MeetingState.CANCELLED)
    build.meeting(day=date(2026, 12, 8))

    (duty,) = of_district(stream.of_plan(plan, today=TODAY), "北平原區", "meetings.hold.A")
    assert duty.is_open()
    assert duty.note == "已排定 115/12/8"


def test_minutes_show_the_days_since_the_meeting_and_are_never_late_without_a_number() -> None:
    plan = build.plan()
    build.held_meeting(day=TODAY - timedelta(days=40))

    (duty,) = of_district(stream.of_plan(plan, today=TODAY), "北平原區", "meetings.minutes")
    assert duty.state(TODAY) is State.OPEN
    assert duty.days_since(TODAY) == 40


def test_minutes_are_late_where_the_office_sets_a_number_of_days() -> None:
    plan = build.plan()
    Deadline.objects.filter(plan=plan, duty="meetings.minutes").update(days_after=14)
    build.held_meeting(day=date(2026, 11, 7))  # + 14 days is Saturday 11-21; filings move to Monday 11-23

    (duty,) = of_district(stream.of_plan(plan, today=TODAY), "北平原區", "meetings.minutes")
    assert duty.due
    assert (duty.due.nominal, duty.due.effective) == (date(2026, 11, 21), date(2026, 11, 23))
    assert duty.state(date(2026, 11, 23)) is State.SOON
    assert duty.state(date(2026, 11, 24)) is State.LATE


@pytest.mark.parametrize(
    ("state", "host_owes", "office_owes"),
    [
        (MinutesState.UNFILED, True, None),
        (MinutesState.SUBMITTED, False, True),
        (MinutesState.RETURNED, True, None),
        (MinutesState.ACCEPTED, False, False),
    ],
)
def test_minutes_pass_from_the_host_to_the_office(
    state: MinutesState, host_owes: bool, office_owes: bool | None
) -> None:
    plan = build.plan()
    build.minutes(state=state, reason="請補簽到表" if state == MinutesState.RETURNED else "")
    duties = stream.of_plan(plan, today=TODAY)

    assert [d.is_open() for d in of_district(duties, "北平原區", "meetings.minutes")] == [host_owes]
    assert [d.is_open() for d in of_district(duties, "北平原區", "meetings.review")] == (
        [] if office_owes is None else [office_owes]
    )


def test_the_coaching_table_of_the_month_is_owed_until_it_is_filed() -> None:
    plan = build.plan()
    district = build.district("北平原區")
    kind = "districts.coaching.2026-11"
    assert of_district(stream.of_plan(plan, today=TODAY), "北平原區", kind)[0].is_open()

    build.coaching_table(district=district, rows={})
    (duty,) = of_district(stream.of_plan(plan, today=TODAY), "北平原區", kind)
    assert duty.done
    assert duty.done.label == "第 1 版"


def test_relief_moves_or_waives_the_duty_of_one_agency_until_it_expires() -> None:
    cast = build.cast()
    (duty,) = of_district(stream.of_plan(cast.plan, today=TODAY), "北平原區", "meetings.hold.A")
    relief = Relief.objects.create(
        plan=cast.plan,
        agency_id=duty.agency_id,
        duty_key=duty.key,
        duty_title=duty.title,
        until=date(2027, 7, 31),
        reason="辦公廳舍整修",
        given_by=cast.office_reviewer,
        expires_on=date(2027, 1, 31),
    )
    (moved,) = of_district(stream.of_plan(cast.plan, today=TODAY), "北平原區", "meetings.hold.A")
    assert moved.due
    assert (moved.due.nominal, moved.due.effective) == (date(2027, 6, 30), date(2027, 7, 31))
    (expired,) = of_district(stream.of_plan(cast.plan, today=date(2027, 2, 1)), "北平原區", "meetings.hold.A")
    assert expired.due
    assert expired.due.effective == date(2027, 6, 30)

    Relief.objects.filter(pk=relief.pk).update(until=None)
    (waived,) = of_district(stream.of_plan(cast.plan, today=TODAY), "北平原區", "meetings.hold.A")
    assert waived.state(TODAY) is State.WAIVED
    assert not waived.is_open()


def test_a_duty_follows_the_host_when_the_host_changes() -> None:
    plan = build.plan()
    district = build.district("北平原區")
    old = district.memberships.get(is_host=True)
    old.until = date(2026, 12, 31)
    old.save()
    new = district.memberships.get(agency__short_name="民雄鄉公所")
    new.until = date(2026, 12, 31)
    new.save()
    build.membership(district=district, agency=new.agency, is_host=True, since=date(2027, 1, 1))

    before = of_district(stream.of_plan(plan, today=TODAY), "北平原區", "meetings.hold.A")
    after = of_district(stream.of_plan(plan, today=date(2027, 1, 1)), "北平原區", "meetings.hold.A")
    assert [d.agency_id for d in before] == [old.agency_id]
    assert [d.agency_id for d in after] == [new.agency_id]


def test_queries_do_not_grow_with_the_meetings() -> None:
    plan = build.plan()
    build.held_meeting()
    stream.of_plan(plan, today=TODAY)
    with CaptureQueriesContext(connection) as one:
        stream.of_plan(plan, today=TODAY)
    for number in range(30):
        build.minutes(meeting=build.held_meeting(day=TODAY - timedelta(days=11 + number)), state=MinutesState.SUBMITTED)
    with CaptureQueriesContext(connection) as many:
        stream.of_plan(plan, today=TODAY)
    assert len(many) == len(one) <= 20
