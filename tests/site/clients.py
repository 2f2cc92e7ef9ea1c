"""Asking the portal as a person."""

import time
from typing import Any

from django.test import Client

from personnel_portal.accounts.middleware import IdleMiddleware
from personnel_portal.accounts.models import User


def logged_in(user: User | None, **options: Any) -> Client:
    """Return a browser in which the person is logged in; without a person, one in which nobody is.

    The idle logout was just put off, so that the first page writes no more than the next.
    """
    client = Client(**options)
    if user is not None:
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        session = client.session
        session[IdleMiddleware.KEY] = int(time.time())
        session.save()
    return client


def status(response: Any) -> int:
    """Return the status of an answer, having read it: a file is closed by whoever has read it to its end."""
    if response.streaming:
        response.getvalue()
    code: int = response.status_code
    return code
