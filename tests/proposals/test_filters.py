"""What the filters of the lists find and offer."""

from typing import Any

import pytest
from django.test import RequestFactory

from districts.models import Membership, Plan
from proposals import filters
from proposals.choices import ProposalState
from proposals.models import FollowUp, Package, Proposal
from tests import build

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def narrowed(filterset: Any, user: Any, **query: str) -> list[str]:
    request: Any = RequestFactory().get("/", query)
    request.user = user
    found = filterset(query, queryset=Proposal.objects.visible_to(user), request=request)
    assert found.is_valid()
    return sorted(found.qs.values_list("subject", flat=True))


@pytest.mark.parametrize("filterset", [filters.ProposalFilter, filters.DecisionFilter])
def test_search_finds_what_holds_every_word(cast: build.Cast, filterset: Any) -> None:
    build.proposal(state=ProposalState.AT_OFFICE, subject="加班費核發", problem="台北派駐人員")
    build.proposal(state=ProposalState.AT_OFFICE, subject="加班時數", problem="彈性")
    assert narrowed(filterset, cast.office_reviewer, q="臺北　加班") == ["加班費核發"]
    assert narrowed(filterset, cast.office_reviewer, q="加班") == ["加班時數", "加班費核發"]
    assert narrowed(filterset, cast.office_reviewer, q="臺北 彈性") == []


def test_own_proposals_hold_the_lead_into_which_one_was_merged(cast: build.Cast) -> None:
    other = build.listed("大埔國中小")
    lead = build.proposal(state=ProposalState.COMPILED, subject="主提案", agency=other)
    build.proposal(state=ProposalState.MERGED, subject="併入的", merged_into=lead)
    build.proposal(state=ProposalState.PUBLISHED, subject="別人的", agency=other)
    assert narrowed(filters.ProposalFilter, cast.member_officer, mine="1") == ["主提案", "併入的"]


@pytest.mark.parametrize(
    ("filterset", "model"),
    [(filters.ProposalFilter, Proposal), (filters.FollowUpFilter, FollowUp), (filters.PackageFilter, Package)],
)
def test_districts_of_several_plans_are_told_apart_by_year(cast: build.Cast, filterset: Any, model: Any) -> None:
    request: Any = RequestFactory().get("/")
    request.user = cast.office_reviewer
    offered = filterset({}, queryset=model.objects.all(), request=request).form.fields["district"].choices
    assert "116 北平原區" in [label for _, label in offered]


@pytest.mark.parametrize(
    ("filterset", "model"), [(filters.MissingFilter, Membership), (filters.DecisionFilter, Proposal)]
)
def test_years_are_offered_below_the_current_plan(cast: build.Cast, filterset: Any, model: Any) -> None:
    request: Any = RequestFactory().get("/")
    request.user = cast.office_reviewer
    plans = Plan.objects.visible_to(cast.office_reviewer).liaison()
    form = filterset({}, queryset=model.objects.none(), request=request, plans=plans).form
    assert list(form.fields["year"].choices) == [("", "現行年度"), ("116", "116年度"), ("113", "113年度")]
