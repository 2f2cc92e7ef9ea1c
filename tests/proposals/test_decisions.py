"""研處: decided one by one, pending and private, published together, corrected by a new row only."""

from collections.abc import Callable
from io import BytesIO
from itertools import zip_longest

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from personnel_portal.accounts.models import User
from personnel_portal.documents import sheets
from personnel_portal.outbox.models import Message
from personnel_portal.trail.models import Entry
from proposals.actions import decisions as actions
from proposals.actions.items import Conflict, return_item, withdraw_item
from proposals.actions.library import decide_supersession
from proposals.choices import Business, CaseKind, CaseState, Effect, Outcome, ProposalState
from proposals.facts import commendable, decisions_of
from proposals.models import CoProposer, Decision, Proposal, Publication, Statute, Supersession
from tests import build
from tests.proposals.asking import locks, mailed, state, told
from tests.site.clients import logged_in
from tests.site.pages import queries

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

LIST = "/proposals/decisions/"
AT = "115年11月22日（日）10:00"


@pytest.fixture
def proposal(cast: build.Cast) -> Proposal:
    """A proposal at the office."""
    return build.proposal(state=ProposalState.AT_OFFICE)


def pending(proposal: Proposal, by: object, outcome: Outcome = Outcome.REJECTED, **values: object) -> Decision:
    """Decide on a proposal."""
    opinion = "" if outcome == Outcome.ADOPTED else "與上位法規不符。"
    given = {"opinion": opinion} | values
    return actions.decide_proposal(proposal=proposal, outcome=outcome, by=by, **given)  # type: ignore[arg-type]  # as the test types them


def publish(*decisions: Decision, by: object) -> list[Decision]:
    """Publish decisions as the page showed them."""
    plan = decisions[0].proposal.plan
    seen = {decision.proposal_id: decision.stamp for decision in decisions}
    return actions.publish_decisions(plan=plan, seen=seen, by=by)  # type: ignore[arg-type]  # a user


def typed(**values: str) -> dict[str, str]:
    return {"outcome": "rejected", "opinion": "與上位法規不符。", "qualifies": "", "seen": "", **values}


# --- Deciding --------------------------------------------------------------------------------------------------------


def test_a_decision_is_kept_with_who_and_when_and_changes_no_state(cast: build.Cast, proposal: Proposal) -> None:
    client = logged_in(cast.office_reviewer)
    answer = client.post(f"/proposals/{proposal.pk}/decide/", typed(), follow=True)
    assert told(answer) == [f"已儲存「{proposal.subject}」的研處，尚未公布。"]
    decision = Decision.objects.get()
    assert (decision.outcome, decision.opinion, decision.decided_by) == (
        "rejected",
        "與上位法規不符。",
        cast.office_reviewer,
    )
    assert (decision.decided_at, decision.published_at) == (build.at(build.TODAY, 10), None)
    assert state(proposal) == ProposalState.AT_OFFICE
    assert "陳審核 115/11/22" in answer.text
    assert "公布結果（1 件待公布）" in answer.text


def test_save_and_next_leads_through_the_undecided(cast: build.Cast) -> None:
    first, second, third = (build.proposal(state=ProposalState.AT_OFFICE, order=order) for order in (1, 2, 3))
    client = logged_in(cast.office_reviewer)
    route = []
    for one in (second, third, first):
        answer = client.post(f"/proposals/{one.pk}/decide/", typed(next="1"))
        route.append(answer.headers["Location"])
    assert route == [f"/proposals/{third.pk}/decide/", f"/proposals/{first.pk}/decide/", f"{LIST}?year=116"]


@pytest.mark.parametrize("outcome", [outcome for outcome in Outcome if outcome != Outcome.ADOPTED])
def test_all_but_adoption_need_a_reason(cast: build.Cast, proposal: Proposal, outcome: Outcome) -> None:
    data = typed(outcome=outcome, opinion="　\n")
    answer = logged_in(cast.office_reviewer).post(f"/proposals/{proposal.pk}/decide/", data)
    assert answer.status_code == 422
    assert answer.context["form"].errors == {"opinion": [f"「{outcome.label}」須填寫研處意見（理由）。"]}
    assert f'value="{outcome}" selected' in answer.text


def test_adoption_needs_no_reason(cast: build.Cast, proposal: Proposal) -> None:
    pending(proposal, cast.office_reviewer, Outcome.ADOPTED)
    assert Decision.objects.get().opinion == ""


def test_bad_input_keeps_what_was_typed(cast: build.Cast, proposal: Proposal) -> None:
    client = logged_in(cast.office_reviewer)
    answer = client.post(f"/proposals/{proposal.pk}/decide/", typed(outcome="", opinion="字" * 20_001))
    assert answer.context["form"].errors == {
        "outcome": ["請選擇研處。"],
        "opinion": ["最多 20,000 字，目前 20,001 字；請精簡，或改以附件提供。"],
    }
    assert "字" * 20_001 in answer.text
    client.post(f"/proposals/{proposal.pk}/decide/", typed(opinion="=1+1\x0b第二行😀\x00", seen="x" * 60))
    assert Decision.objects.get().opinion == "=1+1\n第二行😀"


QUALIFIES = """
effect   outcome   said  qualifies
simpler  adopted   -     yes
amends   adopted   -     yes
other    adopted   -     no
other    adopted   yes   yes
simpler  adopted   no    no
simpler  partly    -     no
simpler  partly    yes   yes
simpler  studied   -     no
amends   referred  -     no
amends   rejected  -     no
"""


@pytest.mark.parametrize("line", QUALIFIES.strip().splitlines()[1:])
def test_what_earns_a_commendation(cast: build.Cast, line: str) -> None:
    effect, outcome, said, expected = line.split()
    proposal = build.proposal(state=ProposalState.AT_OFFICE, effect=Effect(effect))
    data = typed(outcome=outcome, qualifies="" if said == "-" else said)
    logged_in(cast.office_reviewer).post(f"/proposals/{proposal.pk}/decide/", data)
    assert Decision.objects.get().qualifies == (expected == "yes")


@pytest.mark.parametrize("outcome", [Outcome.STUDIED, Outcome.REFERRED, Outcome.REJECTED])
def test_what_is_not_adopted_never_earns_one(cast: build.Cast, proposal: Proposal, outcome: Outcome) -> None:
    data = typed(outcome=outcome, qualifies="yes")
    answer = logged_in(cast.office_reviewer).post(f"/proposals/{proposal.pk}/decide/", data)
    assert answer.context["form"].errors == {"qualifies": ["參採或部分參採始能符合獎勵（計畫伍、二）。"]}
    assert not Decision.objects.exists()


def test_the_page_says_why_it_would_earn_one(cast: build.Cast, proposal: Proposal) -> None:
    page = logged_in(cast.office_reviewer).get(f"/proposals/{proposal.pk}/decide/").text
    assert "預期效益為「簡化流程」並經參採，符合獎勵（計畫伍、二）。" in page
    proposal.effect = Effect.OTHER
    assert commendable(proposal, Outcome.ADOPTED) == (
        False,
        "預期效益為「其他」，非簡化流程或修正法規，不符合獎勵（計畫伍、二）。",
    )


def test_a_merged_proposal_is_decided_by_its_lead(cast: build.Cast, proposal: Proposal) -> None:
    merged = build.proposal(state=ProposalState.MERGED, merged_into=proposal)
    client = logged_in(cast.office_reviewer)
    answer = client.get(f"/proposals/{merged.pk}/decide/")
    assert answer.headers["Location"] == f"/proposals/{proposal.pk}/decide/"
    with pytest.raises(Conflict, match="目前為「已併案」"):
        pending(merged, cast.office_reviewer)


def test_a_sheet_of_the_list_has_all_of_a_decision(cast: build.Cast, proposal: Proposal) -> None:
    pending(proposal, cast.office_reviewer, opinion="=不符")
    build.proposal(state=ProposalState.AT_OFFICE, subject="未研處")
    answer = logged_in(cast.office_reader).get(f"{LIST}?export=xlsx")
    head, *rows = sheets.read(BytesIO(answer.getvalue()))
    lines = [dict(zip_longest(map(str, head), map(str, row), fillvalue="")) for row in rows]
    assert [line["研處"] for line in lines] == ["不參採", ""]
    assert (lines[0]["研處意見"], lines[0]["研處人"], lines[0]["研處時間"]) == ("=不符", "陳審核", "115/11/22 10:00")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("decided=none", ["乙案"]),
        ("decided=pending", ["甲案"]),
        ("decided=published", ["丙案"]),
        ("outcome=adopted", ["丙案"]),
        ("q=乙", ["乙案"]),
        ("year=116", ["甲案", "乙案", "丙案"]),
        ("year=113", []),
    ],
)
def test_the_list_is_filtered_by_how_far_the_decision_is(cast: build.Cast, query: str, found: list[str]) -> None:
    first, _, third = (build.proposal(state=ProposalState.AT_OFFICE, subject=f"{word}案") for word in "甲乙丙")
    pending(first, cast.office_reviewer)
    publish(pending(third, cast.office_reviewer, Outcome.ADOPTED), by=cast.office_reviewer)
    rows = logged_in(cast.office_reviewer).get(f"{LIST}?{query}").context["rows"]
    assert [row[0][1].text for row in rows] == found


# --- Two reviewers ---------------------------------------------------------------------------------------------------


def test_the_second_reviewer_is_told_and_keeps_what_was_typed(cast: build.Cast, proposal: Proposal) -> None:
    second = logged_in(cast.office_admin)
    address = f"/proposals/{proposal.pk}/decide/"
    assert second.get(address).context["form"]["seen"].value() is None
    pending(proposal, cast.office_reviewer, Outcome.ADOPTED)
    answer = second.post(address, typed(opinion="尚待研議。"))
    assert answer.status_code == 422
    assert answer.context["form"].non_field_errors() == [f"陳審核已於 {AT} 研處為「參採」；請確認後再送出。"]
    assert "尚待研議。</textarea>" in answer.text
    assert Decision.objects.get().outcome == Outcome.ADOPTED
    answer = second.post(address, typed(opinion="尚待研議。", seen=answer.context["form"]["seen"].value()))
    assert answer.status_code == 302
    assert Decision.objects.get().decided_by == cast.office_admin


def test_a_decision_that_was_changed_is_not_published_unseen(cast: build.Cast, proposal: Proposal, clock: None) -> None:
    shown = pending(proposal, cast.office_reviewer, Outcome.ADOPTED)
    stamp = shown.stamp
    at = build.at(build.TODAY, 9, 59)
    Decision.objects.update(decided_at=at, outcome=Outcome.REJECTED, opinion="不宜。", qualifies=False)
    with pytest.raises(Conflict, match="研處為「不參採」；請確認後再送出。"):
        actions.publish_decisions(plan=cast.plan, seen={proposal.pk: stamp}, by=cast.office_admin)
    assert state(proposal) == ProposalState.AT_OFFICE


def test_a_proposal_withdrawn_meanwhile_is_told_and_nothing_is_published(cast: build.Cast) -> None:
    gone, stays = (build.proposal(state=ProposalState.AT_OFFICE, subject=word) for word in ("甲案", "乙案"))
    decisions = [pending(one, cast.office_reviewer) for one in (gone, stays)]
    client = logged_in(cast.office_admin)
    address = reverse("proposals:publish_decisions", args=[cast.plan.pk])
    page = client.get(address)
    values = [f"{one.proposal_id}:{one.stamp}" for one in decisions]
    assert all(f'value="{value}"' in page.text for value in values)
    Message.objects.all().delete()
    withdraw_item(item=gone, reason="另案處理", by=cast.member_officer)
    Message.objects.all().delete()
    answer = client.post(address, {"decision": values})
    assert answer.status_code == 422
    refusal = answer.context["refusal"]
    assert refusal == f"{gone.reference}「甲案」：吳成員已於 {AT} 辦理「撤回」；目前為「已撤回」，無法公布結果。"
    assert (state(stays), mailed(), list(Decision.objects.pending())) == (ProposalState.AT_OFFICE, [], decisions[1:])
    assert "甲案" not in answer.text.split("公布後：")[1], "what cannot be published is not offered again"
    assert f'value="{values[1]}" id="decision-{stays.pk}" checked' in answer.text
    client.post(address, {"decision": values[1:]})
    assert state(stays) == ProposalState.PUBLISHED


def test_a_second_click_is_told(cast: build.Cast, proposal: Proposal) -> None:
    decision = pending(proposal, cast.office_reviewer)
    address = reverse("proposals:publish_decisions", args=[cast.plan.pk])
    client = logged_in(cast.office_reviewer)
    data = {"decision": [f"{proposal.pk}:{decision.stamp}"]}
    assert told(client.post(address, data, follow=True)) == ["已公布 1 件研處結果，並已通知各提案機關。"]
    sent = Message.objects.count()
    answer = client.post(address, data)
    assert answer.context["refusal"].endswith("辦理「公布結果」；目前為「已公布結果」，無法公布結果。")
    assert Message.objects.count() == sent


@pytest.mark.parametrize("data", [{}, {"decision": ["x:y"]}, {"decision": ["9" * 30 + ":"]}])
def test_nothing_to_publish_is_said(cast: build.Cast, data: dict[str, str]) -> None:
    address = reverse("proposals:publish_decisions", args=[cast.plan.pk])
    answer = logged_in(cast.office_reviewer).post(address, data)
    assert answer.context["refusal"] == "請至少勾選一件待公布的研處。"


# --- Publishing ------------------------------------------------------------------------------------------------------


def test_publishing_mails_every_proposer_with_joined_and_merged_ones(cast: build.Cast, proposal: Proposal) -> None:
    for name in ("民雄鄉公所", "溪口鄉公所", "新港鄉公所"):
        build.officer(build.listed(name), username=f"o{build.listed(name).pk}")
    CoProposer.objects.create(proposal=proposal, agency=build.listed("民雄鄉公所"))
    merged = build.proposal(
        state=ProposalState.MERGED, merged_into=proposal, agency=build.listed("溪口鄉公所"), subject="併入的案"
    )
    CoProposer.objects.create(proposal=merged, agency=build.listed("新港鄉公所"))
    CoProposer.objects.create(proposal=merged, agency=build.listed("民雄國中"))  # on both sides: one mail
    publish(pending(proposal, cast.office_reviewer), by=cast.office_reviewer)
    subjects = {to.partition("@")[0]: subject for to, subject in mailed()}
    own, joined = "【研處結果】建請修正職務代理人資格規定：不參採", "【研處結果】併入的案：不參採"
    assert subjects == {
        "member": own,
        f"o{build.listed('民雄鄉公所').pk}": own,
        f"o{build.listed('溪口鄉公所').pk}": joined,
        f"o{build.listed('新港鄉公所').pk}": joined,
    }
    assert Message.objects.count() == 4
    text = Message.objects.get(to="member@example.gov.tw").text
    assert "研處：不參採\n意見：與上位法規不符。" in text


def test_published_together_or_not_at_all(cast: build.Cast) -> None:
    proposals = [build.proposal(state=ProposalState.AT_OFFICE) for _ in range(3)]
    decisions = [pending(one, cast.office_reviewer) for one in proposals]
    published = publish(*decisions, by=cast.office_admin)
    assert {one.published_at for one in published} == {build.at(build.TODAY, 10)}
    assert [state(one) for one in proposals] == ["published"] * 3
    assert {entry.act for entry in Entry.objects.for_target(proposals[0])} == {"proposal.published"}


def test_what_is_another_plans_is_not_published_and_that_is_said(cast: build.Cast, proposal: Proposal) -> None:
    decision = pending(proposal, cast.office_reviewer)
    other = build.proposal(state=ProposalState.AT_OFFICE, district=build.district(plan=build.plan(year=115)))
    elsewhere = pending(other, cast.office_reviewer)
    sentence = "勾選的提案有些不屬這個計畫，尚未公布任何一件；請重新整理後再處理。"
    for shown in ((decision, elsewhere), (elsewhere,)):
        seen = {one.proposal_id: one.stamp for one in shown}
        with pytest.raises(Conflict) as refusal:
            actions.publish_decisions(plan=cast.plan, seen=seen, by=cast.office_reviewer)
        assert refusal.value.messages == [sentence]
    assert Decision.objects.published().count() == 0
    address = reverse("proposals:publish_decisions", args=[cast.plan.pk])
    answer = logged_in(cast.office_reviewer).post(address, {"decision": [f"{other.pk}:{elsewhere.stamp}"]})
    assert (answer.status_code, answer.context["refusal"]) == (422, sentence)


@pytest.mark.parametrize("step", [withdraw_item, return_item])
def test_a_decision_on_what_goes_back_is_dropped_with_a_trace(
    cast: build.Cast, proposal: Proposal, step: Callable[..., object]
) -> None:
    decision = pending(proposal, cast.office_reviewer, Outcome.PARTLY, qualifies=True)
    by = cast.member_officer if step is withdraw_item else cast.office_reviewer
    step(item=proposal, reason="另案處理", by=by)
    assert not Decision.objects.exists()
    dropped = Entry.objects.for_target(decision)[0]
    assert (dropped.act, dropped.office_id) == ("decision.dropped", cast.plan.office_id)
    assert dropped.detail == {"outcome": "partly", "opinion": "與上位法規不符。", "qualifies": True}


def test_publishing_holds_the_districts_first(cast: build.Cast) -> None:
    south, north = build.district("山區"), build.district("北平原區")
    proposals = [build.proposal(state=ProposalState.AT_OFFICE, district=one) for one in (south, north, south)]
    decisions = [pending(one, cast.office_reviewer) for one in proposals]
    with locks() as taken:
        publish(*decisions, by=cast.office_reviewer)
    held = [("district", key) for key in sorted([south.pk, north.pk])]
    assert sorted(taken[:2]) == held
    assert taken[2:] == [("proposal", one.pk) for one in proposals]


def test_adopting_suggests_cases_that_may_no_longer_hold(cast: build.Cast, proposal: Proposal) -> None:
    statute = Statute.objects.create(office=build.county(), name="公務人員任用法")
    proposal.statutes.add(statute)
    case = build.case(state=CaseState.PUBLISHED)
    publication = Publication.objects.create(
        office=build.county(),
        case=case,
        plan=case.plan,
        district=case.district,
        agency_kind=case.agency.kind,
        business=Business.OTHER,
        kind=CaseKind.SPECIAL,
        subject="x",
        summary="x",
        published_by=cast.office_reviewer,
    )
    publication.statutes.add(statute)
    rejected = build.proposal(state=ProposalState.AT_OFFICE)
    rejected.statutes.add(statute)
    adopted = pending(proposal, cast.office_reviewer, Outcome.ADOPTED)
    publish(adopted, pending(rejected, cast.office_reviewer), by=cast.office_reviewer)
    assert [(one.publication, one.proposal) for one in Supersession.objects.all()] == [(publication, proposal)]


# --- Correcting ------------------------------------------------------------------------------------------------------


def test_a_correction_is_a_new_row_and_both_are_shown(cast: build.Cast, proposal: Proposal) -> None:
    publish(pending(proposal, cast.office_reviewer), by=cast.office_reviewer)
    first = Decision.objects.get()
    Message.objects.all().delete()
    address = f"/proposals/{proposal.pk}/correct/"
    client = logged_in(cast.office_admin)
    page = client.get(address)
    seen = page.context["form"]["seen"].value()
    data = typed(outcome="partly", opinion="部分可行。", seen=seen)
    assert client.post(address, data).context["form"].errors == {"reason": ["請說明更正理由。"]}
    answer = client.post(address, data | {"reason": "誤植"}, follow=True)
    assert told(answer) == [f"已更正「{proposal.subject}」的研處，並已通知各提案機關。"]
    second = Decision.objects.latest("pk")
    assert (second.corrects, second.correction_reason, second.outcome) == (first, "誤植", "partly")
    first.refresh_from_db()
    assert (first.outcome, first.published_at) == ("rejected", build.at(build.TODAY, 10))
    assert list(Decision.objects.in_force()) == [second]
    assert decisions_of(cast.coached_officer, proposal) == [first, second]
    assert mailed() == [("member@example.gov.tw", f"【更正研處】{proposal.subject}：部分參採")]
    text = Message.objects.get().text
    assert "原研處：不參採\n更正理由：誤植" in text
    shown = client.get(address).text
    assert ("與上位法規不符。" in shown, "更正理由：誤植" in shown) == (True, True)
    assert state(proposal) == ProposalState.PUBLISHED


def test_a_second_correction_is_told_of_the_first(cast: build.Cast, proposal: Proposal) -> None:
    first = pending(proposal, cast.office_reviewer)
    publish(first, by=cast.office_reviewer)
    stamp = Decision.objects.get().stamp
    actions.correct_decision(
        proposal=proposal,
        outcome=Outcome.STUDIED,
        opinion="再研議。",
        reason="誤植",
        seen=stamp,
        by=cast.office_reviewer,
    )
    answer = logged_in(cast.office_admin).post(
        f"/proposals/{proposal.pk}/correct/", typed(outcome="referred", reason="另有考量", seen=stamp)
    )
    assert answer.context["form"].non_field_errors() == [f"陳審核已於 {AT} 研處為「錄案研議」；請確認後再送出。"]
    assert "另有考量</textarea>" in answer.text
    assert Decision.objects.count() == 2


def test_adopted_no_more_leaves_no_case_marked_by_it(cast: build.Cast, proposal: Proposal) -> None:
    statute = Statute.objects.create(office=build.county(), name="公務人員任用法")
    proposal.statutes.add(statute)
    library = [build.publication(case=build.case(state=CaseState.PUBLISHED)) for _ in range(3)]
    for publication in library:
        publication.statutes.add(statute)
    waits, confirmed, dismissed = library
    publish(pending(proposal, cast.office_reviewer, Outcome.ADOPTED), by=cast.office_reviewer)
    for publication, is_superseded in ((confirmed, True), (dismissed, False)):
        supersession = Supersession.objects.get(publication=publication)
        decide_supersession(supersession=supersession, is_superseded=is_superseded, by=cast.office_reviewer)

    def correct(outcome: Outcome) -> None:
        seen = proposal.decisions.in_force().get().stamp
        by = cast.office_admin
        values = {"outcome": outcome, "opinion": "尚有疑義。", "reason": f"改為{outcome.label}"}
        actions.correct_decision(proposal=proposal, seen=seen, by=by, **values)  # type: ignore[arg-type]  # as the line above has them

    def marked() -> dict[Publication, tuple[bool | None, User | None]]:
        return {one.publication: (one.is_confirmed, one.decided_by) for one in Supersession.objects.all()}

    correct(Outcome.PARTLY)
    assert marked()[waits] == (None, None)
    assert marked()[confirmed] == (True, cast.office_reviewer)
    correct(Outcome.REJECTED)
    assert marked() == {confirmed: (None, None), dismissed: (False, cast.office_reviewer)}
    entry = Entry.objects.filter(act="proposal.supersessions_dropped").get()
    assert (entry.target_id, entry.detail) == (str(proposal.pk), {"cases": 1})
    entry = Entry.objects.filter(act="case.supersession_reopened").get()
    assert entry.target_id == str(confirmed.case_id)
    assert entry.detail == {"publication": confirmed.pk, "proposal": proposal.pk}
    correct(Outcome.STUDIED)
    assert marked().keys() == {confirmed, dismissed}, "what the office looks at again is not lost"
    correct(Outcome.ADOPTED)
    assert marked().keys() == {waits, confirmed, dismissed}


def test_a_correction_changes_something(cast: build.Cast, proposal: Proposal) -> None:
    publish(pending(proposal, cast.office_reviewer), by=cast.office_reviewer)
    decision = Decision.objects.get()
    with pytest.raises(ValidationError, match="內容與原研處相同，無須更正。"):
        actions.correct_decision(
            proposal=proposal,
            outcome=Outcome.REJECTED,
            opinion=decision.opinion,
            reason="誤植",
            seen=decision.stamp,
            by=cast.office_reviewer,
        )


def test_what_was_published_is_not_decided_again(cast: build.Cast, proposal: Proposal) -> None:
    publish(pending(proposal, cast.office_reviewer), by=cast.office_reviewer)
    client = logged_in(cast.office_reviewer)
    answer = client.get(f"/proposals/{proposal.pk}/decide/")
    assert answer.headers["Location"] == f"/proposals/{proposal.pk}/correct/"
    answer = client.post(f"/proposals/{proposal.pk}/decide/", typed())
    assert answer.context["form"].non_field_errors()[0].endswith("目前為「已公布結果」，無法研處。")


# --- Cost ------------------------------------------------------------------------------------------------------------


def test_pages_ask_no_more_for_thirty_than_for_one(cast: build.Cast) -> None:
    def fill() -> Proposal:
        proposal = build.proposal(state=ProposalState.AT_OFFICE)
        merged = build.proposal(state=ProposalState.MERGED, merged_into=proposal)
        for one in (proposal, merged):
            CoProposer.objects.create(proposal=one, agency=build.agency())
        pending(proposal, cast.office_reviewer)
        return proposal

    proposal = fill()
    client = logged_in(cast.office_reviewer)
    pages = [
        LIST,
        reverse("proposals:publish_decisions", args=[cast.plan.pk]),
        f"/proposals/{proposal.pk}/decide/",
    ]
    before = [queries(client, page) for page in pages]
    for _ in range(10):
        fill()
    assert [queries(client, page) for page in pages] == before
