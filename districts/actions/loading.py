"""Loading the real plans and the published calendars that the portal comes with.

A fixture file is loaded once: as soon as one of its rows stands in the database it is left alone, so that what the
office has edited, added or removed since is never touched; a new release brings new rows in new files. The files are
Django's JSON fixtures with natural keys.
"""

import json
from pathlib import Path
from typing import Any

from auditlog.context import disable_auditlog
from django.apps import apps
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db import IntegrityError, models, transaction

from districts.actions.calendar import import_calendar
from districts.models import CalendarDay
from personnel_portal.trail.actions import record

Row = dict[str, Any]


@transaction.atomic
def load_plans(directory: Path) -> list[str]:
    """Load the fixture files of the directory in their order, then its calendars; return what was loaded, in words.

    Raises:
        ObjectDoesNotExist: a row of a new file refers to one that is not there; nothing is loaded then.
        IntegrityError: a row of a new file breaks a constraint; nothing is loaded then.
    """
    fixtures = _Fixtures()
    files = sorted(directory.glob("*.json"))
    # One entry in the trail tells of them all; a history that begins with the given data would double the work.
    with disable_auditlog():
        loaded = [f"{file.name}：{count} 筆" for file in files if (count := fixtures.add(_rows(file)))]
    loaded += [line for file in sorted((directory / "calendar").glob("*.csv")) if (line := _load_calendar(file))]
    if loaded:
        record("plans.loaded", None, by=None, loaded=loaded)
    return loaded


def _rows(file: Path) -> list[Row]:
    rows: list[Row] = json.loads(file.read_text(encoding="utf-8"))
    return rows


def _load_calendar(file: Path) -> str:
    """Load a year unless it is there, since the newest import of a year counts and may be the office's own."""
    content = file.read_bytes()
    first_day = content.splitlines()[1].split(b",")[0].decode()
    if CalendarDay.objects.filter(day__year=int(first_day[:4])).exists():
        return ""
    return str(import_calendar(content=content, by=None))


class _Fixtures:
    """Turns rows into instances; what they refer to is looked up once a run (loaddata would ask 3,000 times)."""

    def __init__(self) -> None:
        self._found: dict[tuple[Any, ...], models.Model] = {}

    def add(self, rows: list[Row]) -> int:
        """Save all rows, or none if one of them stands already; return how many were saved."""
        try:
            with transaction.atomic():
                for row in rows:
                    # `save` rather than the raw write of loaddata: an agency keeps its search text there.
                    self._instance(row).save()
        except (IntegrityError, ObjectDoesNotExist):
            self._found.clear()  # rows of this file that were found are gone again
            if any(map(self._stands, rows)):
                return 0
            raise
        return len(rows)

    def _stands(self, row: Row) -> bool:
        """Tell whether the row is in the database: it could not be written beside what is there."""
        try:
            instance = self._instance(row)
        except ObjectDoesNotExist:
            return False
        try:
            instance.validate_unique()
            instance.validate_constraints()
        except ValidationError:
            return True
        return False

    def _instance(self, row: Row) -> models.Model:
        model: type[models.Model] = apps.get_model(row["model"])
        return model(**{name: self._value(model, name, value) for name, value in row["fields"].items()})

    def _value(self, model: type[models.Model], name: str, value: Any) -> Any:
        field = model._meta.get_field(name)
        if isinstance(field, models.ForeignKey) and value is not None:
            return self._referred(field.related_model, value)
        return field.to_python(value)  # type: ignore[union-attr]  # a fixture names fields, never reverse relations

    def _referred(self, model: Any, key: list[Any]) -> models.Model:
        known = (model, *key)
        if known not in self._found:
            self._found[known] = model._default_manager.get_by_natural_key(*key)
        return self._found[known]
