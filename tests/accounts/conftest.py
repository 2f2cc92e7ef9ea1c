import re

import pytest
from django.test import Client

from personnel_portal.accounts.models import User
from personnel_portal.outbox.models import Message
from tests import build

LINK = re.compile(r"http://127\.0\.0\.1:8000(/accounts/reset/\S+)")


@pytest.fixture
def user(db: None) -> User:
    return build.user(username="wang", name="王曉明", email="wang@cyhg.gov.tw")


@pytest.fixture
def logged_in(client: Client, user: User) -> Client:
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def log_in(client: Client, username: str = "wang", password: str = build.PASSWORD, **data: str) -> object:
    """Send the login form as a browser does."""
    return client.post("/accounts/login/", {"username": username, "password": password, **data})


def link_of(message: Message) -> str:
    """Return the path of the one-time link in a mail."""
    found = LINK.search(message.text)
    assert found is not None
    return found.group(1)


def choose(client: Client, link: str, password: str, again: str = "") -> object:
    """Open a one-time link and send its form."""
    form = client.get(link, follow=True)
    return client.post(form.request["PATH_INFO"], {"new_password1": password, "new_password2": again or password})
