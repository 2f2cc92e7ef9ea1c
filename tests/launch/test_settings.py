"""Production starts from environment variables alone, and not at all when one of them is missing or unsafe."""

import os
import secrets
import subprocess
import sys

import pytest

from tests.services import BASE_DIR

PRODUCTION = {
    "PORTAL_MODE": "production",
    "SECRET_KEY": secrets.token_urlsafe(64),
    "ALLOWED_HOSTS": "portal.example.org",
    "DATABASE_URL": "postgres://portal@localhost/portal",
    "REDIS_URL": "redis://localhost",
    "EMAIL_URL": "smtp://localhost",
    "STORAGE_PATH": "/srv/files",
}


def load(environment: dict[str, str]) -> "subprocess.CompletedProcess[str]":
    plain = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    return subprocess.run(
        [sys.executable, "-c", "import personnel_portal.settings"],
        cwd=BASE_DIR,
        env=plain | environment,
        capture_output=True,
        text=True,
    )


def test_production_starts_with_everything_set() -> None:
    assert load(PRODUCTION).returncode == 0


@pytest.mark.parametrize("name", [name for name in PRODUCTION if name != "PORTAL_MODE"])
def test_production_refuses_a_missing_variable(name: str) -> None:
    answer = load({key: value for key, value in PRODUCTION.items() if key != name})
    assert answer.returncode == 1
    assert answer.stderr.splitlines()[-1].endswith(f"needs the environment variable {name}.")


@pytest.mark.parametrize("key", ["django-insecure-" + secrets.token_urlsafe(64), "short", "x" * 80])
def test_production_refuses_a_weak_secret(key: str) -> None:
    answer = load(PRODUCTION | {"SECRET_KEY": key})
    assert answer.returncode == 1
    assert "SECRET_KEY must be a random text" in answer.stderr
    assert key not in answer.stderr


def test_production_refuses_debug() -> None:
    answer = load(PRODUCTION | {"DEBUG": "1"})
    assert answer.returncode == 1
    assert "DEBUG must be off" in answer.stderr
