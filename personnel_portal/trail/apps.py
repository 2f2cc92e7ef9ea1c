"""The audit trail as a Django app."""

from django.apps import AppConfig


class TrailConfig(AppConfig):
    name = "personnel_portal.trail"
    label = "trail"
    verbose_name = "稽核軌跡"

    def ready(self) -> None:
        from personnel_portal.trail import signals  # noqa: F401  # importing connects the receivers
