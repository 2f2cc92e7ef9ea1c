from django.apps import AppConfig


class UploadsConfig(AppConfig):
    """What a file may be, where it is kept, and how it is sent."""

    name = "personnel_portal.uploads"
    label = "uploads"
    verbose_name = "檔案"
