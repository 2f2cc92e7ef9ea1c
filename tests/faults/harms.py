"""The faults, each a function that does the harm, mends it, and returns the moment from which recovery counts."""

import os
import shutil
import subprocess
import time
from contextlib import suppress
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from districts.models import Plan
from personnel_portal.duties import mails, reminders
from personnel_portal.outbox.actions import resend
from personnel_portal.outbox.choices import State
from personnel_portal.outbox.models import Message
from tests import build, services
from tests.faults.programs import NAMES
from tests.faults.scene import Scene
from tests.faults.wrapped import POINTS, Fault

POOL = 2  # processes of the worker, each with at most one mail in hand
IN_HAND = {"worker": POOL, "database": POOL, "all": POOL}
WORKED = (0.2, 1.2)  # seconds of work before a kill
UPTIME = 6.0  # seconds that a program runs before its clock jumps
REMINDING = build.at(date(2027, 5, 31), 10)  # a working day on which hosts are reminded
# A disk of its own in place of the storage, which no other program sees; for the web server, as the same user. Root needs
# no namespace of users for it, in which it could not enter the directory of the database's user.
SMALL_DISK = (
    *("unshare", "--mount", *(("--user", "--map-current-user", "--keep-caps") if os.geteuid() else ()), "sh", "-c"),
    *('mount -t tmpfs -o size=12m none "$STORAGE_PATH" && exec "$@"', "sh"),
)


# --- Kills ------------------------------------------------------------------------------------------------------------


def random_kills(scene: Scene, rounds: int) -> None:
    """Kill a program, or one of its processes, or all at once, at random moments."""
    for _ in range(rounds):
        victim = scene.chance.choice([*NAMES, "all"])
        part = victim in ("web", "worker", "database") and scene.chance.random() < 0.4
        name = f"kill -9 {victim}{' (one process)' if part else ''}"
        scene.attempt(name, partial(_kill, scene, victim, part), in_hand=IN_HAND.get(victim, 0))


def _kill(scene: Scene, victim: str, part: bool) -> float:
    time.sleep(scene.chance.uniform(*WORKED))
    moment = time.monotonic()
    if part:
        scene.portal[victim].kill_part(scene.chance)
        return moment
    names = [victim] if victim != "all" else list(NAMES)
    for name in names:
        scene.portal.kill(name)
    for name in reversed(names):
        scene.portal.start(name)
    return moment


def named_points(scene: Scene, only: set[str]) -> None:
    """Kill the process that comes to a named point."""
    for number, name in enumerate(POINTS):
        if not only or name in only:
            harm = partial(_die_at, scene, name, scene.portal.home / f"mark-{number}")
            scene.attempt(name, harm, in_hand=1 if name == "the server's 250, no row" else 0)


def _die_at(scene: Scene, name: str, mark: Path) -> float:
    scene.portal.restart(POINTS[name].program, Fault(die_at=name, mark=str(mark)))
    scene.wait(mark.exists, f"the death at {name!r}")
    return time.monotonic()


# --- Away and full ----------------------------------------------------------------------------------------------------


def broker_away(scene: Scene, seconds: float) -> None:
    """Take the broker away for a while, in which everything but the mails must go on."""

    def harm() -> float:
        scene.portal.kill("broker")
        gone = time.monotonic()
        time.sleep(seconds)
        if not all(scene.load.last.get(kind, 0) > gone for kind in ("upload", "transition")):
            raise AssertionError("Nothing was accepted while the broker was away.")
        scene.portal.start("broker")
        return time.monotonic()

    scene.attempt(f"broker away for {seconds:g} s", harm, piled=seconds)


def bad_mail_server(scene: Scene, seconds: float = 4) -> None:
    """Let the mail server misbehave for a while."""
    for mode in ("hang", "refuse", "busy", "drop"):
        before = scene.mailbox.in_doubt
        scene.attempt(
            f"SMTP server: {mode}",
            partial(_mail_mode, scene, mode, seconds),
            in_hand=lambda before=before: scene.mailbox.in_doubt - before,  # type: ignore[misc]  # bound at once
        )

    def gone() -> float:
        scene.mail_server.close()
        time.sleep(seconds)
        scene.mail_server.enter_context(services.smtp(scene.mailbox))
        return time.monotonic()

    scene.attempt("SMTP server: refuses the connection", gone, in_hand=POOL)


def _mail_mode(scene: Scene, mode: str, seconds: float) -> float:
    scene.mailbox.mode = mode
    time.sleep(seconds)
    if mode == "refuse":
        # A refusal for ever is no loss: the row says so, and a person sends it again once the cause is mended.
        scene.load.rest()
        waiting = Message.objects.filter(state__in=[State.QUEUED, State.SENDING])
        scene.wait(lambda: not waiting.exists(), "the refusals")
    scene.mailbox.mode = "accept"
    failed = Message.objects.filter(state=State.FAILED)
    if (mode == "refuse") != failed.exists():
        raise AssertionError(f"{failed.count()} mails failed in mode {mode}.")
    for message in failed:
        resend(message=message, by=scene.checker.reviewers[0])
    scene.load.go()
    return time.monotonic()


def full_disk(scene: Scene) -> None:
    """Let the storage be full: uploads are refused in a sentence, steps go on; with room again all is as it was."""
    scene.attempt("full disk in the storage", partial(_fill, scene) if _may_mount() else partial(_limit, scene))


def _may_mount() -> bool:
    answer = subprocess.run([*SMALL_DISK, "true"], env=os.environ | {"STORAGE_PATH": "/tmp"}, capture_output=True)
    return answer.returncode == 0


def _fill(scene: Scene) -> float:
    """Serve from a small disk of its own, filled to its last byte for a while."""
    scene.portal.restart("web", None, *SMALL_DISK)
    web = scene.portal["web"].process
    assert web is not None
    began = time.monotonic()
    scene.wait(lambda: scene.load.went_on_since(began), "uploads to the small disk")
    disk = Path(f"/proc/{web.pid}/root{settings.STORAGE_PATH}")
    with (disk / "filling").open("wb", buffering=0) as filling, suppress(OSError):
        while filling.write(bytes(512)):
            pass
    _see_refusals(scene)
    (disk / "filling").unlink()
    began = time.monotonic()
    scene.wait(lambda: scene.load.went_on_since(began), "uploads to the disk that has room again")
    scene.load.rest()
    shutil.copytree(disk, settings.STORAGE_PATH, dirs_exist_ok=True)
    scene.portal.restart("web")
    scene.load.go()
    return time.monotonic()


def _limit(scene: Scene) -> float:
    """Where no file system may be mounted: let the kernel refuse every file that is longer than a few bytes."""
    scene.portal.restart("web", Fault(largest=600))
    _see_refusals(scene)
    scene.portal.restart("web")
    return time.monotonic()


def _see_refusals(scene: Scene) -> None:
    """Wait until every host was refused, then see that it was in a sentence, and that steps of others went on."""
    time.sleep(1)  # what was on its way may still be accepted
    hosts = [story.host for story in scene.load.stories]
    for host in hosts:
        host.refusals.clear()
    scene.wait(lambda: all(len(host.refusals) > 3 for host in hosts), "refused uploads")
    for answer in (answer for host in hosts for answer in list(host.refusals)):
        if answer.status and (answer.status != 422 or "空間" not in answer.body):
            raise AssertionError(f"An upload to a full disk was answered with {answer.status}.")


# --- Clocks and twins -------------------------------------------------------------------------------------------------


def clock_jumps(scene: Scene) -> None:
    """Let the clock of web, worker and beat jump while they run, by two hours ahead and by one hour back."""
    for hours in (2, -1):
        scene.attempt(f"clock jumps by {hours:+} h", partial(_jump, scene, hours), in_hand=POOL)


def _jump(scene: Scene, hours: int) -> float:
    fault = Fault(clock=hours * 3600, after=UPTIME)
    for name in ("web", "worker", "beat"):
        scene.portal.restart(name, fault)
    time.sleep(UPTIME + 2)
    jumped = time.monotonic()
    scene.recover(jumped)  # all goes on under the new clock, the sweeps of beat too
    scene.load.rest()
    if hours > 0:
        # What was queued under the clock ahead is due only there.
        scene.wait(scene.checker.is_drained, "the mails")
    for name in ("web", "worker", "beat"):
        scene.portal.restart(name)
    scene.load.go()
    return time.monotonic()


def two_beats(scene: Scene) -> None:
    """Run two beats and two workers on a day on which reminders are due, and kill one of each."""
    fault = Fault(clock=(REMINDING - datetime.now(UTC)).total_seconds(), remind=1)
    county = build.county()

    def harm() -> float:
        scene.load.rest()
        today = timezone.localdate(REMINDING)
        digests = reminders.due_digests(Plan.objects.filter(office=county).running(today), today)
        scene.checker.keys += [mails.digest_key(d.person.pk, today, d.person.mail) for d in digests]
        if not digests:
            raise AssertionError("Nobody is to be reminded.")
        scene.load.go()
        for name in ("worker", "beat"):
            scene.portal.restart(name, fault)
        twins = [scene.portal.second(name, fault) for name in ("worker", "beat")]
        scene.recover(time.monotonic())
        time.sleep(3)
        for twin in twins:
            twin.kill()
        scene.load.rest()
        reminded = Message.objects.filter(key__in=scene.checker.keys)
        scene.wait(lambda: reminded.count() == len(scene.checker.keys), "the reminders")
        for name in ("worker", "beat"):
            scene.portal.restart(name)
        scene.load.go()
        return time.monotonic()

    scene.attempt("two beats, two workers, one of each killed", harm, in_hand=POOL)
