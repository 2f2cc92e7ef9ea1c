"""My commendations: what was approved for me and my agencies, what I may expect today, and why a line is not there."""

from collections.abc import Iterable

from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from awards import outlook, reasons
from awards.choices import RunState
from awards.models import Line
from awards.policies import is_somebody
from districts.models import Plan
from districts.standing import standing
from personnel_portal.accounts.requests import SignedInRequest
from personnel_portal.guards import guard


@guard(policy=is_somebody)
def mine(request: SignedInRequest) -> HttpResponse:
    """Show the approved lines of the person and the agencies worked for, and today's outlook with its reasons."""
    plans = Plan.objects.visible_to(request.user).liaison().prefetch_related("readings")
    plan = plans.of_year(request.GET.get("year", ""), timezone.localdate())
    context: dict[str, object] = {"plan": plan, "plans": plans}
    if plan:
        look = outlook.look(plan)
        held = reasons.held_of(look)
        context |= {
            "lines": _lines(request, plan),
            "hosting": reasons.of_hosting(look, request.user, held),
            "proposals": reasons.of_proposals(look, request.user, held),
            "hosts": [district for district in look.districts if district.pk in standing(request.user).hosts],
        }
    return render(request, "awards/mine.html", context)


def _lines(request: SignedInRequest, plan: Plan) -> list[Line]:
    whose = standing(request.user)
    found = Line.objects.visible_to(request.user).filter(
        Q(person=whose.person_id) | Q(agency__in=whose.works_for), run__plan=plan, run__state=RunState.APPROVED
    )
    rows = found.select_related("run", "agency", "replaces__run__plan", "replaced_by__run__plan")
    return _without_repeats(rows.order_by("-run__number", "kind", "pk"))


def _without_repeats(rows: Iterable[Line]) -> list[Line]:
    """Return the lines but for those that a later run dropped because an approved one rewards the same with no less."""
    lines = list(rows)
    held: dict[tuple[int, str], int] = {}
    for line in lines:
        for matter in line.matters if line.is_on_roster else ():
            held[line.person_id, matter] = max(line.points, held.get((line.person_id, matter), 0))
    return [
        line
        for line in lines
        if line.is_on_roster
        or not line.is_dropped
        or not all(held.get((line.person_id, matter), 0) >= line.points for matter in line.matters)
    ]
