"""The audit trail: who did what to which record, when and from where, chained so that a change shows."""

from typing import Any, NoReturn

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils import timezone

from personnel_portal.trail import acts
from personnel_portal.trail.querysets import AppendOnlyError, EntryQuerySet


class Entry(models.Model):
    """One act. Names are kept as text beside the keys, so that it reads the same when a person or record is renamed.

    `position`, `previous_hash` and `hash` are the seal, given later and once by `actions.seal`.
    """

    at = models.DateTimeField("時間", default=timezone.now, db_index=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="帳號", null=True, blank=True, related_name="+"
    )
    actor_name = models.CharField("操作者", max_length=150, blank=True)
    acting_for_name = models.CharField("代理對象", max_length=150, blank=True)
    address = models.GenericIPAddressField("來源位址", null=True, blank=True, unpack_ipv4=True)
    act = models.CharField("動作代碼", max_length=60, db_index=True)
    target_type = models.ForeignKey(
        ContentType, models.PROTECT, verbose_name="對象類別", null=True, blank=True, related_name="+"
    )
    target_id = models.CharField("對象編號", max_length=64, blank=True)
    target_label = models.CharField("對象", max_length=200, blank=True)
    office_id = models.PositiveBigIntegerField("機關編號", null=True, blank=True)
    detail = models.JSONField("內容", default=dict, blank=True, encoder=DjangoJSONEncoder)

    position = models.PositiveBigIntegerField("封存序號", null=True, blank=True, unique=True, editable=False)
    previous_hash = models.CharField("前一筆雜湊值", max_length=64, blank=True, editable=False)
    hash = models.CharField("雜湊值", max_length=64, blank=True, editable=False)

    objects = EntryQuerySet.as_manager()

    class Meta:
        verbose_name = "稽核軌跡"
        verbose_name_plural = "稽核軌跡"
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["target_type", "target_id", "-id"], name="trail_entry_of_target"),
            models.Index(fields=["office_id", "-id"], name="trail_entry_of_office"),
            models.Index(fields=["id"], condition=Q(position__isnull=True), name="trail_entry_unsealed"),
        ]
        constraints = [
            models.CheckConstraint(
                name="trail_entry_is_sealed_whole_or_not_at_all",
                condition=Q(position__isnull=True, previous_hash="", hash="")
                | (Q(position__gte=1) & ~Q(previous_hash="") & ~Q(hash="")),
            ),
            models.CheckConstraint(name="trail_entry_has_an_act", condition=~Q(act="")),
            models.CheckConstraint(
                name="trail_entry_target_is_whole_or_absent",
                condition=Q(target_type__isnull=True, target_id="") | (Q(target_type__isnull=False) & ~Q(target_id="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{timezone.localtime(self.at):%Y-%m-%d %H:%M:%S} {self.who} {self.act_label}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Insert a new entry; an existing one is never saved again."""
        if not self._state.adding:
            raise AppendOnlyError("Entries of the audit trail are never changed.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise AppendOnlyError("Entries of the audit trail are removed by `trail.actions.expire` alone.")

    @property
    def act_label(self) -> str:
        """The act in words, as the app that recorded it named it."""
        return acts.label(self.act)

    @property
    def who(self) -> str:
        """The person, with the one he or she acted for; 系統 when no person acted."""
        name = self.actor_name or "系統"
        return f"{name}（代理{self.acting_for_name}）" if self.acting_for_name else name


class ChainHead(models.Model):
    """The two ends of the chain, in one row: the last seal, and the last entry that was removed when it grew old."""

    position = models.PositiveBigIntegerField("最後序號", default=0)
    hash = models.CharField("最後雜湊值", max_length=64)
    anchor_position = models.PositiveBigIntegerField("已清除至序號", default=0)
    anchor_hash = models.CharField("已清除至雜湊值", max_length=64)

    class Meta:
        verbose_name = "稽核鏈"
        verbose_name_plural = "稽核鏈"
        constraints = [
            models.CheckConstraint(name="trail_chain_has_one_head", condition=Q(pk=1)),
            models.CheckConstraint(
                name="trail_chain_anchor_is_not_after_head", condition=Q(anchor_position__lte=models.F("position"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.anchor_position} – {self.position}"
