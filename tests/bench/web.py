"""The portal behind gunicorn with two workers, and clients that ask it over HTTP."""

import http.client
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlencode

from tests import services

PATIENCE = 900  # seconds that a client waits: everybody comes at once, and nobody is to be lost
_TOKEN = "b" * 32  # what the cookie and the header of a form have in common


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody logged in, with the pages that they open in turn.

    Attributes:
        agency: for which they draft proposals; 0 for the office's own people, who draft none.
    """

    session: str
    pages: tuple[str, ...]
    agency: int = 0


@contextmanager
def portal(environment: Mapping[str, str], log: Path) -> Iterator[int]:
    """Run gunicorn with two workers; yield its port."""
    port = services.free_port()
    command = ["-m", "gunicorn", "personnel_portal.wsgi", "--bind", f"127.0.0.1:{port}", "--workers", "2"]
    with log.open("ab") as target:
        server = subprocess.Popen(
            [*services.TETHER, "TERM", sys.executable, *command, "--timeout", "120", "--no-control-socket"],
            env={**environment, "DJANGO_SETTINGS_MODULE": "personnel_portal.settings"},
            cwd=services.BASE_DIR,
            stdout=target,
            stderr=target,
        )
    try:
        services.wait_until(lambda: _answers(port), seconds=60, what=f"gunicorn (log: {log})")
        yield port
    finally:
        server.terminate()
        server.wait(30)


def _answers(port: int) -> bool:
    try:
        return ask(port, "GET", "/accounts/login/")[0] == 200
    except OSError:
        return False


def ask(
    port: int, method: str, path: str, session: str = "", body: bytes = b"", kind: str = ""
) -> tuple[int, float, str]:
    """Return status, seconds and where the answer leads; the connection is the client's own, as of a browser that comes anew."""
    headers = {"Cookie": f"sessionid={session}; csrftoken={_TOKEN}", "X-CSRFToken": _TOKEN}
    if kind:
        headers["Content-Type"] = kind
    begun = time.perf_counter()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        connection.request(method, quote(path, safe="/?&=%"), body or None, headers)
        answer = connection.getresponse()
        answer.read()
        return answer.status, time.perf_counter() - begun, answer.headers.get("Location", "")
    finally:
        connection.close()


def draft(port: int, visitor: Visitor, subject: str) -> tuple[int, float, str]:
    """Save a draft of a proposal."""
    body = urlencode({"agency": visitor.agency, "subject": subject, "save": "1"}).encode()
    return ask(port, "POST", "/proposals/create/", visitor.session, body, "application/x-www-form-urlencoded")


def upload(port: int, session: str, path: str, name: str, content: bytes) -> tuple[int, float, str]:
    """Send one file, as the form `uploads` does."""
    edge = secrets.token_hex(16)
    head = f'--{edge}\r\nContent-Disposition: form-data; name="uploads"; filename="{name}"\r\nContent-Type: application/pdf\r\n\r\n'
    body = head.encode() + content + f"\r\n--{edge}--\r\n".encode()
    return ask(port, "POST", path, session, body, f"multipart/form-data; boundary={edge}")
