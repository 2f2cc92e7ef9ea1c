"""What a plan's facts earn today: each district with its reasons, the proposers, and the readings that are open."""

from dataclasses import dataclass

from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from awards import outlook, readings
from awards.choices import HostPersonState
from awards.models import HostPerson
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
    plans = Plan.objects.visible_to(request.user).liaison()
    plan = plans.prefetch_related("readings").of_year(request.GET.get("year", ""), timezone.localdate())
    context = {"plan": plan, "plans": plans, **(_computed(request, plan) if plan else {})}
    return render(request, "awards/overview.html", context)


def _computed(request: SignedInRequest, plan: Plan) -> dict[str, object]:
    mine = standing(request.user)
    look = outlook.look(plan)
    seen = [d for d in look.districts if mine.is_office or d.pk in mine.hosts]
    named = _named(seen)
    compared = outlook.compared(look) if look.rules.tiers or look.rules.reward else []
    return {
        "rows": [
            (line, named.get(line.district.pk, Named()), bool(can_name_people(request.user, line.district)))
            for line in outlook.hosting(look, seen)
        ],
        "compared": compared if mine.is_office else [_of(line, seen) for line in compared],
        "confirmed": readings.confirmed(plan),
        "proposers": outlook.proposers(look) if mine.is_office else [],
        "unknown": outlook.unknown(look) if mine.is_office else [],
        "reward": look.rules.reward,
        "may_name": bool(is_reviewer(request.user)),
    }


def _of(line: outlook.DifferenceLine, seen: list[District]) -> outlook.DifferenceLine:
    """Return what a reading changes for the districts that the person sees, and for nobody else."""
    names = {district.name for district in seen}
    changes = tuple(change for change in line.changes if change[0] in names)
    return outlook.DifferenceLine(line.difference, line.label, changes)


def _named(districts: list[District]) -> dict[int, Named]:
    rows = HostPerson.objects.filter(district__in=districts).order_by().values("district")
    counts = rows.annotate(
        waiting=Count("pk", filter=Q(state=HostPersonState.NAMED)),
        accepted=Count("pk", filter=Q(state=HostPersonState.ACCEPTED)),
        refused=Count("pk", filter=Q(state=HostPersonState.REFUSED)),
    )
    return {row["district"]: Named(row["waiting"], row["accepted"], row["refused"]) for row in counts}
