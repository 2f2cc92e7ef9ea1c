"""Kept files in the admin: to look up, never to change."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest

from personnel_portal.uploads.models import StoredFile


@admin.register(StoredFile)
class StoredFileAdmin(admin.ModelAdmin[StoredFile]):
    """Rows are evidence: they can be searched, and neither added, edited nor deleted here."""

    list_display = ["name", "kind", "size", "kept_at", "kept_by", "sha256"]
    list_filter = ["kind", "kept_at"]
    list_select_related = ["kept_by"]
    search_fields = ["name", "sha256"]
    date_hierarchy = "kept_at"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: StoredFile | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: StoredFile | None = None) -> bool:
        return False
