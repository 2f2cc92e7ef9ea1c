"""What stands between the login and every page: acting for somebody, a password that is due, no copies left behind.

The checks run when the view is known (`process_view`): messages are at hand then, and public views say what they are.
"""

import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django_htmx.http import HttpResponseClientRedirect

from personnel_portal.accounts import acting

Respond = Callable[[HttpRequest], HttpResponseBase]


class LoginMiddleware(LoginRequiredMiddleware):
    """Ask for the login, and lead on to the page that the person was on.

    A step that was sent after the idle logout cannot be repeated by a redirect, so the person is told to send it
    again; and htmx would put the login page where its table stood.
    """

    def handle_no_permission(self, request: HttpRequest, view_func: Any) -> HttpResponseBase:  # type: ignore[override]  # htmx is redirected by a 200
        is_htmx = "HX-Request" in request.headers
        if request.method == "GET" and not is_htmx:
            return super().handle_no_permission(request, view_func)
        login = redirect_to_login(_page_before(request))
        if is_htmx:
            return HttpResponseClientRedirect(login.url)
        messages.warning(request, "登入已逾時，剛才送出的內容沒有存下。請登入後再送一次。")
        return login


class ActingMiddleware:
    """Give the deputy the absent person's rights while the deputyship lasts, and tell when it is over."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> None:
        if request.user.is_authenticated and not acting.restore(request, today=timezone.localdate()):
            messages.warning(request, "代理期間已結束，您現在以本人的身分使用。")


class IdleMiddleware:
    """Put the idle logout off while the person works.

    Written once in a thirtieth of the idle time (a minute), since a write with every page would cost each a transaction.
    """

    KEY = "put_off_at"

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.session.is_empty():
            now = int(time.time())
            if now - request.session.get(self.KEY, 0) >= settings.SESSION_COOKIE_AGE / 30:
                request.session[self.KEY] = now
        return self.get_response(request)


class PasswordDueMiddleware:
    """Lead to the change of password at first login and when the password is too old; public pages stay open."""

    OPEN = {"accounts:password_change", "accounts:logout"}

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        if not getattr(view, "login_required", True) or not request.user.is_authenticated:
            return None
        if _view_name(request) in self.OPEN or not request.user.password_due(timezone.now()):
            return None
        query = urlencode({"next": request.get_full_path()}) if request.method == "GET" else ""
        return redirect(f"{reverse('accounts:password_change')}?{query}".rstrip("?"))


class PrivatePagesMiddleware:
    """Keep what a logged-in person saw out of the browser's store: many officers share a school's computer.

    A response that says by itself how it may be kept is left alone.
    """

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if request.user.is_authenticated and not response.has_header("Cache-Control"):
            add_never_cache_headers(response)
        return response


def _page_before(request: HttpRequest) -> str:
    """Return the page of ours that the browser says it comes from, else the first page."""
    before = urlsplit(request.headers.get("Referer", ""))
    return before._replace(scheme="", netloc="").geturl() if before.netloc == request.get_host() else "/"


def _view_name(request: HttpRequest) -> str:
    return request.resolver_match.view_name if request.resolver_match else ""
