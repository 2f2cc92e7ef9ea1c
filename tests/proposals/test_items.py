"""What cases and proposals share beside the table of steps: when they were sent, and what is locked."""

from datetime import timedelta

import pytest
import time_machine

from personnel_portal.trail.models import Entry
from proposals.actions import items as actions
from proposals.actions.drafts import create_item
from proposals.actions.items import Conflict
from proposals.choices import CaseState, ProposalState
from proposals.models import Package, Proposal
from tests import build
from tests.proposals.asking import locks

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def test_sent_again_it_keeps_the_day_on_which_it_came_first(cast: build.Cast) -> None:
    proposal = actions.send_item(item=build.proposal(), by=cast.member_officer)
    actions.return_item(item=proposal, reason="請補充", by=cast.host_officer)
    with time_machine.travel(build.at(build.TODAY + timedelta(days=3), 9), tick=False):
        proposal = actions.send_item(item=proposal, by=cast.member_officer)
    proposal.refresh_from_db()
    assert (proposal.state, proposal.number) == (ProposalState.SENT, 1)
    assert proposal.sent_at == build.at(build.TODAY, 10)
    sent = Entry.objects.for_target(proposal).filter(act="item.sent")
    assert [entry.at for entry in sent] == [
        build.at(build.TODAY + timedelta(days=3), 9),
        build.at(build.TODAY, 10),
    ]


def test_sending_locks_the_district_before_the_item(cast: build.Cast) -> None:
    proposal = build.proposal()
    with locks() as taken:
        actions.send_item(item=proposal, by=cast.member_officer)
    district = ("district", proposal.district_id)
    assert taken == [district, ("proposal", proposal.pk), district]


def test_what_refers_to_a_district_or_an_agency_need_not_wait(cast: build.Cast) -> None:
    draft = build.proposal()
    fresh = Proposal(agency=draft.agency, subject="新案", problem="x", wording="x", contact_name="吳成員")
    with locks() as taken:
        made = create_item(item=fresh, by=cast.member_officer)
        actions.hand_over(made)
    assert taken == [("agency", draft.agency_id), ("district", draft.district_id)]


def test_another_districts_items_are_not_sent_along(cast: build.Cast) -> None:
    own = build.proposal(state=ProposalState.COMPILED)
    other = build.case(state=CaseState.COMPILED, district=build.district("山區"), subject="鄰區案例")
    build.posting(person=cast.host_officer.person, agency=build.listed("竹崎鄉公所"))  # the host of both
    with pytest.raises(Conflict) as refusal:
        actions.send_to_office(district=own.district, items=[own, other], by=cast.host_officer)
    assert refusal.value.messages == [f"{other.reference}「鄰區案例」：屬山區，不能併同北平原區函送。"]
    assert not Package.objects.exists()
