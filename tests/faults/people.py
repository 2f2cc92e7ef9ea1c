"""People at their browsers: they log in, send a form, and send it again when no answer came."""

import http.client
import re
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

PATIENCE = 15.0  # seconds that a person waits for an answer
LOGIN = "/accounts/login/"


@dataclass(frozen=True, slots=True)
class Answer:
    """What the portal said; `status` is 0 when no answer came."""

    status: int
    location: str = ""
    body: str = ""


NO_ANSWER = Answer(0)
File = tuple[str, bytes]


@dataclass
class Browser:
    """One person's browser. `stopped` tells when to give up."""

    port: int
    username: str
    password: str
    stopped: Callable[[], bool] = lambda: False
    cookies: dict[str, str] = field(default_factory=dict)
    refusals: list[Answer] = field(default_factory=list)  # since somebody last looked

    def get(self, path: str) -> Answer:
        """Read a page, once."""
        return self._ask("GET", path)

    def send(self, path: str, values: Mapping[str, str], files: Sequence[File] = ()) -> Answer:
        """Send a form, once."""
        kind, body = _multipart(values, files) if files else _plain(values)
        return self._ask("POST", path, body, kind)

    def insist(
        self, path: str, values: Mapping[str, str], files: Sequence[File] = (), *, done: Callable[[Answer, bool], bool]
    ) -> bool:
        """Send a form again and again until it is done, logging in where asked; False when stopped before.

        Args:
            done: judges an answer; it is also told whether the form was sent before without an answer.
        """
        doubtful = False
        while not self.stopped():
            if "sessionid" not in self.cookies and not self.log_in():
                time.sleep(0.1)
                continue
            answer = self.send(path, values, files)
            if answer.location.startswith(LOGIN):
                self.cookies.clear()
            elif done(answer, doubtful):
                return True
            else:
                doubtful |= answer.status == 0 or answer.status >= 500
                self.refusals.append(answer)
                time.sleep(0.1)
        return False

    def log_in(self) -> bool:
        """Log in with name and password; tell whether it worked."""
        self.cookies.clear()
        if self.get(LOGIN).status != 200:
            return False
        answer = self.send(LOGIN, {"username": self.username, "password": self.password})
        return answer.status == 302

    def _ask(self, method: str, path: str, body: bytes = b"", kind: str = "") -> Answer:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if method == "POST":
            headers |= {"Content-Type": kind, "X-CSRFToken": self.cookies.get("csrftoken", "")}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            connection.request(method, path, body or None, headers)
            response = connection.getresponse()
            text = response.read().decode("utf-8", "replace")
        except (OSError, http.client.HTTPException):
            return NO_ANSWER
        finally:
            connection.close()
        for cookie in response.headers.get_all("Set-Cookie", []):
            name, value = re.match(r"([^=]+)=([^;]*)", cookie).groups()  # type: ignore[union-attr]  # the portal's own cookies
            self.cookies[name] = value
        return Answer(response.status, response.headers.get("Location", ""), text)


def _plain(values: Mapping[str, str]) -> tuple[str, bytes]:
    return "application/x-www-form-urlencoded", urlencode(values).encode()


def _multipart(values: Mapping[str, str], files: Sequence[File]) -> tuple[str, bytes]:
    mark = uuid.uuid4().hex
    parts = [
        f'--{mark}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in values.items()
    ]
    for name, content in files:
        head = f'--{mark}\r\nContent-Disposition: form-data; name="uploads"; filename="{name}"\r\n\r\n'
        parts.append(head.encode() + content + b"\r\n")
    return f"multipart/form-data; boundary={mark}", b"".join(parts) + f"--{mark}--\r\n".encode()
