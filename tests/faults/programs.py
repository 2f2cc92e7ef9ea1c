"""The whole portal as programs that can be killed: PostgreSQL, Valkey, and what `make run` starts, each in its own session."""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random

import psycopg
from django.conf import settings
from django.db import connections

from personnel_portal import launch
from tests import services
from tests.faults.wrapped import Fault

NAMES = ("web", "worker", "beat", "broker", "database")


@dataclass
class Program:
    """A program that is started again when it has ended, as a service manager would, and that a fault may kill."""

    command: list[str]
    log: Path
    environment: dict[str, str] = field(default_factory=dict)
    process: "subprocess.Popen[bytes] | None" = None
    ended_by_itself: list[int] = field(default_factory=list)

    def start(self, *before: str) -> None:
        """Start the program, behind another command when one is given; from the main thread, to which it is tied."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*before, *self.command],
                env=os.environ | self.environment,
                cwd=services.BASE_DIR if self.environment else "/",
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def tend(self) -> None:
        """Start the program again if it ended although nobody killed it, and remember that."""
        if self.process is not None and self.process.poll() is not None:
            if self.process.returncode != -signal.SIGKILL:  # which only faults send here
                self.ended_by_itself.append(self.process.returncode)
            self.start()

    def kill(self) -> None:
        """Kill the program and all that it started, at once (SIGKILL)."""
        if self.process is None:
            return
        family = [self.process.pid, *descendants(self.process.pid)]
        for pid in family:
            _kill(pid)
        with suppress(ProcessLookupError):  # those that were born meanwhile
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.process = None
        services.wait_until(lambda: not any(map(alive, family)), what=f"the end of {self.log.stem}")

    def kill_part(self, chance: Random) -> None:
        """Kill one of the processes that the program started (a gunicorn worker, a pool process, a session's backend)."""
        if self.process is not None and (parts := descendants(self.process.pid)):
            _kill(chance.choice(parts))

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """Ask the program to end, and make it end when it takes long."""
        if self.process is not None:
            self.process.send_signal(how)
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(30)
            self.kill()


def descendants(pid: int) -> list[int]:
    """Return the processes that a process has started, and those that these have."""
    try:
        children = [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except (FileNotFoundError, ProcessLookupError):
        return []
    return [*children, *(grandchild for child in children for grandchild in descendants(child))]


def alive(pid: int) -> bool:
    """Tell whether a process runs; one that has ended and waits for its parent to notice does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def _kill(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


@dataclass
class Portal:
    """The running portal. `port` is where the web server listens; `second` are the programs that run twice."""

    home: Path
    port: int
    programs: dict[str, Program]
    environment: dict[str, str]
    cluster: services.Cluster
    spoil: str = ""  # a defect on purpose, in every worker

    def __getitem__(self, name: str) -> Program:
        return self.programs[name]

    def start(self, name: str, fault: Fault | None = None, *before: str) -> None:
        """Start a program, with a fault built in when one is given; the database at least answers then."""
        program = self.programs[name]
        if name in ("web", "worker", "beat"):
            program.command = self._wrapped(name, fault or Fault())
        program.start(*before)
        if name == "database":
            services.wait_until(self._database_answers, seconds=60, what="PostgreSQL")

    def second(self, name: str, fault: Fault) -> Program:
        """Start another worker or beat beside the first; the caller ends it."""
        command = [part.replace("/run/beat", "/run/beat-2") for part in self._wrapped(name, fault)]
        program = Program(command, self.home / f"{name}-2.log", self.environment)
        program.start()
        return program

    def kill(self, name: str) -> None:
        self.programs[name].kill()
        if name == "database":
            connections.close_all()

    def restart(self, name: str, fault: Fault | None = None, *before: str) -> None:
        """End a program in order and start it again, with another fault built in or none."""
        self.programs[name].stop()
        self.start(name, fault, *before)

    def load(self, dump: Path) -> None:
        """Fill the empty database from a dump (`pg_dump --format=custom`)."""
        where = [f"--host={self.home / 'postgres'}", "--username=portal", "--dbname=portal"]
        subprocess.run([self.cluster.programs / "pg_restore", *where, "--no-owner", dump], check=True)

    def keep_on_disk(self) -> None:
        """From now on the database is on disk before it says so, as in production; making it takes long that way."""
        self["database"].stop(signal.SIGINT)
        subprocess.run(["sync", "--file-system", str(self.home)], check=True)
        connections.close_all()
        self["database"].command = self.cluster.command(durable=True)
        self.start("database")

    def tend(self) -> None:
        """Start again what ended although nobody killed it."""
        for program in self.programs.values():
            program.tend()

    def _wrapped(self, name: str, fault: Fault) -> list[str]:
        """Return the command that the portal's own launcher would run, with a fault built in; it ends with us."""
        python, _, *rest = launch.commands("127.0.0.1", self.port)[name]
        fault = replace(fault, spoil=self.spoil if name == "worker" else "")
        return [*services.TETHER, "TERM", python, "-m", "tests.faults.wrapped", fault.as_argument(), *rest]

    def _database_answers(self) -> bool:
        self.tend()  # PostgreSQL ends when a backend that outlived the kill still holds its memory
        try:
            psycopg.connect(host=str(self.home / "postgres"), user="portal", dbname="postgres").close()
        except psycopg.OperationalError:
            return False
        return True


@contextmanager
def running(mailbox: services.Mailbox) -> Iterator[Portal]:
    """Run PostgreSQL (with its data on disk) and Valkey; the caller starts the rest when the database is made."""
    home = settings.VAR_PATH
    cluster = services.cluster(home / "postgres")
    for directory in ("run", "valkey", "temporary"):
        (home / directory).mkdir(mode=0o700)
    portal = Portal(home, services.free_port(), {}, {}, cluster)
    portal.programs["database"] = Program(cluster.command(), home / "database.log")
    portal.programs["broker"] = Program(services.valkey_command(home / "valkey"), home / "broker.log")
    try:
        portal.start("database")
        portal.start("broker")
        with psycopg.connect(host=str(home / "postgres"), user="portal", dbname="postgres", autocommit=True) as session:
            session.execute("CREATE DATABASE portal")
        portal.environment = services.portal_environment(
            EMAIL_URL=mailbox.url,
            EMAIL_TIMEOUT="2",
            DUTIES_REMEMBERED_SECONDS="60",
            TMPDIR=str(home / "temporary"),
        )
        for name in ("web", "worker", "beat"):
            portal.programs[name] = Program([], home / f"{name}.log", portal.environment)
        yield portal
    finally:
        connections.close_all()
        for name, program in reversed(portal.programs.items()):
            program.stop(signal.SIGINT if name == "database" else signal.SIGTERM)
