"""What a password must be, beyond Django's own rules (附表十: complexity, minimum age, not the last three).

Each rule answers with one sentence; all limits are settings.
"""

from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth.hashers import check_password, is_password_usable
from django.core.exceptions import ValidationError
from django.utils import timezone

from personnel_portal import roc
from personnel_portal.accounts.models import PastPassword

if TYPE_CHECKING:
    from personnel_portal.accounts.models import User


class MixedCharactersValidator:
    """At least three of four classes: capital letters, small letters, digits, anything else."""

    REQUIRED = 3

    def validate(self, password: str, user: "User | None" = None) -> None:
        if len({_character_class(character) for character in password}) < self.REQUIRED:
            raise ValidationError("密碼須包含大寫英文、小寫英文、數字、符號其中三種。", code="password_not_mixed")

    def get_help_text(self) -> str:
        return "須包含大寫英文、小寫英文、數字、符號其中三種。"


class MinimumAgeValidator:
    """A password is kept for `PASSWORD_MIN_AGE`, or the history could be run through in a minute.

    A change that the person was told to make is always possible.
    """

    def validate(self, password: str, user: "User | None" = None) -> None:
        if user is None or user.pk is None or user.must_change_password or not user.has_usable_password():
            return
        free = user.password_changed_at + settings.PASSWORD_MIN_AGE
        if timezone.now() < free:
            local = timezone.localtime(free)
            raise ValidationError(
                f"密碼變更未滿 {_span(settings.PASSWORD_MIN_AGE)}，請於{roc.long(local.date())}{roc.clock(local.time())}後再變更。",
                code="password_too_young",
            )

    def get_help_text(self) -> str:
        return f"變更後須使用滿 {_span(settings.PASSWORD_MIN_AGE)}才能再變更。"


class HistoryValidator:
    """None of the last `PASSWORD_HISTORY` passwords, the current one among them."""

    def validate(self, password: str, user: "User | None" = None) -> None:
        if user is None or user.pk is None or settings.PASSWORD_HISTORY < 1:
            return
        past = user.past_passwords.values_list("password", flat=True)[: settings.PASSWORD_HISTORY - 1]
        if any(check_password(password, used) for used in (user.password, *past) if is_password_usable(used)):
            raise ValidationError(
                f"不得與最近 {settings.PASSWORD_HISTORY} 次使用過的密碼相同。", code="password_used_before"
            )

    def password_changed(self, password: str, user: "User | None" = None) -> None:
        """Remember the hash that was replaced, and forget those that no longer count."""
        if user is None or not user.replaced_hash or not is_password_usable(user.replaced_hash):
            return
        PastPassword.objects.create(user=user, password=user.replaced_hash)
        kept = user.past_passwords.values_list("pk", flat=True)[: max(settings.PASSWORD_HISTORY - 1, 0)]
        user.past_passwords.exclude(pk__in=list(kept)).delete()
        user.replaced_hash = ""

    def get_help_text(self) -> str:
        return f"不得與最近 {settings.PASSWORD_HISTORY} 次使用過的密碼相同。"


def _character_class(character: str) -> str:
    if character.isdecimal():
        return "digit"
    if character.isascii() and character.isalpha():
        return "upper" if character.isupper() else "lower"
    return "other"


def _span(span: timedelta) -> str:
    """Return a span in words, in whole days or, below a day, in hours."""
    return f"{span.days} 日" if span.days else f"{span.seconds // 3600} 小時"
