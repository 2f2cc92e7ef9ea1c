"""The monthly 兼任（辦）人事人員業務人事資訊系統專責輔導分配表 (肆、二、(一)): who coaches which agency."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from districts.models.agencies import Agency
from districts.models.people import Person
from districts.models.plans import District
from districts.querysets import CoachingTableQuerySet
from personnel_portal import roc


class CoachingTable(models.Model):
    """One version of a district's table for a month; a correction is a new version."""

    district = models.ForeignKey(
        District, on_delete=models.CASCADE, related_name="coaching_tables", verbose_name="分區"
    )
    month = models.DateField("月份", help_text="該月 1 日。")
    version = models.PositiveSmallIntegerField("版次", default=1)
    filed_at = models.DateTimeField("報送時間", auto_now_add=True)
    filed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, verbose_name="報送人")
    note = models.CharField("備註", max_length=200, blank=True)

    objects = CoachingTableQuerySet.as_manager()

    class Meta:
        verbose_name = "輔導分配表"
        verbose_name_plural = "輔導分配表"
        ordering = ["district", "-month", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["district", "month", "version"], name="coaching_version_once"),
            models.CheckConstraint(condition=Q(month__day=1), name="coaching_month_by_its_first_day"),
        ]

    def __str__(self) -> str:
        return f"{self.district} {roc.month(self.month)}第 {self.version} 版"


class CoachingRow(models.Model):
    """One coached agency and the officer who coaches it."""

    table = models.ForeignKey(CoachingTable, on_delete=models.CASCADE, related_name="rows", verbose_name="分配表")
    officer = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="coaches", verbose_name="輔導人員")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="coached_in", verbose_name="受輔導機關")

    class Meta:
        verbose_name = "輔導分配"
        verbose_name_plural = "輔導分配"
        ordering = ["table", "pk"]
        constraints = [models.UniqueConstraint(fields=["table", "agency"], name="coached_by_one_officer")]

    def __str__(self) -> str:
        return f"{self.officer} 輔導 {self.agency}"
