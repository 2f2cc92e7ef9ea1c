"""Every state × every role × every step, for proposals and cases: what the table allows, and that all else is refused.

The table is typed here independently of `proposals.flow`. `host` is the host of the item's district, `proposer` works
for its agency, `office` reviews; everybody else may take no step at all.
"""

import pytest

from proposals.choices import CaseState, ProposalState
from proposals.flow import CASE_STEPS, PROPOSAL_STEPS
from proposals.policies import can_take
from tests import build

PROPOSALS = """
draft      proposer  edit send withdraw
sent       proposer  withdraw
sent       host      compile return merge
compiled   proposer  withdraw
compiled   host      return merge send_to_office place
compiled   office    place
at_office  proposer  withdraw
at_office  host      place resolve
at_office  office    return merge place resolve decide publish
resolved   office    decide publish
published  office    correct
returned   proposer  edit send withdraw
merged     host      split
merged     office    split
"""
CASES = """
draft      proposer  edit send withdraw
sent       proposer  withdraw
sent       host      share compile return
shared     proposer  withdraw
shared     host      compile return
compiled   proposer  withdraw
compiled   host      return send_to_office
at_office  proposer  withdraw
at_office  office    review return
in_review  proposer  withdraw
in_review  office    mark publish return
published  office    correct
returned   proposer  edit send withdraw
"""
USERS = {
    "proposer": "member_officer",
    "host": "host_officer",
    "office": "office_reviewer",
    "admin": "office_admin",
    "reader": "office_reader",
    "neighbour": "neighbour_host",
    "coached": "coached_officer",
    "stranger": "stranger",
    "elsewhere": "other_reviewer",
}


def allowed(table: str) -> set[tuple[str, str, str]]:
    """Return (state, role, step) of every line; an administrator of the office reviews too."""
    found = set()
    for state, role, *steps in (line.split() for line in table.strip().splitlines()):
        found |= {(state, role, step) for step in steps}
        if role == "office":
            found |= {(state, "admin", step) for step in steps}
    return found


@pytest.mark.parametrize("state", ProposalState)
def test_steps_of_a_proposal_are_those_of_the_table(cast: build.Cast, state: ProposalState) -> None:
    lead = build.proposal(state=ProposalState.COMPILED) if state == ProposalState.MERGED else None
    proposal = build.proposal(state=state, merged_into=lead)
    taken = {
        (state.value, role, step)
        for role, user in USERS.items()
        for step in PROPOSAL_STEPS
        if can_take(getattr(cast, user), proposal, step)
    }
    assert taken == {line for line in allowed(PROPOSALS) if line[0] == state}


@pytest.mark.parametrize("state", CaseState)
def test_steps_of_a_case_are_those_of_the_table(cast: build.Cast, state: CaseState) -> None:
    case = build.case(state=state)
    taken = {
        (state.value, role, step)
        for role, user in USERS.items()
        for step in CASE_STEPS
        if can_take(getattr(cast, user), case, step)
    }
    assert taken == {line for line in allowed(CASES) if line[0] == state}


def test_refusals_say_whose_the_step_is_and_where_the_item_stands(cast: build.Cast) -> None:
    proposal = build.proposal(state=ProposalState.PUBLISHED)
    assert can_take(cast.member_officer, proposal, "compile").reason == "「彙整」僅限分區承辦單位辦理。"
    assert can_take(cast.host_officer, proposal, "compile").reason == "目前為「已公布結果」，無法彙整。"
