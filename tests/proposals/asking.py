"""What the tests of proposals ask of a page, an item and the outbox."""

from typing import Any

from personnel_portal.outbox.models import Message
from proposals.models import Case, Proposal


def told(answer: Any) -> list[str]:
    """Return the messages of a page."""
    return [str(message) for message in answer.context["messages"]]


def state(item: Case | Proposal) -> str:
    """Return where an item stands now."""
    item.refresh_from_db()
    return str(item.state)


def mailed() -> list[tuple[str, str]]:
    """Return address and subject of every mail in the outbox."""
    return sorted(Message.objects.values_list("to", "subject"))
