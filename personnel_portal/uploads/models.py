"""Files that were checked and kept, by content address."""

from django.conf import settings
from django.db import models
from django.utils import timezone


class StoredFile(models.Model):
    """A file as somebody uploaded it; equal bytes are kept once."""

    sha256 = models.CharField("SHA-256", max_length=64, db_index=True)
    size = models.PositiveBigIntegerField("大小（位元組）")
    kind = models.CharField("種類", max_length=10)
    name = models.CharField("檔名", max_length=150)
    kept_at = models.DateTimeField("上傳時間", default=timezone.now)
    kept_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="上傳人")

    class Meta:
        verbose_name = "檔案"
        verbose_name_plural = "檔案"

    def __str__(self) -> str:
        return self.name
