"""One world for the whole folder: each test takes back only what it did itself."""

from collections.abc import Iterator

import pytest
import time_machine
from django.apps import apps
from django.db import models, transaction
from pytest_django import DjangoDbBlocker

from districts.models import Office
from tests import build
from tests.attacks import foreign
from tests.site import world as worlds
from tests.site.conftest import today  # noqa: F401  # a fixture
from tests.site.world import World


@pytest.fixture(scope="package")
def world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    """The world of the site tests, made once."""
    with django_db_blocker.unblock(), transaction.atomic():
        with time_machine.travel(build.at(build.TODAY, 10), tick=False):
            made = worlds.make()
        yield made
        transaction.set_rollback(True)


@pytest.fixture
def abroad(world: World, db: None) -> set[type[models.Model]]:
    """The models of which another office has a row with `foreign.KEY`: all whose rows belong to an office."""
    rows = [build.listed("大林鎮公所"), world.unfiled]
    owned = [model for model in apps.get_models() if model is not Office and foreign.is_owned(model)]
    found = (model._base_manager.order_by("-pk").first() for model in owned)
    return set(foreign.copies([*rows, *filter(None, found)]))
