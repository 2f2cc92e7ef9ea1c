"""What the first page and the health check remember."""

from django.db import models
from django.utils import timezone


class Heartbeat(models.Model):
    """When a part of the portal last showed that it runs; `beat` is written through broker and worker."""

    name = models.CharField("名稱", max_length=20, primary_key=True)
    at = models.DateTimeField("時間", default=timezone.now)

    class Meta:
        verbose_name = "執行情形"
        verbose_name_plural = "執行情形"

    def __str__(self) -> str:
        return f"{self.name} {self.at:%Y-%m-%d %H:%M}"
