"""`manage.py demo`: a year in progress, made once."""

import re
from collections import Counter
from datetime import date
from io import StringIO

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.utils import timezone
from pytest_django import Settings

from awards.choices import RunState
from awards.models import Run
from districts.models import CoachingTable, Person, Plan
from districts.standing import standing
from kpi.models import Strategy, UsageReport
from meetings.choices import MeetingState, MinutesState
from meetings.models import Meeting
from personnel_portal.accounts.models import User
from personnel_portal.duties import stream
from personnel_portal.home.desk import desk
from personnel_portal.home.management.commands.demo import PEOPLE
from tests import build
from training import meter
from training.models import ClassTopic, NationalReport

pytestmark = pytest.mark.django_db


def demo() -> str:
    out = StringIO()
    call_command("demo", stdout=out)
    return out.getvalue()


def test_demo_makes_a_year_in_progress_once() -> None:
    told = demo()
    usernames = [username for username, *_ in PEOPLE]
    assert re.findall(r"^  (\S+)", told, re.MULTILINE) == usernames
    (password,) = {line.split()[1] for line in told.splitlines()[1:]}
    assert all(user.check_password(password) for user in User.objects.filter(username__in=usernames))

    plan = Plan.objects.visible_to(User.objects.get(username="reviewer")).liaison().current(timezone.localdate())
    assert plan is not None
    assert plan.covers(timezone.localdate())
    states = Meeting.objects.filter(plan=plan).values_list("district__name", "state", "minutes__state")
    assert set(states) == {
        ("南平原區", MeetingState.HELD, MinutesState.ACCEPTED),
        ("北平原區", MeetingState.HELD, MinutesState.UNFILED),
        ("海區", MeetingState.HELD, MinutesState.SUBMITTED),
        ("山區", MeetingState.CALLED, MinutesState.UNFILED),
        ("南平原區", MeetingState.PLANNED, MinutesState.UNFILED),
    }
    assert {table.district.name for table in CoachingTable.objects.select_related("district")} == {
        "南平原區",
        "北平原區",
        "海區",
    }
    host, today = build.listed("大林鎮公所"), timezone.localdate()
    owed = stream.owed_by([host.pk], stream.of_plan(plan, today=today), today)
    assert "meetings.minutes" in [duty.kind for duty in owed]

    filers = dict(UsageReport.objects.values_list("agency__short_name", "entered_by__username"))
    assert (filers["文化觀光局"], filers["三興國小"], filers["民雄鄉公所"]) == ("host.south", "coached", "admin")
    strategy = Strategy.objects.get(plan__issuing_body="嘉義縣政府人事處")
    assert strategy.mission.startswith("（示範，文字取自嘉義市政府人事處施政計畫）")

    report = NationalReport.objects.get()
    outcomes = Counter(report.lines.values_list("outcome", flat=True))
    assert (outcomes["only_there"], outcomes["differing"], outcomes["problem"]) == (2, 1, 1)
    assert outcomes["both"] == report.rows - 4 > 0
    assert not ClassTopic.objects.filter(topic__order=0).exists()  # topics of the portal's own list alone
    (asked,) = meter.asked_in(build.county().pk, report.year)
    shares = meter.agencies(build.county().pk, asked, report.year, timezone.localdate())
    assert 50 < (meter.whole(shares.values()).percent or 0) < 90

    before = (User.objects.count(), Person.objects.count(), Meeting.objects.count())
    assert "示範資料已存在" in demo()
    assert (User.objects.count(), Person.objects.count(), Meeting.objects.count()) == before


def test_on_the_first_day_of_the_plan_no_meeting_was_held_yet() -> None:
    with time_machine.travel(build.at(date(2026, 10, 1), 9), tick=False):
        told = demo()
    assert len(re.findall(r"^  (\S+)", told, re.MULTILINE)) == len(PEOPLE)
    of_the_year = Meeting.objects.filter(plan__year=116)
    assert set(of_the_year.values_list("state", flat=True)) == {MeetingState.CALLED, MeetingState.PLANNED}
    assert not Run.objects.filter(plan__year=116).exists()


def granted(run: Run) -> list[tuple[str, str, int, bool]]:
    """Return who is on the roster of a run, what for, and whether it is an estimate."""
    lines = run.lines.on_roster().order_by("pk")
    return [(line.name, line.get_unit_display(), line.times, line.is_estimated) for line in lines]


def test_demo_has_a_run_in_review_and_an_approved_one_of_the_year_before() -> None:
    with time_machine.travel(build.at(build.TODAY, 9), tick=False):
        demo()
        reviewer = User.objects.get(username="reviewer")
        waiting = [line.chip for line in desk(reviewer, standing(reviewer), build.TODAY).to_do]
    before, current = Run.objects.order_by("plan__year")
    assert (before.plan.year, before.state, before.letter_date) == (115, RunState.APPROVED, date(2026, 10, 20))
    assert granted(before) == [
        ("王曉明", "記功", 1, False),
        ("周佳穎", "嘉獎", 2, False),
        ("張志豪", "嘉獎", 2, False),
        ("吳建宏", "嘉獎", 1, False),
        ("王曉明", "嘉獎", 1, False),
    ]
    assert (current.plan.year, current.state) == (116, RunState.DRAFT)
    assert granted(current) == [
        ("許雅婷", "嘉獎", 2, False),
        ("蔡淑芬", "嘉獎", 2, True),
        ("吳建宏", "嘉獎", 1, False),
    ]
    assert waiting[-2:] == ["待審查", "待核定"]
    assert list(stream.of_plan(before.plan, today=build.TODAY)) == [], "the year before is done"


@pytest.mark.parametrize("command", ["demo", "generate"])
def test_made_up_people_are_not_let_into_production(command: str, settings: Settings) -> None:
    settings.PRODUCTION = True
    with pytest.raises(CommandError, match="正式環境不"):
        call_command(command)
    assert not User.objects.exists()
