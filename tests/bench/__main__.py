"""`make bench`: measure the portal against its floors and peers, and print the table of the README.

    python -m tests.bench [data pages bulk mail pdf rules load] [--counties 22] [--quick | --full] [--postgres DIRECTORY]

Everything is private: a PostgreSQL, a Valkey and an SMTP server of its own, below a directory that goes with it.
"""

import os
import shutil
import signal
import sys
import tempfile
from argparse import ArgumentParser, Namespace
from importlib import import_module
from pathlib import Path

SECTIONS = ("data", "pages", "bulk", "mail", "pdf", "rules", "load")


def main() -> int:
    """Measure the sections asked for; return the exit code."""
    asked = _asked()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # whatever ends it, what it started ends too
    home = Path(tempfile.mkdtemp(prefix="bench-"))
    home.chmod(0o711)  # PostgreSQL runs as another user where this is root
    os.environ.update(
        DJANGO_SETTINGS_MODULE="tests.bench.settings",
        PORTAL_MODE="development",
        DATABASE_URL="postgres://portal@/nowhere/bench",  # this process itself has no database
        VAR_PATH=str(home),
        STORAGE_PATH=str(home / "files"),
        REDIS_URL=f"redis+socket://{home / 'valkey' / 'valkey.sock'}",
        SECRET_KEY="bench-" * 10,
        LOG_LEVEL="ERROR",
    )
    try:
        return _run(asked, home)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _asked() -> Namespace:
    parser = ArgumentParser("tests.bench")
    parser.add_argument("sections", nargs="*", metavar="section", help=" ".join(SECTIONS))
    parser.add_argument("--counties", type=int, default=22, help="of the country (22)")
    parser.add_argument("--quick", action="store_true", help="a few minutes: smaller numbers, same measures")
    parser.add_argument("--full", action="store_true", help="half an hour: greater numbers, more repeats")
    parser.add_argument("--seconds", type=int, default=60, help="of each number of clients (60)")
    parser.add_argument("--postgres", type=Path, help="socket directory of a server that has both databases already")
    asked = parser.parse_args()
    if unknown := set(asked.sections) - set(SECTIONS):
        parser.error(f"there is no section {', '.join(unknown)}")
    return asked


def _run(asked: Namespace, home: Path) -> int:
    import django

    django.setup()
    from tests.bench.ground import ground, prepare
    from tests.bench.report import Report, machine

    with ground(home, asked.postgres) as place:
        report = Report(machine(place.version()))
        wanted = [name for name in SECTIONS if not asked.sections or name in asked.sections]
        prepare(place, report, asked.counties)
        for name in wanted:
            if name != "data":
                import_module(f"tests.bench.{name}").run(place, report, asked)
            kept = report.write(Path(__file__).resolve().parents[2] / ".var" / "bench")  # a later one may fail
    print(f"\n{report.table()}\n\n{kept}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
