"""Fixtures that every test may use; the services behind them stand in `tests.services`.

The database holds the real data (`manage.py load_plans`) at the beginning of every test; for a test with `cast` the
fixed people too. Tests with `db` roll their own rows back; after a test with `transactional_db` or `live_server` the
whole database is put back as it was.
"""

import gc
import os
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing
from copy import deepcopy
from functools import partialmethod
from pathlib import Path
from typing import Any
from unittest import mock

import hypothesis
import pytest
import redis
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.core.management import call_command, get_commands
from django.db import connection, connections, transaction
from django.test import TransactionTestCase
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from pytest_django import DjangoDbBlocker
from pytest_django.live_server_helper import LiveServer

from tests import browsing, build, services

hypothesis.settings.register_profile("portal", deadline=None)
hypothesis.settings.load_profile("portal")

SLOW = ("/site/", "/launch/", "browser", "hostile", "faults")
SHARED = {"people", "world"}
DATABASE_FIXTURES = {"db", "transactional_db", "live_server"}
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
PATIENCE = 30_000  # ms that a browser test waits for what must come; a loaded machine is slow, not wrong
CHROMIUM_OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def pytest_configure() -> None:
    # Migrations make classes by the ten thousand: at its default pace the collector takes a fifth of their time.
    gc.set_threshold(100_000, 20, 20)
    # A terminated session stops its services as an interrupted one does.
    signal.signal(signal.SIGTERM, signal.default_int_handler)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Iterator[None]:
    """Mark what a test uses, so that `-m "database and not browser"` chooses by fact; share the work out by files.

    The tests of a file stay together in one process, for the sake of what they set up once, unless they say otherwise by
    a group of their own. Files that take long go first, so that no process ends with one of them alone; in a file, the
    tests that share rows go last, so that no other sees them.
    """
    for item in items:
        if item.get_closest_marker("xdist_group") is None:
            item.add_marker(pytest.mark.xdist_group(item.nodeid.partition("::")[0]))
        fixtures = set(getattr(item, "fixturenames", ()))
        if fixtures & DATABASE_FIXTURES or item.get_closest_marker("django_db"):
            item.add_marker("database")
        if "browser" in fixtures:
            item.add_marker("browser")
    files = {item.path: number for number, item in enumerate(items)}
    yield  # to pytest-django, which would put the tests with transactions of their own after those of all files
    items.sort(
        key=lambda item: (_haste(item), files[item.path], not SHARED.isdisjoint(getattr(item, "fixturenames", ())))
    )


def _haste(item: pytest.Item) -> int:
    return next((place for place, part in enumerate(SLOW) if part in item.nodeid), len(SLOW))


# --- Database --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def postgres() -> Iterator[None]:
    """The session's PostgreSQL server, when the tests run on PostgreSQL."""
    with ExitStack() as stack:
        if connection.vendor == "postgresql":
            stack.enter_context(services.postgres(Path(settings.DATABASES["default"]["HOST"])))
        yield


@pytest.fixture(scope="session")
def django_db_modify_db_settings(postgres: None, valkey: redis.Redis) -> None:
    """Start the services that code with a database needs before pytest-django makes the database."""


@pytest.fixture(scope="session")
def django_db_keepdb() -> bool:
    """Nobody need drop the database: it goes with its server or its directory, whoever is still connected."""
    return True


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Load the real data once, and put them back after each test that writes outside a transaction."""
    with django_db_blocker.unblock():
        if "load_plans" in get_commands():
            call_command("load_plans", verbosity=0)
        copy = _keep_database()
    with mock.patch.object(TransactionTestCase, "_fixture_teardown", partialmethod(_restore_database, copy)):
        yield


def _keep_database() -> str:
    """Copy the test database as it stands; return the copy's name."""
    name = str(connection.settings_dict["NAME"])
    copy = f"{name}_kept"
    if connection.vendor == "sqlite":
        connection.ensure_connection()
        with closing(sqlite3.connect(copy)) as target:
            connection.connection.backup(target)
    else:
        connection.close()
        with connection._nodb_cursor() as cursor:
            cursor.execute(f'CREATE DATABASE "{copy}" TEMPLATE "{name}"')
    return copy


def _restore_database(_test: TransactionTestCase, copy: str) -> None:
    """Make the test database equal to `copy` again; whoever is still connected is thrown out."""
    name = str(connection.settings_dict["NAME"])
    if connection.vendor == "sqlite":
        connection.ensure_connection()
        with closing(sqlite3.connect(copy)) as source:
            source.backup(connection.connection)
    else:
        connections.close_all()
        with connection._nodb_cursor() as cursor:
            cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
            cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{copy}" STRATEGY FILE_COPY')


@pytest.fixture(scope="module")
def people(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[build.Cast]:
    """The fixed people, made once for a module: each of its tests takes back only what it did itself."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield build.cast()
        transaction.set_rollback(True)


@pytest.fixture
def cast(people: build.Cast, db: None) -> build.Cast:
    """The fixed people, on the plan of 116, as objects of the test's own; a test with a live server makes them itself."""
    return deepcopy(people)


# --- Services --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def valkey() -> Iterator[redis.Redis]:
    """A client of the session's Valkey, which is also the broker."""
    with services.valkey(settings.VAR_PATH / "valkey") as client:
        yield client


@pytest.fixture
def smtp() -> Iterator[services.Mailbox]:
    """A real SMTP server for one test."""
    with services.smtp() as mailbox:
        yield mailbox


@pytest.fixture
def worker(
    transactional_db: None, valkey: redis.Redis, smtp: services.Mailbox, tmp_path: Path
) -> Iterator[services.Worker]:
    """A running Celery worker on the test's database, its mail going to `smtp`; the queue is empty at the start."""
    valkey.flushall()
    worker = services.Worker(services.portal_environment(EMAIL_URL=smtp.url), tmp_path / "worker.log")
    worker.start()
    try:
        yield worker
    finally:
        worker.kill()


# --- Browser ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The session's Chromium. Playwright keeps an event loop running here, which Django would refuse to query under."""
    with mock.patch.dict(os.environ, {"DJANGO_ALLOW_ASYNC_UNSAFE": "1"}), sync_playwright() as playwright:
        expect.set_options(timeout=PATIENCE)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_OPTIONS)
        yield browser
        browser.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A browser profile without cookies."""
    context = browser.new_context(locale="zh-TW", timezone_id="Asia/Taipei")
    context.set_default_timeout(PATIENCE)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """An empty page in a fresh browser profile."""
    return context.new_page()


@pytest.fixture
def axe() -> Axe:
    """The accessibility checker: `axe.run(page).violations_count`."""
    return Axe()


@pytest.fixture
def sign_in(browser: Browser, live_server: LiveServer) -> Iterator[browsing.Enter]:
    """Open a browser of their own for people, already logged in."""
    with ExitStack() as stack:

        def sign_in(user: Any) -> Page:
            context = stack.enter_context(browser.new_context(locale="zh-TW", base_url=str(live_server.url)))
            context.set_default_timeout(PATIENCE)
            return browsing.enter(context, str(live_server.url), user)

        yield sign_in
