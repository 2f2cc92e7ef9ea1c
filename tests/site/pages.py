"""What a page costs: queries and server time."""

import statistics
import time
from dataclasses import dataclass

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.site.clients import status


@dataclass(frozen=True, slots=True)
class Cost:
    """Queries of one page and, in ms, the median time that the server took to answer."""

    queries: int
    milliseconds: float


def queries(client: Client, url: str) -> int:
    """Return how many queries a page takes, those for session and person among them; it may lead on to another."""
    with CaptureQueriesContext(connection) as captured:
        assert status(client.get(url)) in (200, 302), url
    return len(captured)


def cost(client: Client, url: str, times: int = 5) -> Cost:
    """Ask for a page a few times, once before the clock runs, for what is only read the first time."""
    asked = queries(client, url)
    return Cost(asked, statistics.median(_time(client, url) for _ in range(times)))


def _time(client: Client, url: str) -> float:
    begun = time.perf_counter()
    status(client.get(url))
    return (time.perf_counter() - begun) * 1000
