"""What must hold after every fault, when everybody rests: nothing missing, nothing doubled, no orphan, the board right."""

import hashlib
import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db import connections
from django.test import Client
from django.utils import timezone

from districts.models import Plan
from meetings import duties as meeting_duties
from meetings.choices import MinutesState
from meetings.models import Minutes, MinutesFile, MinutesVersion
from personnel_portal.accounts.models import User
from personnel_portal.duties import stream
from personnel_portal.outbox.choices import State
from personnel_portal.outbox.models import Message
from personnel_portal.trail import actions as trail
from personnel_portal.trail import chain
from personnel_portal.trail.models import Entry
from personnel_portal.uploads import actions as uploads
from personnel_portal.uploads.models import StoredFile
from tests.faults.load import Load
from tests.faults.people import Browser
from tests.faults.programs import Portal
from tests.services import Mailbox

BOARD = "/duties/board/"
NOW = timedelta(0)
# What differs between two prints of the same page: the form's token.
_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="[^"]*"|"X-CSRFToken": "[^"]*"|(?<=csrf-token" content=")[^"]*')


@dataclass
class Findings:
    """What does not hold, in sentences; `in_hand` are the mails that went out twice and may, `ended` the programs that
    ended although nobody killed them, and were started again."""

    missing: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    orphans: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    in_hand: int = 0
    ended: list[str] = field(default_factory=list)

    def sentences(self) -> list[str]:
        lists = {"missing": self.missing, "doubled": self.doubled, "orphan": self.orphans, "wrong": self.wrong}
        return [f"{name}: {sentence}" for name, found in lists.items() for sentence in found]

    def compare(self, what: str, expected: Counter[str], found: Counter[str]) -> None:
        """Note what is there less or more often than expected."""
        self.missing += [f"{what} {name} × {count}" for name, count in (expected - found).items()]
        self.doubled += [f"{what} {name} × {count}" for name, count in (found - expected).items()]


@dataclass
class Checker:
    """Holds the portal against the book of what it accepted; `copies` counts the extra copies of mails so far."""

    portal: Portal
    load: Load
    mailbox: Mailbox
    reviewers: list[User]
    hosts: dict[int, User]  # meeting → its host's officer
    keys: list[str] = field(default_factory=list)  # mails that a fault put into the outbox besides the load
    copies: int = 0
    whole: set[str] = field(default_factory=set)  # files that were read through before

    def check(self, *, in_hand: int = 0) -> Findings:
        """Look at everything; at most `in_hand` mails may have gone out once more than before."""
        connections.close_all()
        findings = Findings()
        self._uploads(findings)
        self._transitions(findings)
        self._mails(findings, in_hand)
        self._background(findings)
        self._files(findings)
        self._board(findings)
        return findings

    def is_drained(self) -> bool:
        """Tell whether no mail waits and the worker has read all minutes."""
        connections.close_all()
        waiting = Message.objects.filter(state__in=[State.QUEUED, State.SENDING])
        unread = MinutesVersion.objects.filter(submitted_at__isnull=False, findings__isnull=True)
        return not waiting.exists() and not unread.exists()

    def _uploads(self, findings: Findings) -> None:
        expected = Counter(
            f"{story.meeting} {name} {sha256}" for story in self.load.stories for name, sha256 in story.uploads
        )
        rows = MinutesFile.objects.values_list("version__minutes__meeting", "stored__name", "stored__sha256")
        findings.compare("upload", expected, Counter(f"{meeting} {name} {sha256}" for meeting, name, sha256 in rows))

    def _transitions(self, findings: Findings) -> None:
        minutes = {row.meeting_id: row for row in Minutes.objects.all()}
        expected, found = Counter[str](), Counter[str]()
        for story in self.load.stories:
            row = minutes[story.meeting]
            expected.update({f"{story.meeting} {act}": count for act, count in story.steps.items()})
            entries = Entry.objects.for_target(row).filter(act__in=["minutes.submitted", *_STEPS])
            found.update(f"{story.meeting} {act}" for act in entries.values_list("act", flat=True))
            if row.state != story.state:
                findings.missing.append(f"state of minutes {story.meeting}: {row.state}, not {story.state}")
        findings.compare("transition", expected, found)

    def _mails(self, findings: Findings, in_hand: int) -> None:
        expected = Counter({f"key {key}": 1 for key in [*self.load.clerk.keys, *self.keys]})
        for story in self.load.stories:
            for reviewer in self.reviewers:
                expected[f"to {reviewer.email}"] += story.steps["minutes.submitted"]
            expected[f"to {self.hosts[story.meeting].email}"] += sum(story.steps[act] for act in _STEPS)
        messages = list(Message.objects.values_list("key", "to", "message_id", "state", "last_error"))
        findings.compare("mail", expected, Counter(f"key {key}" if key else f"to {to}" for key, to, *_ in messages))
        arrived = Counter(str(message["Message-ID"]) for message in self.mailbox.messages)
        for key, to, message_id, state, error in messages:
            if state != State.SENT or not arrived[message_id]:
                findings.missing.append(f"mail {key or to} {state} {error}, arrived {arrived[message_id]} times")
        extra = sum(arrived.values()) - len(arrived)
        findings.in_hand, self.copies = extra - self.copies, extra
        if findings.in_hand > in_hand:
            findings.doubled.append(f"mail: {findings.in_hand} went out twice, {in_hand} may have been in hand")

    def trail(self) -> Findings:
        """Look at the whole audit trail; once at the end, since a break in it never heals."""
        while trail.seal():
            pass
        return Findings(wrong=[f"trail: {problem}" for problem in chain.verify()])

    def _background(self, findings: Findings) -> None:
        unread = MinutesVersion.objects.filter(submitted_at__isnull=False, findings__isnull=True)
        findings.missing += [f"text check of version {version.pk}" for version in unread]

    def _files(self, findings: Findings) -> None:
        """Sweep as the night does, but at once, since nobody is uploading; then what is left must be what rows name."""
        uploads.forget_unused(now=timezone.now(), older_than=NOW)
        uploads.sweep_orphans(older_than=NOW)
        kept = set(StoredFile.objects.values_list("sha256", flat=True))
        used = set(MinutesFile.objects.values_list("stored__sha256", flat=True))
        root = Path(settings.STORAGE_PATH)
        there = {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()} - {".lock"}
        places = {f"{sha256[:2]}/{sha256[2:]}": sha256 for sha256 in kept}
        findings.missing += [f"bytes of {place}" for place in places.keys() - there]
        findings.orphans += [f"file {place}" for place in there - places.keys()]
        findings.orphans += [f"row of file {sha256}" for sha256 in kept - used]
        temporary = (self.portal.home / "temporary").rglob("*")
        findings.orphans += [f"temporary file {path.name}" for path in temporary if _is_ours(path)]
        for place in (places.keys() & there) - self.whole:
            if hashlib.sha256((root / place).read_bytes()).hexdigest() != places[place]:
                findings.missing.append(f"whole bytes of {place}")
            self.whole.add(place)

    def _board(self, findings: Findings) -> None:
        """Hold the stream against the book, and the board as served against the board as computed anew."""
        today = timezone.localdate()
        states = {story.meeting: story.state for story in self.load.stories}
        plan = Plan.objects.get(meetings=self.load.stories[0].meeting)
        stated = {duty.key: not duty.is_open() for duty in stream.of_plan(plan, today=today)}
        expected = {}
        for meeting, state in states.items():
            delivered = state in meeting_duties.DELIVERED
            expected[f"{meeting_duties.MINUTES}.meeting-{meeting}"] = delivered
            if delivered:
                expected[f"{meeting_duties.REVIEW}.meeting-{meeting}"] = state == MinutesState.ACCEPTED
        found = {key: done for key, done in stated.items() if key.startswith(_OF_MINUTES)}
        if found != expected:
            findings.wrong.append(f"duties: {sorted(found.items() ^ expected.items())}")
        reader = self.load.stories[0].reviewer
        reader.get(BOARD)  # what the portal has to tell the reader is told
        served = _plain(reader.get(BOARD).body)
        anew = self._board_anew(reader)
        if served != anew:
            lines = [f"{one.strip()} | {two.strip()}" for one, two in zip(served, anew, strict=False) if one != two]
            findings.wrong.append(f"board: what is served differs from what is computed anew: {lines[:1]}")

    def _board_anew(self, reader: Browser) -> list[str]:
        client = Client(SERVER_NAME="127.0.0.1", SERVER_PORT=str(reader.port))
        client.cookies.load(reader.cookies)
        return _plain(client.get(BOARD).content.decode())


_OF_MINUTES = (f"{meeting_duties.MINUTES}.", f"{meeting_duties.REVIEW}.")
_STEPS = ("minutes.accepted", "minutes.returned", "minutes.reopened")


def _is_ours(path: Path) -> bool:
    """Tell whether a temporary file may be the portal's; Python's own search for a library leaves some of its compiler."""
    return path.is_file() and not path.name.startswith("cc")


def _plain(page: str) -> list[str]:
    return _TOKEN.sub("", page).splitlines()
