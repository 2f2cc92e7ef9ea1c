"""A backup is restored to a new place and compared: row by row, file by file."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from psycopg import sql

from tests.faults.promises import Findings
from tests.faults.scene import Row, Scene
from tests.services import BASE_DIR

Tables = dict[str, list[tuple[Any, ...]]]


def restore(scene: Scene) -> None:
    """Back up while people work and again at rest; restore both, and compare the second exactly."""
    busy = scene.rows.setdefault("backup under load, restored", Row("backup under load, restored"))
    scene.load.go()
    before = scene.load.accepted.copy()
    accepted = {sha256 for story in scene.load.stories for _, sha256 in list(story.uploads)}
    manage(scene, scene.portal.environment, "backup", str(scene.portal.home / "backup-busy"))
    found = Findings()
    tables, files = restored(scene, "busy", found)
    lost = accepted - {row[1] for row in tables["uploads_storedfile"]}
    found.missing += [f"row of {sha256}, accepted before the backup" for sha256 in lost]
    found.missing += [f"bytes of {row[1]}" for row in tables["uploads_storedfile"] if row[1] not in files]
    end(scene, busy, found, before)

    quiet = scene.rows.setdefault("backup at rest, restored", Row("backup at rest, restored"))
    found = scene.settle(0)
    manage(scene, scene.portal.environment, "backup", str(scene.portal.home / "backup-quiet"))
    own, kept = tables_of(scene, "portal"), files_of(Path(settings.STORAGE_PATH))
    tables, files = restored(scene, "quiet", found)
    for name in own.keys() | tables.keys():
        if name not in CHANGING and own.get(name) != tables.get(name):
            found.wrong.append(f"table {name} differs")
    if kept != files:
        found.wrong.append(f"{len(kept.items() ^ files.items())} files differ")
    quiet.note = f"{sum(map(len, tables.values()))} rows in {len(tables)} tables and {len(files)} files compared"
    end(scene, quiet, found, scene.load.accepted.copy())


# What beat and the board's reader write while the portal stands still.
CHANGING = {"home_heartbeat", "django_session"}


def end(scene: Scene, row: Row, found: Findings, before: Any) -> None:
    row.rounds += 1
    row.accepted += scene.load.accepted - before
    row.findings.append(found)
    for sentence in found.sentences():
        print(f"  {row.fault}: {sentence}", flush=True)


def restored(scene: Scene, name: str, found: Findings) -> tuple[Tables, dict[str, str]]:
    """Restore a backup to a database and a directory of its own; return its rows and files."""
    files = scene.portal.home / f"files-{name}"
    with connect(scene, "postgres") as session:
        session.autocommit = True
        session.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
    url = f"postgres://portal@/{scene.portal.home / 'postgres'}/{name}"
    environment = scene.portal.environment | {"DATABASE_URL": url, "STORAGE_PATH": str(files)}
    manage(scene, environment, "restore", str(scene.portal.home / f"backup-{name}"))
    manage(scene, environment, "migrate", "--check")
    manage(scene, environment, "trail", "--verify")
    here = files_of(files)
    found.wrong += [f"restored file {sha256} is damaged" for sha256, digest in here.items() if sha256 != digest]
    return tables_of(scene, name), here


def manage(scene: Scene, environment: dict[str, str], *arguments: str) -> None:
    """Run a command of the portal in a process of its own."""
    path = f"{scene.portal.cluster.programs}{os.pathsep}{os.environ['PATH']}"
    answer = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        env=environment | {"PATH": path},
        cwd=BASE_DIR,
        capture_output=True,
        text=True,
    )
    if answer.returncode:
        raise AssertionError(f"manage.py {arguments[0]}: {answer.stdout}{answer.stderr}")


def connect(scene: Scene, database: str) -> "psycopg.Connection[tuple[Any, ...]]":
    return psycopg.connect(host=str(scene.portal.home / "postgres"), user="portal", dbname=database)


def tables_of(scene: Scene, database: str) -> Tables:
    """Return every row of every table, in one state of the database."""
    with connect(scene, database) as session:
        session.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        names = session.execute("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'")
        query = sql.SQL("SELECT * FROM {} ORDER BY 1")
        return {name: session.execute(query.format(sql.Identifier(name))).fetchall() for (name,) in names.fetchall()}


def files_of(directory: Path) -> dict[str, str]:
    """Return the SHA-256 that each kept file is named for, with the one that it has."""
    return {
        file.parent.name + file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in directory.glob("??/*")
    }
