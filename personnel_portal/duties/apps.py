from django.apps import AppConfig


class DutiesConfig(AppConfig):
    name = "personnel_portal.duties"
    label = "duties"
    verbose_name = "應辦事項"
