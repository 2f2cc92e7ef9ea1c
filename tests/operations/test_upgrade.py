"""A populated database of an earlier commit (`upgrade/rows.json`) migrates to what the code needs today."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import DEFAULT_DB_ALIAS, connection, connections, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.state import ProjectState
from django.test import Client

from meetings.choices import MinutesState
from meetings.models import Minutes
from personnel_portal.accounts.models import User
from personnel_portal.trail.actions import seal
from personnel_portal.trail.chain import verify
from personnel_portal.trail.models import Entry
from tests.operations.conftest import Place

ROWS: dict[str, Any] = json.loads((Path(__file__).parent / "upgrade" / "rows.json").read_text())
# One node an app, its last: whatever it depends on comes with it.
THEN = list({app: (app, name) for app, name in ROWS.pop("migrations")}.values())
# Django itself adds a row for each new model, and each new app brings the plans the deadlines of its duties.
GROWS = {"contenttypes.ContentType", "auth.Permission", "districts.Deadline"}


@pytest.fixture
def upgraded(db: None, second: Place) -> Iterator[None]:
    """The database of that day, with its rows, brought to the newest migrations; for the test it is the portal's own."""
    usual = connections[DEFAULT_DB_ALIAS]
    own = type(usual)(usual.settings_dict | {"NAME": second.database}, DEFAULT_DB_ALIAS)
    connections[DEFAULT_DB_ALIAS] = own
    try:
        load_rows(MigrationExecutor(connection).migrate(THEN))
        call_command("migrate", verbosity=0, interactive=False)
        yield
    finally:
        own.close()
        connections[DEFAULT_DB_ALIAS] = usual
        ContentType.objects.clear_cache()  # it knows the other database's numbers


def load_rows(state: ProjectState) -> None:
    """Insert the rows through the models as they were; all at once, so that their order does not matter."""
    models = [state.apps.get_model(label) for label in ROWS]
    with transaction.atomic(), connection.cursor() as cursor:
        for model, table in zip(models, ROWS.values(), strict=True):
            fields: list[Any] = [model._meta.get_field(column) for column in table["columns"]]
            for field in fields:
                field.auto_now_add = False  # the row says when it was made
            model._base_manager.bulk_create(
                model(**{field.attname: field.to_python(value) for field, value in zip(fields, row, strict=True)})
                for row in table["rows"]
            )
        for statement in connection.ops.sequence_reset_sql(no_style(), models):
            cursor.execute(statement)


@pytest.mark.usefixtures("upgraded")
def test_populated_database_of_an_earlier_commit_upgrades(client: Client) -> None:
    assert_every_row_is_kept()
    assert_every_constraint_holds()
    assert_the_audit_trail_is_whole()
    assert_the_portal_works(client)


def assert_every_row_is_kept() -> None:
    executor = MigrationExecutor(connection)
    assert executor.migration_plan(executor.loader.graph.leaf_nodes()) == []
    for label, table in ROWS.items():
        now = apps.get_model(label)._base_manager.order_by("pk").values_list(*table["columns"])
        found = json.loads(json.dumps(list(now), default=str))
        assert found[: len(table["rows"])] == table["rows"], label
        assert len(found) == len(table["rows"]) or label in GROWS, label


def assert_every_constraint_holds() -> None:
    connection.check_constraints()
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            # It proves CHECK, NOT NULL and UNIQUE for every row.
            cursor.execute("PRAGMA integrity_check")
            assert cursor.fetchall() == [("ok",)]
        else:
            cursor.execute("SELECT conname FROM pg_constraint WHERE NOT convalidated")
            assert cursor.fetchall() == []


def assert_the_portal_works(client: Client) -> None:
    assert Minutes.objects.get(state=MinutesState.RETURNED).reason == "請補簽到表。"
    accepted = Minutes.objects.get(state=MinutesState.ACCEPTED)
    assert accepted.versions.get().files.get().stored.name == "會議紀錄.pdf"
    # New rows get new numbers, and what later migrations added has its values.
    known = User.objects.latest("pk")
    assert known.enabled_at is not None
    assert User.objects.create(username="afterwards", name="後來人").pk == known.pk + 1
    client.force_login(User.objects.get(username="reviewer"), backend="django.contrib.auth.backends.ModelBackend")
    page = client.get("/")
    assert page.status_code == 200
    assert "北平原區" in page.content.decode()


def assert_the_audit_trail_is_whole() -> None:
    assert Entry.objects.sealed().count() == 10
    assert verify() == []
    seal()
    assert Entry.objects.unsealed().count() == 0
    assert verify() == []
