"""The agenda: its items, their order, and what was resolved."""

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max, ProtectedError

from meetings.actions.meetings import refuse_locked
from meetings.actions.shown import Shown, refuse_overwriting
from meetings.models import AgendaItem, Meeting
from personnel_portal.accounts.models import User
from personnel_portal.trail.actions import record
from personnel_portal.trail.models import Entry


@transaction.atomic
def save_item(*, item: AgendaItem, by: User) -> AgendaItem:
    """Write an item; one that is new in its section is put last there.

    Raises:
        ValidationError: the meeting is locked.
    """
    refuse_locked(item.meeting)
    if not item.meeting.agenda.filter(pk=item.pk, section=item.section).exists():
        _put_last(item)
    item.save()
    record("agenda.saved", item.meeting, by=by, office_id=item.meeting.plan.office_id, subject=item.subject)
    return item


@transaction.atomic
def change_item(*, item: AgendaItem, by: User, shown: Shown | None = None, **changes: Any) -> AgendaItem:
    """Write what somebody changed of an item; one that changes its section is put last there.

    Args:
        shown: what the page showed, so that nobody else's change since then is written over.
        **changes: the new values by field.

    Raises:
        ValidationError: the meeting is locked, or the item was removed meanwhile.
        ChangedMeanwhileError: somebody else changed the same since the page was shown.
    """
    meeting = item.meeting
    refuse_locked(meeting)
    now = meeting.agenda.select_for_update(of=("self",)).filter(pk=item.pk).first()
    if now is None:
        raise ValidationError("這個議程項目已由他人刪除。")
    saved = Entry.objects.for_target(meeting).filter(act="agenda.saved", detail__item=now.pk)
    refuse_overwriting(now, changes, shown, saved)
    moves = changes.get("section", now.section) != now.section
    for name, value in changes.items():
        setattr(now, name, value)
    if moves:
        _put_last(now)
    now.save()
    detail = {"subject": now.subject, "item": now.pk, "changed": sorted(changes)}
    record("agenda.saved", meeting, by=by, office_id=meeting.plan.office_id, **detail)
    return now


def _put_last(item: AgendaItem) -> None:
    last = item.meeting.agenda.filter(section=item.section).aggregate(last=Max("order"))["last"]
    item.order = (last or 0) + 1


@transaction.atomic
def remove_item(*, item: AgendaItem, by: User) -> None:
    """Take an item off the agenda; its subject stays in the trail.

    Raises:
        ValidationError: the meeting is locked, or the item has a resolution, which others build on, or is followed up.
    """
    refuse_locked(item.meeting)
    now = item.meeting.agenda.select_for_update(of=("self",)).filter(pk=item.pk).first()
    if now and now.resolution.strip():
        raise ValidationError("此議程項目已有決議，不能刪除。")
    subject = item.subject
    try:
        item.delete()
    except ProtectedError:
        raise ValidationError("此議程項目的決議已列管，不能刪除。") from None
    record("agenda.removed", item.meeting, by=by, office_id=item.meeting.plan.office_id, subject=subject)


@transaction.atomic
def order_items(*, meeting: Meeting, section: str, order: Sequence[int], by: User) -> None:
    """Put the items of a section into the given order of keys.

    Raises:
        ValidationError: the meeting is locked, or the keys are not those of the section; somebody added or removed
            an item meanwhile.
    """
    refuse_locked(meeting)
    items = {item.pk: item for item in meeting.agenda.select_for_update().filter(section=section)}
    if sorted(items) != sorted(order):
        raise ValidationError("議程已由他人變更，請重新整理後再排序。")
    for place, key in enumerate(order, start=1):
        items[key].order = place
    AgendaItem.objects.bulk_update(items.values(), ["order"])
    record("agenda.ordered", meeting, by=by, office_id=meeting.plan.office_id, section=section)
