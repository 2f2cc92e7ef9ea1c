from django.apps import AppConfig


class RocConfig(AppConfig):
    """民國 dates; no models."""

    name = "personnel_portal.roc"
    label = "roc"
    verbose_name = "民國日期"
