"""A pending decision is the office's own: no list, page, export, mail or history tells it to anybody else."""

from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from personnel_portal.outbox.models import Message
from personnel_portal.trail.models import Entry
from proposals.actions.decisions import decide_proposal, publish_decisions
from proposals.actions.items import return_item
from proposals.choices import Outcome, ProposalState
from proposals.models import Decision, Proposal
from tests import build
from tests.site import world as worlds
from tests.site.addresses import address
from tests.site.clients import logged_in
from tests.site.test_permissions import PLACES, ROWS

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

OPINION = "涉及跨機關權責劃分"
# Where its outcome would show, these words stand in no form or filter.
SECRETS = (OPINION, "陳審核 115/11/22", "尚未公布")
OUTSIDE = ["host_officer", "neighbour_host", "member_officer", "coached_officer", "stranger", "other_reviewer"]


def decide(proposal: Proposal, cast: build.Cast) -> Decision:
    return decide_proposal(proposal=proposal, outcome=Outcome.REFERRED, opinion=OPINION, by=cast.office_reviewer)


@pytest.mark.one_database("what a page may tell is decided by the gates below, which run on both")
def test_no_page_of_the_portal_tells_it() -> None:
    world = worlds.make()
    proposal = Proposal.objects.get(pk=str(world.objects["proposals/<int:pk>"]))
    build.proposal(state=ProposalState.MERGED, merged_into=proposal, agency=build.listed("溪口鄉公所"))
    decide(proposal, world.cast)
    apps = ("home", "proposals", "duties", "meetings")
    pages = [name for name, row in ROWS.items() if row.sort != "act" and name.partition(":")[0] in apps]
    telling = []
    for role in OUTSIDE:
        client = logged_in(getattr(world.cast, role))
        for name in pages:
            url = address(PLACES[name], world.objects)
            for asked in (url, f"{url}?export=csv&outcome=referred&decided=pending"):
                code, text = _fetch(client, asked)
                if code != 200:
                    break
                telling += [f"{role} {asked}: {secret}" for secret in SECRETS if secret in text]
    assert telling == []


def _fetch(client: Client, url: str) -> tuple[int, str]:
    with transaction.atomic():  # what a page writes on the way is taken back
        answer: Any = client.get(url)
        content = answer.getvalue() if answer.streaming else answer.content
        transaction.set_rollback(True)
    return answer.status_code, content.decode(errors="ignore")


def test_the_office_reads_it_where_others_do_not(cast: build.Cast) -> None:
    proposal = build.proposal(state=ProposalState.AT_OFFICE)
    decide(proposal, cast)
    assert OPINION in logged_in(cast.office_reader).get(proposal.get_absolute_url()).text
    assert "待公布" in logged_in(cast.office_reader).get("/proposals/decisions/").text
    for role in OUTSIDE[:4]:
        answer = logged_in(getattr(cast, role)).get(proposal.get_absolute_url())
        assert OPINION not in answer.text


def test_no_mail_and_no_history_tells_it(cast: build.Cast) -> None:
    proposal = build.proposal(state=ProposalState.AT_OFFICE)
    decide(proposal, cast)
    assert not Message.objects.exists()
    assert not Entry.objects.for_target(proposal).exists()
    return_item(item=proposal, reason="請補充現行規定", by=cast.office_reviewer)
    assert OPINION not in "".join(Message.objects.values_list("text", flat=True))


def test_gates_hand_pending_decisions_to_the_office_alone(cast: build.Cast) -> None:
    decision = decide(build.proposal(state=ProposalState.AT_OFFICE), cast)
    office = ["office_admin", "office_reviewer", "office_reader"]
    seen = [role for role in (*office, *OUTSIDE) if Decision.objects.visible_to(getattr(cast, role)).exists()]
    assert seen == office
    seen_stamps = {decision.proposal_id: decision.stamp}
    publish_decisions(plan=cast.plan, seen=seen_stamps, by=cast.office_reviewer)
    seen = [role for role in (*office, *OUTSIDE) if Decision.objects.visible_to(getattr(cast, role)).exists()]
    assert seen == [*office, *OUTSIDE[:4]]


def test_a_neighbour_cannot_tell_by_the_state_that_it_is_decided(cast: build.Cast) -> None:
    decided, undecided = (build.proposal(state=ProposalState.AT_OFFICE) for _ in range(2))
    decide(decided, cast)
    decided.refresh_from_db()
    assert decided.state == undecided.state
    pages = [logged_in(cast.host_officer).get(one.get_absolute_url()).text for one in (decided, undecided)]
    assert pages[0].count("研處") == pages[1].count("研處")
