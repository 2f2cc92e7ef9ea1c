"""What a sheet is written from: columns and values."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.utils import timezone

from personnel_portal import roc
from personnel_portal.documents.characters import printable

Value = str | int | Decimal | date | datetime | None

# Beyond 15 digits spreadsheets round; such numbers are codes and are written as text.
_PRECISE = 10**15


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a sheet; `width` in half-widths, the unit of spreadsheets."""

    label: str
    width: int = 14


def as_columns(columns: Sequence[Column | str]) -> list[Column]:
    """Return columns, giving bare labels the width that shows them whole."""
    return [Column(column, max(10, 2 * len(column) + 2)) if isinstance(column, str) else column for column in columns]


def plain(value: Value) -> str | int | Decimal:
    """Return what is written: a number, or printable text. Dates become ROC text (113/6/30), as offices write them.

    Times are those of the portal's time zone.
    """
    match value:
        case str():  # the most of all cells
            return printable(value)
        case None:
            return ""
        case bool():
            return "是" if value else "否"
        case int():
            return value if abs(value) < _PRECISE else str(value)
        case Decimal():
            return value if value.is_finite() and abs(value) < _PRECISE else str(value)
        case datetime():
            local = timezone.localtime(value) if timezone.is_aware(value) else value
            return f"{roc.short(local.date())} {local:%H:%M}"
    return roc.short(value)
