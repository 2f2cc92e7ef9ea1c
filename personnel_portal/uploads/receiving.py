"""Receiving files: one that is too large is read to its end but not written, so the form can answer at its field.

Cutting the connection would show the person a bare error page and lose what else they typed. Django chooses
`MemoryFileUploadHandler` for requests below 2.5 MB and this one for larger ones; settings name both:

    FILE_UPLOAD_HANDLERS = [
        "django.core.files.uploadhandler.MemoryFileUploadHandler",
        "personnel_portal.uploads.receiving.BoundedUploadHandler",
    ]

A view needs nothing more: the dropped file arrives with its true size and without its bytes, and `checks` refuses it.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.files.uploadhandler import TemporaryFileUploadHandler


class BoundedUploadHandler(TemporaryFileUploadHandler):
    """Writes at most `UPLOAD_MAX_BYTES` of one file and `UPLOAD_MAX_FILES` times as much of one request."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._room = settings.UPLOAD_MAX_BYTES * settings.UPLOAD_MAX_FILES
        self._dropped = False

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self._dropped = False

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self._room -= len(raw_data)
        if not self._dropped and (start + len(raw_data) > settings.UPLOAD_MAX_BYTES or self._room < 0):
            self._dropped = True
            self.file.truncate(0)
        if not self._dropped:
            super().receive_data_chunk(raw_data, start)

    def file_complete(self, file_size: int) -> Any:
        file = super().file_complete(file_size)
        if self._dropped and file is not None:
            # Also a small file that no longer had room in its request is to be refused as too large, not as empty.
            file.size = max(file_size, settings.UPLOAD_MAX_BYTES + 1)
        return file
