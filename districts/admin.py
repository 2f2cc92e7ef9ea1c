"""Everything of this app in the administration: search, filters, import and export, and who changed what."""

from typing import Any

from django.contrib import admin
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest
from import_export.admin import ExportMixin, ImportExportModelAdmin

from districts.models import (
    Agency,
    AgencyName,
    CalendarDay,
    Closure,
    CoachingRow,
    CoachingTable,
    Deadline,
    District,
    DistrictArea,
    Membership,
    Office,
    Person,
    Plan,
    PlanVersion,
    Posting,
    Reading,
    StagedSheet,
    Township,
)
from districts.resources import (
    AgencyNameResource,
    AgencyResource,
    MembershipResource,
    PersonResource,
    ReadingResource,
)
from personnel_portal.exchange import ReadOnly, Traced


class DistrictsAdmin(Traced, ImportExportModelAdmin):
    """What all of them share."""


class Inline(admin.TabularInline[models.Model, models.Model]):
    """Rows of a record, none of them empty."""

    extra = 0
    show_change_link = True


class AgencyNameInline(Inline):
    model = AgencyName


class AgencyMembershipInline(Inline):
    model = Membership
    fields = ["district", "since", "until", "is_host"]
    autocomplete_fields = ["district"]


class PostingInline(Inline):
    model = Posting
    autocomplete_fields = ["person", "agency"]


class DistrictAreaInline(Inline):
    model = DistrictArea
    autocomplete_fields = ["township"]


class MembershipInline(Inline):
    model = Membership
    fields = ["order", "agency", "area", "is_host", "since", "until"]
    autocomplete_fields = ["agency", "area"]


class PlanVersionInline(Inline):
    model = PlanVersion


class DeadlineInline(Inline):
    model = Deadline
    fields = ["title", "clause", "nominal", "month_day", "days_after", "policy", "hour"]


class CoachingRowInline(Inline):
    model = CoachingRow
    autocomplete_fields = ["officer", "agency"]


@admin.register(Office)
class OfficeAdmin(DistrictsAdmin):
    list_display = ["code", "name"]
    search_fields = ["code", "name"]


@admin.register(Township)
class TownshipAdmin(DistrictsAdmin):
    list_display = ["name", "office", "order"]
    list_filter = ["office"]
    list_select_related = ["office"]
    search_fields = ["name"]


@admin.register(Agency)
class AgencyAdmin(DistrictsAdmin):
    resource_classes = [AgencyResource]
    list_display = ["short_name", "official_name", "kind", "township", "staffing", "code", "is_active"]
    list_filter = ["office", "kind", "staffing", "is_active", "township"]
    list_select_related = ["township"]
    search_fields = ["short_name", "official_name", "code", "folded"]
    autocomplete_fields = ["township"]
    inlines = [AgencyNameInline, AgencyMembershipInline]


@admin.register(AgencyName)
class AgencyNameAdmin(DistrictsAdmin):
    resource_classes = [AgencyNameResource]
    list_display = ["name", "agency", "kind", "since", "until"]
    list_filter = ["kind", "agency__office"]
    list_select_related = ["agency"]
    search_fields = ["name", "agency__short_name"]
    autocomplete_fields = ["agency"]

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[AgencyName]) -> None:
        """Delete row by row: each takes itself out of what search compares."""
        for name in queryset:
            name.delete()


@admin.register(Person)
class PersonAdmin(DistrictsAdmin):
    resource_classes = [PersonResource]
    list_display = ["name", "status", "mail", "phone", "user"]
    list_filter = ["office", "status"]
    list_select_related = ["user"]
    search_fields = ["name", "mail", "user__username"]
    autocomplete_fields = ["user"]
    inlines = [PostingInline]


@admin.register(Posting)
class PostingAdmin(DistrictsAdmin):
    list_display = ["person", "agency", "unit", "title", "function", "access", "since", "until"]
    list_filter = ["access", "function", "agency__office", "since"]
    list_select_related = ["person", "agency"]
    search_fields = ["person__name", "agency__short_name", "title"]
    autocomplete_fields = ["person", "agency"]


@admin.register(Plan)
class PlanAdmin(DistrictsAdmin):
    list_display = ["title", "kind", "year", "issuing_body", "starts", "ends"]
    list_filter = ["office", "kind", "year"]
    search_fields = ["title", "issuing_body"]
    autocomplete_fields = ["cloned_from"]
    inlines = [PlanVersionInline, DeadlineInline]


@admin.register(PlanVersion)
class PlanVersionAdmin(DistrictsAdmin):
    list_display = ["number", "kind", "issued_on", "plan"]
    list_filter = ["kind", "plan"]
    list_select_related = ["plan"]
    search_fields = ["number", "note"]
    autocomplete_fields = ["plan"]


@admin.register(Deadline)
class DeadlineAdmin(DistrictsAdmin):
    list_display = ["title", "clause", "plan", "nominal", "month_day", "days_after", "policy"]
    list_filter = ["plan", "policy"]
    list_select_related = ["plan"]
    search_fields = ["title", "clause", "duty"]
    autocomplete_fields = ["plan"]


@admin.register(Reading)
class ReadingAdmin(DistrictsAdmin):
    resource_classes = [ReadingResource]
    list_display = ["question", "clause", "plan", "chosen", "confirmed_on"]
    list_filter = ["plan", "confirmed_on"]
    list_select_related = ["plan"]
    search_fields = ["question", "clause", "chosen", "key"]
    autocomplete_fields = ["plan", "confirmed_by"]
    readonly_fields = ["effect"]

    @admin.display(description="系統計算")
    def effect(self, reading: Reading) -> str:
        return reading.effect or "—"


@admin.register(District)
class DistrictAdmin(DistrictsAdmin):
    list_display = ["name", "plan", "order"]
    list_filter = ["plan"]
    list_select_related = ["plan"]
    search_fields = ["name"]
    autocomplete_fields = ["plan"]
    inlines = [DistrictAreaInline, MembershipInline]


@admin.register(DistrictArea)
class DistrictAreaAdmin(DistrictsAdmin):
    list_display = ["label", "district", "township", "order"]
    list_filter = ["district__plan"]
    list_select_related = ["district__plan", "township"]
    search_fields = ["label"]
    autocomplete_fields = ["district", "township"]


@admin.register(Membership)
class MembershipAdmin(DistrictsAdmin):
    resource_classes = [MembershipResource]
    list_display = ["agency", "district", "area", "is_host", "since", "until"]
    list_filter = ["plan", "is_host"]
    list_select_related = ["agency", "district", "area"]
    search_fields = ["agency__short_name", "agency__official_name", "district__name"]
    autocomplete_fields = ["agency", "district", "area"]
    exclude = ["plan"]  # always the district's


@admin.register(CoachingTable)
class CoachingTableAdmin(ReadOnly, ExportMixin, admin.ModelAdmin[Any]):
    """To read: a table is filed on its page, and a filed version does not change."""

    list_display = ["district", "month", "version", "filed_at", "filed_by"]
    list_filter = ["district__plan", "month"]
    list_select_related = ["district__plan", "filed_by"]
    search_fields = ["district__name", "note"]
    autocomplete_fields = ["district", "filed_by"]
    inlines = [CoachingRowInline]


@admin.register(CoachingRow)
class CoachingRowAdmin(CoachingTableAdmin):
    list_display = ["table", "officer", "agency"]
    list_filter = ["table__district__plan"]
    list_select_related = ["table__district__plan", "officer", "agency"]
    search_fields = ["officer__name", "agency__short_name"]
    autocomplete_fields = ["officer", "agency"]
    inlines = []


@admin.register(CalendarDay)
class CalendarDayAdmin(DistrictsAdmin):
    list_display = ["day", "is_off", "note"]
    list_filter = ["is_off"]
    search_fields = ["note"]
    date_hierarchy = "day"


@admin.register(Closure)
class ClosureAdmin(DistrictsAdmin):
    list_display = ["day", "reason", "office", "told_at"]
    list_filter = ["office"]
    list_select_related = ["office"]
    search_fields = ["reason"]


@admin.register(StagedSheet)
class StagedSheetAdmin(ReadOnly, admin.ModelAdmin[StagedSheet]):
    """To see that sheets wait and go; their rows are not shown here."""

    list_display = ["name", "kind", "made_by", "made_at", "imported_at", "imported"]
    list_filter = ["kind", "made_at"]
    list_select_related = ["made_by"]
    search_fields = ["name", "made_by__name"]
    exclude = ["rows"]
