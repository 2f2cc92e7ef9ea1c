"""`make run` as a person meets it: the launcher is a process of its own, with its own directory and port."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest

from personnel_portal import launch
from personnel_portal.settings import _redis_socket
from tests.services import BASE_DIR, free_port, wait_until

# With the last a program would write at once what it keeps back elsewhere.
FROM_THE_TESTS = {
    *("DATABASE_URL", "REDIS_URL", "EMAIL_URL", "STORAGE_PATH", "SECRET_KEY", "DJANGO_SETTINGS_MODULE"),
    "PYTHONUNBUFFERED",
}


def environment(var_path: Path, port: int | str) -> dict[str, str]:
    plain = {name: value for name, value in os.environ.items() if name not in FROM_THE_TESTS}
    return plain | {"VAR_PATH": str(var_path), "PORT": str(port)}


def start(var_path: Path, port: int | str, output: IO[str] | int = subprocess.PIPE) -> "subprocess.Popen[str]":
    """Start a portal; one that goes on running writes to a file, since a pipe that nobody reads would stop it."""
    return subprocess.Popen(
        [sys.executable, "-m", "personnel_portal.launch"],
        cwd=BASE_DIR,
        env=environment(var_path, port),
        stdout=output,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def refusal(var_path: Path, port: int | str) -> str:
    """Start a portal that must not start; return its one sentence."""
    with start(var_path, port) as process:
        output, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    (sentence,) = output.splitlines()
    return sentence


def processes_of(var_path: Path) -> set[int]:
    """Return the processes that were started for this directory, whoever is their parent by now."""
    mark, found = f"VAR_PATH={var_path}".encode(), set()
    for path in Path("/proc").glob("[0-9]*/environ"):
        try:
            if mark in path.read_bytes().split(b"\0"):
                found.add(int(path.parent.name))
        except OSError:  # ended meanwhile, or somebody else's
            continue
    return found


@pytest.fixture
def busy_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_port_in_use_is_one_sentence(tmp_path: Path, busy_port: int) -> None:
    assert refusal(tmp_path, busy_port).startswith(f"連接埠 {busy_port} 已被其他程式使用；")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("port", ["0", "65536", "八千", "-1", "８０００"])
def test_port_that_is_none_is_one_sentence(tmp_path: Path, port: str) -> None:
    with pytest.raises(launch.CannotStartError, match=f"不是「{port}」"):
        launch.address({"PORT": port})


def test_host_that_is_not_ours_is_one_sentence() -> None:
    with pytest.raises(launch.CannotStartError, match=r"無法在 192\.0\.2\.1:8000 提供服務"):
        launch.check_free("192.0.2.1", 8000)


def test_directory_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert refusal(tmp_path / "file" / "var", free_port()).startswith(f"無法寫入 {tmp_path}/file")


def test_socket_directory_that_others_may_enter_is_refused(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    with pytest.raises(launch.CannotStartError, match="不是只有自己能進入"):
        launch.check_private(tmp_path)
    (tmp_path / "link").symlink_to(tmp_path)
    with pytest.raises(launch.CannotStartError, match="不是只有自己能進入"):
        launch.check_private(tmp_path / "link")


def test_socket_path_stays_within_what_linux_allows() -> None:
    deep = Path("/srv") / ("縣政府" * 20)
    assert _redis_socket(Path("/srv/portal/.var")) == Path("/srv/portal/.var/run/valkey.sock")
    assert len(os.fsencode(_redis_socket(deep))) <= 107
    assert _redis_socket(deep) != _redis_socket(deep / "b")


def answer(process: "subprocess.Popen[str]", port: int, path: str) -> int:
    """Return the status of a page of the running portal, 0 while it does not answer."""
    assert process.poll() is None, "the portal ended"
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=30) as response:
            return int(response.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:  # refused, reset or too slow
        return 0


def programs_of(process: "subprocess.Popen[str]") -> list[int]:
    """Return what the launcher itself has started: web, worker, beat and Valkey."""
    return [int(pid) for pid in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()]


def test_portal_starts_answers_survives_kills_and_leaves_nothing_behind(tmp_path: Path) -> None:
    var_path, port, said = tmp_path / "var #1 與 空白", free_port(), tmp_path / "said"
    with said.open("w") as output, start(var_path, port, output) as process:
        try:
            wait_until(lambda: answer(process, port, "/accounts/login/") == 200, seconds=240, what="the login page")
            assert "  host.north " in said.read_text(), "nobody can log in who reads this file"
            wait_until(lambda: answer(process, port, "/healthz") == 200, seconds=60, what="the first beat")
            assert "已經在執行" in refusal(var_path, free_port())
            assert len(processes_of(var_path)) > 5
            for program in programs_of(process):
                os.kill(program, signal.SIGKILL)
            wait_until(
                lambda: said.read_text().count("意外結束（代碼 -9），已重新啟動。") == 4, what="a new start of each"
            )
            wait_until(lambda: answer(process, port, "/healthz") == 200, seconds=60, what="the portal again")
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGINT)  # what Ctrl-C sends
            process.wait(60)
    assert process.returncode == 0, said.read_text()
    wait_until(lambda: not processes_of(var_path), what="the end of every process")


WORKER = "import time; print('x' * 20_000, flush=True); time.sleep(60)"
PARENT = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import time; time.sleep(60)'])"
STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)"


def supervised(tmp_path: Path, *programs: str, patience: float = 10, steady: float = 10) -> "subprocess.Popen[str]":
    """Run small programs under the launcher's supervision, marked by the directory."""
    code = (
        "import sys; from personnel_portal import launch; launch.PATIENCE, launch.STEADY = map(float, sys.argv[1:3]);"
        "sys.exit(launch.supervise({str(n): [sys.executable, '-c', code] for n, code in enumerate(sys.argv[3:])}))"
    )
    return subprocess.Popen(
        [sys.executable, "-c", code, str(patience), str(steady), *programs],
        cwd=BASE_DIR,
        env=environment(tmp_path, 0),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


@pytest.mark.parametrize("after", [0.0, 0.01, 0.03, 0.1, 0.3])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_all_programs_end_whenever_the_signal_comes(tmp_path: Path, number: signal.Signals, after: float) -> None:
    with supervised(tmp_path, *[WORKER] * 3) as process:
        wait_until(lambda: len(processes_of(tmp_path)) > 1, what="the first program")
        time.sleep(after)
        process.send_signal(number)
        assert process.wait(10) == 0
    assert processes_of(tmp_path) == set()


def test_program_that_cannot_run_is_the_end_of_all(tmp_path: Path) -> None:
    with supervised(tmp_path, WORKER, "raise SystemExit(3)") as process:
        _, said = process.communicate(timeout=10)
    assert (process.returncode, said) == (1, "1 啟動後隨即結束（代碼 3），入口網一併停止。\n")
    assert processes_of(tmp_path) == set()


def test_program_that_ends_after_a_while_is_started_again(tmp_path: Path) -> None:
    with supervised(tmp_path, "import time; time.sleep(1); raise SystemExit(4)", steady=0.5) as process:
        assert process.stderr is not None
        again = [process.stderr.readline() for _ in range(2)]
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
    assert again == ["0 意外結束（代碼 4），已重新啟動。\n"] * 2
    assert processes_of(tmp_path) == set()


def test_what_a_killed_program_had_started_goes_with_it(tmp_path: Path) -> None:
    with supervised(tmp_path, PARENT) as process:
        assert process.stderr is not None
        wait_until(lambda: len(processes_of(tmp_path)) == 3, what="the program and its child")
        first = processes_of(tmp_path) - {process.pid}
        os.kill(min(first), signal.SIGKILL)
        assert process.stderr.readline() == "0 意外結束（代碼 -9），已重新啟動。\n"
        wait_until(lambda: len(processes_of(tmp_path)) == 3, what="another program and its child")
        assert not processes_of(tmp_path) & first
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
    assert processes_of(tmp_path) == set()


def test_program_that_does_not_end_is_ended_by_force(tmp_path: Path) -> None:
    with supervised(tmp_path, STUBBORN, WORKER, patience=0.5) as process:
        wait_until(lambda: len(processes_of(tmp_path)) == 3, what="both programs")
        time.sleep(0.2)
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
    assert processes_of(tmp_path) == set()
