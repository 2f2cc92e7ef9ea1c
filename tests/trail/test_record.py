"""What an entry keeps: person, deputyship, address, target; and who announces logins."""

from datetime import date
from typing import Any

import pytest
from django.contrib.auth import authenticate
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from pytest_django import DjangoAssertNumQueries, Settings

from personnel_portal.accounts.models import User
from personnel_portal.trail import acts
from personnel_portal.trail.actions import record
from personnel_portal.trail.middleware import OriginMiddleware
from personnel_portal.trail.models import Entry
from personnel_portal.trail.origin import address

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer() -> User:
    user: User = User.objects.create_user("wang", "wang@example.com", "correct horse battery", name="王小明")
    return user


def test_an_entry_names_person_target_and_office(officer: User) -> None:
    entry = record("login.succeeded", officer, by=officer, office_id=3, on=date(2024, 6, 30), note="好")
    entry.refresh_from_db()
    assert (entry.actor, entry.actor_name, entry.office_id) == (officer, "王小明", 3)
    assert (entry.target_label, entry.target_id) == (str(officer), str(officer.pk))
    assert entry.detail == {"on": "2024-06-30", "note": "好"}
    assert (entry.act_label, entry.who, entry.address) == ("登入", "王小明", None)
    assert list(Entry.objects.for_target(officer)) == [entry]


def test_an_entry_names_both_deputy_and_principal(officer: User) -> None:
    officer.acting_for = User(username="lin", name="林大華")
    assert record("x.y", None, by=officer).who == "王小明（代理林大華）"


def test_the_portal_itself_is_the_system() -> None:
    entry = record("x.y", None, by=None)
    assert (entry.who, entry.act_label, entry.target_type) == ("系統", "x.y", None)


def test_hostile_text_stays_one_storable_line(officer: User) -> None:
    officer.name = "甲\r\n2026 admin 登入\x00\u202e"
    entry = record("x.y", officer, by=officer, note="一\x00二\ud800", deep=[{"k\x00": "\x00"}])
    entry.refresh_from_db()
    assert entry.actor_name == "甲 2026 admin 登入 "
    assert "\n" not in entry.target_label
    assert entry.detail == {"note": "一\ufffd二\ufffd", "deep": [{"k\ufffd": "\ufffd"}]}


def test_an_act_means_one_thing() -> None:
    acts.register({"login.succeeded": "登入"})
    with pytest.raises(ValueError, match=r"login\.succeeded"):
        acts.register({"login.succeeded": "別的"})


@pytest.mark.parametrize(
    ("proxies", "forwarded", "remote", "expected"),
    [
        (0, "6.6.6.6", "10.0.0.9", "10.0.0.9"),
        (1, "6.6.6.6, 203.0.113.5", "10.0.0.9", "203.0.113.5"),
        (2, "6.6.6.6, 203.0.113.5, 10.0.0.1", "10.0.0.9", "203.0.113.5"),
        (1, "", "10.0.0.9", None),
        (2, "203.0.113.5", "10.0.0.9", "10.0.0.9"),
        (1, "x\n2026 forged", "10.0.0.9", None),
        (0, None, "", None),
        (0, None, "::ffff:192.0.2.1", "192.0.2.1"),
        (0, None, "2001:DB8::1", "2001:db8::1"),
    ],
)
def test_the_address_is_the_one_that_our_own_proxy_saw(
    settings: Settings,
    rf: RequestFactory,
    proxies: int,
    forwarded: str | None,
    remote: str,
    expected: str | None,
) -> None:
    settings.AXES_IPWARE_PROXY_COUNT = proxies
    headers: dict[str, Any] = {} if forwarded is None else {"HTTP_X_FORWARDED_FOR": forwarded}
    seen: list[str | None] = []

    def view(request: HttpRequest) -> HttpResponse:
        seen.append(record("x.y", None, by=None).address)
        return HttpResponse()

    OriginMiddleware(view)(rf.get("/", REMOTE_ADDR=remote, **headers))
    assert seen == [expected]
    assert address() is None


def test_login_and_logout_are_recorded(officer: User, client: Client) -> None:
    client.force_login(officer)
    client.logout()
    assert [entry.act for entry in Entry.objects.for_target(officer)] == ["logout", "login.succeeded"]


def test_a_failed_login_is_recorded_under_the_name_that_was_typed(officer: User, rf: RequestFactory) -> None:
    assert authenticate(request=rf.post("/"), username="wang", password="wrong") is None
    assert authenticate(request=rf.post("/"), username="MyPassw0rd!", password="x") is None
    unknown, known = Entry.objects.filter(act="login.failed")[:2]
    assert (known.target_id, known.detail, known.actor) == (str(officer.pk), {"username": "wang"}, None)
    assert (unknown.target_id, unknown.detail) == ("", {"username": "My…（無此帳號）"})


def test_recording_costs_one_query(officer: User, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    record("x.y", officer, by=officer)
    with django_assert_num_queries(1):
        record("x.y", officer, by=officer)
