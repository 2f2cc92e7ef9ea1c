"""What pages remember of the duties: the same as computed anew, until the trail tells of something."""

import time
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from districts.models import Deadline, Plan
from meetings.actions import minutes as actions
from meetings.choices import MinutesState
from personnel_portal.duties import memory, stream
from personnel_portal.duties.actions import give_relief
from personnel_portal.rules.duty import Duty
from personnel_portal.trail.actions import record
from personnel_portal.trail.models import Entry
from tests import build

pytestmark = pytest.mark.django_db
TODAY = build.TODAY


@pytest.fixture(autouse=True)
def remembered(settings: Any) -> None:
    settings.DUTIES_REMEMBERED_SECONDS = 60
    memory._kept.clear()


def shown(plan: Plan) -> list[Duty]:
    return stream.of_plans([plan], today=TODAY)


def queries(plan: Plan) -> int:
    with CaptureQueriesContext(connection) as captured:
        shown(plan)
    return len(captured)


def test_duties_are_computed_once() -> None:
    plan = build.plan()
    first = shown(plan)
    assert first == stream.of_plan(plan, today=TODAY)
    assert shown(plan) == first
    assert queries(plan) == 1, "what the trail says last"


def test_an_act_shows_at_once(cast: build.Cast) -> None:
    minutes = build.minutes(meeting=build.held_meeting(day=TODAY - timedelta(days=3)), state=MinutesState.SUBMITTED)
    before = shown(minutes.meeting.plan)
    actions.accept_minutes(minutes=minutes, by=cast.office_reviewer)
    assert shown(minutes.meeting.plan) != before
    assert shown(minutes.meeting.plan) == stream.of_plan(minutes.meeting.plan, today=TODAY)


def test_what_another_office_does_disturbs_nothing(cast: build.Cast) -> None:
    """Nor does a login or a download, which belongs to no office."""
    plan = build.plan()
    shown(plan)
    elsewhere = build.office()
    record("plan.changed", None, by=None, office_id=elsewhere.pk)
    record("login.failed", None, by=None)
    assert queries(plan) == 1
    record("plan.changed", None, by=None, office_id=plan.office_id)
    assert queries(plan) > 1


def test_a_waived_duty_shows_at_once(cast: build.Cast) -> None:
    plan = build.plan()
    duty = next(duty for duty in shown(plan) if duty.is_open())
    give_relief(plan=plan, duty=duty, reason="颱風停班", until=None, expires_on=None, by=cast.office_reviewer)
    assert stream.find(duty.key, shown(plan)) == duty.waive("颱風停班")


def test_an_entry_that_is_committed_after_a_later_one_shows() -> None:
    """An act takes its key when it begins and shows when it is committed; another may be faster in between."""
    last = Entry.objects.latest("pk") if Entry.objects.exists() else record("login.failed", None, by=None)
    Entry.objects.create(pk=last.pk + 2, act="login.failed")
    marked = Entry.objects.mark()
    Entry.objects.create(pk=last.pk + 1, act="login.failed")
    assert Entry.objects.mark() != marked


def test_a_change_that_no_entry_tells_of_shows_after_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = build.plan()
    before = shown(plan)
    Deadline.objects.filter(plan=plan, duty="meetings.hold.A").update(clause="另訂")
    assert shown(plan) == before
    later = time.monotonic() + 61
    monkeypatch.setattr(time, "monotonic", lambda: later)
    assert shown(plan) == stream.of_plan(plan, today=TODAY) != before


def test_another_day_has_its_own_duties() -> None:
    plan = build.plan()
    shown(plan)
    tomorrow = TODAY + timedelta(days=1)
    assert stream.of_plans([plan], today=tomorrow) == stream.of_plan(plan, today=tomorrow)


def test_no_more_than_so_many_plans_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "PLANS", 2)
    for plan in range(3):
        memory.recall(plan, "mark", list)
    assert list(memory._kept) == [1, 2]
