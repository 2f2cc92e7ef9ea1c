"""Accounts and deputies in the administration. No administrator sets or sees anybody's password."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from import_export.admin import ExportMixin, ImportExportModelAdmin

from personnel_portal.accounts import actions
from personnel_portal.accounts.models import Deputyship, User
from personnel_portal.accounts.resources import AccountResource
from personnel_portal.exchange import ReadOnly, Traced
from personnel_portal.trail.actions import record


class AccountForm(forms.ModelForm[User]):
    """An account needs an address: invitation and reset go there."""

    email = forms.EmailField(label="電子郵件", max_length=254)


@admin.register(User)
class UserAdmin(Traced, ImportExportModelAdmin):
    resource_classes = [AccountResource]
    form = AccountForm
    list_display = ["username", "name", "email", "is_active", "is_staff", "last_login", "reviewed_on"]
    list_filter = ["is_active", "is_staff", "is_superuser", "must_change_password", "last_login"]
    search_fields = ["username", "name", "email"]
    ordering = ["username"]
    filter_horizontal = ["groups", "user_permissions"]
    readonly_fields = ["is_active", "last_login", "date_joined", "enabled_at", "password_changed_at", "reviewed_on"]
    actions = ["send_invitation", "reset_password", "disable", "enable"]
    fieldsets = [
        (None, {"fields": ["username", "name", "email"]}),
        ("後台權限", {"fields": ["is_staff", "is_superuser", "groups", "user_permissions"]}),
        ("狀態", {"fields": ["must_change_password", *readonly_fields]}),
    ]
    add_fieldsets = [(None, {"fields": ["username", "name", "email"]})]

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        return self.fieldsets if obj else self.add_fieldsets

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Accounts are closed, not deleted: the trail and the records name them."""
        return False

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        if change:
            super().save_model(request, obj, form, change)
            return
        obj.set_unusable_password()
        super().save_model(request, obj, form, change)
        record("account.created", obj, by=self._who(request))
        actions.invite(user=obj, by=self._who(request))

    @admin.action(description="寄送邀請信", permissions=["change"])
    def send_invitation(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        self._each(request, queryset, actions.invite, "已寄出 {} 封邀請信。")

    @admin.action(description="重設密碼（寄送連結）", permissions=["change"])
    def reset_password(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        self._each(request, queryset, actions.reset_password, "已重設 {} 個帳號的密碼。")

    @admin.action(description="停用帳號", permissions=["change"])
    def disable(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        self._each(request, queryset, actions.disable, "已停用 {} 個帳號。")

    @admin.action(description="啟用帳號", permissions=["change"])
    def enable(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        self._each(request, queryset, actions.enable, "已啟用 {} 個帳號。")

    def _each(self, request: HttpRequest, queryset: QuerySet[User], act: Any, words: str) -> None:
        """Do one action to each account; a refusal is said and the rest goes on."""
        done = 0
        for user in queryset:
            try:
                act(user=user, by=self._who(request))
            except ValidationError as refusal:
                self.message_user(request, refusal.message, messages.ERROR)
            else:
                done += 1
        if done:
            self.message_user(request, words.format(done), messages.SUCCESS)

    def _who(self, request: HttpRequest) -> User:
        assert isinstance(request.user, User)  # noqa: S101 - the administration lets nobody else in
        return request.user


@admin.register(Deputyship)
class DeputyshipAdmin(ReadOnly, ExportMixin, admin.ModelAdmin[Any]):
    """To read; deputies are named by the absent person, whose acts they may then do."""

    list_display = ["principal", "deputy", "since", "until", "reason", "ended_at"]
    list_select_related = ["principal", "deputy"]
    list_filter = ["since", "until"]
    search_fields = ["principal__name", "principal__username", "deputy__name", "deputy__username"]
