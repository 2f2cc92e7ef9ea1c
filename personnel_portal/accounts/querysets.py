"""Reads on accounts."""

from datetime import date, datetime

from django.db import models
from django.db.models.functions import Coalesce


class UserQuerySet(models.QuerySet["User"]):  # type: ignore[name-defined]  # the model stands above its queryset
    def idle_since(self, moment: datetime) -> "UserQuerySet":
        """Return active accounts that were last used, or made, before the moment."""
        return self.filter(is_active=True, is_superuser=False).annotate(
            last_used=Coalesce("last_login", "date_joined")
        ).filter(last_used__lt=moment)


class DeputyshipQuerySet(models.QuerySet["Deputyship"]):  # type: ignore[name-defined]  # as above
    def on(self, day: date) -> "DeputyshipQuerySet":
        """Return those in effect on the day; both ends are included."""
        return self.filter(since__lte=day, until__gte=day)
