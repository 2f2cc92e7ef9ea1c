"""The audit trail and the kept files in the administration: to look up and to export, never to change.

Both apps lie below the import and export of the portal, so they are shown from here.
"""

from typing import Any

from django.contrib import admin
from django.contrib.auth.models import AbstractUser
from django.db.models import QuerySet
from django.http import HttpRequest
from import_export import fields
from import_export.admin import ExportMixin

from personnel_portal.exchange import ReadOnly, Resource, resource_for
from personnel_portal.trail import acts
from personnel_portal.trail.actions import record
from personnel_portal.trail.models import Entry
from personnel_portal.uploads.models import StoredFile


class EntryResource(Resource):
    """The trail as a sheet; the seal goes with it, so that a printed row can be proved."""

    act_label = fields.Field("act_label", "動作")
    who = fields.Field("who", "操作者")

    class Meta(Resource.Meta):
        model = Entry
        fields = [
            "position",
            "at",
            "who",
            "address",
            "act",
            "act_label",
            "target_id",
            "target_label",
            "detail",
            "hash",
        ]
        export_order = fields


class ActFilter(admin.SimpleListFilter):
    """Choose an act by its words."""

    title = "動作"
    parameter_name = "act"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return list(acts.known().items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Entry]) -> QuerySet[Entry]:
        return queryset.filter(act=self.value()) if self.value() else queryset


@admin.register(Entry)
class EntryAdmin(ReadOnly, ExportMixin, admin.ModelAdmin[Entry]):
    """Superusers alone read the trail of all offices."""

    resource_classes = [EntryResource]
    show_auditlog_history_link = False  # an entry has no history: it never changes
    list_display = ["at", "who", "act_label", "target_label", "address", "position"]
    list_filter = [ActFilter, "at", "target_type"]
    search_fields = ["actor_name", "acting_for_name", "act", "target_label", "target_id", "address"]
    date_hierarchy = "at"
    ordering = ["-id"]
    show_full_result_count = False

    @admin.display(description="操作者", ordering="actor_name")
    def who(self, entry: Entry) -> str:
        return entry.who

    @admin.display(description="動作", ordering="act")
    def act_label(self, entry: Entry) -> str:
        return entry.act_label

    def has_view_permission(self, request: HttpRequest, obj: Entry | None = None) -> bool:
        return bool(request.user.is_active and getattr(request.user, "is_superuser", False))

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_export_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def get_export_data(self, file_format: Any, request: HttpRequest, queryset: QuerySet[Entry], **kwargs: Any) -> Any:
        """Export the chosen rows; that somebody took the trail itself out is an act of its own name."""
        assert isinstance(request.user, AbstractUser)  # noqa: S101 - the admin lets nobody else in
        data = ExportMixin.get_export_data(self, file_format, request, queryset, **kwargs)
        record("trail.exported", None, by=request.user, rows=queryset.count(), form=file_format.get_title())
        return data


@admin.register(StoredFile)
class StoredFileAdmin(ReadOnly, ExportMixin, admin.ModelAdmin[StoredFile]):
    """Rows are evidence; the bytes are had through the record that refers to them."""

    resource_classes = [resource_for(StoredFile)]
    show_auditlog_history_link = False
    list_display = ["name", "kind", "size", "kept_at", "kept_by", "sha256"]
    list_filter = ["kind", "kept_at"]
    list_select_related = ["kept_by"]
    search_fields = ["name", "sha256"]
    date_hierarchy = "kept_at"
