"""Sending a kept file to a person. The view that calls this has decided that the person may have it."""

from __future__ import annotations

import logging

from django.contrib.auth.models import AbstractUser
from django.db.models import Model
from django.http import FileResponse, Http404

from personnel_portal.trail.actions import record
from personnel_portal.uploads import names
from personnel_portal.uploads.models import StoredFile

logger = logging.getLogger(__name__)

# Should a browser open the file after all, it stands alone: no script, no form, no origin.
_ALONE = "sandbox; default-src 'none'"


def send(stored: StoredFile, *, by: AbstractUser | None, target: Model | None, name: str | None = None) -> FileResponse:
    """Return the file as a download, and write down who got it.

    Args:
        target: the record that the file belongs to; the entry of the trail hangs on it.
        name: another file name than the one it was handed in with; its extension is the kind's.

    Raises:
        Http404: the bytes are missing or have another size; the sentence says so, the log says which file.
    """
    shown = names.safe_name(name or stored.name)
    if names.extension(shown) not in stored.what.extensions:
        shown = names.safe_name(f"{shown}.{stored.kind}")
    try:
        content = stored.path.open("rb")
    except OSError as error:
        raise _missing(stored, str(error)) from error
    size = stored.path.stat().st_size
    if size != stored.size:
        content.close()
        raise _missing(stored, f"{size} bytes instead of {stored.size}")
    record("file.downloaded", target, by=by, file=shown, sha256=stored.sha256)
    response = FileResponse(content, as_attachment=True, filename=shown, content_type=stored.what.mime)
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = _ALONE
    response["Cache-Control"] = "private, no-store"
    return response


def _missing(stored: StoredFile, detail: str) -> Http404:
    logger.error("stored file %s (%s) cannot be sent: %s", stored.pk, stored.sha256, detail)
    return Http404(f"「{stored.name}」的檔案內容目前無法讀取，請通知系統管理員。")
