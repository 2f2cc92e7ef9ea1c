"""The office calendar (政府行政機關辦公日曆表) and one-off closures."""

from django.db import models

from districts.models.agencies import Office
from districts.querysets import CalendarDayQuerySet, ClosureQuerySet


class CalendarDay(models.Model):
    """One day as the government published it; the newest import of a year replaces the year."""

    day = models.DateField("日期", primary_key=True)
    is_off = models.BooleanField("放假")
    note = models.CharField("備註", max_length=60, blank=True)

    objects = CalendarDayQuerySet.as_manager()

    class Meta:
        verbose_name = "辦公日曆"
        verbose_name_plural = "辦公日曆"
        ordering = ["day"]

    def __str__(self) -> str:
        return self.day.isoformat()


class Closure(models.Model):
    """A day on which the office is closed besides the calendar, such as a typhoon (停止上班).

    `told_at` is empty until those whose deadlines it moves have been written to.
    """

    office = models.ForeignKey(Office, on_delete=models.CASCADE, related_name="closures", verbose_name="人事處")
    day = models.DateField("日期")
    reason = models.CharField("事由", max_length=60)
    told_at = models.DateTimeField("通知時間", null=True, blank=True, editable=False)

    objects = ClosureQuerySet.as_manager()

    class Meta:
        verbose_name = "停止上班日"
        verbose_name_plural = "停止上班日"
        ordering = ["-day"]
        constraints = [models.UniqueConstraint(fields=["office", "day"], name="closure_once_a_day")]

    def __str__(self) -> str:
        return f"{self.day} {self.reason}"
