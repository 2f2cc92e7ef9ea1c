"""Meetings in the administration: to look up, to export, and to correct what no act of the pages covers.

States, times and files are not edited here: each of their changes is an act with its mails and its trail.
"""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from import_export.admin import ExportMixin, ImportExportModelAdmin

from meetings.choices import MinutesState
from meetings.models import AgendaItem, Invitation, Meeting, Minutes, MinutesFile, MinutesVersion
from meetings.resources import (
    AgendaItemResource,
    InvitationResource,
    MeetingResource,
    MinutesFileResource,
    MinutesResource,
    MinutesVersionResource,
)
from personnel_portal.exchange import ReadOnly, Traced


class _UntilAccepted(Traced):
    """Rows of a meeting that are locked with its minutes."""

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._is_open(obj) and bool(super().has_change_permission(request, obj))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._is_open(obj) and bool(super().has_delete_permission(request, obj))

    def _is_open(self, obj: Any) -> bool:
        return obj is None or obj.meeting.minutes.state != MinutesState.ACCEPTED


@admin.register(Meeting)
class MeetingAdmin(ReadOnly, ImportExportModelAdmin):
    resource_classes = [MeetingResource]
    exclude = ["check_in_code"]
    list_display = ["district", "kind", "number", "starts_at", "place", "state", "call_number"]
    list_filter = ["plan", "kind", "state", "district", "starts_at"]
    list_select_related = ["district"]
    search_fields = ["district__name", "place", "chair", "recorder", "call_number"]
    date_hierarchy = "starts_at"

    def has_import_permission(self, request: HttpRequest) -> bool:
        """Importing plans meetings; who may add rows of this model may."""
        return request.user.has_perm("meetings.add_meeting")


@admin.register(Invitation)
class InvitationAdmin(_UntilAccepted, ImportExportModelAdmin):
    resource_classes = [InvitationResource]
    list_display = ["meeting", "agency", "is_coached", "attendance", "attendee", "checked_in_at"]
    list_filter = ["attendance", "is_coached", "meeting__plan", "meeting__district"]
    list_select_related = ["meeting__district", "agency"]
    search_fields = ["agency__short_name", "agency__official_name", "attendee"]
    autocomplete_fields = ["meeting", "agency"]


@admin.register(AgendaItem)
class AgendaItemAdmin(_UntilAccepted, ImportExportModelAdmin):
    resource_classes = [AgendaItemResource]
    list_display = ["subject", "section", "order", "proposer", "meeting"]
    list_filter = ["section", "meeting__plan", "meeting__district"]
    list_select_related = ["meeting__district"]
    search_fields = ["subject", "proposer", "resolution"]
    autocomplete_fields = ["meeting"]


@admin.register(Minutes)
class MinutesAdmin(ReadOnly, ExportMixin, admin.ModelAdmin[Minutes]):
    resource_classes = [MinutesResource]
    list_display = ["meeting", "state", "submitted_at", "decided_at"]
    list_filter = ["state", "meeting__plan", "meeting__district"]
    list_select_related = ["meeting__district"]
    search_fields = ["meeting__district__name", "meeting__place", "reason"]


@admin.register(MinutesVersion)
class MinutesVersionAdmin(ReadOnly, ExportMixin, admin.ModelAdmin[MinutesVersion]):
    resource_classes = [MinutesVersionResource]
    list_display = ["minutes", "number", "submitted_at", "submitted_by", "accepted_at"]
    list_filter = ["submitted_at", "accepted_at"]
    list_select_related = ["minutes__meeting__district", "submitted_by"]
    search_fields = ["minutes__meeting__district__name", "note"]


@admin.register(MinutesFile)
class MinutesFileAdmin(ReadOnly, ExportMixin, admin.ModelAdmin[MinutesFile]):
    resource_classes = [MinutesFileResource]
    list_display = ["stored", "role", "version"]
    list_filter = ["role"]
    list_select_related = ["stored", "version__minutes__meeting__district"]
    search_fields = ["stored__name", "stored__sha256"]
