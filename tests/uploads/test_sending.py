"""A download is an attachment, private and written down."""

from __future__ import annotations

import logging
from pathlib import Path
from urllib.parse import quote

import pytest
from django.core.files.base import ContentFile
from django.http import FileResponse, Http404
from pytest_django import Settings

from personnel_portal.trail.models import Entry
from personnel_portal.uploads import actions
from personnel_portal.uploads.kinds import ATTACHMENTS
from personnel_portal.uploads.models import StoredFile
from personnel_portal.uploads.sending import send
from tests.uploads import making

pytestmark = pytest.mark.django_db


@pytest.fixture
def stored(settings: Settings, tmp_path: Path) -> StoredFile:
    settings.STORAGE_PATH = tmp_path
    return actions.keep(ContentFile(making.picture("PNG"), name="圖.png"), by=None, allowed=ATTACHMENTS)


def close(response: FileResponse) -> None:
    """Close the file alone: closing the response would tell Django to end the test's database connection."""
    assert response.file_to_stream is not None
    response.file_to_stream.close()


def test_send_is_a_private_attachment(stored: StoredFile) -> None:
    response = send(stored, by=None, target=stored)
    assert b"".join(response) == making.picture("PNG")
    assert response["Content-Disposition"] == f"attachment; filename*=utf-8''{quote('圖.png')}"
    assert response["Content-Type"] == "image/png"
    assert response["Content-Length"] == str(stored.size)
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert response["Cache-Control"] == "private, no-store"
    close(response)


def test_send_is_written_down(stored: StoredFile) -> None:
    close(send(stored, by=None, target=stored, name="113年紀錄"))
    entry = Entry.objects.get(act="file.downloaded")
    assert entry.target_id == str(stored.pk)
    assert entry.detail == {"file": "113年紀錄.png", "sha256": stored.sha256}


def test_another_name_cannot_break_the_header_or_change_the_kind(stored: StoredFile) -> None:
    response = send(stored, by=None, target=None, name='a"\r\nX: y.html')
    assert response["Content-Disposition"] == 'attachment; filename="a_ X_ y.html.png"'
    close(response)


@pytest.mark.parametrize("harm", ["missing", "shorter"])
def test_lost_bytes_are_told_and_logged(stored: StoredFile, harm: str, caplog: pytest.LogCaptureFixture) -> None:
    if harm == "missing":
        stored.path.unlink()
    else:
        stored.path.write_bytes(b"x")
    with caplog.at_level(logging.ERROR), pytest.raises(Http404, match=r"^「圖.png」的檔案內容目前無法讀取，.*。$"):
        send(stored, by=None, target=stored)
    assert stored.sha256 in caplog.text
    assert not Entry.objects.filter(act="file.downloaded").exists()
