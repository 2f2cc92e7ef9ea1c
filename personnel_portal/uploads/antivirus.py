"""Asking ClamAV about a file, where the installation has one (`CLAMAV_SOCKET`, the path of clamd's unix socket)."""

from __future__ import annotations

import socket
import struct
from typing import IO

from personnel_portal.uploads.inspection.refusals import Reason, Refused

TIMEOUT_SECONDS = 30
CHUNK = 64 * 1024
_ANSWER_LIMIT = 4096


def scan(file: IO[bytes], address: str) -> None:
    """Send the file to clamd (`INSTREAM`) and return when it is clean.

    Raises:
        Refused: VIRUS with the name of what was found; SCANNER when clamd cannot be reached or does not answer.
    """
    try:
        answer = _asked(file, address)
    except OSError as error:
        raise Refused(Reason.SCANNER, f"clamd at {address}: {error}") from error
    if answer.endswith("FOUND"):
        raise Refused(Reason.VIRUS, answer)
    if answer != "stream: OK":
        raise Refused(Reason.SCANNER, f"clamd answered {answer!r}")


def _asked(file: IO[bytes], address: str) -> str:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as clamd:
        clamd.settimeout(TIMEOUT_SECONDS)
        clamd.connect(address)
        clamd.sendall(b"zINSTREAM\0")
        while chunk := file.read(CHUNK):
            clamd.sendall(struct.pack(">L", len(chunk)) + chunk)
        clamd.sendall(struct.pack(">L", 0))
        answer = bytearray()
        while not answer.endswith(b"\0") and len(answer) < _ANSWER_LIMIT and (part := clamd.recv(_ANSWER_LIMIT)):
            answer += part
    return answer.rstrip(b"\0").decode("utf-8", "replace").strip()
