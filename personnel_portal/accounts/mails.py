"""The mails about accounts: one function and three templates each. They stand in the caller's transaction."""

from datetime import datetime
from typing import Any

from django.conf import settings

from personnel_portal.accounts import links
from personnel_portal.accounts.models import Deputyship, User
from personnel_portal.outbox import letters
from personnel_portal.outbox.models import Message

# No office's outbox page may show these: whoever reads a link could take the account over.
SENDER = "accounts"
# How often one account is sent a reset link at most, whoever asks for it.
RESET_PAUSE_SECONDS = 300


def invitation(user: User, *, by: User | None) -> Message:
    """Tell a new person where to choose a password."""
    return _send(user, "invitation", link=links.invitation_link(user), days=settings.INVITATION_DAYS, by=by)


def reset(user: User, *, now: datetime, asked: bool = True) -> Message:
    """Send a link to choose a new password; `asked` when the person, and not an administrator, asked for it."""
    key = f"accounts:reset:{user.pk}:{int(now.timestamp()) // RESET_PAUSE_SECONDS}" if asked else ""
    minutes = settings.PASSWORD_RESET_TIMEOUT // 60
    return _send(user, "reset", key=key, link=links.reset_link(user), minutes=minutes, asked=asked)


def deputy_appointed(deputyship: Deputyship) -> Message:
    """Tell the deputy from when until when he or she may act for whom."""
    return _send(deputyship.deputy, "deputy_appointed", deputyship=deputyship)


def deputy_ended(deputyship: Deputyship) -> Message:
    """Tell the deputy that the absent person is back early."""
    return _send(deputyship.deputy, "deputy_ended", deputyship=deputyship)


def _send(user: User, template: str, *, key: str = "", **context: Any) -> Message:
    name = f"accounts/mail/{template}"
    return letters.post(name, {"user": user, **context}, to=user.email, to_name=user.name, key=key, sender=SENDER)
