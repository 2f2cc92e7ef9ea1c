"""Runs: computed, adjusted with reasons, approved by another person, frozen."""

from datetime import date
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from awards.actions import runs as actions
from awards.choices import LineKind, Part, RunState, UnitChoice
from awards.models import HostPerson, Line, Rewarded, Run
from districts.models import Plan, Reading
from meetings.choices import MinutesState
from personnel_portal.rules.commendations import RULE_VERSION
from personnel_portal.trail.models import Entry
from proposals.choices import ProposalState
from proposals.models import Proposal
from tests import build
from tests.awards import making

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]
LETTER: dict[str, Any] = {"number": "府人任字第1160000001號函", "day": date(2026, 11, 20)}


@pytest.fixture
def reviewer(cast: build.Cast) -> Any:
    return cast.office_reviewer


def granted(run: Run) -> list[tuple[str, str, int]]:
    return [(line.name, line.unit, line.times) for line in run.lines.order_by("pk")]


def test_hosts_people_and_proposers_are_proposed_with_their_reasons(cast: build.Cast) -> None:
    making.accepted_meeting(days_ago=20)
    making.accepted_meeting(days_ago=10)
    making.proposals(15)
    making.host_person(cast.host_officer.person, by=cast.office_reviewer, part=Part.HEAD)
    proposal = making.adopted(by=cast.office_reviewer)

    run = actions.make_run(plan=cast.plan, by=cast.office_reviewer)

    assert granted(run) == [("黃承辦", "merit", 1), ("吳成員", "citation", 1)]
    host, proposer = run.lines.order_by("pk")
    assert host.because["words"] == (
        "專、兼任(辦)會報 2 場（115/11/2、115/11/12，均已備查）≥ 2；提案 16 案 > 15 → 伍、一、(二) 記功 1 次"
    )
    assert host.deed == "承辦116年度北平原區聯繫會報（主管：籌辦會議、彙整提案）"
    assert (host.agency.short_name, host.title, host.status) == ("大林鎮公所", "人事主任", "civil_servant")
    assert proposer.because["words"] == "獲參採且符合獎勵之提案 1 案 → 伍、二 嘉獎 1 次"
    assert proposer.because["references"] == [f"proposals.proposal-{proposal.pk}"]
    assert proposer.matters == [f"proposals.proposal-{proposal.pk}"]
    assert (run.number, run.state, run.rule_version) == (1, RunState.DRAFT, RULE_VERSION)
    assert [entry.act for entry in Entry.objects.for_target(run)] == ["award.run_made"]


def test_only_people_whom_the_office_accepted_are_proposed(cast: build.Cast) -> None:
    making.accepted_meeting()
    run = actions.make_run(plan=cast.plan, by=cast.office_reviewer)
    assert granted(run) == []


def test_an_estimate_is_marked_and_not_approved(cast: build.Cast) -> None:
    making.accepted_meeting(state=MinutesState.SUBMITTED)
    making.host_person(cast.host_officer.person, by=cast.office_reviewer)
    run = actions.make_run(plan=cast.plan, by=cast.office_admin)
    assert run.lines.get().is_estimated
    with pytest.raises(ValidationError, match=r"尚屬預估.*黃承辦"):
        actions.approve_run(run=run, by=cast.office_reviewer, **LETTER)


def test_what_is_certain_is_approved_though_more_is_hoped_for(cast: build.Cast) -> None:
    making.accepted_meeting(days_ago=20)
    making.accepted_meeting(days_ago=10, state=MinutesState.SUBMITTED)
    making.proposals(16)
    making.host_person(cast.host_officer.person, by=cast.office_reviewer)
    run = actions.make_run(plan=cast.plan, by=cast.office_admin)
    line = run.lines.get()
    assert (line.granted, line.is_estimated) == ("嘉獎 2 次", False)
    (hoped,) = line.because["hoped"]
    assert hoped.startswith("待備查後可達：")
    assert "記功 1 次（預估" in hoped
    actions.approve_run(run=run, by=cast.office_reviewer, **LETTER)


@pytest.fixture
def run(cast: build.Cast) -> Run:
    """A run with one line, 嘉獎 2 次 for the host's officer, computed by the administrator."""
    making.accepted_meeting()
    making.host_person(cast.host_officer.person, by=cast.office_reviewer)
    return actions.make_run(plan=cast.plan, by=cast.office_admin)


def test_who_computed_may_not_approve(cast: build.Cast, run: Run) -> None:
    with pytest.raises(ValidationError, match="試算人不得自行核定"):
        actions.approve_run(run=run, by=cast.office_admin, **LETTER)


def test_an_approved_run_is_frozen_with_its_letter(cast: build.Cast, run: Run) -> None:
    approved = actions.approve_run(run=run, by=cast.office_reviewer, **LETTER)
    assert (approved.state, approved.letter_number, approved.letter_date) == (
        RunState.APPROVED,
        "府人任字第1160000001號函",
        date(2026, 11, 20),
    )
    line = run.lines.get()
    sentence = r"陳審核已於 115年11月22日.* 核定這次試算，不得再變更。"
    for act in (
        lambda: actions.drop_line(line=line, reason="誤列。", by=cast.office_admin),
        lambda: actions.adjust_line(line=line, unit=UnitChoice.MERIT, times=1, reason="加重。", by=cast.office_admin),
        lambda: actions.restore_line(line=line, by=cast.office_admin),
        lambda: actions.approve_run(run=run, by=cast.office_reviewer, **LETTER),
    ):
        with pytest.raises(actions.Conflict, match=sentence):
            act()


def test_lines_are_adjusted_dropped_and_restored_with_a_reason(cast: build.Cast, run: Run) -> None:
    line = run.lines.get()
    with pytest.raises(ValidationError, match="調整的理由"):
        actions.adjust_line(line=line, unit=UnitChoice.CITATION, times=1, reason=" ", by=cast.office_reviewer)
    actions.adjust_line(line=line, unit=UnitChoice.CITATION, times=1, reason="部分參與。", by=cast.office_reviewer)
    assert granted(run) == [("黃承辦", "citation", 1)]
    with pytest.raises(ValidationError, match="剔除的理由"):
        actions.drop_line(line=line, reason="", by=cast.office_reviewer)
    actions.drop_line(line=line, reason="調離。", by=cast.office_reviewer)
    assert list(run.lines.on_roster()) == []
    actions.restore_line(line=line, by=cast.office_reviewer)
    assert [(line.name, line.times, line.reason) for line in run.lines.on_roster()] == [("黃承辦", 2, "")]


def test_a_matter_is_rewarded_once(cast: build.Cast, run: Run) -> None:
    actions.approve_run(run=run, by=cast.office_reviewer, **LETTER)
    again = actions.make_run(plan=cast.plan, by=cast.office_admin)
    with pytest.raises(
        ValidationError,
        match="黃承辦「黃承辦 嘉獎 2 次」的獎勵事項已於116年度第 1 次獎勵試算核予「黃承辦 嘉獎 2 次」，同一事項不重複獎勵",
    ):
        actions.approve_run(run=again, by=cast.office_reviewer, **LETTER)
    assert Rewarded.objects.get().line == run.lines.get()


def test_a_stronger_tier_reached_later_replaces_the_line_on_approval(cast: build.Cast, run: Run) -> None:
    actions.approve_run(run=run, by=cast.office_reviewer, **LETTER)
    making.accepted_meeting(days_ago=5)
    making.proposals(16)
    later = actions.make_run(plan=cast.plan, by=cast.office_admin)
    assert granted(later) == [("黃承辦", "merit", 1)]
    first, second = run.lines.get(), later.lines.get()
    assert list(Line.objects.on_roster().filter(run=run)) == [first]
    actions.approve_run(run=later, by=cast.office_reviewer, **LETTER)
    second.refresh_from_db()
    assert second.replaces == first
    assert list(Line.objects.on_roster()) == [second]
    assert Rewarded.objects.get().line == second


def test_approved_lines_stay_when_facts_change(cast: build.Cast, run: Run) -> None:
    actions.approve_run(run=run, by=cast.office_reviewer, **LETTER)
    cast.plan.meetings.update(state="cancelled", cancel_reason="誤登")
    assert granted(run) == [("黃承辦", "citation", 2)]
    assert granted(actions.make_run(plan=cast.plan, by=cast.office_admin)) == []


def test_tiers_that_add_up_are_two_matters(cast: build.Cast) -> None:
    Reading.objects.filter(plan=cast.plan, key="tiers_replace").update(value=False)
    making.accepted_meeting(days_ago=20)
    making.accepted_meeting(days_ago=10)
    making.proposals(16)
    making.host_person(cast.host_officer.person, by=cast.office_reviewer)
    run = actions.make_run(plan=cast.plan, by=cast.office_admin)
    assert granted(run) == [("黃承辦", "merit", 1), ("黃承辦", "citation", 2)]
    actions.approve_run(run=run, by=cast.office_reviewer, **LETTER)
    assert Rewarded.objects.count() == 2


def test_a_person_with_three_adopted_and_a_hosting_award_has_two_lines(cast: build.Cast) -> None:
    for _ in range(2):
        making.accepted_meeting()
    making.proposals(16)
    making.host_person(cast.host_officer.person, by=cast.office_reviewer)
    for number in range(3):
        making.adopted(
            by=cast.office_reviewer,
            agency=build.listed("大林鎮公所"),
            contact_name="黃承辦",
            subject=f"第{number}件",
        )
    run = actions.make_run(plan=cast.plan, by=cast.office_admin)
    assert granted(run) == [("黃承辦", "merit", 1), ("黃承辦", "citation", 2)]
    assert run.lines.get(kind=LineKind.PROPOSAL).because["words"] == (
        "獲參採且符合獎勵之提案 3 案，1 案已達上限不另計 → 伍、二 嘉獎 2 次"
    )


def adopted_on(day: date, *, by: Any, subject: str) -> Proposal:
    """Make an adopted proposal of 吳成員 whose package was sent on the day."""
    package = build.package()
    package.sent_on = day
    package.save()
    return making.adopted(by=by, package=package, subject=subject)


def test_what_is_approved_counts_first_towards_the_cap(cast: build.Cast) -> None:
    adopted_on(date(2026, 11, 10), by=cast.office_reviewer, subject="甲")
    adopted_on(date(2026, 11, 11), by=cast.office_reviewer, subject="乙")
    run = actions.make_run(plan=cast.plan, by=cast.office_admin)
    actions.approve_run(run=run, by=cast.office_reviewer, **LETTER)
    earlier = [adopted_on(date(2026, 11, day), by=cast.office_reviewer, subject=f"丙{day}") for day in (2, 3)]

    later = actions.make_run(plan=cast.plan, by=cast.office_admin)

    line = later.lines.get()
    assert (line.times, line.matters) == (2, run.lines.get().matters), "the same as approved, to be dropped"
    assert line.because["references"][2:] == [f"proposals.proposal-{proposal.pk}" for proposal in earlier]
    with pytest.raises(ValidationError, match="不重複獎勵"):
        actions.approve_run(run=later, by=cast.office_reviewer, **LETTER)


def test_what_is_approved_uses_the_cap_though_it_was_corrected_away(cast: build.Cast) -> None:
    gone = [making.adopted(by=cast.office_reviewer, subject=f"第{number}件") for number in range(2)]
    run = actions.make_run(plan=cast.plan, by=cast.office_admin)
    actions.approve_run(run=run, by=cast.office_reviewer, **LETTER)
    for proposal in gone:
        making.corrected(proposal, by=cast.office_reviewer)
    making.adopted(by=cast.office_reviewer, subject="丙")
    assert granted(actions.make_run(plan=cast.plan, by=cast.office_admin)) == []


def test_a_joint_proposal_rewards_each_of_its_proposers(cast: build.Cast) -> None:
    Reading.objects.filter(plan=cast.plan, key="joint_proposal").update(value="all")
    proposal = making.adopted(by=cast.office_reviewer)
    proposal.co_proposers.create(agency=build.listed("大林鎮公所"))
    run = actions.make_run(plan=cast.plan, by=cast.office_admin)
    assert sorted(granted(run)) == [("吳成員", "citation", 1), ("黃承辦", "citation", 1)]
    assert sorted(matter for line in run.lines.all() for matter in line.matters) == sorted(
        f"proposals.proposal-{proposal.pk}.person-{user.person.pk}" for user in (cast.member_officer, cast.host_officer)
    )
    actions.approve_run(run=run, by=cast.office_reviewer, **LETTER)
    assert Rewarded.objects.count() == 2


def test_two_lines_of_a_run_that_reward_the_same_name_each_other(cast: build.Cast, run: Run) -> None:
    line = run.lines.get()
    line.pk = None
    line.save()
    with pytest.raises(ValidationError, match=r"^\['「黃承辦 嘉獎 2 次」與「黃承辦 嘉獎 2 次」獎勵同一事項"):
        actions.approve_run(run=run, by=cast.office_reviewer, **LETTER)


def test_what_people_granted_less_stays_without_a_new_fact(cast: build.Cast) -> None:
    making.accepted_meeting(days_ago=20)
    making.accepted_meeting(days_ago=10)
    making.proposals(16)
    making.host_person(cast.host_officer.person, by=cast.office_reviewer)
    run = actions.make_run(plan=cast.plan, by=cast.office_admin)
    adjusted = {"unit": UnitChoice.CITATION, "times": 2, "reason": "部分參與。"}
    actions.adjust_line(line=run.lines.get(), **adjusted, by=cast.office_admin)  # type: ignore[arg-type]  # spelt once
    actions.approve_run(run=run, by=cast.office_reviewer, **LETTER)
    again = actions.make_run(plan=cast.plan, by=cast.office_admin)
    assert granted(again) == [("黃承辦", "merit", 1)]
    with pytest.raises(ValidationError, match="同一事項不重複獎勵"):
        actions.approve_run(run=again, by=cast.office_reviewer, **LETTER)
    assert list(Line.objects.on_roster().approved()) == [run.lines.get()]


def test_a_proposal_that_was_corrected_away_is_not_approved(cast: build.Cast) -> None:
    proposal = making.adopted(by=cast.office_reviewer)
    run = actions.make_run(plan=cast.plan, by=cast.office_admin)
    making.corrected(proposal, by=cast.office_reviewer)
    with pytest.raises(ValidationError, match=r"已不符目前情形，請重新試算後再核定：「吳成員 嘉獎 1 次」。"):
        actions.approve_run(run=run, by=cast.office_reviewer, **LETTER)


def test_a_meeting_that_no_longer_counts_is_no_evidence(cast: build.Cast, run: Run) -> None:
    extra = making.accepted_meeting(days_ago=5)
    later = actions.make_run(plan=cast.plan, by=cast.office_admin)
    extra.minutes.delete()
    with pytest.raises(ValidationError, match="已不符目前情形"):
        actions.approve_run(run=later, by=cast.office_reviewer, **LETTER)
    actions.approve_run(run=run, by=cast.office_reviewer, **LETTER)


def test_a_person_who_was_removed_is_not_approved_unless_dropped(cast: build.Cast, run: Run) -> None:
    making.adopted(by=cast.office_reviewer)
    later = actions.make_run(plan=cast.plan, by=cast.office_admin)
    HostPerson.objects.all().delete()
    with pytest.raises(ValidationError, match=r"已不符目前情形.*黃承辦"):
        actions.approve_run(run=later, by=cast.office_reviewer, **LETTER)
    actions.drop_line(line=later.lines.get(name="黃承辦"), reason="移除。", by=cast.office_reviewer)
    actions.approve_run(run=later, by=cast.office_reviewer, **LETTER)


def test_what_was_written_on_a_draft_is_taken_over_where_the_result_is_the_same(cast: build.Cast, run: Run) -> None:
    making.adopted(by=cast.office_reviewer)
    draft = actions.make_run(plan=cast.plan, by=cast.office_admin)
    host, proposer = draft.lines.order_by("pk")
    adjusted: dict[str, Any] = {"unit": UnitChoice.CITATION, "times": 1, "reason": "部分參與。"}
    actions.adjust_line(line=host, **adjusted, by=cast.office_admin)
    actions.remark_line(line=host, note="兼任", result="照案通過", by=cast.office_admin)
    actions.drop_line(line=proposer, reason="調離。", by=cast.office_admin)
    making.adopted(by=cast.office_reviewer, subject="又一件")
    later = actions.make_run(plan=cast.plan, by=cast.office_admin)
    seen = [(x.name, x.granted, x.is_dropped, x.reason, x.note, x.result) for x in later.lines.order_by("pk")]
    assert seen == [
        ("黃承辦", "嘉獎 1 次", False, "部分參與。", "兼任", "照案通過"),
        ("吳成員", "嘉獎 2 次", False, "", "", ""),
    ]


def test_a_cloned_plan_has_the_same_clauses(cast: build.Cast) -> None:
    first = Plan.objects.get(year=113)
    tiers = [[tier.value() for tier in plan.award_tiers.all()] for plan in (first, cast.plan)]
    assert tiers[0] == tiers[1] != []
    assert (cast.plan.proposal_rule.cap, cast.plan.proposal_rule.clause) == (2, "伍、二")


def test_proposals_without_a_decision_earn_nothing(cast: build.Cast) -> None:
    build.proposal(state=ProposalState.AT_OFFICE)
    assert granted(actions.make_run(plan=cast.plan, by=cast.office_admin)) == []
