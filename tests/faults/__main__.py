"""`python -m tests.faults`: break the portal on purpose while people work, and see that nothing is lost or doubled.

It runs a portal of its own (PostgreSQL with its data on disk, Valkey, gunicorn, worker, beat, SMTP server) in a
temporary directory, and ends with 1 when a promise was broken. The same seed gives the same victims and moments.
"""

import argparse
import logging
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

os.environ["DATABASE"] = "postgres"
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
GROUPS = ("random", "points", "disk", "broker", "smtp", "clock", "beats", "restore")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--rounds", type=int, default=100, help="random kills (100)")
    parser.add_argument("--seed", type=int, default=1, help="of the victims and moments (1)")
    parser.add_argument(
        "--only", nargs="+", default=[], metavar="WHAT", help=f"of {', '.join(GROUPS)}, or named points"
    )
    parser.add_argument("--away", type=float, default=120, help="seconds that the broker is away (120)")
    parser.add_argument("--base", type=Path, help="a dump of a migrated database with the real data, to save time")
    parser.add_argument(
        "--spoil", default="", choices=["", "sent", "claim"], help="a defect, by which the run must fail"
    )
    return parser.parse_args()


def main() -> int:
    """Try the faults; print the table; return the exit code."""
    asked = arguments()
    import django

    django.setup()
    logging.disable(logging.ERROR)  # what fails here fails on purpose
    from tests.faults import harms, report, restoring
    from tests.faults.scene import Row, made
    from tests.faults.wrapped import POINTS

    points = set(asked.only) & set(POINTS)
    if unknown := set(asked.only) - set(GROUPS) - points:
        sys.exit(f"Unknown: {', '.join(unknown)}. Points: {'; '.join(POINTS)}.")
    began = time.monotonic()
    with made(asked.seed, asked.spoil, asked.base) as scene:
        print(f"{time.monotonic() - began:.0f} s: the portal runs in {scene.portal.home}", flush=True)
        groups: dict[str, Callable[[], None]] = {
            "points": lambda: harms.named_points(scene, points),
            "random": lambda: harms.random_kills(scene, asked.rounds),
            "disk": lambda: harms.full_disk(scene),
            "broker": lambda: harms.broker_away(scene, asked.away),
            "smtp": lambda: harms.bad_mail_server(scene),
            "clock": lambda: harms.clock_jumps(scene),
            "beats": lambda: harms.two_beats(scene),
            "restore": lambda: restoring.restore(scene),
        }
        for name, run in groups.items():
            if not asked.only or name in asked.only or (name == "points" and points):
                print(f"{time.monotonic() - began:.0f} s: {name}", flush=True)
                run()
        scene.rows["trail"] = Row("audit trail at the end", 1, findings=[scene.checker.trail()])
        rows = list(scene.rows.values())
    print(report.table(rows))
    held = report.holds(rows)
    print(f"{'Every promise held' if held else 'A PROMISE WAS BROKEN'}, {time.monotonic() - began:.0f} s.")
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
