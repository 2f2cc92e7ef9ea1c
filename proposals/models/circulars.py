"""The circular (通函) that tells everyone what the meetings resolved (肆、三), and who has read it."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from districts.models import Agency, Plan
from meetings.models import Meeting
from proposals.querysets import CircularQuerySet, CircularRecipientQuerySet


class Circular(models.Model):
    """A circular of the office about one meeting or several.

    The portal drafts it; the document system issues it; number and date are entered afterwards, with which it is
    published here. Published, it never changes: a correction (更正) is another circular.
    """

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="circulars", verbose_name="計畫")
    meetings = models.ManyToManyField(Meeting, related_name="circulars", verbose_name="會議")
    purpose = models.CharField("主旨", max_length=300)
    explanation = models.TextField("說明", max_length=20_000, blank=True)
    number = models.CharField("文號", max_length=60, blank=True)
    issued_on = models.DateField("發文日期", null=True, blank=True)
    published_at = models.DateTimeField("公布時間", null=True, blank=True)
    corrects = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="corrections", verbose_name="更正"
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name="建立人"
    )
    created_at = models.DateTimeField("建立時間", default=timezone.now)

    objects = CircularQuerySet.as_manager()

    class Meta:
        verbose_name = "通函"
        verbose_name_plural = "通函"
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(published_at__isnull=True) | (~Q(number="") & Q(issued_on__isnull=False)),
                name="published_circular_has_number_and_date",
            ),
            models.UniqueConstraint(
                fields=["plan", "number"], condition=~Q(number=""), name="circular_number_once_a_plan"
            ),
        ]

    def __str__(self) -> str:
        return self.purpose

    def get_absolute_url(self) -> str:
        return reverse("proposals:circular", kwargs={"pk": self.pk})


class CircularRecipient(models.Model):
    """An agency that a published circular reached, and who acknowledged it there."""

    circular = models.ForeignKey(Circular, on_delete=models.CASCADE, related_name="recipients", verbose_name="通函")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+", verbose_name="機關")
    acknowledged_at = models.DateTimeField("簽收時間", null=True, blank=True)
    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="簽收人",
    )

    objects = CircularRecipientQuerySet.as_manager()

    class Meta:
        verbose_name = "通函簽收"
        verbose_name_plural = "通函簽收"
        ordering = ["circular", "agency", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["circular", "agency"], name="circular_reaches_an_agency_once"),
            models.CheckConstraint(
                condition=Q(acknowledged_at__isnull=True) | Q(acknowledged_by__isnull=False),
                name="acknowledged_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agency}"
