"""The one table of a registration's steps: what may follow what. The actions take it, and the audit holds them to it."""

from collections.abc import Mapping

from training.choices import Place

# From no place at all, a registration begins.
STEPS: Mapping[str, frozenset[Place]] = {
    "": frozenset({Place.NOMINATED, Place.REGISTERED, Place.WAITING}),
    Place.NOMINATED: frozenset({Place.REGISTERED, Place.WAITING, Place.REFUSED, Place.CANCELLED}),
    Place.WAITING: frozenset({Place.OFFERED, Place.CANCELLED}),
    Place.OFFERED: frozenset({Place.REGISTERED, Place.DECLINED, Place.EXPIRED, Place.CANCELLED}),
    Place.REGISTERED: frozenset({Place.CANCELLED}),
}


def may_follow(before: str, after: str) -> bool:
    """Tell whether a registration may go from one place to another."""
    return after in STEPS.get(before, frozenset())
