"""Training, learning hours and study leave in the administration."""

from typing import Any

from django.contrib import admin
from import_export.admin import ExportMixin, ImportExportModelAdmin

from personnel_portal.exchange import ReadOnly, Traced
from training.forms.catalogue import ReadingForm
from training.forms.hours import RequirementSetForm
from training.models import (
    College,
    Course,
    Headcount,
    LearningRecord,
    NationalReport,
    Need,
    PreReading,
    Programme,
    Registration,
    RegistrationEvent,
    Requirement,
    RequirementSet,
    Semester,
    Session,
    Study,
    StudyRoster,
    Survey,
    Topic,
    TrainingClass,
    TrainingRule,
    Upload,
    UploadLayout,
)

# --- Catalogue -------------------------------------------------------------------------------------------------------


@admin.register(TrainingRule)
class TrainingRuleAdmin(Traced, ImportExportModelAdmin):
    list_display = ["plan", "absence_part", "absence_whole", "granting", "offer_hours", "weekly_hours"]
    list_select_related = ["plan"]
    search_fields = ["plan__title"]


class ProgrammeInline(admin.TabularInline[Programme, College]):
    model = Programme
    extra = 0


@admin.register(College)
class CollegeAdmin(Traced, ImportExportModelAdmin):
    inlines = [ProgrammeInline]
    list_display = ["name", "mark", "order", "run_by_units", "plan"]
    list_filter = ["plan"]
    list_select_related = ["plan"]
    search_fields = ["name", "note"]


class PreReadingInline(admin.TabularInline[PreReading, Course]):
    model = PreReading
    form = ReadingForm
    extra = 0


@admin.register(Course)
class CourseAdmin(Traced, ImportExportModelAdmin):
    """A circle of courses to be taken first is refused on the portal's own page; here nobody but its keepers comes."""

    inlines = [PreReadingInline]
    list_display = ["name", "college", "programme", "form", "mode", "is_planned", "order", "plan"]
    list_filter = ["plan", "college", "form", "is_planned"]
    list_select_related = ["plan", "college", "programme"]
    search_fields = ["name", "goals", "responsible"]
    autocomplete_fields = ["after"]


@admin.register(Survey)
class SurveyAdmin(Traced, ImportExportModelAdmin):
    list_display = ["plan", "opens_on", "closes_on"]
    list_select_related = ["plan"]
    search_fields = ["plan__title"]


@admin.register(Need)
class NeedAdmin(ReadOnly, ExportMixin, admin.ModelAdmin[Need]):
    """What agencies ask for comes in by the survey's page; here it is looked at."""

    list_display = ["survey", "agency", "rank", "course", "proposed", "people", "entered_at"]
    list_filter = ["survey"]
    list_select_related = ["survey__plan", "agency", "course"]
    search_fields = ["agency__short_name", "course__name", "proposed"]


# --- Classes and registrations ---------------------------------------------------------------------------------------


class SessionInline(admin.TabularInline[Session, TrainingClass]):
    model = Session
    extra = 0
    can_delete = False
    readonly_fields = ["starts", "ends", "minutes", "title", "place"]

    def has_add_permission(self, request: Any, obj: Any = None) -> bool:
        return False


@admin.register(TrainingClass)
class TrainingClassAdmin(ReadOnly, ExportMixin, admin.ModelAdmin[TrainingClass]):
    """Classes come about by their steps, which hold places and turns together; here they are looked at."""

    inlines = [SessionInline]
    list_display = ["course", "number", "organiser", "form", "state", "quota", "hours", "hours_state"]
    list_filter = ["course__plan", "state", "form", "hours_state"]
    list_select_related = ["course", "organiser"]
    search_fields = ["course__name", "organiser__short_name", "place", "trainers"]


class RegistrationEventInline(admin.TabularInline[RegistrationEvent, Registration]):
    model = RegistrationEvent
    extra = 0
    can_delete = False
    readonly_fields = ["at", "place", "by", "reason"]

    def has_add_permission(self, request: Any, obj: Any = None) -> bool:
        return False


@admin.register(Registration)
class RegistrationAdmin(ReadOnly, ExportMixin, admin.ModelAdmin[Registration]):
    """Registrations come about by their steps, which lock the class; here they are looked at."""

    inlines = [RegistrationEventInline]
    list_display = ["training_class", "queue", "person", "agency", "place", "offered_until", "registered_at"]
    list_filter = ["place", "training_class__course__plan"]
    list_select_related = ["training_class__course", "person", "agency"]
    search_fields = ["person__name", "agency__short_name", "training_class__course__name"]


# --- Learning hours --------------------------------------------------------------------------------------------------


@admin.register(Topic)
class TopicAdmin(Traced, ImportExportModelAdmin):
    list_display = ["name", "code", "aliases", "order", "office"]
    list_filter = ["office"]
    list_select_related = ["office"]
    search_fields = ["name", "code", "aliases"]


class RequirementInline(admin.TabularInline[Requirement, RequirementSet]):
    model = Requirement
    extra = 0


@admin.register(RequirementSet)
class RequirementSetAdmin(Traced, ImportExportModelAdmin):
    """What a year asks. A set of later years beside an older one takes over from its first year on."""

    form = RequirementSetForm
    inlines = [RequirementInline]
    list_display = ["name", "from_year", "to_year", "hours", "clause", "office"]
    list_filter = ["office"]
    list_select_related = ["office"]
    search_fields = ["name", "clause"]


@admin.register(UploadLayout)
class UploadLayoutAdmin(Traced, ImportExportModelAdmin):
    """A layout that is wrong is refused by the model, in a sentence that names the column."""

    list_display = ["name", "encoding", "rows", "office"]
    list_filter = ["office"]
    list_select_related = ["office"]
    search_fields = ["name"]


class _HoursShown(ReadOnly, ExportMixin, admin.ModelAdmin[Any]):
    """What comes about on the portal's own pages: to look up and to export."""


@admin.register(LearningRecord)
class LearningRecordAdmin(_HoursShown):
    list_display = ["person", "agency", "year", "topic", "course", "starts", "hours", "origin", "in_portal"]
    list_filter = ["year", "origin", "in_portal", "topic"]
    list_select_related = ["person", "agency", "topic"]
    search_fields = ["person__name", "agency__short_name", "course"]


@admin.register(NationalReport)
class NationalReportAdmin(ReadOnly, admin.ModelAdmin[NationalReport]):
    list_display = ["name", "year", "rows", "done", "problem", "made_by", "made_at", "taken_at"]
    list_filter = ["year", "office"]
    list_select_related = ["made_by"]
    search_fields = ["name"]
    exclude = ["content", "agencies"]


@admin.register(Upload)
class UploadAdmin(_HoursShown):
    list_display = ["scope", "layout", "rows", "files", "left_out", "made_by", "made_at", "withdrawn_at"]
    list_filter = ["office", "layout"]
    list_select_related = ["layout", "made_by"]
    search_fields = ["scope"]


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
