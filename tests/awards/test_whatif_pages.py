"""What-if: computed by the same functions as today's result, shown beside it, saved nowhere."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from awards import outlook
from awards.choices import Measure, UnitChoice
from awards.models import Tier
from awards.supposing import Supposition, suppose
from districts.models import Membership
from meetings.choices import MinutesState
from meetings.models import Meeting
from proposals.models import Proposal
from tests import build
from tests.awards import making
from tests.site.clients import logged_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]


def ask(user: Any, **asked: Any) -> Any:
    return logged_in(user).get(reverse("awards:what_if", args=[build.district("北平原區").pk]), asked)


def sides(answer: Any) -> list[str]:
    return [side.hosting.granted for side in answer.context["sides"]]


def test_one_more_meeting_and_more_proposals_reach_the_stronger_tier(cast: build.Cast) -> None:
    making.accepted_meeting()
    making.proposals(13)
    before = (Meeting.objects.count(), Proposal.objects.count())
    answer = ask(cast.host_officer, joint=1, proposals=3)
    assert (answer.status_code, sides(answer)) == (200, ["嘉獎 2 次", "記功 1 次"])
    assert answer.context["sides"][1].hosting.because == (
        "專、兼任(辦)會報 2 場（115/11/2，已備查；含假設 1 場）≥ 2；提案 16 案（含假設 3 案）> 15 → 伍、一、(二) 記功 1 次",
    )
    assert (Meeting.objects.count(), Proposal.objects.count()) == before


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"joint": 1, "proposals": 2}, "嘉獎 2 次"),
        ({"joint": 0, "proposals": 3}, "嘉獎 2 次"),
        ({"full_time": 1, "proposals": 3}, "嘉獎 2 次"),
        ({"joint": "１", "proposals": "３"}, "記功 1 次"),
    ],
)
def test_each_condition_counts(cast: build.Cast, asked: dict[str, Any], expected: str) -> None:
    making.accepted_meeting()
    making.proposals(13)
    assert sides(ask(cast.office_reader, **asked))[1] == expected


def test_minutes_that_wait_may_be_supposed_accepted(cast: build.Cast) -> None:
    making.accepted_meeting(state=MinutesState.SUBMITTED)
    now, then = ask(cast.host_officer, accepted="on").context["sides"]
    assert (now.hosting.is_estimated, then.hosting.is_estimated) == (True, False)
    assert "1 場紀錄未備查" in now.hosting.because[0]
    assert "已備查" in then.hosting.because[0]


def test_more_adopted_proposals_of_somebody_reach_the_cap(cast: build.Cast) -> None:
    making.adopted(by=cast.office_reviewer)
    (line,) = outlook.proposers(outlook.look(cast.plan))
    now, then = ask(cast.office_reader, adopted=2, proposer=line.posting.pk).context["sides"]
    assert (now.proposer, then.proposer) == ("嘉獎 1 次", "嘉獎 2 次")
    assert then.proposer_because == "獲參採且符合獎勵之提案 3 案（含假設 2 案），1 案已達上限不另計 → 伍、二 嘉獎 2 次"
    now, then = ask(cast.office_reader, adopted=1, proposer="new").context["sides"]
    assert (now.proposer, then.proposer) == ("", "嘉獎 1 次")


def test_a_host_chooses_among_proposers_of_its_own_agency(cast: build.Cast) -> None:
    making.adopted(by=cast.office_reviewer)
    making.adopted(by=cast.office_reviewer, agency=build.listed("大林鎮公所"), contact_name="黃承辦")
    labels = [label for _, label in ask(cast.host_officer).context["form"].fields["proposer"].choices]
    assert labels == ["目前尚無獎勵的提案人", "大林鎮公所 黃承辦"]


@pytest.mark.parametrize(
    "asked",
    [
        {"joint": "-1"},
        {"joint": "x"},
        {"joint": "9" * 400},
        {"proposals": "1000000"},
        {"proposals": "\x00"},
        {"adopted": "1", "proposer": "999999"},
        {"joint": "1.5"},
    ],
    ids=range(7),
)
def test_a_bad_supposition_is_answered_with_a_sentence(cast: build.Cast, asked: dict[str, str]) -> None:
    answer = ask(cast.host_officer, **asked)
    assert answer.status_code == 422
    assert "還沒有送出，請修正以下各項" in answer.text
    assert "sides" not in answer.context


def test_nothing_asked_is_the_empty_form(cast: build.Cast) -> None:
    answer = ask(cast.host_officer, page="x")
    assert (answer.status_code, answer.context["form"].is_bound) == (200, False)
    assert "請填入假設的場次或案數" in answer.text


def test_what_the_clauses_count_is_asked_for(cast: build.Cast) -> None:
    assert "attendees" not in ask(cast.host_officer).context["form"].fields
    Tier.objects.filter(plan=cast.plan).delete()
    heads = Tier.objects.create(plan=cast.plan, clause="伍、一", unit=UnitChoice.CITATION, times=1)
    heads.conditions.create(measure=Measure.ATTENDEES, low=50)
    first = Tier.objects.create(plan=cast.plan, clause="伍、二", unit=UnitChoice.MERIT, times=1)
    first.conditions.create(measure=Measure.RANK, high=1, high_included=True)
    making.proposals(2, package=build.package(district=build.district("山區")))
    making.proposals(1)
    assert sides(ask(cast.host_officer, attendees=50)) == ["", "嘉獎 1 次"]
    assert sides(ask(cast.host_officer, proposals=1)) == ["", "記功 1 次"], "as many as the first share its rank"
    cast.plan.proposal_rule.delete()
    assert "adopted" not in ask(cast.host_officer).context["form"].fields


def test_a_district_without_members_is_answered(cast: build.Cast) -> None:
    Membership.objects.filter(district=build.district("北平原區")).delete()
    assert sides(ask(cast.office_reviewer, joint=1)) == ["", "嘉獎 2 次"]
    assert logged_in(cast.office_reviewer).get(reverse("awards:mine")).status_code == 200


def test_supposing_leaves_the_facts_as_they_are(cast: build.Cast) -> None:
    making.accepted_meeting()
    look, north = outlook.look(cast.plan), build.district("北平原區")
    supposed = suppose(look.gathered, north, Supposition(joint=2, proposals=5, adopted=1))
    assert len(look.gathered.records[north.pk].meetings) == 1
    assert len(supposed.records[north.pk].meetings) == 3
    assert look.gathered.adopted[cast.plan.pk] == []
    assert len(supposed.adopted[cast.plan.pk]) == 1


def test_asking_costs_no_more_than_looking(cast: build.Cast) -> None:
    making.accepted_meeting()
    client = logged_in(cast.host_officer)
    address = reverse("awards:what_if", args=[build.district("北平原區").pk])

    def queries(query: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(f"{address}{query}").status_code == 200
        return len(captured)

    queries("")
    assert queries("?joint=99&proposals=9999&adopted=999") == queries("")
