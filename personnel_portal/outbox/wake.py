"""Waking the worker after a commit. The rows are the truth: when the broker is away, beat's sweep finds them."""

import logging
import threading

from django.db import transaction
from kombu.exceptions import KombuError
from redis.exceptions import RedisError

from personnel_portal.celery import app

logger = logging.getLogger(__name__)

# Whoever waits for this is a person at a browser: one short try.
_PATIENCE = {"socket_timeout": 0.4, "socket_connect_timeout": 0.4, "max_retries": 0, "retry_on_timeout": False}

# Seconds after which a wake-up is worth nothing any more, because a sweep has come by.
_STALE = 60


class _Wake:
    """What one transaction asks for, however many mails it writes; it fires once."""

    def __init__(self, task: str) -> None:
        self.task = task
        self.done = False

    def __call__(self) -> None:
        if self.done:
            return
        self.done = True
        _pending.wakes.pop(self.task, None)
        send(self.task)


class _Pending(threading.local):
    def __init__(self) -> None:
        self.wakes: dict[str, _Wake] = {}


_pending = _Pending()


def after_commit(task: str) -> None:
    """Start a task by name once the running transaction is committed, at most once per transaction.

    It is registered for every mail, since a rolled-back savepoint takes its registrations with it.
    """
    transaction.on_commit(_pending.wakes.setdefault(task, _Wake(task)))


def send(task: str) -> bool:
    """Ask the broker to start a task; tell whether it took the message. Takes no longer than a second."""
    try:
        with app.connection_for_write(connect_timeout=0.4, transport_options=_PATIENCE) as connection:
            app.send_task(task, connection=connection, retry=False, expires=_STALE)
    except (OSError, KombuError, RedisError) as error:
        logger.warning("The broker is away, %s waits for the next sweep: %s", task, error)
        return False
    return True
