"""Forged requests: without a token, in a frame, to another site, under another name, with a second line in a word."""

import io
import logging
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit
from wsgiref.util import setup_testing_defaults

import pytest
from django.contrib import admin
from django.core.handlers.wsgi import WSGIRequest
from django.db import transaction
from django.http.response import HttpResponseBase
from django.test import Client
from django.urls import get_resolver, reverse

from personnel_portal.accounts.models import User
from personnel_portal.charset import as_utf8
from personnel_portal.outbox.models import Message
from personnel_portal.trail.models import Entry
from tests import build
from tests.site.addresses import address, places
from tests.site.clients import logged_in, status
from tests.site.test_hostile_requests import SPARED
from tests.site.world import World

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("today"),
    pytest.mark.one_database("what is sent to the browser and to the log has nothing to do with the database"),
]

PLACES = places()


@pytest.fixture
def chief(db: None) -> User:
    """A superuser, to whom the administration is open."""
    made = build.user(username="chief", name="管理員")
    User.objects.filter(pk=made.pk).update(is_superuser=True, is_staff=True)
    made.refresh_from_db()
    return made


def admin_pages() -> Iterator[str]:
    """Yield the administration's pages that need no row: for each kind the list, the form, import and export."""
    yield reverse("admin:index")
    known = get_resolver("personnel_portal.urls").namespace_dict["admin"][1].reverse_dict
    for model in admin.site._registry:
        for page in ("changelist", "add", "import", "export"):
            if (name := f"{model._meta.app_label}_{model._meta.model_name}_{page}") in known:
                yield reverse(f"admin:{name}")


# --- Without a token ---------------------------------------------------------------------------------------------------


def test_nothing_that_is_sent_is_taken_without_the_token_of_the_form(world: World) -> None:
    """Every address is sent what another site could send in the person's name; every one refuses before it looks."""
    client = logged_in(world.cast.office_admin, enforce_csrf_checks=True)
    before = Entry.objects.count()
    answers = {
        name: status(client.post(address(place, world.objects), {"confirmed": "1"}, headers={"Referer": "x"}))
        for name, place in PLACES.items()
    }
    assert {name: code for name, code in answers.items() if code != 403} == {}
    assert Entry.objects.count() == before


def test_a_login_is_not_taken_without_the_token_either() -> None:
    """Else another site could log a person in as somebody else, who then reads what the person enters."""
    user = build.user(username="wang")
    client = Client(enforce_csrf_checks=True)
    response = client.post(reverse("accounts:login"), {"username": user.username, "password": build.PASSWORD})
    assert response.status_code == 403
    assert "_auth_user_id" not in client.session


def test_the_administration_takes_nothing_without_the_token(chief: User) -> None:
    client = logged_in(chief, enforce_csrf_checks=True)
    assert {client.post(url).status_code for url in admin_pages()} == {403}


# --- In a frame, with a script -----------------------------------------------------------------------------------------


def assert_is_armed(response: HttpResponseBase, url: str) -> None:
    """The browser may show the answer in no frame, run nothing inline and guess no other type."""
    policy = response.headers.get("Content-Security-Policy", "")
    assert response.headers.get("X-Frame-Options") == "DENY", url
    assert response.headers.get("X-Content-Type-Options") == "nosniff", url
    assert "default-src 'none'" in policy, url
    assert "frame-ancestors 'none'" in policy or policy.startswith("sandbox;"), url
    assert "unsafe" not in policy, url
    assert "*" not in policy, url


@pytest.mark.parametrize("role", ["office_admin", "nobody"])
def test_every_answer_forbids_frames_inline_scripts_and_guesses(world: World, role: str) -> None:
    """Pages, downloads, refusals and redirects alike; and a page that is only opened, as a link or a picture on another
    site can do with the person's cookies, changes nothing."""
    client = logged_in(getattr(world.cast, role, None), raise_request_exception=False)
    known = set(Entry.objects.values_list("pk", flat=True))
    for name in PLACES.keys() - SPARED | {"meetings:notice"}:
        url = address(PLACES[name], world.objects)
        response = client.get(url)
        status(response)
        assert_is_armed(response, url)
    acts = set(Entry.objects.exclude(pk__in=known).values_list("act", flat=True))
    assert acts <= {
        "file.downloaded",
        "list.exported",
        "hours.listed",
        "sheet.refused_rows_downloaded",
        "paper.printed",
    }


def test_the_administration_does_too(chief: User) -> None:
    client = logged_in(chief)
    for url in [url for url in admin_pages() if "agency" in url or url == reverse("admin:index")]:
        response = client.get(url)
        assert response.status_code == 200, url
        assert_is_armed(response, url)
        assert not re.search(r"<[^>]+\s(on\w+|style)=", response.text), f"{url} holds what its policy forbids"


@pytest.mark.parametrize("path", ["/static/css/portal.css", "/static/nothing.css", "/healthz"])
def test_what_is_answered_before_the_pages_does_too(path: str) -> None:
    response = Client().get(path)
    status(response)
    assert_is_armed(response, path)


def test_every_error_page_does_too(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    client = logged_in(world.cast.office_admin, raise_request_exception=False, enforce_csrf_checks=True)
    monkeypatch.setattr("personnel_portal.home.views.front.find", None)
    wrong = {
        404: client.get("/nowhere/"),
        403: client.post(reverse("accounts:logout")),
        405: client.get(reverse("accounts:logout")),
        400: client.get("/", headers={"Host": "evil.example"}),
        500: client.get(reverse("home:search"), {"q": "x"}),
    }
    for code, response in wrong.items():
        assert response.status_code == code
        assert_is_armed(response, str(code))


# --- In another charset --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain"])
@pytest.mark.parametrize(
    "named", ["; charset=utf-7", ';CharSet = "base64"; x=y', "; charset*=UTF-8''idna", ";\tcharset=hex"]
)
def test_whatever_charset_a_request_names_it_is_read_as_utf8(kind: str, named: str) -> None:
    """A browser names none; Django believes it, and fails before any middleware and without any page."""
    read: list[WSGIRequest] = []

    def application(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        read.append(WSGIRequest(environ))
        return []

    environ = {"REQUEST_METHOD": "POST", "QUERY_STRING": "q=%80", "CONTENT_TYPE": kind + named}
    setup_testing_defaults(environ)
    as_utf8(application)(environ, None)
    assert read[0].encoding is None
    assert read[0].content_type == kind.partition(";")[0]
    assert read[0].GET["q"] == "\ufffd"


# --- To another site ---------------------------------------------------------------------------------------------------

EVIL = "evil.example"
WAYS = [f"https://{EVIL}/", f"//{EVIL}", f"/\\{EVIL}", f"\\\\{EVIL}", f"https:{EVIL}", f"/\t/{EVIL}", f"http:///{EVIL}"]
RETURNS = ("next", "then", "back", "return", "return_to", "url", "redirect", "to", "referer", "from")


@pytest.mark.parametrize("wanted", WAYS)
def test_no_address_leads_to_another_site(world: World, wanted: str) -> None:
    """Whatever an address is given as the place to go on to, in its query, in what is sent or as the page before."""
    data = dict.fromkeys(RETURNS, wanted)
    heads = {"Referer": wanted, "HX-Current-URL": wanted}
    led = []
    for role in ("office_admin", "nobody"):
        client = logged_in(getattr(world.cast, role, None), raise_request_exception=False)
        for name in PLACES if wanted == WAYS[0] else ("accounts:login", "accounts:password_change", "home:index"):
            url = address(PLACES[name], world.objects)
            if name in SPARED:
                continue
            with transaction.atomic():
                for response in (client.get(url, data, headers=heads), client.post(url, data, headers=heads)):
                    status(response)
                    if leads_away(response.headers.get("Location", "")) or leads_away(
                        response.headers.get("HX-Redirect", "")
                    ):
                        led.append((name, response.headers))
                transaction.set_rollback(True)
    assert led == []


def leads_away(location: str) -> bool:
    """Tell whether a browser that follows the address would leave; it takes a backslash for a slash and skips tabs."""
    read = location.translate({ord("\\"): "/", ord("\t"): None})
    return bool(urlsplit(read).netloc or urlsplit(read).scheme) or read.startswith("//")


@pytest.mark.parametrize("wanted", [*WAYS, "/accounts/profile/", "word", "javascript:alert(1)"])
def test_a_changed_password_leads_on_inside_the_portal(wanted: str) -> None:
    """The one place besides the login that reads `next`: the password is due, and the person wanted something else."""
    user = build.user()
    data = {"old_password": build.PASSWORD, "new_password1": "Orchid-7-lake", "new_password2": "Orchid-7-lake"}
    User.objects.filter(pk=user.pk).update(must_change_password=True)
    response = logged_in(user).post(reverse("accounts:password_change"), {**data, "next": wanted})
    assert response.status_code == 302
    inside = wanted if wanted in ("/accounts/profile/", "word") else "/accounts/profile/"
    assert response.headers["Location"] == inside


# --- Under another name ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["Host", "X-Forwarded-Host", "X-Host", "X-Forwarded-Server", "Forwarded"])
def test_mails_and_redirects_are_made_of_no_name_that_a_request_gives(name: str) -> None:
    """A link of a mail under a foreign name would carry its token there."""
    user = build.user()
    heads = {name: f"host={EVIL}" if name == "Forwarded" else EVIL}
    response = Client().post(reverse("accounts:reset"), {"email": user.email}, headers=heads)
    assert response.status_code == (400 if name == "Host" else 302)
    assert EVIL not in response.headers.get("Location", "")
    assert all(EVIL not in message.text + message.html for message in Message.objects.all())


# --- With a second line ------------------------------------------------------------------------------------------------

FORGED = "x\r\nSet-Cookie: evil=1\r\n\r\n2026-11-22 10:00:00,000 INFO root forged \x1b[2J\u2028\u202e"


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What the portal's own handler writes, as the settings made it."""
    stream = io.StringIO()
    handler: Any = next(handler for handler in logging.getLogger().handlers if handler.name == "console")
    before = handler.setStream(stream)
    yield stream
    handler.setStream(before)


def test_no_word_of_a_request_makes_a_second_line_in_the_log(world: World, log: io.StringIO) -> None:
    heads = {"User-Agent": FORGED, "Referer": FORGED, "X-Forwarded-For": FORGED, "Accept-Language": FORGED}
    stranger = Client(raise_request_exception=False)
    for _ in range(6):
        stranger.post(reverse("accounts:login"), {"username": FORGED, "password": "x"}, headers=heads)
    stranger.get("/nowhere/\r\nforged", headers=heads)
    stranger.get("/", headers={**heads, "Host": f"evil\r\n{FORGED}"})
    client = logged_in(world.cast.host_officer, raise_request_exception=False)
    client.get(reverse("home:trail"), headers=heads)
    client.get(reverse("home:search"), {"q": FORGED}, headers=heads)
    logging.getLogger("django.request").error("words %s of %s", FORGED, FORGED)
    lines = log.getvalue().split("\n")
    assert len(lines) > 10
    assert [line for line in lines if not line.startswith("2026-11-22 10:00:00,000 ") and line] == []
    assert not any(character in log.getvalue() for character in "\r\x1b\u2028\u202e")


def test_a_refusal_is_one_line_and_a_failure_tells_where(
    world: World, log: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = logged_in(world.cast.host_officer, raise_request_exception=False)
    client.get(reverse("home:trail"))
    assert (
        log.getvalue()
        .splitlines()[-1]
        .endswith("WARNING django.request Forbidden (Permission denied): /administration/trail/")
    )
    assert "Traceback" not in log.getvalue()
    monkeypatch.setattr("personnel_portal.home.views.front.find", None)
    client.get(reverse("home:search"), {"q": "x"})
    assert "Traceback" in log.getvalue()


@pytest.mark.parametrize("query", ["export", "sort", "q", "page", "plan", "state"])
def test_no_word_of_a_request_makes_a_second_head(world: World, query: str) -> None:
    client = logged_in(world.cast.office_admin)
    for url in (reverse("districts:agencies"), reverse("home:index"), reverse("accounts:login")):
        response = client.get(url, {query: FORGED, "next": f"/{FORGED}"})
        status(response)
        assert "evil" not in response.cookies
        assert not any("\n" in value or "\r" in value for value in response.headers.values())
