"""Where a unit enters its figures: the grid of a year."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Exists, OuterRef, Q
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from districts.choices import AgencyKind, PlanKind
from districts.models import Agency, Plan
from districts.querysets import AgencyQuerySet
from districts.standing import standing
from kpi.actions import actuals as actions
from kpi.choices import ReportedBy
from kpi.compute import COUNTED, ENTERED, of_year
from kpi.facts import year_of, years_of
from kpi.forms.grid import EntryGrid
from kpi.models import Indicator
from kpi.policies import can_bring_actuals, can_work_for, is_somebody
from personnel_portal.accounts.models import User
from personnel_portal.accounts.requests import SignedInRequest
from personnel_portal.guards import guard


@dataclass(frozen=True, slots=True)
class Place:
    """Whose figures of which year of a plan a page is about; `url` leads to the grid.

    Attributes:
        agencies: those whose figures the person may look at: the plan's units and the office itself.
    """

    plan: Plan
    year: int
    agency: Agency
    is_own: bool
    agencies: Sequence[Agency]

    @property
    def year_label(self) -> str:
        return f"{self.year} 年度"

    @property
    def query(self) -> str:
        return f"agency={self.agency.pk}&year={self.year}"

    @property
    def url(self) -> str:
        return f"{reverse('kpi:entry', args=[self.plan.pk])}?{self.query}"


def place_of(request: SignedInRequest, plan: Plan, indicator: Indicator | None = None) -> Place:
    """Return the place that an address names; by default the person's own agency and the plan's year of today.

    Args:
        indicator: what the page is about, if it is one: the agency is one that reports it.

    Raises:
        Http404: the plan is no plan of targets, or has no such unit or year for the person.
    """
    if plan.kind != PlanKind.KPI:
        raise Http404
    mine = standing(request.user)
    agencies = _reporting(request.user, plan)
    agency = _agency(request.GET.get("agency", ""), request.user, agencies, indicator)
    if agency is None:
        raise Http404
    text = request.GET.get("year", "")
    year = int(text) if text.isdecimal() and len(text) < 4 else year_of(plan, timezone.localdate())
    if year not in years_of(plan):
        raise Http404
    return Place(plan, year, agency, agency.pk in mine.works_for, agencies)


def _seen(user: User) -> AgencyQuerySet:
    """Return the agencies whose figures the person may look at."""
    mine, agencies = standing(user), Agency.objects.visible_to(user)
    return agencies if mine.is_office else agencies.filter(pk__in=mine.reads_for)


def _reporting(user: User, plan: Plan) -> list[Agency]:
    """Return the plan's units (`is_unit`) and the office itself, as far as the person may look at them."""
    units = Exists(plan.units.filter(agency=OuterRef("pk")))
    agencies = _seen(user).annotate(is_unit=units).filter(Q(is_unit=True) | Q(kind=AgencyKind.OFFICE))
    return list(agencies.order_by("pk"))


def _agency(text: str, user: User, reporting: Sequence[Agency], indicator: Indicator | None) -> Agency | None:
    """Return the agency of that key which the person may look at; without one, its own, and for the office any unit."""
    if text:
        named = next((agency for agency in reporting if str(agency.pk) == text), None)
        return named or (_seen(user).filter(pk=text).first() if text.isdecimal() and len(text) < 10 else None)
    own = standing(user).reads_for
    units = sorted((agency for agency in reporting if agency.is_unit), key=lambda one: (one.pk not in own, one.kind))  # type: ignore[attr-defined]  # annotated
    if units and (units[0].pk in own or (indicator and indicator.reported_by == ReportedBy.UNITS)):
        return units[0]
    if indicator and indicator.reported_by == ReportedBy.UNITS:
        return None
    return next((agency for agency in reporting if agency.pk in own), None) or _seen(user).filter(pk__in=own).first()


@guard(policy=is_somebody)
def entries(request: SignedInRequest) -> HttpResponse:
    """Lead to the grid of the current plan of the person's own office."""
    plans = Plan.objects.visible_to(request.user).filter(kind=PlanKind.KPI)
    plan = plans.current(timezone.localdate())
    return redirect("kpi:entry", pk=plan.pk) if plan else redirect("kpi:targets")


@guard(Plan)
def entry(request: SignedInRequest, plan: Plan) -> HttpResponse:
    """Show a unit's grid; save it (`do=save`), fill a pasted block in (`do=paste`), or save and send it (`do=submit`)."""
    place = place_of(request, plan)
    grid = _grid(place)
    if request.method != "POST":
        return _page(request, place, grid)
    if not (verdict := can_work_for(request.user, place.agency)):
        raise PermissionDenied(verdict.reason)
    found = grid.read(request.POST.dict())
    if request.POST.get("do") == "paste":
        return _paste(request, place, grid)
    if grid.problems:
        return _page(request, place, grid, status=422)
    try:
        saved = actions.save_entries(plan=plan, year=place.year, agency=place.agency, entries=found, by=request.user)
    except actions.UnsavedError as refusal:
        grid.refuse(refusal.problems)
        return _page(request, place, grid, status=422)
    if request.POST.get("do") == "submit":
        _submit(request, place)
    else:
        told = f"已儲存 {saved} 格，尚未送出。" if saved else "內容沒有變更。"
        messages.success(request, told)
    return redirect(place.url)


def _submit(request: SignedInRequest, place: Place) -> None:
    try:
        sent = actions.submit_entries(plan=place.plan, year=place.year, agency=place.agency, by=request.user)
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
    else:
        messages.success(request, f"已送出 {sent} 筆實績，由人事處審核。")


def _paste(request: SignedInRequest, place: Place, grid: EntryGrid) -> HttpResponse:
    text = request.POST.get("block", "")
    try:
        filled = grid.paste(text)
    except ValidationError as refusal:
        return _page(request, place, grid, status=422, paste_problem=refusal.messages[0], pasted_text=text[:20_000])
    return _page(request, place, grid, pasted=filled)


def _grid(place: Place) -> EntryGrid:
    today = timezone.localdate()
    states = ENTERED if place.is_own else COUNTED
    figures = of_year(place.plan, place.year, today=today, agencies=[place.agency.pk], states=states)
    return EntryGrid(figures, place.agency, today, is_own=place.is_own)


def _page(request: SignedInRequest, place: Place, grid: EntryGrid, status: int = 200, **more: Any) -> HttpResponse:
    context = {
        "place": place,
        "plan": place.plan,
        "grid": grid,
        "years": years_of(place.plan),
        "agencies": place.agencies,
        "formats": ("xlsx", "ods"),
        "can_import": can_bring_actuals(request.user),
        "foreign": place.plan.issuing_body != standing(request.user).office_name,
        **more,
    }
    return render(request, "kpi/entry.html", context, status=status)
