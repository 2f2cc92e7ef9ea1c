"""Sending what is due: claim a few rows with a lease, send them over one connection, commit after each.

A mail leaves the queue only when the server said 250 and the row was committed. A worker that dies between the two
leaves one mail in doubt, which is sent again when its lease runs out; its Message-ID is the same both times.
"""

import logging
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import formataddr
from uuid import UUID, uuid4

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from personnel_portal.outbox.choices import State
from personnel_portal.outbox.faults import Fault, fault_of
from personnel_portal.outbox.models import Message

logger = logging.getLogger(__name__)

BATCH = 20
# Longer than one mail may take: some ten answers of the server, EMAIL_TIMEOUT seconds each.
LEASE = timedelta(minutes=5)
# A round ends well before the task's time limit; the next sweep goes on.
ROUND = timedelta(minutes=4)
# With these pauses the last attempt comes some 56 hours after the first: a server may be away for a weekend.
MAX_ATTEMPTS = 18
FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=6)


def deliver(*, batch: int = BATCH) -> int:
    """Send all that is due and return how many mails the server took.

    The round ends early when the server cannot be reached (the next sweep tries again, so that a dead server costs
    one attempt a minute and not one for every mail), and when another worker has taken over the claimed rows.
    """
    end = timezone.now() + ROUND
    line, sent, going_on = _Line(), 0, True
    try:
        while going_on and timezone.now() < end and (claimed := claim(batch=batch, now=timezone.now())):
            token, messages = claimed
            try:
                for message in messages:
                    going_on = _hold(message, token)
                    if not going_on:
                        break
                    took, going_on = _attempt(message, token, line)
                    sent += took
                    if not going_on:
                        break
            finally:
                release(token, messages)
    finally:
        line.close()
    return sent


def claim(*, batch: int, now: datetime) -> tuple[UUID, list[Message]] | None:
    """Take up to `batch` due mails for `LEASE`, the longest waiting first, what another worker left behind after what
    waits; None when nothing is due.

    No two workers get the same row: rows that another one is claiming are skipped where the database has row locks,
    and elsewhere the write transaction keeps the other one out.
    """
    token = uuid4()
    ids: list[int] = []
    with transaction.atomic():
        # One after the other, each in the order of its index: together all that is due would be read for every batch.
        for due in (Message.objects.ripe(now), Message.objects.left_behind(now)):
            ids += due.select_for_update(skip_locked=True).values_list("pk", flat=True)[: batch - len(ids)]
        if not ids:
            return None
        Message.objects.due(now).filter(pk__in=ids).update(
            state=State.SENDING, claimed_by=token, claimed_until=now + LEASE
        )
    held = Message.objects.held_by(token).filter(pk__in=ids).order_by("send_after", "id")
    return token, list(held.prefetch_related("attachments"))


def release(token: UUID, messages: Iterable[Message]) -> int:
    """Put back those of the mails that the worker still holds, not having tried them; return how many."""
    held = Message.objects.held_by(token).filter(pk__in=[message.pk for message in messages])
    return held.update(state=State.QUEUED, claimed_by=None, claimed_until=None)


def pause_after(attempts: int, pk: int) -> timedelta:
    """Return how long a mail waits after its n-th failed attempt: one minute, doubled each time up to six hours.

    Up to a quarter is added, by the row and not by chance, so that mails that failed together come back spread out.
    """
    pause = min(FIRST_PAUSE * 2.0 ** (attempts - 1), LONGEST_PAUSE)
    return pause + pause * (pk % 16) / 64


@dataclass
class _Line:
    """The connection to the mail server, opened when first needed and kept for the whole round."""

    backend: BaseEmailBackend | None = field(default=None)

    def open(self) -> BaseEmailBackend:
        if self.backend is None:
            self.backend = get_connection()
            self.backend.open()
        return self.backend

    def close(self) -> None:
        backend, self.backend = self.backend, None
        if backend is not None:
            with suppress(OSError):  # smtplib's errors are of this kind too; the line is given up either way
                backend.close()


def _attempt(message: Message, token: UUID, line: _Line) -> tuple[bool, bool]:
    """Try one held mail; tell whether the server took it and whether the round may go on."""
    if message.attempts >= MAX_ATTEMPTS:
        _fail(message, token, message.last_error or "多次寄送都在中途中斷，沒有得到郵件伺服器的回覆。")
        return False, True
    message.attempts += 1
    try:
        backend = line.open()
    except OSError as error:
        line.close()
        _retry(message, token, f"無法連上郵件伺服器：{error}")
        return False, False
    try:
        backend.send_messages([_mail(message, backend)])
    except Exception as error:
        fault = fault_of(error)
        if fault is None:
            logger.exception("Mail %d could not be sent.", message.pk)
            fault = Fault(f"寄送時發生未預期的錯誤：{error!r}", permanent=False, line_lost=True)
        if fault.line_lost:
            line.close()
        (_fail if fault.permanent else _retry)(message, token, fault.words)
        return False, True
    _sent(message)
    return True, True


def _mail(message: Message, backend: BaseEmailBackend) -> EmailMultiAlternatives:
    mail = EmailMultiAlternatives(
        subject=message.subject,
        body=message.text,
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[formataddr((message.to_name, message.to))],
        connection=backend,
        headers={
            "Message-ID": message.message_id,
            # So that no out-of-office reply answers a machine.
            "Auto-Submitted": "auto-generated",
        },
    )
    if message.html:
        mail.attach_alternative(message.html, "text/html")
    for file in message.attachments.all():
        mail.attach(file.name, bytes(file.content), file.mime)
    return mail


def _hold(message: Message, token: UUID) -> bool:
    """Count the attempt and renew the lease before the mail goes out; False when another worker holds the row."""
    held = Message.objects.held_by(token).filter(pk=message.pk)
    if held.update(attempts=F("attempts") + 1, claimed_until=timezone.now() + LEASE):
        return True
    logger.warning("The lease on mail %d was lost; this worker stops.", message.pk)
    return False


def _sent(message: Message) -> None:
    # Not bound to the claim: the server has the mail, so whoever holds the row by now must not send it again.
    Message.objects.filter(pk=message.pk, state__in=[State.SENDING, State.QUEUED]).update(
        state=State.SENT, sent_at=timezone.now(), last_error="", claimed_by=None, claimed_until=None
    )
    logger.info("Mail %d was sent.", message.pk)


def _retry(message: Message, token: UUID, words: str) -> None:
    if message.attempts >= MAX_ATTEMPTS:
        _fail(message, token, words)
        return
    Message.objects.held_by(token).filter(pk=message.pk).update(
        state=State.QUEUED,
        send_after=timezone.now() + pause_after(message.attempts, message.pk),
        last_error=words,
        claimed_by=None,
        claimed_until=None,
    )
    logger.warning("Mail %d is tried again later: %s", message.pk, words)


def _fail(message: Message, token: UUID, words: str) -> None:
    Message.objects.held_by(token).filter(pk=message.pk).update(
        state=State.FAILED, last_error=words, claimed_by=None, claimed_until=None
    )
    logger.error("Mail %d failed: %s", message.pk, words)
