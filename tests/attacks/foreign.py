"""Rows of another office: for a row of the county its copy over there, with copies of everything that it belongs to.

All copies have one key, `KEY`, so that whoever sends it names the other office's row, whatever kind is looked for.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from copy import copy, deepcopy
from dataclasses import dataclass
from typing import Any

from django.db import connection, models, transaction
from django.test import Client

from districts.models import Office
from tests.site.clients import status

KEY = 770_077
# What is written of every step, also of one that changes nothing.
BESIDES = re.compile(r'(INSERT INTO|UPDATE|DELETE FROM) "(django_session|trail_entry|axes_)')


def copies(rows: Iterable[models.Model]) -> dict[type[models.Model], models.Model]:
    """Copy one row of each model into an office of its own, which has the key too; return the copies by their models."""
    office = Office.objects.create(pk=KEY, code="foreign", name="外縣政府人事處")
    made: dict[type[models.Model], models.Model] = {Office: office}
    for row in rows:
        _copy(row, made)
    return made


def is_owned(model: type[models.Model]) -> bool:
    """Tell whether the rows of a model belong to an office, over however many others."""
    return _is_owned(model, frozenset())


def _is_owned(model: type[models.Model], seen: frozenset[type[models.Model]]) -> bool:
    if model is Office:
        return True
    return any(
        _is_owned(parent, seen | {model})
        for field in _parents(model)
        if (parent := _model(field)) not in seen | {model}
    )


def _copy(row: models.Model, made: dict[type[models.Model], models.Model]) -> models.Model:
    model = type(row)
    if model in made:
        return made[model]
    twin = copy(row)
    twin.pk, twin._state.adding = KEY, True
    twin._state.fields_cache = {}
    for field in _parents(model):
        parent = getattr(row, field.name)
        if parent is None or not is_owned(_model(field)):
            continue
        setattr(twin, field.name, None if _model(field) is model else _copy(parent, made))
    for field in model._meta.concrete_fields:
        if field.unique and not field.primary_key:
            setattr(twin, field.attname, None if field.null else _other(getattr(row, field.attname)))
    models.Model.save_base(twin, force_insert=True)  # past what the models' own `save` looks up
    made[model] = twin
    return twin


def _parents(model: type[models.Model]) -> list[Any]:
    return [field for field in model._meta.concrete_fields if isinstance(field, models.ForeignKey)]


def _model(field: Any) -> type[models.Model]:
    found: type[models.Model] = field.related_model
    return found


def _other(value: Any) -> Any:
    return f"{value}-2"[-20:] if isinstance(value, str) else KEY


def neighbour(row: models.Model, owner: str) -> None:
    """Give a row to a copy of its owner, in the same office, and no other row with it."""
    twin = copy(getattr(row, owner))
    twin.pk, twin._state.adding = KEY, True
    for field in ("year", "number"):
        if hasattr(twin, field):
            setattr(twin, field, getattr(twin, field) + 50)
    models.Model.save_base(twin, force_insert=True)
    type(row)._base_manager.filter(pk=row.pk).update(**{owner: twin})


@dataclass(frozen=True, slots=True)
class Answer:
    """What the portal answered, whether it wrote more than that it was asked, and the statements that write the key."""

    response: Any
    code: int
    writes: bool
    reached: list[str]

    @property
    def is_accepted(self) -> bool:
        """Tell whether the form did what it is there for, and led on or gave a file."""
        return self.writes and (self.code == 302 or "Content-Disposition" in self.response.headers)


def post(client: Client, url: str, data: Mapping[str, Any], *, texts: bool = False) -> Answer:
    """Send the data; what is done is taken back.

    Args:
        texts: count the key as a text too, which is otherwise somebody's words.
    """
    keys = {KEY, str(KEY)} if texts else {KEY}
    written: list[str] = []
    reached: list[str] = []

    def listen(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith(("INSERT", "UPDATE", "DELETE")):
            written.append(sql)
            if params and not keys.isdisjoint(_values(params)):
                reached.append(sql)
        return execute(sql, params, many, context)

    session = deepcopy(client.cookies)
    with transaction.atomic(), connection.execute_wrapper(listen):
        response: Any = client.post(url, data)
        code = status(response)
        transaction.set_rollback(True)
    client.cookies = session  # a view may have ended the session, which is taken back
    return Answer(response, code, any(not BESIDES.match(sql) for sql in written), reached)


def _values(params: Any) -> Iterator[Any]:
    for value in params.values() if isinstance(params, dict) else params:
        if isinstance(value, list | tuple):
            yield from _values(value)
        else:
            yield value
