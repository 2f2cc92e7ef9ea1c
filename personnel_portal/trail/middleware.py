"""The middleware that lets the trail know a request's address."""

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from personnel_portal.trail.origin import client_address, coming_from


class OriginMiddleware:
    """Keep the client's address at hand while a request is answered."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        with coming_from(client_address(request)):
            return self.get_response(request)
