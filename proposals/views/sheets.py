"""Cases and proposals by sheet or filled-in form: blank forms, upload, look through, import, take back what was refused."""

from collections.abc import Sequence
from typing import Any

from django.http.response import HttpResponseBase

from districts.choices import SheetKind
from districts.models import StagedSheet
from districts.standing import standing
from districts.views import staging
from districts.views.staging import Intake
from personnel_portal.accounts.models import User
from personnel_portal.accounts.requests import SignedInRequest
from personnel_portal.guards import guard
from proposals.actions.sheets import Value, import_items
from proposals.forms import blanks
from proposals.forms.columns import CONTENTS
from proposals.forms.lines import LAYOUTS
from proposals.forms.sheets import ItemSheetForm
from proposals.policies import can_hand_in


def _where_they_go(by: User, sheet: StagedSheet, values: Sequence[Value]) -> str:
    mine = standing(by).works_for
    own = sum(item.agency_id in mine for item, _ in values)
    parts = [
        f"{own} 件成為貴機關的草稿" if own else "",
        f"{len(values) - own} 件登錄為分區機關所送" if own < len(values) else "",
    ]
    return f"匯入後：{'，'.join(filter(None, parts))}。" if values and not sheet.imported_at else ""


def _intake(kind: SheetKind, **pages: str) -> Intake:
    def blank(request: Any, form: str) -> HttpResponseBase:
        return blanks.blank(CONTENTS[kind], form, user=request.user)

    return Intake(
        kind=kind,
        layout=LAYOUTS[kind],
        form=ItemSheetForm,
        take=import_items,
        pages={
            "sheet": "proposals:sheet",
            "take": "proposals:import_sheet",
            "refused": "proposals:refused_rows",
            **pages,
        },
        blanks=blanks.FORMATS,
        blank=blank,
        what_follows=_where_they_go,
        upload_template="proposals/sheet_upload.html",
    )


INTAKES = {
    SheetKind.CASES: _intake(SheetKind.CASES, list="proposals:cases", upload="proposals:import_cases"),
    SheetKind.PROPOSALS: _intake(SheetKind.PROPOSALS, list="proposals:list", upload="proposals:import_proposals"),
}


@guard(policy=can_hand_in)
def import_cases(request: SignedInRequest) -> HttpResponseBase:
    """Upload filled-in cases, or fetch a blank form (`?template=odt`)."""
    return staging.upload(request, INTAKES[SheetKind.CASES])


@guard(policy=can_hand_in)
def import_proposals(request: SignedInRequest) -> HttpResponseBase:
    """Upload filled-in proposals, or fetch a blank form (`?template=odt`)."""
    return staging.upload(request, INTAKES[SheetKind.PROPOSALS])


sheet, import_sheet, refused_rows = staging.views(INTAKES, can_hand_in)
