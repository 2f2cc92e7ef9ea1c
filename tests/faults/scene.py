"""The scene of a run: the portal with its people and their work, and how a fault is tried on it."""

import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

from aiosmtpd.smtp import SMTP, Envelope, Session
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.core.management import call_command
from django.db import DatabaseError, connection
from django.test import override_settings

from meetings.choices import MeetingKind
from personnel_portal.home.models import Heartbeat
from tests import build, services
from tests.faults.load import Load, Story
from tests.faults.people import Browser
from tests.faults.programs import Portal, running
from tests.faults.promises import Checker, Findings

MEETINGS = 2


@dataclass
class Postbox(services.Mailbox):
    """The mail server; `in_doubt` counts the mails that it took and did not (or not in time) answer with 250."""

    in_doubt: int = 0

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.in_doubt += self.mode in ("hang", "drop")
        return await super().handle_DATA(server, session, envelope)


@dataclass
class Row:
    """What a fault did in all its rounds."""

    fault: str
    rounds: int = 0
    accepted: Counter[str] = field(default_factory=Counter)
    findings: list[Findings] = field(default_factory=list)
    recoveries: list[float] = field(default_factory=list)
    note: str = ""


@dataclass
class Scene:
    """Everything that a fault may touch."""

    portal: Portal
    load: Load
    checker: Checker
    mailbox: Postbox
    mail_server: ExitStack
    chance: Random
    rows: dict[str, Row] = field(default_factory=dict)

    def attempt(
        self, name: str, harm: Callable[[], float], *, in_hand: Callable[[], int] | int = 0, piled: float = 0
    ) -> None:
        """Let people work, do the harm, see that all goes on again, let them rest, and look at everything.

        Args:
            name: the row of the report.
            harm: does the harm and mends it; returns the moment (monotonic) from which recovery counts.
            in_hand: how many mails it may send twice.
            piled: for how many seconds work piles up; it may take as long again until it is done.
        """
        row = self.rows.setdefault(name, Row(name))
        before = self.load.accepted.copy()
        self.load.go()
        began = harm()
        self.recover(began)
        row.recoveries.append((back := time.monotonic()) - began)
        findings = self.settle(in_hand() if callable(in_hand) else in_hand, patience=60 + piled)
        row.rounds += 1
        row.accepted += self.load.accepted - before
        row.findings.append(findings)
        took = f"back after {row.recoveries[-1]:.1f} s, looked at in {time.monotonic() - back:.1f} s"
        print(f"  {name}: {took}", *findings.sentences(), sep="\n    ", flush=True)

    def recover(self, since: float) -> None:
        """Wait until uploads, steps and mails are accepted again, and beat, broker, worker and database work together."""
        beat = self._heartbeat()
        self.wait(
            lambda: self.load.went_on_since(since) and self._heartbeat() not in (None, beat), "everything to go on"
        )

    def settle(self, in_hand: int, *, patience: float = 60) -> Findings:
        """Let everybody rest, wait for the background work, and look at everything."""
        self.load.rest()
        waited_out = True
        try:
            self.wait(self.checker.is_drained, "the mails and text checks", seconds=patience)
        except AssertionError:
            waited_out = False
        findings = self.checker.check(in_hand=in_hand)
        if not waited_out:
            findings.missing.append(f"background work: something still waits after {patience:g} s")
        # The README asks for a service manager that starts them again, as `Portal.tend` does.
        for name, program in self.portal.programs.items():
            findings.ended += [name] * len(program.ended_by_itself)
            program.ended_by_itself.clear()
        return findings

    def wait(self, true: Callable[[], object], what: str, *, seconds: float = 120) -> None:
        """Wait while programs that ended are started again."""

        def holds() -> bool:
            self.portal.tend()
            self.load.raise_failure()
            time.sleep(0.03)
            try:
                return bool(true())
            except DatabaseError:
                connection.close()
                return False

        services.wait_until(holds, seconds=seconds, what=what)

    def _heartbeat(self) -> datetime | None:
        try:
            return Heartbeat.objects.values_list("at", flat=True).filter(name="beat").first()
        except DatabaseError:
            connection.close()
            return None


@contextmanager
def made(seed: int, spoil: str = "", base: Path | None = None) -> Iterator[Scene]:
    """Make the portal with its real data, a cast, three meetings' stories and a clerk, and start everything.

    Args:
        seed: of what is left to chance.
        spoil: a defect in every worker.
        base: the dump of a database with the real data, where there is one; migrating a new one takes its time.
    """
    mailbox = Postbox()
    with ExitStack() as mail_server, running(mailbox) as portal:
        mail_server.enter_context(services.smtp(mailbox))
        portal.spoil = spoil
        if base:
            portal.load(base)
        else:
            call_command("migrate", verbosity=0)
            call_command("load_plans", verbosity=0)
        with override_settings(PASSWORD_HASHERS=[f"{PBKDF2PasswordHasher.__module__}.PBKDF2PasswordHasher"]):
            cast = build.cast()
        load = Load([])
        checker = Checker(portal, load, mailbox, [cast.office_admin, cast.office_reviewer], {})

        def browser(username: str) -> Browser:
            return Browser(portal.port, username, build.PASSWORD, load.is_over)

        for number in range(MEETINGS):
            host, district = [(cast.host_officer, "北平原區"), (cast.neighbour_host, "山區")][number % 2]
            # Not the joint meeting, which both hosts still owe, so that they are to be reminded of it some day.
            day = build.TODAY - timedelta(days=10 + number)
            meeting = build.held_meeting(district=build.district(district), kind=MeetingKind.FULL_TIME, day=day)
            load.stories.append(Story(meeting.pk, browser(host.username), browser("reviewer")))
            checker.hosts[meeting.pk] = host
        portal.keep_on_disk()
        for name in ("web", "worker", "beat"):
            portal.start(name)
        scene = Scene(portal, load, checker, mailbox, mail_server, Random(seed))
        with load.working(), told_by(portal):
            scene.load.go()
            scene.recover(time.monotonic())
            yield scene


@contextmanager
def told_by(portal: Portal) -> Iterator[None]:
    """When a run breaks off, show what each program said last."""
    try:
        yield
    except BaseException:
        for name, program in portal.programs.items():
            said = program.log.read_text(errors="replace").splitlines()[-15:]
            print(f"--- {name}", *said, sep="\n", file=sys.stderr)
        raise
