"""**Rules**: commendations and scores of a whole country."""

from argparse import Namespace

from tests.bench import figures
from tests.bench.ground import Ground
from tests.bench.report import Line, Report
from tests.bench.side import side

SECTION = "Rules"


def run(ground: Ground, report: Report, asked: Namespace) -> None:
    """Compute both for one county and for the country; work that grows faster than the counties would show."""
    with ground.copy("one") as small, ground.copy("country") as large, side(small) as one, side(large) as country:
        for name, work in {"commendations": figures.commendations, "scores of targets": figures.scores}.items():
            one.do(work), country.do(work)  # what is read once
            single, whole = one.do(work), country.do(work)
            times = asked.counties * single.seconds
            report.add(
                Line(
                    SECTION,
                    f"{name} of {asked.counties} counties ({whole.found:,})",
                    f"{whole.seconds:.2f} s, {whole.queries} queries, {whole.rows:,} rows",
                    f"{asked.counties} × one county {times:.2f} s",
                    whole.seconds / times,
                    "≤ 1.2 ×",
                    whole.seconds <= 1.2 * times,
                )
            )
