"""What the portal remembers of duties, in the administration; writes are the pages' own steps."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from import_export import resources
from import_export.admin import ExportMixin

from districts.resources import FORMATS
from personnel_portal.duties.models import FeedToken, Relief, Reminder


class ReadOnlyAdmin(ExportMixin, admin.ModelAdmin[Any]):
    """Looked at and exported here, never changed: the steps that write these rows leave their own trace."""

    formats = FORMATS

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Relief)
class ReliefAdmin(ReadOnlyAdmin):
    list_display = ["agency", "duty_title", "until", "reason", "given_by", "given_at", "withdrawn_at"]
    list_filter = ["plan", "withdrawn_at"]
    search_fields = ["duty_title", "agency__folded", "reason"]
    list_select_related = ["agency", "given_by"]


@admin.register(Reminder)
class ReminderAdmin(ReadOnlyAdmin):
    list_display = ["made_at", "person", "agency", "duty_key", "effective", "offset"]
    list_filter = ["plan", "offset"]
    search_fields = ["duty_key", "person__name"]
    date_hierarchy = "made_at"
    list_select_related = ["person", "agency"]


class FeedTokenResource(resources.ModelResource):
    class Meta:
        model = FeedToken
        fields = ["user__name", "made_at", "revoked_at"]


@admin.register(FeedToken)
class FeedTokenAdmin(ReadOnlyAdmin):
    """Who has a feed; the token itself is shown to its owner alone, and exported to nobody."""

    resource_classes = [FeedTokenResource]

    list_display = ["user", "made_at", "revoked_at"]
    fields = ["user", "made_at", "revoked_at"]
    search_fields = ["user__name", "user__username"]
    list_select_related = ["user"]
