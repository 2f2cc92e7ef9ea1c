"""What the compile screen says of steps that take only one of the kinds that were ticked."""

import pytest

from meetings.models import AgendaItem
from proposals.choices import CaseState, ProposalState
from tests import build
from tests.proposals.asking import state, told
from tests.site.clients import logged_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def test_sharing_asks_for_a_case(cast: build.Cast, screen: str) -> None:
    case, proposal = build.case(state=CaseState.SENT), build.proposal(state=ProposalState.COMPILED)
    client = logged_in(cast.host_officer)
    answer = client.post(f"{screen}share/", {"proposals": [proposal.pk]}, follow=True)
    assert told(answer) == ["請至少勾選一件案例；提案不登錄分享。"]
    answer = client.post(f"{screen}share/", {"proposals": [proposal.pk], "cases": [case.pk]}, follow=True)
    assert told(answer) == ["已登錄分享 1 件。"]
    assert (state(case), state(proposal)) == (CaseState.SHARED, ProposalState.COMPILED)


def test_placing_asks_for_a_proposal(cast: build.Cast, screen: str) -> None:
    case, meeting = build.case(state=CaseState.COMPILED), build.meeting()
    client = logged_in(cast.host_officer)
    answer = client.post(f"{screen}place/", {"cases": [case.pk], "meeting": meeting.pk}, follow=True)
    assert told(answer) == ["請至少勾選一件提案；案例不列入議程。"]
    assert not AgendaItem.objects.filter(meeting=meeting).exists()
