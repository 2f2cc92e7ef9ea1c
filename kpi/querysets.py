"""Reads on targets, usage returns and work plans; `visible_to` is the gate of every list, page and export.

Plans, targets, catalogues and other bodies' work plans are open to everybody of the office's agencies; what an agency
enters is seen by the agency and the office.
"""

from datetime import date
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Q

from districts.querysets import OfOfficeQuerySet
from districts.standing import standing
from kpi.choices import Catalogued, EntryState, ReportState

if TYPE_CHECKING:
    from districts.models import Plan
    from kpi.models import Actual  # noqa: F401  # ruff does not see the base classes


class IndicatorQuerySet(models.QuerySet[Any]):
    def get_by_natural_key(self, office: str, kind: str, year: int, body: str, goal: int, order: int) -> Any:
        return self.get(
            goal__plan__office__code=office,
            goal__plan__kind=kind,
            goal__plan__year=year,
            goal__plan__issuing_body=body,
            goal__order=goal,
            order=order,
        )

    def visible_to(self, user: Any) -> Self:
        visible = self.filter(goal__plan__office=standing(user).office_id)
        return visible.select_related("goal__plan__office", "goal__plan__strategy")

    def of_plan(self, plan: "Plan") -> Self:
        return self.filter(goal__plan=plan).select_related("goal")


class _EnteredQuerySet(models.QuerySet[Any]):
    """Rows that an agency enters: its own people and the office see them."""

    OFFICE = "agency__office"
    AGENCY = "agency"

    def visible_to(self, user: Any) -> Self:
        mine = standing(user)
        rows = self.filter(**{self.OFFICE: mine.office_id})
        return rows if mine.is_office else rows.filter(**{f"{self.AGENCY}__in": mine.reads_for})


class ActualQuerySet(_EnteredQuerySet):
    """What was never sent is its agency's alone."""

    def visible_to(self, user: Any) -> Self:
        visible = super().visible_to(user).exclude(~Q(agency__in=standing(user).reads_for), state=EntryState.DRAFT)
        return visible.select_related("indicator__goal__plan", "agency")

    def counted(self) -> Self:
        """Return what has left its unit: drafts and returned figures do not count."""
        return self.filter(state__in=(EntryState.SUBMITTED, EntryState.APPROVED))


class ActualFileQuerySet(_EnteredQuerySet):
    """Files behind figures: those of a draft are its agency's alone."""

    OFFICE = "actual__agency__office"
    AGENCY = "actual__agency"

    def visible_to(self, user: Any) -> Self:
        mine = standing(user)
        return super().visible_to(user).exclude(~Q(actual__agency__in=mine.reads_for), actual__state=EntryState.DRAFT)


class CorrectionQuerySet(_EnteredQuerySet):
    pass


class ViolationQuerySet(_EnteredQuerySet):
    pass


class _UsageQuerySet(models.QuerySet[Any]):
    """Rows of usage returns: a draft that was never sent is its agency's alone."""

    REPORT = ""

    def visible_to(self, user: Any) -> Self:
        mine = standing(user)
        rows = self.filter(**{f"{self.REPORT}agency__office": mine.office_id})
        own = Q(**{f"{self.REPORT}agency__in": mine.reads_for})
        return (
            rows.filter(own | ~Q(**{f"{self.REPORT}state": ReportState.DRAFT})) if mine.is_office else rows.filter(own)
        )


class UsageReportQuerySet(_UsageQuerySet):
    def visible_to(self, user: Any) -> Self:
        return super().visible_to(user).select_related("agency", "plan", "reviewed_by")

    def filed(self) -> Self:
        """Return what lies with the office: drafts and what was returned do not count as filed."""
        return self.filter(state__in=(ReportState.SUBMITTED, ReportState.REVIEWED))


class UseFileQuerySet(_UsageQuerySet):
    REPORT = "use__report__"


class ServiceQuerySet(_UsageQuerySet):
    REPORT = "report__"


class ScoreQuerySet(_EnteredQuerySet):
    """Published scores: each agency sees its own."""


class SubItemQuerySet(OfOfficeQuerySet):
    def get_by_natural_key(self, office: str, order: int) -> Any:
        return self.get(office__code=office, order=order)


class SystemQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any) -> Self:
        """Return the catalogue; what is only proposed is seen by the office and the agency that proposes it."""
        mine = standing(user)
        systems = self.filter(sub_item__office=mine.office_id)
        return (
            systems
            if mine.is_office
            else systems.filter(Q(state=Catalogued.LISTED) | Q(proposed_by__in=mine.reads_for))
        )

    def in_use(self, day: date) -> Self:
        """Return the catalogue of a day."""
        listed = self.filter(state=Catalogued.LISTED)
        return listed.filter(
            Q(since__isnull=True) | Q(since__lte=day), Q(retired_on__isnull=True) | Q(retired_on__gt=day)
        )


class WorkPlanQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any) -> Self:
        """Return other bodies' plans to everybody, an agency's own to itself and the office."""
        mine = standing(user)
        plans = self.filter(plan__office=mine.office_id).select_related("plan", "agency")
        return plans if mine.is_office else plans.filter(Q(agency__isnull=True) | Q(agency__in=mine.reads_for))


class _OfWorkPlanQuerySet(models.QuerySet[Any]):
    PLAN = "plan"

    def visible_to(self, user: Any) -> Self:
        mine = standing(user)
        rows = self.filter(**{f"{self.PLAN}__office": mine.office_id})
        if mine.is_office:
            return rows
        owner = f"{self.PLAN}__work_plan__agency"
        return rows.filter(Q(**{f"{owner}__isnull": True}) | Q(**{f"{owner}__in": mine.reads_for}))


class WorkItemQuerySet(_OfWorkPlanQuerySet):
    def visible_to(self, user: Any) -> Self:
        return super().visible_to(user).select_related("plan__work_plan__agency")

    def of_plan(self, plan: "Plan") -> Self:
        return self.filter(plan=plan)

    def get_by_natural_key(self, office: str, kind: str, year: int, body: str, order: int) -> Any:
        return self.get(
            plan__office__code=office, plan__kind=kind, plan__year=year, plan__issuing_body=body, order=order
        )


class AmountQuerySet(_OfWorkPlanQuerySet):
    PLAN = "item__plan"

    def get_by_natural_key(self, office: str, kind: str, year: int, body: str, order: int, thousands: str) -> Any:
        return self.get(
            item__plan__office__code=office,
            item__plan__kind=kind,
            item__plan__year=year,
            item__plan__issuing_body=body,
            item__order=order,
            thousands=thousands,
        )


class ProgressQuerySet(_OfWorkPlanQuerySet):
    PLAN = "item__plan"


class DoingQuerySet(_OfWorkPlanQuerySet):
    PLAN = "item__plan"


class ProgressFileQuerySet(_OfWorkPlanQuerySet):
    PLAN = "progress__item__plan"


class DraftTreeQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any) -> Self:
        """Return what the person uploaded; nobody else goes on with it."""
        return self.filter(made_by=user).select_related("plan__work_plan__agency")


class FrozenReportQuerySet(_OfWorkPlanQuerySet):
    pass
