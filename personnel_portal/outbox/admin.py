"""The outbox in the administration: what went where, what failed and why; send again or cancel."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest

from personnel_portal.outbox import actions
from personnel_portal.outbox.models import Attachment, Message


class AttachmentInline(admin.TabularInline[Attachment, Message]):
    model = Attachment
    fields = ["name", "mime"]
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Message | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Message | None = None) -> bool:
        return False


@admin.register(Message)
class MessageAdmin(admin.ModelAdmin[Message]):
    list_display = [
        "created_at",
        "to_name",
        "to",
        "subject",
        "state",
        "attempts",
        "send_after",
        "sent_at",
        "last_error",
    ]
    list_display_links = ["subject"]
    list_filter = ["state", "sender", "created_at"]
    search_fields = ["to", "to_name", "subject", "key", "message_id", "last_error"]
    date_hierarchy = "created_at"
    ordering = ["-id"]
    inlines = [AttachmentInline]
    actions = ["resend", "cancel"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Message | None = None) -> bool:
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Message | None = None) -> list[str]:
        return [field.name for field in Message._meta.fields]

    @admin.action(description="重新寄送", permissions=["change"])
    def resend(self, request: HttpRequest, queryset: QuerySet[Message]) -> None:
        self._each(request, queryset, actions.resend, "已排入重新寄送")

    @admin.action(description="取消", permissions=["change"])
    def cancel(self, request: HttpRequest, queryset: QuerySet[Message]) -> None:
        self._each(request, queryset, actions.cancel_message, "已取消")

    def _each(self, request: HttpRequest, queryset: QuerySet[Message], act: Callable[..., Any], done: str) -> None:
        """Do the act for each selected mail; say how many it reached, and why the others were left."""
        assert isinstance(request.user, AbstractUser)  # noqa: S101 - the admin lets nobody else in
        count = 0
        for message in queryset:
            try:
                act(message=message, by=request.user)
            except ValidationError as error:
                self.message_user(request, error.messages[0], messages.WARNING)
            else:
                count += 1
        if count:
            self.message_user(request, f"{done}：{count} 封。", messages.SUCCESS)
