"""Writing the trail. `record` stands in the caller's transaction and takes no lock; the chain is closed later."""

import logging
import re
from datetime import date, datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.contrib.contenttypes.models import ContentType
from django.db import connection, models, transaction
from django.db.models import Min, QuerySet
from django.utils import timezone

from personnel_portal.trail import origin
from personnel_portal.trail.chain import GENESIS, entry_hash
from personnel_portal.trail.models import ChainHead, Entry

logger = logging.getLogger(__name__)

LEAST_KEPT = timedelta(days=183)  # six months, whatever the settings say
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]+")
_UNSTORABLE = re.compile(r"[\x00\ud800-\udfff]")


def record(
    act: str,
    target: models.Model | None,
    *,
    by: AbstractUser | None,
    office_id: int | None = None,
    **detail: Any,
) -> Entry:
    """Write down one act, in the caller's transaction: it stands or falls with what it tells.

    Args:
        act: a dotted code such as `minutes.accepted`, registered with its words through `acts.register`.
        target: the record that was acted upon; it must be saved. None when there is none (a failed login).
        by: the person; None when the portal itself acted.
        office_id: the office whose administrators may read the entry.
        **detail: what else to keep; dates, numbers, texts, lists and dictionaries.
    """
    principal = getattr(by, "acting_for", None)
    return Entry.objects.create(
        actor_id=by.pk if by is not None else None,
        actor_name=_name(by),
        acting_for_name=_name(principal),
        address=origin.address(),
        act=act,
        target_type=ContentType.objects.get_for_model(target) if target is not None else None,
        target_id=str(target.pk) if target is not None else "",
        target_label=_line(str(target), 200) if target is not None else "",
        office_id=office_id,
        detail=_storable(detail),
    )


def seal(*, limit: int = 1000) -> int:
    """Close the chain over at most `limit` waiting entries; return how many.

    One sealer at a time: the head's row is locked (SQLite's write transactions exclude one another by themselves).
    The order is that of sealing, since an earlier entry may be committed later than its successor.
    """
    with transaction.atomic():
        head = _locked_head()
        waiting = list(Entry.objects.unsealed()[:limit])
        for entry in waiting:
            entry.position, entry.previous_hash = head.position + 1, head.hash
            entry.hash = entry_hash(entry)
            head.position, head.hash = entry.position, entry.hash
        if waiting:
            _write_seals(waiting)
            head.save()
    if waiting:
        # A copy of the chain's end outside the database: whoever rewrites the whole chain does not reach the log.
        logger.info("The audit trail is sealed up to %d with %s.", head.position, head.hash)
    return len(waiting)


def expire(*, today: date) -> int:
    """Remove the entries that are older than `TRAIL_KEEP_DAYS` (never less than 183 days); return how many.

    The last removed position and hash stay as the anchor, so that the chain still proves the first kept entry.
    """
    kept = max(timedelta(days=settings.TRAIL_KEEP_DAYS), LEAST_KEPT)
    limit = timezone.make_aware(datetime.combine(today - kept, time.min))
    with transaction.atomic():
        head = _locked_head()
        first_kept = _rows().filter(position__isnull=False, at__gte=limit).aggregate(Min("position"))["position__min"]
        last = Entry.objects.sealed().before(limit)
        if first_kept is not None:
            last = last.filter(position__lt=first_kept)
        anchor = last.last()
        if anchor is None or anchor.position is None:
            return 0
        head.anchor_position, head.anchor_hash = anchor.position, anchor.hash
        head.save()
        removed, _ = _rows().filter(position__lte=anchor.position).delete()
        record("trail.expired", None, by=None, count=removed, up_to=anchor.position)
    return removed


def _locked_head() -> ChainHead:
    ChainHead.objects.get_or_create(pk=1, defaults={"hash": GENESIS, "anchor_hash": GENESIS})
    return ChainHead.objects.select_for_update().get(pk=1)


def _write_seals(entries: list[Entry]) -> None:
    # Plain SQL: Django's `bulk_update` of as many rows takes several times as long.
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE trail_entry SET position = %s, previous_hash = %s, hash = %s WHERE id = %s",
            [(entry.position, entry.previous_hash, entry.hash, entry.pk) for entry in entries],
        )


def _rows() -> QuerySet[Entry]:
    """Return the entries with Django's own queryset, whose writes are not refused."""
    return QuerySet(Entry)


def _name(user: AbstractUser | None) -> str:
    return _line(user.get_full_name() or user.get_username(), 150) if user is not None else ""


def _line(text: str, length: int) -> str:
    """Return text as one printable line, so that it cannot forge a second line in a log or an export."""
    return _UNPRINTABLE.sub(" ", text)[:length]


def _storable(value: Any) -> Any:
    """Return the value without the characters that no database text can hold."""
    match value:
        case str():
            return _UNSTORABLE.sub("\ufffd", value)
        case dict():
            return {_storable(str(key)): _storable(item) for key, item in value.items()}
        case list() | tuple() | set() | frozenset():
            return [_storable(item) for item in value]
        case _:
            return value
