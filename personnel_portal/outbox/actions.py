"""Writing the outbox: enqueue, cancel, resend."""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone

from personnel_portal.outbox import wake
from personnel_portal.outbox.choices import State
from personnel_portal.outbox.models import Attachment, Message
from personnel_portal.trail.actions import record

# A line break in a header begins another header; a NUL or half a surrogate pair cannot be stored.
_NOT_IN_A_HEADER = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
_NOT_IN_A_TEXT = re.compile(r"[\x00\ud800-\udfff]")
_WRITTEN = 500  # mails of one statement
LONGEST_ADDRESS = 254  # RFC 3696, erratum 1690


def enqueue(
    *,
    to: str,
    name: str,
    subject: str,
    text: str,
    html: str = "",
    key: str = "",
    sender: str = "",
    send_after: datetime | None = None,
    attachments: Iterable[tuple[str, str, bytes]] = (),
) -> Message:
    """Put one mail into the outbox, in the caller's transaction; the worker is woken after the commit.

    Args:
        to, name: address and name of the receiver. An invalid address gives a failed row that says so.
        key: names the mail's occasion. A second mail of the same key is not written; the first, whatever became of
            it, is returned.
        sender: the scope that the mail belongs to, such as `office:1`.
        send_after: not before this time; now when it is left out.
        attachments: (file name, MIME type, content) each.
    """
    values = _values(to=to, name=name, subject=subject, text=text, html=html, sender=sender, send_after=send_after)
    with transaction.atomic():
        if key:
            message, created = Message.objects.get_or_create(key=key, defaults=values)
        else:
            message, created = Message.objects.create(**values), True
        if created:
            Attachment.objects.bulk_create(
                Attachment(message=message, name=_line(file)[:120], mime=_line(mime)[:100], content=content)
                for file, mime, content in attachments
            )
            _wake_for([message])
    return message


def enqueue_all(mails: Iterable[Mapping[str, Any]]) -> int:
    """Put many mails into the outbox in a few queries, in the caller's transaction; return how many are new.

    Args:
        mails: the arguments of `enqueue` for each, without attachments.
    """
    rows = _rows(mails)
    with transaction.atomic():
        keys = [row.key for row in rows if row.key]
        known = set(Message.objects.filter(key__in=keys).values_list("key", flat=True)) if keys else set()
        new = [row for row in rows if row.key not in known]
        # Somebody else may write the same key at this very moment; the first one stays, as in `enqueue`.
        Message.objects.bulk_create(new, batch_size=_WRITTEN, ignore_conflicts=True)
        _wake_for(new)
    return len(new)


def enqueue_new(mails: Iterable[Mapping[str, Any]]) -> list[Message]:
    """Put many mails into the outbox in a few queries, in the caller's transaction; return them in their order.

    Args:
        mails: as for `enqueue_all`.

    Raises:
        IntegrityError: a mail of one of the keys is there already; none is written.
    """
    with transaction.atomic():
        rows = Message.objects.bulk_create(_rows(mails), batch_size=_WRITTEN)
        _wake_for(rows)
    return rows


def _rows(mails: Iterable[Mapping[str, Any]]) -> list[Message]:
    return [
        Message(key=mail.get("key") or None, **_values(**{name: mail[name] for name in mail if name != "key"}))
        for mail in mails
    ]


def _wake_for(rows: Iterable[Message]) -> None:
    if any(row.state == State.QUEUED for row in rows):
        wake.after_commit("outbox.deliver")


def _values(
    *,
    to: str,
    name: str,
    subject: str,
    text: str,
    html: str = "",
    sender: str = "",
    send_after: datetime | None = None,
) -> dict[str, Any]:
    """Return the columns of a mail but its key, cleaned and cut to their lengths."""
    address = _line(to)
    fault = address_fault(address)
    return {
        "to": address[:LONGEST_ADDRESS],
        "to_name": _line(name)[:100],
        "subject": _line(subject)[:200],
        "text": _NOT_IN_A_TEXT.sub("\ufffd", text),
        "html": _NOT_IN_A_TEXT.sub("\ufffd", html),
        "sender": sender,
        "message_id": new_message_id(),
        "send_after": send_after or timezone.now(),
        "state": State.FAILED if fault else State.QUEUED,
        "last_error": fault,
    }


def cancel(*, keys: Iterable[str] = (), key_prefix: str = "", by: AbstractUser | None = None) -> int:
    """Cancel the queued mails that have one of the keys or whose key begins with the prefix; return how many.

    What is being sent or was sent cannot be called back.
    """
    with transaction.atomic():
        queued = Message.objects.keyed(keys, key_prefix).filter(state=State.QUEUED)
        return sum(_cancel(message, by) for message in queued.select_for_update())


def cancel_message(*, message: Message, by: AbstractUser) -> Message:
    """Cancel one queued mail.

    Raises:
        ValidationError: it is no longer queued.
    """
    with transaction.atomic():
        if not _cancel(message, by):
            message.refresh_from_db()
            raise ValidationError(f"「{message.subject}」{message.get_state_display()}，不能取消。")
        message.refresh_from_db()
    return message


def resend(*, message: Message, by: AbstractUser) -> Message:
    """Queue a mail that was sent, failed or was cancelled once more.

    A mail that was already sent gets a new Message-ID, or the receiver's server would take it for the old one.

    Raises:
        ValidationError: it is waiting or being sent already, or its address is invalid.
    """
    with transaction.atomic():
        message = Message.objects.select_for_update().get(pk=message.pk)
        if message.state in (State.QUEUED, State.SENDING):
            raise ValidationError(f"「{message.subject}」{message.get_state_display()}，不必重寄。")
        if fault := address_fault(message.to):
            raise ValidationError(fault)
        if message.state == State.SENT:
            message.message_id = new_message_id()
        before, message.state = message.state, State.QUEUED
        message.attempts, message.last_error, message.sent_at, message.send_after = 0, "", None, timezone.now()
        message.save()
        record("mail.resent", message, by=by, to=message.to, before=before)
        wake.after_commit("outbox.deliver")
    return message


def expire(*, now: datetime) -> int:
    """Remove the mails that were sent or cancelled more than `MAIL_KEEP_DAYS` ago; return how many."""
    before = now - timedelta(days=settings.MAIL_KEEP_DAYS)
    done = Message.objects.filter(state__in=[State.SENT, State.CANCELLED], created_at__lt=before)
    _, removed = done.delete()
    return removed.get(Message._meta.label, 0)


def address_fault(address: str) -> str:
    """Return the sentence that says why no mail can go to the address; empty when it can."""
    if not address:
        return "沒有收件地址。"
    try:
        validate_email(address if len(address) <= LONGEST_ADDRESS else "")
    except ValidationError:
        return f"「{address[:80]}」不是有效的電子郵件地址。"
    return ""


def new_message_id() -> str:
    """Return a Message-ID to be kept in the row: every attempt carries the same, so receivers can drop a twin."""
    return f"<{uuid4().hex}@{urlsplit(settings.PORTAL_URL).hostname or 'localhost'}>"


def _cancel(message: Message, by: AbstractUser | None) -> bool:
    # Conditional, since row locks do nothing on SQLite and a worker may just have claimed the row.
    if not Message.objects.filter(pk=message.pk, state=State.QUEUED).update(state=State.CANCELLED):
        return False
    if by is not None:
        record("mail.cancelled", message, by=by, to=message.to)
    return True


def _line(text: str) -> str:
    return _NOT_IN_A_HEADER.sub(" ", text).strip()
