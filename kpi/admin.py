"""Targets, usage returns and work plans in the administration."""

from typing import Any

from django.contrib import admin
from import_export.admin import ExportMixin, ImportExportModelAdmin

from kpi.models import (
    Score,
    ScoreList,
    SubItem,
    Subsystem,
    System,
    UsageBand,
    UsageReport,
    UsageRule,
    UsageTraining,
    Use,
)
from personnel_portal.exchange import ReadOnly, Traced

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
