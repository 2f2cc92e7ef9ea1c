"""What the tests in a real browser share: people who are logged in, what a page told them, the mails that came."""

import re
from collections.abc import Callable
from email.message import EmailMessage
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from playwright.sync_api import BrowserContext, Page, expect

from tests.services import Mailbox, wait_until

Enter = Callable[[Any], Page]


def enter(context: BrowserContext, address: str, user: Any) -> Page:
    """Open a page that is logged in already; the login form has its test in the main job."""
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    name = settings.SESSION_COOKIE_NAME
    context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": address}])
    return context.new_page()


def told(page: Page, sentence: str) -> None:
    """Expect the page to say that something was done."""
    expect(page.get_by_role("status").filter(has_text=sentence).first).to_be_visible()


def of(word: str, subject: str) -> re.Pattern[str]:
    """Return the name of a button or link that says in words for the eye, and then for the ear, what it is about."""
    return re.compile(rf"^{word}\s*：{re.escape(subject)}")


def accessible(page: Page, axe: Axe) -> None:
    """Expect axe to find nothing on the page as it stands."""
    found = axe.run(page).response["violations"]
    assert [(hit["id"], [node["target"] for node in hit["nodes"]]) for hit in found] == []


def mailed(smtp: Mailbox, user: Any, words: str) -> None:
    """Wait until a mail with these words in its subject reached the person."""
    wait_until(lambda: any(words in subject_of(mail) for mail in smtp.to(user.email)), what=f"{words} to {user.email}")


def subject_of(message: EmailMessage) -> str:
    """Return the subject; a folded header keeps the blank of its first line."""
    return str(message["Subject"]).strip()
