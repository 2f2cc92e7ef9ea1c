from django.apps import AppConfig


class HomeConfig(AppConfig):
    name = "personnel_portal.home"
    label = "home"
    verbose_name = "首頁"
