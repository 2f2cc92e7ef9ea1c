"""Reads on files that workers write."""

from datetime import datetime, timedelta
from typing import Any, Self

from django.db import models
from django.db.models import Q

ABANDONED = timedelta(minutes=15)  # longer than a task may run: its worker is gone
KEPT = timedelta(days=7)
UNFINISHED = Q(ready_at__isnull=True, problem="")


class DownloadQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any) -> Self:
        """Return one's own; those asked for on somebody's behalf only while one acts for that person."""
        return self.filter(user=user.pk, acting_for=getattr(user, "acting_for", None))

    def waiting(self, now: datetime) -> Self:
        """Return what nobody has begun to write, or whose worker is gone."""
        free = Q(claimed_at__isnull=True) | Q(claimed_at__lt=now - ABANDONED)
        return self.unfinished().filter(free).order_by("pk")

    def unfinished(self) -> Self:
        return self.filter(UNFINISHED)

    def expired(self, now: datetime) -> Self:
        """Return what has been there for a week."""
        return self.filter(asked_at__lt=now - KEPT)
