"""A program of the portal with a fault built in, so that the portal itself needs no place for faults.

    python -m tests.faults.wrapped '{"die_at": "the claim of a mail"}' celery --app personnel_portal worker

All programs run in a hurry: the sweeps of beat come by the second, and the lease and the first pause of a mail are
short. The real ones (60 to 120 s, 5 minutes, 1 minute) would change nothing but how long a run takes.
"""

import json
import os
import pkgutil
import resource
import runpy
import signal
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

LEASE = timedelta(seconds=3)
FIRST_PAUSE = timedelta(seconds=1)
SWEEPS = {"heartbeat": 1.0, "deliver": 1.0, "seal": 3.0, "precheck": 3.0}  # seconds
NEVER = 10 * 365 * 86400.0  # what a run does not wait for must not come in its middle either, whatever the clock


@dataclass(frozen=True)
class Fault:
    """What is wrong with a program.

    `die_at`: a name of `POINTS`, where one of its processes kills itself, once: it makes the file `mark` first.
    `clock`: seconds by which its clock jumps, `after` seconds from its start. `largest`: bytes that a file may have.
    `remind`: seconds between two sweeps for reminders. `spoil`: a name of `SPOILS`, a defect on purpose, by which a
    run must fail.
    """

    die_at: str = ""
    mark: str = ""
    clock: float = 0
    after: float = 0
    largest: int = 0
    remind: float = NEVER
    spoil: str = ""

    def as_argument(self) -> str:
        """Return it as the first argument of this module."""
        return json.dumps(asdict(self), ensure_ascii=False)


@dataclass(frozen=True)
class Point:
    """A moment in a program: just before or just after a function runs."""

    program: str
    function: str
    after: bool


POINTS = {
    "file written, no row": Point("web", "personnel_portal.uploads.storage:settle", after=True),
    "row written, no commit": Point("web", "personnel_portal.uploads.actions:record", after=True),
    "file kept, on no record": Point("web", "meetings.actions.minutes:add_files", after=False),
    "file on record, no commit": Point("web", "meetings.actions.minutes:record", after=True),
    "mail of a transition written, no commit": Point("web", "meetings.mails:accepted", after=True),
    "transition committed, worker not woken": Point("web", "personnel_portal.outbox.wake:send", after=False),
    "committed, no answer to the browser": Point("web", "meetings.views.minutes:redirect", after=False),
    "mails claimed": Point("worker", "personnel_portal.outbox.delivery:claim", after=True),
    "mail in hand, not yet sent": Point("worker", "personnel_portal.outbox.delivery:_mail", after=False),
    "the server's 250, no row": Point("worker", "personnel_portal.outbox.delivery:_sent", after=False),
    "mail marked sent, others claimed": Point("worker", "personnel_portal.outbox.delivery:_sent", after=True),
    "trail sealed, no commit": Point("worker", "personnel_portal.trail.actions:_write_seals", after=True),
    "minutes read, words not kept": Point("worker", "meetings.actions.minutes:keep_words", after=False),
    "sweep due, not asked for": Point("beat", "celery.beat:Scheduler.apply_async", after=False),
}


def die_once(mark: str) -> None:
    """Kill this process, unless one has done so before."""
    try:
        os.close(os.open(mark, os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return
    os.kill(os.getpid(), signal.SIGKILL)


def dying(point: Point, mark: str) -> Callable[[Any], Any]:
    """Return what turns the point's function into one that kills its process."""

    def change(function: Any) -> Any:
        def changed(*args: Any, **kwargs: Any) -> Any:
            if not point.after:
                die_once(mark)
            result = function(*args, **kwargs)
            die_once(mark)
            return result

        return changed

    return change


def replace(function: str, change: Callable[[Any], Any]) -> None:
    """Put something else in the place of a function, named as `module:name`."""
    holder, _, name = function.rpartition(":" if "." not in function.partition(":")[2] else ".")
    owner = pkgutil.resolve_name(holder)
    setattr(owner, name, change(getattr(owner, name)))


def jump(seconds: float, after: float) -> None:
    """Let the clock of this process, and of those that it forks, jump once, after a while."""
    import time_machine

    jumped = threading.Event()

    def travel() -> None:
        jumped.set()
        time_machine.travel(time.time() + seconds).start()

    def arm() -> None:
        if not jumped.is_set():
            timer = threading.Timer(after, travel)
            timer.daemon = True
            timer.start()

    if not after:
        travel()
        return
    arm()
    os.register_at_fork(after_in_child=arm)


def hurry(remind: float) -> None:
    """Shorten what a run would wait for."""
    from personnel_portal.celery import app
    from personnel_portal.outbox import delivery

    delivery.LEASE, delivery.FIRST_PAUSE = LEASE, FIRST_PAUSE
    for name, entry in app.conf.beat_schedule.items():
        entry["schedule"] = remind if name == "remind" else SWEEPS.get(name, NEVER)


# --- Defects on purpose -----------------------------------------------------------------------------------------------


def sent_before_sending(hold: Any) -> Any:
    """Mark a mail as sent before the server has it."""

    def changed(message: Any, token: Any) -> bool:
        from personnel_portal.outbox import delivery

        held = hold(message, token)
        delivery._sent(message)
        return bool(held)

    return changed


def without_a_claim(claim: Any) -> Any:
    """Let every worker take what another one holds."""

    def changed(*, batch: int, now: datetime) -> Any:
        return claim(batch=batch, now=now + timedelta(days=1))

    return changed


SPOILS: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "sent": ("personnel_portal.outbox.delivery:_hold", sent_before_sending),
    "claim": ("personnel_portal.outbox.delivery:claim", without_a_claim),
}


def main() -> None:
    """Build the fault in, then become the program."""
    fault = Fault(**json.loads(sys.argv[1]))
    if fault.largest:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (fault.largest, resource.RLIM_INFINITY))
    import django

    django.setup()
    hurry(fault.remind)
    if fault.die_at:
        point = POINTS[fault.die_at]
        replace(point.function, dying(point, fault.mark))
    if fault.spoil:
        replace(*SPOILS[fault.spoil])
    if fault.clock:
        jump(fault.clock, fault.after)
    sys.argv = sys.argv[2:]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
