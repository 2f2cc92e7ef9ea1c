"""What the tests of proposals share."""

from collections.abc import Iterator

import pytest
import time_machine
from django.urls import reverse

from districts.models import District
from tests import build


@pytest.fixture
def clock() -> Iterator[None]:
    """It is `build.TODAY`, 10:00."""
    with time_machine.travel(build.at(build.TODAY, 10), tick=False):
        yield


@pytest.fixture
def district(cast: build.Cast) -> District:
    """The host's district."""
    return cast.plan.districts.get(name="北平原區")


@pytest.fixture
def screen(district: District) -> str:
    """The address of its compile screen."""
    return reverse("proposals:compile", args=[district.pk])
