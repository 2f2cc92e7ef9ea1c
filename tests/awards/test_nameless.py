"""Adopted proposals for which nobody is known to be rewarded: every page says so, and none leaves them out in silence."""

import pytest
from django.urls import reverse

from awards.actions import people, runs
from awards.models import Run
from districts.models import Posting, Reading
from proposals.models import CoProposer
from tests import build
from tests.awards import making
from tests.site.clients import logged_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]


def test_a_run_says_which_adopted_proposals_it_leaves_out(cast: build.Cast) -> None:
    proposal = making.adopted(by=cast.office_reviewer, contact_name="外人")
    reviewer = logged_in(cast.office_reviewer)
    asked = reviewer.get(reverse("awards:make_run", args=[cast.plan.pk])).text
    assert f"參採提案有 1 案查無提案人，指定獎勵人員前不列入：{proposal.reference} {proposal.subject}。" in asked

    run = runs.make_run(plan=cast.plan, by=cast.office_admin)
    for page in (run.get_absolute_url(), reverse("awards:approve", args=[run.pk])):
        assert "參採提案有 1 案查無提案人，未列入本次試算" in reviewer.get(page).text

    people.name_proposers(proposal=proposal, people=[cast.member_officer.person], by=cast.office_reviewer)
    again = runs.make_run(plan=cast.plan, by=cast.office_admin)
    assert Run.objects.get(pk=again.pk).nameless == 0
    assert "查無提案人" not in reviewer.get(reverse("awards:make_run", args=[cast.plan.pk])).text


@pytest.mark.parametrize(("joint", "told"), [("all", True), ("first", False)])
def test_a_joining_agency_without_an_officer_is_named_where_all_are_rewarded(
    cast: build.Cast, joint: str, told: bool
) -> None:
    proposal = making.adopted(by=cast.office_reviewer)
    CoProposer.objects.create(proposal=proposal, agency=build.listed("竹崎鄉公所"))
    Posting.objects.filter(agency=build.listed("竹崎鄉公所")).delete()
    reading = Reading.objects.get(plan=cast.plan, key="joint_proposal")
    reading.value = joint
    reading.save()
    page = logged_in(cast.office_reviewer).get(reverse("awards:overview"))
    assert [fact.pk for fact in page.context["unknown"]] == ([proposal.pk] if told else [])
    assert (f"{proposal.subject}（竹崎鄉公所）" in page.text) == told
