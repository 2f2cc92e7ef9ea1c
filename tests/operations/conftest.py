"""A second, empty database beside the tests' own: on the same server, or as another file."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.db import connection
from pytest_django import DjangoDbBlocker

from tests.services import portal_environment


@dataclass(frozen=True, slots=True)
class Place:
    """An empty database and an empty directory for files, and the environment of a process that works there."""

    database: str
    files: Path
    environment: dict[str, str]


@pytest.fixture
def second(django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path: Path) -> Iterator[Place]:
    """A place without a single table or file."""
    own, files = connection.settings_dict, tmp_path / "second-files"
    name = f"{own['NAME']}_second" if connection.vendor == "postgresql" else str(tmp_path / "second.sqlite3")
    url = f"sqlite:///{name}" if connection.vendor == "sqlite" else f"postgres://{own['USER']}@/{own['HOST']}/{name}"
    with django_db_blocker.unblock():
        _administer(f'CREATE DATABASE "{name}" TEMPLATE template0')
    yield Place(name, files, portal_environment(DATABASE_URL=url, STORAGE_PATH=str(files)))
    with django_db_blocker.unblock():
        _administer(f'DROP DATABASE "{name}" WITH (FORCE)')


def _administer(statement: str) -> None:
    """Tell the PostgreSQL server; SQLite makes its file by itself."""
    if connection.vendor == "postgresql":
        with connection._nodb_cursor() as cursor:
            cursor.execute(statement)
