"""Which plan and which of its years a page about targets shows."""

from dataclasses import dataclass

from django.utils import timezone

from districts.choices import PlanKind
from districts.models import Plan
from districts.standing import standing
from kpi.facts import year_of, years_of
from personnel_portal.accounts.requests import SignedInRequest


@dataclass(frozen=True, slots=True)
class Choice:
    """A plan and a (ROC) year of it, among the plans that can be chosen."""

    plan: Plan
    year: int
    plans: tuple[Plan, ...]

    @property
    def years(self) -> range:
        return years_of(self.plan)

    @property
    def query(self) -> str:
        """What addresses of the same year end with."""
        return f"?year={self.year}"


def chosen(request: SignedInRequest) -> Choice | None:
    """Return the plan of `?plan=`, else the office's own in force, else the last that anybody issued; none without plans."""
    plans = tuple(plans_of(request))
    asked = request.GET.get("plan", "")
    plan = next((plan for plan in plans if str(plan.pk) == asked), None) or _first(plans)
    return Choice(plan, year_in(request, plan), plans) if plan else None


def plans_of(request: SignedInRequest) -> list[Plan]:
    """Return the plans of targets that the person may see, the newest first."""
    plans = Plan.objects.visible_to(request.user).filter(kind=PlanKind.KPI)
    return list(plans.select_related("office", "strategy").order_by("-starts", "-pk"))


def year_in(request: SignedInRequest, plan: Plan) -> int:
    """Return the year that the address or the form names, else the plan's that is nearest to today."""
    text = request.POST.get("year") or request.GET.get("year") or ""
    if text.isascii() and text.isdecimal() and len(text) < 4 and int(text) in years_of(plan):
        return int(text)
    return year_of(plan, timezone.localdate())


def seen_by(request: SignedInRequest) -> frozenset[int] | None:
    """Return the agencies whose figures the person may see; none for all of them."""
    mine = standing(request.user)
    return None if mine.is_office else mine.reads_for


def _first(plans: tuple[Plan, ...]) -> Plan | None:
    today = timezone.localdate()
    begun = [plan for plan in plans if plan.starts <= today]
    own = [plan for plan in begun if plan.issuing_body == plan.office.name]
    return next(iter([*own, *begun, *plans]), None)
