"""Reads on plans, districts, agencies and people; `visible_to` is the gate of every list, page and export."""

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import F, Q

from districts.choices import AgencyKind, PlanKind
from districts.standing import standing
from personnel_portal.rules.folding import fold

if TYPE_CHECKING:
    from districts.models import (  # noqa: F401  # ruff does not see the base classes
        Agency,
        CalendarDay,
        Closure,
        CoachingTable,
        District,
        Membership,
        Office,
        Person,
        Plan,
        Posting,
    )


FOLLOW_UP = timedelta(days=183)


class OfOfficeQuerySet(models.QuerySet[Any]):
    """Rows of an office that everybody of its agencies may read."""

    def visible_to(self, user: Any) -> Self:
        return self.filter(office=standing(user).office_id)


class OfPlanQuerySet(models.QuerySet[Any]):
    """Rows of a plan that everybody of its office's agencies may read."""

    def visible_to(self, user: Any) -> Self:
        return self.filter(plan__office=standing(user).office_id)

    def of_plan(self, plan: "Plan") -> Self:
        return self.filter(plan=plan)


class NumberedQuerySet(OfPlanQuerySet):
    """Rows of a plan, each known by its place in it."""

    def get_by_natural_key(self, office: str, kind: str, year: int, body: str, order: int) -> Any:
        return self.get(
            plan__office__code=office, plan__kind=kind, plan__year=year, plan__issuing_body=body, order=order
        )


class OfficeQuerySet(models.QuerySet["Office"]):
    def get_by_natural_key(self, code: str) -> "Office":
        return self.get(code=code)

    def visible_to(self, user: Any) -> Self:
        return self.filter(pk=standing(user).office_id)


class PlanQuerySet(models.QuerySet["Plan"]):
    def get_by_natural_key(self, office: str, kind: str, year: int, issuing_body: str) -> "Plan":
        return self.get(office__code=office, kind=kind, year=year, issuing_body=issuing_body)

    def visible_to(self, user: Any) -> Self:
        return self.filter(office=standing(user).office_id)

    def liaison(self) -> Self:
        return self.filter(kind=PlanKind.LIAISON)

    def as_choices(self) -> Self:
        """Fetch what a field of a filter shows of an office's plans, the newest year first."""
        return self.only("kind", "year").order_by("kind", "-year", "pk")

    def running(self, day: date) -> Self:
        """Return the plans whose duties are still followed up: in force, or ended within the half year before."""
        return self.filter(starts__lte=day, ends__gte=day - FOLLOW_UP)

    def current(self, day: date) -> "Plan | None":
        """Return the plan in force on the day, else the one that began last before it, else the earliest."""
        begun = [plan for plan in self if plan.starts <= day]
        if begun:
            return max(begun, key=lambda plan: (plan.starts, plan.pk))
        return min(self, key=lambda plan: (plan.starts, plan.pk), default=None)

    def of_year(self, text: str, today: date) -> "Plan | None":
        """Return the plan of the (ROC) year that an address names; one that names no year means the current plan.

        An office has few plans: all are fetched, so that the page can offer their years without asking again.
        """
        if text.isdecimal() and len(text) < 4:
            return next((plan for plan in self if plan.year == int(text)), None)
        return self.current(today)


class DistrictQuerySet(models.QuerySet["District"]):
    def get_by_natural_key(self, office: str, kind: str, year: int, body: str, name: str) -> "District":
        return self.get(plan__office__code=office, plan__kind=kind, plan__year=year, plan__issuing_body=body, name=name)

    def visible_to(self, user: Any) -> Self:
        """Return the districts of the office, each with its plan and the plan's office, of which every policy asks."""
        return self.filter(plan__office=standing(user).office_id).select_related("plan__office")

    def as_choices(self) -> Self:
        """Fetch what a field of a filter shows of an office's districts, the newest year first."""
        shown = self.select_related(None).select_related("plan").only("name", "plan__year")
        return shown.order_by("-plan__year", "order", "pk")


class AgencyQuerySet(models.QuerySet["Agency"]):
    def get_by_natural_key(self, office: str, short_name: str) -> "Agency":
        return self.get(office__code=office, short_name=short_name)

    def visible_to(self, user: Any) -> Self:
        return self.filter(office=standing(user).office_id)

    def matching(self, text: str) -> Self:
        """Return the agencies one of whose names holds the text; 台 and 臺, full and half width are alike."""
        return self.filter(folded__contains=fold(text))

    def named(self, name: str) -> Self:
        """Return the agencies with exactly this listed, official, former or other name."""
        return self.filter(Q(folded__contains=f"|{fold(name)}|"))

    def members(self) -> Self:
        """Return all but the personnel office itself."""
        return self.exclude(kind=AgencyKind.OFFICE)


class MembershipQuerySet(models.QuerySet["Membership"]):
    def visible_to(self, user: Any) -> Self:
        return self.filter(plan__office=standing(user).office_id)

    def on(self, day: date) -> Self:
        return self.filter(since__lte=day, until__gte=day)

    def hosting(self, day: date) -> Self:
        """Return the host memberships of the day; the last host of an ended plan has half a year to finish its work."""
        finishing = Q(until=F("plan__ends"), plan__ends__gte=day - FOLLOW_UP)
        return self.filter(is_host=True, since__lte=day).filter(Q(until__gte=day) | finishing)


class PersonQuerySet(models.QuerySet["Person"]):
    def visible_to(self, user: Any) -> Self:
        """Return everybody of the office to its staff; to others the people of their own agencies."""
        mine = standing(user)
        people = self.filter(office=mine.office_id)
        return people if mine.is_office else people.filter(postings__agency__in=mine.reads_for).distinct()


class PostingQuerySet(models.QuerySet["Posting"]):
    def visible_to(self, user: Any) -> Self:
        """Return the postings of the office to its staff, to others those of their agencies; each with agency and person."""
        mine = standing(user)
        postings = self.filter(agency__office=mine.office_id).select_related("agency", "person")
        return postings if mine.is_office else postings.filter(agency__in=mine.reads_for)

    def on(self, day: date) -> Self:
        """Return the postings in effect on the day; an open end never ends."""
        return self.filter(Q(until__isnull=True) | Q(until__gte=day), since__lte=day)


class CoachingTableQuerySet(models.QuerySet["CoachingTable"]):
    def visible_to(self, user: Any) -> Self:
        return self.filter(district__plan__office=standing(user).office_id)

    def valid_on(self, day: date, district: "District") -> "CoachingTable | None":
        """Return the newest version of the latest month that is not after the day's month (肆、二、(一))."""
        return self.newest_first(day, district).first()

    def newest_first(self, day: date, district: "District") -> Self:
        """Return the tables up to the day's month; the first is the one that is valid on the day."""
        return self.filter(district=district, month__lte=day.replace(day=1)).order_by("-month", "-version")


class CalendarDayQuerySet(models.QuerySet["CalendarDay"]):
    def of_years(self, first: int, last: int) -> Self:
        return self.filter(day__gte=date(first, 1, 1), day__lte=date(last, 12, 31))


class ClosureQuerySet(models.QuerySet["Closure"]):
    def visible_to(self, user: Any) -> Self:
        return self.filter(office=standing(user).office_id)
