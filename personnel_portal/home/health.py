"""Is the portal well: database, broker, storage, and the last beat."""

import os
import tempfile
from collections.abc import Callable
from datetime import timedelta

import redis
from django.conf import settings
from django.db import connection
from django.utils import timezone

from personnel_portal.home.models import Heartbeat

BEAT_LATE_AFTER = timedelta(minutes=3)


class UnwellError(Exception):
    """A part that does not answer as it should, in a sentence."""


def database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return connection.vendor


def broker() -> str:
    # Celery and redis-py spell a unix socket differently.
    url = settings.REDIS_URL.replace("redis+socket://", "unix://")
    with redis.Redis.from_url(url, socket_timeout=2, socket_connect_timeout=2) as client:
        client.ping()
    return "pong"


def storage() -> str:
    settings.STORAGE_PATH.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=settings.STORAGE_PATH) as file:  # without a name that a kill could leave behind
        file.write(b"ok")
        file.flush()
        os.fsync(file.fileno())
    return "writable"


def beat() -> str:
    last = Heartbeat.objects.filter(name="beat").values_list("at", flat=True).first()
    if last is None or timezone.now() - last > BEAT_LATE_AFTER:
        raise UnwellError(f"last beat {last.isoformat() if last else 'never'}")
    return last.isoformat()


PARTS: dict[str, Callable[[], str]] = {"database": database, "broker": broker, "storage": storage, "beat": beat}


def check() -> tuple[bool, dict[str, str]]:
    """Return whether every part is well, and each part's word; one part that fails does not hide the others."""
    words: dict[str, str] = {}
    well = True
    for name, part in PARTS.items():
        try:
            words[name] = part()
        except Exception as error:  # whatever a driver raises is the answer that is asked for
            well, words[name] = False, f"failed: {error}"
    return well, words
