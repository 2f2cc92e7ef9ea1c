"""The call for items (函請提案) before a meeting (肆、二、(二)), and who has answered it."""

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from districts.models import Agency
from meetings.models import Meeting
from personnel_portal import roc
from proposals.querysets import CallForItemsQuerySet, CallRecipientQuerySet


class CallForItems(models.Model):
    """The host's letter that asks members and coached 兼任(辦) agencies for cases and proposals.

    The plan states no closing date, so the host sets it. Once sent, the letter stays as it was: only its number is
    entered when the document system has given it, and the closing date moves, only later. Until then `DAY` in the text
    stands for the closing date.
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

    DAY = "〔截止日〕"

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

    @property
    def is_closed(self) -> bool:
        """Whether the closing day has passed for those without an extension; items are then late, never refused."""
        return timezone.localdate() > self.closes_on

    def filled(self, text: str) -> str:
        """Return a text of the letter with the closing day in the place that was kept for it."""
        return text.replace(self.DAY, roc.long(self.closes_on))


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
            models.CheckConstraint(
                condition=Q(none_at__isnull=True, none_by__isnull=True)
                | Q(none_at__isnull=False, none_by__isnull=False),
                name="answer_none_is_somebodys",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agency}"

    @property
    def closes_on(self) -> date:
        """The last day for this agency; an extension that the call's own closing day has overtaken counts no more."""
        return max(self.extended_until or self.call.closes_on, self.call.closes_on)

    @property
    def is_extended(self) -> bool:
        """Whether the agency has more time than the others."""
        return self.closes_on > self.call.closes_on
