"""Which training plan a page shows."""

from dataclasses import dataclass

from django.utils import timezone

from districts.choices import PlanKind
from districts.models import Plan
from personnel_portal.accounts.requests import SignedInRequest


@dataclass(frozen=True, slots=True)
class Choice:
    """A plan, among those that can be chosen, the newest first."""

    plan: Plan
    plans: tuple[Plan, ...]


def chosen(request: SignedInRequest) -> Choice | None:
    """Return the plan of `?plan=` or `?year=`, else the newest that has begun; none without plans."""
    plans = plans_of(request)
    asked = (request.GET.get("plan", ""), request.GET.get("year", ""))
    named = [plan for plan in plans if str(plan.pk) == asked[0]] or [
        plan for plan in plans if str(plan.year) == asked[1]
    ]
    begun = [plan for plan in plans if plan.starts <= timezone.localdate()]
    found = next(iter([*named, *begun, *plans]), None)
    return Choice(found, plans) if found else None


def plans_of(request: SignedInRequest) -> tuple[Plan, ...]:
    """Return the training plans that the person may see, the newest first."""
    plans = Plan.objects.visible_to(request.user).filter(kind=PlanKind.TRAINING)
    return tuple(plans.select_related("office", "training_rule", "needs_survey").order_by("-starts", "-pk"))
