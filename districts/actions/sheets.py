"""Sheets of agencies and people: staged as typed, imported once, what was refused kept to be handed back."""

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
    *, office: Office, kind: SheetKind, name: str, rows: Sequence[StagedRow], invite: bool, by: User
) -> StagedSheet:
    """Keep the rows of a sheet until they are imported; sheets that nobody went on with are removed on the way."""
    StagedSheet.objects.expired(timezone.now()).delete()
    return StagedSheet.objects.create(
        office=office, kind=kind, name=name[:120], rows=list(rows), invite=invite, made_by=by
    )


@transaction.atomic
def import_agencies(
    *, sheet: StagedSheet, agencies: Sequence[tuple[Agency, Sequence[str]]], refused: Sequence[StagedRow], by: User
) -> StagedSheet:
    """Enter the good rows of a sheet, and keep the others to be handed back.

    Raises:
        ValidationError: the sheet was imported already.
    """
    _claim(sheet, refused, len(agencies))
    add_agencies(agencies=agencies, by=by)
    return sheet


@transaction.atomic
def import_people(
    *, sheet: StagedSheet, people: Sequence[tuple[Posting, str]], refused: Sequence[StagedRow], by: User
) -> StagedSheet:
    """Enter the good rows of a sheet, each with the user name of a login to make ('' for none), and keep the others.

    Raises:
        PermissionDenied: an access is not theirs to give.
        ValidationError: the sheet was imported already.
    """
    _claim(sheet, refused, len(people))
    add_people(people=[posting for posting, _ in people], by=by)
    for posting, username in people:
        if username:
            give_login(person=posting.person, username=username, by=by)
    return sheet


def _claim(sheet: StagedSheet, refused: Sequence[StagedRow], count: int) -> None:
    """Mark the sheet as imported; conditional, so that a second click imports nothing twice."""
    left: dict[str, Any] = {"imported_at": timezone.now(), "imported": count, "rows": list(refused)}
    if not StagedSheet.objects.filter(pk=sheet.pk, imported_at=None).update(**left):
        raise ValidationError("這份檔案已經匯入，不會重複匯入。")
    sheet.refresh_from_db()
