"""Credited hours (核予時數) of a course by absence (103年度訓練進修計畫; domain notes A4)."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction


class Grant(StrEnum):
    """What somebody gets who was not absent too long."""

    FULL = "full"
    ATTENDED = "attended"


@dataclass(frozen=True, slots=True)
class CreditRule:
    """From which share of absence on no hours are granted, that share included, and what is granted otherwise."""

    limit: Fraction = Fraction(1, 3)
    grant: Grant = Grant.FULL


@dataclass(frozen=True, slots=True)
class Credit:
    """The hours granted, and by how many minutes more of absence they would be lost (0 once they are)."""

    hours: Decimal
    minutes_left: int


def credit(*, hours: Decimal, total: int, absent: int, rule: CreditRule) -> Credit:
    """Return the hours for a course of `total` minutes of which somebody missed `absent`.

    Compared exactly, in whole numbers: of 360 minutes 119 absent are full hours, 120 are none. Attended hours are rounded
    down to halves, as the national portal takes them.

    Raises:
        ValueError: no minutes, or more absent than there are.
    """
    if total <= 0 or not 0 <= absent <= total:
        raise ValueError(f"{absent} of {total} minutes")
    lost_from = -(-rule.limit.numerator * total // rule.limit.denominator)  # rounded up
    if absent >= lost_from:
        return Credit(Decimal(0), 0)
    granted = hours if rule.grant is Grant.FULL else hours * (total - absent) / total // Decimal("0.5") * Decimal("0.5")
    return Credit(granted, lost_from - absent)
