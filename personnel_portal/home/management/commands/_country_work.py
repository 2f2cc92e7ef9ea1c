"""The work of a made-up county: meetings with their minutes, proposals with what was decided, cases and the library."""

from datetime import date, datetime, time, timedelta
from itertools import cycle, islice
from random import Random
from typing import Any

from django.utils import timezone

from districts.choices import AgencyKind, PlanKind
from meetings.choices import AttendanceState, MeetingKind, MeetingState, MinutesState
from meetings.models import Invitation, Meeting, Minutes
from personnel_portal.home.management.commands import _country_words as words
from personnel_portal.home.management.commands._copying import copy, take_keys
from personnel_portal.home.management.commands._country_ground import County
from personnel_portal.rules.folding import fold
from proposals.choices import Business, CaseKind, CaseState, Effect, Outcome, ProposalKind, ProposalState
from proposals.models import Case, Decision, Package, Proposal, Publication

MEETINGS, PROPOSALS, CASES = 91, 3_182, 1_364
# What every so many are.
MINUTES = [MinutesState.ACCEPTED] * 8 + [MinutesState.SUBMITTED, MinutesState.UNFILED]
PROPOSAL_STATES = (
    [ProposalState.PUBLISHED] * 8
    + [ProposalState.AT_OFFICE] * 4
    + [ProposalState.COMPILED] * 3
    + [ProposalState.SENT] * 3
    + [ProposalState.DRAFT, ProposalState.WITHDRAWN]
)
CASE_STATES = [CaseState.PUBLISHED] * 6 + [CaseState.AT_OFFICE, CaseState.COMPILED, CaseState.SENT, CaseState.DRAFT]
OUTCOMES = [Outcome.ADOPTED, Outcome.PARTLY, Outcome.STUDIED, Outcome.REJECTED]
ADOPTED = (Outcome.ADOPTED, Outcome.PARTLY)


def make_work(county: County, *, random: Random, today: date) -> None:
    """Write the meetings, proposals and cases of a county's year so far."""
    moments = _Moments(county, today)
    _meetings(county, moments)
    packages = _packages(county, moments)
    _proposals(county, packages, moments, random)
    _cases(county, packages, moments, random)


class _Moments:
    """Days of the county's year, spread evenly between its beginning and today."""

    def __init__(self, county: County, today: date) -> None:
        self.first = county.plans[PlanKind.LIAISON].starts
        self.days = max((today - self.first).days, 1)
        self.today = today

    def at(self, place: int, of: int) -> datetime:
        day = self.first + timedelta(days=self.days * place // of)
        return timezone.make_aware(datetime.combine(day, time(9 + place % 8, place % 60)))


def _meetings(county: County, moments: _Moments) -> None:
    plan = county.plans[PlanKind.LIAISON]
    keys = take_keys(Meeting, MEETINGS)
    districts = list(islice(cycle(county.districts), MEETINGS))
    places = [place // len(county.districts) for place in range(MEETINGS)]
    copy(
        Meeting,
        (
            {
                "id": key,
                "plan_id": plan.pk,
                "district_id": district,
                "kind": (MeetingKind.JOINT, MeetingKind.FULL_TIME)[place % 2],
                "number": place // 2 + 1,
                "starts_at": moments.at(order, MEETINGS),
                "place": "第一會議室",
                "state": MeetingState.HELD,
                "created_at": moments.at(order, MEETINGS),
                "created_by_id": county.officers[county.districts[district][0] - county.agencies[0]],
            }
            for order, (key, district, place) in enumerate(zip(keys, districts, places, strict=True))
        ),
    )
    copy(
        Invitation,
        (
            {
                "meeting_id": key,
                "agency_id": agency,
                "order": order,
                "attendance": AttendanceState.EXCUSED if (held + order) % 12 == 0 else AttendanceState.PRESENT,
            }
            for held, (key, district) in enumerate(zip(keys, districts, strict=True))
            for order, agency in enumerate(county.districts[district])
        ),
    )
    copy(
        Minutes,
        ({"meeting_id": key, **_minutes(order, moments)} for order, key in enumerate(keys)),
    )


def _minutes(order: int, moments: _Moments) -> dict[str, Any]:
    state = MINUTES[order % len(MINUTES)]
    filed = None if state == MinutesState.UNFILED else moments.at(order + 1, MEETINGS)
    return {"state": state, "submitted_at": filed, "decided_at": filed if state == MinutesState.ACCEPTED else None}


def _packages(county: County, moments: _Moments) -> dict[int, int]:
    keys = take_keys(Package, len(county.districts))
    copy(
        Package,
        (
            {
                "id": key,
                "plan_id": county.plans[PlanKind.LIAISON].pk,
                "district_id": district,
                "sent_on": moments.today,
                "sent_by_id": county.officers[members[0] - county.agencies[0]],
            }
            for key, (district, members) in zip(keys, county.districts.items(), strict=True)
        ),
    )
    return dict(zip(county.districts, keys, strict=True))


def _item(county: County, order: int, of: int, moments: _Moments, random: Random) -> dict[str, Any]:
    """Return what a proposal and a case have in common; numbered within the district in the order of sending."""
    districts = list(county.districts)
    district = districts[order % len(districts)]
    members = county.districts[district]
    agency = members[order // len(districts) % len(members)]
    moment = moments.at(order, of)
    statute = random.choice(words.STATUTES)
    return {
        "plan_id": county.plans[PlanKind.LIAISON].pk,
        "district_id": district,
        "agency_id": agency,
        "number": order // len(districts) + 1,
        "subject": words.subject(random),
        "contact_name": county.names[agency - county.agencies[0]],
        "contact_title": "人事管理員",
        "statutes_text": f"{statute}第 {random.randint(1, 40)} 條",
        "sent_at": moment,
        "created_by_id": county.officers[agency - county.agencies[0]],
        "created_at": moment,
        "changed_at": moment,
    }


def _with_state(item: dict[str, Any], state: str, packages: dict[int, int]) -> dict[str, Any]:
    """Return the item where it stands: drafts were never sent, and what reached the office came in a package."""
    reached = state in ("at_office", "published")
    item |= {"state": state, "package_id": packages[item["district_id"]] if reached else None}
    if state == "draft":
        item |= {"number": None, "sent_at": None}
    return item | ({"reason": "併入其他提案辦理。"} if state == "withdrawn" else {})


def _folded(item: dict[str, Any], searched: tuple[str, ...]) -> dict[str, Any]:
    return item | {"folded": "|".join(fold(str(item.get(name, ""))) for name in searched)}


def _proposals(county: County, packages: dict[int, int], moments: _Moments, random: Random) -> None:
    keys = take_keys(Proposal, PROPOSALS)
    states = [PROPOSAL_STATES[order // len(county.districts) % len(PROPOSAL_STATES)] for order in range(PROPOSALS)]
    copy(
        Proposal,
        (
            {
                "id": key,
                **_folded(
                    _with_state(
                        _item(county, order, PROPOSALS, moments, random)
                        | {
                            "kind": random.choice(ProposalKind.values),
                            "current_rule": words.text(random, 2),
                            "problem": words.text(random, 4),
                            "wording": words.text(random, 2),
                            "effect": random.choice(Effect.values),
                        },
                        state,
                        packages,
                    ),
                    Proposal.searched,
                ),
            }
            for order, (key, state) in enumerate(zip(keys, states, strict=True))
        ),
    )
    published = [key for key, state in zip(keys, states, strict=True) if state == ProposalState.PUBLISHED]
    copy(Decision, (_decision(county, key, order, moments) for order, key in enumerate(published)))


def _decision(county: County, proposal: int, order: int, moments: _Moments) -> dict[str, Any]:
    outcome = OUTCOMES[order % len(OUTCOMES)]
    moment = moments.at(order, PROPOSALS)
    return {
        "proposal_id": proposal,
        "outcome": outcome,
        "opinion": "" if outcome == Outcome.ADOPTED else "錄案供修法參考，並轉請主管機關研議。",
        "qualifies": outcome in ADOPTED,
        "decided_at": moment,
        "decided_by_id": county.reviewer,
        "published_at": moment,
    }


def _cases(county: County, packages: dict[int, int], moments: _Moments, random: Random) -> None:
    keys = take_keys(Case, CASES)
    cases = [
        _folded(
            _with_state(
                _item(county, order, CASES, moments, random)
                | {
                    "business": random.choice(Business.values),
                    "kind": random.choice(CaseKind.values),
                    "summary": words.text(random, 4),
                    "handling": words.text(random, 2),
                    "outcome": words.text(random, 1),
                },
                CASE_STATES[order // len(county.districts) % len(CASE_STATES)],
                packages,
            ),
            Case.searched,
        )
        for order in range(CASES)
    ]
    copy(Case, ({"id": key, **case} for key, case in zip(keys, cases, strict=True)))
    copy(
        Publication,
        (
            _publication(county, key, case)
            for key, case in zip(keys, cases, strict=True)
            if case["state"] == CaseState.PUBLISHED
        ),
    )


def _publication(county: County, key: int, case: dict[str, Any]) -> dict[str, Any]:
    same = (
        "plan_id",
        "district_id",
        "business",
        "kind",
        "subject",
        "summary",
        "handling",
        "outcome",
        "statutes_text",
        "folded",
    )
    return {
        "office_id": county.office.pk,
        "case_id": key,
        "agency_kind": AgencyKind.ELEMENTARY,
        "published_at": case["sent_at"],
        "published_by_id": county.reviewer,
        **{name: case[name] for name in same},
    }
