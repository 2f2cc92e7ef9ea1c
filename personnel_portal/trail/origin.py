"""Where an act comes from: the address of the request that is being answered, if there is one."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest

_address: ContextVar[str | None] = ContextVar("trail_address", default=None)


def address() -> str | None:
    """Return the client's IP address, or None outside a request (worker, command line)."""
    return _address.get()


@contextmanager
def coming_from(client: str | None) -> Iterator[None]:
    """Give every entry recorded inside this block the client's address."""
    token = _address.set(client)
    try:
        yield
    finally:
        _address.reset(token)


def client_address(request: HttpRequest) -> str | None:
    """Return the address that the outermost trusted proxy saw; None when it is no IP address.

    `X-Forwarded-For` is text that any client can send. Only the last `AXES_IPWARE_PROXY_COUNT` places of it were
    written by proxies of ours; with no proxy the header is not read at all.
    """
    found = request.META.get("REMOTE_ADDR", "")
    if proxies := settings.AXES_IPWARE_PROXY_COUNT or 0:
        hops = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
        if len(hops) >= proxies:
            found = hops[-proxies]
    try:
        parsed = ip_address(found.strip())
    except ValueError:
        return None
    return str(getattr(parsed, "ipv4_mapped", None) or parsed)
