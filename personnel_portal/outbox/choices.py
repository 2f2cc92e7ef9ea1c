"""The states of a mail."""

from django.db import models


class State(models.TextChoices):
    QUEUED = "queued", "待寄"
    SENDING = "sending", "寄送中"
    SENT = "sent", "已寄出"
    FAILED = "failed", "寄送失敗"
    CANCELLED = "cancelled", "已取消"
