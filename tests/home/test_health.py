"""The health check: 200 while database, broker, storage and beat are well, 503 when one fails; details for administrators."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import redis
from django.db import OperationalError, connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from personnel_portal.home.models import Heartbeat
from personnel_portal.home.tasks import heartbeat
from tests import build

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def alive(valkey: redis.Redis, settings: Settings, tmp_path: Path) -> None:
    """All parts are well: a real broker, a storage, and a beat just now."""
    settings.STORAGE_PATH = tmp_path / "files"
    heartbeat()


@contextmanager
def database_down() -> Iterator[None]:
    """Let every query fail as it does when the server is gone."""

    def refuse(*_: Any) -> None:
        raise OperationalError("connection refused by db.internal")

    with connection.execute_wrapper(refuse):
        yield


def test_health_is_well(client: Client) -> None:
    response = client.get("/healthz")
    assert response.status_code == 200
    assert response.json() == {"ok": True}


def test_health_tells_a_stranger_nothing_of_a_dead_database(client: Client) -> None:
    with database_down():
        response = client.get("/healthz")
    assert response.status_code == 503
    assert response.json() == {"ok": False}


def test_health_notices_a_dead_broker(client: Client, settings: Settings, tmp_path: Path) -> None:
    settings.REDIS_URL = f"redis+socket://{tmp_path / 'nobody.sock'}"
    response = client.get("/healthz")
    assert response.status_code == 503
    assert response.json() == {"ok": False}


def test_health_notices_a_storage_that_cannot_be_written(client: Client, settings: Settings, tmp_path: Path) -> None:
    settings.STORAGE_PATH = tmp_path / "a-file"
    settings.STORAGE_PATH.write_text("in the way")
    response = client.get("/healthz")
    assert response.status_code == 503
    assert response.json() == {"ok": False}


@pytest.mark.parametrize(("age", "status"), [(170, 200), (190, 503)])
def test_health_expects_a_beat_within_three_minutes(client: Client, age: int, status: int) -> None:
    Heartbeat.objects.update(at=timezone.now() - timedelta(seconds=age))
    assert client.get("/healthz").status_code == status


def test_health_notices_that_beat_never_came(client: Client) -> None:
    Heartbeat.objects.all().delete()
    assert client.get("/healthz").status_code == 503


def test_health_speaks_to_a_browser_with_a_session_when_the_database_is_dead(client: Client) -> None:
    client.force_login(build.user(), backend="django.contrib.auth.backends.ModelBackend")
    with database_down():
        response = client.get("/healthz")
    assert (response.status_code, response.json()) == (503, {"ok": False})


def test_an_administrator_reads_which_part_fails(client: Client, settings: Settings, tmp_path: Path) -> None:
    client.force_login(build.cast().office_admin, backend="django.contrib.auth.backends.ModelBackend")
    settings.REDIS_URL = f"redis+socket://{tmp_path / 'nobody.sock'}"
    page = client.get(reverse("home:administration")).content.decode()
    assert "異常" in page
    assert "<dt>訊息佇列</dt><dd>failed: " in page
    assert f"<dt>資料庫</dt><dd>{connection.vendor}</dd>" in page


def test_health_leaves_nothing_in_the_storage(client: Client, settings: Settings) -> None:
    client.get("/healthz")
    assert list(settings.STORAGE_PATH.iterdir()) == []
