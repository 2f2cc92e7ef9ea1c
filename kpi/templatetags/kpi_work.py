"""How the progress of a work plan is shown."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import template

from kpi.choices import Pace
from kpi.models import Progress
from kpi.worktree import SectionProgress, Totals, entry_of, rate, spent_together
from personnel_portal.rules import pace

register = template.Library()
TONES = {Pace.ON_TIME: "wait", Pace.LATE: "late", Pace.DONE: "done"}


@register.filter
def percent(value: Decimal | None) -> str:
    """Return 75 or 12.5, without zeros that say nothing; — where nothing was entered."""
    return "—" if value in (None, "") or not isinstance(value, Decimal) else f"{value.normalize():f}"


@register.inclusion_tag("components/chip.html")
def pace_chip(row: Progress | None) -> dict[str, Any]:
    """Show how an item goes: as somebody decided, else as the figures say."""
    entry = entry_of(row) if row else None
    found = pace.pace(entry) if entry else None
    if found is None:
        return {"state": "none", "text": "未填"}
    known = Pace(found.value)
    return {"state": TONES[known], "text": known.label}


@register.filter
def thousands(value: Decimal | None) -> str:
    """Return an amount with its thousands set apart: 526,594; nothing where there is none."""
    return "" if value is None else f"{value:,f}"


@register.filter
def spent(sections: Sequence[SectionProgress]) -> Decimal | None:
    """Return what all sections spent."""
    return spent_together(sections)


@register.filter
def rate_of(sections: Sequence[SectionProgress], budget: Totals) -> Decimal | None:
    """Return the share of the budget that all sections spent, in per cent."""
    return rate(spent_together(sections), budget)
