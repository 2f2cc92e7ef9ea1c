"""**Pages**: every page of one county and of a country, beside a bare table and beside the admin's list."""

import time
from argparse import Namespace
from dataclasses import asdict, dataclass, field
from itertools import pairwise

from tests.bench import visits
from tests.bench.clock import p50, p95, ratio
from tests.bench.ground import Ground
from tests.bench.people import DEMO_ROLES, ROLES
from tests.bench.report import Line, Report
from tests.bench.side import Side, side
from tests.bench.visits import ALWAYS, Page

MOST_QUERIES = 10
FLOOR, COUNTRY = 1.5, 1.2
# A ratio of two medians of a few visits is no better than this: what is nearer to its aim is met.
TOLERANCE = 0.03
ADDRESSES = 8  # of each view that are looked at for links in the demo's small year
ROUNDS, LONGEST = 7, 2.5  # rounds of visits to a page, and the seconds after which there are only three


@dataclass(slots=True)
class Measured:
    """A page with what it cost: seconds by place (one, country, floor, peer), and queries and rows by place."""

    page: Page
    seconds: dict[str, list[float]] = field(default_factory=dict)
    queries: dict[str, int] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)
    size: int = 0

    def times(self, place: str, other: str) -> float:
        """Return how many times as long one place takes as another."""
        return ratio(self.seconds[place], self.seconds[other])

    @property
    def is_list(self) -> bool:
        return "floor" in self.seconds

    def name(self) -> str:
        """Return what the table calls it."""
        query = self.page.path.partition("?")[2] if self.page.path in ALWAYS else ""
        return f"{self.page.view}{query and f' ?{query}'} ({self.page.role})"


def run(ground: Ground, report: Report, asked: Namespace) -> None:
    """Measure every page."""
    rounds = ROUNDS * 3 if asked.full else 3 if asked.quick else ROUNDS
    with (
        ground.copy("one") as small,
        ground.copy("country") as large,
        side(small) as one,
        side(large) as country,
    ):
        found = _pages(one)
        reachable = one.do(visits.readable)
        measured = [each for page in found if (each := _measure(page, one, country, rounds))]
    met = {each.page.view for each in measured}
    report.details["pages"] = {
        "left out": sorted(set(reachable) - met),
        "pages": [_detail(each) for each in measured],
    }
    report.add(
        Line(
            "Pages",
            f"{len(met)} of {len(reachable)} views, {len(measured)} as {len(ROLES) + len(DEMO_ROLES)} people",
            "",
        )
    )
    _lists(report, [each for each in measured if each.is_list])
    _growth(report, measured)
    _queries(report, measured)


def _pages(one: Side) -> list[Page]:
    """Return the pages of each role; of the administrator and the demo's people those that nobody before sees."""
    found: list[Page] = []
    for role in (*ROLES, *DEMO_ROLES):
        pages = one.do(visits.crawl, role, ADDRESSES if role in DEMO_ROLES else 1)
        seen = {page.view for page in found} if role not in ROLES[:-1] else set[str]()
        found += [page for page in pages if page.view not in seen]
    return found


def _measure(page: Page, one: Side, country: Side, rounds: int) -> Measured | None:
    sides = {"one": one, "country": country}
    made = Measured(page)
    for place, there in sides.items():
        there.do(visits.visit, page.role, page.path)  # what is read once in the life of a process
        _, made.queries[f"{place}, first"], made.rows[f"{place}, first"], _ = there.do(
            visits.cost, page.role, page.path, True
        )
        status, made.queries[place], made.rows[place], made.size = there.do(visits.cost, page.role, page.path, False)
        if status != 200:
            return None
    asked = {place: (there, page.role, page.path) for place, there in sides.items()}
    if page.rows:
        asked["floor"] = (one, page.role, page.floor)
        asked["peer"] = (one, "root", page.peer)
    begun = time.monotonic()
    for place, (there, role, path) in asked.items():
        there.do(visits.visit, role, path, page.columns)
        made.seconds[place] = []
    for done in range(rounds):
        if done >= 3 and time.monotonic() - begun > LONGEST:
            break
        for place, (there, role, path) in asked.items():
            made.seconds[place].append(there.do(visits.visit, role, path, page.columns))
    return made


def _lists(report: Report, lists: list[Measured]) -> None:
    lists.sort(key=lambda each: -each.times("one", "floor"))
    for each in lists:
        times, of_peer = each.times("one", "floor"), each.times("one", "peer")
        report.add(
            Line(
                "Pages",
                f"list {each.name()}, {each.page.rows} × {each.page.columns}",
                f"{_ms(each, 'one')} ms, p95 {p95(each.seconds['one']) * 1000:.0f}",
                f"{_ms(each, 'floor')} ms; admin {_ms(each, 'peer')} ms",
                times,
                f"≤ {FLOOR:g} ×, faster than the admin",
                times <= FLOOR + TOLERANCE and of_peer < 1,
            )
        )


def _growth(report: Report, measured: list[Measured]) -> None:
    grown = sorted(measured, key=lambda each: -each.times("country", "one"))
    times = [each.times("country", "one") for each in measured]
    middle = f"{p50(times):.2f} × in the median of {len(times)} pages"
    over = [each for each in grown if each.times("country", "one") > COUNTRY + TOLERANCE]
    report.add(Line("Pages", "22 counties beside one", middle, "", p50(times), f"≤ {COUNTRY:g} × each", not over))
    for each in over:
        report.add(
            Line(
                "Pages",
                f"22 counties: {each.name()}",
                f"{_ms(each, 'country')} ms, p95 {p95(each.seconds['country']) * 1000:.0f}",
                f"{_ms(each, 'one')} ms",
                each.times("country", "one"),
                f"≤ {COUNTRY:g} ×",
                False,
            )
        )


def _queries(report: Report, measured: list[Measured]) -> None:
    """Say the most queries and rows, and every page that asks too often."""
    for place in ("country", "country, first"):
        when = "as visited again" if place == "country" else "right after a change"
        most = max(measured, key=lambda each: each.queries[place])
        rows = max(measured, key=lambda each: each.rows[place])
        over = [each for each in measured if each.queries[place] > MOST_QUERIES]
        report.add(
            Line(
                "Pages",
                f"most queries, {when}",
                f"{most.queries[place]}: {most.name()}; {len(over)} pages over {MOST_QUERIES}",
                aim=f"≤ {MOST_QUERIES}",
                met=not over,
            )
        )
        report.add(Line("Pages", f"most rows fetched, {when}", f"{rows.rows[place]:,}: {rows.name()}"))
        for each in sorted(over, key=lambda each: -each.queries[place]):
            report.details.setdefault("too many queries", []).append([when, each.name(), each.queries[place]])
    slow = sorted(measured, key=lambda each: -p50(each.seconds["country"]))[:6]
    for each, after in pairwise(slow):
        report.add(
            Line(
                "Pages",
                f"among the slowest: {each.name()}",
                f"{_ms(each, 'country')} ms, {each.queries['country']} queries, {each.rows['country']:,} rows",
                f"next {_ms(after, 'country')} ms",
            )
        )


def _ms(each: Measured, place: str) -> str:
    return f"{p50(each.seconds[place]) * 1000:.0f}"


def _detail(each: Measured) -> dict[str, object]:
    milliseconds = {
        place: {"p50": p50(values) * 1000, "p95": p95(values) * 1000} for place, values in each.seconds.items()
    }
    return {**asdict(each.page), "ms": milliseconds, "queries": each.queries, "rows": each.rows, "bytes": each.size}
