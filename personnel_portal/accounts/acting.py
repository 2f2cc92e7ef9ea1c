"""Acting for somebody: which deputyship a session uses. The middleware reads it anew for every request."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest

from personnel_portal.accounts.models import Deputyship, User
from personnel_portal.trail.actions import record

SESSION_KEY = "accounts.deputyship"


@transaction.atomic
def act_for(request: HttpRequest, deputyship: Deputyship, *, today: date) -> None:
    """Let the person of the session act for the absent one from now on.

    Raises:
        ValidationError: the deputyship is another's or not in effect today.
    """
    user = _person(request)
    usable = Deputyship.objects.usable_by(user, today).filter(pk=deputyship.pk).first()
    if usable is None:
        raise ValidationError(f"目前不在代理{deputyship.principal.name}的期間內。")
    user.acting_for = None
    request.session[SESSION_KEY] = usable.pk
    # The session's rights change, and so does its key.
    request.session.cycle_key()
    record("deputy.acting_started", usable, by=user)
    user.acting_for = usable.principal


@transaction.atomic
def act_as_self(request: HttpRequest) -> None:
    """Return to one's own rights; nothing happens when one has them already."""
    key = request.session.pop(SESSION_KEY, None)
    if key is None:
        return
    user = _person(request)
    user.acting_for = None
    request.session.cycle_key()
    record("deputy.acting_ended", Deputyship.objects.filter(pk=key).first(), by=user)


def restore(request: HttpRequest, *, today: date) -> bool:
    """Set `request.user.acting_for` as the session says; False when the deputyship is over and was dropped."""
    key = request.session.get(SESSION_KEY)
    if key is None:
        return True
    user = _person(request)
    deputyship = Deputyship.objects.usable_by(user, today).filter(pk=key).first()
    if deputyship is None:
        act_as_self(request)
        return False
    user.acting_for = deputyship.principal
    return True


def _person(request: HttpRequest) -> User:
    # A plain type check would fail: `request.user` is a lazy stand-in for the account.
    user: User = request.user  # type: ignore[assignment]  # the callers stand behind the login
    return user
