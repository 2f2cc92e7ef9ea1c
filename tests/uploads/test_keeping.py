"""Bytes are kept once, rows tell who handed them in, and what no row refers to goes away."""

from __future__ import annotations

import errno
import hashlib
import os
import resource
import signal
import stat
import tempfile
import threading
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from pytest_django import Settings

from personnel_portal.trail.models import Entry
from personnel_portal.uploads import actions
from personnel_portal.uploads.kinds import ATTACHMENTS
from personnel_portal.uploads.models import StoredFile
from tests import build
from tests.uploads import making

PICTURE = making.picture("PNG")
DIGEST = hashlib.sha256(PICTURE).hexdigest()


@pytest.fixture(autouse=True)
def storage(settings: Settings, tmp_path: Path) -> Path:
    settings.STORAGE_PATH = tmp_path / "files"
    return tmp_path / "files"


def keep(name: str = "圖.png", content: bytes = PICTURE) -> StoredFile:
    return actions.keep(ContentFile(content, name=name), by=None, allowed=ATTACHMENTS)


def kept_paths(storage: Path) -> list[str]:
    return sorted(str(path.relative_to(storage)) for path in storage.rglob("*") if path.is_file() and path.suffix == "")


def files(storage: Path) -> list[str]:
    return [path for path in kept_paths(storage) if not path.startswith(".")]


def age(storage: Path, hours: float) -> None:
    for path in storage.rglob("*"):
        then = path.stat().st_mtime - hours * 3600
        os.utime(path, (then, then))


@pytest.mark.django_db
def test_keep_writes_bytes_row_and_trail(storage: Path) -> None:
    stored = keep("圖")
    assert (stored.sha256, stored.size, stored.kind, stored.name) == (DIGEST, len(PICTURE), "png", "圖.png")
    assert stored.path == storage / DIGEST[:2] / DIGEST[2:]
    assert stored.path.read_bytes() == PICTURE
    assert stat.S_IMODE(stored.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(stored.path.parent.stat().st_mode) == 0o700
    entry = Entry.objects.get(act="file.kept", target_id=str(stored.pk))
    assert entry.detail == {"file": "圖.png", "sha256": DIGEST, "size": len(PICTURE)}


@pytest.mark.django_db
def test_equal_bytes_are_kept_once_under_two_names(storage: Path) -> None:
    first, second = keep("一.png"), keep("二.png")
    assert first.pk != second.pk
    assert first.path == second.path
    assert files(storage) == [f"{DIGEST[:2]}/{DIGEST[2:]}"]


@pytest.mark.django_db(transaction=True)
def test_equal_bytes_handed_in_at_once_are_kept_once(storage: Path) -> None:
    barrier, failures = threading.Barrier(4), []

    def hand_in(number: int) -> None:
        try:
            barrier.wait()
            keep(f"{number}.png")
        except Exception as error:  # a thread's failure is told by the test below
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=hand_in, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert StoredFile.objects.filter(sha256=DIGEST).count() == 4
    assert files(storage) == [f"{DIGEST[:2]}/{DIGEST[2:]}"]


@pytest.mark.django_db
def test_keep_each_keeps_the_good_and_answers_for_the_bad(storage: Path) -> None:
    batch = actions.keep_each(
        [
            SimpleUploadedFile("好.png", PICTURE),
            SimpleUploadedFile("空.pdf", b""),
            SimpleUploadedFile("巨集.docx", making.docx(extra={"word/vbaProject.bin": b"x"})),
        ],
        by=None,
        allowed=ATTACHMENTS,
    )
    assert [stored.name for stored in batch.kept] == ["好.png"]
    assert [error.code for error in batch.refused] == ["empty", "macro"]
    assert len(files(storage)) == 1


@pytest.mark.django_db
def test_full_storage_is_told_in_a_sentence_and_leaves_nothing(storage: Path) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(PICTURE) // 2, before[1]))
    try:
        batch = actions.keep_each([ContentFile(PICTURE, name="圖.png")], by=None, allowed=ATTACHMENTS)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, ignored)
    [refused] = batch.refused
    assert refused.messages == ["系統的儲存空間不足，「圖.png」尚未收存。請稍後再上傳，並通知系統管理人員。"]
    assert (batch.kept, files(storage), StoredFile.objects.count()) == ((), [], 0)


@pytest.mark.django_db
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
def test_storage_without_room_for_a_name_is_told_too(code: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_args: object, **_options: object) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(tempfile, "mkstemp", full)
    with pytest.raises(ValidationError, match="儲存空間不足"):
        keep()


@pytest.mark.django_db
def test_claimed_size_is_not_believed(settings: Settings) -> None:
    settings.UPLOAD_MAX_BYTES = 50
    file = ContentFile(PICTURE, name="圖.png")
    file.size = 1
    with pytest.raises(ValidationError) as refused:
        actions.keep(file, by=None, allowed=ATTACHMENTS)
    assert refused.value.code == "too_large"


@pytest.mark.django_db
def test_rollback_leaves_an_orphan_that_the_sweep_removes_after_a_day(storage: Path) -> None:
    referred = keep("另.png", making.picture("PNG", (9, 9)))
    with transaction.atomic():
        keep()
        transaction.set_rollback(True)
    assert len(files(storage)) == 2
    assert actions.sweep_orphans() == 0
    age(storage, 25)
    out = StringIO()
    call_command("sweep_files", "--dry-run", stdout=out)
    assert out.getvalue().split() == [DIGEST]
    assert actions.sweep_orphans() == 1
    assert files(storage) == [f"{referred.sha256[:2]}/{referred.sha256[2:]}"]


@pytest.mark.django_db
def test_a_file_that_no_record_uses_is_forgotten_after_a_day(storage: Path) -> None:
    unused, used = keep(), keep("用.png")
    version = build.minutes().versions.get()
    build.minutes_file(version=version, stored=used)
    now = timezone.now()
    assert actions.forget_unused(now=now) == 0, "it may still be on its way into a record"
    assert actions.forget_unused(now=now + timedelta(hours=25)) == 1
    assert not StoredFile.objects.filter(pk=unused.pk).exists()
    assert StoredFile.objects.filter(pk=used.pk).exists()
    assert Entry.objects.get(act="file.forgotten").detail["sha256"] == DIGEST


@pytest.mark.django_db
def test_sweep_spares_a_file_that_was_handed_in_again(storage: Path) -> None:
    keep().delete()
    age(storage, 25)
    keep()
    assert actions.sweep_orphans() == 0
    assert len(files(storage)) == 1


@pytest.mark.django_db
def test_sweep_removes_what_a_killed_process_left(storage: Path) -> None:
    storage.mkdir()
    (storage / "staged-abc").write_bytes(b"half")
    assert actions.sweep_orphans() == 0
    age(storage, 25)
    assert actions.sweep_orphans() == 1
    assert files(storage) == []


@pytest.mark.django_db
def test_sweep_of_no_storage_finds_nothing() -> None:
    assert actions.sweep_orphans() == 0


@pytest.mark.django_db
@pytest.mark.parametrize(
    "wrong", [{"sha256": "A" * 64}, {"sha256": "a" * 63}, {"size": 0}, {"name": ""}, {"kind": "exe"}]
)
def test_database_refuses_an_impossible_row(wrong: dict[str, object]) -> None:
    row: dict[str, object] = {"sha256": "a" * 64, "size": 1, "kind": "pdf", "name": "a.pdf", **wrong}
    with pytest.raises(IntegrityError), transaction.atomic():
        StoredFile.objects.bulk_create([StoredFile(**row)])
