"""Score bands (級距): a table that gives a score for every value, and what a value earns (domain notes A3)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from personnel_portal.rules.bounds import Bounds, in_order

ONE = Decimal(1)


class Place(StrEnum):
    """Where a value lies."""

    BELOW = "below"
    INSIDE = "inside"
    ABOVE = "above"


@dataclass(frozen=True, slots=True)
class Band:
    """Values within the bounds earn the share of full marks, from 0 to 1."""

    bounds: Bounds
    share: Decimal


@dataclass(frozen=True, slots=True)
class BandTable:
    """Bands without gaps and overlaps, from low to high.

    Attributes:
        step: the smallest difference of values (1 for counts); none for measures.
        below: what a value under the lowest band earns; above the highest it earns as much as in the highest.

    Raises:
        TableError: a gap or an overlap, with its numbers.
        ValueError: the table is empty.
    """

    bands: tuple[Band, ...]
    step: Decimal | None = ONE
    below: Decimal = Decimal(0)

    def __post_init__(self) -> None:
        if not self.bands:
            raise ValueError("a table of bands is empty")
        in_order([band.bounds for band in self.bands], step=self.step)


@dataclass(frozen=True, slots=True)
class Score:
    """What a value earns: the share, the band it comes from, and where the value lies."""

    value: Decimal
    share: Decimal
    place: Place
    band: Band | None


def score(value: Decimal, table: BandTable) -> Score:
    """Return what the value earns; below the table its own share, above it that of the highest band.

    Raises:
        ValueError: the value lies between two bands because it is finer than the table's step.
    """
    bands = _in_order(table)
    for band in bands:
        if band.bounds.holds(value):
            return Score(value, band.share, Place.INSIDE, band)
    lowest, highest = bands[0], bands[-1]
    if lowest.bounds.low is not None and value <= lowest.bounds.low:
        return Score(value, table.below, Place.BELOW, None)
    if highest.bounds.high is not None and value >= highest.bounds.high:
        return Score(value, highest.share, Place.ABOVE, highest)
    raise ValueError(f"{value} is finer than the table's step")


def _in_order(table: BandTable) -> list[Band]:
    by_bounds = {band.bounds: band for band in table.bands}
    return [by_bounds[bounds] for bounds in in_order(list(by_bounds), step=table.step)]


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a weighted score: its share of full marks, none where the part does not exist."""

    name: str
    share: Decimal | None


@dataclass(frozen=True, slots=True)
class Term:
    """A part as it went into a sum: weight × share."""

    name: str
    weight: Decimal
    share: Decimal


@dataclass(frozen=True, slots=True)
class Weighted:
    """A weighted sum from 0 to 1, and its terms."""

    total: Decimal
    terms: tuple[Term, ...]


def weighted(parts: Sequence[Part], weights: Sequence[Mapping[str, Decimal]]) -> Weighted:
    """Return the sum with the set of weights that is for exactly the parts that exist.

    Raises:
        ValueError: no set is for these parts, or its weights do not add up to 1.
    """
    present = {part.name: part.share for part in parts if part.share is not None}
    chosen = next((known for known in weights if known.keys() == present.keys()), None)
    if chosen is None:
        raise ValueError(f"no weights for {sorted(present)}")
    if sum(chosen.values()) != ONE:
        raise ValueError(f"weights of {sorted(present)} do not add up to 1")
    terms = tuple(Term(name, chosen[name], share) for name, share in present.items())
    return Weighted(sum((term.weight * term.share for term in terms), Decimal(0)), terms)
