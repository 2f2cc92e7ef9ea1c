"""The overview: what districts and proposers earn today, with links, reasons, and what other readings would give."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from awards import outlook
from awards.models import ProposalRule, Tier
from districts.models import Plan, Reading
from meetings.choices import MeetingKind, MinutesState
from proposals.choices import Outcome
from tests import build
from tests.awards import making
from tests.awards.sections import words_of
from tests.site.clients import logged_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]


def page(user: Any, query: str = "") -> Any:
    answer = logged_in(user).get(f"{reverse('awards:overview')}{query}")
    assert answer.status_code == 200
    return answer


def test_a_district_shows_what_was_counted_and_why(cast: build.Cast) -> None:
    north = build.district("北平原區")
    first, second = making.accepted_meeting(days_ago=20), making.accepted_meeting(days_ago=10)
    making.accepted_meeting(kind=MeetingKind.FULL_TIME, days_ago=5)
    proposals = making.proposals(16)
    making.host_person(cast.host_officer.person, by=cast.office_reviewer)

    answer = page(cast.office_reader)

    card = words_of(answer, f"district-{north.pk}")
    assert "專、兼任(辦)會報 2 場（115/11/2、115/11/12，均已備查）≥ 2；提案 16 案 > 15 → 伍、一、(二) 記功 1 次" in card
    assert "伍、一、(一) 嘉獎 2 次未達" not in card, "a tier that is reached is not missed"
    assert "專任人事人員聯繫會報（依目前採用之解釋不計）" in card
    assert "送達人事處 16 案" in card
    assert "同意列入 1 人" in card
    assert "每人 3 分 （僅供參考，名冊不換算）" in card
    for meeting in (first, second):
        assert f'href="{meeting.get_absolute_url()}"' in answer.text
    for proposal in proposals:
        assert f'href="{proposal.get_absolute_url()}"' in answer.text


def test_a_tier_that_is_not_reached_says_which_condition_fails(cast: build.Cast) -> None:
    making.accepted_meeting(state=MinutesState.SUBMITTED)
    card = words_of(page(cast.office_reader), f"district-{build.district('北平原區').pk}")
    assert "嘉獎 2 次 預估" in card
    assert "（115/11/2，1 場紀錄未備查）≥ 1 → 伍、一、(一) 嘉獎 2 次（預估：尚有會議紀錄未備查）" in card
    assert (
        "伍、一、(二) 記功 1 次未達：專、兼任(辦)會報 1 場（115/11/2，1 場紀錄未備查）不符 ≥ 2；提案 0 案 不符 > 15"
        in card
    )
    empty = words_of(page(cast.office_reader), f"district-{build.district('山區').pk}")
    assert "尚未符合條件" in empty
    assert "期間內尚未召開" in empty


def test_open_readings_are_computed_both_ways_until_the_office_confirms(cast: build.Cast) -> None:
    making.accepted_meeting(days_ago=20)
    making.accepted_meeting(kind=MeetingKind.FULL_TIME, days_ago=5)
    making.proposals(16)
    told = words_of(page(cast.office_reader), "readings")
    assert "專任會報是否計入「2 場次以上」？" in told
    assert "若專任會報併計： 北平原區：嘉獎 2 次 → 記功 1 次" in told
    assert "若各級獎勵併計：結果相同。" in told
    Reading.objects.filter(plan=cast.plan).update(confirmed_on=build.TODAY)
    assert "各項條文解釋均已由人事處確認" in words_of(page(cast.office_reader), "readings")


def test_proposers_are_listed_with_their_proposals_and_the_cap(cast: build.Cast) -> None:
    for number in range(3):
        making.adopted(by=cast.office_reviewer, subject=f"第{number}件")
    answer = page(cast.office_reviewer)
    (line,) = answer.context["proposers"]
    assert (line.posting.person.name, line.granted, line.points) == ("吳成員", "嘉獎 2 次", 2)
    assert [fact.label[-3:] for fact in (*line.counted, *line.over_cap)] == ["第0件", "第1件", "第2件"]
    assert [fact.label[-3:] for fact in line.over_cap] == ["第2件"]
    assert "獲參採且符合獎勵之提案 3 案，1 案已達上限不另計 → 伍、二 嘉獎 2 次" in answer.text
    changes = {row.label: row.changes for row in answer.context["compared"]}
    assert changes["上限以每一提案計"] == (("民雄國中 吳成員", "嘉獎 2 次", "嘉獎 3 次"),)
    assert changes["上限以每一機關計"] == ()


def test_an_adopted_proposal_without_a_known_proposer_asks_for_one(cast: build.Cast) -> None:
    proposal = making.adopted(by=cast.office_reviewer, contact_name="外人")
    address = reverse("awards:proposers", args=[proposal.pk])
    answer = page(cast.office_reviewer)
    assert [fact.pk for fact in answer.context["unknown"]] == [proposal.pk]
    assert address in answer.text
    assert address not in page(cast.office_reader).text


def test_proposals_that_are_not_rewarded_are_on_no_list(cast: build.Cast) -> None:
    making.adopted(by=cast.office_reviewer, outcome=Outcome.REJECTED, qualifies=False)
    answer = page(cast.office_reviewer)
    assert (answer.context["proposers"], answer.context["unknown"]) == ([], [])
    assert "尚無獲參採且符合獎勵之提案" in answer.text


def test_a_host_sees_its_own_district_and_no_proposers(cast: build.Cast) -> None:
    making.accepted_meeting(days_ago=20)
    making.accepted_meeting(kind=MeetingKind.FULL_TIME, days_ago=5)
    making.proposals(16)
    making.adopted(by=cast.office_reviewer)
    answer = page(cast.host_officer)
    assert [line.district.name for line, *_ in answer.context["rows"]] == ["北平原區"]
    assert (answer.context["proposers"], answer.context["unknown"]) == ([], [])
    assert "吳成員" not in answer.text
    assert {whose for row in answer.context["compared"] for whose, *_ in row.changes} == {"北平原區"}
    neighbour = page(cast.neighbour_host)
    assert {whose for row in neighbour.context["compared"] for whose, *_ in row.changes} == set()


def test_who_hosts_nothing_is_sent_to_his_own_page(cast: build.Cast) -> None:
    answer = logged_in(cast.member_officer).get(reverse("awards:overview"))
    assert answer.status_code == 403
    assert "請由「我的獎勵」檢視" in answer.text


def test_another_year_is_chosen_by_the_address(cast: build.Cast) -> None:
    making.accepted_meeting()
    assert page(cast.office_reader, "?year=113").context["plan"].year == 113
    assert page(cast.office_reader, "?year=²").context["plan"].year == 116
    assert page(cast.other_reviewer).context["plan"] is None


def test_a_plan_without_award_clauses_says_so(cast: build.Cast) -> None:
    Tier.objects.filter(plan=cast.plan).delete()
    ProposalRule.objects.filter(plan=cast.plan).delete()
    answer = page(cast.office_reader)
    assert "本年度計畫未訂承辦聯繫會報的獎勵。" in answer.text
    assert "本年度計畫未訂提案獎勵。" in answer.text


def test_many_proposals_are_counted_and_the_first_are_linked(cast: build.Cast) -> None:
    making.proposals(outlook.SHOWN + 5)
    north = build.district("北平原區")
    (line,) = outlook.hosting(outlook.look(cast.plan), [north])
    assert (line.proposals, len(line.shown)) == (outlook.SHOWN + 5, outlook.SHOWN)
    assert f"{reverse('proposals:list')}?district={north.pk}" in page(cast.office_reader).text


def test_the_page_asks_no_more_for_more(cast: build.Cast) -> None:
    client = logged_in(cast.office_reviewer)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(reverse("awards:overview")).status_code == 200
        return len(captured)

    making.accepted_meeting()
    making.adopted(by=cast.office_reviewer)
    queries()
    one = queries()
    for number in range(5):
        making.accepted_meeting(days_ago=number + 1)
        making.adopted(by=cast.office_reviewer, subject=f"第{number}件")
        making.adopted(by=cast.office_reviewer, subject=f"外{number}件", contact_name="外人")
    making.proposals(10)
    assert queries() <= one + 1, "the unknown proposers are one more"


def test_the_navigation_leads_there(cast: build.Cast) -> None:
    def links(user: Any) -> list[str]:
        found = logged_in(user).get(reverse("awards:mine")).context["navigation"]
        return next(
            [entry.url, *(child.url for child in entry.children)] for entry in found if entry.label == "獎勵建議"
        )

    overview, own = reverse("awards:overview"), reverse("awards:mine")
    people = reverse("awards:people", args=[build.district("北平原區").pk])
    assert links(cast.member_officer) == [own]
    assert links(cast.host_officer)[:3] == [overview, overview, people]
    assert own in links(cast.host_officer)
    assert people not in links(cast.office_reader)


def test_the_years_of_all_plans_are_offered(cast: build.Cast) -> None:
    years = [plan.year for plan in page(cast.office_reader).context["plans"]]
    assert sorted(years) == sorted(
        Plan.objects.liaison().filter(office=cast.plan.office).values_list("year", flat=True)
    )
