"""Proposals as their proposers see them: the form, the page of one, the list."""

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine

from proposals.choices import ProposalState
from proposals.models import Proposal
from tests import build
from tests.site.clients import logged_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    with time_machine.travel(build.at(build.TODAY, 10), tick=False):
        yield


FILLED: dict[str, Any] = {
    "subject": "建請放寬職務代理人資格",
    "kind": "law",
    "current_rule": "代理人須為同一單位人員。",
    "problem": "小型機關無同單位人員可代理。",
    "wording": "代理人得為同一機關人員。",
    "effect": "simpler",
    "contact_name": "吳成員",
    "statutes_text": "各機關職務代理應行注意事項第 4 點、公務人員任用法第28條",
    "co_proposers": "民雄國小、大林鎮公所",
}


def agency_key() -> int:
    return build.listed("民雄國中").pk


def test_a_draft_is_begun_saved_and_sent(cast: build.Cast) -> None:
    client = logged_in(cast.member_officer)
    assert client.get("/proposals/create/").status_code == 200
    answer = client.post("/proposals/create/", {**FILLED, "agency": agency_key(), "save": "1"})
    proposal = Proposal.objects.get()
    assert answer.headers["Location"] == proposal.get_absolute_url()
    assert (proposal.state, proposal.district.name, proposal.created_by) == ("draft", "北平原區", cast.member_officer)
    assert [joint.agency.short_name for joint in proposal.co_proposers.all()] == ["民雄國小", "大林鎮公所"]
    assert {str(statute) for statute in proposal.statutes.all()} == {"各機關職務代理應行注意事項", "公務人員任用法"}
    assert client.get(proposal.get_absolute_url()).status_code == 200
    assert client.get(f"{proposal.get_absolute_url()}edit/").status_code == 200
    client.post(f"{proposal.get_absolute_url()}edit/", {**FILLED, "agency": agency_key(), "send": "1"})
    proposal.refresh_from_db()
    assert (proposal.state, proposal.reference) == (ProposalState.SENT, "116-北平原區-1")
