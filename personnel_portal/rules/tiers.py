"""Whether the tiers of a plan fit together; asked when they are saved, so that computing never meets a doubtful table."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import combinations

from personnel_portal.rules.bounds import Bounds
from personnel_portal.rules.commendations import POINTS, Condition, Tier

ENDLESS = Decimal("Infinity")


class TierError(ValueError):
    """Two tiers that contradict each other, or one that nothing can meet.

    Attributes:
        key: `empty`: no whole number lies in a range of the first; `twins`: both ask the same; `overlap`: both ask for one
            measure and their ranges cross; `idle`: who meets the second always meets the first, which grants no less.
        tiers: the two; the same one twice where it is wrong by itself.
        measure: which measure, where it is one.
        low, high: the whole numbers that both ranges hold, where they cross.
    """

    def __init__(
        self,
        key: str,
        one: Tier,
        other: Tier,
        measure: str = "",
        *,
        low: Decimal | None = None,
        high: Decimal | None = None,
    ) -> None:
        super().__init__(f"{key}: {one.clause}, {other.clause}")
        self.key, self.tiers, self.measure, self.low, self.high = key, (one, other), measure, low, high


def refuse_contradictions(tiers: Sequence[Tier], *, replace: bool = True) -> None:
    """Refuse tiers of which it is not clear, or never the case, that they apply.

    A stronger tier may ask for more than a weaker one (1 meeting; 2 meetings and 16 proposals): the stronger wins. Ranges
    of one measure may stand beside each other (未滿 30, 30 以上) or one within the other, but not cross.

    Args:
        replace: a stronger tier replaces the weaker; where they add up, none is idle.

    Raises:
        TierError: the first contradiction.
    """
    for tier in tiers:
        for condition in tier.conditions:
            first, last = _whole(condition.bounds)
            if first > last:
                raise TierError("empty", tier, tier, condition.measure)
    asking = [tier for tier in tiers if tier.conditions]  # one without conditions is met by nobody
    asking.sort(key=_points, reverse=True)
    for one, other in combinations(asking, 2):
        _refuse(one, other, replace=replace)


def _points(tier: Tier) -> int:
    return POINTS[tier.unit] * tier.times


def _refuse(stronger: Tier, weaker: Tier, *, replace: bool) -> None:
    if _within(stronger, weaker) and _within(weaker, stronger):
        raise TierError("twins", stronger, weaker)
    if replace and _within(weaker, stronger):
        raise TierError("idle", stronger, weaker)
    if replace and _within(stronger, weaker) and _points(stronger) == _points(weaker):
        raise TierError("idle", weaker, stronger)
    shared = _crossing(stronger, weaker)
    if shared:
        raise TierError("overlap", stronger, weaker, stronger.conditions[0].measure, low=shared[0], high=shared[1])


def gaps(tiers: Sequence[Tier]) -> Iterator[tuple[Tier, Tier, Decimal, Decimal]]:
    """Yield where a value falls between two tiers of one measure: the tiers, the first and the last such whole number.

    It may be meant so: whoever lies there is granted nothing.
    """
    for measure in sorted({tier.conditions[0].measure for tier in tiers if len(tier.conditions) == 1}):
        bands = [tier for tier in tiers if [c.measure for c in tier.conditions] == [measure]]
        bands.sort(key=lambda tier: _whole(tier.conditions[0].bounds))
        for place, upper in enumerate(bands[1:], 1):
            lower = max(bands[:place], key=_last)
            first, last = _last(lower) + 1, _whole(upper.conditions[0].bounds)[0] - 1
            if first <= last:
                yield lower, upper, first, last


def _last(band: Tier) -> Decimal:
    return _whole(band.conditions[0].bounds)[1]


def _whole(bounds: Bounds) -> tuple[Decimal, Decimal]:
    """Return the first and the last whole number that lie inside; all that tiers count is whole."""
    low = -ENDLESS if bounds.low is None else bounds.low + (not bounds.low_included)
    high = ENDLESS if bounds.high is None else bounds.high - (not bounds.high_included)
    return low, high


def _within(inner: Tier, outer: Tier) -> bool:
    """Tell whether everything that the outer tier asks is asked by the inner one too."""
    asked = {condition.measure: _whole(condition.bounds) for condition in inner.conditions}
    return all(_holds(condition, asked.get(condition.measure)) for condition in outer.conditions)


def _holds(condition: Condition, inner: tuple[Decimal, Decimal] | None) -> bool:
    first, last = _whole(condition.bounds)
    return inner is not None and first <= inner[0] and inner[1] <= last


def _crossing(one: Tier, other: Tier) -> tuple[Decimal, Decimal] | None:
    """Return the numbers that two ranges of the one measure share, where neither lies within the other."""
    if len(one.conditions) != 1 or [c.measure for c in one.conditions] != [c.measure for c in other.conditions]:
        return None
    if _within(one, other) or _within(other, one):
        return None
    (a, b), (c, d) = _whole(one.conditions[0].bounds), _whole(other.conditions[0].bounds)
    return (max(a, c), min(b, d)) if max(a, c) <= min(b, d) else None
