from django.apps import AppConfig

from personnel_portal.trail import acts


class AccountsConfig(AppConfig):
    name = "personnel_portal.accounts"
    label = "accounts"
    verbose_name = "帳號"

    def ready(self) -> None:
        from auditlog.registry import auditlog  # its models cannot be imported earlier

        acts.register(
            {
                "account.created": "建立帳號",
                "account.invited": "寄送帳號邀請",
                "account.disabled": "停用帳號",
                "account.enabled": "啟用帳號",
                "account.reviewed": "清查帳號",
                "password.changed": "變更密碼",
                "password.reset": "重設他人密碼",
                "password.reset_requested": "申請重設密碼",
                "deputy.appointed": "指定代理人",
                "deputy.ended": "終止代理",
                "deputy.acting_started": "開始代理",
                "deputy.acting_ended": "結束代理",
            }
        )
        # The hash is left out, not masked: auditlog's mask keeps its second half.
        auditlog.register(self.get_model("User"), exclude_fields=["password", "last_login"])
        auditlog.register(self.get_model("Deputyship"))
