"""From three templates to one mail in the outbox: `<name>.subject.txt`, `<name>.txt` and `<name>.html`."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string

from personnel_portal.outbox.actions import enqueue
from personnel_portal.outbox.models import Message


def post(
    name: str,
    context: Mapping[str, Any],
    *,
    to: str,
    to_name: str,
    key: str = "",
    sender: str = "",
    send_after: datetime | None = None,
    attachments: Iterable[tuple[str, str, bytes]] = (),
) -> Message:
    """Render the three templates of a mail and put it into the outbox, in the caller's transaction.

    Args:
        name: path of the templates without their endings, such as `duties/mail/digest`.
        context: what the templates show; `portal_url` and `to_name` are added.
        to, to_name, key, sender, send_after, attachments: as in `outbox.actions.enqueue`.
    """
    values = {"portal_url": settings.PORTAL_URL, "to_name": to_name, **context}
    return enqueue(
        to=to,
        name=to_name,
        subject=render_to_string(f"{name}.subject.txt", values).strip(),
        text=render_to_string(f"{name}.txt", values),
        html=render_to_string(f"{name}.html", values),
        key=key,
        sender=sender,
        send_after=send_after,
        attachments=attachments,
    )
