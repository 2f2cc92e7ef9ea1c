"""What a meeting resolved and who carries it out (列管)."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from districts.models import Agency
from meetings.models import AgendaItem
from proposals.choices import FollowUpState
from proposals.models.proposals import Proposal
from proposals.querysets import FollowUpQuerySet


class FollowUp(models.Model):
    """A resolution that an agency carries out until a day: it reports, the office releases it or asks for more."""

    agenda_item = models.ForeignKey(
        AgendaItem, on_delete=models.PROTECT, related_name="follow_ups", verbose_name="議程項目"
    )
    proposal = models.ForeignKey(
        Proposal, on_delete=models.PROTECT, null=True, blank=True, related_name="follow_ups", verbose_name="提案"
    )
    task = models.CharField("辦理事項", max_length=300)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="follow_ups", verbose_name="承辦單位")
    due_on = models.DateField("期限", null=True, blank=True)
    state = models.CharField("列管狀態", max_length=10, choices=FollowUpState, default=FollowUpState.OPEN)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name="建立人"
    )
    created_at = models.DateTimeField("建立時間", default=timezone.now)
    released_at = models.DateTimeField("解列時間", null=True, blank=True)

    objects = FollowUpQuerySet.as_manager()

    class Meta:
        verbose_name = "決議列管"
        verbose_name_plural = "決議列管"
        ordering = ["due_on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state=FollowUpState.RELEASED, released_at__isnull=False)
                | (~Q(state=FollowUpState.RELEASED) & Q(released_at__isnull=True)),
                name="released_follow_up_has_a_day",
            ),
            models.UniqueConstraint(fields=["agenda_item", "agency", "task"], name="task_of_an_item_once_an_agency"),
        ]

    def __str__(self) -> str:
        return self.task

    def get_absolute_url(self) -> str:
        return reverse("proposals:follow_up", kwargs={"pk": self.pk})


class FollowUpReport(models.Model):
    """A line of the timeline: what was done, or why it goes on; never edited."""

    follow_up = models.ForeignKey(FollowUp, on_delete=models.CASCADE, related_name="reports", verbose_name="列管")
    state = models.CharField("辦理後狀態", max_length=10, choices=FollowUpState)
    text = models.TextField("辦理情形", max_length=2000)
    at = models.DateTimeField("時間", default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name="填報人")

    class Meta:
        verbose_name = "辦理情形"
        verbose_name_plural = "辦理情形"
        ordering = ["follow_up", "pk"]

    def __str__(self) -> str:
        return f"{self.follow_up}：{self.text[:30]}"
