"""Writing accounts and deputies: each transition is one function, one transaction, one entry in the trail."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from personnel_portal import roc
from personnel_portal.accounts import mails
from personnel_portal.accounts.models import Deputyship, User
from personnel_portal.accounts.policies import acts_as_self, deputy_candidates
from personnel_portal.guards import require
from personnel_portal.outbox import wake
from personnel_portal.trail.actions import record


def create_account(*, username: str, name: str, email: str, by: User | None) -> User:
    """Make an account without a password; nobody can log in with it before `invite` and a password chosen.

    Raises:
        ValidationError: the user name is taken or has forbidden characters, the name or the address is missing or wrong.
    """
    user = User(username=User.normalize_username(username.strip()), name=name.strip(), email=email.strip())
    user.set_unusable_password()
    user.full_clean()
    if not user.email:
        raise ValidationError({"email": "請填寫電子郵件，邀請信與密碼重設信都寄到這裡。"})
    with transaction.atomic():
        user.save()
        record("account.created", user, by=by)
    return user


@transaction.atomic
def invite(*, user: User, by: User | None) -> User:
    """Send the mail with which the person chooses a first password; an earlier invitation stays good until used.

    Raises:
        ValidationError: the account is disabled or was used already.
    """
    if not user.is_active:
        raise ValidationError(f"帳號「{user.username}」已停用，請先啟用再邀請。")
    if user.has_usable_password():
        raise ValidationError(f"帳號「{user.username}」已設定密碼，不必再邀請；忘記密碼請改用重設密碼。")
    mails.invitation(user, by=by)
    record("account.invited", user, by=by, to=user.email)
    return user


@transaction.atomic
def set_password(*, user: User, password: str, by: User) -> User:
    """Give the person the password that he or she chose; the validators have seen it before."""
    user.set_password(password)
    user.must_change_password = False
    user.password_changed_at = timezone.now()
    user.save(update_fields=["password", "must_change_password", "password_changed_at"])
    record("password.changed", user, by=by)
    return user


@transaction.atomic
def request_reset(*, mail: str, now: datetime) -> None:
    """Send a one-time link to the accounts with this address.

    An unknown address takes the same work, all of which is taken back: neither the answer nor its time tells
    whether somebody has an account here.
    """
    users = list(User.objects.reached_at(mail)[:5])
    for user in users:
        mails.reset(user, now=now)
        record("password.reset_requested", user, by=None)
    if not users:
        nobody = User(pk=0, username="-", name="-", email=mail)
        with transaction.atomic():
            mails.reset(nobody, now=now)
            transaction.set_rollback(True)
        record("password.reset_requested", None, by=None, mail=f"{mail[:2]}…（無此信箱）")
    wake.after_commit("outbox.deliver")


@transaction.atomic
def reset_password(*, user: User, by: User) -> User:
    """Take the password away, end the person's sessions and send a link to choose a new one.

    Raises:
        ValidationError: the account is disabled.
    """
    if not user.is_active:
        raise ValidationError(f"帳號「{user.username}」已停用，請先啟用再重設密碼。")
    user.set_unusable_password()
    user.must_change_password = True
    user.save(update_fields=["password", "must_change_password"])
    end_sessions(user)
    mails.reset(user, now=timezone.now(), asked=False)
    record("password.reset", user, by=by)
    return user


@transaction.atomic
def disable(*, user: User, by: User | None, reason: str = "") -> User:
    """Close an account; whoever is logged in with it is out at once.

    Raises:
        ValidationError: it is one's own, or closed already.
    """
    if user == by:
        raise ValidationError("不能停用自己的帳號。")
    # Conditional: of two people who close it at once, the second is told.
    if not User.objects.filter(pk=user.pk, is_active=True).update(is_active=False):
        raise ValidationError(f"帳號「{user.username}」已停用。")
    user.is_active = False
    end_sessions(user)
    record("account.disabled", user, by=by, reason=reason)
    return user


@transaction.atomic
def enable(*, user: User, by: User) -> User:
    """Open a closed account again; its idle time begins anew.

    Raises:
        ValidationError: it is open already.
    """
    now = timezone.now()
    if not User.objects.filter(pk=user.pk, is_active=False).update(is_active=True, enabled_at=now):
        raise ValidationError(f"帳號「{user.username}」使用中，不必再啟用。")
    user.is_active, user.enabled_at = True, now
    record("account.enabled", user, by=by)
    return user


def disable_idle(*, now: datetime) -> int:
    """Close the accounts that nobody has used for `ACCOUNT_IDLE_DAYS` days; return how many."""
    idle = User.objects.idle_since(now - timedelta(days=settings.ACCOUNT_IDLE_DAYS))
    reason = f"逾 {settings.ACCOUNT_IDLE_DAYS} 日未使用"
    return len([disable(user=user, by=None, reason=reason) for user in idle])


@transaction.atomic
def mark_reviewed(*, users: Iterable[User], by: User, today: date) -> int:
    """Note that the accounts are still needed, as the yearly review asks; return how many."""
    reviewed = [user for user in users if user.is_active]
    for user in reviewed:
        user.reviewed_on = today
        user.save(update_fields=["reviewed_on"])
        record("account.reviewed", user, by=by)
    return len(reviewed)


def end_sessions(user: User) -> None:
    """Log the person out everywhere. Also a session that sleeps: it would wake when the account is enabled again."""
    for session in Session.objects.filter(expire_date__gte=timezone.now()):
        if session.get_decoded().get(SESSION_KEY) == str(user.pk):
            session.delete()


@transaction.atomic
def appoint_deputy(
    *, principal: User, deputy: User, since: date, until: date, reason: str = "", by: User
) -> Deputyship:
    """Let the deputy act for an absent person from one day to another, both included, and tell the deputy by mail.

    Raises:
        PermissionDenied: a deputy tries to name a deputy.
        ValidationError: the period is over or turned round, the person cannot be the deputy or is it already.
    """
    require(acts_as_self(by))
    if until < since:
        raise ValidationError({"until": "迄日不得早於起日。"})
    if until < timezone.localdate():
        raise ValidationError({"until": "代理期間已經過去，請填今天以後的迄日。"})
    if not deputy_candidates(principal).filter(pk=deputy.pk).exists():
        raise ValidationError({"deputy": f"{deputy.name}不是同機關有帳號的人員，不能代理。"})
    # One appointment at a time: two at once would not see each other's period.
    User.objects.select_for_update(no_key=True).get(pk=principal.pk)
    standing = Deputyship.objects.standing().filter(principal=principal, deputy=deputy)
    if twin := standing.filter(since__lte=until, until__gte=since).first():
        raise ValidationError(f"{deputy.name}在{roc.short(twin.since)}至{roc.short(twin.until)}已是代理人。")
    deputyship = Deputyship.objects.create(
        principal=principal, deputy=deputy, since=since, until=until, reason=reason.strip()
    )
    mails.deputy_appointed(deputyship)
    record("deputy.appointed", deputyship, by=by, since=since.isoformat(), until=until.isoformat(), reason=reason)
    return deputyship


@transaction.atomic
def end_deputyship(*, deputyship: Deputyship, by: User) -> Deputyship:
    """End a deputyship before its time; the deputy's next step is refused.

    Raises:
        PermissionDenied: somebody tries it as a deputy.
        ValidationError: it was ended already.
    """
    require(acts_as_self(by))
    now = timezone.now()
    if not Deputyship.objects.standing().filter(pk=deputyship.pk).update(ended_at=now):
        raise ValidationError(f"{deputyship.deputy.name}的代理已經終止。")
    deputyship.ended_at = now
    mails.deputy_ended(deputyship)
    record("deputy.ended", deputyship, by=by)
    return deputyship
