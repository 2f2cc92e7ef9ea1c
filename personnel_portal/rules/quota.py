"""How many of an agency may be on study leave (進修名額; domain notes A4)."""

from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class QuotaRule:
    """A share of the staff, rounded down, but at least a minimum where there is staff at all."""

    share: Fraction = Fraction(1, 10)
    minimum: int = 1


def quota(staff: int, rule: QuotaRule) -> int:
    """Return the quota of an agency of `staff` people (員額): 0 → 0, 9 → 1, 10 → 1, 19 → 1, 20 → 2.

    Raises:
        ValueError: negative staff.
    """
    if staff < 0:
        raise ValueError(f"{staff} people")
    return max(rule.minimum, int(staff * rule.share)) if staff else 0
