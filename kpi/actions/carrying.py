"""Figures that the portal knows itself, carried in with the rows that they were counted from."""

from collections.abc import Collection, Sequence
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction

from districts.models import Agency
from kpi.actions.actuals import Amounts, Entry, save_entries
from kpi.choices import Formula
from kpi.known import Row, known_rows
from kpi.models import Actual, Indicator
from personnel_portal.accounts.models import User


@transaction.atomic
def carry_in(
    *, indicator: Indicator, agency: Agency, year: int, period: int, references: Collection[str], by: User
) -> Actual:
    """Enter what the chosen rows amount to, and keep with the figure which they are.

    Raises:
        ValidationError: nothing is chosen, a row is not one of the period's any more, or nothing can be entered.
    """
    offered = {row.reference: row for row in known_rows(indicator, agency, year, period)}
    if not references:
        raise ValidationError("請至少勾選一筆資料。")
    if not offered.keys() >= set(references):
        raise ValidationError("可帶入的資料剛才有變更，請重新檢視後再勾選。")
    chosen = [row for row in offered.values() if row.reference in references]
    entry = Entry(indicator, period, _amounts(indicator, chosen))
    plan = indicator.goal.plan
    save_entries(plan=plan, year=year, agency=agency, entries=[entry], by=by)
    actual = Actual.objects.get(indicator=indicator, agency=agency, year=year, period=period)
    actual.carried = {"source": indicator.source, "rows": [_kept(row) for row in chosen]}
    actual.save(update_fields=["carried"])
    return actual


def _amounts(indicator: Indicator, rows: Sequence[Row]) -> Amounts:
    """Return what the rows amount to; of a ratio numerators and denominators are summed."""
    amount = sum((row.amount for row in rows), Decimal(0))
    if indicator.formula != Formula.RATIO:
        return Amounts(value=amount)
    return Amounts(numerator=amount, denominator=sum((row.base or Decimal(0) for row in rows), Decimal(0)))


def _kept(row: Row) -> dict[str, str]:
    return {"reference": row.reference, "label": row.label, "url": row.url, "amount": str(row.amount)}
