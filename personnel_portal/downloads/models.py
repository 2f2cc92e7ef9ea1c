"""What was asked for, how far it is, and the file."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from personnel_portal.downloads.querysets import KEPT, UNFINISHED, DownloadQuerySet
from personnel_portal.uploads.models import StoredFile


class Download(models.Model):
    """One file that a person asked for; kept for a week, since the list it shows grows old.

    `address` is what the worker opens, `rows` how many rows it will hold (0 where nobody knows), `done` how many are written.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="downloads", verbose_name="申請人"
    )
    acting_for = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="+", verbose_name="代理對象"
    )
    address = models.TextField("位址")
    title = models.CharField("檔案", max_length=120)
    rows = models.PositiveIntegerField("列數", default=0)
    done = models.PositiveIntegerField("已寫入列數", default=0)
    asked_at = models.DateTimeField("申請時間", default=timezone.now)
    claimed_at = models.DateTimeField("開始產製時間", null=True, editable=False)
    ready_at = models.DateTimeField("完成時間", null=True)
    problem = models.CharField("無法產製的原因", max_length=200, blank=True)
    file = models.ForeignKey(
        StoredFile, on_delete=models.PROTECT, null=True, related_name="+", verbose_name="產製的檔案"
    )

    objects = DownloadQuerySet.as_manager()

    class Meta:
        verbose_name = "產製檔案"
        verbose_name_plural = "產製檔案"
        ordering = ["-asked_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="download_is_ready_with_its_file",
                condition=Q(ready_at__isnull=True, file__isnull=True)
                | Q(ready_at__isnull=False, file__isnull=False, problem=""),
            ),
            # Who asks again while a file is being written is led to that one.
            models.UniqueConstraint(
                fields=["user", "address"],
                condition=UNFINISHED & Q(acting_for__isnull=True),
                name="download_is_written_once",
            ),
            models.UniqueConstraint(
                fields=["user", "acting_for", "address"],
                condition=UNFINISHED & Q(acting_for__isnull=False),
                name="download_is_written_once_for_a_principal",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_unfinished(self) -> bool:
        return self.ready_at is None and not self.problem

    @property
    def until(self) -> datetime:
        """When it is taken away."""
        return self.asked_at + KEPT
