"""Numbers out of repeated measurements."""

import statistics
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

T = TypeVar("T")


def timed(act: Callable[[], T]) -> tuple[float, T]:
    """Return how many seconds an act took, and its result."""
    begun = time.perf_counter()
    result = act()
    return time.perf_counter() - begun, result


def p50(values: Sequence[float]) -> float:
    """Return the median."""
    return statistics.median(values)


def p95(values: Sequence[float]) -> float:
    """Return the value that 19 of 20 do not exceed; of fewer than 20 the greatest."""
    return sorted(values)[max(0, -(-len(values) * 95 // 100) - 1)]


def ratio(measured: Sequence[float], floor: Sequence[float]) -> float:
    """Return the median of the ratios of pairs that were measured one right after the other.

    A moment in which the machine does something else hits both sides of a pair.
    """
    return statistics.median(one / other for one, other in zip(measured, floor, strict=True))
