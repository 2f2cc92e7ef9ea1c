"""The work that goes on while something fails, and the book that is kept of what the portal accepted.

Each story is one meeting's minutes, driven by its host and a reviewer: upload, submit, return, upload, submit, accept,
reopen, and again from the start. Beside them a clerk puts keyed mails into the outbox. All of them repeat what got no
answer, as people do, so at a rest nothing is in doubt: what is in the book must be in the portal exactly once.
"""

import hashlib
import io
import itertools
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random

from django.db import DatabaseError, connection, transaction
from PIL import Image

from meetings.choices import MinutesState
from personnel_portal.outbox.actions import enqueue
from tests.faults.people import Answer, Browser
from tests.services import wait_until
from tests.uploads import making

PERSON = "report@example.org"  # who is written to by the clerk
LETTERS = 5  # at a time
PAUSE = 0.3  # seconds between two acts of a person: what is tried here is not speed

STATE_AFTER = {
    "minutes.submitted": MinutesState.SUBMITTED,
    "minutes.returned": MinutesState.RETURNED,
    "minutes.accepted": MinutesState.ACCEPTED,
    "minutes.reopened": MinutesState.RETURNED,
}


@dataclass
class Story:
    """One meeting's minutes: what the portal accepted of them."""

    meeting: int
    host: Browser
    reviewer: Browser
    uploads: list[tuple[str, str]] = field(default_factory=list)
    steps: Counter[str] = field(default_factory=Counter)
    state: MinutesState = MinutesState.UNFILED

    def acts(self) -> Iterator[Callable[[], bool]]:
        """Yield one act after the other, for ever; each is done when it returns True."""
        for turn in itertools.count():
            yield lambda turn=turn: self._upload(f"紀錄{turn}.docx")  # type: ignore[misc]  # bound at once
            yield lambda turn=turn: self._upload(f"簽到{turn}{'.png' if turn % 4 == 3 else '.docx'}")  # type: ignore[misc]  # as above
            yield lambda: self._step(self.host, "minutes.submitted", "", {"submit": "1", "note": ""})
            if turn % 2 == 0:
                yield lambda: self._step(self.reviewer, "minutes.returned", "return/", {"reason": "請補簽到表。"})
            else:
                yield lambda: self._step(self.reviewer, "minutes.accepted", "accept/", {})
                yield lambda: self._step(self.reviewer, "minutes.reopened", "reopen/", {"reason": "補附件。"})

    def _upload(self, name: str) -> bool:
        path = f"/meetings/{self.meeting}/minutes/"
        content = (photograph if name.endswith("png") else document)(f"{self.meeting} {name}")
        if not self.host.insist(path, {"note": ""}, [(name, content)], done=lambda answer, _: answer.location == path):
            return False
        self.uploads.append((name, hashlib.sha256(content).hexdigest()))
        return True

    def _step(self, person: Browser, act: str, path: str, values: dict[str, str]) -> bool:
        def done(answer: Answer, doubtful: bool) -> bool:
            # A step that was taken without an answer is refused the second time, at the form or by leading back.
            return answer.location == f"/meetings/{self.meeting}/" or (doubtful and answer.status == 422)

        if not person.insist(f"/meetings/{self.meeting}/minutes/{path}", values, done=done):
            return False
        self.steps[act] += 1
        self.state = STATE_AFTER[act]
        return True


def document(words: str) -> bytes:
    """Return a small DOCX that no other one equals."""
    return making.docx(body=f"<w:p><w:r><w:t>會議紀錄 {words}</w:t></w:r></w:p>")


def photograph(words: str) -> bytes:
    """Return a picture that no other one equals, too large for a form that is kept in memory (2.5 MB)."""
    side = 950
    noise = Random(words).randbytes(side * side * 3)
    buffer = io.BytesIO()
    Image.frombytes("RGB", (side, side), noise).save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


@dataclass
class Clerk:
    """Puts mails into the outbox by the portal's own function; a key that got no answer is tried again."""

    keys: list[str] = field(default_factory=list)

    def acts(self) -> Iterator[Callable[[], bool]]:
        for number in itertools.count():
            yield lambda number=number: self._post(f"report:{number}")  # type: ignore[misc]  # bound at once

    def _post(self, key: str) -> bool:
        try:
            with transaction.atomic():
                for letter in range(LETTERS):
                    enqueue(to=PERSON, name="報表", subject=f"{key}:{letter}", text="請查照。", key=f"{key}:{letter}")
        except DatabaseError:
            connection.close()
            time.sleep(0.1)
            return False
        self.keys += [f"{key}:{letter}" for letter in range(LETTERS)]
        return True


@dataclass
class Load:
    """All who work, each in a thread; they rest at the end of an act."""

    stories: list[Story]
    clerk: Clerk = field(default_factory=Clerk)
    accepted: Counter[str] = field(default_factory=Counter)
    last: dict[str, float] = field(default_factory=dict)  # kind of act → when one was last accepted
    _going: threading.Event = field(default_factory=threading.Event)
    _ended: threading.Event = field(default_factory=threading.Event)
    _resting: list[threading.Event] = field(default_factory=list)
    _failures: list[BaseException] = field(default_factory=list)

    @contextmanager
    def working(self) -> Iterator[None]:
        """Let everybody begin, and see them off at the end."""
        workers = [*self.stories, self.clerk]
        self._resting = [threading.Event() for _ in workers]
        threads = [
            threading.Thread(target=self._work, args=pair, daemon=True)
            for pair in zip(workers, self._resting, strict=True)
        ]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._ended.set()
            self._going.set()
            for thread in threads:
                thread.join(30)

    def is_over(self) -> bool:
        return self._ended.is_set()

    def go(self) -> None:
        for resting in self._resting:
            resting.clear()
        self._going.set()

    def rest(self) -> None:
        """Wait until everybody has ended what they began."""
        self._going.clear()
        wait_until(lambda: self._failures or all(r.is_set() for r in self._resting), seconds=90, what="a rest")
        self.raise_failure()

    def raise_failure(self) -> None:
        """Raise what ended somebody's work other than the end of the run."""
        if self._failures:
            raise self._failures[0]

    def kinds(self) -> list[str]:
        return ["upload", "transition", "mail"]

    def went_on_since(self, moment: float) -> bool:
        """Tell whether everything that people do was accepted again after a moment of the monotonic clock."""
        return all(self.last.get(kind, 0) > moment for kind in self.kinds())

    def _work(self, worker: Story | Clerk, resting: threading.Event) -> None:
        try:
            for act in worker.acts():
                before = sum(worker.steps.values()) if isinstance(worker, Story) else 0
                done = False
                while not done:
                    if not self._going.is_set():
                        resting.set()
                        self._going.wait()
                    if self._ended.is_set():
                        return
                    done = act()
                self._note(worker, before)
                time.sleep(PAUSE)
        except BaseException as failure:  # told by `rest`
            self._failures.append(failure)
        finally:
            resting.set()
            connection.close()

    def _note(self, worker: Story | Clerk, before: int) -> None:
        kind = "mail"
        if isinstance(worker, Story):
            kind = "transition" if sum(worker.steps.values()) > before else "upload"
        self.accepted[kind] += LETTERS if kind == "mail" else 1
        self.last[kind] = time.monotonic()
