"""Twenty-two counties at once: 88 districts, 100,000 proposals."""

import time
from datetime import date, timedelta
from itertools import islice
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from awards.actions.rules import carry_over
from awards.compute import compute, rules_of
from awards.facts import Gathered, gather
from awards.models import ProposalPerson
from districts.choices import Access, AgencyKind, Function
from districts.models import Agency, District, Membership, Person, Plan, Posting
from meetings.choices import MeetingKind, MeetingState, MinutesState
from meetings.models import Meeting, Minutes
from personnel_portal.accounts.models import User
from personnel_portal.rules.commendations import Unit
from proposals.choices import Outcome, ProposalState
from proposals.models import CoProposer, Decision, Package, Proposal
from tests import build

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]
COUNTIES, DISTRICTS, MEMBERS, PROPOSALS = 22, 4, 21, 100_000
WRITTEN = 1_000  # proposals; the others are copies of them
EVERY = 10  # proposal is adopted
AT_A_TIME = 5_000


@pytest.fixture
def plans(db: None) -> list[Plan]:
    """A year of every county: three meetings a district (one not on record yet), and everybody proposes."""
    source = Plan.objects.liaison().get(year=build.FIRST_YEAR)
    made = [build.plan(office=build.office()) for _ in range(COUNTIES)]
    for plan in made:
        carry_over(source, plan)
    districts = bulk(
        District(plan=plan, name=f"第{number}區", order=number) for plan in made for number in range(DISTRICTS)
    )
    _members(districts)
    _meetings(districts)
    _proposals(districts)
    return made


def bulk(rows: Any) -> list[Any]:
    made: list[Any] = []
    rows = iter(rows)
    while some := list(islice(rows, AT_A_TIME)):
        made += type(some[0])._default_manager.bulk_create(some)
    return made


def _members(districts: list[District]) -> None:
    agencies = bulk(
        Agency(
            office=district.plan.office,
            short_name=f"{district.name}第{number}國小",
            official_name=f"{district.name}第{number}國民小學",
            kind=AgencyKind.ELEMENTARY,
        )
        for district in districts
        for number in range(MEMBERS)
    )
    bulk(
        Membership(
            plan=district.plan, district=district, agency=agency, since=district.plan.starts, until=district.plan.ends
        )
        for place, district in enumerate(districts)
        for agency in agencies[place * MEMBERS : (place + 1) * MEMBERS]
    )
    people = bulk(Person(office=agency.office, name=f"{agency.short_name}人事") for agency in agencies)
    bulk(
        Posting(
            person=p, agency=a, access=Access.WORK, function=Function.PERSONNEL, title="人事", since=date(2023, 1, 1)
        )
        for p, a in zip(people, agencies, strict=True)
    )


def _meetings(districts: list[District]) -> None:
    meetings = bulk(
        Meeting(
            plan=district.plan,
            district=district,
            kind=MeetingKind.JOINT,
            number=number,
            starts_at=build.at(build.TODAY - timedelta(days=10 * number)),
            place="會議室",
            state=MeetingState.HELD,
        )
        for district in districts
        for number in (1, 2, 3)
    )
    filed = {"submitted_at": build.at(build.TODAY)}
    states = {1: MinutesState.SUBMITTED, 2: MinutesState.ACCEPTED, 3: MinutesState.ACCEPTED}
    bulk(Minutes(meeting=meeting, state=states[meeting.number], **filed) for meeting in meetings)


def _proposals(districts: list[District]) -> None:
    by = build.user()
    packages = bulk(
        Package(plan=district.plan, district=district, sent_on=build.TODAY, sent_by=by) for district in districts
    )
    agencies: dict[int, list[Agency]] = {
        district.pk: list(Agency.objects.filter(memberships__district=district)) for district in districts
    }
    bulk(_proposal(number, packages, agencies, by) for number in range(WRITTEN))
    _copy_proposals(PROPOSALS // WRITTEN - 1)
    adopted = list(Proposal.objects.filter(state=ProposalState.PUBLISHED).order_by("pk"))
    bulk(
        Decision(
            proposal=proposal,
            outcome=Outcome.ADOPTED,
            qualifies=True,
            decided_by=by,
            published_at=build.at(build.TODAY, 9),
        )
        for proposal in adopted
    )
    bulk(CoProposer(proposal=p, agency=agencies[p.district_id][-1]) for p in adopted[::EVERY])
    person = Person.objects.get(postings__agency=adopted[0].agency)
    ProposalPerson.objects.create(proposal=adopted[0], person=person, named_by=by)


def _proposal(number: int, packages: list[Package], agencies: dict[int, list[Agency]], by: User) -> Proposal:
    package = packages[number % len(packages)]
    own = agencies[package.district_id]
    return Proposal(
        plan_id=package.plan_id,
        district_id=package.district_id,
        agency=own[number // len(packages) % MEMBERS],
        package=package,
        number=number // len(packages) + 1,
        subject=f"第{number}案",
        problem="無同單位人員可代理。" * 50,
        wording="得為同一機關人員。",
        state=ProposalState.PUBLISHED if number % EVERY == 0 else ProposalState.AT_OFFICE,
        sent_at=build.at(build.TODAY, 9),
        created_by=by,
    )


def _copy_proposals(times: int) -> None:
    """Copy every proposal so many times, under numbers of its own; by the database, which is much faster at it."""
    columns = [connection.ops.quote_name(str(f.column)) for f in Proposal._meta.concrete_fields if not f.primary_key]
    apart = WRITTEN // (COUNTIES * DISTRICTS) + 1
    copied = [f"{column} + n * {apart}" if "number" in column else column for column in columns]
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH RECURSIVE copies(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM copies WHERE n < {times}) "
            f"INSERT INTO proposals_proposal ({', '.join(columns)}) "
            f"SELECT {', '.join(copied)} FROM proposals_proposal CROSS JOIN copies"
        )


def seconds(work: Any) -> tuple[float, Any]:
    begun = time.perf_counter()
    result = work()
    return time.perf_counter() - begun, result


def test_twenty_two_counties_are_gathered_in_few_queries_and_computed_in_two_seconds(plans: list[Plan]) -> None:
    with CaptureQueriesContext(
        connection,
    ) as captured:
        gathering, gathered = seconds(lambda: gather(plans))
    assert len(captured) <= 15
    assert len(gathered.records) == COUNTIES * DISTRICTS
    assert sum(len(record.proposals) for record in gathered.records.values()) == PROPOSALS
    assert sum(map(len, gathered.adopted.values())) == PROPOSALS // EVERY
    assert gathered.unknown == {}

    inputs = [(plan, rules_of(plan), list(plan.districts.values_list("pk", flat=True))) for plan in plans]
    computing, results = seconds(lambda: [compute(plan, gathered, rules, pks) for plan, rules, pks in inputs])
    floor = min(seconds(lambda: _read_once(gathered))[0] for _ in range(3))
    print(f"gathered in {gathering:.2f} s, computed in {computing:.3f} s, {computing / floor:.1f} × reading the facts")

    granted = [c for result in results for hosting in result.hosting.values() for c in hosting.commendations]
    assert [(c.unit, c.times, c.is_estimated) for c in granted] == [(Unit.MERIT, 1, False)] * COUNTIES * DISTRICTS
    told = [
        len(check.counted.references) for c in granted for check in c.because if check.condition.measure == "proposals"
    ]
    assert sum(told) == PROPOSALS
    earned = [c for result in results for c in result.proposals]
    assert sum(len(c.references) + len(c.over_cap) for c in earned) == PROPOSALS // EVERY
    assert {c.times for c in earned} == {2}
    assert computing < 2
    # A machine that is busy makes both slow; work that grows faster than the facts does not pass for that.
    assert computing < 30 * floor


def _read_once(gathered: Gathered) -> int:
    """Sort what has to be listed: about the least that any computation of these facts must do."""
    hosted = [sorted(p.reference for p in record.proposals) for record in gathered.records.values()]
    adopted = [sorted(a.reference for a in found) for found in gathered.adopted.values()]
    return len(hosted) + len(adopted)
