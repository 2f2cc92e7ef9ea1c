"""Rows by the hundred thousand, by PostgreSQL's COPY; keys are taken beforehand, so that rows can name one another."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import connection, models
from psycopg import sql
from psycopg.types.json import Jsonb

Rows = Iterable[Mapping[str, Any]]


def take_keys(model: type[models.Model], count: int) -> range:
    """Return so many unused keys of a table; nobody else is given them."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_serial_sequence(%s, %s)", [model._meta.db_table, model._meta.pk.column])
        (sequence,) = cursor.fetchone()
        cursor.execute("SELECT nextval(%s)", [sequence])
        (first,) = cursor.fetchone()
        cursor.execute("SELECT setval(%s, %s)", [sequence, first + count - 1])
    return range(first, first + count)


def copy(model: type[models.Model], rows: Rows) -> int:
    """Write rows given as columns with their values, the fields' defaults for those that are not named.

    Nothing of the model runs: neither `save` nor its validation; the database's constraints hold.

    Returns:
        How many rows were written.
    """
    count = 0
    with connection.cursor() as cursor:
        rows = iter(rows)
        first = next(rows, None)
        if first is None:
            return 0
        fields = [each for each in model._meta.concrete_fields if not each.primary_key or each.attname in first]
        defaults = [(field.attname, field.get_default(), isinstance(field, models.JSONField)) for field in fields]
        with cursor.cursor.copy(_statement(model, [str(field.column) for field in fields])) as target:
            for row in _with(first, rows):
                target.write_row(
                    [
                        Jsonb(row.get(name, empty)) if is_json else row.get(name, empty)
                        for name, empty, is_json in defaults
                    ]
                )
                count += 1
    return count


def _with(first: Mapping[str, Any], rows: Rows) -> Rows:
    yield first
    yield from rows


def _statement(model: type[models.Model], columns: list[str]) -> sql.Composed:
    return sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(model._meta.db_table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
