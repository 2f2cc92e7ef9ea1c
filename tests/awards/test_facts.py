"""What is gathered for commendations, and what is left out."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from awards.facts import gather, references
from awards.models import ProposalPerson
from districts.models import Membership, Plan
from meetings.choices import AttendanceState, MeetingKind, MinutesState
from personnel_portal.rules.commendations import Proposer
from proposals.choices import Outcome, ProposalState
from tests import build
from tests.awards import making

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]


def test_meetings_and_proposals_of_the_period_are_counted(cast: build.Cast) -> None:
    north = build.district("北平原區")
    joint = making.accepted_meeting(days_ago=20)
    waiting = making.accepted_meeting(days_ago=10, state=MinutesState.SUBMITTED)
    full = making.accepted_meeting(kind=MeetingKind.FULL_TIME, days_ago=5)
    build.held_meeting(day=cast.plan.starts - timedelta(days=1))  # before the period
    build.meeting(day=build.TODAY)  # planned
    making.proposals(3)
    making.proposals(1, agency=build.listed("民雄國小"))
    coached = making.proposals(1, agency=cast.coached_officer.person.postings.get().agency)[0]
    for state in (ProposalState.SENT, ProposalState.RETURNED, ProposalState.WITHDRAWN):
        build.proposal(state=state)
    lead = making.proposals(1)[0]
    build.proposal(state=ProposalState.MERGED, merged_into=lead)
    build.invitation(meeting=joint, agency=build.listed("民雄國中"), attendance=AttendanceState.PRESENT)

    record = gather([cast.plan]).records[north.pk]

    assert sorted((m.reference, m.kind, m.is_accepted) for m in record.meetings) == sorted(
        [
            (f"meetings.meeting-{joint.pk}", "A", True),
            (f"meetings.meeting-{waiting.pk}", "A", False),
            (f"meetings.meeting-{full.pk}", "B", True),
        ]
    )
    assert len(record.proposals) == 6
    assert [p.reference for p in record.proposals if p.is_coached] == [f"proposals.proposal-{coached.pk}"]
    assert {measure: int(value) for measure, value in record.measures.items()} == {
        "attendees": 1,
        "members": 21,
        "rank": 1,
    }
    assert not any("rank" in r.measures for pk, r in gather([cast.plan]).records.items() if pk != north.pk)


def test_a_district_without_members_has_a_record_too(cast: build.Cast) -> None:
    north = build.district("北平原區")
    making.accepted_meeting()
    Membership.objects.filter(district=north).delete()
    record = gather([cast.plan]).records[north.pk]
    assert (len(record.meetings), int(record.measures["members"])) == (1, 0)


def test_proposals_sent_outside_the_period_do_not_count(cast: build.Cast) -> None:
    package = build.package()
    package.sent_on = cast.plan.ends + timedelta(days=1)
    package.save()
    making.proposals(2, package=package)
    assert gather([cast.plan]).records[package.district_id].proposals == ()


def named(user: Any) -> Proposer:
    posting = user.person.postings.get()
    return Proposer(f"districts.person-{posting.person_id}", f"districts.agency-{posting.agency_id}")


def test_the_proposer_is_who_the_proposal_names_at_its_agency(cast: build.Cast) -> None:
    making.adopted(by=cast.office_reviewer, contact_name="吳成員")
    making.adopted(by=cast.office_reviewer, contact_name="外人", subject="他案")
    making.adopted(by=cast.office_reviewer, outcome=Outcome.STUDIED, qualifies=False)
    gathered = gather([cast.plan])
    known, unknown = gathered.adopted[cast.plan.pk]
    assert (known.proposers, unknown.proposers) == ((named(cast.member_officer),), ())
    assert gathered.unknown[cast.plan.pk] == [unknown.reference]


def test_those_whom_the_office_names_split_the_award(cast: build.Cast) -> None:
    proposal = making.adopted(by=cast.office_reviewer, contact_name="外人")
    for user in (cast.host_officer, cast.member_officer):
        ProposalPerson.objects.create(proposal=proposal, person=user.person, named_by=cast.office_reviewer)
    (adopted,) = gather([cast.plan]).adopted[cast.plan.pk]
    assert adopted.chosen == (named(cast.host_officer), named(cast.member_officer))


def test_pending_and_corrected_decisions_do_not_count(cast: build.Cast) -> None:
    proposal = making.adopted(by=cast.office_reviewer)
    making.corrected(proposal, by=cast.office_reviewer)
    pending = build.proposal(state=ProposalState.RESOLVED)
    pending.decisions.create(outcome=Outcome.ADOPTED, qualifies=True, decided_by=cast.office_reviewer)
    assert gather([cast.plan]).adopted[cast.plan.pk] == []


def test_gathering_takes_as_few_queries_for_many_plans_as_for_one(cast: build.Cast) -> None:
    making.accepted_meeting()
    making.adopted(by=cast.office_reviewer)

    def queries(plans: list[Plan]) -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            gather(plans)
        return len(captured)

    queries([cast.plan])  # whoever is first asks SQLite whether it knows JSON
    one = queries([cast.plan])
    assert queries(list(Plan.objects.all())) == one == 5


def test_references_lead_to_their_pages(cast: build.Cast) -> None:
    meeting, proposal = making.accepted_meeting(), build.proposal(state=ProposalState.AT_OFFICE)
    found = references([f"meetings.meeting-{meeting.pk}", f"proposals.proposal-{proposal.pk}"])
    assert {key: (r.label, r.url) for key, r in found.items()} == {
        f"meetings.meeting-{meeting.pk}": (
            "北平原區第 1 次專、兼任(辦)人事人員聯繫會報",
            f"/meetings/{meeting.pk}/",
        ),
        f"proposals.proposal-{proposal.pk}": (
            "116-北平原區-1 建請修正職務代理人資格規定",
            f"/proposals/{proposal.pk}/",
        ),
    }
