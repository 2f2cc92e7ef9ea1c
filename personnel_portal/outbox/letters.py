"""From three templates to one mail in the outbox: `<name>.subject.txt`, `<name>.txt` and `<name>.html`."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.html import escape

from personnel_portal.outbox.actions import enqueue, enqueue_all
from personnel_portal.outbox.models import Message


def written(name: str, context: Mapping[str, Any], *, to: str, to_name: str, **others: object) -> dict[str, Any]:
    """Render the three templates of a mail; return it as the outbox takes it.

    Args:
        name: path of the templates without their endings, such as `duties/mail/digest`.
        context: what the templates show; `portal_url` and `to_name` are added.
        to, to_name: address and name of the receiver.
        **others: key, sender and what else `outbox.actions.enqueue` takes.
    """
    values = {"portal_url": settings.PORTAL_URL, "to_name": to_name, **context}
    return {
        "to": to,
        "name": to_name,
        "subject": render_to_string(f"{name}.subject.txt", values).strip(),
        "text": render_to_string(f"{name}.txt", values),
        "html": render_to_string(f"{name}.html", values),
        **others,
    }


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
        name, context, to, to_name: as in `written`.
        key, sender, send_after, attachments: as in `outbox.actions.enqueue`.
    """
    others = {"key": key, "sender": sender, "send_after": send_after, "attachments": attachments}
    return enqueue(**written(name, context, to=to, to_name=to_name, **others))


# Stands for the name while the templates are rendered; no keyboard types it, and no escaping changes it.
_NAME = "\ue000"


def post_all(name: str, context: Mapping[str, Any], *, to: Mapping[str, str], key: str = "", sender: str = "") -> int:
    """Render the three templates once and put a mail for each address into the outbox; return how many are new.

    Args:
        name, context, sender: as in `post`; the mails differ in nothing but `to_name`, which the templates only show.
        to: address → name.
        key: what the key of each mail begins with; its address follows.
    """
    values = {"portal_url": settings.PORTAL_URL, "to_name": _NAME, **context}
    subject = render_to_string(f"{name}.subject.txt", values).strip()
    text, html = render_to_string(f"{name}.txt", values), render_to_string(f"{name}.html", values)
    return enqueue_all(
        {
            "to": address,
            "name": person,
            "subject": subject.replace(_NAME, person),
            "text": text.replace(_NAME, person),
            "html": html.replace(_NAME, escape(person)),
            "key": f"{key}{address}"[:200] if key else "",
            "sender": sender,
        }
        for address, person in to.items()
    )
