"""Bounds as rules state them, and tables of them without gaps and overlaps.

以上 and 以下 include the number, 超過 and 未滿 do not; either side may be open.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise


class TableError(ValueError):
    """A table of bounds that does not decide every value once. `key` says why, `numbers` where."""

    def __init__(self, key: str, **numbers: Decimal) -> None:
        super().__init__(f"{key}: {numbers}")
        self.key = key
        self.numbers = numbers


@dataclass(frozen=True, slots=True)
class Bounds:
    """A range of numbers.

    Attributes:
        low, high: the ends; none is open.
        low_included: 以上 (true) or 超過.
        high_included: 以下 (true) or 未滿.

    Raises:
        TableError: reversed, or nothing lies between.
    """

    low: Decimal | None = None
    high: Decimal | None = None
    low_included: bool = True
    high_included: bool = False

    def __post_init__(self) -> None:
        if self.low is None or self.high is None:
            return
        if self.low > self.high:
            raise TableError("reversed", low=self.low, high=self.high)
        if self.low == self.high and not (self.low_included and self.high_included):
            raise TableError("empty", low=self.low, high=self.high)

    def holds(self, value: Decimal | int) -> bool:
        """Tell whether the value lies inside."""
        return self._above_low(Decimal(value)) and self._below_high(Decimal(value))

    def _above_low(self, value: Decimal) -> bool:
        if self.low is None:
            return True
        return value >= self.low if self.low_included else value > self.low

    def _below_high(self, value: Decimal) -> bool:
        if self.high is None:
            return True
        return value <= self.high if self.high_included else value < self.high


def whole(low: int | None, high: int | None, low_included: bool, high_included: bool) -> Bounds:
    """Return bounds of whole numbers."""
    return Bounds(
        None if low is None else Decimal(low), None if high is None else Decimal(high), low_included, high_included
    )


def in_order(table: Sequence[Bounds], *, step: Decimal | None = None) -> list[Bounds]:
    """Return the ranges from low to high, if each begins where the one before ends.

    Args:
        step: the smallest difference of values, 1 for whole numbers: then 1–5 and 6–10 leave no gap.

    Raises:
        TableError: `gap` or `overlap`, with the numbers between which it lies.
    """
    ordered = sorted(table, key=_from)
    for lower, upper in pairwise(ordered):
        _refuse_gap_or_overlap(lower, upper, step)
    return ordered


def _from(bounds: Bounds) -> tuple[bool, Decimal, bool]:
    return bounds.low is not None, bounds.low or Decimal(0), not bounds.low_included


def _refuse_gap_or_overlap(lower: Bounds, upper: Bounds, step: Decimal | None) -> None:
    if lower.high is None or upper.low is None:
        open_end = upper.low if upper.low is not None else lower.high
        raise TableError("overlap", **({} if open_end is None else {"high": open_end}))
    # With a step, a range ends at the first value behind it and begins at its first value.
    ends = lower.high + step if step is not None and lower.high_included else lower.high
    begins = upper.low if step is None or upper.low_included else upper.low + step
    shared = lower.high_included + upper.low_included if step is None and begins == ends else 1
    if begins < ends or shared == 2:
        raise TableError("overlap", low=upper.low, high=lower.high)
    if begins > ends or shared == 0:
        raise TableError("gap", low=lower.high, high=upper.low)
