"""The outbox: every mail is a row before it is a mail, and the row says how far it came."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from personnel_portal.outbox.choices import State
from personnel_portal.outbox.querysets import MessageQuerySet


class Message(models.Model):
    """One mail to one person. Its state is set by `outbox.actions` and `outbox.delivery` alone."""

    to = models.CharField("收件地址", max_length=254, blank=True)
    to_name = models.CharField("收件人", max_length=100, blank=True)
    subject = models.CharField("主旨", max_length=200)
    text = models.TextField("內文")
    html = models.TextField("HTML 內文", blank=True)
    # Null and not empty when there is nothing to tell twins by: many rows may have no key.
    key = models.CharField("去重鍵", max_length=200, null=True, blank=True, unique=True)
    sender = models.CharField("寄件範圍", max_length=60, blank=True, db_index=True)
    message_id = models.CharField("Message-ID", max_length=150, unique=True)
    send_after = models.DateTimeField("最早寄送時間", default=timezone.now)
    state = models.CharField("狀態", max_length=10, choices=State, default=State.QUEUED)
    attempts = models.PositiveSmallIntegerField("已嘗試次數", default=0)
    last_error = models.TextField("最近一次錯誤", blank=True)
    claimed_by = models.UUIDField("取件者", null=True, blank=True, editable=False)
    claimed_until = models.DateTimeField("取件期限", null=True, blank=True, editable=False)
    sent_at = models.DateTimeField("寄出時間", null=True, blank=True)
    created_at = models.DateTimeField("建立時間", default=timezone.now)

    objects: ClassVar[MessageQuerySet] = MessageQuerySet.as_manager()  # type: ignore[assignment]  # as_manager is typed as Manager

    class Meta:
        verbose_name = "信件"
        verbose_name_plural = "信件"
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["send_after", "id"], condition=Q(state=State.QUEUED), name="outbox_message_queued"),
            models.Index(fields=["claimed_until"], condition=Q(state=State.SENDING), name="outbox_message_sending"),
            models.Index(fields=["state", "-id"], name="outbox_message_by_state"),
        ]
        constraints = [
            models.CheckConstraint(name="outbox_message_state_is_known", condition=Q(state__in=State.values)),
            models.CheckConstraint(
                name="outbox_message_sent_has_its_time",
                condition=Q(state=State.SENT, sent_at__isnull=False) | (~Q(state=State.SENT) & Q(sent_at__isnull=True)),
            ),
            models.CheckConstraint(
                name="outbox_message_sending_is_claimed",
                condition=Q(state=State.SENDING, claimed_by__isnull=False, claimed_until__isnull=False)
                | (~Q(state=State.SENDING) & Q(claimed_by__isnull=True, claimed_until__isnull=True)),
            ),
            models.CheckConstraint(
                name="outbox_message_failed_says_why", condition=~Q(state=State.FAILED) | ~Q(last_error="")
            ),
            models.CheckConstraint(name="outbox_message_key_is_null_or_text", condition=~Q(key="")),
            models.CheckConstraint(
                name="outbox_message_has_an_address_or_failed",
                condition=~Q(to="") | ~Q(state__in=["queued", "sending"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject}（{self.to_name or self.to}）"


class Attachment(models.Model):
    """A small file that goes with a mail, such as an .ics; papers are linked, not attached."""

    message = models.ForeignKey(Message, models.CASCADE, related_name="attachments", verbose_name="信件")
    name = models.CharField("檔名", max_length=120)
    mime = models.CharField("類型", max_length=100)
    content = models.BinaryField("內容")

    class Meta:
        verbose_name = "附件"
        verbose_name_plural = "附件"
        ordering = ["id"]

    def __str__(self) -> str:
        return self.name
