"""What the tests of awards build: a district's year, and decisions on proposals."""

from datetime import timedelta

from awards.choices import HostPersonState, Part
from awards.models import HostPerson
from districts.models import District, Person
from meetings.choices import MeetingKind, MinutesState
from meetings.models import Meeting
from personnel_portal.accounts.models import User
from proposals.choices import Outcome, ProposalState
from proposals.models import Decision, Package, Proposal
from tests import build


def accepted_meeting(
    *,
    district: District | None = None,
    kind: MeetingKind = MeetingKind.JOINT,
    days_ago: int = 20,
    state: MinutesState = MinutesState.ACCEPTED,
) -> Meeting:
    """Make a held meeting whose minutes stand in a state."""
    meeting = build.held_meeting(district=district, kind=kind, day=build.TODAY - timedelta(days=days_ago))
    build.minutes(meeting=meeting, state=state)
    return meeting


def proposals(count: int, *, package: Package | None = None, **fields: object) -> list[Proposal]:
    """Make proposals that reached the office in one package."""
    package = package or build.package()
    return [
        build.proposal(
            district=package.district,
            state=ProposalState.AT_OFFICE,
            package=package,
            subject=f"第{number}案",
            **fields,  # type: ignore[arg-type]  # the columns of a proposal
        )
        for number in range(count)
    ]


def adopted(*, by: User, outcome: Outcome = Outcome.ADOPTED, qualifies: bool = True, **fields: object) -> Proposal:
    """Make a proposal whose decision was published."""
    proposal = build.proposal(state=ProposalState.PUBLISHED, **fields)  # type: ignore[arg-type]  # as above
    Decision.objects.create(
        proposal=proposal,
        outcome=outcome,
        opinion="錄案。",
        qualifies=qualifies,
        decided_by=by,
        published_at=build.at(build.TODAY, 9),
    )
    return proposal


def corrected(proposal: Proposal, *, by: User) -> Decision:
    """Correct an adopted proposal's decision: it is not adopted after all."""
    return proposal.decisions.create(
        outcome=Outcome.REJECTED,
        opinion="更正。",
        decided_by=by,
        published_at=build.at(build.TODAY, 10),
        corrects=proposal.decisions.get(),
        correction_reason="誤植。",
    )


def host_person(
    person: Person,
    *,
    by: User,
    district: District | None = None,
    part: Part = Part.HANDLER,
    state: HostPersonState = HostPersonState.ACCEPTED,
) -> HostPerson:
    """Name somebody for the award of a district (北平原區 by default), checked unless the state says otherwise."""
    is_checked = state != HostPersonState.NAMED
    return HostPerson.objects.create(
        district=district or build.district("北平原區"),
        person=person,
        part=part,
        work="籌辦會議、彙整提案",
        state=state,
        reason="非承辦人員。" if state == HostPersonState.REFUSED else "",
        named_by=by,
        checked_by=by if is_checked else None,
        checked_at=build.at(build.TODAY, 9) if is_checked else None,
    )
