"""Reading the trail. The rows are append-only: the writes that Django offers are refused here."""

from datetime import datetime
from typing import TYPE_CHECKING, Any, NoReturn, Self

from django.contrib.contenttypes.models import ContentType
from django.db import models

if TYPE_CHECKING:
    from personnel_portal.trail.models import Entry  # noqa: F401  # ruff does not see it inside the base class


LOOKED_BACK = 500  # entries; no transaction stays open while so many others are written


class AppendOnlyError(TypeError):
    """Somebody tried to change or remove a row of the audit trail."""


class EntryQuerySet(models.QuerySet["Entry"]):
    def for_target(self, target: models.Model) -> Self:
        """Return what was done to one object, newest first."""
        kind = ContentType.objects.get_for_model(target)
        return self.filter(target_type=kind, target_id=str(target.pk)).order_by("-id")

    def in_office(self, office_id: int) -> Self:
        """Return the entries that concern one office."""
        return self.filter(office_id=office_id)

    def sealed(self) -> Self:
        """Return the entries that stand in the chain, in its order."""
        return self.filter(position__isnull=False).order_by("position")

    def unsealed(self) -> Self:
        """Return the entries that wait for the sealer, oldest first."""
        return self.filter(position__isnull=True).order_by("id")

    def before(self, moment: datetime) -> Self:
        """Return the entries written before a moment."""
        return self.filter(at__lt=moment)

    def mark(self) -> tuple[int | None, int | None]:
        """Return what tells the trail as it stands now from any other moment, of all acts that anybody may have seen.

        The sum of the last keys, and not the last key alone: an entry may be committed after one that has a later key.
        """
        last = self.order_by("-id")[:LOOKED_BACK].aggregate(models.Max("id"), models.Sum("id"))
        return last["id__max"], last["id__sum"]

    def update(self, **kwargs: Any) -> NoReturn:
        raise AppendOnlyError("Entries of the audit trail are never changed.")

    def delete(self) -> NoReturn:
        raise AppendOnlyError("Entries of the audit trail are removed by `trail.actions.expire` alone.")
