"""**PDF**: a long roster and long minutes, beside WeasyPrint on the same HTML."""

from argparse import Namespace

from tests.bench import papers
from tests.bench.clock import p50, ratio
from tests.bench.ground import Ground
from tests.bench.report import Line, Report
from tests.bench.side import side

SECTION = "PDF"
PAGES, QUICK = 40, 5
FLOOR = 1.1


def run(ground: Ground, report: Report, asked: Namespace) -> None:
    """Render both papers, the portal and the floor in turn."""
    pages = QUICK if asked.quick else PAGES
    with ground.copy("one") as county:
        for kind in ("roster", "minutes"):
            with side(county) as there:
                there.do(papers.bare, kind, 1)  # what is loaded once
            with side(county) as there:
                memory = there.do(papers.ours, kind, pages)
                runs = [
                    (there.do(papers.bare, kind, pages), there.do(papers.ours, kind, pages))
                    for _ in range(3 if asked.full else 1)
                ]
            ours, floors = [one.seconds for _, one in runs], [floor.seconds for floor, _ in runs]
            report.aim(
                SECTION,
                f"{kind} of {memory.pages} pages",
                f"{p50(ours):.1f} s",
                f"WeasyPrint alone {p50(floors):.1f} s",
                ratio(ours, floors),
                FLOOR,
            )
            report.add(Line(SECTION, f"{kind}: peak memory over idle", f"{memory.megabytes:.0f} MB"))
