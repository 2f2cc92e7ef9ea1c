"""Every state × every role × every step, done by its action: what the table of `test_flow` allows is done and ends in the
step's target; all else is refused with a Conflict and leaves the item as it was."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from django.db import transaction

from meetings.models import AgendaItem
from personnel_portal.accounts.models import User
from proposals.actions import cases, compiling, decisions, drafts, items
from proposals.actions.items import Conflict
from proposals.choices import CaseState, Outcome, ProposalState
from proposals.flow import CASE_STEPS, PROPOSAL_STEPS, Step
from proposals.models import Case, Decision, Placement, Proposal, Publication
from proposals.models.items import Item
from tests import build
from tests.proposals.test_flow import CASES, PROPOSALS, USERS, allowed

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("clock"),
    pytest.mark.one_database("every action runs on both in the tests of its own; this tries the table of steps"),
]

Act = Callable[[Any, User], object]


# --- One action a step, with what it needs beside the item -----------------------------------------------------------


def _merge(proposal: Proposal, by: User) -> object:
    state = proposal.state if proposal.state in compiling.LEADS else ProposalState.COMPILED
    return compiling.merge_proposal(proposal=proposal, lead=build.proposal(state=ProposalState(state)), by=by)


def _place(proposal: Proposal, by: User) -> object:
    return compiling.put_on_agenda(proposal=proposal, meeting=build.meeting(), by=by)


def _placed(proposal: Proposal, by: User) -> AgendaItem:
    item = build.agenda_item(meeting=build.held_meeting())
    Placement.objects.create(proposal=proposal, agenda_item=item, placed_by=by)
    return item


def _resolve(proposal: Proposal, by: User) -> object:
    return compiling.resolve_proposal(proposal=proposal, item=_placed(proposal, by), resolution="照案通過。", by=by)


def _decide(proposal: Proposal, by: User) -> object:
    return decisions.decide_proposal(proposal=proposal, outcome=Outcome.ADOPTED, opinion="", by=by)


def _decided(proposal: Proposal, by: User, **values: Any) -> Decision:
    return Decision.objects.create(proposal=proposal, outcome=Outcome.ADOPTED, decided_by=by, **values)


def _publish(proposal: Proposal, by: User) -> object:
    seen = {proposal.pk: _decided(proposal, by).stamp}
    return decisions.publish_decisions(plan=proposal.plan, seen=seen, by=by)


def _correct(proposal: Proposal, by: User) -> object:
    shown = _decided(proposal, by, published_at=build.at(build.TODAY, 9))
    return decisions.correct_decision(
        proposal=proposal, outcome=Outcome.REJECTED, opinion="不宜。", reason="誤植", seen=shown.stamp, by=by
    )


def _send(item: Item, by: User) -> object:
    return items.send_to_office(district=item.district, items=[item], by=by)


def _publish_case(case: Case, by: User) -> object:
    return cases.publish_case(case=case, by=by)


def _published(case: Case, by: User) -> Publication:
    return Publication.objects.create(
        office=case.plan.office,
        case=case,
        plan=case.plan,
        district=case.district,
        agency_kind=case.agency.kind,
        business=case.business,
        kind=case.kind,
        subject=case.subject,
        summary=case.summary,
        published_by=by,
    )


def _correct_case(case: Case, by: User) -> object:
    changes = {"summary": "更正後的案情。"}
    return cases.correct_publication(publication=_published(case, by), changes=changes, reason="誤植", by=by)


BOTH: Mapping[str, Act] = {
    "edit": lambda item, by: drafts.change_item(item=item, by=by, subject="改過的案由"),
    "send": lambda item, by: items.send_item(item=item, by=by),
    "withdraw": lambda item, by: items.withdraw_item(item=item, reason="重複", by=by),
    "compile": lambda item, by: items.compile_item(item=item, by=by),
    "return": lambda item, by: items.return_item(item=item, reason="請補充", by=by),
    "send_to_office": _send,
}
PROPOSAL_ACTS: Mapping[str, Act] = {
    **BOTH,
    "merge": _merge,
    "split": lambda proposal, by: compiling.split_proposal(proposal=proposal, by=by),
    "place": _place,
    "resolve": _resolve,
    "decide": _decide,
    "publish": _publish,
    "correct": _correct,
}
CASE_ACTS: Mapping[str, Act] = {
    **BOTH,
    "share": lambda case, by: items.share_case(case=case, by=by),
    "review": lambda case, by: cases.start_review(case=case, by=by),
    "mark": lambda case, by: cases.decide_marks(case=case, decisions={}, by=by),
    "publish": _publish_case,
    "correct": _correct_case,
}


# --- The walk --------------------------------------------------------------------------------------------------------


def test_every_step_has_its_action() -> None:
    assert PROPOSAL_ACTS.keys() == PROPOSAL_STEPS.keys()
    assert CASE_ACTS.keys() == CASE_STEPS.keys()


def tried(item: Any, acts: Mapping[str, Act], cast: build.Cast) -> Iterator[tuple[tuple[str, str], str]]:
    """Yield role and step, and the state that the item is in after the step, `refused` where it is left as it was."""
    before = item.state
    for role, user in USERS.items():
        for step, act in acts.items():
            with transaction.atomic():
                outcome = _outcome(item, act, getattr(cast, user))
                transaction.set_rollback(True)  # every step finds the item as it was
            yield (role, step), outcome
            item.refresh_from_db()
            assert item.state == before


def _outcome(item: Any, act: Act, by: User) -> str:
    untouched = _columns(item)
    try:
        with transaction.atomic():
            act(type(item).objects.get(pk=item.pk), by)
    except Conflict:
        assert _columns(item) == untouched
        return "refused"
    return str(type(item).objects.get(pk=item.pk).state)


def _columns(item: Any) -> dict[str, Any]:
    columns: dict[str, Any] = type(item).objects.filter(pk=item.pk).values().get()
    return columns


def expected(
    table: str, state: str, steps: Mapping[str, Step], *, split: str = ""
) -> Iterator[tuple[tuple[str, str], str]]:
    """Yield what the typed table asks for: the target of an allowed step, `refused` for every other."""
    may = allowed(table)
    for role in USERS:
        for step, taken in steps.items():
            stays = split if step == "split" else state
            yield (role, step), (taken.target or stays) if (state, role, step) in may else "refused"


@pytest.mark.parametrize("state", ProposalState)
def test_actions_on_a_proposal_do_what_the_table_says(cast: build.Cast, state: ProposalState) -> None:
    lead = build.proposal(state=ProposalState.COMPILED) if state == ProposalState.MERGED else None
    proposal = build.proposal(state=state, merged_into=lead)
    done = dict(tried(proposal, PROPOSAL_ACTS, cast))
    assert done == dict(expected(PROPOSALS, state, PROPOSAL_STEPS, split=ProposalState.COMPILED))


@pytest.mark.parametrize("state", CaseState)
def test_actions_on_a_case_do_what_the_table_says(cast: build.Cast, state: CaseState) -> None:
    case = build.case(state=state)
    assert dict(tried(case, CASE_ACTS, cast)) == dict(expected(CASES, state, CASE_STEPS))
