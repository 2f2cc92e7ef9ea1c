"""**Bulk**: exports of 100,000 rows, imports of 10,000 and 100,000 with their preview."""

from argparse import Namespace

from tests.bench import exports, imports
from tests.bench.clock import p50, ratio
from tests.bench.ground import Ground
from tests.bench.report import Line, Report
from tests.bench.side import side

EXPORTED, IMPORTED, PEER = 100_000, (10_000, 100_000), 1_000
EXPORT, IMPORT = 1.3, 2.0
MOST_MEGABYTES = 150
IN_REQUEST = 20_000  # rows of the longest export that is written while the person waits
SECTION = "Bulk"


def run(ground: Ground, report: Report, asked: Namespace) -> None:
    """Measure exports and imports."""
    exported = 10_000 if asked.quick else EXPORTED
    with ground.copy("country") as country:
        for form in ("xlsx", "ods", "csv"):
            with side(country) as there:
                there.do(exports.export, form, 10)  # what the first one imports
                repeats = 3 if asked.full else 2
                runs = [
                    (there.do(exports.export, form, exported), there.do(exports.bare, form, exported))
                    for _ in range(repeats)
                ]
                waited = there.do(exports.export, form, IN_REQUEST).seconds
            with side(country) as there:
                memory = there.do(exports.export, form, exported).megabytes
                read = there.do(exports.read_only, exported)
            _export(report, form, exported, runs, read)
            _memory(report, form, memory)
            report.add(
                Line(
                    SECTION,
                    f"{form}: longest export within a request ({IN_REQUEST:,} rows), first byte",
                    f"{waited:.1f} s",
                    aim="none: a failure half-way would already have sent half a file",
                )
            )
    with ground.copy("one") as county, side(county) as there:
        for rows in (1_000,) if asked.quick else IMPORTED:
            files = there.do(imports.sheet, rows, f"量測{rows}")
            floor = there.do(imports.floor, files)
            ours = there.do(imports.ours, files)
            floors = [floor, there.do(imports.floor, files)]
            _import(report, rows, ours, p50(floors), len(files))
        peer = there.do(imports.import_export, PEER)
        seconds = peer.whole / PEER * 10_000
        report.add(
            Line(
                SECTION,
                f"django-import-export's default, {PEER:,} rows with preview",
                f"{peer.whole:.1f} s, preview {peer.preview:.1f} s",
                f"10,000 rows would take {seconds:.0f} s",
            )
        )


def _export(
    report: Report, form: str, rows: int, runs: list[tuple[exports.Written, exports.Written]], read: float
) -> None:
    ours, floors = [one.seconds for one, _ in runs], [floor.seconds for _, floor in runs]
    report.aim(
        SECTION,
        f"{form}: export of {rows:,} rows",
        f"{p50(ours):.1f} s, {rows / p50(ours):,.0f} rows/s",
        f"bare writer {p50(floors):.1f} s; reading alone {read:.1f} s",
        ratio(ours, floors),
        EXPORT,
    )
    with_read = [floor + read for floor in floors]
    report.aim(SECTION, f"{form}: the same beside reading + bare writer", "", "", ratio(ours, with_read), EXPORT)


def _memory(report: Report, form: str, megabytes: float) -> None:
    report.add(
        Line(
            SECTION,
            f"{form}: peak memory over idle",
            f"{megabytes:.0f} MB",
            aim=f"< {MOST_MEGABYTES} MB",
            met=megabytes < MOST_MEGABYTES,
        )
    )


def _import(report: Report, rows: int, ours: imports.Imported, floor: float, files: int) -> None:
    parts = f" in {files} reports" if files > 1 else ""
    report.aim(
        SECTION,
        f"import of {rows:,} rows{parts}, with preview ({ours.rows:,} new)",
        f"{ours.whole:.1f} s, preview {ours.preview:.1f} s, {rows / ours.whole:,.0f} rows/s",
        f"calamine + bulk_create {floor:.1f} s",
        ours.whole / floor,
        IMPORT,
    )
