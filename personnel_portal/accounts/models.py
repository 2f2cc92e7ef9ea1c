"""Accounts: who may log in, the passwords they had, and who stands in for whom (代理人)."""

from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.contrib.auth.models import AbstractUser, UserManager
from django.db import models
from django.utils import timezone

from personnel_portal.accounts.querysets import DeputyshipQuerySet, UserQuerySet

if TYPE_CHECKING:
    from datetime import datetime


class AccountManager(UserManager.from_queryset(UserQuerySet)):  # type: ignore[misc]  # a base class made at run time
    """Django's user manager with the reads of `UserQuerySet`."""


class User(AbstractUser):
    """One person's own login; there are no shared accounts.

    `acting_for` is set by the middleware while the person acts as somebody's deputy: rights then are those of the
    absent person, and the trail names both.
    """

    first_name = None  # type: ignore[assignment]  # a Chinese name is one field
    last_name = None  # type: ignore[assignment]  # as above
    name = models.CharField("姓名", max_length=50)
    must_change_password = models.BooleanField("下次登入須變更密碼", default=True)
    password_changed_at = models.DateTimeField("密碼變更時間", default=timezone.now)
    enabled_at = models.DateTimeField("啟用時間", default=timezone.now)
    reviewed_on = models.DateField("最近一次帳號清查", null=True, blank=True)

    acting_for: "User | None" = None
    replaced_hash: str = ""
    objects: ClassVar[AccountManager] = AccountManager()

    REQUIRED_FIELDS = ["name", "email"]

    class Meta(AbstractUser.Meta):
        verbose_name = "帳號"
        verbose_name_plural = "帳號"

    def __str__(self) -> str:
        return f"{self.name}（{self.username}）"

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name

    def set_password(self, raw_password: str | None) -> None:
        """Keep the hash that is being replaced at hand, for `passwords.HistoryValidator.password_changed`."""
        self.replaced_hash = self.password
        super().set_password(raw_password)

    def password_due(self, now: "datetime") -> bool:
        """Tell whether the person must choose a password before anything else: at first login, or when it is too old.

        An account without a password of its own (only invited, or logged in elsewhere) owes none.
        """
        if not self.has_usable_password():
            return False
        return self.must_change_password or now - self.password_changed_at > settings.PASSWORD_MAX_AGE


class PastPassword(models.Model):
    """A hash of a password that was used before, so that it is not used again too soon."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="past_passwords")
    password = models.CharField("密碼雜湊", max_length=128)
    replaced_at = models.DateTimeField("變更時間", default=timezone.now)

    class Meta:
        verbose_name = "歷史密碼"
        verbose_name_plural = "歷史密碼"
        ordering = ["-replaced_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.user} {self.replaced_at:%Y-%m-%d}"


class Deputyship(models.Model):
    """A deputy (代理人) who may act for an absent officer from one day to another, both included."""

    principal = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="deputyships", verbose_name="被代理人"
    )
    deputy = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="deputises", verbose_name="代理人"
    )
    since = models.DateField("起日")
    until = models.DateField("迄日")
    reason = models.CharField("事由", max_length=100, blank=True)
    created_at = models.DateTimeField("登錄時間", auto_now_add=True)
    ended_at = models.DateTimeField("提前終止時間", null=True, blank=True, editable=False)

    objects = DeputyshipQuerySet.as_manager()

    class Meta:
        verbose_name = "代理"
        verbose_name_plural = "代理"
        ordering = ["-since", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(until__gte=models.F("since")), name="deputyship_ends_after_start"
            ),
            models.CheckConstraint(condition=~models.Q(principal=models.F("deputy")), name="deputyship_of_two_people"),
        ]

    def __str__(self) -> str:
        return f"{self.deputy.name} 代理 {self.principal.name}"
