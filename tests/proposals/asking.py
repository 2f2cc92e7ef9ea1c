"""What the tests of proposals ask of a page, an item and the outbox."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from personnel_portal.outbox.models import Message
from proposals.models import Case, Proposal


def told(answer: Any) -> list[str]:
    """Return the messages of a page."""
    return [str(message) for message in answer.context["messages"]]


def state(item: Case | Proposal) -> str:
    """Return where an item stands now."""
    item.refresh_from_db()
    return str(item.state)


def mailed() -> list[tuple[str, str]]:
    """Return address and subject of every mail in the outbox."""
    return sorted(Message.objects.values_list("to", "subject"))


LOCK = re.compile(
    r'FROM "\w+_(district|proposal|case|agency)".* WHERE "\w+"\."id" (?:= |IN \()(\d+(?:, \d+)*).* FOR (NO KEY )?UPDATE'
)


@contextmanager
def locks() -> Iterator[list[tuple[str, int]]]:
    """Note the rows that are locked meanwhile, in their order; the test is skipped where no rows are locked.

    One that keeps even those waiting who only refer to it, where that is not wanted, is noted as `whole district`.
    """
    if connection.vendor == "sqlite":
        pytest.skip("SQLite locks no rows")
    taken: list[tuple[str, int]] = []
    with CaptureQueriesContext(connection) as queries:
        yield taken
    for query in queries:
        if found := LOCK.search(query["sql"]):
            what = found[1] if found[3] or found[1] in ("proposal", "case") else f"whole {found[1]}"
            taken += [(what, int(key)) for key in found[2].split(", ")]
