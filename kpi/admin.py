"""Targets, usage returns and work plans in the administration."""

from typing import Any

from django.contrib import admin
from import_export.admin import ExportMixin, ImportExportModelAdmin

from kpi.forms.indicators import TargetFormSet
from kpi.models import (
    Actual,
    Amount,
    Correction,
    DeductionKind,
    Doing,
    FrozenReport,
    Goal,
    Indicator,
    PeriodLock,
    Progress,
    Score,
    ScoreList,
    Strategy,
    SubItem,
    Subsystem,
    System,
    Target,
    Unit,
    UsageBand,
    UsageReport,
    UsageRule,
    UsageTraining,
    Use,
    Violation,
    WorkItem,
    WorkPlan,
)
from personnel_portal.exchange import ReadOnly, Traced

# --- Targets ---------------------------------------------------------------------------------------------------------


@admin.register(Strategy)
class StrategyAdmin(Traced, ImportExportModelAdmin):
    list_display = ["plan", "yellow_from"]
    list_select_related = ["plan"]
    search_fields = ["plan__title", "mission", "vision", "priorities"]


@admin.register(Unit)
class UnitAdmin(Traced, ImportExportModelAdmin):
    list_display = ["agency", "plan", "order"]
    list_filter = ["plan"]
    list_select_related = ["agency", "plan"]
    search_fields = ["agency__short_name", "agency__official_name"]


@admin.register(Goal)
class GoalAdmin(Traced, ImportExportModelAdmin):
    list_display = ["name", "mark", "order", "plan"]
    list_filter = ["plan"]
    list_select_related = ["plan"]
    search_fields = ["name"]


class TargetInline(admin.TabularInline[Target, Indicator]):
    model = Target
    formset = TargetFormSet
    extra = 1
    raw_id_fields = ["agency"]


class DeductionKindInline(admin.TabularInline[DeductionKind, Indicator]):
    model = DeductionKind
    extra = 0


@admin.register(Indicator)
class IndicatorAdmin(Traced, ImportExportModelAdmin):
    inlines = [TargetInline, DeductionKindInline]
    list_display = ["code", "name", "comparator", "formula", "frequency", "reported_by", "goal"]
    list_display_links = ["name"]
    list_filter = ["goal__plan", "comparator", "formula", "frequency", "reported_by"]
    list_select_related = ["goal"]
    search_fields = ["name", "standard", "note"]


@admin.register(Target)
class TargetAdmin(Traced, ImportExportModelAdmin):
    list_display = ["indicator", "year", "agency", "value", "upper", "note"]
    list_filter = ["indicator__goal__plan", "year"]
    list_select_related = ["indicator__goal", "agency"]
    raw_id_fields = ["agency"]
    search_fields = ["indicator__name", "agency__short_name"]


class _TargetsShown(ReadOnly, ExportMixin, admin.ModelAdmin[Any]):
    """What units report and the office decides on the portal's own pages: to look up and to export."""


@admin.register(Actual)
class ActualAdmin(_TargetsShown):
    list_display = ["indicator", "agency", "year", "period", "value", "numerator", "denominator", "state"]
    list_filter = ["state", "year", "indicator__goal__plan"]
    list_select_related = ["indicator__goal", "agency"]
    search_fields = ["agency__short_name", "indicator__name", "note"]


@admin.register(Violation)
class ViolationAdmin(_TargetsShown):
    list_display = ["day", "agency", "office_unit", "kind", "entered_by"]
    list_filter = ["kind", "day"]
    list_select_related = ["agency", "kind", "entered_by"]
    search_fields = ["agency__short_name", "office_unit", "note"]


@admin.register(PeriodLock)
class PeriodLockAdmin(_TargetsShown):
    list_display = ["plan", "year", "month", "locked_by", "locked_at"]
    list_filter = ["plan"]
    list_select_related = ["plan", "locked_by"]
    search_fields = ["plan__title"]


@admin.register(Correction)
class CorrectionAdmin(_TargetsShown):
    list_display = ["indicator", "agency", "year", "due_on", "done_on", "entered_by"]
    list_filter = ["year", "indicator__goal__plan"]
    list_select_related = ["indicator__goal", "agency", "entered_by"]
    search_fields = ["agency__short_name", "cause", "measure"]


# --- Usage returns ---------------------------------------------------------------------------------------------------


@admin.register(SubItem)
class SubItemAdmin(Traced, ImportExportModelAdmin):
    list_display = ["name", "clause", "order", "office"]
    list_filter = ["office"]
    list_select_related = ["office"]
    search_fields = ["name"]


@admin.register(System)
class SystemAdmin(Traced, ImportExportModelAdmin):
    list_display = ["code", "name", "sub_item", "category", "builder", "state", "retired_on"]
    list_display_links = ["name"]
    list_filter = ["state", "sub_item", "builder"]
    list_select_related = ["sub_item"]
    search_fields = ["code", "name", "builder"]


@admin.register(Subsystem)
class SubsystemAdmin(Traced, ImportExportModelAdmin):
    list_display = ["name", "order", "retired_on", "office"]
    list_filter = ["office"]
    list_select_related = ["office"]
    search_fields = ["name"]


@admin.register(UsageTraining)
class UsageTrainingAdmin(Traced, ImportExportModelAdmin):
    list_display = ["title", "day", "attendees", "plan"]
    list_filter = ["plan"]
    list_select_related = ["plan"]
    search_fields = ["title"]


class _UsageShown(ReadOnly, ExportMixin, admin.ModelAdmin[Any]):
    """Rows to look up and to export."""


@admin.register(UsageRule)
class UsageRuleAdmin(_UsageShown):
    """The portal's own page changes the rule with all its bands at once, so that no table stands half changed."""

    list_display = ["plan", "base", "use_part", "service_part", "tools_weight", "subsystems_weight", "trainings"]
    list_select_related = ["plan"]
    search_fields = ["plan__title"]


@admin.register(UsageBand)
class UsageBandAdmin(_UsageShown):
    list_display = ["plan", "counts", "mark", "low", "high", "share"]
    list_filter = ["plan", "counts"]
    list_select_related = ["plan"]
    search_fields = ["mark", "plan__title"]


@admin.register(UsageReport)
class UsageReportAdmin(_UsageShown):
    list_display = ["agency", "plan", "round", "state", "is_scored", "letter_number", "submitted_at"]
    list_filter = ["state", "round", "plan"]
    list_select_related = ["agency", "plan"]
    search_fields = ["agency__short_name", "letter_number"]


@admin.register(Use)
class UseAdmin(_UsageShown):
    list_display = ["report", "system", "subsystem", "grant", "reason"]
    list_filter = ["grant", "report__plan"]
    list_select_related = ["report__agency", "report__plan", "system", "subsystem"]
    search_fields = ["report__agency__short_name", "system__name", "subsystem__name"]


@admin.register(ScoreList)
class ScoreListAdmin(_UsageShown):
    list_display = ["plan", "number", "published_by", "published_at", "reason"]
    list_filter = ["plan"]
    list_select_related = ["plan", "published_by"]
    search_fields = ["reason"]


@admin.register(Score)
class ScoreAdmin(_UsageShown):
    list_display = ["agency", "score_list", "filing", "score", "rank"]
    list_filter = ["filing", "score_list"]
    list_select_related = ["agency", "score_list__plan"]
    search_fields = ["agency__short_name"]


# --- Work plans ------------------------------------------------------------------------------------------------------


class AmountInline(admin.TabularInline[Amount, WorkItem]):
    model = Amount
    extra = 0
    raw_id_fields = ["counts_once_with"]


@admin.register(WorkPlan)
class WorkPlanAdmin(Traced, ImportExportModelAdmin):
    list_display = ["plan", "agency", "since", "note"]
    list_select_related = ["plan", "agency"]
    search_fields = ["plan__title", "agency__short_name", "note"]


@admin.register(WorkItem)
class WorkItemAdmin(Traced, ExportMixin, admin.ModelAdmin[WorkItem]):
    inlines = [AmountInline]
    list_display = ["order", "level", "mark", "text", "period", "plan"]
    list_display_links = ["text"]
    list_filter = ["plan", "level", "period"]
    list_select_related = ["plan"]
    raw_id_fields = ["parent"]
    search_fields = ["text", "mark", "note"]


@admin.register(Amount)
class AmountAdmin(Traced, ExportMixin, admin.ModelAdmin[Amount]):
    list_display = ["item", "thousands", "funding", "is_doubtful", "note"]
    list_filter = ["item__plan", "is_doubtful"]
    list_select_related = ["item__plan"]
    raw_id_fields = ["item", "counts_once_with"]
    search_fields = ["item__text", "funding", "note"]


class _WorkShown(ReadOnly, ExportMixin, admin.ModelAdmin[Any]):
    """What agencies report: to look up and to export."""


@admin.register(Progress)
class ProgressAdmin(_WorkShown):
    list_display = ["item", "quarter", "planned", "actual", "spent", "pace", "entered_by", "entered_at"]
    list_filter = ["item__plan", "quarter", "pace"]
    list_select_related = ["item__plan", "entered_by"]
    search_fields = ["item__text", "text"]


@admin.register(Doing)
class DoingAdmin(_WorkShown):
    list_display = ["item", "due_on", "event_at", "done_on", "entered_by"]
    list_filter = ["item__plan"]
    list_select_related = ["item__plan", "entered_by"]
    search_fields = ["item__text", "note"]


@admin.register(FrozenReport)
class FrozenReportAdmin(_WorkShown):
    list_display = ["plan", "kind", "year", "version", "made_by", "made_at"]
    list_filter = ["kind", "year"]
    list_select_related = ["plan", "made_by"]
    search_fields = ["plan__title"]
