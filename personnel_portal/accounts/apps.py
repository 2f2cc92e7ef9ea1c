from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "personnel_portal.accounts"
    label = "accounts"
    verbose_name = "帳號"
