"""How the work of a plan goes: planned beside actual progress, item by item and rolled up."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

FULL = Decimal(100)
_CENT = Decimal("0.01")


class Pace(StrEnum):
    """How an item goes."""

    ON_TIME = "on_time"
    LATE = "late"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Entry:
    """The progress of an item in a quarter, in per cent from 0 to 100; no actual value is not 0.

    `override` is what somebody decided instead of what the figures say.
    """

    planned: Decimal
    actual: Decimal | None
    override: Pace | None = None


@dataclass(frozen=True, slots=True)
class Rolled:
    """Several items together.

    Attributes:
        items: how many there are.
        reported: how many of them have an actual value; the averages are theirs, each item counting once.
        planned, actual: the averages in per cent to two places; none while nothing is reported.
        paces: how many of the reported go how.
    """

    items: int
    reported: int
    planned: Decimal | None
    actual: Decimal | None
    paces: dict[Pace, int]


def computed(planned: Decimal, actual: Decimal | None) -> Pace | None:
    """Return what the figures say: done at 100 %, on time from the planned value on; none without an actual value."""
    if actual is None:
        return None
    if actual >= FULL:
        return Pace.DONE
    return Pace.ON_TIME if actual >= planned else Pace.LATE


def pace(entry: Entry) -> Pace | None:
    """Return how the item goes: as somebody decided, else as the figures say."""
    return entry.override or computed(entry.planned, entry.actual)


def roll_up(entries: Iterable[Entry | None]) -> Rolled:
    """Return several items together; one without an entry counts as not reported."""
    every = list(entries)
    reported = [entry for entry in every if entry is not None and entry.actual is not None]
    paces = [pace(entry) for entry in reported]
    return Rolled(
        items=len(every),
        reported=len(reported),
        planned=_average([entry.planned for entry in reported]),
        actual=_average([entry.actual for entry in reported if entry.actual is not None]),
        paces={kind: paces.count(kind) for kind in Pace},
    )


def _average(values: list[Decimal]) -> Decimal | None:
    return (sum(values, Decimal(0)) / len(values)).quantize(_CENT, ROUND_HALF_UP) if values else None
