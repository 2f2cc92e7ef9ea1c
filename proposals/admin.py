"""Calls, cases, proposals and circulars in the administration: to look up and to export.

Each of their changes is an act with its mails and its trail, done on the portal's pages; only the names of statutes are
looked after here.
"""

from typing import Any

from django.contrib import admin
from import_export.admin import ExportMixin, ImportExportModelAdmin

from personnel_portal.exchange import ReadOnly, Traced
from proposals.models import (
    Attachment,
    CallForItems,
    CallRecipient,
    Case,
    Circular,
    CircularRecipient,
    CoProposer,
    Decision,
    FollowUp,
    FollowUpReport,
    Helpful,
    Mark,
    Package,
    Placement,
    Proposal,
    Publication,
    Statute,
    Supersession,
)


@admin.register(Statute)
class StatuteAdmin(Traced, ImportExportModelAdmin):
    list_display = ["name", "office"]
    list_filter = ["office"]
    search_fields = ["name", "folded"]


class _Shown(ReadOnly, ExportMixin, admin.ModelAdmin[Any]):
    """Rows to look up and to export."""


@admin.register(CallForItems)
class CallForItemsAdmin(_Shown):
    list_display = ["meeting", "issued_on", "closes_on", "number", "sent_at"]
    list_filter = ["meeting__plan", "meeting__district", "issued_on"]
    list_select_related = ["meeting__district"]
    search_fields = ["number", "purpose"]


@admin.register(CallRecipient)
class CallRecipientAdmin(_Shown):
    list_display = ["agency", "call", "is_coached", "none_at", "extended_until"]
    list_filter = ["is_coached", "call__meeting__district"]
    list_select_related = ["agency", "call__meeting__district"]
    search_fields = ["agency__short_name", "agency__official_name"]


class _ItemAdmin(_Shown):
    list_display = ["reference", "subject", "agency", "district", "state", "is_late", "sent_at"]
    list_filter = ["state", "plan", "district", "is_late"]
    list_select_related = ["plan", "district", "agency"]
    search_fields = ["subject", "folded", "agency__short_name", "contact_name"]
    date_hierarchy = "created_at"


@admin.register(Case)
class CaseAdmin(_ItemAdmin):
    list_filter = [*_ItemAdmin.list_filter, "business", "kind"]


@admin.register(Proposal)
class ProposalAdmin(_ItemAdmin):
    list_filter = [*_ItemAdmin.list_filter, "kind", "effect"]


@admin.register(CoProposer)
class CoProposerAdmin(_Shown):
    list_display = ["proposal", "agency", "order"]
    list_select_related = ["proposal", "agency"]
    search_fields = ["proposal__subject", "agency__short_name"]


@admin.register(Package)
class PackageAdmin(_Shown):
    list_display = ["district", "sent_on", "number", "sent_by"]
    list_filter = ["plan", "district", "sent_on"]
    list_select_related = ["district", "sent_by"]
    search_fields = ["number", "note"]


@admin.register(Placement)
class PlacementAdmin(_Shown):
    list_display = ["proposal", "agenda_item", "placed_at", "placed_by"]
    list_select_related = ["proposal", "agenda_item__meeting__district", "placed_by"]
    search_fields = ["proposal__subject", "agenda_item__subject"]


@admin.register(Decision)
class DecisionAdmin(_Shown):
    list_display = ["proposal", "outcome", "qualifies", "decided_by", "decided_at", "published_at"]
    list_filter = ["outcome", "qualifies", "published_at"]
    list_select_related = ["proposal", "decided_by"]
    search_fields = ["proposal__subject", "opinion"]


@admin.register(Attachment)
class AttachmentAdmin(_Shown):
    list_display = ["stored", "case", "proposal", "added_at"]
    list_select_related = ["stored", "case", "proposal"]
    search_fields = ["stored__name", "stored__sha256"]


@admin.register(Mark)
class MarkAdmin(_Shown):
    list_display = ["case", "kind", "field", "decision", "decided_by", "decided_at"]
    list_filter = ["kind", "decision"]
    list_select_related = ["case", "decided_by"]
    search_fields = ["case__subject"]


@admin.register(Publication)
class PublicationAdmin(_Shown):
    list_display = ["subject", "business", "kind", "plan", "published_at", "taken_down_at"]
    list_filter = ["business", "kind", "plan", "published_at"]
    list_select_related = ["plan"]
    search_fields = ["folded"]


@admin.register(Helpful)
class HelpfulAdmin(_Shown):
    list_display = ["publication", "user", "at"]
    list_select_related = ["publication", "user"]
    search_fields = ["publication__subject"]


@admin.register(Supersession)
class SupersessionAdmin(_Shown):
    list_display = ["publication", "proposal", "statute", "is_confirmed", "decided_by"]
    list_filter = ["is_confirmed"]
    list_select_related = ["publication", "proposal", "statute", "decided_by"]
    search_fields = ["publication__subject", "proposal__subject", "statute__name"]


@admin.register(FollowUp)
class FollowUpAdmin(_Shown):
    list_display = ["task", "agency", "due_on", "state", "released_at"]
    list_filter = ["state", "due_on", "agenda_item__meeting__district"]
    list_select_related = ["agency"]
    search_fields = ["task", "agency__short_name"]


@admin.register(FollowUpReport)
class FollowUpReportAdmin(_Shown):
    list_display = ["follow_up", "state", "at", "by"]
    list_filter = ["state", "at"]
    list_select_related = ["follow_up", "by"]
    search_fields = ["text", "follow_up__task"]


@admin.register(Circular)
class CircularAdmin(_Shown):
    list_display = ["purpose", "number", "issued_on", "published_at"]
    list_filter = ["plan", "published_at"]
    search_fields = ["purpose", "number"]


@admin.register(CircularRecipient)
class CircularRecipientAdmin(_Shown):
    list_display = ["circular", "agency", "acknowledged_at", "acknowledged_by"]
    list_filter = ["acknowledged_at", "circular"]
    list_select_related = ["circular", "agency", "acknowledged_by"]
    search_fields = ["agency__short_name", "circular__number"]
