"""Administration of the accounts of one's own office: the yearly review, close and open, invite and reset."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Prefetch, Q
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from districts.models import Posting
from districts.policies import is_admin
from districts.standing import standing
from personnel_portal import lists
from personnel_portal.accounts import actions
from personnel_portal.accounts.models import User
from personnel_portal.guards import guard
from personnel_portal.home.filters import AccountFilter, review_limit


def _posts(user: User) -> str:
    return "、".join(f"{post.agency.short_name} {post.title}" for post in _postings(user))


def _state(user: User) -> lists.Cell:
    if not user.is_active:
        return lists.Cell("已停用", "none")
    return lists.Cell("使用中", "done") if user.has_usable_password() else lists.Cell("未設定密碼", "wait")


COLUMNS = [
    lists.Column("username", "帳號", sort=("username",), link=lambda user: reverse("home:account", args=[user.pk])),
    lists.Column("name", "姓名", sort=("name",)),
    lists.Column("posts", "職務", value=_posts, width=40),
    lists.Column("access", "使用權限", value=lambda user: _accesses(user)),
    lists.Column("last_login", "最近登入", value=lambda user: _day(user.last_login), sort=("last_login",)),
    lists.Column("state", "狀態", value=_state, sort=("is_active",)),
    lists.Column("reviewed_on", "最近清查", sort=("reviewed_on",)),
]


@guard(policy=is_admin)
def accounts(request: HttpRequest) -> HttpResponseBase:
    """List every account of the office with posts and last login: the yearly review list."""
    today = timezone.localdate()
    mine = _accounts(request.user, today)
    return lists.show(
        request,
        queryset=mine,
        columns=COLUMNS,
        title="帳號清冊",
        empty="還沒有帳號。請由「分區與機關」匯入人員並建立帳號。",
        filterset_class=AccountFilter,
        office_id=standing(request.user).office_id,
        template="accounts/list.html",
        due=mine.review_due(review_limit(today)).count(),
        days=settings.ACCOUNT_REVIEW_DAYS,
    )


@guard(policy=is_admin)
def account(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one account with the steps an administrator may take."""
    today = timezone.localdate()
    user = _account(request, pk)
    return render(
        request,
        "accounts/account.html",
        {"account": user, "postings": _postings(user), "deputies": user.deputyships.not_over(today)},
    )


@require_POST
@guard(policy=is_admin)
def review(request: HttpRequest) -> HttpResponse:
    """Note that the accounts in hand are still needed: one (`account`), or all that are due (`all`)."""
    today = timezone.localdate()
    mine = _accounts(request.user, today)
    chosen = mine.review_due(review_limit(today)) if "all" in request.POST else mine.filter(pk__in=_keys(request))
    count = actions.mark_reviewed(users=chosen, by=_me(request), today=today)
    messages.success(request, f"已清查 {count} 個帳號。" if count else "沒有待清查的帳號。")
    return redirect("home:accounts")


@require_POST
@guard(policy=is_admin)
def disable(request: HttpRequest, pk: int) -> HttpResponse:
    """Close an account; whoever is logged in with it is out at once."""
    reason = request.POST.get("reason", "").strip()[:200]
    return _act(
        request, pk, lambda user, by: actions.disable(user=user, by=by, reason=reason), "已停用「{}」，其登入立即失效。"
    )


@require_POST
@guard(policy=is_admin)
def enable(request: HttpRequest, pk: int) -> HttpResponse:
    """Open a closed account again."""
    return _act(request, pk, lambda user, by: actions.enable(user=user, by=by), "已啟用「{}」。")


@require_POST
@guard(policy=is_admin)
def invite(request: HttpRequest, pk: int) -> HttpResponse:
    """Send the invitation once more."""
    return _act(request, pk, lambda user, by: actions.invite(user=user, by=by), "已寄出「{}」的邀請信。")


@require_POST
@guard(policy=is_admin)
def reset(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the password away and send a link for a new one."""
    return _act(
        request, pk, lambda user, by: actions.reset_password(user=user, by=by), "已重設「{}」的密碼並寄出連結。"
    )


def _act(request: HttpRequest, pk: int, act: Callable[[User, User], User], words: str) -> HttpResponse:
    user = _account(request, pk)
    try:
        act(user, _me(request))
    except ValidationError as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, words.format(user.username))
    return redirect("home:account", pk=pk)


def _accounts(user: Any, today: date) -> Any:
    """Return the accounts of the administrator's own office with today's posts; three queries for any number of rows.

    Accounts that belong to nobody are for a superuser to see: a review is to find them, too.
    """
    postings = Posting.objects.on(today).select_related("agency")
    mine = Q(person__office=standing(user).office_id)
    return (
        User.objects.filter(mine | Q(person__isnull=True) if user.is_superuser else mine)
        .select_related("person")
        .prefetch_related(Prefetch("person__postings", queryset=postings))
        .order_by("username")
    )


def _account(request: HttpRequest, pk: int) -> User:
    user: User = get_object_or_404(_accounts(request.user, timezone.localdate()), pk=pk)
    return user


def _me(request: HttpRequest) -> User:
    user: User = request.user  # type: ignore[assignment]  # every caller stands behind the login
    return user


def _keys(request: HttpRequest) -> list[int]:
    return [int(key) for key in request.POST.getlist("account") if key.isascii() and key.isdecimal() and len(key) < 19]


def _accesses(user: User) -> str:
    return "、".join(sorted({post.get_access_display() for post in _postings(user)}))


def _postings(user: User) -> list[Posting]:
    """Return today's posts, which `_accounts` has fetched; none for an account without a person."""
    return list(user.person.postings.all()) if hasattr(user, "person") else []


def _day(moment: Any) -> date | None:
    return timezone.localtime(moment).date() if moment else None
