"""Sheets between their upload and their import."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Self

from django.conf import settings
from django.db import models
from django.utils import timezone

from districts.choices import SheetKind
from districts.models.agencies import Office

if TYPE_CHECKING:
    from datetime import datetime

KEPT = timedelta(days=7)


class StagedSheetQuerySet(models.QuerySet["StagedSheet"]):
    def visible_to(self, user: Any) -> Self:
        """Return what the person uploaded; nobody else goes on with it."""
        return self.filter(made_by=user)

    def expired(self, now: "datetime") -> Self:
        return self.filter(made_at__lt=now - KEPT)


class StagedSheet(models.Model):
    """The rows of an uploaded sheet, kept as typed until somebody imports or abandons them.

    `rows` are lists of [line number, {field: text}, [problem, …]]; once imported only the refused ones are left. They are
    personal data, so the sheet is removed after `KEPT`. `options` are what else was chosen when it was uploaded.
    """

    office = models.ForeignKey(Office, on_delete=models.CASCADE, related_name="+", verbose_name="人事處")
    kind = models.CharField("內容", max_length=10, choices=SheetKind)
    name = models.CharField("檔名", max_length=120)
    rows = models.JSONField("資料列", default=list)
    options = models.JSONField("選項", default=dict, blank=True)
    made_at = models.DateTimeField("上傳時間", default=timezone.now)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", verbose_name="上傳人"
    )
    imported_at = models.DateTimeField("匯入時間", null=True, blank=True)
    imported = models.PositiveIntegerField("匯入筆數", default=0)

    objects = StagedSheetQuerySet.as_manager()

    class Meta:
        verbose_name = "待匯入的試算表"
        verbose_name_plural = "待匯入的試算表"
        ordering = ["-made_at", "-pk"]

    def __str__(self) -> str:
        return self.name
