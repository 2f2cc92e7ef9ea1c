"""Credited hours and quotas of the training plan, at their edges."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personnel_portal.rules.credit import Credit, CreditRule, Grant, credit
from personnel_portal.rules.quota import QuotaRule, quota

FULL = CreditRule()
ATTENDED = CreditRule(grant=Grant.ATTENDED)


@pytest.mark.parametrize(
    ("total", "absent", "rule", "expected"),
    [
        (360, 0, FULL, Credit(Decimal(6), 120)),
        (360, 119, FULL, Credit(Decimal(6), 1)),
        (360, 120, FULL, Credit(Decimal(0), 0)),
        (360, 360, FULL, Credit(Decimal(0), 0)),
        (100, 33, FULL, Credit(Decimal(6), 1)),
        (100, 34, FULL, Credit(Decimal(0), 0)),
        (360, 60, ATTENDED, Credit(Decimal(5), 60)),
        (360, 61, ATTENDED, Credit(Decimal("4.5"), 59)),
        (360, 120, ATTENDED, Credit(Decimal(0), 0)),
    ],
)
def test_hours_are_lost_from_a_third_of_absence_on(total: int, absent: int, rule: CreditRule, expected: Credit) -> None:
    assert credit(hours=Decimal(6), total=total, absent=absent, rule=rule) == expected


@pytest.mark.parametrize(("total", "absent"), [(0, 0), (-1, 0), (60, 61), (60, -1)])
def test_impossible_minutes_are_refused(total: int, absent: int) -> None:
    with pytest.raises(ValueError, match="minutes"):
        credit(hours=Decimal(1), total=total, absent=absent, rule=FULL)


@given(st.integers(1, 10**6), st.integers(0, 10**6), st.sampled_from([FULL, ATTENDED]))
def test_more_absence_never_gives_more_and_the_minutes_left_are_exact(
    total: int, absent: int, rule: CreditRule
) -> None:
    absent = min(absent, total - 1)
    now = credit(hours=Decimal(6), total=total, absent=absent, rule=rule)
    assert credit(hours=Decimal(6), total=total, absent=absent + 1, rule=rule).hours <= now.hours
    assert (now.minutes_left == 0) == (3 * absent >= total)
    if now.minutes_left:
        assert 3 * (absent + now.minutes_left) >= total > 3 * (absent + now.minutes_left - 1)


@pytest.mark.parametrize(
    ("staff", "expected"), [(0, 0), (1, 1), (9, 1), (10, 1), (19, 1), (20, 2), (25, 2), (10**6, 10**5)]
)
def test_quota_is_a_tenth_rounded_down_but_at_least_one(staff: int, expected: int) -> None:
    assert quota(staff, QuotaRule()) == expected


def test_another_plans_quota_is_another_rule() -> None:
    assert quota(19, QuotaRule(Fraction(1, 5), minimum=0)) == 3
    with pytest.raises(ValueError, match="people"):
        quota(-1, QuotaRule())
