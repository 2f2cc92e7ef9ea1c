"""The call for items (函請提案) before a meeting (肆、二、(二)), and who has answered it."""

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from districts.models import Agency
from meetings.models import Meeting
from proposals.querysets import CallForItemsQuerySet, CallRecipientQuerySet


class CallForItems(models.Model):
    """The host's letter that asks members and coached 兼任(辦) agencies for cases and proposals.

    The plan states no closing date, so the host sets it. Once sent, only the closing date moves, and only later.
    """

    meeting = models.OneToOneField(Meeting, on_delete=models.PROTECT, related_name="items_call", verbose_name="會議")
    issued_on = models.DateField("函請日期")
    closes_on = models.DateField("截止日")
    number = models.CharField("文號", max_length=60, blank=True)
    purpose = models.CharField("主旨", max_length=300)
    explanation = models.TextField("說明", max_length=3000, blank=True, help_text="一項一行，自動編號。")
    sent_at = models.DateTimeField("寄發時間", null=True, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name="建立人"
    )
    created_at = models.DateTimeField("建立時間", auto_now_add=True)

    objects = CallForItemsQuerySet.as_manager()

    class Meta:
        verbose_name = "函請提案"
        verbose_name_plural = "函請提案"
        ordering = ["-issued_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(closes_on__gte=F("issued_on")),
                name="call_closes_after_issue",
                violation_error_message="截止日不得早於函請日期。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.meeting}函請提案"

    def get_absolute_url(self) -> str:
        return reverse("proposals:call", kwargs={"pk": self.meeting_id})


class CallRecipient(models.Model):
    """An agency that was asked, as the list stood when the call went out, and its answer.

    It has answered by a case or a proposal of the call's meeting, or by saying that it has none (無).
    """

    call = models.ForeignKey(CallForItems, on_delete=models.CASCADE, related_name="recipients", verbose_name="函請提案")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+", verbose_name="機關")
    is_coached = models.BooleanField("輔導區兼任(辦)", default=False)
    order = models.PositiveSmallIntegerField("順序", default=0)
    none_at = models.DateTimeField("回復「無」的時間", null=True, blank=True)
    none_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="回復人",
    )
    extended_until = models.DateField("展延至", null=True, blank=True)
    extension_reason = models.CharField("展延理由", max_length=200, blank=True)

    objects = CallRecipientQuerySet.as_manager()

    class Meta:
        verbose_name = "函請對象"
        verbose_name_plural = "函請對象"
        ordering = ["call", "order", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["call", "agency"], name="agency_asked_once"),
            models.CheckConstraint(
                condition=Q(extended_until__isnull=True) | ~Q(extension_reason=""), name="extension_has_a_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agency}"

    @property
    def closes_on(self) -> date:
        """The last day for this agency."""
        return self.extended_until or self.call.closes_on
