"""The documents app: official papers, sheets and the text of files. It has no models and no views."""

from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    """Register the app, so that its templates are found under one label."""

    name = "personnel_portal.documents"
    label = "documents"
    verbose_name = "文書"
