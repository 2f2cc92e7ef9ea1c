from django.apps import AppConfig

from personnel_portal.trail import acts


class DownloadsConfig(AppConfig):
    name = "personnel_portal.downloads"
    label = "downloads"
    verbose_name = "產製檔案"

    def ready(self) -> None:
        acts.register(
            {"download.asked": "申請產製檔案", "download.ready": "檔案產製完成", "download.failed": "檔案無法產製"}
        )
