"""Hours shared out over the topics of a class: the shares together are the hours, to the last half."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personnel_portal.rules.credit import CreditRule, Grant, credit, lost_from, split


def _hours(*texts: str) -> list[Decimal]:
    return [Decimal(text) for text in texts]


@pytest.mark.parametrize(
    ("hours", "parts", "shares"),
    [
        ("6", ("4", "2"), ("4", "2")),
        ("5", ("4", "2"), ("3.5", "1.5")),
        ("0", ("4", "2"), ("0", "0")),
        ("0.5", ("1", "1", "1"), ("0.5", "0", "0")),
        ("1", ("1", "1", "1"), ("0.5", "0.5", "0")),
        ("6.3", ("4.2", "2.1"), ("4.2", "2.1")),
        ("5.5", ("4.2", "2.1"), ("3.7", "1.8")),
    ],
)
def test_hours_are_shared_out_as_the_parts_are(hours: str, parts: tuple[str, ...], shares: tuple[str, ...]) -> None:
    assert split(Decimal(hours), _hours(*parts)) == _hours(*shares)


@pytest.mark.parametrize(("hours", "parts"), [("7", ("4", "2")), ("-1", ("4",)), ("0", ("0", "2")), ("1", ())])
def test_impossible_shares_are_refused(hours: str, parts: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="hours"):
        split(Decimal(hours), _hours(*parts))


@given(st.lists(st.integers(1, 400), min_size=1, max_size=8), st.data())
def test_shares_together_are_the_hours_and_none_exceeds_its_part(tenths: list[int], data: st.DataObject) -> None:
    parts = [Decimal(part) / 10 for part in tenths]
    hours = Decimal(data.draw(st.integers(0, sum(tenths)))) / 10
    shares = split(hours, parts)
    assert sum(shares) == hours
    assert all(0 <= share <= part for share, part in zip(shares, parts, strict=True))


@given(st.integers(1, 10**6), st.integers(1, 9), st.integers(1, 9))
def test_hours_are_lost_from_the_first_minute_that_reaches_the_limit(total: int, part: int, whole: int) -> None:
    limit = Fraction(min(part, whole), max(part, whole))
    first = lost_from(total, limit)
    assert first * limit.denominator >= total * limit.numerator > (first - 1) * limit.denominator


def test_who_missed_nothing_has_all_hours_however_they_are_written() -> None:
    rule = CreditRule(grant=Grant.ATTENDED)
    assert credit(hours=Decimal("6.3"), total=378, absent=0, rule=rule).hours == Decimal("6.3")
    assert credit(hours=Decimal("6.3"), total=378, absent=1, rule=rule).hours == Decimal(6)
