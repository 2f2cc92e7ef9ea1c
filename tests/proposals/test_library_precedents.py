"""Living precedents: an adopted proposal changes a rule that published cases cite."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from personnel_portal.outbox.models import Message
from personnel_portal.trail.models import Entry
from proposals.actions import library as actions
from proposals.actions.items import Conflict
from proposals.choices import ProposalState
from proposals.models import Proposal, Publication, Statute, Supersession
from tests import build

pytestmark = pytest.mark.django_db


@pytest.fixture
def statute() -> Statute:
    """The rule that changes."""
    return Statute.objects.create(office=build.county(), name="公務人員加給給與辦法")


@pytest.fixture
def proposal(cast: build.Cast, statute: Statute) -> Proposal:
    """A proposal about it, whose result was published."""
    made = build.proposal(state=ProposalState.PUBLISHED)
    made.statutes.add(statute)
    return made


def cited(statute: Statute | None, **fields: object) -> Publication:
    made = build.publication(**fields)  # type: ignore[arg-type]  # passed on
    if statute:
        made.statutes.add(statute)
    return made


def test_cases_that_cite_the_rule_are_suggested(proposal: Proposal, statute: Statute, cast: build.Cast) -> None:
    hit = cited(statute)
    cited(None)
    cited(statute, taken_down_at=build.at(build.TODAY), taken_down_reason="個資")
    old = cited(statute)
    corrected = build.publication(case=old.case, corrects=old, correction_reason="誤植")
    corrected.statutes.add(statute)
    found = actions.suggest_supersessions(proposal=proposal, by=cast.office_reviewer)
    assert {(row.publication, row.statute, row.is_confirmed) for row in found} == {
        (hit, statute, None),
        (corrected, statute, None),
    }
    assert Entry.objects.for_target(proposal)[0].detail == {"cases": 2}


def test_a_case_is_suggested_once_a_proposal(proposal: Proposal, statute: Statute, cast: build.Cast) -> None:
    other = Statute.objects.create(office=build.county(), name="公務人員任用法")
    proposal.statutes.add(other)
    cited(statute).statutes.add(other)
    assert len(actions.suggest_supersessions(proposal=proposal, by=cast.office_reviewer)) == 1
    assert actions.suggest_supersessions(proposal=proposal, by=cast.office_reviewer) == []


def test_suggesting_asks_no_more_for_thirty_than_for_one(
    proposal: Proposal, statute: Statute, cast: build.Cast
) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert actions.suggest_supersessions(proposal=proposal, by=cast.office_reviewer)
        return len(captured)

    assert proposal.plan.office_id  # looked up once
    cited(statute)
    before = asked()
    for number in range(30):
        other = Statute.objects.create(office=build.county(), name=f"第{number}條例")
        proposal.statutes.add(other)
        cited(other).statutes.add(statute)
    assert asked() == before
    assert Supersession.objects.count() == 31


def test_what_merged_proposals_cite_counts_too(proposal: Proposal, cast: build.Cast) -> None:
    other = Statute.objects.create(office=build.county(), name="公務人員任用法")
    build.proposal(state=ProposalState.MERGED, merged_into=proposal).statutes.add(other)
    hit = cited(other)
    (found,) = actions.suggest_supersessions(proposal=proposal, by=cast.office_reviewer)
    assert (found.publication, found.statute, found.proposal) == (hit, other, proposal)


def test_nothing_is_suggested_without_a_rule(cast: build.Cast, statute: Statute) -> None:
    cited(statute)
    bare = build.proposal(state=ProposalState.PUBLISHED)
    assert actions.suggest_supersessions(proposal=bare, by=cast.office_reviewer) == []
    assert not Entry.objects.for_target(bare).exists()


def test_confirming_tells_the_authors(proposal: Proposal, statute: Statute, cast: build.Cast) -> None:
    publication = cited(statute)
    (suggested,) = actions.suggest_supersessions(proposal=proposal, by=cast.office_reviewer)
    actions.decide_supersession(supersession=suggested, is_superseded=True, by=cast.office_reviewer)
    suggested.refresh_from_db()
    assert (suggested.is_confirmed, suggested.decided_by) == (True, cast.office_reviewer)
    mail = Message.objects.get(subject=f"【案例已不適用】{publication.subject}")
    assert mail.to == cast.member_officer.email
    assert statute.name in mail.text
    assert proposal.get_absolute_url() in mail.html
    assert Entry.objects.for_target(publication.case)[0].act == "case.superseded"


def test_dismissing_tells_nobody(proposal: Proposal, statute: Statute, cast: build.Cast) -> None:
    cited(statute)
    (suggested,) = actions.suggest_supersessions(proposal=proposal, by=cast.office_reviewer)
    actions.decide_supersession(supersession=suggested, is_superseded=False, by=cast.office_reviewer)
    assert Message.objects.count() == 0
    assert not Supersession.objects.visible_to(cast.member_officer).exists()


def test_a_suggestion_is_decided_once(proposal: Proposal, statute: Statute, cast: build.Cast) -> None:
    cited(statute)
    (suggested,) = actions.suggest_supersessions(proposal=proposal, by=cast.office_reviewer)
    actions.decide_supersession(supersession=suggested, is_superseded=True, by=cast.office_reviewer)
    with pytest.raises(Conflict, match=r"陳審核已於.+確認「已不適用」"):
        actions.decide_supersession(supersession=suggested, is_superseded=False, by=cast.office_admin)


def test_helpful_is_said_once_and_taken_back(cast: build.Cast) -> None:
    publication = build.publication()
    assert actions.toggle_helpful(publication=publication, by=cast.member_officer) is True
    assert actions.toggle_helpful(publication=publication, by=cast.host_officer) is True
    assert publication.helpful.count() == 2
    assert actions.toggle_helpful(publication=publication, by=cast.member_officer) is False
    assert publication.helpful.count() == 1
