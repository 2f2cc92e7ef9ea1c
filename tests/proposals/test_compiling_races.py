"""Two people at the same moment, on a database that locks rows: nothing is lost, done twice, or waits for ever."""

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import connection

from personnel_portal.outbox.models import Message
from proposals.actions import compiling, decisions
from proposals.actions.items import Conflict, send_to_office, withdraw_item
from proposals.choices import Outcome, ProposalState
from proposals.models import Decision, Package, Placement, Proposal
from tests import build
from tests.racing import race


@pytest.fixture(autouse=True)
def still() -> Iterator[None]:
    with time_machine.travel(build.at(build.TODAY, 10), tick=False):
        yield


@pytest.fixture
def cast(transactional_db: None) -> build.Cast:
    if connection.vendor == "sqlite":
        pytest.skip("SQLite lets one transaction write at a time; the order of steps is tested elsewhere")
    return build.cast()


def refused(answers: list[Any]) -> list[str]:
    """Return the sentences of those that were refused; anything else that went wrong fails the test."""
    wrong = [answer for answer in answers if isinstance(answer, Exception)]
    told = [answer.messages[0] for answer in wrong if isinstance(answer, ValidationError)]
    assert len(told) == len(wrong), wrong
    return told


def test_two_that_are_merged_into_each_other_make_one_group(cast: build.Cast) -> None:
    first, second = (build.proposal(state=ProposalState.COMPILED) for _ in range(2))
    answers = race(
        lambda: compiling.merge_proposal(proposal=first, lead=second, by=cast.host_officer),
        lambda: compiling.merge_proposal(proposal=second, lead=first, by=cast.host_officer),
    )
    assert len(refused(answers)) == 1
    assert Proposal.objects.filter(state=ProposalState.MERGED).count() == 1


def test_a_lead_withdrawn_while_another_is_merged_into_it_leaves_nobody_behind(cast: build.Cast) -> None:
    lead, proposal = (build.proposal(state=ProposalState.COMPILED) for _ in range(2))
    answers = race(
        lambda: compiling.merge_proposal(proposal=proposal, lead=lead, by=cast.host_officer),
        lambda: withdraw_item(item=lead, reason="重複", by=cast.member_officer),
    )
    refused(answers)
    proposal.refresh_from_db()
    lead.refresh_from_db()
    assert (lead.state, proposal.state) == (ProposalState.WITHDRAWN, ProposalState.COMPILED)


def test_two_packages_at_once_send_each_item_once(cast: build.Cast) -> None:
    items = [build.proposal(state=ProposalState.COMPILED) for _ in range(3)]
    district = items[0].district
    answers = race(
        lambda: send_to_office(district=district, items=items, by=cast.host_officer),
        lambda: send_to_office(district=district, items=items[::-1], by=cast.host_officer),
    )
    assert len(refused(answers)) == 1
    assert Package.objects.get().proposals.count() == 3


def test_two_clicks_place_a_proposal_once(cast: build.Cast) -> None:
    proposal, meeting = build.proposal(state=ProposalState.COMPILED), build.meeting()
    answers = race(*[lambda: compiling.put_on_agenda(proposal=proposal, meeting=meeting, by=cast.host_officer)] * 2)
    assert refused(answers) == [f"已在「{meeting}」的議程上。"]
    assert Placement.objects.count() == 1


def test_two_reviewers_decide_once(cast: build.Cast) -> None:
    proposal = build.proposal(state=ProposalState.AT_OFFICE)
    answers = race(
        lambda: decisions.decide_proposal(proposal=proposal, outcome=Outcome.ADOPTED, opinion="", by=cast.office_admin),
        lambda: decisions.decide_proposal(
            proposal=proposal, outcome=Outcome.REJECTED, opinion="不宜。", by=cast.office_reviewer
        ),
    )
    (told,) = refused(answers)
    decision = Decision.objects.get()
    assert told.startswith(f"{decision.decided_by.get_full_name()}已於 115年11月22日（日）10:00 研處為")


def test_two_reviewers_publish_once(cast: build.Cast) -> None:
    proposals = [build.proposal(state=ProposalState.AT_OFFICE) for _ in range(3)]
    seen = {
        one.pk: decisions.decide_proposal(
            proposal=one, outcome=Outcome.ADOPTED, opinion="", by=cast.office_reviewer
        ).stamp
        for one in proposals
    }
    answers = race(
        lambda: decisions.publish_decisions(plan=cast.plan, seen=seen, by=cast.office_admin),
        lambda: decisions.publish_decisions(plan=cast.plan, seen=seen, by=cast.office_reviewer),
    )
    (told,) = refused(answers)
    assert "辦理「公布結果」；目前為「已公布結果」，無法公布結果。" in told
    assert Message.objects.count() == 3
    assert any(isinstance(answer, Conflict) for answer in answers)


def test_publishing_while_one_is_withdrawn_is_all_or_nothing(cast: build.Cast) -> None:
    proposals = [build.proposal(state=ProposalState.AT_OFFICE) for _ in range(2)]
    seen = {
        one.pk: decisions.decide_proposal(
            proposal=one, outcome=Outcome.ADOPTED, opinion="", by=cast.office_reviewer
        ).stamp
        for one in proposals
    }
    answers = race(
        lambda: decisions.publish_decisions(plan=cast.plan, seen=seen, by=cast.office_admin),
        lambda: withdraw_item(item=proposals[1], reason="重複", by=cast.member_officer),
    )
    assert len(refused(answers)) == 1
    states = list(Proposal.objects.order_by("pk").values_list("state", flat=True))
    assert states in (["published", "published"], ["at_office", "withdrawn"])
