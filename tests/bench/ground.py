"""Where everything is measured: a private PostgreSQL with a county and with a country, and copies of them to spoil."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import psycopg
from psycopg import sql

from tests import services
from tests.bench.report import Line, Report

MOST_SECONDS = 300


@dataclass(frozen=True, slots=True)
class Ground:
    """The server by the directory of its socket, and a directory for files.

    Attributes:
        is_ready: the server was there before, with both databases, and stays.
    """

    socket: Path
    home: Path
    is_ready: bool

    @contextmanager
    def copy(self, source: str) -> Iterator[dict[str, str]]:
        """Make a copy of one of the databases; yield the environment of a portal on it. The copy goes with the block."""
        name = f"bench_{source}_{os.getpid()}_{next(_numbers)}"
        self._ask(f"CREATE DATABASE {{}} TEMPLATE {source} STRATEGY FILE_COPY", name)
        try:
            if self.is_ready:  # it may be older than the code
                self._manage(name, "migrate")
                self._tidy(name)
            yield self.environment(name)
        finally:
            self._ask("DROP DATABASE {} WITH (FORCE)", name)

    def environment(self, database: str) -> dict[str, str]:
        """Return the environment in which a process of the portal sees a database and files of its own."""
        home = self.home / database
        (home / "static").mkdir(parents=True, exist_ok=True)
        return {
            "DATABASE_URL": f"postgres://portal@/{self.socket}/{database}",
            "VAR_PATH": str(home),
            "STORAGE_PATH": str(home / "files"),
        }

    def make(self, name: str, counties: int) -> float:
        """Write a database of so many counties; return the seconds that `manage.py generate` took."""
        self._ask("CREATE DATABASE {}", name)
        self._manage(name, "migrate")
        self._manage(name, "load_plans")
        self._manage(name, "demo")  # first, so that its keys are the same in a county and in a country
        begun = time.monotonic()
        self._manage(name, "generate", "--seed", "1", "--counties", str(counties))
        seconds = time.monotonic() - begun
        self._tidy(name)
        return seconds

    def _tidy(self, database: str) -> None:
        """Do at once what autovacuum does when it comes by, so that nothing is measured before."""
        with self._session(database) as session:
            session.execute("VACUUM (ANALYZE)")

    def _manage(self, database: str, *command: str) -> None:
        environment = os.environ | self.environment(database)
        with (self.home / "manage.log").open("ab") as log:
            call = [sys.executable, "manage.py", *command]
            subprocess.run(call, env=environment, stdout=log, stderr=log, check=True, cwd=services.BASE_DIR)

    def version(self) -> str:
        """Return which PostgreSQL it is."""
        with self._session() as session:
            return f"PostgreSQL {session.info.server_version // 10000}.{session.info.server_version % 10000}"

    def _ask(self, statement: str, name: str) -> None:
        with self._session() as session:
            session.execute(sql.SQL(statement).format(sql.Identifier(name)))

    def _session(self, database: str = "postgres") -> "psycopg.Connection[tuple[object, ...]]":
        return psycopg.connect(host=str(self.socket), user="portal", dbname=database, autocommit=True)


_numbers = count()


@contextmanager
def ground(home: Path, ready: Path | None) -> Iterator[Ground]:
    """Yield the server at `ready`, or a private one below `home` that ends with the block."""
    if ready:
        yield Ground(ready, home, True)
        return
    with services.postgres(home / "postgres", autovacuum=True):  # 100,000 mails leave dead rows, as in production
        yield Ground(home / "postgres", home, False)


def prepare(ground: Ground, report: Report, counties: int) -> None:
    """**Data**: write both databases unless they are there."""
    if ground.is_ready:
        return
    for name, many in {"one": 1, "country": counties}.items():
        seconds = ground.make(name, many)
        report.add(
            Line(
                "Data",
                f"`manage.py generate --counties {many} --seed 1`",
                f"{seconds:.0f} s",
                aim="< 300 s" if many > 1 else "",
                met=seconds < MOST_SECONDS if many > 1 else None,
            )
        )
