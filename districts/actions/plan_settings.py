"""Editing a plan: its settings, letters, deadlines, and the confirmation of its readings."""

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction

from districts.models import Deadline, Plan, PlanVersion, Reading
from personnel_portal import roc
from personnel_portal.accounts.models import User
from personnel_portal.trail.actions import record


@transaction.atomic
def save_plan(*, plan: Plan, by: User) -> Plan:
    """Save the changed settings of a plan.

    Raises:
        ValidationError: memberships would lie outside the period.
    """
    outside = plan.memberships.exclude(since__gte=plan.starts, until__lte=plan.ends)
    if outside.exists():
        raise ValidationError("分區成員的起訖日超出新的計畫期間，請先調整成員。")
    changes = _changes(Plan.objects.get(pk=plan.pk), plan)
    plan.save()
    record("plan.changed", plan, by=by, office_id=plan.office_id, changes=changes)
    return plan


@transaction.atomic
def add_version(*, version: PlanVersion, by: User) -> PlanVersion:
    """Enter a letter that approved or amended the plan."""
    version.save()
    record("plan.version_added", version, by=by, office_id=version.plan.office_id, number=version.number)
    return version


@transaction.atomic
def remove_version(*, version: PlanVersion, by: User) -> None:
    """Take back a letter that was entered by mistake."""
    record("plan.version_removed", version, by=by, office_id=version.plan.office_id, number=version.number)
    version.delete()


@transaction.atomic
def save_deadline(*, deadline: Deadline, by: User) -> Deadline:
    """Save a changed deadline; every duty that stands on it moves at once."""
    changes = _changes(Deadline.objects.get(pk=deadline.pk), deadline)
    deadline.save()
    record("deadline.changed", deadline, by=by, office_id=deadline.plan.office_id, changes=changes)
    return deadline


@transaction.atomic
def confirm_reading(*, reading: Reading, on: date, by: User) -> Reading:
    """Note that the office stands by a chosen reading.

    Raises:
        ValidationError: it is confirmed already.
    """
    # Conditional: of two people who confirm it at once, the second is told.
    if not Reading.objects.filter(pk=reading.pk, confirmed_on=None).update(confirmed_on=on, confirmed_by=by):
        reading.refresh_from_db()
        raise ValidationError(f"此解釋已於 {roc.short(reading.confirmed_on or on)} 確認。")
    reading.refresh_from_db()
    record("reading.confirmed", reading, by=by, office_id=reading.plan.office_id, on=on.isoformat())
    return reading


def _changes(before: models.Model, after: models.Model) -> dict[str, list[Any]]:
    """Return what changes, by the fields' names: [before, after] as text."""
    pairs = {
        str(f.verbose_name): (getattr(before, f.attname), getattr(after, f.attname))
        for f in before._meta.concrete_fields
    }
    return {name: [str(old), str(new)] for name, (old, new) in pairs.items() if old != new}
