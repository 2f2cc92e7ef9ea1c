"""My commendations: approved lines, today's outlook, and why a line is not there."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from awards.actions import people, runs
from awards.choices import HostPersonState, Part, UnitChoice
from awards.models import ProposalPerson, ProposalRule
from awards.reasons import Reason
from districts.models import Reading
from meetings.choices import MinutesState
from proposals.choices import Outcome, ProposalState
from proposals.models import CoProposer
from tests import build
from tests.awards import making
from tests.awards.sections import words_of
from tests.site.clients import logged_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]
LETTER: dict[str, Any] = {"number": "府人任字第1160000001號函", "day": build.TODAY}


def page(user: Any, query: str = "") -> Any:
    answer = logged_in(user).get(f"{reverse('awards:mine')}{query}")
    assert answer.status_code == 200
    return answer


def hosting(user: Any) -> list[Reason]:
    found: list[Reason] = page(user).context["hosting"]
    return found


def proposals(user: Any) -> list[tuple[str, str, str]]:
    """Return state, what is granted, and the last sentence of each proposal."""
    return [(one.state, one.granted, one.because[-1]) for one in page(user).context["proposals"]]


# --- Hosting ---------------------------------------------------------------------------------------------------------


def test_who_was_accepted_sees_what_the_district_earns_and_what_it_lacks(cast: build.Cast) -> None:
    making.accepted_meeting(state=MinutesState.SUBMITTED)
    making.host_person(cast.member_officer.person, by=cast.host_officer)
    (reason,) = hosting(cast.member_officer)
    assert (reason.subject, reason.who, reason.granted, reason.state) == (
        "北平原區聯繫會報（實際執行人員）",
        "吳成員",
        "嘉獎 2 次",
        "預估",
    )
    assert "預估：尚有會議紀錄未備查" in reason.because[0]
    assert reason.because[1].startswith("伍、一、(二) 記功 1 次未達")


@pytest.mark.parametrize(
    ("state", "word", "sentence"),
    [
        (HostPersonState.NAMED, "待審查", "承辦單位已提報，待人事處審查。"),
        (HostPersonState.REFUSED, "不列入", "人事處審查不列入：非承辦人員。"),
    ],
)
def test_who_is_not_accepted_reads_why(cast: build.Cast, state: HostPersonState, word: str, sentence: str) -> None:
    making.accepted_meeting()
    making.host_person(cast.member_officer.person, by=cast.host_officer, state=state)
    (reason,) = hosting(cast.member_officer)
    assert (reason.state, reason.granted, reason.because) == (word, "", (sentence,))


def test_a_tier_that_fails_is_the_reason(cast: build.Cast) -> None:
    making.host_person(cast.member_officer.person, by=cast.host_officer)
    (reason,) = hosting(cast.member_officer)
    assert (reason.state, reason.granted) == ("未達條件", "")
    assert [sentence.partition("未達")[0] for sentence in reason.because] == [
        "伍、一、(二) 記功 1 次",
        "伍、一、(一) 嘉獎 2 次",
    ]


def test_a_host_sees_whom_it_named_and_that_it_named_nobody(cast: build.Cast) -> None:
    making.accepted_meeting()
    (reason,) = hosting(cast.host_officer)
    assert (reason.state, reason.because[0]) == ("未提報", "承辦單位尚未提報您為相關人員，故不在名單上。")
    colleague = build.officer(build.listed("大林鎮公所"), name="周助理").person
    making.host_person(colleague, by=cast.host_officer)
    assert [(one.who, one.state) for one in hosting(cast.host_officer)] == [("周助理", "預估"), ("", "未提報")]
    assert reverse("awards:people", args=[build.district("北平原區").pk]) in page(cast.host_officer).text
    assert hosting(cast.member_officer) == []
    assert "您未經承辦單位提報" in page(cast.member_officer).text


# --- Proposals -------------------------------------------------------------------------------------------------------


def test_an_adopted_proposal_names_who_is_rewarded(cast: build.Cast) -> None:
    proposal = making.adopted(by=cast.office_reviewer)
    (reason,) = page(cast.member_officer).context["proposals"]
    assert (reason.subject, reason.url) == (f"{proposal.reference} {proposal.subject}", proposal.get_absolute_url())
    assert (reason.who, reason.granted, reason.state) == ("吳成員（民雄國中）", "嘉獎 1 次", "預估")
    assert reason.because == ("吳成員：獲參採且符合獎勵之提案 1 案 → 伍、二 嘉獎 1 次",)


def test_the_cap_is_the_reason_of_the_third(cast: build.Cast) -> None:
    for number in range(3):
        making.adopted(by=cast.office_reviewer, subject=f"第{number}件")
    states = [(state, granted) for state, granted, _ in proposals(cast.member_officer)]
    assert states == [("已達上限", ""), ("預估", "嘉獎 1 次"), ("預估", "嘉獎 1 次")]
    assert proposals(cast.member_officer)[0][2] == "吳成員已達至多嘉獎 2 次之上限，本案不另計。"


@pytest.mark.parametrize(
    ("state", "word", "sentence"),
    [
        (ProposalState.SENT, "已送承辦單位", "尚待承辦單位彙整函送人事處。"),
        (ProposalState.COMPILED, "已彙整", "承辦單位已彙整，尚待函送人事處。"),
        (ProposalState.AT_OFFICE, "已送本處", "已送人事處，研處結果尚未公布。"),
        (ProposalState.RESOLVED, "已決議", "會議已決議，研處結果尚未公布。"),
        (ProposalState.RETURNED, "退請補正", "退請補正中，補正再送後始計。"),
        (ProposalState.WITHDRAWN, "已撤回", "已撤回，不計。"),
    ],
)
def test_a_proposal_on_its_way_says_where_it_stands(
    cast: build.Cast, state: ProposalState, word: str, sentence: str
) -> None:
    build.proposal(state=state)
    build.proposal(subject="草稿")
    assert proposals(cast.member_officer) == [(word, "", sentence)]


@pytest.mark.parametrize(
    ("outcome", "qualifies", "word", "sentence"),
    [
        (Outcome.REJECTED, False, "不參採", "研處為「不參採」；獲本處參採者始予獎勵。"),
        (Outcome.STUDIED, False, "錄案研議", "研處為「錄案研議」；獲本處參採者始予獎勵。"),
        (Outcome.ADOPTED, False, "不符合獎勵", "已參採，惟未認定屬簡化流程或修正人事法規。"),
        (Outcome.PARTLY, False, "不符合獎勵", "部分參採，人事處未認定符合獎勵。"),
    ],
)
def test_a_decision_that_earns_nothing_is_the_reason(
    cast: build.Cast, outcome: Outcome, qualifies: bool, word: str, sentence: str
) -> None:
    making.adopted(by=cast.office_reviewer, outcome=outcome, qualifies=qualifies)
    assert proposals(cast.member_officer) == [(word, "", sentence)]


def test_a_pending_decision_stays_the_offices_own(cast: build.Cast) -> None:
    proposal = build.proposal(state=ProposalState.RESOLVED)
    proposal.decisions.create(outcome=Outcome.ADOPTED, qualifies=True, decided_by=cast.office_reviewer)
    assert proposals(cast.member_officer) == [("已決議", "", "會議已決議，研處結果尚未公布。")]


def test_an_unknown_proposer_waits_for_the_office(cast: build.Cast) -> None:
    making.adopted(by=cast.office_reviewer, contact_name="外人")
    assert proposals(cast.member_officer) == [
        ("待指定", "", "提案人「外人」於送件日查無任職資料，待人事處指定獎勵人員。")
    ]


def test_a_merged_proposal_is_told_with_its_lead(cast: build.Cast) -> None:
    lead = making.adopted(
        by=cast.office_reviewer, agency=build.listed("大林鎮公所"), contact_name="黃承辦", subject="主案"
    )
    build.proposal(state=ProposalState.MERGED, merged_into=lead)
    assert proposals(cast.member_officer) == [
        ("已併案", "", f"已併入「{lead.reference} 主案」，併案計 1 案，依主提案獎勵。"),
        ("預估", "嘉獎 1 次", "黃承辦：獲參採且符合獎勵之提案 1 案 → 伍、二 嘉獎 1 次"),
    ]
    assert [one.subject for one in page(cast.host_officer).context["proposals"]] == [f"{lead.reference} 主案"]


def test_a_joint_proposal_says_why_the_first_is_rewarded(cast: build.Cast) -> None:
    proposal = making.adopted(by=cast.office_reviewer, agency=build.listed("大林鎮公所"), contact_name="黃承辦")
    CoProposer.objects.create(proposal=proposal, agency=build.listed("民雄國中"))
    (reason,) = page(cast.member_officer).context["proposals"]
    assert (reason.who, reason.because[0]) == (
        "黃承辦（大林鎮公所）",
        "聯合提案依目前採用之解釋獎勵第一提案人，人事處得改為分別獎勵。",
    )
    ProposalPerson.objects.create(proposal=proposal, person=cast.member_officer.person, named_by=cast.office_reviewer)
    (reason,) = page(cast.member_officer).context["proposals"]
    assert (reason.who, reason.because[0]) == ("吳成員（民雄國中）", "由人事處指定獎勵人員。")
    ProposalPerson.objects.all().delete()
    Reading.objects.filter(plan=cast.plan, key="joint_proposal").update(value="all")
    (reason,) = page(cast.member_officer).context["proposals"]
    assert sorted(reason.who.split("、")) == ["吳成員（民雄國中）", "黃承辦（大林鎮公所）"]


def test_who_moved_keeps_what_was_proposed_at_the_former_agency(cast: build.Cast) -> None:
    making.adopted(by=cast.office_reviewer)
    cast.member_officer.person.postings.update(until=build.TODAY)
    build.posting(person=cast.member_officer.person, agency=build.listed("大林國小"), since=build.TODAY)
    cast.member_officer.person.postings.filter(agency=build.listed("民雄國中")).update(until=build.TODAY)
    successor = build.officer(build.listed("民雄國中"), name="新任")
    assert len(proposals(cast.member_officer)) == 1
    assert len(proposals(successor)) == 1
    assert proposals(cast.neighbour_host) == []


def test_a_plan_without_the_clause_says_so(cast: build.Cast) -> None:
    ProposalRule.objects.filter(plan=cast.plan).delete()
    making.adopted(by=cast.office_reviewer)
    assert proposals(cast.member_officer) == [("未訂獎勵", "", "本年度計畫未訂提案獎勵。")]


# --- Approved --------------------------------------------------------------------------------------------------------


def test_drafts_are_not_shown_and_approved_lines_have_their_letter(cast: build.Cast) -> None:
    making.adopted(by=cast.office_reviewer)
    run = runs.make_run(plan=cast.plan, by=cast.office_admin)
    assert page(cast.member_officer).context["lines"] == []
    runs.approve_run(run=run, by=cast.office_reviewer, **LETTER)
    told = words_of(page(cast.member_officer), "approved")
    assert "吳成員 嘉獎 1 次 已核定" in told.replace("　", " ")
    assert "115年11月22日（日）　府人任字第1160000001號函" in told.replace(" 府", "　府")
    assert "獲參採且符合獎勵之提案 1 案 → 伍、二 嘉獎 1 次" in told
    assert page(cast.neighbour_host).context["lines"] == []
    assert page(cast.office_reader).context["lines"] == [], "the office sees all lines in the run"
    assert page(cast.member_officer, "?year=113").context["lines"] == []


def test_a_colleague_who_works_for_the_agency_sees_its_lines(cast: build.Cast) -> None:
    making.adopted(by=cast.office_reviewer)
    run = runs.make_run(plan=cast.plan, by=cast.office_admin)
    runs.approve_run(run=run, by=cast.office_reviewer, **LETTER)
    colleague = build.officer(build.listed("民雄國中"), name="周同事")
    assert [line.name for line in page(colleague).context["lines"]] == ["吳成員"]


def test_a_dropped_line_says_why_and_an_adjusted_one_too(cast: build.Cast) -> None:
    making.adopted(by=cast.office_reviewer)
    making.adopted(by=cast.office_reviewer, agency=build.listed("大林鎮公所"), contact_name="黃承辦")
    run = runs.make_run(plan=cast.plan, by=cast.office_admin)
    dropped, adjusted = run.lines.get(name="吳成員"), run.lines.get(name="黃承辦")
    runs.drop_line(line=dropped, reason="已另案獎勵。", by=cast.office_admin)
    runs.adjust_line(line=adjusted, unit=UnitChoice.CITATION, times=2, reason="貢獻卓著。", by=cast.office_admin)
    runs.approve_run(run=run, by=cast.office_reviewer, **LETTER)
    assert "審議後未列入" in words_of(page(cast.member_officer), "approved")
    assert "未列入理由已另案獎勵。" in words_of(page(cast.member_officer), "approved").replace(" ", "")
    assert "調整理由貢獻卓著。" in words_of(page(cast.host_officer), "approved").replace(" ", "")


def test_a_replaced_line_stays_with_what_replaced_it(cast: build.Cast) -> None:
    making.accepted_meeting(days_ago=20)
    making.host_person(cast.host_officer.person, by=cast.office_reviewer)
    first = runs.make_run(plan=cast.plan, by=cast.office_admin)
    runs.approve_run(run=first, by=cast.office_reviewer, **LETTER)
    making.accepted_meeting(days_ago=5)
    making.proposals(16)
    later = runs.make_run(plan=cast.plan, by=cast.office_admin)
    runs.approve_run(run=later, number="府人任字第1160000002號函", day=build.TODAY, by=cast.office_reviewer)
    told = words_of(page(cast.host_officer), "approved")
    assert "由「黃承辦 記功 1 次」取代（府人任字第1160000002號函）" in told
    assert "原建議「黃承辦 嘉獎 2 次」（府人任字第1160000001號函）註銷" in told


def test_what_was_approved_is_not_expected_again_nor_told_as_left_out(cast: build.Cast) -> None:
    making.accepted_meeting()
    making.host_person(cast.host_officer.person, by=cast.office_reviewer)
    making.adopted(by=cast.office_reviewer)
    run = runs.make_run(plan=cast.plan, by=cast.office_admin)
    runs.approve_run(run=run, **LETTER, by=cast.office_reviewer)
    making.host_person(build.officer(build.listed("大林鎮公所"), name="周助理").person, by=cast.office_reviewer)
    second = runs.make_run(plan=cast.plan, by=cast.office_admin)
    for line in second.lines.exclude(name="周助理"):
        runs.drop_line(line=line, reason="同一事項已核定獎勵建議，不重複獎勵。", by=cast.office_reviewer)
    runs.approve_run(run=second, number="府人任字第1160000002號函", day=build.TODAY, by=cast.office_reviewer)

    answer = page(cast.host_officer)
    assert [(line.name, line.run) for line in answer.context["lines"]] == [("周助理", second), ("黃承辦", run)]
    assert "審議後未列入" not in answer.text
    reason = next(one for one in answer.context["hosting"] if one.who == "黃承辦")
    assert (reason.state, reason.granted) == ("已核定", "嘉獎 2 次")
    assert reason.because[0] == "已於116年度第 1 次獎勵試算核予「黃承辦 嘉獎 2 次」，不重複獎勵。"
    (proposed,) = page(cast.member_officer).context["proposals"]
    assert proposed.state == "已核定"
    assert proposed.because[0] == "已於116年度第 1 次獎勵試算核予「吳成員 嘉獎 1 次」，不重複獎勵。"

    making.accepted_meeting(days_ago=10)
    making.proposals(16)
    stronger = next(one for one in hosting(cast.host_officer) if one.who == "黃承辦")
    assert (stronger.state, stronger.granted) == ("預估", "記功 1 次")
    assert stronger.because[0].endswith("核予「黃承辦 嘉獎 2 次」，待重新試算核定後取代。")


def test_the_page_asks_no_more_for_more(cast: build.Cast) -> None:
    client = logged_in(cast.member_officer)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(reverse("awards:mine")).status_code == 200
        return len(captured)

    making.accepted_meeting()
    making.adopted(by=cast.office_reviewer)
    queries()
    one = queries()
    for number in range(5):
        making.adopted(by=cast.office_reviewer, subject=f"第{number}件")
        build.proposal(state=ProposalState.SENT, subject=f"送{number}件")
    people.name_person(
        district=build.district("北平原區"),
        person=cast.host_officer.person,
        part=Part.HEAD,
        work="主持",
        by=cast.host_officer,
    )
    assert queries() <= one
