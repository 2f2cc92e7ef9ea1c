from collections.abc import Iterator

import pytest
import time_machine
from django.db import transaction
from pytest_django import DjangoDbBlocker

from tests import build
from tests.site import world as worlds
from tests.site.world import World


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    """The world of a module, made once: each test with `db` takes back only what it did itself."""
    with django_db_blocker.unblock(), transaction.atomic():
        with time_machine.travel(build.at(build.TODAY, 10), tick=False):
            made = worlds.make()
        yield made
        transaction.set_rollback(True)


@pytest.fixture
def today() -> Iterator[None]:
    """It is `build.TODAY`, a day of the plan of 116."""
    with time_machine.travel(build.at(build.TODAY, 10), tick=False):
        yield
