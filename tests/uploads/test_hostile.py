"""Every hostile file gets one sentence; nothing raises anything else, and nothing is kept."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from pytest_django import Settings

from personnel_portal.trail.models import Entry
from personnel_portal.uploads import actions
from personnel_portal.uploads.kinds import ATTACHMENTS
from personnel_portal.uploads.models import StoredFile
from tests.hostile import Hostile, hostile_files

HOSTILE = list(hostile_files())


@pytest.mark.django_db
@pytest.mark.one_database("a file is refused before anything is written")
@pytest.mark.parametrize("hostile", HOSTILE, ids=[f"{hostile.name}: {hostile.why}" for hostile in HOSTILE])
def test_hostile_file_is_answered_by_one_sentence(
    hostile: Hostile, settings: Settings, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    settings.STORAGE_PATH = tmp_path
    file = SimpleUploadedFile(hostile.name, hostile.build())
    with caplog.at_level(logging.WARNING), pytest.raises(ValidationError) as refused:
        actions.keep(file, by=None, allowed=ATTACHMENTS)
    (sentence,) = refused.value.messages
    assert sentence.startswith(f"「{hostile.name}」")
    assert hostile.says in sentence
    assert sentence.count("。") == 1
    assert sentence.endswith("。")
    assert str(refused.value.code) in caplog.text
    assert not StoredFile.objects.filter(name=hostile.name).exists()
    assert not Entry.objects.filter(act="file.kept").exists()
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_hostile_files_are_fifty_or_more() -> None:
    assert len({(hostile.name, hostile.why) for hostile in HOSTILE}) == len(HOSTILE) >= 50
