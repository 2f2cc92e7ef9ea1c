"""What the portal remembers of duties, in the administration; writes are the pages' own steps."""

from typing import Any

from django.contrib import admin
from import_export import resources
from import_export.admin import ExportMixin

from personnel_portal.duties.models import FeedToken, Relief, Reminder
from personnel_portal.exchange import ReadOnly


@admin.register(Relief)
class ReliefAdmin(ReadOnly, ExportMixin, admin.ModelAdmin[Any]):
    list_display = ["agency", "duty_title", "until", "reason", "given_by", "given_at", "withdrawn_at"]
    list_filter = ["plan", "withdrawn_at"]
    search_fields = ["duty_title", "agency__folded", "reason"]
    list_select_related = ["agency", "given_by"]


@admin.register(Reminder)
class ReminderAdmin(ReadOnly, ExportMixin, admin.ModelAdmin[Any]):
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
class FeedTokenAdmin(ReadOnly, ExportMixin, admin.ModelAdmin[Any]):
    """Who has a feed; the token itself is shown to its owner alone, and exported to nobody."""

    resource_classes = [FeedTokenResource]

    list_display = ["user", "made_at", "revoked_at"]
    fields = ["user", "made_at", "revoked_at"]
    search_fields = ["user__name", "user__username"]
    list_select_related = ["user"]
