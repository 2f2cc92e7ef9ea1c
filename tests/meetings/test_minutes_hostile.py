"""Hostile files through the page of the host: a sentence each at the field, nothing kept, nothing submitted."""

from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import Settings

from meetings.choices import MinutesState
from meetings.models import Minutes, MinutesVersion
from personnel_portal.uploads.models import StoredFile
from tests import build
from tests.hostile import Hostile, hostile_files

HOSTILE = list(hostile_files())


@pytest.mark.django_db
@pytest.mark.one_database("a file is refused before anything is written")
@pytest.mark.parametrize("hostile", HOSTILE, ids=[f"{hostile.name}: {hostile.why}" for hostile in HOSTILE])
def test_hostile_file_is_refused_at_the_field(
    hostile: Hostile, cast: build.Cast, settings: Settings, tmp_path: Path
) -> None:
    settings.STORAGE_PATH = tmp_path
    meeting = build.held_meeting()
    client = Client()
    with time_machine.travel(build.at(build.TODAY, 10), tick=False):
        client.force_login(cast.host_officer, backend="django.contrib.auth.backends.ModelBackend")
        data = {"uploads": [SimpleUploadedFile(hostile.name, hostile.build())], "note": "備註", "submit": "1"}
        answer: Any = client.post(f"/meetings/{meeting.pk}/minutes/", data)
    assert answer.status_code == 422
    form = answer.context["form"]
    assert list(form.errors) == ["uploads"]
    (sentence,) = form.errors["uploads"]
    assert hostile.says in sentence
    assert (sentence[-1], sentence.count("。")) == ("。", 1)
    assert form["note"].value() == "備註"
    assert not StoredFile.objects.exists()
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    assert Minutes.objects.get().state == MinutesState.UNFILED
    assert not MinutesVersion.objects.filter(submitted_at__isnull=False).exists()


def test_there_are_at_least_fifty() -> None:
    assert len(HOSTILE) >= 50
