"""What no browser of ours would send: forged heads, weird queries, addresses that lead elsewhere."""

import json
import os
import subprocess
import sys

import pytest
from django.conf import settings
from django.core.exceptions import BadRequest
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpResponse, QueryDict
from django.test import Client
from django.urls import reverse
from django.utils.functional import cached_property

from personnel_portal.accounts.models import User
from personnel_portal.home.views import front
from tests import build
from tests.site.addresses import address, places
from tests.site.clients import logged_in, status
from tests.site.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]

# Papers are slow and read nothing of the query.
SPARED = {
    "awards:roster_paper",
    "meetings:notice",
    "meetings:sign_in",
    "meetings:draft",
    "proposals:call_letter",
    "proposals:circular_letter",
    "proposals:compilation",
    "proposals:follow_up_table",
    "training:attendance_sheet",
    "training:certificate",
    "training:certificates",
    "training:class_plan",
    "training:course_list",
    "training:study_roster_paper",
}
PAGES = [place for place in places().values() if not place.posts_only and place.name not in SPARED]
# Together in one address what is read apart, so that each page is asked a handful of times only.
READ_APART = {
    "page": ["99999", "x", "-1", "0", "²", "9" * 400, "\x00"],
    "sort": [";drop table x", "-", "name'--", "password", "\x00", "--name", "pk"],
    "year": ["²³", "113'", "-1", "0", "999", "９９", "\x00"],
    "month": ["9999-99", "116-13", "-", "²-³", "0-1", "\x00-1", "9" * 400],
    "table": ["x", "²", "9" * 30, "", "-1", "0", "\x00"],
    "district": ["²", "x", "9" * 30, "-1", "0", "１", "\x00"],
    "agency": ["²", "x", "9" * 18, "9" * 30, "0", "１", "\x00"],
    "old": ["²", "9" * 30, "x", "-1", "0", "", "\x00"],
    "export": ["exe", "\x00", "../etc/passwd", "ods'", "", "XLSX", "pdf"],
    "template": ["exe", "\x00", "../x", "", "ODS", "ods'", "1"],
}
QUERIES = [dict(zip(READ_APART, values, strict=True)) for values in zip(*READ_APART.values(), strict=True)] + [
    {"q": "\x00"},
    {"q": "%_\\'\"\t\r\n\U0001f600" + "長" * 10_000},
    {
        "q": "x",
        "state": "\x00",
        "kind": "²",
        "plan": "9" * 30,
        "since": "113/13/45",
        "until": "\x00",
        "act": "' or 1=1",
    },
]


def browser(user: User | None) -> Client:
    """Return a browser that is shown the error page, as a real one is, where the test client would raise."""
    return logged_in(user, raise_request_exception=False)


@pytest.fixture
def readers(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The paths of the pages that looked at their query so far."""
    paths: set[str] = set()

    def listen(request: WSGIRequest) -> QueryDict:
        paths.add(request.path)
        return QueryDict(request.META["QUERY_STRING"], encoding=request.encoding)

    listening = cached_property(listen)
    listening.__set_name__(WSGIRequest, "GET")
    monkeypatch.setattr(WSGIRequest, "GET", listening)
    return paths


def test_weird_queries_never_break_a_page(world: World, readers: set[str]) -> None:
    """Every page is sent one, and those that look at it all the others."""
    client, broken = browser(world.cast.office_admin), {}
    for place in PAGES:
        url = address(place, world.objects)
        for number, query in enumerate(QUERIES):
            if number == 0 or url in readers:
                code = status(client.get(url, query))
                if code not in (200, 302, 400, 403, 404):
                    broken[place.name, number] = code
    assert broken == {}
    assert len(readers) > 20


@pytest.mark.parametrize(
    "path",
    [
        "/districts/99999999999999999999/",
        "/meetings/99999999999999999999/",
        "/meetings/1/check-in/99999999999999999999/",
        "/duties/99999999999999999999/x/",
        "/duties/feed/%00.ics",
        "/duties/feed/%FF%FE.ics",
        "/duties/1/%00/",
        "/meetings/1/notice.%00",
        "/accounts/reset/%00/%00/",
        "/accounts/reset/OTk5OTk5OTk5OTk5OTk5OTk5OTk5/x-y/",
        "/%00",
        "/..%2f..%2fetc/passwd",
        "/static/..%2f..%2fsettings.py",
    ],
)
def test_weird_addresses_are_not_found(world: World, path: str) -> None:
    response = browser(world.cast.office_admin).get(path)
    assert response.status_code in (404, 405) or path.startswith("/accounts/reset/")
    assert response.status_code < 500


@pytest.mark.parametrize("data", [{"email": "\x00"}, {"email": "x" * 10_000 + "@x"}, {"email": "a@b\r\nBcc: c@d"}, {}])
def test_weird_mail_addresses_get_a_form_again(data: dict[str, str]) -> None:
    assert browser(None).post(reverse("accounts:reset"), data).status_code == 200


@pytest.mark.parametrize("username", ["\x00", "長" * 10_000, "' or 1=1 --", ""])
def test_weird_user_names_are_refused(username: str) -> None:
    data = {"username": username, "password": "\x00" if username == "\x00" else "x"}
    assert browser(None).post(reverse("accounts:login"), data).status_code == 200


@pytest.mark.parametrize(
    "wanted",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "https:evil.example"],
)
def test_login_leads_to_no_other_site(world: World, wanted: str) -> None:
    data = {"username": world.cast.host_officer.username, "password": build.PASSWORD, "next": wanted}
    response = browser(None).post(reverse("accounts:login"), data)
    assert (response.status_code, response.headers["Location"]) == (302, "/")


def test_login_leads_on_to_the_page_asked_for(world: World) -> None:
    wanted = reverse("meetings:detail", args=[world.unfiled.pk])
    data = {"username": world.cast.host_officer.username, "password": build.PASSWORD, "next": wanted}
    assert browser(None).post(reverse("accounts:login"), data).headers["Location"] == wanted


def test_a_step_sent_after_the_idle_logout_leads_back_to_its_page(world: World) -> None:
    """A POST cannot be repeated by a redirect: after the login the person stands on the page and is told to send again."""
    page = world.submitted.get_absolute_url()
    accept = reverse("meetings:accept", args=[world.submitted.pk])
    response = browser(None).post(accept, headers={"Referer": f"http://testserver{page}"})
    assert response.headers["Location"] == f"{reverse('accounts:login')}?next={page}"
    response = browser(None).post(accept, headers={"Referer": "https://evil.example/x"})
    assert response.headers["Location"] == f"{reverse('accounts:login')}?next=/"


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1@evil.example", "localhost:80:80", "\x00"])
def test_foreign_hosts_are_refused_in_one_sentence(host: str) -> None:
    response = browser(None).get(reverse("accounts:login"), headers={"Host": host})
    assert response.status_code == 400
    assert_tells_nothing(response)


def test_every_page_forbids_frames_and_inline_scripts(world: World) -> None:
    client = browser(world.cast.office_admin)
    for url in (reverse("home:index"), reverse("accounts:profile"), reverse("districts:agencies"), "/nowhere/"):
        head = client.get(url).headers
        policy = head["Content-Security-Policy"]
        assert head["X-Frame-Options"] == "DENY"
        assert "frame-ancestors 'none'" in policy
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "*" not in policy
        assert head["X-Content-Type-Options"] == "nosniff"
        assert head["Referrer-Policy"] == "same-origin"


def test_pages_behind_the_login_are_not_kept_by_the_browser(world: World) -> None:
    assert "no-store" in browser(world.cast.host_officer).get(reverse("home:index")).headers["Cache-Control"]


def test_cookies_are_out_of_reach_of_scripts_and_other_sites(world: World) -> None:
    data = {"username": world.cast.host_officer.username, "password": build.PASSWORD}
    cookie = browser(None).post(reverse("accounts:login"), data).cookies["sessionid"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert not cookie["expires"], "gone when the browser is closed"


def test_production_sends_cookies_over_tls_alone() -> None:
    asked = [
        "SESSION_COOKIE_SECURE",
        "SESSION_COOKIE_HTTPONLY",
        "CSRF_COOKIE_SECURE",
        "SECURE_SSL_REDIRECT",
        "SECURE_HSTS_SECONDS",
        "DEBUG",
    ]
    program = f"import json; from django.conf import settings as s; print(json.dumps([getattr(s, n) for n in {asked}]))"
    environment = {
        "PATH": os.environ["PATH"],
        "DJANGO_SETTINGS_MODULE": "personnel_portal.settings",
        "PORTAL_MODE": "production",
        "SECRET_KEY": "k9X-pQ7!z" * 8,
        "ALLOWED_HOSTS": "portal.example.org",
        "DATABASE_URL": "postgres://portal@localhost/portal",
        "REDIS_URL": "redis://localhost",
        "EMAIL_URL": "smtp://localhost",
        "STORAGE_PATH": str(settings.STORAGE_PATH),
        "VAR_PATH": str(settings.VAR_PATH),
    }
    told = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True)
    assert told.returncode == 0, told.stderr
    values = dict(zip(asked, json.loads(told.stdout), strict=True))
    assert values.pop("SECURE_HSTS_SECONDS") >= 31536000
    assert values.pop("DEBUG") is False
    assert set(values.values()) == {True}


def assert_tells_nothing(response: object) -> None:
    """The page is ours, in Chinese, and shows nothing of the program."""
    assert isinstance(response, HttpResponse)
    text = response.content.decode()
    assert "人事業務協作平台" in text
    assert f"代碼 {response.status_code}" in text
    assert not any(
        word in text for word in ("Traceback", "Exception", "Django", ".py", "Not Found", "Forbidden", "Error")
    )


def test_error_pages_are_chinese_and_tell_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    assert_tells_nothing(browser(world.cast.host_officer).get("/nowhere/"))
    assert_tells_nothing(browser(world.cast.host_officer).get(reverse("home:trail")))
    strict = logged_in(world.cast.host_officer, enforce_csrf_checks=True)
    assert_tells_nothing(strict.post(reverse("accounts:logout")))

    def break_down(*_: object) -> object:
        raise RuntimeError("secret.py")

    def refuse(*_: object) -> object:
        raise BadRequest("secret.py")

    for broken, code in ((break_down, 500), (refuse, 400)):
        monkeypatch.setattr(front, "find", broken)
        response = browser(world.cast.host_officer).get(reverse("home:search"), {"q": "x"})
        assert response.status_code == code
        assert_tells_nothing(response)


def test_a_wrong_method_is_answered_in_chinese(world: World) -> None:
    response = browser(world.cast.office_reviewer).get(reverse("meetings:accept", args=[world.submitted.pk]))
    assert response.status_code == 405
    assert response.headers["Allow"] == "POST"
    assert_tells_nothing(response)
