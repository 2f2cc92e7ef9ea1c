"""Reading the outbox."""

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Self
from uuid import UUID

from django.db import models
from django.db.models import Q

from personnel_portal.outbox.choices import State

if TYPE_CHECKING:
    from personnel_portal.outbox.models import Message  # noqa: F401  # ruff does not see it inside the base class


class MessageQuerySet(models.QuerySet["Message"]):
    def due(self, now: datetime) -> Self:
        """Return what is to be sent now: queued and ripe, or left behind by a worker whose lease ran out."""
        return self.filter(Q(state=State.QUEUED, send_after__lte=now) | Q(state=State.SENDING, claimed_until__lte=now))

    def ripe(self, now: datetime) -> Self:
        """Return the queued ones that are to be sent now, the longest waiting first."""
        return self.filter(state=State.QUEUED, send_after__lte=now).order_by("send_after", "id")

    def left_behind(self, now: datetime) -> Self:
        """Return those of a worker whose lease ran out, the longest waiting first."""
        return self.filter(state=State.SENDING, claimed_until__lte=now).order_by("claimed_until", "id")

    def held_by(self, claim: UUID) -> Self:
        """Return what one worker has claimed and not yet dealt with.

        Who asks names the rows: by their keys they are found at once, while the index of what is being sent is full of
        rows that no longer are. A claimed row is being sent, as a constraint says.
        """
        return self.filter(claimed_by=claim)

    def from_sender(self, sender: str) -> Self:
        """Return the mails of one sending scope, such as `office:1`."""
        return self.filter(sender=sender)

    def keyed(self, keys: Iterable[str] = (), prefix: str = "") -> Self:
        """Return the mails that have one of the keys, or whose key begins with the prefix."""
        wanted = Q(key__in=list(keys))
        return self.filter(wanted | Q(key__startswith=prefix) if prefix else wanted)
