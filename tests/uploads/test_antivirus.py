"""The ClamAV hook against a server that speaks clamd's INSTREAM."""

from __future__ import annotations

import socket
import struct
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from pytest_django import Settings

from personnel_portal.uploads.checks import check
from personnel_portal.uploads.kinds import ATTACHMENTS, Kind
from tests.uploads import making

PICTURE = making.picture("PNG")


class Clamd:
    """Answers one scan and keeps what it was sent."""

    def __init__(self, address: Path, answer: bytes) -> None:
        self.received = b""
        self._answer = answer
        self._server = socket.socket(socket.AF_UNIX)
        self._server.settimeout(10)
        self._server.bind(str(address))
        self._server.listen()
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        with self._server, self._server.accept()[0] as client, client.makefile("rb") as stream:
            assert stream.read(10) == b"zINSTREAM\0"
            while length := struct.unpack(">L", stream.read(4))[0]:
                self.received += stream.read(length)
            client.sendall(self._answer)

    def stop(self) -> None:
        self._thread.join()


@pytest.fixture
def address(settings: Settings) -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:  # a socket's path must be short
        settings.CLAMAV_SOCKET = str(Path(folder) / "clamd")
        yield Path(settings.CLAMAV_SOCKET)


def test_clean_file_is_sent_whole(address: Path) -> None:
    clamd = Clamd(address, b"stream: OK\0")
    assert check(ContentFile(PICTURE, name="圖.png"), ATTACHMENTS) is Kind.PNG
    clamd.stop()
    assert clamd.received == PICTURE


@pytest.mark.parametrize(
    ("answer", "code", "says"),
    [
        (b"stream: Eicar-Test-Signature FOUND\0", "virus", "經掃毒發現惡意程式"),
        (b"INSTREAM size limit exceeded. ERROR\0", "scanner", "目前無法掃毒"),
        (b"", "scanner", "目前無法掃毒"),
    ],
)
def test_file_that_is_not_called_clean_is_refused(address: Path, answer: bytes, code: str, says: str) -> None:
    clamd = Clamd(address, answer)
    with pytest.raises(ValidationError) as refused:
        check(ContentFile(PICTURE, name="圖.png"), ATTACHMENTS)
    clamd.stop()
    assert refused.value.code == code
    assert says in refused.value.messages[0]


def test_unreachable_scanner_asks_to_try_later(address: Path, caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(ValidationError) as refused:
        check(ContentFile(PICTURE, name="圖.png"), ATTACHMENTS)
    assert refused.value.messages == ["「圖.png」目前無法掃毒，尚未收存，請稍後再上傳。"]
    assert str(address) in caplog.text
