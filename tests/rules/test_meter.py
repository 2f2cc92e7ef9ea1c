"""What learning hours amount to against what a year asks."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from personnel_portal.rules.meter import Learned, Part, measure

POLICY, ENVIRONMENT, GENDER, ETHICS, RIGHTS, OTHER = range(6)
PARTS = (
    Part("政策", Decimal(1), frozenset({POLICY})),
    Part("環境教育", Decimal(4), frozenset({ENVIRONMENT})),
    Part("性別主流化", Decimal(1), frozenset({GENDER})),
    Part("其餘四類合計", Decimal(4), frozenset({ETHICS, RIGHTS})),
)
HOURS = st.integers(0, 60).map(lambda halves: Decimal(halves) / 2)
LEARNED = st.lists(st.builds(Learned, st.sampled_from([*range(6), None]), HOURS, st.just(Decimal(0))), max_size=12)


def learned(**hours: float) -> list[Learned]:
    return [Learned(globals()[name.upper()], Decimal(str(each))) for name, each in hours.items()]


def test_all_hours_without_a_part_are_not_enough() -> None:
    meter = measure(Decimal(20), PARTS, learned(environment=4, gender=1, ethics=3.5, rights=0.5, other=30))
    assert meter.total.is_met
    assert [part.missing for part in meter.parts] == [1, 0, 0, 0]
    assert not meter.is_met


def test_all_parts_are_ten_hours_and_ten_more_are_missing() -> None:
    meter = measure(Decimal(20), PARTS, learned(policy=1, environment=4, gender=1, ethics=2, rights=2))
    assert meter.total.reached == meter.total.missing == 10
    assert all(part.is_met for part in meter.parts)
    assert not meter.is_met


def test_four_topics_together_are_met_by_one_of_them() -> None:
    meter = measure(Decimal(20), PARTS, learned(policy=1, environment=4, gender=1, rights=4, other=10))
    assert meter.is_met


def test_digital_part_counts_online_hours_of_any_topic() -> None:
    digital = Part("數位學習", Decimal(5), digital=True)
    hours = [
        Learned(None, Decimal(30)),
        Learned(POLICY, Decimal(6), Decimal(3)),
        Learned(OTHER, Decimal(4), Decimal(1)),
    ]
    meter = measure(Decimal(40), [digital], hours)
    assert [meter.total.reached, meter.parts[0].reached, meter.parts[0].missing] == [
        Decimal(40),
        Decimal(4),
        Decimal(1),
    ]


@given(LEARNED)
def test_nothing_is_lost_and_nothing_counts_twice(hours: list[Learned]) -> None:
    meter = measure(Decimal(20), PARTS, hours)
    in_parts = sum((part.reached for part in meter.parts), Decimal(0))
    beside = sum((each.hours for each in hours if each.topic in (OTHER, None)), Decimal(0))
    assert in_parts + beside == meter.total.reached == sum((each.hours for each in hours), Decimal(0))


@given(LEARNED, st.builds(Learned, st.sampled_from(range(6)), HOURS, st.just(Decimal(0))))
def test_more_hours_never_take_a_meter_back(hours: list[Learned], more: Learned) -> None:
    before, after = measure(Decimal(20), PARTS, hours), measure(Decimal(20), PARTS, [*hours, more])
    assert after.is_met or not before.is_met
    assert all(late.missing <= early.missing for early, late in zip(before.parts, after.parts, strict=True))
