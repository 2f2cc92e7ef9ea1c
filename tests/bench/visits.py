"""Visits to pages, in the process that works on one database: which there are, what each costs."""

import re
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from unittest import mock

from django.db import connection
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import Resolver404, resolve

from personnel_portal import lists
from personnel_portal.duties import memory
from tests.bench import people
from tests.site.addresses import places

# Papers and sheets are no pages; they are measured by themselves.
_FILE = re.compile(r"\.(pdf|od[st]|xlsx|csv|zip|ics)\b|[?&]export=")
_LINK = re.compile(r'href="(/[^"#]*)"')
ALWAYS = (
    "/",
    "/search/?q=加班費",
    "/meetings/",
    "/meetings/?page=2",
    "/proposals/",
    "/proposals/?page=9",
    "/proposals/?q=加班",
)


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a view, as one role sees it; of a list, its table, rows and columns."""

    role: str
    view: str
    path: str
    model: str = ""
    rows: int = 0
    columns: int = 0

    @property
    def floor(self) -> str:
        """The address of the bare table that is as large."""
        return f"/bench/floor/{self.model}/{self.rows}/{self.columns}/"

    @property
    def peer(self) -> str:
        """The address of the admin's list of the same table."""
        return f"/bench/admin/{self.model.replace('.', '/').lower()}/"


@dataclass(slots=True)
class Count:
    """What a page asks of the database; as an execute wrapper."""

    queries: int = 0
    rows: int = 0

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        result = execute(sql, params, many, context)
        self.queries += 1
        if sql.lstrip().upper().startswith(("SELECT", "WITH")):
            self.rows += max(context["cursor"].rowcount, 0)
        return result


def crawl(role: str, most: int) -> list[Page]:
    """Follow the links from the first page; return one page of each view.

    `most`: so many addresses of a view are looked at for links: a draft leads to other pages than what is closed.
    What is a list is told by `lists.show`, which is listened to.
    """
    found: list[Page] = []
    asked: dict[str, set[str]] = defaultdict(set)
    waiting = deque(ALWAYS)
    while waiting:
        path = waiting.popleft()
        view = _view(path)
        paths = asked[view]
        if not view or path in paths or _FILE.search(path) or (len(paths) >= most and path not in ALWAYS):
            continue
        paths.add(path)
        with _listening() as heard:
            response: Any = people.client(role).get(path)
        if response.status_code != 200 or not response.get("Content-Type", "").startswith("text/html"):
            continue
        if path in ALWAYS or not any(page.view == view for page in found):
            found.append(Page(role, view, path, *heard[-1:][0] if heard else ()))
        waiting.extend(link.replace("&amp;", "&") for link in _LINK.findall(response.content.decode()))
    return found


def _view(path: str) -> str:
    try:
        name = resolve(path.partition("?")[0]).view_name
    except Resolver404:
        return ""
    return "" if name.startswith(("admin:", "bench:")) else name


@contextmanager
def _listening() -> Iterator[list[tuple[str, int, int]]]:
    heard: list[tuple[str, int, int]] = []
    show = lists.show

    def listen(request: HttpRequest, **asked: Any) -> HttpResponseBase:
        response = show(request, **asked)
        content = getattr(response, "content", b"").partition(b'<div id="list">')[2]
        rows = max(content.count(b"<tr>") - 1, 0)
        heard.append((asked["queryset"].model._meta.label, rows, len(asked["columns"])))
        return response

    with mock.patch.object(lists, "show", listen):
        yield heard


def readable() -> list[str]:
    """Return the names of all views that answer a GET, from the URL table."""
    found = [place for place in places().values() if not place.route.startswith("bench/")]
    return [place.name for place in found if not place.posts_only and not _FILE.search(place.route)]


def cost(role: str, path: str, first: bool) -> tuple[int, int, int, int]:
    """Return status, queries, rows and bytes of a visit; `first`: nothing is remembered of the duties."""
    if first:
        memory._kept.clear()
    counted = Count()
    whole = mock.patch.dict(connection.settings_dict, DISABLE_SERVER_SIDE_CURSORS=True)  # whose rows nobody counts
    with whole, connection.execute_wrapper(counted):
        response: Any = people.client(role).get(path)
    return response.status_code, counted.queries, counted.rows, len(response.content)


def visit(role: str, path: str, columns: int = 0) -> float:
    """Return the seconds that the server took to answer."""
    client = people.client(role)
    begun = time.perf_counter()
    client.get(path, headers={"X-Columns": str(columns)})
    return time.perf_counter() - begun
