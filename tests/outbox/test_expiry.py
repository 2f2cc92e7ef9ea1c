"""Old mails go after their time; what still waits or failed stays."""

from datetime import timedelta

import pytest
from django.utils import timezone

from personnel_portal.home.tasks import tidy
from personnel_portal.outbox.actions import enqueue, expire
from personnel_portal.outbox.choices import State
from personnel_portal.outbox.models import Message

pytestmark = pytest.mark.django_db


def test_sent_mails_go_after_a_year() -> None:
    now = timezone.now()
    for number, state in enumerate([State.SENT, State.CANCELLED, State.QUEUED, State.SENT]):
        mail = enqueue(
            to="a@example.org",
            name="甲",
            subject=str(number),
            text="內文",
            attachments=[("a.ics", "text/calendar", b"x")],
        )
        age = timedelta(days=400 if number < 3 else 300)
        sent_at = now - age if state == State.SENT else None
        Message.objects.filter(pk=mail.pk).update(state=state, sent_at=sent_at, created_at=now - age)
    assert expire(now=now) == 2
    assert list(Message.objects.order_by("pk").values_list("subject", flat=True)) == ["2", "3"]
    tidy()
    assert Message.objects.count() == 2
