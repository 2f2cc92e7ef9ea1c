"""**Mail**: a country's reminders planned, and delivered to an SMTP server with a commit for each."""

from argparse import Namespace
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests import services
from tests.bench import letters
from tests.bench.clock import ratio
from tests.bench.ground import Ground
from tests.bench.report import Line, Report
from tests.bench.side import Side, side

SECTION = "Mail"
MAILS, FULL, QUICK = 10_000, 100_000, 1_000
PLANNED = 2_000  # of which the pace of the planning is told; the others are copies of them
CHUNKS = 10  # in which portal and floor take turns
FLOOR, LINEAR = 1.25, 1.1


class Taker:
    """Takes every mail and remembers its Message-ID; `services.Mailbox` would keep and parse them all."""

    def __init__(self) -> None:
        self.taken: Counter[bytes] = Counter()

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        head = envelope.content.partition(b"\r\n\r\n")[0]
        self.taken[head.lower().partition(b"message-id:")[2].split(b">")[0].strip()] += 1
        return "250 OK"


@contextmanager
def smtp() -> Iterator[tuple[Taker, str]]:
    """Run an SMTP server; yield what it takes and its address as `EMAIL_URL`."""
    taker, port = Taker(), services.free_port()
    server = Controller(taker, hostname="127.0.0.1", port=port)
    server.start()
    try:
        yield taker, f"smtp://127.0.0.1:{port}"
    finally:
        server.stop()


def run(ground: Ground, report: Report, asked: Namespace) -> None:
    """Measure the planning and the delivery."""
    mails = FULL if asked.full else QUICK if asked.quick else MAILS
    with (
        services.valkey(ground.home / "valkey"),
        smtp() as (taker, url),
        ground.copy("country") as country,
        side(country | {"EMAIL_URL": url}) as there,
    ):
        seconds, planned, queries = there.do(letters.plan, mails if asked.full else min(PLANNED, mails))
        report.add(
            Line(
                SECTION,
                f"{planned:,} reminder mails planned, office after office",
                f"{seconds:.0f} s, {planned / seconds:.0f}/s, {queries / max(planned, 1):.1f} queries a mail",
            )
        )
        ours, floors = _take_turns(there, mails)
        size = mails // CHUNKS
        report.aim(
            SECTION,
            f"{mails:,} mails delivered by one worker",
            f"{sum(ours):.1f} s, {mails / sum(ours):.0f}/s",
            f"one smtplib loop {sum(floors):.1f} s",
            ratio(ours, floors),
            FLOOR,
        )
        whole = sum(ours) + seconds / planned * mails
        report.add(
            Line(SECTION, "the same with planning", f"{whole:.1f} s", f"{sum(floors):.1f} s", whole / sum(floors))
        )
        report.aim(
            SECTION,
            f"a mail of the last {size:,} of {mails:,} beside one of the first",
            f"{ours[-1] / size * 1000:.1f} ms",
            f"{ours[0] / size * 1000:.1f} ms; floor {floors[-1] / size * 1000:.1f} and {floors[0] / size * 1000:.1f} ms",
            (ours[-1] / ours[0]) / (floors[-1] / floors[0]),
            LINEAR,
        )
        left, doubled = there.do(letters.unsent), sum(many > 1 for many in taker.taken.values())
        report.add(
            Line(
                SECTION,
                "mails lost; sent twice",
                f"{left}; {doubled}",
                f"of {sum(taker.taken.values()):,}",
                aim="0; 0",
                met=not left and not doubled,
            )
        )


def _take_turns(there: Side, mails: int) -> tuple[list[float], list[float]]:
    """Let the portal and the floor deliver as much, a chunk of each in turn."""
    ours, floors, size = [], [], mails // CHUNKS
    there.do(letters.hold, mails)
    for _ in range(CHUNKS):
        later = there.do(letters.copy, size)
        there.do(letters.ripen, size)
        seconds, sent = there.do(letters.deliver)
        assert sent == size
        ours.append(seconds)
        floors.append(there.do(letters.bare, later))
    return ours, floors
