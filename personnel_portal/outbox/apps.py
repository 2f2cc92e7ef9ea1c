"""The outbox as a Django app."""

from django.apps import AppConfig

from personnel_portal.trail import acts


class OutboxConfig(AppConfig):
    name = "personnel_portal.outbox"
    label = "outbox"
    verbose_name = "寄件匣"

    def ready(self) -> None:
        acts.register({"mail.resent": "重新寄送信件", "mail.cancelled": "取消寄送信件"})
