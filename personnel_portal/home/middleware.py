"""The health check, answered before session and login: it must speak when the database is gone; and the page that answers
a wrong method."""

import logging
from collections.abc import Callable

from django.http import HttpRequest, HttpResponseNotAllowed, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render

from personnel_portal.home import health

logger = logging.getLogger(__name__)


class HealthMiddleware:
    """Answer `GET /healthz` with 200 or 503; which part fails stands in the log and on the administrators' page."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path != "/healthz":
            return self.get_response(request)
        well, words = health.check()
        if not well:
            logger.error("healthz: %s", words)
        response = JsonResponse({"ok": well}, status=200 if well else 503)
        response["Cache-Control"] = "no-store"
        return response


class WrongMethodMiddleware:
    """Give a page to a view's bare 405, which a browser would show as its own: the address of a button was opened."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if not isinstance(response, HttpResponseNotAllowed):
            return response
        page = render(request, "405.html", status=405)
        page["Allow"] = response["Allow"]
        return page
