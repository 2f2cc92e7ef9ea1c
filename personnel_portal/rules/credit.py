"""Credited hours (核予時數) of a course by absence (103年度訓練進修計畫; domain notes A4)."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

HALF, TENTH = Decimal("0.5"), Decimal("0.1")


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


def lost_from(total: int, limit: Fraction) -> int:
    """Return from how many minutes of absence on a course of `total` minutes gives no hours."""
    return -(-limit.numerator * total // limit.denominator)  # rounded up


def credit(*, hours: Decimal, total: int, absent: int, rule: CreditRule) -> Credit:
    """Return the hours for a course of `total` minutes of which somebody missed `absent`.

    Compared exactly, in whole numbers: of 360 minutes 119 absent are full hours, 120 are none. Attended hours are rounded
    down to halves, as the national portal takes them; who missed nothing has all hours.

    Raises:
        ValueError: no minutes, or more absent than there are.
    """
    if total <= 0 or not 0 <= absent <= total:
        raise ValueError(f"{absent} of {total} minutes")
    end = lost_from(total, rule.limit)
    if absent >= end:
        return Credit(Decimal(0), 0)
    is_full = rule.grant is Grant.FULL or not absent
    return Credit(hours if is_full else hours * (total - absent) / total // HALF * HALF, end - absent)


def split(hours: Decimal, parts: Sequence[Decimal]) -> list[Decimal]:
    """Return hours shared out as the parts of a course are; the shares together are the hours exactly.

    Shares are halves where the parts and the hours are, else tenths; what is left over goes to the largest remainders,
    the first part before later ones, and no share is larger than its part.

    Raises:
        ValueError: a part is not above 0, or there are more hours than the parts have together.
    """
    whole = sum(parts, Decimal(0))
    if not 0 <= hours <= whole or any(part <= 0 for part in parts):
        raise ValueError(f"{hours} hours over {parts}")
    unit = HALF if all(amount % HALF == 0 for amount in (hours, *parts)) else TENTH
    units = int(hours / unit)
    exact = [Fraction(units) * Fraction(part) / Fraction(whole) for part in parts]
    shares = [int(share) for share in exact]
    by_remainder = sorted(range(len(parts)), key=lambda place: (shares[place] - exact[place], place))
    for place in by_remainder[: units - sum(shares)]:
        shares[place] += 1
    return [share * unit for share in shares]
