"""Training, learning hours and study leave in the administration."""

from typing import Any

from django.contrib import admin
from import_export.admin import ExportMixin, ImportExportModelAdmin

from personnel_portal.exchange import ReadOnly, Traced
from training.models import Headcount, Semester, Study, StudyRoster

# --- Catalogue -------------------------------------------------------------------------------------------------------


# --- Classes and registrations ---------------------------------------------------------------------------------------


# --- Learning hours --------------------------------------------------------------------------------------------------


# --- Study leave -----------------------------------------------------------------------------------------------------


@admin.register(Headcount)
class HeadcountAdmin(Traced, ImportExportModelAdmin):
    list_display = ["agency", "year", "staff"]
    list_filter = ["year"]
    list_select_related = ["agency"]
    search_fields = ["agency__short_name", "agency__official_name"]
    raw_id_fields = ["agency"]


class SemesterInline(admin.TabularInline[Semester, Study]):
    model = Semester
    extra = 0
    can_delete = False
    readonly_fields = ["year", "term", "starts", "ends", "timetable_on", "grades_on", "credits", "hours"]
    exclude = ["timetable", "grades"]

    def has_add_permission(self, request: Any, obj: Any = None) -> bool:
        return False


@admin.register(Study)
class StudyAdmin(ReadOnly, ExportMixin, admin.ModelAdmin[Study]):
    """Applications come about by their steps, which the portal's pages take; here they are looked at."""

    inlines = [SemesterInline]
    list_display = ["person", "agency", "school", "programme", "time", "from_year", "to_year", "state", "plan"]
    list_filter = ["plan", "state", "time", "selection"]
    list_select_related = ["person", "agency", "plan"]
    search_fields = ["person__name", "school", "programme", "agency__short_name"]


@admin.register(StudyRoster)
class StudyRosterAdmin(ReadOnly, ExportMixin, admin.ModelAdmin[StudyRoster]):
    list_display = ["agency", "plan", "state", "submitted_at", "accepted_at"]
    list_filter = ["plan", "state"]
    list_select_related = ["agency", "plan"]
    search_fields = ["agency__short_name", "agency__official_name"]
