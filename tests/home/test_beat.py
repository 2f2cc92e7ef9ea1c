"""Beat goes on whatever the clock does."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from celery import Celery
from celery.schedules import crontab

from personnel_portal.beat import Scheduler
from personnel_portal.celery import app

START = datetime(2026, 11, 23, 2, tzinfo=UTC)


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """What beat asked for."""
    names = Counter[str]()
    monkeypatch.setattr(Scheduler, "send_task", lambda _self, name, *_args, **_options: names.update([name]))
    return names


def beat(path: Path) -> Scheduler:
    clock = Celery("clock", broker="memory://", set_as_current=False)
    clock.conf.update(
        timezone="Asia/Taipei",
        beat_schedule={
            "often": {"task": "often", "schedule": 30.0},
            "seldom": {"task": "seldom", "schedule": 60.0},
            "nightly": {"task": "nightly", "schedule": crontab(minute="25", hour="3")},
        },
    )
    return Scheduler(app=clock, schedule_filename=str(path / "beat"))


def run(scheduler: Scheduler, traveller: Any, seconds: float) -> None:
    """Let beat work for so long: it sleeps as long as each tick says."""
    while seconds > 0:
        slept = max(scheduler.tick(), 0.01)
        traveller.shift(slept)
        seconds -= slept


@pytest.mark.parametrize("jump", [timedelta(), timedelta(hours=-1), timedelta(days=-2), timedelta(hours=2)])
def test_sweeps_go_on_after_the_clock_was_put(tmp_path: Path, sent: Counter[str], jump: timedelta) -> None:
    with time_machine.travel(START, tick=False) as traveller:
        scheduler = beat(tmp_path)
        run(scheduler, traveller, 130)
        assert (sent["often"], sent["seldom"]) == (4, 2)
        traveller.shift(jump)
        sent.clear()
        run(scheduler, traveller, 130)
        assert sent["often"] in (4, 5)
        assert sent["seldom"] in (2, 3)
        assert sent["nightly"] == 0
        scheduler.close()


def test_beat_that_was_killed_goes_on_after_the_clock_was_put_back(tmp_path: Path, sent: Counter[str]) -> None:
    with time_machine.travel(START, tick=False) as traveller:
        scheduler = beat(tmp_path)
        run(scheduler, traveller, 70)
        scheduler.close()
        traveller.shift(timedelta(hours=-1))
        sent.clear()
        scheduler = beat(tmp_path)
        run(scheduler, traveller, 130)
        assert sent["often"] == 4
        scheduler.close()


def test_beat_of_the_portal_is_this_one() -> None:
    assert app.conf.beat_scheduler == "personnel_portal.beat:Scheduler"
