"""Accounts as a sheet: never a password out, and whoever comes in new is invited by mail."""

from typing import Any

from import_export import fields, resources

from personnel_portal.accounts import actions
from personnel_portal.accounts.models import User


class AccountResource(resources.ModelResource):
    """帳號, 姓名 and 電子郵件 come in; what the portal itself knows only goes out."""

    username = fields.Field("username", "帳號")
    name = fields.Field("name", "姓名")
    email = fields.Field("email", "電子郵件")
    is_active = fields.Field("is_active", "使用中", readonly=True)
    last_login = fields.Field("last_login", "最近登入", readonly=True)
    date_joined = fields.Field("date_joined", "建立時間", readonly=True)
    reviewed_on = fields.Field("reviewed_on", "最近一次帳號清查", readonly=True)

    class Meta:
        model = User
        import_id_fields = ["username"]
        fields = ["username", "name", "email", "is_active", "last_login", "date_joined", "reviewed_on"]
        export_order = fields
        clean_model_instances = True
        skip_unchanged = True

    def after_init_instance(self, instance: User, new: bool, row: Any, **kwargs: Any) -> None:
        if new:
            instance.set_unusable_password()

    def after_save_instance(self, instance: User, row: Any, **kwargs: Any) -> None:
        if not instance.has_usable_password() and instance.last_login is None and not kwargs.get("dry_run"):
            actions.invite(user=instance, by=kwargs.get("user"))
