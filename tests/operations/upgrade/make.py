"""Write `rows.json`: every row of a small populated portal, with the migrations that its tables stand at.

The file in this directory was made by commit 0fabc83 and stays as it is, so that a database of that day is upgraded
for ever. To make another one, check that commit out beside this one, copy this file there and run, on an empty
database: `python manage.py migrate && python manage.py load_plans && python -m tests.operations.upgrade.make > rows.json`.
"""

import json
import os
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "personnel_portal.settings")
django.setup()

from django.apps import apps  # noqa: E402 - models exist after the set-up
from django.db import connection  # noqa: E402 - as above
from django.db.migrations.recorder import MigrationRecorder  # noqa: E402 - as above

from districts.models import Person  # noqa: E402 - as above
from meetings.choices import AttendanceState, MinutesState  # noqa: E402 - as above
from meetings.models import Meeting  # noqa: E402 - as above
from personnel_portal.accounts.models import Deputyship, User  # noqa: E402 - as above
from personnel_portal.duties.models import FeedToken, Relief  # noqa: E402 - as above
from personnel_portal.outbox.actions import enqueue  # noqa: E402 - as above
from personnel_portal.trail.actions import record, seal  # noqa: E402 - as above
from tests import build  # noqa: E402 - as above


def populate() -> None:
    """Let the fixed people work for a while, with something in every table that a person fills."""
    cast = build.cast()
    district = build.district("北平原區")
    build.coaching_table(
        district=district,
        rows={cast.coached_officer.person.postings.get().agency: Person.objects.get(user=cast.host_officer)},
    )
    accepted = build.minutes(state=MinutesState.ACCEPTED, by=cast.host_officer)
    for place, member in enumerate(district.memberships.select_related("agency")):
        state = AttendanceState.BY_DEPUTY if place % 5 == 4 else AttendanceState.PRESENT
        build.invitation(meeting=accepted.meeting, agency=member.agency, attendance=state, attendee="代理人")
    build.agenda_item(meeting=accepted.meeting, subject="建請簡化新進人員報到應備表件一案")
    build.minutes(state=MinutesState.RETURNED, by=cast.neighbour_host, meeting=_held("山區", 12))
    build.minutes(state=MinutesState.SUBMITTED, by=cast.host_officer, meeting=_held("海區", 5))
    build.meeting(district=build.district("南平原區"), day=build.TODAY + timedelta(days=60))
    agency = build.listed("竹崎鄉公所")
    Relief.objects.create(
        plan=cast.plan, agency=agency, duty_key="meetings.joint", duty_title="專、兼任(辦)聯繫會報",
        until=date(2027, 7, 15), reason="颱風致場地受損", given_by=cast.office_reviewer,
    )  # fmt: skip  # one row, read as one
    FeedToken.objects.create(user=cast.host_officer, token="feed-of-the-upgrade-test")
    Deputyship.objects.create(
        principal=cast.office_reviewer, deputy=cast.office_admin,
        since=date(2026, 11, 20), until=date(2026, 12, 1), reason="公假",
    )  # fmt: skip  # as above
    enqueue(to="host@example.gov.tw", name="黃承辦", subject="會議紀錄備查", text="已備查。", key="upgrade")
    for act in ("minutes.submitted", "minutes.accepted", "file.sent"):
        record(act, accepted, by=cast.host_officer, office_id=cast.plan.office_id, note="升級測試")
    seal()
    record("account.login", None, by=cast.host_officer)  # one entry is still waiting for its seal
    User.objects.update(password="!nobody-logs-in-with-this")


def _held(district: str, days_ago: int) -> Meeting:
    return build.held_meeting(district=build.district(district), day=build.TODAY - timedelta(days=days_ago))


def tables() -> Iterator[tuple[str, list[str], list[tuple[Any, ...]]]]:
    """Yield every table that has rows: its model, its columns, its rows."""
    for model in apps.get_models(include_auto_created=True):
        columns = [field.attname for field in model._meta.concrete_fields]
        if rows := list(model._base_manager.order_by("pk").values_list(*columns)):
            yield model._meta.label, columns, rows


def line(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


if __name__ == "__main__":
    populate()
    parts = [f'"migrations": {line(sorted(MigrationRecorder(connection).applied_migrations()))}']
    for label, columns, rows in tables():
        lines = ",\n".join(line(row) for row in rows)
        parts.append(f'"{label}": {{"columns": {line(columns)}, "rows": [\n{lines}]}}')
    sys.stdout.write("{" + ",\n".join(parts) + "}\n")
