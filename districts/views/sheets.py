"""Importing agencies and people by sheet."""

from collections.abc import Sequence

from django.http.response import HttpResponseBase

from districts.actions import sheets as actions
from districts.choices import SheetKind
from districts.forms import agencies, people_sheet
from districts.forms.sheets import PeopleSheetForm, SheetForm
from districts.models import Posting, StagedSheet
from districts.policies import is_admin
from districts.views import staging
from districts.views.staging import Intake
from personnel_portal.accounts.models import User
from personnel_portal.accounts.requests import SignedInRequest
from personnel_portal.documents.sheets import FORMATS
from personnel_portal.guards import guard

_PAGES = {"sheet": "districts:sheet", "take": "districts:import_sheet", "refused": "districts:refused_rows"}
_BLANKS = {form: FORMATS[form][0] for form in ("ods", "xlsx", "csv")}


def _invitations(by: User, sheet: StagedSheet, values: Sequence[tuple[Posting, str]]) -> str:
    logins = sum(bool(username) for _, username in values)
    return f"將建立 {logins} 個帳號並寄送邀請信。" if sheet.options.get("invite") else ""


INTAKES = {
    SheetKind.AGENCIES: Intake(
        kind=SheetKind.AGENCIES,
        layout=agencies.LAYOUT,
        form=SheetForm,
        take=actions.import_agencies,
        pages={**_PAGES, "list": "districts:agencies", "upload": "districts:import_agencies"},
        blanks=_BLANKS,
        blank=staging.blank_of(SheetKind.AGENCIES, agencies.LAYOUT),
    ),
    SheetKind.PEOPLE: Intake(
        kind=SheetKind.PEOPLE,
        layout=people_sheet.LAYOUT,
        form=PeopleSheetForm,
        take=actions.import_people,
        pages={**_PAGES, "list": "districts:people", "upload": "districts:import_people"},
        blanks=_BLANKS,
        blank=staging.blank_of(SheetKind.PEOPLE, people_sheet.LAYOUT),
        what_follows=_invitations,
    ),
}


@guard(policy=is_admin)
def import_agencies(request: SignedInRequest) -> HttpResponseBase:
    """Upload a sheet of agencies, or fetch its template (`?template=ods`)."""
    return staging.upload(request, INTAKES[SheetKind.AGENCIES])


@guard(policy=is_admin)
def import_people(request: SignedInRequest) -> HttpResponseBase:
    """Upload a sheet of people, or fetch its template (`?template=ods`)."""
    return staging.upload(request, INTAKES[SheetKind.PEOPLE])


sheet, import_sheet, refused_rows = staging.views(INTAKES, is_admin)
