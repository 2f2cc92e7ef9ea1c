"""Login, lock, sessions."""

import datetime as dt
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from personnel_portal.accounts import actions
from personnel_portal.accounts.models import User
from personnel_portal.trail.models import Entry
from tests import build
from tests.accounts.conftest import log_in

NOON = dt.datetime(2026, 11, 20, 12, 0, 0, tzinfo=build.TAIPEI)
WRONG = "帳號或密碼不正確，請再試一次。"


def page(client: Client, path: str) -> Any:
    return client.get(path)


def test_login_leads_to_the_page_asked_for(client: Client, user: User) -> None:
    response: Any = log_in(client, next="/accounts/profile/")
    assert (response.status_code, response.url) == (302, "/accounts/profile/")


@pytest.mark.parametrize(
    "next_page", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "/\\evil.example"]
)
def test_login_never_leads_elsewhere(client: Client, user: User, next_page: str) -> None:
    response: Any = log_in(client, next=next_page)
    assert (response.status_code, response.url) == (302, "/")


def test_login_changes_the_session_key(client: Client, user: User) -> None:
    client.get("/accounts/login/")
    session = client.session
    session["planted"] = "x"
    session.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key or ""
    before = session.session_key
    log_in(client)
    assert client.session.session_key != before


@pytest.mark.parametrize(
    ("username", "password"), [("wang", "wrong"), ("nobody", "wrong"), ("closed", build.PASSWORD), ("invited", "x")]
)
def test_every_failure_reads_the_same(client: Client, user: User, username: str, password: str) -> None:
    closed = build.user(username="closed")
    closed.is_active = False
    closed.save()
    actions.create_account(username="invited", name="李新", email="new@cyhg.gov.tw", by=user)
    response: Any = log_in(client, username, password)
    assert response.status_code == 200
    assert response.context["form"].non_field_errors() == [WRONG]


@pytest.mark.parametrize("username", ["wang", "nobody"])
def test_five_failures_lock_for_fifteen_minutes(client: Client, user: User, username: str) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        for _ in range(4):
            assert WRONG in log_in(client, username, "wrong").content.decode()  # type: ignore[attr-defined]  # a test response
        response: Any = log_in(client, username, "wrong")
        assert response.status_code == 429
        assert "密碼輸錯已達 5 次，請於115年11月20日（五）12:15後再試。" in response.content.decode()

        clock.move_to(NOON + dt.timedelta(minutes=14))
        response = log_in(client, username)
        assert response.status_code == 429, "the right password does not open a locked account"
        assert "12:15後再試" in response.content.decode(), "another try does not prolong the lock"

        clock.move_to(NOON + dt.timedelta(minutes=15, seconds=1))
        response = log_in(client, username)
        assert response.status_code == (302 if username == "wang" else 200)


def test_lock_is_in_the_trail(client: Client, user: User) -> None:
    for _ in range(5):
        log_in(client, "wang", "wrong")
    acts = Entry.objects.filter(act__startswith="login.").order_by("id").values_list("act", flat=True)
    assert list(acts) == ["login.failed"] * 4 + ["login.locked", "login.failed"]


@pytest.mark.parametrize(
    "typed", ["wang\x00", "＊" * 500, "' OR 1=1 --", "\ud83d".encode("utf-16", "surrogatepass").hex()]
)
def test_hostile_user_names_are_ordinary_failures(client: Client, user: User, typed: str) -> None:
    response: Any = log_in(client, typed, "wrong")
    assert response.status_code == 200
    assert response.context["form"].errors


def test_idle_session_ends_after_thirty_minutes(client: Client, user: User) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        log_in(client)
        clock.shift(dt.timedelta(minutes=29))
        assert page(client, "/accounts/profile/").status_code == 200
        clock.shift(dt.timedelta(minutes=29))
        assert page(client, "/accounts/profile/").status_code == 200, "each request begins the half hour anew"
        clock.shift(dt.timedelta(minutes=31))
        response = page(client, "/accounts/profile/")
        assert (response.status_code, response.url) == (302, "/accounts/login/?next=/accounts/profile/")


def test_session_is_written_once_a_minute(logged_in: Client) -> None:
    def writes() -> int:
        with CaptureQueriesContext(connection) as queries:
            page(logged_in, "/accounts/profile/")
        return sum("UPDATE" in query["sql"] and "django_session" in query["sql"] for query in queries)

    with time_machine.travel(NOON, tick=False) as clock:
        writes()
        clock.shift(dt.timedelta(seconds=59))
        assert writes() == 0
        clock.shift(dt.timedelta(seconds=1))
        assert writes() == 1


def test_pages_behind_the_login_are_not_stored(logged_in: Client) -> None:
    assert "no-store" in page(logged_in, "/accounts/profile/")["Cache-Control"]


def test_logout_needs_a_post(logged_in: Client) -> None:
    assert page(logged_in, "/accounts/logout/").status_code == 405
    response: Any = logged_in.post("/accounts/logout/")
    assert (response.status_code, response.url) == (302, "/accounts/login/")
    assert "_auth_user_id" not in logged_in.session


def test_disabled_account_is_out_at_once_and_stays_out(logged_in: Client, user: User) -> None:
    assert page(logged_in, "/accounts/profile/").status_code == 200
    admin = build.user(username="boss")
    actions.disable(user=user, by=admin)
    assert page(logged_in, "/accounts/profile/").status_code == 302
    actions.enable(user=user, by=admin)
    assert page(logged_in, "/accounts/profile/").status_code == 302, "the old session does not wake up again"
