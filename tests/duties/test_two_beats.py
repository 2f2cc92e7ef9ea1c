"""Two beats, or a rerun beside the first run, tell nobody twice."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from django.db import connection, connections

from personnel_portal.duties import actions
from personnel_portal.duties.models import Reminder
from personnel_portal.outbox.models import Message
from tests import build


@pytest.mark.django_db(transaction=True)
def test_four_runs_at_once_send_one_digest_a_person() -> None:
    if connection.vendor == "sqlite":
        pytest.skip("SQLite runs one writer at a time; the rerun tests cover it")
    cast, county = build.cast(), build.county()

    def run(_: int) -> int:
        try:
            return actions.send_reminders(office=county, today=date(2027, 5, 31))
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        sent = sum(pool.map(run, range(4)))
    assert sent == 2
    assert sorted(Message.objects.values_list("to", flat=True)) == sorted(
        [cast.host_officer.email, cast.neighbour_host.email]
    )
    assert Reminder.objects.count() == 2
