"""Reminders, in a process of their own: planned, delivered by the portal, and by a bare loop."""

import smtplib
import time
from collections.abc import Sequence
from datetime import timedelta
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any

from django.conf import settings
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from districts.models import Office
from personnel_portal.duties import actions
from personnel_portal.outbox import delivery
from personnel_portal.outbox.actions import enqueue_all
from personnel_portal.outbox.choices import State
from personnel_portal.outbox.models import Message
from tests.bench.visits import Count

_NAMES = ("to", "name", "subject", "text", "html")


def plan(most: int) -> tuple[float, int, int]:
    """Let one office after another plan the reminders of today, until there are so many; return seconds, mails, queries."""
    reverse("admin:index")  # a worker has read the addresses long ago
    counted, today, planned = Count(), timezone.localdate(), 0
    begun = time.perf_counter()
    with connection.execute_wrapper(counted):
        for office in Office.objects.filter(code__startswith="county").order_by("pk"):
            planned += actions.send_reminders(office=office, today=today)
            if planned >= most:
                break
    return time.perf_counter() - begun, planned, counted.queries


def hold(count: int) -> None:
    """Keep so many mails for later: of those that wait, and copies of them where they are not enough."""
    waiting = Message.objects.filter(state=State.QUEUED).order_by("pk")
    copy(count - waiting.count())
    waiting.exclude(pk__in=list(waiting.values_list("pk", flat=True)[:count])).delete()
    waiting.update(send_after=timezone.now() + timedelta(days=1))


def copy(count: int) -> list[int]:
    """Write so many more mails like those that are there, to be sent tomorrow; return their keys."""
    if count <= 0:
        return []
    known = list(Message.objects.order_by("pk").values_list("to", "to_name", "subject", "text", "html")[:500])
    after, last = timezone.now() + timedelta(days=1), Message.objects.order_by("-pk")[0].pk
    enqueue_all(
        {**dict(zip(_NAMES, known[number % len(known)], strict=True)), "send_after": after} for number in range(count)
    )
    return list(Message.objects.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True))


def ripen(count: int) -> None:
    """Let the first of those that wait be due."""
    waiting = Message.objects.filter(state=State.QUEUED).order_by("pk").values_list("pk", flat=True)
    Message.objects.filter(pk__in=list(waiting[:count])).update(send_after=timezone.now())


def deliver() -> tuple[float, int]:
    """Deliver what is due, as one worker does; return seconds and mails."""
    begun = time.perf_counter()
    sent = delivery.deliver()
    return time.perf_counter() - begun, sent


def bare(keys: Sequence[int]) -> float:
    """Send mails in one loop: a row, a message, a commit; return the seconds."""
    begun = time.perf_counter()
    with smtplib.SMTP(settings.EMAIL_HOST, settings.EMAIL_PORT) as server:
        for message in Message.objects.filter(pk__in=keys).iterator(chunk_size=500):
            server.send_message(_mail(message))
            Message.objects.filter(pk=message.pk).update(state=State.SENT, sent_at=timezone.now())
    return time.perf_counter() - begun


def _mail(message: Any) -> EmailMessage:
    mail = EmailMessage(policy=SMTP)
    mail["Subject"], mail["From"], mail["To"] = message.subject, settings.DEFAULT_FROM_EMAIL, message.to
    mail["Message-ID"] = message.message_id
    mail.set_content(message.text)
    mail.add_alternative(message.html, subtype="html")
    return mail


def unsent() -> int:
    """Return how many mails are not marked as sent."""
    return Message.objects.exclude(state=State.SENT).count()
