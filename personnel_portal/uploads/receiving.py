"""Receiving files: what a browser sends oddly still arrives, so that the form can answer at its field.

A bare error page would lose what else the person typed. Settings name the handlers in this order:

    FILE_UPLOAD_HANDLERS = [
        "personnel_portal.uploads.receiving.Big5NameHandler",
        "django.core.files.uploadhandler.MemoryFileUploadHandler",
        "personnel_portal.uploads.receiving.BoundedUploadHandler",
    ]

The first reads file names sent in Big5. Of the others Django chooses the one in memory for requests below 2.5 MB and
the last for larger ones: it reads a file that is too large to its end but does not write it. A view needs nothing more:
the dropped file arrives with its true size and without its bytes, and `checks` refuses it.
"""

from __future__ import annotations

import io
import re
import tempfile
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import InMemoryUploadedFile, UploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest
from django.http.multipartparser import MultiPartParser

HEADER_BYTES = 1024  # what Django allows the header of one part
MEMORY_BYTES = 5 * 1024 * 1024  # of a file that may not touch a disk


class Big5NameHandler(FileUploadHandler):
    """Lets old programs name their files in Big5: Django drops a part whose header is not UTF-8, or answers 400."""

    def handle_raw_input(
        self,
        input_data: Any,
        META: Any,  # noqa: N803 - Django's name
        content_length: int,
        boundary: Any,
        encoding: str | None = None,
    ) -> Any:
        assert self.request  # noqa: S101 - Django loads handlers for a request
        others = [handler for handler in self.request.upload_handlers if handler is not self]
        body: Any = HeadersInUtf8(input_data, boundary)  # the parser calls nothing but read()
        return MultiPartParser(META, body, others, encoding).parse()


class HeadersInUtf8:
    """A multipart body as a stream to read, the headers of its parts in UTF-8 and all else untouched.

    It must happen before the parser unescapes the header: the second byte of 許 in Big5 is a backslash.
    """

    def __init__(self, body: Any, boundary: bytes) -> None:
        self._body = body
        self._mark = b"--" + boundary
        self._header = re.compile(re.escape(self._mark) + rb"\r\n.{1,%d}?\r\n\r\n" % HEADER_BYTES, re.DOTALL)
        self._held = b""

    def read(self, size: int) -> bytes:
        """Return the next bytes, none at the end only."""
        while True:
            chunk: bytes = self._body.read(size)
            data = self._held + chunk
            cut = self._settled(data) if chunk else len(data)
            self._held = data[cut:]
            if cut or not chunk:
                return self._header.sub(_in_utf8, data[:cut])

    def _settled(self, data: bytes) -> int:
        """Return how much of `data` ends neither within a header nor within a boundary."""
        start = data.rfind(self._mark)
        end = data.find(b"\r\n\r\n", start) if start >= 0 else 0
        if end < 0 and len(data) - start <= len(self._mark) + HEADER_BYTES:
            return start
        return max(end + 4 if end > 0 else 0, len(data) - len(self._mark))


def _in_utf8(header: re.Match[bytes]) -> bytes:
    raw = header.group()
    for encoding in ("utf-8", "cp950"):
        try:
            return raw.decode(encoding).encode()
        except UnicodeDecodeError:
            continue
    return raw.decode(errors="replace").encode()


class BoundedUploadHandler(FileUploadHandler):
    """Writes at most `UPLOAD_MAX_BYTES` of one file and `UPLOAD_MAX_FILES` times as much of one request.

    The files have no name on the disk, unlike those of Django's own handler: nothing of them stays behind when the
    server is killed.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._room = settings.UPLOAD_MAX_BYTES * settings.UPLOAD_MAX_FILES
        self._dropped = False

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self._file = tempfile.TemporaryFile(dir=settings.FILE_UPLOAD_TEMP_DIR)  # noqa: SIM115  # the request closes it
        self._dropped = False

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self._room -= len(raw_data)
        if not self._dropped and (start + len(raw_data) > settings.UPLOAD_MAX_BYTES or self._room < 0):
            self._dropped = True
            self._file.truncate(0)
        if not self._dropped:
            self._file.write(raw_data)

    def file_complete(self, file_size: int) -> UploadedFile[bytes]:
        self._file.seek(0)
        if self._dropped:
            # Also a small file that no longer had room in its request is to be refused as too large, not as empty.
            file_size = max(file_size, settings.UPLOAD_MAX_BYTES + 1)
        about = (self.file_name, self.content_type, file_size, self.charset, self.content_type_extra)
        return UploadedFile(self._file, *about)

    def upload_interrupted(self) -> None:
        if hasattr(self, "_file"):
            self._file.close()


class MemoryOnlyHandler(FileUploadHandler):
    """Keeps at most `MEMORY_BYTES` of a file, in memory alone; more is read to its end and dropped."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self._file = io.BytesIO()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if start + len(raw_data) > MEMORY_BYTES:
            self._file = io.BytesIO()
        else:
            self._file.write(raw_data)

    def file_complete(self, file_size: int) -> Any:
        self._file.seek(0)
        return InMemoryUploadedFile(
            file=self._file,
            field_name=self.field_name,
            name=self.file_name,
            content_type=self.content_type,
            size=file_size,
            charset=self.charset,
            content_type_extra=self.content_type_extra,
        )


def in_memory_alone(request: HttpRequest) -> None:
    """Let no file of the request touch a disk; to be called before anything reads its form.

    Raises:
        AttributeError: the form was read already.
    """
    request.upload_handlers = [Big5NameHandler(request), MemoryOnlyHandler(request)]
