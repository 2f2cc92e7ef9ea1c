"""What the outbox's tests share: a mail, and this process's mail going to the real SMTP server."""

from collections.abc import Callable
from typing import Any

import pytest
from pytest_django import Settings

from personnel_portal.outbox.actions import enqueue
from personnel_portal.outbox.models import Message
from tests.services import Mailbox

Post = Callable[..., Message]


@pytest.fixture
def post() -> Post:
    """Put a mail into the outbox; every value has a default."""

    def post(**values: Any) -> Message:
        default = {"to": "wang@example.com", "name": "王小明", "subject": "會議紀錄已備查", "text": "您好："}
        return enqueue(**(default | values))

    return post


@pytest.fixture
def mailbox(smtp: Mailbox, settings: Settings) -> Mailbox:
    """The SMTP server that `deliver`, called in this process, sends to; an answer may take a second."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", smtp.port, 1
    return smtp
