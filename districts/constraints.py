"""A database constraint that both databases keep: rows that share a key must not share a day.

PostgreSQL says it as an exclusion constraint; SQLite, which has none, as two triggers of the same meaning.
"""

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.backends.ddl_references import Statement, Table
from django.db.models import BaseConstraint


class NoOverlap(BaseConstraint):
    """Rows with equal `keys` have disjoint periods `since` … `until`, both ends included.

    `only` names a boolean field: rows in which it is false are left out of the comparison.
    """

    def __init__(self, *, keys: Sequence[str], name: str, only: str = "", violation_error_message: str) -> None:
        super().__init__(name=name, violation_error_message=violation_error_message)
        self.keys, self.only = tuple(keys), only

    def deconstruct(self) -> tuple[str, Sequence[Any], dict[str, Any]]:
        path, args, kwargs = super().deconstruct()
        return path, args, {**kwargs, "keys": self.keys, "only": self.only}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, NoOverlap) and self.deconstruct() == other.deconstruct()

    __hash__ = BaseConstraint.__hash__

    def constraint_sql(self, model: Any, schema_editor: Any) -> str:
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.deferred_sql.append(self.create_sql(model, schema_editor))
        else:
            # SQLite rebuilds a table for every changed constraint and then comes here, never to `create_sql`.
            table = Table(model._meta.db_table, schema_editor.quote_name)
            for event in ("INSERT", "UPDATE"):
                schema_editor.deferred_sql.append(Statement(self._trigger(model, event), table=table))
        return ""

    def create_sql(self, model: Any, schema_editor: Any) -> Statement:  # type: ignore[override]  # Django itself returns one
        equal = ", ".join(f'"{column}" WITH =' for column in self._columns(model))
        where = f' WHERE ("{self.only}")' if self.only else ""
        return Statement(
            f'ALTER TABLE %(table)s ADD CONSTRAINT "{self.name}" EXCLUDE USING gist '
            f"({equal}, daterange(since, until, '[]') WITH &&){where}",
            table=Table(model._meta.db_table, schema_editor.quote_name),
        )

    def remove_sql(self, model: Any, schema_editor: Any) -> Statement:  # type: ignore[override]  # as above
        return Statement(
            f'ALTER TABLE %(table)s DROP CONSTRAINT "{self.name}"',
            table=Table(model._meta.db_table, schema_editor.quote_name),
        )

    def _columns(self, model: type[models.Model]) -> list[str]:
        return [str(model._meta.get_field(key).column) for key in self.keys]  # type: ignore[union-attr]  # keys are fields

    def _trigger(self, model: type[models.Model], event: str) -> str:
        same = " AND ".join(f'other."{column}" = NEW."{column}"' for column in self._columns(model))
        only = f'other."{self.only}" AND NEW."{self.only}" AND ' if self.only else ""
        return (
            f'CREATE TRIGGER "{self.name}_{event.lower()}" BEFORE {event} ON %(table)s BEGIN '
            f"SELECT RAISE(ABORT, '{self.name}') WHERE EXISTS (SELECT 1 FROM %(table)s other WHERE {only}{same} "
            "AND other.id IS NOT NEW.id AND other.since <= NEW.until AND other.until >= NEW.since); END"
        )

    def validate(self, model: type[models.Model], instance: Any, exclude: Any = None, using: str = "default") -> None:
        """Refuse a row that overlaps another; one that lacks a key or a day is refused for that, and not here.

        `exclude` does not matter: a form leaves out the fields it does not show, and the database compares them too.
        """
        if self.only and not getattr(instance, self.only):
            return
        columns = [model._meta.get_field(key).attname for key in self.keys]  # type: ignore[union-attr]  # keys are fields
        same = {column: getattr(instance, column) for column in columns}
        if None in [*same.values(), instance.since, instance.until]:
            return
        if self.only:
            same[self.only] = True
        others = model._default_manager.using(using).filter(
            **same, since__lte=instance.until, until__gte=instance.since
        )
        if others.exclude(pk=instance.pk).exists():
            raise ValidationError(self.get_violation_error_message(), code=self.violation_error_code)
