"""What somebody's learning hours of a year amount to, against what the year asks (domain notes B4)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Part:
    """A compulsory part: hours that some topics ask for together.

    Attributes:
        topics: those that count, by key; none means all of them.
        digital: only hours learned online count.
    """

    name: str
    hours: Decimal
    topics: frozenset[int] = frozenset()
    digital: bool = False

    def takes(self, topic: int | None) -> bool:
        """Tell whether hours of a topic count for the part."""
        return not self.topics or topic in self.topics


@dataclass(frozen=True, slots=True)
class Learned:
    """Hours of a topic, and how many of them were learned online."""

    topic: int | None
    hours: Decimal
    digital: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Reading:
    """How far one line of the meter has come: the whole year's hours, or a part of them."""

    name: str
    asked: Decimal
    reached: Decimal
    part: Part | None = None

    @property
    def missing(self) -> Decimal:
        """Hours still to be learned."""
        return max(self.asked - self.reached, Decimal(0))

    @property
    def is_met(self) -> bool:
        return not self.missing


@dataclass(frozen=True, slots=True)
class Meter:
    """The year's hours in all, and each compulsory part of them."""

    total: Reading
    parts: tuple[Reading, ...]

    @property
    def is_met(self) -> bool:
        """All hours and every part of them are reached; one without the other is not enough."""
        return self.total.is_met and all(part.is_met for part in self.parts)


def measure(asked: Decimal, parts: Sequence[Part], learned: Iterable[Learned]) -> Meter:
    """Return what the hours amount to. Hours beyond what a part asks still count for the year's total."""
    hours = list(learned)
    total = Reading("全年時數", asked, sum((each.hours for each in hours), Decimal(0)))
    return Meter(total, tuple(_of_part(part, hours) for part in parts))


def _of_part(part: Part, hours: Sequence[Learned]) -> Reading:
    counted = (each.digital if part.digital else each.hours for each in hours if part.takes(each.topic))
    return Reading(part.name, part.hours, sum(counted, Decimal(0)), part)
