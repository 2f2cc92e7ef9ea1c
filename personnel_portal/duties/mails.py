"""The mails about duties, a function each."""

from datetime import date
from typing import Any

from districts.models import Closure
from personnel_portal.duties.board import lines
from personnel_portal.duties.reminders import Digest
from personnel_portal.outbox.letters import post, written
from personnel_portal.outbox.models import Message


def digest(letter: Digest, today: date) -> list[dict[str, Any]]:
    """Write the mails with the day's reminders of one person, the person's own first; there is one a day."""
    office_id = letter.items[0].plan.office_id
    return [
        written(
            "duties/mail/digest",
            {
                "lines": lines([item.duty for item in letter.items], today),
                "first": letter.items[0].duty,
                "absent": letter.person.name if address != letter.person.mail else "",
            },
            to=address,
            to_name=name,
            key=digest_key(letter.person.pk, today, address),
            sender=f"office:{office_id}",
        )
        for address, name in letter.addresses.items()
    ]


def digest_key(person_id: int, today: date, address: str) -> str:
    """Return the dedupe key of a person's digest of a day: there is one a day."""
    return f"digest:{today}:{person_id}:{address}"[:200]


def by_hand(letter: Digest, today: date, number: int) -> Message:
    """Mail a reminder that the office sends by hand (立即提醒); `number` says the how-manieth it is."""
    item = letter.items[0]
    messages = [
        post(
            "duties/mail/by_hand",
            {"lines": lines([item.duty], today), "first": item.duty, "number": number},
            to=address,
            to_name=name,
            sender=f"office:{item.plan.office_id}",
        )
        for address, name in letter.addresses.items()
    ]
    return messages[0]


def closed(letter: Digest, closure: Closure, today: date) -> Message:
    """Mail one person which deadlines a closure (停止上班) has moved."""
    return post(
        "duties/mail/closed",
        {"lines": lines([item.duty for item in letter.items], today), "closure": closure},
        to=letter.person.mail,
        to_name=letter.person.name,
        key=f"closure:{closure.pk}:{letter.person.pk}",
        sender=f"office:{closure.office_id}",
    )
