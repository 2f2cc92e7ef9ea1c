"""The catalogue of systems, the list of WebHR's sub-systems, and the year's training sessions."""

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Max

from districts.models import Agency, Plan
from districts.standing import standing
from kpi import mails
from kpi.choices import Catalogued
from kpi.models import SubItem, Subsystem, System, UsageTraining
from personnel_portal.accounts.models import User
from personnel_portal.trail.actions import record


@transaction.atomic
def propose_system(*, system: System, agency: Agency | None, by: User) -> System:
    """Put a system forward for the catalogue (「等」): an agency's waits for the office, the office's own is listed.

    Raises:
        ValidationError: the sub-item has one of that name, or an agency gives no reason.
    """
    is_office = agency is None and standing(by).is_reviewer
    if not is_office and not system.reason:
        raise ValidationError({"reason": "請說明建議列入的理由與用途。"})
    system.state = Catalogued.LISTED if is_office else Catalogued.PROPOSED
    system.proposed_by = None if is_office else agency
    last = System.objects.filter(sub_item=system.sub_item).aggregate(last=Max("order"))["last"] or 0
    system.order = last + 1
    _save(system)
    _note("system.listed" if is_office else "system.proposed", system, by=by)
    if not is_office:
        mails.system_proposed(system)
    return system


@transaction.atomic
def decide_system(*, system: System, accept: bool, reason: str, since: date | None, by: User) -> System:
    """Take a proposed system on, or refuse it with a reason.

    Raises:
        ValidationError: it was decided before, or is refused without a reason.
    """
    found = System.objects.select_for_update(of=("self",)).select_related("sub_item", "proposed_by")
    fresh: System = found.get(pk=system.pk)
    if fresh.state != Catalogued.PROPOSED:
        raise ValidationError(f"這項建議已審查為「{fresh.get_state_display()}」。")
    if not accept and not reason.strip():
        raise ValidationError({"reason": "請說明不列入的理由。"})
    fresh.state = Catalogued.LISTED if accept else Catalogued.REFUSED
    fresh.since = since if accept else None
    fresh.reason = reason.strip() or fresh.reason
    fresh.save()
    _note("system.decided", fresh, by=by, result=fresh.get_state_display(), reason=reason.strip())
    mails.system_decided(fresh)
    return fresh


@transaction.atomic
def change_system(*, system: System, by: User) -> System:
    """Change a listed system, retire it on a day, or mark it as the same as another.

    Raises:
        ValidationError: the sub-item has another of that name, or it is to be the same as itself.
    """
    if system.same_as_id == system.pk:
        raise ValidationError({"same_as": "系統不能視同自己。"})
    _save(system)
    retired = system.retired_on.isoformat() if system.retired_on else ""
    _note("system.changed", system, by=by, retired_on=retired, same_as=str(system.same_as or ""))
    return system


@transaction.atomic
def save_subsystem(*, subsystem: Subsystem, by: User) -> Subsystem:
    """Enter or change a sub-system of WebHR.

    Raises:
        ValidationError: there is another of that name.
    """
    if subsystem.pk is None and not subsystem.order:
        last = Subsystem.objects.filter(office=subsystem.office).aggregate(last=Max("order"))["last"] or 0
        subsystem.order = last + 1
    _save(subsystem)
    record("subsystem.saved", subsystem, by=by, office_id=subsystem.office_id, name=subsystem.name)
    return subsystem


@transaction.atomic
def add_training(*, plan: Plan, training: UsageTraining, by: User) -> UsageTraining:
    """Enter a session of system training (五).

    Raises:
        ValidationError: the day is outside the plan's period.
    """
    if not plan.covers(training.day):
        raise ValidationError({"day": "日期不在本計畫期間內。"})
    training.plan = plan
    training.save()
    record("usage_training.added", training, by=by, office_id=plan.office_id, title=training.title)
    return training


@transaction.atomic
def remove_training(*, training: UsageTraining, by: User) -> None:
    """Take back a session that was entered by mistake."""
    record("usage_training.removed", training, by=by, office_id=training.plan.office_id, title=training.title)
    training.delete()


def _save(row: System | Subsystem) -> None:
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        raise ValidationError({"name": f"清單中已有「{row.name}」。"})


def _note(act: str, system: System, *, by: User, **detail: Any) -> None:
    office_id = SubItem.objects.values_list("office", flat=True).get(pk=system.sub_item_id)
    record(act, system, by=by, office_id=office_id, name=system.name, **detail)
