from axes.apps import AppConfig as AxesAppConfig
from django.apps import AppConfig


class HomeConfig(AppConfig):
    name = "personnel_portal.home"
    label = "home"
    verbose_name = "首頁"
    default = True


class LoginProtectionConfig(AxesAppConfig):
    """Axes under a name that administrators know; its own is English and cannot be translated."""

    verbose_name = "登入保護"
    default = False
