"""Two clerks at the same moment, on a database that locks rows: nothing is approved twice, unseen, or by halves."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
import time_machine
from django.db import connection

from awards.actions import runs as actions
from awards.choices import UnitChoice
from awards.models import Line, Rewarded, Run
from awards.models.runs import stamp
from districts.choices import Access
from personnel_portal.accounts.models import User
from personnel_portal.outbox.models import Message
from personnel_portal.trail.models import Entry
from tests import build
from tests.awards import making
from tests.proposals.test_compiling_races import refused
from tests.racing import race

LETTER: dict[str, Any] = {"number": "府人任字第1150000321號函", "day": date(2026, 11, 20)}


@pytest.fixture(autouse=True)
def still() -> Any:
    with time_machine.travel(build.at(build.TODAY, 10), tick=False):
        yield


@pytest.fixture
def cast(transactional_db: None) -> build.Cast:
    if connection.vendor == "sqlite":
        pytest.skip("SQLite lets one transaction write at a time; the order of steps is tested elsewhere")
    return build.cast()


@pytest.fixture
def second(cast: build.Cast) -> User:
    """Another reviewer, who computed nothing."""
    return build.officer(build.listed("人事處"), username="second", name="周審核", access=Access.REVIEW)


@pytest.fixture
def run(cast: build.Cast) -> Run:
    making.accepted_meeting()
    making.host_person(cast.host_officer.person, by=cast.office_reviewer)
    return actions.make_run(plan=cast.plan, by=cast.office_admin)


def approving(run: Run, by: User) -> Callable[[], Run]:
    """Return the step of somebody whose page shows the lines as they are now."""
    seen = stamp(run.lines.all())
    return lambda: actions.approve_run(run=run, seen=seen, by=by, **LETTER)


def test_two_clerks_approve_a_run_once(cast: build.Cast, run: Run, second: User) -> None:
    answers = race(approving(run, cast.office_reviewer), approving(run, second))
    (told,) = refused(answers)
    run.refresh_from_db()
    assert run.approved_by is not None
    assert told == f"{run.approved_by.get_full_name()}已於 115年11月22日（日）10:00 核定這次試算，不得再變更。"
    assert Rewarded.objects.count() == Message.objects.count() == 1
    assert Entry.objects.filter(act="award.run_approved").count() == 1


def test_two_runs_that_reward_the_same_are_not_both_approved(cast: build.Cast, run: Run, second: User) -> None:
    other = actions.make_run(plan=cast.plan, by=cast.office_admin)
    answers = race(approving(run, cast.office_reviewer), approving(other, second))
    (told,) = refused(answers)
    assert "同一事項不重複獎勵，請先剔除。" in told
    assert [line.run for line in Line.objects.approved().on_roster()] == list(Run.objects.filter(state="approved"))
    assert Rewarded.objects.count() == 1


def test_a_weaker_and_a_stronger_run_end_with_one_line_on_the_roster(cast: build.Cast, run: Run, second: User) -> None:
    making.accepted_meeting(days_ago=5)
    making.proposals(16)
    stronger = actions.make_run(plan=cast.plan, by=cast.office_admin)
    refused(race(approving(run, cast.office_reviewer), approving(stronger, second)))
    assert [line.granted for line in Line.objects.approved().on_roster()] == ["記功 1 次"]
    assert Rewarded.objects.get().line.run == stronger


def test_two_runs_at_once_take_two_numbers(cast: build.Cast, run: Run, second: User) -> None:
    answers = race(
        lambda: actions.make_run(plan=cast.plan, by=cast.office_admin),
        lambda: actions.make_run(plan=cast.plan, by=second),
    )
    assert refused(answers) == []
    assert sorted(Run.objects.values_list("number", flat=True)) == [1, 2, 3]


def test_what_is_adjusted_while_it_is_approved_is_either_seen_or_refused(cast: build.Cast, run: Run) -> None:
    line = run.lines.get()
    answers = race(
        lambda: actions.adjust_line(
            line=line, unit=UnitChoice.CITATION, times=1, reason="部分參與。", by=cast.office_admin
        ),
        approving(run, cast.office_reviewer),
    )
    run.refresh_from_db()
    line.refresh_from_db()
    assert len(refused(answers)) == 1, answers
    assert (run.is_approved, line.times) in [(True, 2), (False, 1)]


def test_two_who_adjust_a_line_do_not_write_over_each_other(cast: build.Cast, run: Run, second: User) -> None:
    line = run.lines.get()
    seen = line.stamp
    answers = race(
        lambda: actions.drop_line(line=line, reason="調離。", seen=seen, by=cast.office_reviewer),
        lambda: actions.remark_line(line=line, note="兼任", result="", seen=seen, by=second),
    )
    (told,) = refused(answers)
    assert "變更這筆建議" in told
    line.refresh_from_db()
    assert (line.is_dropped, line.note) in [(True, ""), (False, "兼任")]
