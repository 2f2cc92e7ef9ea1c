"""The outbox in the administration: send again, cancel, and a sentence for each mail that was left."""

import pytest
from django.test import Client
from django.urls import reverse

from personnel_portal.accounts.models import User
from personnel_portal.outbox.choices import State
from personnel_portal.outbox.models import Message
from personnel_portal.trail.models import Entry
from tests.outbox.conftest import Post

LIST = reverse("admin:outbox_message_changelist")


@pytest.fixture
def officer(db: None, client: Client) -> User:
    user: User = User.objects.create_superuser("root", name="管理者", must_change_password=False)
    client.force_login(user)
    return user


def test_chosen_mails_are_sent_again(officer: User, client: Client, post: Post) -> None:
    failed, queued = post(), post(subject="另一封")
    Message.objects.filter(pk=failed.pk).update(state=State.FAILED, last_error="550 no such mailbox")
    assert "550 no such mailbox" in client.get(LIST).content.decode()
    page = client.post(LIST, {"action": "resend", "_selected_action": [failed.pk, queued.pk]}, follow=True)
    failed.refresh_from_db()
    assert failed.state == State.QUEUED
    assert [str(message) for message in page.context["messages"]] == [
        "「另一封」待寄，不必重寄。",
        "已排入重新寄送：1 封。",
    ]
    assert Entry.objects.get(act="mail.resent").actor == officer


def test_chosen_mails_are_cancelled(officer: User, client: Client, post: Post) -> None:
    mail = post(attachments=[("a.ics", "text/calendar", b"")])
    assert client.get(reverse("admin:outbox_message_change", args=[mail.pk])).status_code == 200
    client.post(LIST, {"action": "cancel", "_selected_action": [mail.pk]})
    mail.refresh_from_db()
    assert mail.state == State.CANCELLED
    assert client.get(reverse("admin:outbox_message_add")).status_code == 403
