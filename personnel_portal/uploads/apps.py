from django.apps import AppConfig


class UploadsConfig(AppConfig):
    """What a file may be, where it is kept, and how it is sent."""

    name = "personnel_portal.uploads"
    label = "uploads"
    verbose_name = "檔案"

    def ready(self) -> None:
        from personnel_portal.trail import acts

        acts.register({"file.kept": "收存檔案", "file.downloaded": "下載檔案", "file.forgotten": "清除未使用的檔案"})
