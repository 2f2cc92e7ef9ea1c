"""One-time links by which a person chooses a password: for an hour after a request, for days after an invitation.

A link dies when it is used, since its token is made of the password's hash and of the last login.
"""

from datetime import timedelta

from django.conf import settings
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from personnel_portal.accounts.models import User


class Tokens(PasswordResetTokenGenerator):
    """Django's tokens, of which some live longer."""

    key_salt = "personnel_portal.accounts.links.Tokens"

    def make_lasting(self, user: User, span: timedelta) -> str:
        """Return a token that is good for the span.

        Django lets every token die `PASSWORD_RESET_TIMEOUT` seconds after its stamp, so this one is stamped ahead.
        """
        ahead = int(span.total_seconds()) - settings.PASSWORD_RESET_TIMEOUT
        return self._make_token_with_timestamp(user, self._num_seconds(self._now()) + ahead, self.secret)


tokens = Tokens()


def reset_link(user: User) -> str:
    """Return the address at which the person may choose a new password within `PASSWORD_RESET_TIMEOUT` seconds."""
    return _address(user, tokens.make_token(user))


def invitation_link(user: User) -> str:
    """Return the address at which a new person may choose the first password within `INVITATION_DAYS` days."""
    return _address(user, tokens.make_lasting(user, timedelta(days=settings.INVITATION_DAYS)))


def _address(user: User, token: str) -> str:
    # Never from the request: its Host header is text that a stranger may send.
    uid = urlsafe_base64_encode(force_bytes(user.pk))
    return f"{settings.PORTAL_URL}{reverse('accounts:set_password', kwargs={'uidb64': uid, 'token': token})}"
