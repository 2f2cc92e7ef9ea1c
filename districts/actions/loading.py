"""Loading the real plans and the published calendars that the portal comes with.

A fixture file is loaded once: as soon as one of its rows stands in the database it is left alone, so that what the
office has edited, added or removed since is never touched.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.core import serializers
from django.core.exceptions import ValidationError
from django.core.serializers.base import DeserializationError
from django.db import models, transaction

from districts.actions.calendar import import_calendar
from districts.models import CalendarDay
from personnel_portal.trail.actions import record

RawRow = dict[str, Any]


@transaction.atomic
def load_plans(directory: Path, *, missing: bool = False) -> list[str]:
    """Load the fixture files of the directory in their order, then its calendars; return what was loaded, in words.

    With `missing`, files that were loaded before are gone through again and rows that are not there are added (such as
    those a new release brings); rows that are there stay as they are.

    Raises:
        DeserializationError: a row refers to one that is not there; nothing is loaded then.
    """
    loaded = [line for file in sorted(directory.glob("*.json")) if (line := _load_file(file, missing=missing))]
    loaded += [line for file in sorted((directory / "calendar").glob("*.csv")) if (line := _load_calendar(file))]
    if loaded:
        record("plans.loaded", None, by=None, loaded=loaded)
    return loaded


def _load_file(file: Path, *, missing: bool) -> str:
    rows: Sequence[RawRow] = json.loads(file.read_text(encoding="utf-8"))
    if not missing and any(map(_is_known, rows)):
        return ""
    added = 0
    for row in rows:
        if not (missing and _is_known(row)):
            # `save` rather than the raw write of loaddata: an agency keeps its search text there.
            _instance(row).save()
            added += 1
    return f"{file.name}：{added} 筆" if added else ""


def _load_calendar(file: Path) -> str:
    """Load a year unless it is there, since the newest import of a year counts and may be the office's own."""
    content = file.read_bytes()
    first_day = content.splitlines()[1].split(b",")[0].decode()
    if CalendarDay.objects.filter(day__year=int(first_day[:4])).exists():
        return ""
    return str(import_calendar(content=content, by=None))


def _is_known(row: RawRow) -> bool:
    """Tell whether the row is in the database, by its natural key or because it would break a constraint."""
    try:
        instance = _instance(row)
    except DeserializationError:
        return False  # what it refers to is not there, so neither is the row
    if instance.pk is not None:
        return True
    try:
        instance.validate_unique()
        instance.validate_constraints()
    except ValidationError:
        return True
    return False


def _instance(row: RawRow) -> models.Model:
    [deserialized] = serializers.deserialize("python", [row])
    instance: models.Model = deserialized.object
    return instance
