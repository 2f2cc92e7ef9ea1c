"""The files that the portal has kept."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.db import models
from django.utils import timezone

from personnel_portal.uploads import storage
from personnel_portal.uploads.kinds import Kind


class StoredFile(models.Model):
    """One file as somebody handed it in: its name then, and by SHA-256 its bytes, which several rows may share.

    A row never changes. Who may read it is decided by the record that refers to it; the file itself has no address.
    """

    sha256 = models.CharField("SHA-256", max_length=64, db_index=True)
    size = models.PositiveBigIntegerField("大小（位元組）")
    kind = models.CharField("種類", max_length=10, choices=[(kind.value, kind.label) for kind in Kind])
    name = models.CharField("檔名", max_length=120)
    kept_at = models.DateTimeField("收存時間", default=timezone.now)
    kept_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="收存人",
        help_text="空白表示由系統產生。",
    )

    class Meta:
        verbose_name = "檔案"
        verbose_name_plural = "檔案"
        ordering = ["-kept_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(sha256__regex=r"^[0-9a-f]{64}$"),
                name="uploads_sha256_is_64_hex_digits",
                violation_error_message="SHA-256 須為 64 個十六進位數字。",
            ),
            models.CheckConstraint(
                condition=models.Q(size__gt=0),
                name="uploads_file_is_not_empty",
                violation_error_message="檔案不可為空。",
            ),
            models.CheckConstraint(
                condition=~models.Q(name=""),
                name="uploads_file_has_a_name",
                violation_error_message="檔案須有檔名。",
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=[kind.value for kind in Kind]),
                name="uploads_kind_is_known",
                violation_error_message="檔案種類不明。",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def path(self) -> Path:
        """Where the bytes are; for reading only."""
        return storage.path_of(self.sha256)

    @property
    def what(self) -> Kind:
        """The kind with its MIME type and its label."""
        return Kind(self.kind)
