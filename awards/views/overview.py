"""What a plan's facts earn today: each district with its reasons, the proposers, and the readings that are open."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from awards import outlook, readings
from awards.choices import HostPersonState
from awards.policies import can_name_people, can_see_overview, is_reviewer
from districts.models import District, Plan
from districts.standing import standing
from personnel_portal.accounts.requests import SignedInRequest
from personnel_portal.guards import guard


@dataclass(frozen=True, slots=True)
class Named:
    """How many people the host named, by how far the office's check is."""

    waiting: int = 0
    accepted: int = 0
    refused: int = 0


@guard(policy=can_see_overview)
def overview(request: SignedInRequest) -> HttpResponse:
    """Show what the districts and the proposers of a plan earn today; a host sees the districts that it hosts."""
    plans = Plan.objects.visible_to(request.user).liaison().prefetch_related("readings")
    plan = plans.of_year(request.GET.get("year", ""), timezone.localdate())
    context = {"plan": plan, "plans": plans, **(_computed(request, plan) if plan else {})}
    return render(request, "awards/overview.html", context)


def _computed(request: SignedInRequest, plan: Plan) -> dict[str, object]:
    mine = standing(request.user)
    look = outlook.look(plan)
    seen = [d for d in look.districts if mine.is_office or d.pk in mine.hosts]
    compared = outlook.compared(look) if look.rules.tiers or look.rules.reward else []
    return {
        "rows": [
            (line, _named(line.district), bool(can_name_people(request.user, line.district)))
            for line in outlook.hosting(look, seen)
        ],
        "compared": compared if mine.is_office else [_of(line, seen) for line in compared],
        "confirmed": readings.confirmed(plan),
        "proposers": outlook.proposers(look) if mine.is_office else [],
        "unknown": outlook.unknown(plan, look.gathered, look.rules.readings.joint) if mine.is_office else [],
        "reward": look.rules.reward,
        "may_name": bool(is_reviewer(request.user)),
    }


def _of(line: outlook.DifferenceLine, seen: list[District]) -> outlook.DifferenceLine:
    """Return what a reading changes for the districts that the person sees, and for nobody else."""
    names = {district.name for district in seen}
    changes = tuple(change for change in line.changes if change[0] in names)
    return outlook.DifferenceLine(line.difference, line.label, changes)


def _named(district: Any) -> Named:
    states = Counter(state for (state,) in district.named)
    return Named(
        *(states[state] for state in (HostPersonState.NAMED, HostPersonState.ACCEPTED, HostPersonState.REFUSED))
    )
