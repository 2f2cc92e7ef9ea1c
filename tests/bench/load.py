"""**Load**: mixed work of 1 to 64 clients on two gunicorn workers, and the last day before a deadline."""

import hashlib
import time
from argparse import Namespace
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Barrier

from tests import services
from tests.bench import crowd, web
from tests.bench.clock import p50, p95, timed
from tests.bench.ground import Ground
from tests.bench.report import Line, Report
from tests.bench.side import side
from tests.bench.web import Visitor

SECTION = "Load"
CLIENTS = (1, 4, 16, 64)
WRITES = 10  # every so many requests is a draft saved
SUBJECT = "量測草稿"
UPLOADS, SIZE = 340, 2 * 1024 * 1024


@dataclass(slots=True)
class Tally:
    """What a client met."""

    seconds: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    drafts: int = 0


def run(ground: Ground, report: Report, asked: Namespace) -> None:
    """Measure both."""
    seconds = 10 if asked.quick else asked.seconds
    with (
        services.valkey(ground.home / "valkey"),
        ground.copy("country") as country,
        side(country) as there,
        web.portal(_all(country), ground.home / "gunicorn.log") as port,
    ):
        visitors = there.do(crowd.visitors, max(CLIENTS))
        for visitor in visitors[:8]:
            for page in visitor.pages:
                web.ask(port, "GET", page, visitor.session)  # what each worker reads once
        for clients in CLIENTS:
            _crowd(report, port, visitors[:clients], seconds)
        saved = there.do(crowd.drafts, SUBJECT)
        told = sum(tally["drafts"] for tally in report.details["load"])
        report.add(
            Line(SECTION, "drafts saved, rows beside answers", f"{saved:,}", f"{told:,}", aim="=", met=saved == told)
        )
        uploaders = there.do(crowd.uploaders, 40 if asked.quick else UPLOADS)
        paper = there.do(crowd.paper, SIZE)
        _deadline(report, port, uploaders, paper, lambda sent: there.do(crowd.arrived, sent))


def _all(environment: dict[str, str]) -> dict[str, str]:
    import os

    return {**os.environ, **environment}


def _crowd(report: Report, port: int, visitors: Sequence[Visitor], seconds: int) -> None:
    end = time.monotonic() + seconds
    with ThreadPoolExecutor(len(visitors)) as threads:
        tallies = list(threads.map(lambda visitor: _work(port, visitor, end), visitors))
    times = [each for tally in tallies for each in tally.seconds]
    errors = [error for tally in tallies for error in tally.errors]
    report.details.setdefault("load", []).append(
        {"clients": len(visitors), "drafts": sum(tally.drafts for tally in tallies), "errors": errors[:20]}
    )
    report.add(
        Line(
            SECTION,
            f"{len(visitors)} client{'s' if len(visitors) > 1 else ''}, {seconds} s of mixed work",
            f"{len(times) / seconds:.0f} requests/s, p50 {p50(times) * 1000:.0f} ms, p95 {p95(times) * 1000:.0f} ms",
            f"{len(errors)} errors of {len(times):,}",
            aim="0 errors",
            met=not errors,
        )
    )


def _work(port: int, visitor: Visitor, end: float) -> Tally:
    """Open page after page, and save a draft now and then."""
    tally, number = Tally(), 0
    while time.monotonic() < end:
        number += 1
        writes = bool(visitor.agency) and number % WRITES == WRITES // 2
        try:
            status, seconds, _ = (
                web.draft(port, visitor, f"{SUBJECT}{visitor.agency}-{time.monotonic_ns()}")
                if writes
                else web.ask(port, "GET", visitor.pages[number % len(visitor.pages)], visitor.session)
            )
        except OSError as error:
            tally.errors.append(repr(error))
            continue
        tally.seconds.append(seconds)
        tally.drafts += writes and status == 302
        if status != (302 if writes else 200):
            tally.errors.append(f"{status} {'draft' if writes else visitor.pages[number % len(visitor.pages)]}")
    return tally


def _deadline(
    report: Report,
    port: int,
    uploaders: Sequence[tuple[str, str]],
    paper: bytes,
    arrived: Callable[[set[str]], tuple[int, int, int]],
) -> None:
    """Let everybody upload a file of their own at the same moment, and look for each."""
    files = [paper.replace(crowd.MARK, crowd.MARK[:-5] + f"{number:04d}%".encode()) for number in range(len(uploaders))]
    together = Barrier(len(uploaders))

    def send(number: int) -> tuple[int, float, str]:
        session, path = uploaders[number]
        together.wait()
        return web.upload(port, session, path, f"檔案{number}.pdf", files[number])

    with ThreadPoolExecutor(len(uploaders)) as threads:
        whole, answers = timed(lambda: list(threads.map(send, range(len(uploaders)))))
    lost, doubled, broken = arrived({hashlib.sha256(content).hexdigest() for content in files})
    refused = sum(status != 302 for status, _, _ in answers)
    times = [seconds for _, seconds, _ in answers]
    report.add(
        Line(
            SECTION,
            f"last day: {len(uploaders)} people upload 2 MB at once",
            f"all in {whole:.0f} s, {len(uploaders) / whole:.1f} files/s, p50 {p50(times):.0f} s, p95 {p95(times):.0f} s",
            f"{refused} refused, {lost} lost, {doubled} doubled, {broken} not whole on disk",
            aim="0 each",
            met=not (refused or lost or doubled or broken),
        )
    )
