"""What must be remembered beside the computed duties: relief given, reminders sent, feeds opened."""

import secrets

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from districts.models import Agency, Person, Plan
from personnel_portal.duties.querysets import FeedTokenQuerySet, ReliefQuerySet
from personnel_portal.outbox.models import Message


class Relief(models.Model):
    """A waiver (免除) or an extension (展延) that the office gives one agency for one duty, with its reason."""

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="reliefs", verbose_name="計畫")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="reliefs", verbose_name="機關")
    duty_key = models.CharField("應辦事項", max_length=120)
    duty_title = models.CharField("應辦事項名稱", max_length=120)
    until = models.DateField("展延至", null=True, blank=True, help_text="空白表示免除。")
    reason = models.CharField("理由", max_length=200)
    expires_on = models.DateField("效力至", null=True, blank=True)
    given_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name="核准人"
    )
    given_at = models.DateTimeField("核准時間", default=timezone.now)
    withdrawn_at = models.DateTimeField("撤銷時間", null=True, blank=True)

    objects = ReliefQuerySet.as_manager()

    class Meta:
        verbose_name = "免除或展延"
        verbose_name_plural = "免除或展延"
        ordering = ["-given_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "agency", "duty_key"], condition=Q(withdrawn_at__isnull=True), name="relief_once_a_duty"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="relief_has_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.agency} {self.duty_title}"


class Reminder(models.Model):
    """A reminder that was put into a digest: once per duty, effective date, person and offset.

    `offset` is the number of days before the effective date; -7, -14 … are the weekly ones while it is overdue. By
    hand (立即提醒) has no offset.
    """

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="reminders", verbose_name="計畫")
    duty_key = models.CharField("應辦事項", max_length=120)
    effective = models.DateField("實際期限", null=True, blank=True)
    offset = models.SmallIntegerField("期限前幾日", null=True, blank=True)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="reminders", verbose_name="人員")
    agency = models.ForeignKey(Agency, on_delete=models.CASCADE, related_name="reminders", verbose_name="機關")
    message = models.ForeignKey(
        Message, on_delete=models.SET_NULL, null=True, related_name="reminders", verbose_name="郵件"
    )
    made_at = models.DateTimeField("提醒時間", default=timezone.now)

    class Meta:
        verbose_name = "提醒"
        verbose_name_plural = "提醒"
        ordering = ["-made_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["duty_key", "effective", "person", "offset"],
                condition=Q(offset__isnull=False),
                name="reminded_once_an_offset",
            ),
        ]
        indexes = [models.Index(fields=["plan", "duty_key"], name="reminder_by_duty")]

    def __str__(self) -> str:
        return f"{self.duty_key} {self.person}"


def new_token() -> str:
    """Return an address part that cannot be guessed."""
    return secrets.token_urlsafe(32)


class FeedToken(models.Model):
    """The private address of a person's iCal feed; revoking it closes the address for good."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="feeds", verbose_name="帳號"
    )
    token = models.CharField("權杖", max_length=64, unique=True, default=new_token)
    made_at = models.DateTimeField("建立時間", default=timezone.now)
    revoked_at = models.DateTimeField("撤銷時間", null=True, blank=True)

    objects = FeedTokenQuerySet.as_manager()

    class Meta:
        verbose_name = "行事曆訂閱"
        verbose_name_plural = "行事曆訂閱"
        ordering = ["-made_at"]
        constraints = [
            models.UniqueConstraint(fields=["user"], condition=Q(revoked_at__isnull=True), name="one_live_feed_a_user")
        ]

    def __str__(self) -> str:
        return f"{self.user}"
