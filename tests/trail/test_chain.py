"""The chain: whatever is changed, removed or put in behind the portal's back shows."""

import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.db.models import F, QuerySet
from django.utils import timezone
from pytest_django import Settings

from personnel_portal.trail import actions
from personnel_portal.trail.chain import entry_hash, verify
from personnel_portal.trail.models import ChainHead, Entry
from personnel_portal.trail.querysets import AppendOnlyError
from tests import services

BASE_DIR = Path(__file__).resolve().parents[2]


def rows() -> QuerySet[Entry]:
    """Return the entries as somebody reaches them who goes round the portal."""
    return QuerySet(Entry)


def write(count: int) -> list[Entry]:
    return [actions.record("test.done", None, by=None, number=number) for number in range(count)]


def disarm() -> None:
    """Switch the table's triggers off, as an administrator of the database can."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL session_replication_role = replica")
        else:
            cursor.execute("DROP TRIGGER trail_entry_no_change")
            cursor.execute("DROP TRIGGER trail_entry_no_removal")


@pytest.fixture
def chain(db: None) -> list[Entry]:
    """Five sealed entries at the positions 1 to 5, whatever else the database held."""
    disarm()
    rows().delete()
    ChainHead.objects.all().delete()
    write(5)
    assert actions.seal() == 5
    return list(Entry.objects.sealed())


def test_sealing_numbers_and_links_the_entries(chain: list[Entry]) -> None:
    assert [entry.position for entry in chain] == [1, 2, 3, 4, 5]
    assert chain[0].previous_hash == "0" * 64
    assert all(later.previous_hash == earlier.hash for earlier, later in pairwise(chain))
    assert verify() == []


def test_sealing_goes_on_where_it_stopped(chain: list[Entry]) -> None:
    write(3)
    assert actions.seal(limit=2) == 2
    assert actions.seal(limit=2) == 1
    assert actions.seal() == 0
    assert verify() == []
    assert ChainHead.objects.get().position == 8


@pytest.mark.parametrize(
    ("field", "value"),
    [("actor_name", "別人"), ("act", "x.y"), ("detail", {"number": 99}), ("office_id", 7), ("target_label", "另一案")],
)
def test_a_changed_entry_shows(chain: list[Entry], field: str, value: object) -> None:
    rows().filter(position=3).update(**{field: value})
    assert verify() == ["第 3 筆的內容與封存時不符。"]


def test_an_entry_changed_and_hashed_anew_shows_at_its_successor(chain: list[Entry]) -> None:
    forged = chain[2]
    forged.actor_name = "別人"
    rows().filter(position=3).update(actor_name="別人", hash=entry_hash(forged))
    assert verify() == ["第 4 筆與前一筆銜接不上。"]


def test_a_moved_time_shows(chain: list[Entry]) -> None:
    rows().filter(position=2).update(at=F("at") - timedelta(microseconds=1))
    assert verify() == ["第 2 筆的內容與封存時不符。"]


def test_removed_entries_show(chain: list[Entry]) -> None:
    rows().filter(position__in=[2, 3]).delete()
    assert verify() == ["第 2 筆至第 3 筆不見了。"]


def test_a_removed_end_shows(chain: list[Entry]) -> None:
    rows().filter(position=5).delete()
    assert verify() == ["第 5 筆不見了。"]


def test_an_unsealed_again_entry_shows(chain: list[Entry]) -> None:
    rows().filter(position=4).update(position=None, previous_hash="", hash="")
    actions.seal()
    assert verify() == ["第 4 筆不見了。"]


def test_an_inserted_entry_shows(chain: list[Entry]) -> None:
    rows().filter(position__gte=3).update(position=-F("position") + 100)  # out of the way of the unique position
    rows().filter(position__gte=90).update(position=101 - F("position"))
    forged = Entry(act="test.done", position=3, previous_hash=chain[1].hash)
    forged.hash = "f" * 64
    forged.save()
    problems = verify()
    assert "第 3 筆的內容與封存時不符。" in problems
    assert "第 4 筆與前一筆銜接不上。" in problems


def test_an_appended_entry_shows(chain: list[Entry]) -> None:
    Entry(act="test.done", position=6, previous_hash=chain[4].hash, hash="f" * 64).save()
    assert "第 6 筆至第 6 筆不是封存程序寫入的。" in verify()


def test_the_last_entry_rewritten_whole_shows(chain: list[Entry]) -> None:
    forged = chain[4]
    forged.act = "x.y"
    rows().filter(position=5).update(act="x.y", hash=entry_hash(forged))
    assert verify() == ["第 5 筆與封存時登記的最後一筆不符。"]


def test_the_command_says_whether_the_trail_is_whole(chain: list[Entry], capsys: pytest.CaptureFixture[str]) -> None:
    write(1)
    call_command("trail", "--verify")
    assert capsys.readouterr().out == "稽核軌跡完整：已封存 5 筆，待封存 1 筆。\n"
    rows().filter(position=2).delete()
    with pytest.raises(CommandError, match="不完整，共 1 處") as caught:
        call_command("trail", "--verify")
    assert caught.value.returncode == 1
    assert capsys.readouterr().err == "第 2 筆不見了。\n"


def test_old_entries_go_and_the_rest_stays_proved(chain: list[Entry], settings: Settings) -> None:
    settings.TRAIL_KEEP_DAYS = 1  # less than the law's six months: 183 days count
    rows().update(position=None, previous_hash="", hash="")
    ChainHead.objects.all().delete()
    today = date(2026, 11, 20)
    for entry, days in zip(chain, [400, 184, 182, 184, 0], strict=True):
        rows().filter(pk=entry.pk).update(at=datetime(2026, 11, 20, 4, tzinfo=UTC) - timedelta(days=days))
    actions.seal()
    assert actions.expire(today=today) == 2  # the fourth is old too, but stands behind one that is kept
    assert list(Entry.objects.sealed().values_list("position", flat=True)) == [3, 4, 5]
    assert verify() == []
    assert actions.expire(today=today) == 0
    actions.seal()
    assert verify() == []
    rows().filter(position=3).delete()
    assert verify() == ["第 3 筆不見了。"]


def test_everything_old_goes_and_the_chain_goes_on(chain: list[Entry]) -> None:
    assert actions.expire(today=timezone.localdate() + timedelta(days=5000)) == 5
    assert verify() == []
    actions.seal()
    assert Entry.objects.sealed().get().position == 6
    assert verify() == []


def test_the_model_refuses_to_change_or_remove(db: None) -> None:
    entry = write(1)[0]
    forbidden: list[Callable[[], object]] = [
        entry.save,
        entry.delete,
        Entry.objects.all().delete,
        lambda: Entry.objects.update(act="x"),
        lambda: Entry.objects.get(pk=entry.pk).save(),
    ]
    for write_anew in forbidden:
        with pytest.raises(AppendOnlyError):
            write_anew()


@pytest.mark.parametrize("sealed", [False, True])
def test_the_database_refuses_to_change_or_remove(db: None, sealed: bool) -> None:
    entry = write(1)[0]
    if sealed:
        actions.seal()
    mine = rows().filter(pk=entry.pk)
    forbidden: list[Callable[[], object]] = [mine.delete, lambda: mine.update(act="x"), lambda: mine.update(detail={})]
    for write_anew in forbidden:
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            write_anew()
    if sealed:
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            mine.update(position=None, previous_hash="", hash="")


def test_two_sealing_processes_make_one_chain(transactional_db: None) -> None:
    write(120)
    script = (
        "import django; django.setup()\nfrom personnel_portal.trail.actions import seal\nwhile seal(limit=3): pass\n"
    )
    environment = services.portal_environment()
    sealers = [
        subprocess.Popen([sys.executable, "-c", script], env=environment, cwd=BASE_DIR, stderr=subprocess.PIPE)
        for _ in range(2)
    ]
    for sealer in sealers:
        _, errors = sealer.communicate(timeout=60)
        assert sealer.returncode == 0, errors.decode()
    positions = [entry.position or 0 for entry in Entry.objects.sealed()]
    assert positions == list(range(positions[0], positions[0] + len(positions)))
    assert not Entry.objects.unsealed().exists()
    assert verify() == []
