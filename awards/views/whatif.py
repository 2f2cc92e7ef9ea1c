"""What-if: what a district would earn with more of something, beside what it earns today; nothing is saved."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from awards import outlook, words
from awards.compute import Result, compute
from awards.facts import Gathered
from awards.forms.whatif import WhatIfForm
from awards.outlook import Outlook, ProposerLine
from awards.policies import can_see_people
from awards.supposing import Supposition, suppose
from districts.models import District, Plan
from districts.standing import standing
from personnel_portal.accounts.requests import SignedInRequest
from personnel_portal.guards import guard
from personnel_portal.rules.commendations import Proposer


@dataclass(frozen=True, slots=True)
class Side:
    """One side of the comparison, today's or the supposed one."""

    label: str
    hosting: outlook.HostingLine
    proposer: str
    proposer_because: str


@guard(District, can_see_people)
def what_if(request: SignedInRequest, district: District) -> HttpResponse:
    """Compute a district's award with what the address supposes, by the functions that compute it today."""
    district.plan = Plan.objects.prefetch_related("readings").get(pk=district.plan_id)
    look = outlook.look(district.plan)
    people = _offered(request, look)
    asked = any(name in request.GET for name in WhatIfForm.base_fields)
    form = WhatIfForm(request.GET if asked else None, rules=look.rules, people=people)
    context: dict[str, Any] = {"district": district, "form": form}
    if form.is_valid():
        context["sides"] = _sides(district, look, form.supposition)
        context["with_proposer"] = bool(form.supposition.adopted)
    return render(request, "awards/what_if.html", context, status=422 if form.errors else 200)


def _offered(request: SignedInRequest, look: Outlook) -> list[ProposerLine]:
    """Return the proposers whom the person may choose: all to the office, to others those of their own agencies."""
    mine = standing(request.user)
    return [line for line in outlook.proposers(look) if mine.is_office or line.posting.agency_id in mine.works_for]


def _sides(district: District, look: Outlook, more: Supposition) -> tuple[Side, Side]:
    supposed = suppose(look.gathered, district, more)
    then = compute(look.plan, supposed, look.rules, [district.pk])
    return (
        _side("目前", district, look.result, look.gathered, more.proposer),
        _side("假設", district, then, supposed, more.proposer),
    )


def _side(label: str, district: District, result: Result, gathered: Gathered, proposer: Proposer) -> Side:
    line = outlook.hosting_line(district, result.hosting[district.pk], gathered.records[district.pk])
    found = next((c for c in result.proposals if c.proposer == proposer), None)
    return Side(
        label,
        line,
        words.granted(found.unit, found.times) if found and found.times else "",
        words.proposals_explained(found) if found else "",
    )
