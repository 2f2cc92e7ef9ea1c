"""`.ci/install` on machines that lack something, with the lack made real by what stands on PATH."""

import functools
import http.server
import os
import shutil
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.services import BASE_DIR

TOOLS = ["bash", "cat", "cut", "dirname", "env", "id", "mkdir", "sed", "sha256sum"]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with nothing installed, on a machine whose PATH holds a few tools only."""
    copy = tmp_path / "portal"
    shutil.copytree(BASE_DIR / ".ci", copy / ".ci")
    shutil.copy(BASE_DIR / "pyproject.toml", copy)
    shutil.copy(BASE_DIR / "uv.lock", copy)
    (tmp_path / "bin").mkdir()
    for tool in TOOLS:
        (tmp_path / "bin" / tool).symlink_to(shutil.which(tool) or tool)
    return copy


def add_program(checkout: Path, name: str, script: str) -> None:
    path = checkout.parent / "bin" / name
    path.write_text(f"#!{shutil.which('bash')}\n{script}\n")
    path.chmod(0o755)


def install(checkout: Path, **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [".ci/install", "run"],
        cwd=checkout,
        env={"PATH": str(checkout.parent / "bin"), "LANG": "C.UTF-8"} | environment,
        capture_output=True,
        text=True,
    )


def test_install_without_python_is_one_sentence(checkout: Path) -> None:
    answer = install(checkout)
    assert (answer.returncode, answer.stdout) == (1, "")
    assert answer.stderr == "需要 Python 3.11 以上的版本；請先安裝 python3。\n"


def test_install_with_an_old_python_is_one_sentence(checkout: Path) -> None:
    add_program(checkout, "python3", 'case "$2" in *platform*) echo 3.9.2 ;; *) exit 1 ;; esac')
    # A version manager's stand-in: on PATH, but it does not run.
    add_program(checkout, "python3.12", "exit 127")
    answer = install(checkout)
    assert (answer.returncode, answer.stdout) == (1, "")
    assert answer.stderr == "需要 Python 3.11 以上的版本，這部電腦只有 3.9.2；請先安裝 python3。\n"


def test_install_in_a_directory_that_cannot_be_written_is_one_sentence(checkout: Path) -> None:
    (checkout / ".var").touch()
    answer = install(checkout)
    assert (answer.returncode, answer.stderr) == (1, f"無法寫入 {checkout}；請改用可以寫入的目錄。\n")


def test_install_without_rights_says_in_one_line_what_is_missing(checkout: Path) -> None:
    add_program(checkout, "python3", f'[ "$2" != pip ] && [ "$2" != venv ] && exec {sys.executable} "$@"')
    add_program(checkout, "dpkg-query", '[ "$3" = fonts-cns11643-kai ] || printf installed')
    add_program(checkout, "id", "echo 1000")
    lines = install(checkout, PIP_INDEX_URL="http://127.0.0.1:9").stderr.splitlines()
    assert lines[0] == "缺少系統套件：fonts-cns11643-kai（PDF 改用隨附的字型）。"
    assert lines[1:2] + lines[-1:] == [
        "安裝 uv……",
        "無法取得 uv；請確認網路，或先安裝 python3-pip（或 uv），再執行一次。",
    ]


@pytest.fixture
def index(tmp_path: Path) -> Iterator[str]:
    """A package index that offers two releases of uv, whose program tells its version."""
    (tmp_path / "index" / "uv").mkdir(parents=True)
    page = ""
    for version in ("0.9.2", "0.10.1", "0.11.0rc1"):
        name = f"uv-{version}-py3-none-manylinux_2_17_{os.uname().machine}.manylinux2014_{os.uname().machine}.whl"
        with zipfile.ZipFile(tmp_path / "index" / name, "w") as wheel:
            wheel.writestr(f"uv-{version}.data/scripts/uv", f"#!/bin/sh\necho uv {version}\n")
        page += f'<a href="../{name}">{name}</a>\n'
    (tmp_path / "index" / "uv" / "index.html").write_text(page)
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(tmp_path / "index"))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_uv_comes_from_the_configured_index_where_pip_is_absent(index: str, tmp_path: Path) -> None:
    command = [sys.executable, "-I", str(BASE_DIR / ".ci" / "fetch_uv.py"), str(tmp_path / "uv")]
    subprocess.run(command, env={"PIP_INDEX_URL": index, "HOME": str(tmp_path)}, check=True)
    answer = subprocess.run([tmp_path / "uv" / "uv"], capture_output=True, text=True)
    assert answer.stdout == "uv 0.10.1\n"


def test_uv_that_cannot_be_fetched_is_one_sentence(tmp_path: Path) -> None:
    command = [sys.executable, "-I", str(BASE_DIR / ".ci" / "fetch_uv.py"), str(tmp_path / "uv")]
    environment = {"PIP_INDEX_URL": "http://127.0.0.1:9", "HOME": str(tmp_path)}
    answer = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert answer.returncode == 1
    assert answer.stderr.startswith("uv: ")
    assert len(answer.stderr.splitlines()) == 1
