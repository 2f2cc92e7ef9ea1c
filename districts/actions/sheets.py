"""Sheets: staged as typed, imported once, what was refused kept to be handed back; and those of agencies and people."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from districts.actions.agencies import add_agencies
from districts.actions.people import add_people, give_login
from districts.choices import SheetKind
from districts.models import Agency, Office, Posting, StagedSheet
from personnel_portal.accounts.models import User

# A staged row: its line in the file, its cells by field, and why it was refused.
StagedRow = tuple[int, Mapping[str, str], Sequence[str]]


@transaction.atomic
def stage_sheet(
    *, office: Office, kind: SheetKind, name: str, rows: Sequence[StagedRow], options: Mapping[str, Any], by: User
) -> StagedSheet:
    """Keep the rows of a sheet until they are imported; sheets that nobody went on with are removed on the way.

    Args:
        options: what else was chosen when it was uploaded, as JSON carries it.
    """
    StagedSheet.objects.expired(timezone.now()).delete()
    return StagedSheet.objects.create(
        office=office, kind=kind, name=name[:120], rows=list(rows), options=dict(options), made_by=by
    )


@transaction.atomic
def import_agencies(
    *, sheet: StagedSheet, values: Sequence[tuple[Agency, Sequence[str]]], refused: Sequence[StagedRow], by: User
) -> StagedSheet:
    """Enter the good rows of a sheet, and keep the others to be handed back.

    Raises:
        ValidationError: the sheet was imported already.
    """
    claim_sheet(sheet=sheet, refused=refused, count=len(values))
    add_agencies(agencies=values, by=by)
    return sheet


@transaction.atomic
def import_people(
    *, sheet: StagedSheet, values: Sequence[tuple[Posting, str]], refused: Sequence[StagedRow], by: User
) -> StagedSheet:
    """Enter the good rows of a sheet, each with the user name of a login to make ('' for none), and keep the others.

    Raises:
        PermissionDenied: an access is not theirs to give.
        ValidationError: the sheet was imported already.
    """
    claim_sheet(sheet=sheet, refused=refused, count=len(values))
    add_people(people=[posting for posting, _ in values], by=by)
    for posting, username in values:
        if username:
            give_login(person=posting.person, username=username, by=by)
    return sheet


def claim_sheet(*, sheet: StagedSheet, refused: Sequence[StagedRow], count: int) -> None:
    """Mark the sheet as imported; conditional, so that a second click imports nothing twice.

    Raises:
        ValidationError: it was imported already.
    """
    left: dict[str, Any] = {"imported_at": timezone.now(), "imported": count, "rows": list(refused)}
    if not StagedSheet.objects.filter(pk=sheet.pk, imported_at=None).update(**left):
        raise ValidationError("這份檔案已經匯入，不會重複匯入。")
    sheet.refresh_from_db()
