"""Reads on what the portal remembers of duties; the duties themselves are computed."""

from datetime import date
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Q

from districts.standing import standing

if TYPE_CHECKING:
    from personnel_portal.duties.models import FeedToken, Relief  # noqa: F401  # ruff does not see the base classes


class ReliefQuerySet(models.QuerySet["Relief"]):
    def visible_to(self, user: Any) -> Self:
        mine = standing(user)
        reliefs = self.filter(plan__office=mine.office_id)
        return reliefs if mine.is_office else reliefs.filter(agency__in=mine.reads_for)

    def on(self, day: date) -> Self:
        """Return those in effect on the day; a withdrawn or expired one has none."""
        return self.filter(Q(expires_on__isnull=True) | Q(expires_on__gte=day), withdrawn_at__isnull=True)


class FeedTokenQuerySet(models.QuerySet["FeedToken"]):
    def live(self) -> Self:
        return self.filter(revoked_at__isnull=True, user__is_active=True)
