"""Reads on award rules, people, runs and lines; `visible_to` is the gate of every list, page and export."""

from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Q

from awards.choices import HostPersonState, RunState
from districts.querysets import OfPlanQuerySet
from districts.standing import standing

if TYPE_CHECKING:
    from awards.models import HostPerson, Line, Run  # noqa: F401  # ruff does not see the base classes
    from districts.models import Plan


class Rows(models.Subquery):
    """A queryset's rows as one JSON list: what hangs on a row comes with it, in the query of the row.

    The queryset has one column, `item`, such as `.values(item=JSONArray("person", "agency"))`.
    """

    output_field = models.JSONField()

    def as_postgresql(self, compiler: Any, connection: Any) -> Any:
        return self.as_sql(
            compiler, connection, "(SELECT COALESCE(JSONB_AGG(item), '[]') FROM (%(subquery)s) AS listed)"
        )

    def as_sqlite(self, compiler: Any, connection: Any) -> Any:
        return self.as_sql(compiler, connection, "(SELECT JSON_GROUP_ARRAY(JSON(item)) FROM (%(subquery)s))")


class TierQuerySet(OfPlanQuerySet):
    def get_by_natural_key(self, office: str, kind: str, year: int, body: str, clause: str) -> Any:
        return self.get(
            plan__office__code=office, plan__kind=kind, plan__year=year, plan__issuing_body=body, clause=clause
        )


class HostPersonQuerySet(models.QuerySet["HostPerson"]):
    def visible_to(self, user: Any) -> Self:
        """Return all to the office, to hosts those of their districts, to everybody their own."""
        mine = standing(user)
        named = self.filter(district__plan__office=mine.office_id)
        return named if mine.is_office else named.filter(Q(district__in=mine.hosts) | Q(person=mine.person_id))

    def accepted(self) -> Self:
        """Return those whom the office accepted: they are proposed, 主管 first as the clause names them."""
        return self.filter(state=HostPersonState.ACCEPTED).order_by("district", "-part", "pk")


class RunQuerySet(models.QuerySet["Run"]):
    def visible_to(self, user: Any) -> Self:
        """Return the runs to the office alone; others see their own lines of what was approved."""
        mine = standing(user)
        runs = self.filter(plan__office=mine.office_id) if mine.is_office else self.none()
        return runs.select_related("plan", "made_by", "approved_by")

    def of_plan(self, plan: "Plan") -> Self:
        return self.filter(plan=plan)


class LineQuerySet(models.QuerySet["Line"]):
    def visible_to(self, user: Any) -> Self:
        """Return all lines to the office; to others the approved ones of themselves and of their agencies."""
        mine = standing(user)
        lines = self.filter(run__plan__office=mine.office_id)
        if mine.is_office:
            return lines
        own = Q(person=mine.person_id) | Q(agency__in=mine.works_for)
        return lines.filter(own, run__state=RunState.APPROVED)

    def for_pages(self) -> Self:
        """Return the lines with all that a page shows of them beside their run."""
        return self.select_related("agency", "district", "replaces__run__plan", "replaced_by__run__plan")

    def on_roster(self) -> Self:
        """Return what the roster prints: neither dropped, nor replaced by a stronger line that was approved."""
        return self.filter(is_dropped=False).exclude(replaced_by__run__state=RunState.APPROVED)

    def approved(self) -> Self:
        return self.filter(run__state=RunState.APPROVED)
