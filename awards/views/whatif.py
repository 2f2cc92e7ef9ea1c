"""What-if: what a district would earn with more of something, beside what it earns today; nothing is saved."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import prefetch_related_objects
from django.http import HttpResponse
from django.shortcuts import render

from awards import outlook, words
from awards.compute import Result, compute, differences
from awards.facts import Gathered
from awards.forms.whatif import WhatIfForm
from awards.outlook import Outlook, ProposerLine
from awards.policies import can_see_people
from awards.supposing import Supposition, suppose
from districts.models import District
from districts.standing import standing
from personnel_portal.accounts.requests import SignedInRequest
from personnel_portal.guards import guard
from personnel_portal.rules.commendations import ProposalCommendation, Proposer


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
    prefetch_related_objects([district.plan], "readings")
    look = outlook.look(district.plan)
    people = _offered(request, look)
    asked = any(name in request.GET for name in WhatIfForm.base_fields)
    form = WhatIfForm(request.GET if asked else None, rules=look.rules, people=people)
    context: dict[str, Any] = {"district": district, "form": form}
    if form.is_valid():
        context["sides"] = _sides(district, look, form.supposition)
        context["otherwise"] = _otherwise(district, look, form.supposition)
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


def _otherwise(district: District, look: Outlook, more: Supposition) -> list[tuple[str, str]]:
    """Return what other values of the readings that the office has not confirmed would make of the supposition."""
    supposed = suppose(look.gathered, district, more)
    now = _earned(compute(look.plan, supposed, look.rules, []).proposals, more.proposer)
    told = []
    for difference in differences(look.plan, supposed, look.rules, [district]):
        reading = difference.alternative.words
        if district.pk in difference.hosting:
            told.append((reading, outlook.granted(difference.hosting[district.pk]) or "未達獎勵條件"))
        then = _earned(difference.proposals, more.proposer)
        if more.adopted and difference.proposals and then != now:
            told.append((reading, f"提案人 {then or '無'}"))
    return told


def _earned(found: Iterable[ProposalCommendation], proposer: Proposer) -> str:
    return next((words.granted(c.unit, c.times) for c in found if c.proposer == proposer and c.times), "")


def _side(label: str, district: District, result: Result, gathered: Gathered, proposer: Proposer) -> Side:
    line = outlook.hosting_line(district, result.hosting[district.pk], gathered.records[district.pk])
    found = next((c for c in result.proposals if c.proposer == proposer), None)
    return Side(
        label,
        line,
        _earned(result.proposals, proposer),
        words.proposals_explained(found) if found else "",
    )
