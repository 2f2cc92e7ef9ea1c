"""The pages of runs: made, compared with the run before, adjusted line by line and together, approved by another."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from awards.actions import runs as actions
from awards.choices import HostPersonState, Part, UnitChoice
from awards.models import Line, Rewarded, Run, Tier, TierCondition
from awards.models.runs import stamp
from districts.choices import Access, PlanKind
from districts.models import Person, Plan, Reading
from meetings.choices import MinutesState
from meetings.models import Meeting, Minutes
from personnel_portal.outbox.models import Message
from personnel_portal.rules.commendations import RULE_VERSION
from personnel_portal.trail.models import Entry
from proposals.choices import Outcome, ProposalState
from proposals.models import Proposal
from tests import build
from tests.awards import making
from tests.site.clients import logged_in
from tests.site.pages import queries

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]
NUMBER = "府人任字第1150000321號函"


@pytest.fixture
def reviewer(cast: build.Cast) -> Client:
    return logged_in(cast.office_reviewer)


@pytest.fixture
def meeting(cast: build.Cast) -> Meeting:
    """An accepted meeting of 北平原區, whose host's officer is on the list."""
    making.host_person(cast.host_officer.person, by=cast.office_reviewer, part=Part.HEAD)
    return making.accepted_meeting()


@pytest.fixture
def run(cast: build.Cast, meeting: Meeting) -> Run:
    """A run with one line, 嘉獎 2 次 for the host's officer, computed by the administrator."""
    return actions.make_run(plan=cast.plan, by=cast.office_admin)


def approved(run: Run, cast: build.Cast) -> Run:
    return actions.approve_run(run=run, number=NUMBER, day=build.TODAY, by=cast.office_reviewer)


def again(run: Run, cast: build.Cast) -> Run:
    return actions.make_run(plan=run.plan, by=cast.office_admin)


def causes(client: Client, run: Run) -> dict[tuple[str, str], list[str]]:
    """Return what the page tells to be different from the run before: by name and word, the causes."""
    page = client.get(run.get_absolute_url())
    return {(change.line.name, change.word): [text for text, _ in told] for change, told in page.context["differences"]}


# --- Making and listing ----------------------------------------------------------------------------------------------


def test_a_run_is_asked_for_with_what_is_still_open_and_made(
    cast: build.Cast, reviewer: Client, meeting: Meeting
) -> None:
    making.host_person(cast.member_officer.person, by=cast.host_officer, state=HostPersonState.NAMED)
    address = reverse("awards:make_run", args=[cast.plan.pk])
    page = reviewer.get(address).text
    assert "會報承辦人員尚有 1 人待審查，未審查者不列入。" in page
    assert "計畫期間至 116年9月30日（四） 始結束" in page
    answer = reviewer.post(address, follow=True)
    run = Run.objects.get()
    assert answer.redirect_chain == [(f"/awards/runs/{run.pk}/", 302)]
    assert "黃承辦" in answer.text
    listed = logged_in(cast.office_reader).get(reverse("awards:runs"))
    assert "116年度第 1 次獎勵試算" in listed.text
    assert "試算116年度獎勵" not in listed.text, "who only reads makes no run"
    assert "試算116年度獎勵" in reviewer.get(reverse("awards:runs")).text


def test_only_liaison_plans_are_computed(cast: build.Cast, reviewer: Client) -> None:
    other = Plan.objects.filter(office=build.county()).exclude(kind=PlanKind.LIAISON).first()
    assert other is not None
    answer = reviewer.post(reverse("awards:make_run", args=[other.pk]))
    assert (answer.status_code, "只有分區聯繫會報計畫有獎勵建議。" in answer.text) == (403, True)
    assert not Run.objects.exists()


def test_a_run_shows_its_lines_with_reasons_and_evidence(reviewer: Client, run: Run, meeting: Meeting) -> None:
    page = reviewer.get(run.get_absolute_url())
    assert "專、兼任(辦)會報 1 場（115/11/2，已備查）≥ 1 → 伍、一、(一) 嘉獎 2 次" in page.text
    assert f'href="{meeting.get_absolute_url()}"' in page.text
    assert "這是本計畫第一次試算。" in page.text
    assert "試算後事實或規則已有變動" not in page.text


def test_runs_cost_few_queries_and_the_same_for_many_lines(cast: build.Cast, reviewer: Client, run: Run) -> None:
    urls = [
        run.get_absolute_url(),
        reverse("awards:approve", args=[run.pk]),
        reverse("awards:runs"),
        reverse("awards:roster"),
    ]
    for url in urls:
        reviewer.get(url)
    before = [queries(reviewer, url) for url in urls]
    line = run.lines.get()
    for number in range(30):
        line.pk, line.matters = None, [f"hosting.district-1.person-{number + 10**6}"]
        line.save()
    assert [queries(reviewer, url) for url in urls] == before
    assert max(before) <= 40


def test_what_a_run_rests_on_is_shown_as_it_was(cast: build.Cast, reviewer: Client, run: Run) -> None:
    TierCondition.objects.filter(tier__plan=cast.plan, measure="proposals").update(low=30)
    Meeting.objects.update(state="cancelled", cancel_reason="誤登")
    page = reviewer.get(reverse("awards:run_inputs", args=[run.pk])).text
    assert "聯繫會報場次 2 以上，且修正建議提案案數 超過 15：各記功 1 次" in page
    assert "115/11/2　專、兼任(辦)人事人員聯繫會報　已備查" in page
    assert "黃承辦（籌辦會議、彙整提案）" in page
    assert f"規則版本 {RULE_VERSION}" in page


# --- What changed, and because of what -------------------------------------------------------------------------------


def test_a_stronger_tier_is_told_with_the_facts_behind_it(cast: build.Cast, reviewer: Client, run: Run) -> None:
    second = making.accepted_meeting(days_ago=5)
    making.proposals(16)
    later = again(run, cast)
    assert causes(reviewer, later) == {("黃承辦", "變更"): ["新增召開的會報", "新增送達本處的提案 16 案"]}
    page = reviewer.get(later.get_absolute_url()).text
    assert f'href="{second.get_absolute_url()}"' in page
    assert f'href="{run.get_absolute_url()}"' in page


def test_an_estimate_that_is_sure_now_names_the_minutes(cast: build.Cast, reviewer: Client) -> None:
    making.host_person(cast.host_officer.person, by=cast.office_reviewer)
    meeting = making.accepted_meeting(state=MinutesState.SUBMITTED)
    run = actions.make_run(plan=cast.plan, by=cast.office_admin)
    meeting.minutes.state = MinutesState.ACCEPTED
    meeting.minutes.save()
    assert causes(reviewer, again(run, cast)) == {("黃承辦", "變更"): ["會議紀錄已備查"]}


def test_people_who_come_and_go_are_told(cast: build.Cast, reviewer: Client, run: Run) -> None:
    cast.host_officer.person.hosted.all().delete()
    making.host_person(cast.member_officer.person, by=cast.office_reviewer)
    assert causes(reviewer, again(run, cast)) == {
        ("吳成員", "新增"): ["人事處同意列入名單"],
        ("黃承辦", "消失"): ["人員已不在同意列入的名單"],
    }


def test_adopted_and_corrected_proposals_are_told(cast: build.Cast, reviewer: Client) -> None:
    gone = making.adopted(by=cast.office_reviewer)
    run = actions.make_run(plan=cast.plan, by=cast.office_admin)
    making.adopted(by=cast.office_reviewer, subject="另一件")
    gone.decisions.create(
        outcome=Outcome.REJECTED,
        opinion="更正。",
        decided_by=cast.office_reviewer,
        published_at=build.at(build.TODAY, 10),
        corrects=gone.decisions.get(),
        correction_reason="誤植。",
    )
    assert causes(reviewer, again(run, cast)) == {
        ("吳成員", "變更"): ["新公布參採且符合獎勵", "已不予獎勵（更正研處）"]
    }


def test_another_clause_or_reading_is_told(cast: build.Cast, reviewer: Client, run: Run) -> None:
    Reading.objects.filter(plan=cast.plan, key="counted_meeting_kinds").update(value=["A", "B"])
    Tier.objects.filter(plan=cast.plan, times=2).update(times=1)
    assert causes(reviewer, again(run, cast)) == {
        ("黃承辦", "變更"): [
            "伍、一、(一)由「聯繫會報場次 1 以上：各嘉獎 2 次」改為「聯繫會報場次 1 以上：各嘉獎 1 次」",
            "計入的會報由「專、兼任(辦)會報」改為「專、兼任(辦)會報與專任會報」",
        ]
    }


def test_a_run_with_the_same_result_says_so(cast: build.Cast, reviewer: Client, run: Run) -> None:
    making.proposals(3)  # facts that change nothing
    assert "試算結果相同。" in reviewer.get(again(run, cast).get_absolute_url()).text


def test_a_draft_says_what_changed_since_and_offers_a_new_run(cast: build.Cast, reviewer: Client, run: Run) -> None:
    making.proposals(2)
    making.host_person(cast.member_officer.person, by=cast.office_reviewer)
    page = reviewer.get(run.get_absolute_url())
    assert [(heading, [text for text, _ in told]) for heading, told in page.context["stale"]] == [
        ("北平原區", ["新增送達本處的提案 2 案", "同意列入名單：吳成員"])
    ]
    assert reverse("awards:make_run", args=[cast.plan.pk]) in page.text
    assert "核定的仍是試算當時的結果" in reviewer.get(reverse("awards:approve", args=[run.pk])).text
    newer = again(run, cast)
    page = reviewer.get(run.get_absolute_url())
    assert (page.context["newer"], reverse("awards:make_run", args=[cast.plan.pk]) in page.text) == (newer, False)


def test_what_was_done_by_hand_before_is_recalled(cast: build.Cast, reviewer: Client, run: Run) -> None:
    actions.drop_line(line=run.lines.get(), reason="另案獎勵。", by=cast.office_reviewer)
    assert "剔除理由：另案獎勵。" in reviewer.get(again(run, cast).get_absolute_url()).text
    making.accepted_meeting(days_ago=5)
    making.proposals(16)
    page = reviewer.get(again(run, cast).get_absolute_url()).text
    assert ("前次剔除：另案獎勵。" in page, "剔除理由：另案獎勵。" in page) == (True, False), (
        "another result is judged anew"
    )


# --- Adjusting -------------------------------------------------------------------------------------------------------


def act(client: Client, line: Line, what: str, **data: Any) -> Any:
    return client.post(f"{line.get_absolute_url()}{what}/", {"seen": Line.objects.get(pk=line.pk).stamp, **data})


def test_a_line_is_adjusted_dropped_restored_and_remarked_on_its_page(
    cast: build.Cast, reviewer: Client, run: Run
) -> None:
    line = run.lines.get()
    assert act(reviewer, line, "adjust", unit="citation", times="1", reason="部分參與。").status_code == 302
    assert "試算為 <s>嘉獎 2 次</s>，調整為 <b>嘉獎 1 次</b>：部分參與。" in reviewer.get(run.get_absolute_url()).text
    act(reviewer, line, "drop", reason="調離。")
    page = reviewer.get(run.get_absolute_url()).text
    assert ("<s>嘉獎 1 次</s>" in page, "剔除理由：調離。" in page) == (True, True)
    act(reviewer, line, "restore")
    act(reviewer, line, "remark", note="兼任", result="照案通過")
    line.refresh_from_db()
    assert (line.granted, line.is_dropped, line.note, line.result) == ("嘉獎 2 次", False, "兼任", "照案通過")
    assert [entry.act for entry in Entry.objects.for_target(line)] == [
        "award.line_remarked",
        "award.line_restored",
        "award.line_dropped",
        "award.line_adjusted",
    ]
    assert "調整獎勵建議" in reviewer.get(run.get_absolute_url()).text, "the run's history tells of its lines"


@pytest.mark.parametrize(
    ("what", "data", "sentence"),
    [
        ("adjust", {"unit": "citation", "times": "1", "reason": " "}, "請說明調整的理由。"),
        ("adjust", {"unit": "citation", "times": "0", "reason": "x"}, "次數至少 1 次；不予建議請改用「剔除」。"),
        ("adjust", {"unit": "citation", "times": "9" * 30, "reason": "x"}, "次數至多 9 次，請確認。"),
        ("adjust", {"unit": "order", "times": "1", "reason": "x"}, "「order」不在可選的項目內"),
        ("adjust", {"unit": "merit", "times": "1", "reason": "長" * 301}, "最多 300 字，目前 301 字。"),
        ("drop", {"reason": ""}, "請說明剔除的理由。"),
        ("remark", {"note": "長" * 201}, "最多 200 字，目前 201 字。"),
    ],
)
def test_what_is_wrong_is_told_and_stays_on_the_page(
    reviewer: Client, run: Run, what: str, data: dict[str, str], sentence: str
) -> None:
    line = run.lines.get()
    answer = act(reviewer, line, what, **data)
    assert (answer.status_code, sentence in answer.text) == (422, True)
    assert all(value.strip() in answer.text for value in data.values() if value != "order")
    line.refresh_from_db()
    assert (line.granted, line.is_dropped, line.note) == ("嘉獎 2 次", False, "")


def test_nobody_writes_over_a_change_that_was_not_shown(cast: build.Cast, reviewer: Client, run: Run) -> None:
    line = run.lines.get()
    seen = line.stamp
    actions.adjust_line(line=line, unit=UnitChoice.CITATION, times=1, reason="部分參與。", by=cast.office_admin)
    url, data = f"{line.get_absolute_url()}drop/", {"reason": "調離。"}
    answer = reviewer.post(url, {**data, "seen": seen})
    sentence = "林主任已於 115年11月22日（日）10:00 變更這筆建議，目前為「嘉獎 1 次」；請確認後再儲存。"
    assert (answer.status_code, sentence in answer.text, "調離。" in answer.text) == (422, True, True)
    assert reviewer.post(url, {**data, "seen": answer.context["drop_form"]["seen"].value()}).status_code == 302


def test_ticked_lines_are_dropped_or_given_a_result_together(cast: build.Cast, reviewer: Client, run: Run) -> None:
    making.host_person(cast.member_officer.person, by=cast.office_reviewer)
    run = again(run, cast)
    keys = [line.pk for line in run.lines.order_by("pk")]
    results, drop = reverse("awards:write_results", args=[run.pk]), reverse("awards:drop_lines", args=[run.pk])
    assert reviewer.post(results, {"lines": keys, "result": "照案通過"}).status_code == 302
    assert set(run.lines.values_list("result", flat=True)) == {"照案通過"}
    refused: list[tuple[str, dict[str, Any], str]] = [
        (drop, {"lines": keys, "reason": ""}, "請說明剔除的理由。"),
        (drop, {"reason": "誤列。"}, "請至少勾選一筆獎勵建議。"),
        (drop, {"lines": ["²"], "reason": "誤列。"}, "勾選的建議不屬這次試算"),
        (results, {"lines": keys, "result": ""}, "請填審議結果，例如「照案通過」。"),
    ]
    for url, data, sentence in refused:
        answer = reviewer.post(url, data)
        assert (answer.status_code, sentence in answer.text) == (422, True)
        assert data.get("reason", "") in answer.text
    assert reviewer.post(drop, {"lines": keys[:1], "reason": "誤列。"}).status_code == 302
    assert list(run.lines.order_by("pk").values_list("is_dropped", flat=True)) == [True, False]


def test_lines_of_another_run_are_not_touched(cast: build.Cast, reviewer: Client, run: Run) -> None:
    other = again(run, cast)
    data = {"lines": [run.lines.get().pk], "reason": "誤列。"}
    assert reviewer.post(reverse("awards:drop_lines", args=[other.pk]), data).status_code == 422
    assert not Line.objects.filter(is_dropped=True).exists()


# --- Approving -------------------------------------------------------------------------------------------------------


def approve(client: Client, run: Run, **data: str) -> Any:
    seen = stamp(run.lines.all())
    return client.post(
        reverse("awards:approve", args=[run.pk]), {"number": NUMBER, "day": "115/11/22", "seen": seen, **data}
    )


def test_approving_freezes_the_run_and_tells_whom_it_concerns(cast: build.Cast, reviewer: Client, run: Run) -> None:
    assert approve(reviewer, run).status_code == 302
    run.refresh_from_db()
    assert (run.is_approved, run.letter_number, run.letter_date) == (True, NUMBER, build.TODAY)
    page = reviewer.get(run.get_absolute_url()).text
    assert (NUMBER in page, "對勾選的建議" in page, "名冊 PDF" in page) == (True, False, True)
    mail = Message.objects.get()
    assert (mail.to, "大林鎮公所　黃承辦　嘉獎 2 次" in mail.text) == ("host@example.gov.tw", True)
    assert "令" not in mail.text
    own = logged_in(cast.host_officer).get(run.lines.get().get_absolute_url())
    assert (own.status_code, NUMBER in own.text, "調整理由" in own.text) == (200, True, False)


def test_who_computed_is_told_that_another_approves(cast: build.Cast, run: Run) -> None:
    client = logged_in(cast.office_admin)
    sentence = "試算人不得自行核定，請由其他審核人員核定。"
    assert sentence in client.get(reverse("awards:approve", args=[run.pk])).text
    answer = approve(client, run)
    assert (answer.status_code, sentence in answer.text) == (422, True)
    run.refresh_from_db()
    assert not run.is_approved


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"number": " "}, "請填核定文號。"),
        ({"number": "長" * 61}, "最多 60 字，目前 61 字。"),
        ({"day": "115/11/23"}, "核定日期不能在今天之後。"),
        ({"day": "115/11/21"}, "核定日期不能早於試算日期（115/11/22）。"),
        ({"day": "115/13/1"}, "月"),
    ],
)
def test_a_wrong_letter_is_refused_in_a_sentence(
    reviewer: Client, run: Run, data: dict[str, str], sentence: str
) -> None:
    answer = approve(reviewer, run, **data)
    assert (answer.status_code, sentence in answer.text) == (422, True)
    run.refresh_from_db()
    assert not run.is_approved


def test_a_line_that_was_changed_meanwhile_is_not_approved_unseen(cast: build.Cast, reviewer: Client, run: Run) -> None:
    seen = stamp(run.lines.all())
    line = run.lines.get()
    actions.adjust_line(line=line, unit=UnitChoice.MAJOR_MERIT, times=1, reason="加重。", by=cast.office_admin)
    answer = approve(reviewer, run, seen=seen)
    assert (answer.status_code, "審閱期間有建議經他人調整" in answer.text) == (422, True)
    assert "記大功 1 次" in answer.text
    assert approve(reviewer, run, seen=answer.context["form"]["seen"].value()).status_code == 302


def test_the_second_who_approves_is_told_by_whom_and_when(cast: build.Cast, reviewer: Client, run: Run) -> None:
    other = build.officer(build.listed("人事處"), username="second", name="周審核", access=Access.REVIEW)
    approve(logged_in(other), run)
    answer = approve(reviewer, run)
    sentence = "周審核已於 115年11月22日（日）10:00 核定這次試算，不得再變更。"
    assert (answer.status_code, sentence in answer.text) == (422, True)
    assert reviewer.get(reverse("awards:approve", args=[run.pk])).status_code == 302


def test_estimates_are_named_before_approving_and_dropped_by_one_click(cast: build.Cast, reviewer: Client) -> None:
    making.host_person(cast.host_officer.person, by=cast.office_reviewer)
    making.accepted_meeting(state=MinutesState.SUBMITTED)
    making.adopted(by=cast.office_reviewer)
    run = actions.make_run(plan=cast.plan, by=cast.office_admin)
    url = reverse("awards:approve", args=[run.pk])
    page = reviewer.get(url)
    assert [line.name for line in page.context["estimates"]] == ["黃承辦"]
    assert "剔除這 1 筆預估" in page.text
    data = {"lines": [page.context["estimates"][0].pk], "reason": "會議紀錄未備查，尚屬預估。", "then": "approve"}
    answer = reviewer.post(reverse("awards:drop_lines", args=[run.pk]), data)
    assert answer.headers["Location"] == url
    assert approve(reviewer, run).status_code == 302
    assert [line.name for line in Line.objects.approved().on_roster()] == ["吳成員"]


def test_accepted_people_without_a_post_are_named(cast: build.Cast, reviewer: Client, run: Run) -> None:
    nobody = Person.objects.create(office=run.plan.office, name="鄭無職")
    making.host_person(nobody, by=cast.office_reviewer)
    url, sentence = reverse("awards:make_run", args=[run.plan_id]), "查無任職資料，未列入建議：鄭無職。"
    assert sentence in reviewer.get(url).text
    assert sentence in reviewer.post(url, follow=True).text


def test_what_no_longer_follows_is_named_before_approving(cast: build.Cast, reviewer: Client, run: Run) -> None:
    Minutes.objects.update(state=MinutesState.SUBMITTED)
    page = reviewer.get(reverse("awards:approve", args=[run.pk]))
    assert [line.name for line in page.context["outdated"]] == ["黃承辦"]
    assert f'href="{reverse("awards:make_run", args=[run.plan_id])}"' in page.text
    answer = approve(reviewer, run)
    assert (answer.status_code, "已不符目前情形，請重新試算後再核定：「黃承辦 嘉獎 2 次」。" in answer.text) == (
        422,
        True,
    )
    make = reviewer.get(reverse("awards:make_run", args=[run.plan_id]))
    assert "116年度第 1 次獎勵試算的調整、剔除、備註及審議結果" in make.text


def test_a_matter_rewarded_already_is_named_before_approving_with_its_line(
    cast: build.Cast, reviewer: Client, run: Run
) -> None:
    first = approved(run, cast).lines.get()
    later = again(run, cast)
    page = reviewer.get(reverse("awards:approve", args=[later.pk]))
    assert [(claim.line.name, claim.earlier) for claim in page.context["rewarded"]] == [("黃承辦", first)]
    assert f'href="{first.get_absolute_url()}"' in page.text
    answer = approve(reviewer, later)
    assert "同一事項不重複獎勵，請先剔除。" in answer.text
    assert "核定前須剔除" in reviewer.get(later.get_absolute_url()).text


def test_a_replaced_line_stays_in_both_histories_and_in_one_roster(
    cast: build.Cast, reviewer: Client, run: Run
) -> None:
    first = approved(run, cast).lines.get()
    making.accepted_meeting(days_ago=5)
    making.proposals(16)
    later = again(run, cast)
    second = later.lines.get()
    assert "核定時取代" in reviewer.get(later.get_absolute_url()).text
    assert "原建議註銷。" in reviewer.get(reverse("awards:approve", args=[later.pk])).text
    approve(reviewer, later)
    old, new = (reviewer.get(one.get_absolute_url()).text for one in (run, later))
    assert f'由<a href="{second.get_absolute_url()}">116年度第 2 次獎勵試算核定之記功 1 次</a>取代，原建議註銷。' in old
    assert "<s>嘉獎 2 次</s>" in old
    assert f'取代<a href="{first.get_absolute_url()}">116年度第 1 次獎勵試算核定之嘉獎 2 次</a>，原建議註銷。' in new
    assert list(Line.objects.approved().on_roster()) == [second]
    assert list(run.lines.on_roster()) == []


def test_a_split_award_does_not_reward_a_proposal_again(cast: build.Cast) -> None:
    proposal = making.adopted(by=cast.office_reviewer)
    run = approved(actions.make_run(plan=cast.plan, by=cast.office_admin), cast)
    for user in (cast.member_officer, cast.host_officer):
        proposal.rewarded.create(person=user.person, named_by=cast.office_reviewer)
    later = again(run, cast)
    assert later.lines.count() == 2
    with pytest.raises(ValidationError) as refused:
        approved(later, cast)
    assert len(refused.value.messages) == 2
    assert Rewarded.objects.get().line == run.lines.get()


def test_one_more_adopted_proposal_replaces_the_line_of_the_first(cast: build.Cast) -> None:
    making.adopted(by=cast.office_reviewer)
    first = approved(actions.make_run(plan=cast.plan, by=cast.office_admin), cast)
    making.adopted(by=cast.office_reviewer, subject="第二件")
    second = approved(again(first, cast), cast)
    line = second.lines.get()
    assert (line.times, line.replaces) == (2, first.lines.get())
    assert list(Rewarded.objects.values_list("line", flat=True)) == [line.pk, line.pk]


def test_an_empty_run_is_not_approved(cast: build.Cast, reviewer: Client) -> None:
    run = actions.make_run(plan=cast.plan, by=cast.office_admin)
    assert "沒有獎勵建議" in reviewer.get(run.get_absolute_url()).text
    assert "沒有可核定的獎勵建議。" in approve(reviewer, run).text


# --- Who sees what ---------------------------------------------------------------------------------------------------


def test_others_see_their_own_approved_lines_alone(cast: build.Cast, run: Run) -> None:
    line = run.lines.get()
    host, neighbour = logged_in(cast.host_officer), logged_in(cast.neighbour_host)
    assert host.get(line.get_absolute_url()).status_code == 404, "a draft is the office's own"
    approved(run, cast)
    assert [client.get(line.get_absolute_url()).status_code for client in (host, neighbour)] == [200, 404]
    assert "歷程" not in host.get(line.get_absolute_url()).text


def test_a_proposer_is_led_only_to_what_he_or_she_may_open(cast: build.Cast) -> None:
    making.host_person(cast.member_officer.person, by=cast.office_reviewer)
    making.accepted_meeting(days_ago=20)
    making.accepted_meeting(days_ago=10)
    making.proposals(16, agency=build.listed("民雄國小"))
    run = approved(actions.make_run(plan=cast.plan, by=cast.office_admin), cast)
    page = logged_in(cast.member_officer).get(run.lines.get().get_absolute_url())
    assert sum(bool(one.url) for one in page.context["evidence"]) == 2
    assert Proposal.objects.filter(state=ProposalState.AT_OFFICE).count() == 16
