"""What the portal itself knows of an indicator's figures: the rows that a person may carry in, each with its page."""

import calendar
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from districts.choices import AgencyKind
from districts.models import Agency
from kpi.choices import MONTHS, Source, last_month
from kpi.facts import ROC
from kpi.models import Indicator
from meetings.choices import MeetingKind
from meetings.models import Meeting
from personnel_portal import roc
from training.meter import classes_held, shares


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the portal: how it is referred to, its name, its page, and what it adds to the figure.

    `base` is what it adds to the denominator of a ratio, none for other figures.
    """

    reference: str
    label: str
    url: str
    amount: Decimal
    base: Decimal | None = None


def known_rows(indicator: Indicator, agency: Agency, year: int, period: int) -> list[Row]:
    """Return what could be carried in for a period; nothing where the portal does not know."""
    find = KNOWN.get(Source(indicator.source))
    return find(agency, *days_of(indicator, year, period)) if find else []


def is_known(indicator: Indicator) -> bool:
    """Tell whether the portal itself knows figures of the indicator."""
    return Source(indicator.source) in KNOWN


def days_of(indicator: Indicator, year: int, period: int) -> tuple[date, date]:
    """Return the first and last day of a period of a (ROC) year."""
    last = last_month(indicator.frequency, period)
    first = last - MONTHS // indicator.periods + 1
    return date(year + ROC, first, 1), date(year + ROC, last, calendar.monthrange(year + ROC, last)[1])


def sessions(agency: Agency, first: date, last: date) -> list[Row]:
    """Return the meetings that were held: all for the office, for another agency those that it hosted."""
    whose = Q(plan__office=agency.office_id)
    if agency.kind != AgencyKind.OFFICE:
        whose &= Q(
            district__memberships__agency=agency,
            district__memberships__is_host=True,
            district__memberships__since__lte=F("starts_at__date"),
            district__memberships__until__gte=F("starts_at__date"),
        )
    held = Meeting.objects.filter(whose, starts_at__date__range=(first, last)).held().distinct()
    return [
        Row(f"meetings.meeting-{meeting.pk}", _named(meeting), meeting.get_absolute_url(), Decimal(1))
        for meeting in held.select_related("district").order_by("starts_at", "pk")
    ]


def _named(meeting: Meeting) -> str:
    day = roc.short(timezone.localdate(meeting.starts_at))
    return f"{day} {meeting.district.name}第 {meeting.number} 次{MeetingKind(meeting.kind).label}"


def learning_hours(agency: Agency, first: date, last: date) -> list[Row]:
    """Return who of how many meets what the year asks until the period's end: of the agency, to the office of all."""
    found = shares(agency, last)
    year = roc.year(last)
    return [
        Row(
            f"training.hours-{year}-{each.pk}",
            f"{each.short_name}：{year} 年度達成 {found[each.pk].met} 人／列計 {found[each.pk].people} 人",
            f"{reverse('training:agency_hours', args=[each.pk])}?year={year}",
            Decimal(found[each.pk].met),
            Decimal(found[each.pk].people),
        )
        for each in Agency.objects.filter(pk__in=found).order_by("kind", "pk")
    ]


def course_hours(agency: Agency, first: date, last: date) -> list[Row]:
    """Return the hours of the classes that began in the period: all for the office, for another agency its own."""
    return [
        Row(f"training.trainingclass-{held.pk}", f"{held} {held.hours:f} 小時", held.get_absolute_url(), held.hours)
        for held in classes_held(agency, first, last)
    ]


KNOWN: Mapping[Source, Callable[[Agency, date, date], list[Row]]] = {
    Source.SESSIONS: sessions,
    Source.LEARNING_HOURS: learning_hours,
    Source.COURSE_HOURS: course_hours,
}
