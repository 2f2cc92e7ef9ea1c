"""Reads on accounts and deputies."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce, Greatest

if TYPE_CHECKING:
    from personnel_portal.accounts.models import Deputyship, User  # noqa: F401  # ruff does not see the base classes


class UserQuerySet(models.QuerySet["User"]):
    def idle_since(self, moment: datetime) -> Self:
        """Return active accounts that were last used, made or enabled before the moment; never a superuser's."""
        used = Greatest(Coalesce("last_login", "enabled_at"), F("enabled_at"))
        return self.filter(is_active=True, is_superuser=False).annotate(last_used=used).filter(last_used__lt=moment)

    def reached_at(self, mail: str) -> Self:
        """Return the active accounts with the mail address, in whatever case it was typed."""
        return self.filter(is_active=True, email__iexact=mail).order_by("pk")

    def review_due(self, day: date) -> Self:
        """Return the active accounts that nobody has reviewed since the day."""
        return self.filter(Q(reviewed_on__isnull=True) | Q(reviewed_on__lt=day), is_active=True)


class DeputyshipQuerySet(models.QuerySet["Deputyship"]):
    def on(self, day: date) -> Self:
        """Return those in effect on the day; both ends are included."""
        return self.standing().filter(since__lte=day, until__gte=day)

    def standing(self) -> Self:
        """Return those that nobody has ended before their time."""
        return self.filter(ended_at__isnull=True)

    def usable_by(self, deputy: "User", day: date) -> Self:
        """Return those under which the deputy may act on the day, with the absent person."""
        return self.on(day).filter(deputy=deputy, principal__is_active=True).select_related("principal")

    def not_over(self, day: date) -> Self:
        """Return those in effect on the day or later."""
        return self.standing().filter(until__gte=day)
