"""The sentences of results: their numbers are those of the facts."""

import re
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from awards import words
from personnel_portal.rules.bounds import Bounds
from personnel_portal.rules.commendations import (
    Adopted,
    Condition,
    HostingReadings,
    HostingRecord,
    MeetingFact,
    ProposalFact,
    ProposalReward,
    Proposer,
    Tier,
    Unit,
    hosting_commendations,
    proposal_commendations,
)
from tests.rules.test_commendations import TIERS

DAY = date(2025, 10, 1)
SENTENCE = re.compile(
    r"專、兼任\(辦\)會報 (\d+) 場(?:（(.+?)，(均已備查|已備查|(\d+) 場紀錄未備查)）)?(?: ?不符)? ?≥ 2；"
    r"提案 (\d+) 案(?: 不符)? > 15"
)


def record(accepted: int, waiting: int, proposals: int) -> HostingRecord:
    return HostingRecord(
        "北平原區",
        tuple(
            MeetingFact(f"meetings.meeting-{number}", "A", DAY + timedelta(days=number), is_accepted=number >= waiting)
            for number in range(accepted + waiting)
        ),
        tuple(ProposalFact(f"proposals.proposal-{number}") for number in range(proposals)),
    )


@given(st.integers(2, 12), st.integers(0, 12), st.integers(16, 60))
def test_the_numbers_of_the_sentence_are_those_of_the_facts(accepted: int, waiting: int, proposals: int) -> None:
    found = record(accepted, waiting, proposals)
    (merit,) = hosting_commendations(found, TIERS, HostingReadings()).commendations
    told = SENTENCE.match(words.explained(merit, found))
    assert told
    assert (int(told[1]), int(told[5]), told[4]) == (accepted, proposals, None), "what waits does not count"
    assert len(told[2].split("、")) == accepted
    assert words.explained(merit, found).endswith("→ 伍、一、(二) 記功 1 次")


def test_what_waits_is_told_as_what_may_be_reached() -> None:
    found = record(1, 1, 16)
    result = hosting_commendations(found, TIERS, HostingReadings())
    assert words.hoped(result, found) == [
        "待備查後可達：專、兼任(辦)會報 2 場（114/10/1、114/10/2，1 場紀錄未備查）≥ 2；提案 16 案 > 15 "
        "→ 伍、一、(二) 記功 1 次（預估：尚有會議紀錄未備查）"
    ]


def test_a_tier_granted_for_each_meeting_says_how_often() -> None:
    found = record(3, 0, 0)
    (each,) = hosting_commendations(found, TIERS, HostingReadings(per_meeting=True)).commendations
    assert words.explained(each, found).endswith("→ 伍、一、(一) 嘉獎 2 次 × 3 場 ＝ 嘉獎 6 次")


@given(st.integers(0, 1), st.integers(0, 60))
def test_a_tier_that_is_not_reached_says_which_numbers_fail(meetings: int, proposals: int) -> None:
    found = record(meetings, 0, proposals)
    merit, _ = hosting_commendations(found, TIERS, HostingReadings()).trials
    sentence = words.refused(merit, found)
    assert sentence.startswith("伍、一、(二) 記功 1 次未達：專、兼任(辦)會報 " + str(meetings))
    assert (f"提案 {proposals} 案 不符 > 15" in sentence) == (proposals <= 15)


@given(st.integers(0, 12), st.integers(1, 3), st.none() | st.integers(1, 5))
def test_the_sentence_of_proposals_counts_all_and_what_the_cap_left_out(
    count: int, times: int, cap: int | None
) -> None:
    wu = Proposer("districts.person-1", "districts.agency-1")
    adopted = [Adopted(f"proposals.proposal-{number}", DAY, (wu,)) for number in range(count)]
    for c in proposal_commendations(adopted, ProposalReward("伍、二", times=times, cap=cap)):
        numbers = [int(number) for number in re.findall(r"(\d+) [案次]", words.proposals_explained(c))]
        over = [len(c.over_cap)] if c.over_cap else []
        assert numbers == [count, *over, *([c.times] if c.times else [])]


def test_bounds_and_other_measures_are_worded_as_the_table_states_them() -> None:
    asked = (
        Condition("attendees", Bounds(Decimal(30), Decimal(50))),
        Condition("rank", Bounds(high=Decimal(3), high_included=True)),
        Condition("members", Bounds(Decimal(20), low_included=False)),
    )
    measures = {"attendees": Decimal(42), "rank": Decimal(2), "members": Decimal(21)}
    found = HostingRecord("甲", measures=measures)
    tier = Tier("二、(一)", asked, Unit.CITATION, 1)
    (granted,) = hosting_commendations(found, [tier], HostingReadings()).commendations
    assert words.explained(granted, found) == (
        "出席人次 42 人次 ≥ 30 且 < 50；提案數名次 2 ≤ 3；分區成員機關數 21 個機關 > 20 → 二、(一) 嘉獎 1 次"
    )
