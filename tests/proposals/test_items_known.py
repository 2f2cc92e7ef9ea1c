"""Whose business a case or a proposal is: pages ask the policy, lists the gate, and both answer alike for everybody."""

import pytest

from districts.models import Agency
from proposals.choices import CaseState, ProposalState
from proposals.facts import together
from proposals.models import CoProposer, Proposal
from proposals.models.items import Item
from proposals.policies import knows
from tests import build

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

# The proposer is `member`; `joint` joined; what `coached` proposed was merged into the lead,
# and each side sees the other.
KNOWN = """
item       office_admin office_reviewer office_reader host_officer neighbour_host member_officer coached_officer joint stranger other_reviewer
case_draft no           no              no            no           no             yes            no              no    no       no
case_sent  yes          yes             yes           yes          no             yes            no              no    no       no
draft      no           no              no            no           no             yes            no              no    no       no
lead       yes          yes             yes           yes          no             yes            yes             yes   no       no
merged     yes          yes             yes           yes          no             yes            yes             yes   no       no
published  yes          yes             yes           yes          no             yes            no              yes   no       no
"""


@pytest.mark.parametrize("line", KNOWN.strip().splitlines()[1:])
def test_whose_business_an_item_is(cast: build.Cast, line: str) -> None:
    joint = build.listed("溪口鄉公所")
    joined = build.officer(joint, username="joint")
    draft, lead, published = (
        build.proposal(state=where) for where in (ProposalState.DRAFT, ProposalState.COMPILED, ProposalState.PUBLISHED)
    )
    coached = Agency.objects.get(short_name="三興國小")
    made: dict[str, Item] = {
        "case_draft": build.case(),
        "case_sent": build.case(state=CaseState.SENT),
        "draft": draft,
        "lead": lead,
        "merged": build.proposal(state=ProposalState.MERGED, merged_into=lead, agency=coached),
        "published": published,
    }
    for proposal in (draft, lead, published):
        CoProposer.objects.create(proposal=proposal, agency=joint)
    name, *expected = line.split()
    item = made[name]
    people = {who: joined if who == "joint" else getattr(cast, who) for who in KNOWN.split("\n")[1].split()[1:]}
    told = {who: "yes" if knows(user, item) else "no" for who, user in people.items()}
    assert told == dict(zip(people, expected, strict=True))
    if isinstance(item, Proposal):
        listed = {who: Proposal.objects.worked_on_by(user).filter(pk=item.pk).exists() for who, user in people.items()}
        assert {who: "yes" if found else "no" for who, found in listed.items()} == told
        at_hand = together(item).agencies
        seen = [who for who, user in people.items() if Proposal.objects.visible_to(user).filter(pk=item.pk).exists()]
        assert [knows(people[who], item, at_hand) for who in seen] == [told[who] == "yes" for who in seen]
