"""The commendations of the plan (伍): worked examples of the domain notes A0.3, readings, and what always holds."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personnel_portal.rules.bounds import Bounds
from personnel_portal.rules.commendations import (
    POINTS,
    Adopted,
    CapPer,
    Condition,
    HostingReadings,
    HostingRecord,
    Joint,
    MeetingFact,
    ProposalFact,
    ProposalReward,
    Proposer,
    Rewarded,
    Tier,
    Unit,
    hosting_commendations,
    proposal_commendations,
)

D = Decimal
DAY = date(2024, 5, 14)
CITATION = Tier("伍、一、(一)", (Condition("meetings", Bounds(D(1))),), Unit.CITATION, 2)
MERIT = Tier(
    "伍、一、(二)",
    (Condition("meetings", Bounds(D(2))), Condition("proposals", Bounds(D(15), low_included=False))),
    Unit.MERIT,
    1,
)
TIERS = (CITATION, MERIT)
CHOSEN = HostingReadings()
BOTH_KINDS = HostingReadings(kinds=frozenset("AB"))


def record(a: int = 0, b: int = 0, proposals: int = 0, *, waiting: int = 0, coached: int = 0) -> HostingRecord:
    """Return a district's record; `waiting` of its A meetings have minutes that are not on record yet."""
    days = [DAY + timedelta(days=number) for number in range(a + b)]
    kinds = ["A"] * a + ["B"] * b
    return HostingRecord(
        "北平原區",
        tuple(
            MeetingFact(f"{kind}{place}", kind, day, is_accepted=place >= waiting)
            for place, (kind, day) in enumerate(zip(kinds, days, strict=True))
        ),
        tuple(ProposalFact(f"P{number:02}", is_coached=number < coached) for number in range(proposals)),
    )


def granted(
    found: HostingRecord, readings: HostingReadings = CHOSEN, tiers: Sequence[Tier] = TIERS
) -> list[tuple[Unit, int, bool]]:
    """Return unit, times and whether it is an estimate."""
    return [(c.unit, c.times, c.is_estimated) for c in hosting_commendations(found, tiers, readings).commendations]


@pytest.mark.parametrize(
    ("a", "b", "proposals", "readings", "expected"),
    [
        (1, 0, 20, CHOSEN, [(Unit.CITATION, 2, False)]),
        (2, 0, 15, CHOSEN, [(Unit.CITATION, 2, False)]),
        (2, 0, 16, CHOSEN, [(Unit.MERIT, 1, False)]),
        (1, 1, 16, CHOSEN, [(Unit.CITATION, 2, False)]),
        (1, 1, 16, BOTH_KINDS, [(Unit.MERIT, 1, False)]),
        (0, 1, 0, CHOSEN, []),
        (0, 0, 0, CHOSEN, []),
        (0, 0, 10**6, CHOSEN, []),
        (10**6, 0, 0, CHOSEN, [(Unit.CITATION, 2, False)]),
        (2, 0, 16, replace(CHOSEN, replace=False), [(Unit.MERIT, 1, False), (Unit.CITATION, 2, False)]),
        (2, 0, 15, replace(CHOSEN, per_meeting=True), [(Unit.CITATION, 4, False)]),
        (2, 0, 16, replace(CHOSEN, per_meeting=True), [(Unit.CITATION, 4, False)]),  # 高於 (二) 的記功 1 次
        (0, 0, 16, replace(CHOSEN, per_meeting=True, all_conditions=False), [(Unit.MERIT, 1, False)]),
        (1, 0, 16, replace(CHOSEN, all_conditions=False), [(Unit.MERIT, 1, False)]),
    ],
)
def test_worked_examples(
    a: int, b: int, proposals: int, readings: HostingReadings, expected: list[tuple[Unit, int, bool]]
) -> None:
    assert granted(record(a, b, proposals), readings) == expected


def test_meetings_whose_minutes_are_not_on_record_are_an_estimate() -> None:
    assert granted(record(a=1, waiting=1)) == [(Unit.CITATION, 2, True)]
    assert granted(record(a=2, waiting=2, proposals=16)) == [(Unit.MERIT, 1, True)]
    assert granted(record(a=3, waiting=1, proposals=16)) == [(Unit.MERIT, 1, False)]


@pytest.mark.parametrize(
    ("readings", "certain", "hoped"),
    [
        (CHOSEN, (Unit.CITATION, 2), (Unit.MERIT, 1)),
        (replace(CHOSEN, replace=False), (Unit.CITATION, 2), (Unit.MERIT, 1)),
        (replace(CHOSEN, per_meeting=True), (Unit.CITATION, 2), (Unit.CITATION, 4)),
    ],
)
def test_an_estimate_stands_beside_what_is_certain(
    readings: HostingReadings, certain: tuple[Unit, int], hoped: tuple[Unit, int]
) -> None:
    result = hosting_commendations(record(a=2, waiting=1, proposals=16), TIERS, readings)
    assert [(c.unit, c.times, c.is_estimated) for c in result.commendations] == [(*certain, False)]
    assert [(c.unit, c.times, c.is_estimated) for c in result.hoped] == [(*hoped, True)]
    assert result.commendations[0].because[0].counted.references == ("A1",), "what waits is no evidence"


def test_proposals_of_coached_agencies_count_unless_the_reading_says_members_only() -> None:
    assert granted(record(a=2, proposals=16, coached=1)) == [(Unit.MERIT, 1, False)]
    assert granted(record(a=2, proposals=16, coached=1), replace(CHOSEN, members_only=True)) == [
        (Unit.CITATION, 2, False)
    ]


def test_every_tier_says_what_was_counted_and_what_it_lacks() -> None:
    result = hosting_commendations(record(a=2, proposals=15), TIERS, CHOSEN)
    merit, citation = result.trials
    assert [(c.counted.measure, c.counted.value, c.is_met) for c in merit.checks] == [
        ("meetings", D(2), True),
        ("proposals", D(15), False),
    ]
    assert citation.checks[0].counted.references == ("A0", "A1")
    assert (merit.is_met, citation.is_met) == (False, True)


def test_another_countys_tiers_by_heads_work_unchanged() -> None:
    # 未滿 30 人: 嘉獎 1; 30 以上未滿 50: 嘉獎 2; 50 以上: 記功 1
    tiers = [
        Tier("一", (Condition("heads", Bounds(high=D(30))),), Unit.CITATION, 1),
        Tier("二", (Condition("heads", Bounds(D(30), D(50))),), Unit.CITATION, 2),
        Tier("三", (Condition("heads", Bounds(D(50))),), Unit.MERIT, 1),
    ]
    found = {
        heads: granted(HostingRecord("甲", measures={"heads": D(heads)}), CHOSEN, tiers)[0][:2]
        for heads in (29, 30, 49, 50, 10**6)
    }
    assert found == {
        29: (Unit.CITATION, 1),
        30: (Unit.CITATION, 2),
        49: (Unit.CITATION, 2),
        50: (Unit.MERIT, 1),
        10**6: (Unit.MERIT, 1),
    }


def test_tiers_by_rank_take_nobody_without_a_rank() -> None:
    closed = partial(Bounds, high_included=True)
    tiers = [
        Tier("一", (Condition("rank", closed(D(1), D(1))),), Unit.MERIT, 1),
        Tier("二", (Condition("rank", closed(D(2), D(3))),), Unit.CITATION, 2),
        Tier("三", (Condition("rank", closed(high=D(5))),), Unit.CITATION, 1),
    ]
    found = {
        rank: granted(HostingRecord("甲", measures={"rank": D(rank)} if rank else {}), CHOSEN, tiers)
        for rank in (None, 1, 3, 4, 6)
    }
    assert found == {
        None: [],
        1: [(Unit.MERIT, 1, False)],
        3: [(Unit.CITATION, 2, False)],
        4: [(Unit.CITATION, 1, False)],
        6: [],
    }


def test_a_tier_that_asks_for_nothing_is_met_by_nobody() -> None:
    assert granted(record(a=5, proposals=50), tiers=[Tier("一", (), Unit.CITATION, 1)]) == []


def test_two_tiers_of_the_same_conditions_are_refused() -> None:
    with pytest.raises(ValueError, match="same conditions"):
        hosting_commendations(record(), [CITATION, replace(CITATION, times=3)], CHOSEN)


counts = st.integers(0, 30)
any_readings = st.builds(
    HostingReadings,
    kinds=st.sampled_from([frozenset("A"), frozenset("AB")]),
    replace=st.booleans(),
    per_meeting=st.booleans(),
    all_conditions=st.booleans(),
    members_only=st.booleans(),
)
# Tiers as any county may set them, so that some grant as much as others; they ask for at least so many.
least = st.builds(
    lambda number, included: Bounds(D(number), low_included=included), counts | st.just(10**6), st.booleans()
)
asked = st.lists(
    st.builds(Condition, st.sampled_from(["meetings", "proposals"]), least), max_size=2, unique_by=lambda c: c.measure
)
any_tier = st.builds(Tier, st.uuids().map(str), asked.map(tuple), st.sampled_from(Unit), st.integers(1, 9))
any_tiers = st.just(list(TIERS)) | st.lists(any_tier, max_size=4, unique_by=lambda tier: frozenset(tier.conditions))


def points(found: HostingRecord, readings: HostingReadings, tiers: Sequence[Tier]) -> int:
    commendations = hosting_commendations(found, tiers, readings).commendations
    return sum(POINTS[c.unit] * c.times for c in commendations)


@given(counts, counts, counts, any_readings, any_tiers)
def test_more_meetings_or_proposals_never_give_less(
    a: int, b: int, proposals: int, readings: HostingReadings, tiers: list[Tier]
) -> None:
    now = points(record(a, b, proposals), readings, tiers)
    assert now <= points(record(a + 1, b, proposals), readings, tiers)
    assert now <= points(record(a, b + 1, proposals), readings, tiers)
    assert now <= points(record(a, b, proposals + 1), readings, tiers)


@given(counts, counts, counts, any_readings, any_tiers, st.randoms(use_true_random=False))
def test_the_order_of_facts_and_tiers_does_not_matter(
    a: int, b: int, proposals: int, readings: HostingReadings, tiers: list[Tier], random: Random
) -> None:
    found = record(a, b, proposals, waiting=a // 2, coached=proposals // 3)
    meetings, items, others = list(found.meetings), list(found.proposals), list(tiers)
    for listed in (meetings, items, others):
        random.shuffle(listed)
    shuffled = replace(found, meetings=tuple(meetings), proposals=tuple(items))
    assert hosting_commendations(shuffled, others, readings) == hosting_commendations(found, tiers, readings)


@given(counts, counts, any_readings, any_tiers)
def test_what_is_granted_grants_something_and_meets_what_it_asks(
    a: int, proposals: int, readings: HostingReadings, tiers: list[Tier]
) -> None:
    result = hosting_commendations(record(a=a, proposals=proposals), tiers, readings)
    for commendation in result.commendations:
        assert commendation.times >= 1
        met = [check.is_met for check in commendation.because]
        assert all(met) if readings.all_conditions else any(met)
    assert len(result.trials) == len(tiers), "a page can say of every tier why not"


@given(counts, counts, counts, any_readings)
def test_the_numbers_of_the_explanation_are_those_of_the_facts(
    a: int, b: int, proposals: int, readings: HostingReadings
) -> None:
    found = record(a, b, proposals)
    for trial in hosting_commendations(found, TIERS, readings).trials:
        for check in trial.checks:
            expected = proposals if check.counted.measure == "proposals" else a + (b if "B" in readings.kinds else 0)
            assert (int(check.counted.value), len(check.counted.references)) == (expected, expected)


# --- Adopted proposals -------------------------------------------------------------------------------------------------

WU, TSAI, LIN = Proposer("吳", "民雄國中"), Proposer("蔡", "民雄國中"), Proposer("林", "大林鎮公所")
REWARD = ProposalReward("伍、二")


def adopted(*proposers: Proposer, number: int = 1, chosen: tuple[Proposer, ...] = ()) -> Adopted:
    return Adopted(f"P{number}", DAY + timedelta(days=number), proposers, chosen)


def earned(found: Sequence[Adopted], reward: ProposalReward = REWARD) -> dict[str, tuple[int, tuple[str, ...]]]:
    return {c.proposer.person: (c.times, c.over_cap) for c in proposal_commendations(found, reward)}


def test_a_person_earns_once_a_proposal_and_at_most_twice() -> None:
    assert earned([adopted(WU, number=n) for n in (1,)]) == {"吳": (1, ())}
    assert earned([adopted(WU, number=n) for n in (3, 1, 2)]) == {"吳": (2, ("P3",))}


def test_the_cap_may_be_the_agencys_or_the_proposals() -> None:
    found = [adopted(WU, number=1), adopted(TSAI, number=2), adopted(WU, number=3)]
    assert earned(found) == {"吳": (2, ()), "蔡": (1, ())}
    assert earned(found, replace(REWARD, cap_per=CapPer.AGENCY)) == {"吳": (1, ("P3",)), "蔡": (1, ())}
    assert earned(found, replace(REWARD, cap_per=CapPer.PROPOSAL)) == {"吳": (2, ()), "蔡": (1, ())}
    assert earned(found, replace(REWARD, cap=None)) == {"吳": (2, ()), "蔡": (1, ())}


def test_a_joint_proposal_rewards_the_first_or_those_whom_the_office_chose() -> None:
    assert earned([adopted(WU, LIN)]) == {"吳": (1, ())}
    assert earned([adopted(WU, LIN)], replace(REWARD, joint=Joint.ALL)) == {"吳": (1, ()), "林": (1, ())}
    assert earned([adopted(WU, LIN, chosen=(LIN, TSAI))]) == {"林": (1, ()), "蔡": (1, ())}


def test_a_person_at_two_agencies_of_a_joint_proposal_is_rewarded_once() -> None:
    there_too = Proposer("吳", "大林國中")
    (only,) = proposal_commendations([adopted(WU, there_too)], replace(REWARD, joint=Joint.ALL))
    assert (only.proposer, only.times, only.over_cap) == (WU, 1, ())


def test_a_person_at_two_agencies_has_one_cap() -> None:
    moved = Proposer("吳", "大林國中")
    result = proposal_commendations([adopted(moved if n > 1 else WU, number=n) for n in (1, 2, 3)], REWARD)
    assert [(c.proposer.agency, c.times, c.over_cap) for c in result] == [
        ("大林國中", 1, ("P3",)),
        ("民雄國中", 1, ()),
    ]


@pytest.mark.parametrize(
    ("cap_per", "expected"),
    [
        (CapPer.PERSON, {"吳": (1, ("P1",)), "蔡": (1, ())}),
        (CapPer.AGENCY, {"吳": (1, ("P1",)), "蔡": (0, ("P2",))}),
        (CapPer.PROPOSAL, {"吳": (2, ()), "蔡": (1, ())}),
    ],
)
def test_what_was_rewarded_earlier_uses_the_cap_first(
    cap_per: CapPer, expected: dict[str, tuple[int, tuple[str, ...]]]
) -> None:
    earlier = [Rewarded("P9", WU), Rewarded("P8", WU)]  # P8 is adopted no more
    found = [adopted(WU, number=1), adopted(TSAI, number=2), adopted(WU, number=9)]
    result = proposal_commendations(found, replace(REWARD, cap_per=cap_per), earlier)
    assert {c.proposer.person: (c.times, c.over_cap) for c in result} == expected


people = st.sampled_from([WU, TSAI, LIN, Proposer("吳", "大林國中")])
proposals_of = st.lists(st.lists(people, min_size=1, max_size=3), max_size=12)
any_reward = st.builds(
    ProposalReward,
    st.just("伍、二"),
    times=st.integers(1, 3),
    cap=st.none() | st.integers(0, 4) | st.just(10**6),
    cap_per=st.sampled_from(CapPer),
    joint=st.sampled_from(Joint),
)


@given(proposals_of, any_reward, st.randoms(use_true_random=False))
def test_the_order_of_adopted_proposals_does_not_matter(
    proposers: list[list[Proposer]], reward: ProposalReward, random: Random
) -> None:
    found = [adopted(*people, number=number) for number, people in enumerate(proposers)]
    shuffled = list(found)
    random.shuffle(shuffled)
    assert proposal_commendations(shuffled, reward) == proposal_commendations(found, reward)


@given(proposals_of, any_reward)
def test_the_cap_holds(proposers: list[list[Proposer]], reward: ProposalReward) -> None:
    result = proposal_commendations([adopted(*p, number=n) for n, p in enumerate(proposers)], reward)
    used: Counter[str] = Counter()
    for c in result:
        assert c.times == reward.times * len(c.references)
        for reference in c.references:
            holder = {CapPer.PERSON: c.proposer.person, CapPer.AGENCY: c.proposer.agency, CapPer.PROPOSAL: reference}
            used[holder[reward.cap_per]] += reward.times
    assert reward.cap is None or all(times <= reward.cap for times in used.values())


def once(listed: Sequence[Proposer]) -> list[Proposer]:
    """Return who is rewarded of a joint proposal: a person once, for the first of his or her agencies."""
    return [one for place, one in enumerate(listed) if one.person not in {other.person for other in listed[:place]}]


@given(proposals_of, any_reward)
def test_the_explanation_names_every_adopted_proposal_once(
    proposers: list[list[Proposer]], reward: ProposalReward
) -> None:
    for c in proposal_commendations([adopted(*p, number=n) for n, p in enumerate(proposers)], reward):
        first = reward.joint is Joint.FIRST
        own = [n for n, listed in enumerate(proposers) if c.proposer in (listed[:1] if first else once(listed))]
        assert sorted(c.references + c.over_cap) == sorted(f"P{number}" for number in own)


@given(proposals_of, any_reward, st.lists(people, min_size=1, max_size=3), st.integers(0, 12))
def test_one_more_adopted_proposal_never_gives_less(
    proposers: list[list[Proposer]], reward: ProposalReward, more: list[Proposer], place: int
) -> None:
    def total(listed: list[list[Proposer]]) -> Counter[str]:
        """Return the times of each person; where an agency shares a cap, of each agency."""
        earned: Counter[str] = Counter()
        for c in proposal_commendations([adopted(*p, number=n) for n, p in enumerate(listed)], reward):
            earned[c.proposer.agency if reward.cap_per is CapPer.AGENCY else c.proposer.person] += c.times
        return earned

    now, then = total(proposers), total([*proposers[:place], more, *proposers[place:]])
    assert all(times <= then[who] for who, times in now.items())
