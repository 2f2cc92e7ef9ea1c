"""Merging: all proposers stay visible, both sides are told, the group counts once, and it can be split again."""

import pytest
from django.core.exceptions import ValidationError

from districts.models import District
from personnel_portal.outbox.models import Message
from proposals.actions import compiling as actions
from proposals.actions.items import return_item, send_to_office, withdraw_item
from proposals.choices import ProposalState
from proposals.forms import compiling as forms
from proposals.models import CoProposer, Proposal
from tests import build
from tests.proposals.asking import locks, mailed, state, told
from tests.site.clients import logged_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


# --- Merging ---------------------------------------------------------------------------------------------------------


def test_merging_keeps_all_proposers_and_tells_both_sides(cast: build.Cast, screen: str) -> None:
    build.officer(build.listed("民雄鄉公所"), username="minhsiung")
    build.officer(build.listed("溪口鄉公所"), username="xikou")
    lead = build.proposal(state=ProposalState.COMPILED, agency=build.listed("民雄鄉公所"), subject="主案")
    proposal = build.proposal(state=ProposalState.SENT, subject="併入的案")
    CoProposer.objects.create(proposal=proposal, agency=build.listed("溪口鄉公所"))
    client = logged_in(cast.host_officer)
    page = client.get(f"/proposals/{proposal.pk}/merge/").text
    assert f'value="{lead.pk}"' in page
    answer = client.post(f"/proposals/{proposal.pk}/merge/", {"lead": lead.pk}, follow=True)
    assert told(answer) == ["已將「併入的案」併入「主案」，並已通知雙方提案機關。"]
    proposal.refresh_from_db()
    assert (proposal.state, proposal.merged_into) == (ProposalState.MERGED, lead)
    assert "民雄鄉公所、民雄國中、溪口鄉公所" in answer.text
    assert mailed() == [
        ("member@example.gov.tw", "【併案】併入的案"),
        ("minhsiung@example.gov.tw", "【併案】民雄國中提案併入「主案」"),
        ("xikou@example.gov.tw", "【併案】併入的案"),
    ]


def test_of_many_leads_the_most_alike_are_offered_and_others_found(
    cast: build.Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forms, "SHOWN_LEADS", 1)
    proposal = build.proposal(state=ProposalState.SENT, subject="建請放寬職務代理人資格")
    alike = build.proposal(state=ProposalState.SENT, subject="職務代理人資格建議放寬")
    other = build.proposal(state=ProposalState.SENT, subject="加班費支給標準應提高")
    client = logged_in(cast.host_officer)
    page = client.get(f"/proposals/{proposal.pk}/merge/")
    assert [lead for lead, _ in page.context["leads"]] == [alike]
    assert "另有 1 件，請以關鍵字查詢。" in page.text
    sought = client.get(f"/proposals/{proposal.pk}/merge/", {"q": "加班費"})
    assert [lead for lead, _ in sought.context["leads"]] == [other]
    client.post(f"/proposals/{proposal.pk}/merge/?q=加班費", {"lead": other.pk})
    assert state(proposal) == ProposalState.MERGED


def test_a_merged_group_counts_once(cast: build.Cast, district: District) -> None:
    lead = build.proposal(state=ProposalState.COMPILED)
    for _ in range(2):
        one = build.proposal(state=ProposalState.COMPILED)
        actions.merge_proposal(proposal=one, lead=lead, by=cast.host_officer)
    send_to_office(district=district, items=[lead], by=cast.host_officer)
    assert list(Proposal.objects.reached_office()) == [lead]


def test_who_is_on_both_sides_gets_one_mail(cast: build.Cast) -> None:
    lead, proposal = (build.proposal(state=ProposalState.COMPILED) for _ in range(2))
    actions.merge_proposal(proposal=proposal, lead=lead, by=cast.host_officer)
    assert [to for to, _ in mailed()] == ["member@example.gov.tw"]


def test_merging_into_a_merged_one_goes_to_its_lead(cast: build.Cast) -> None:
    lead, merged, third = (build.proposal(state=ProposalState.COMPILED) for _ in range(3))
    actions.merge_proposal(proposal=merged, lead=lead, by=cast.host_officer)
    actions.merge_proposal(proposal=third, lead=merged, by=cast.host_officer)
    third.refresh_from_db()
    assert third.merged_into == lead


def test_merging_by_way_of_a_merged_one_locks_its_lead_alone(cast: build.Cast) -> None:
    lead, merged, third = (build.proposal(state=ProposalState.COMPILED) for _ in range(3))
    actions.merge_proposal(proposal=merged, lead=lead, by=cast.host_officer)
    with locks() as taken:
        actions.merge_proposal(proposal=third, lead=merged, by=cast.host_officer)
    # Who withdraws the lead takes it before those merged into it, so nobody may take them the other way round.
    assert taken == [("district", lead.district_id), ("proposal", lead.pk), ("proposal", third.pk)]


def test_a_lead_takes_its_merged_ones_along(cast: build.Cast) -> None:
    lead, merged, greater = (build.proposal(state=ProposalState.COMPILED) for _ in range(3))
    actions.merge_proposal(proposal=merged, lead=lead, by=cast.host_officer)
    actions.merge_proposal(proposal=lead, lead=greater, by=cast.host_officer)
    assert set(greater.merged.all()) == {lead, merged}


def test_what_cannot_be_merged_is_refused_with_its_reason(cast: build.Cast) -> None:
    lead, merged, sent = (build.proposal(state=ProposalState.COMPILED, subject=word) for word in "甲乙丙")
    actions.merge_proposal(proposal=merged, lead=lead, by=cast.host_officer)
    elsewhere = build.proposal(state=ProposalState.COMPILED, district=build.district("山區"))
    at_office = build.proposal(state=ProposalState.AT_OFFICE)
    placed = build.proposal(state=ProposalState.COMPILED, subject="丁")
    meeting = build.meeting()
    actions.put_on_agenda(proposal=placed, meeting=meeting, by=cast.host_officer)
    resolved = build.proposal(state=ProposalState.RESOLVED, subject="戊")
    host, office = cast.host_officer, cast.office_reviewer
    for proposal, target, by, sentence in (
        (lead, lead, host, "不能併入自己，請選擇另一件提案。"),
        (lead, merged, host, "「乙」已併入本案，不能再把本案併入它；請先解除併案。"),
        (sent, elsewhere, host, "只能併入同一分區的提案。"),
        (sent, resolved, host, "「戊」目前為「已決議」，不能作為主提案。"),
        (sent, placed, host, f"「丁」已列入「{meeting}」議程，請先自該議程刪除再併案。"),
        (placed, sent, host, f"「丁」已列入「{meeting}」議程，請先自該議程刪除再併案。"),
        (at_office, sent, office, "「丙」尚未送本處，已送本處的提案不能併入它。"),
    ):
        with pytest.raises(ValidationError) as refusal:
            actions.merge_proposal(proposal=proposal, lead=target, by=by)
        assert refusal.value.messages == [sentence]


def test_a_lead_that_was_withdrawn_while_choosing_is_told(cast: build.Cast) -> None:
    lead, proposal = (build.proposal(state=ProposalState.SENT, subject=word) for word in "甲乙")
    withdraw_item(item=lead, reason="重複", by=cast.member_officer)
    answer = logged_in(cast.host_officer).post(f"/proposals/{proposal.pk}/merge/", {"lead": lead.pk})
    assert answer.status_code == 422
    assert answer.context["form"].non_field_errors()[0].endswith("「甲」目前為「已撤回」，不能作為主提案。")
    assert state(proposal) == ProposalState.SENT


def test_merging_a_late_one_is_consent(cast: build.Cast) -> None:
    lead = build.proposal(state=ProposalState.COMPILED)
    late = build.proposal(state=ProposalState.SENT, is_late=True)
    actions.merge_proposal(proposal=late, lead=lead, by=cast.host_officer)
    late.refresh_from_db()
    assert late.late_accepted_by == cast.host_officer


def test_splitting_puts_it_where_its_lead_stands(cast: build.Cast, district: District) -> None:
    lead, merged = (build.proposal(state=ProposalState.COMPILED, subject=word) for word in "甲乙")
    build.proposal(state=ProposalState.COMPILED, order=7)
    actions.merge_proposal(proposal=merged, lead=lead, by=cast.host_officer)
    sent = send_to_office(district=district, items=[lead], by=cast.host_officer)
    Message.objects.all().delete()
    client = logged_in(cast.host_officer)
    assert "「乙」解除併案？" in client.get(f"/proposals/{merged.pk}/split/").text
    answer = client.post(f"/proposals/{merged.pk}/split/", follow=True)
    assert told(answer) == ["「乙」已解除併案，並已通知提案機關。"]
    merged.refresh_from_db()
    assert (merged.state, merged.merged_into, merged.package) == (ProposalState.AT_OFFICE, None, sent)
    assert merged.order == 8, "last in the district"
    assert mailed() == [("member@example.gov.tw", "【解除併案】乙")]
    again = client.post(f"/proposals/{merged.pk}/split/", follow=True)
    assert told(again)[0].endswith("辦理「解除併案」；目前為「已送本處」，無法解除併案。")


@pytest.mark.parametrize("where", [ProposalState.RESOLVED, ProposalState.PUBLISHED])
def test_nothing_is_split_from_what_was_resolved(cast: build.Cast, where: ProposalState) -> None:
    lead = build.proposal(state=where, subject="甲")
    merged = build.proposal(state=ProposalState.MERGED, merged_into=lead)
    with pytest.raises(ValidationError, match="主提案「甲」目前為"):
        actions.split_proposal(proposal=merged, by=cast.office_reviewer)


def test_merged_ones_stand_again_when_their_lead_goes_back(cast: build.Cast) -> None:
    lead, merged = (build.proposal(state=ProposalState.COMPILED) for _ in range(2))
    actions.merge_proposal(proposal=merged, lead=lead, by=cast.host_officer)
    return_item(item=lead, reason="請補充", by=cast.host_officer)
    assert (state(lead), state(merged)) == (ProposalState.RETURNED, ProposalState.COMPILED)
