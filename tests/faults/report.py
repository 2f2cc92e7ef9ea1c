"""The table of a run, in Markdown."""

from collections import Counter
from collections.abc import Iterable
from statistics import median

from tests.faults.scene import Row

HEAD = (
    "| fault | rounds | uploads | steps | mails | missing | doubled (in hand) | orphans | wrong | back after s |",
    "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|",
)


def table(rows: Iterable[Row]) -> str:
    """Return a line for each fault: what was accepted meanwhile, what did not hold, and when all went on again
    (median and longest)."""
    return "\n".join([*HEAD, *map(_line, rows)])


def _line(row: Row) -> str:
    missing, doubled, orphans, wrong, in_hand = (
        sum(each)
        for each in zip(
            *((len(f.missing), len(f.doubled), len(f.orphans), len(f.wrong), f.in_hand) for f in row.findings),
            strict=True,
        )
    )
    back = f"{median(row.recoveries):.1f} / {max(row.recoveries):.1f}" if row.recoveries else "–"
    accepted = " | ".join(str(row.accepted[kind]) for kind in ("upload", "transition", "mail"))
    ended = Counter(name for finding in row.findings for name in finding.ended)
    notes = [row.note] * bool(row.note) + [f"{name} ended by itself × {count}" for name, count in ended.items()]
    fault = f"{row.fault} ({'; '.join(notes)})" if notes else row.fault
    return f"| {fault} | {row.rounds} | {accepted} | {missing} | {doubled} ({in_hand}) | {orphans} | {wrong} | {back} |"


def holds(rows: Iterable[Row]) -> bool:
    """Tell whether every promise held after every fault."""
    return not any(finding.sentences() for row in rows for finding in row.findings)
