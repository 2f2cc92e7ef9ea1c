"""Figures that come in by sheet, thousands at once."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from districts.actions.sheets import StagedRow, claim_sheet
from districts.models import Agency, StagedSheet
from kpi.actions.actuals import COLUMNS, Entry, refusal
from kpi.choices import EntryState
from kpi.compute import ENTERED, of_year
from kpi.models import Actual
from personnel_portal.accounts.models import User
from personnel_portal.trail.actions import record

WRITTEN = [*COLUMNS, "note", "state", "reason", "carried", "entered_by", "entered_at", "submitted_at"]


@dataclass(frozen=True, slots=True)
class Reported:
    """A good line of a sheet: what is to be saved for whom, and whether it is sent at once since the office enters it."""

    agency: Agency
    year: int
    entry: Entry
    note: str
    is_sent: bool


@transaction.atomic
def import_actuals(
    *, sheet: StagedSheet, values: Sequence[Reported], refused: Sequence[StagedRow], by: User
) -> StagedSheet:
    """Take in the good lines of a sheet and keep the others to be handed back.

    What a person brings in for its own agency becomes a draft; what the office brings in for others is sent at once.

    Raises:
        ValidationError: the sheet was imported already, or a figure was sent or its month closed meanwhile.
    """
    claim_sheet(sheet=sheet, refused=refused, count=len(values))
    agencies = {value.agency.pk for value in values}
    list(Agency.objects.select_for_update(of=("self",)).filter(pk__in=agencies).order_by("pk"))
    by_year: dict[int, list[Reported]] = defaultdict(list)
    for value in values:
        by_year[value.year].append(value)
    rows = [row for year, found in by_year.items() for row in _rows(year, found, by)]
    Actual.objects.bulk_create(
        rows,
        batch_size=500,
        update_conflicts=True,
        unique_fields=["indicator", "agency", "year", "period"],
        update_fields=WRITTEN,
    )
    record("actual.imported", None, by=by, office_id=sheet.office_id, rows=len(values), file=sheet.name)
    return sheet


def _rows(year: int, values: Sequence[Reported], by: User) -> list[Actual]:
    plan = values[0].entry.indicator.goal.plan
    agencies = {value.agency.pk for value in values}
    today, now = timezone.localdate(), timezone.now()
    facts = of_year(plan, year, today=today, agencies=agencies, states=ENTERED).facts
    rows = []
    for value in values:
        entry = value.entry
        known = facts.actuals.get((entry.indicator.pk, value.agency.pk), {}).get(entry.period)
        if reason := refusal(facts, value.agency, entry, known, today):
            raise ValidationError(f"{value.agency.short_name} {entry.indicator.code}：{reason}請重新檢視後再匯入。")
        is_returned = known is not None and known.state == EntryState.RETURNED and not value.is_sent
        rows.append(
            Actual(
                indicator=entry.indicator,
                agency=value.agency,
                year=year,
                period=entry.period,
                note=value.note,
                state=EntryState.SUBMITTED
                if value.is_sent
                else EntryState.RETURNED
                if is_returned
                else EntryState.DRAFT,
                reason=known.reason if known and is_returned else "",
                submitted_at=now if value.is_sent else None,
                entered_by=by,
                entered_at=now,
                **{column: getattr(entry.amounts, column) for column in COLUMNS},
            )
        )
    return rows
