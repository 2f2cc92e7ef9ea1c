"""What goes with an item that leaves: its places on agendas; what stays closed and what opens."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError

from meetings.choices import MeetingKind, MeetingState
from meetings.models import AgendaItem
from proposals.actions import items
from proposals.actions.cases import take_down
from proposals.actions.circulars import draft_circular, publish_circular
from proposals.actions.compiling import put_on_agenda
from proposals.choices import CaseState, ProposalState
from proposals.models import Attachment, Proposal
from tests import build

pytestmark = pytest.mark.django_db


def test_a_proposal_that_leaves_is_taken_off_the_agendas_to_come(cast: build.Cast) -> None:
    coming = build.meeting(kind=MeetingKind.FULL_TIME, state=MeetingState.CALLED)
    withdrawn, returned = (build.proposal(state=ProposalState.COMPILED, subject=name) for name in ("甲案", "乙案"))
    for proposal in (withdrawn, returned):
        put_on_agenda(proposal=proposal, meeting=coming, by=cast.host_officer)
    items.withdraw_item(item=withdrawn, reason="已修法。", by=cast.member_officer)
    assert [item.subject for item in coming.agenda.all()] == ["乙案"]
    items.return_item(item=returned, reason="請補現行規定。", by=cast.host_officer)
    assert AgendaItem.objects.count() == 0
    items.send_item(item=returned, by=cast.member_officer)
    items.compile_item(item=returned, by=cast.host_officer)
    put_on_agenda(proposal=returned, meeting=coming, by=cast.host_officer)
    assert [item.subject for item in coming.agenda.all()] == ["乙案"]


def test_what_a_held_meeting_talked_about_stays_on_its_agenda(cast: build.Cast) -> None:
    held = build.held_meeting(kind=MeetingKind.FULL_TIME)
    proposal = build.proposal(state=ProposalState.COMPILED)
    put_on_agenda(proposal=proposal, meeting=held, by=cast.host_officer)
    items.withdraw_item(item=proposal, reason="已修法。", by=cast.member_officer)
    assert held.agenda.count() == 1


def test_a_case_is_shared_at_a_meeting_that_took_place(cast: build.Cast) -> None:
    case = build.case(state=CaseState.SENT, meeting=build.meeting(day=build.TODAY + timedelta(days=400)))
    with pytest.raises(ValidationError, match="會議尚未召開，請於會後登錄分享。"):
        items.share_case(case=case, by=cast.host_officer)


def test_taking_down_closes_what_it_corrects_too(cast: build.Cast) -> None:
    first = build.publication()
    second = build.publication(case=first.case, corrects=first, correction_reason="誤植。")
    take_down(publication=second, reason="仍可辨識當事人。", by=cast.office_reviewer)
    for publication in (first, second):
        publication.refresh_from_db()
        assert publication.taken_down_reason == "仍可辨識當事人。"


def test_files_stay_with_those_who_work_on_a_proposal(cast: build.Cast) -> None:
    proposal = build.proposal(state=ProposalState.PUBLISHED)
    Attachment.objects.create(proposal=proposal, stored=build.stored_file(name="名冊.pdf"))
    sees = {
        role: (Proposal.objects.visible_to(user).exists(), Attachment.objects.visible_to(user).exists())
        for role in ("member_officer", "host_officer", "office_reader", "neighbour_host", "coached_officer")
        for user in [getattr(cast, role)]
    }
    assert sees == {
        "member_officer": (True, True),
        "host_officer": (True, True),
        "office_reader": (True, True),
        "neighbour_host": (True, False),
        "coached_officer": (True, False),
    }


def test_the_proposer_of_a_lead_sees_what_was_merged_into_it(cast: build.Cast) -> None:
    lead = build.proposal(state=ProposalState.COMPILED)
    merged = build.proposal(
        agency=build.listed("民雄國小"), state=ProposalState.MERGED, merged_into=lead, subject="同案"
    )
    assert merged in Proposal.objects.visible_to(cast.member_officer)
    assert merged not in Proposal.objects.visible_to(cast.neighbour_host)


def test_a_circular_is_not_older_than_its_meetings(cast: build.Cast) -> None:
    meeting = build.held_meeting(day=build.TODAY - timedelta(days=3))
    circular = draft_circular(plan=cast.plan, meetings=[meeting], by=cast.office_reviewer)
    with pytest.raises(ValidationError, match="發文日期不得早於所附會議的日期（115年11月19日（四））。"):
        publish_circular(
            circular=circular, number="第1號", issued_on=build.TODAY - timedelta(days=4), by=cast.office_reviewer
        )


def test_what_was_proposed_for_no_meeting_is_told_by_its_district(cast: build.Cast) -> None:
    meeting = build.held_meeting()
    unbound = build.proposal(state=ProposalState.PUBLISHED)
    build.proposal(state=ProposalState.PUBLISHED, district=build.district("山區"), subject="他區")
    assert list(Proposal.objects.of_meetings([meeting])) == [unbound]
