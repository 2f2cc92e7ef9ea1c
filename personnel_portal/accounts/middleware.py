"""What stands between the login and every page: acting for somebody, a password that is due, no copies left behind.

Both checks run when the view is known (`process_view`): messages are at hand then, and public views say what they are.
"""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers

from personnel_portal.accounts import acting

Respond = Callable[[HttpRequest], HttpResponseBase]


class ActingMiddleware:
    """Give the deputy the absent person's rights while the deputyship lasts, and tell when it is over."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> None:
        if request.user.is_authenticated and not acting.restore(request, today=timezone.localdate()):
            messages.warning(request, "代理期間已結束，您現在以本人的身分使用。")


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


def _view_name(request: HttpRequest) -> str:
    return request.resolver_match.view_name if request.resolver_match else ""
