from collections.abc import Callable, Iterator

import pytest
import time_machine
from django.test import Client

from personnel_portal.accounts.models import User
from tests import build

Login = Callable[[User], Client]


@pytest.fixture
def now() -> Iterator[None]:
    """Ten o'clock on `build.TODAY`, standing still."""
    with time_machine.travel(build.at(build.TODAY, 10), tick=False):
        yield


@pytest.fixture
def cast(now: None, cast: build.Cast) -> build.Cast:
    """The fixed people, at the time of `now`."""
    return cast


@pytest.fixture
def login(now: None) -> Login:
    """Return a browser in which a person is logged in."""

    def log_in(user: User) -> Client:
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return log_in
