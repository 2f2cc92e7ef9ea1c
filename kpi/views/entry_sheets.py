"""Figures by sheet: the export of what is entered, and the way of a filled-in sheet back in."""

from django.http import Http404
from django.http.response import HttpResponseBase

from districts.choices import SheetKind
from districts.models import Plan
from districts.views import staging
from districts.views.staging import Intake
from kpi.actions.actual_sheets import import_actuals
from kpi.forms.actual_sheet import LAYOUT, ActualSheetForm, line
from kpi.models import Actual
from kpi.policies import can_bring_actuals
from kpi.views.entry import place_of
from personnel_portal.accounts.requests import SignedInRequest
from personnel_portal.documents import sheets
from personnel_portal.documents.sheets import FORMATS
from personnel_portal.guards import guard
from personnel_portal.trail.actions import record

INTAKE = Intake(
    kind=SheetKind.ACTUALS,
    layout=LAYOUT,
    form=ActualSheetForm,
    take=import_actuals,
    pages={
        "list": "kpi:entries",
        "upload": "kpi:import_actuals",
        "sheet": "kpi:actual_sheet",
        "take": "kpi:take_actuals",
        "refused": "kpi:refused_actuals",
    },
    blanks={form: FORMATS[form][0] for form in ("ods", "xlsx")},
    blank=staging.blank_of(SheetKind.ACTUALS, LAYOUT),
)


@guard(policy=can_bring_actuals)
def upload(request: SignedInRequest) -> HttpResponseBase:
    """Upload a sheet of figures, or fetch its template (`?template=ods`)."""
    return staging.upload(request, INTAKE)


sheet, take, refused = staging.views({SheetKind.ACTUALS: INTAKE}, can_bring_actuals)


@guard(Plan)
def export(request: SignedInRequest, plan: Plan, form: str) -> HttpResponseBase:
    """Hand out the figures of a unit's year (`?agency=`, `?year=`) in the columns of the import; of all units with `?all`."""
    if form not in FORMATS:
        raise Http404
    place = place_of(request, plan)
    rows = Actual.objects.visible_to(request.user).filter(indicator__goal__plan=plan, year=place.year)
    if "all" not in request.GET:
        rows = rows.filter(agency=place.agency)
    rows = rows.select_related("indicator__goal", "agency").order_by(
        "agency", "indicator__goal__order", "indicator__order", "period"
    )
    whose = "" if "all" in request.GET else place.agency.short_name
    record("list.exported", plan, by=request.user, office_id=plan.office_id, list="績效實績", form=form)
    return sheets.response(form, f"{whose}{place.year}年度績效實績", LAYOUT.labels, map(line, rows))
