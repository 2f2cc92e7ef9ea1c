"""Logins and logouts, recorded where Django and axes announce them."""

from typing import Any

from axes.signals import user_locked_out
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractUser
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import receiver

from personnel_portal.trail.actions import record


@receiver(user_logged_in, dispatch_uid="trail.login")
def _logged_in(user: AbstractUser, **_: Any) -> None:
    record("login.succeeded", user, by=user)


@receiver(user_logged_out, dispatch_uid="trail.logout")
def _logged_out(user: AbstractUser | None, **_: Any) -> None:
    if user is not None:
        record("logout", user, by=user)


@receiver(user_login_failed, dispatch_uid="trail.login_failed")
def _login_failed(credentials: dict[str, Any], **_: Any) -> None:
    _record_stranger("login.failed", str(credentials.get("username") or ""))


@receiver(user_locked_out, dispatch_uid="trail.locked")
def _locked_out(username: str | None, **_: Any) -> None:
    _record_stranger("login.locked", username or "")


def _record_stranger(act: str, username: str) -> None:
    """Record an attempt under the name that was typed.

    Of a name that no account has only the first two characters are kept: people type a password into the wrong field.
    """
    user_model = get_user_model()
    name = username.replace("\x00", "")
    user = user_model._default_manager.filter(**{user_model.USERNAME_FIELD: name}).first()
    record(act, user, by=None, username=username if user else f"{username[:2]}…（無此帳號）")
