"""What a password must be, and when it must be changed."""

import datetime as dt
from typing import Any

import pytest
import time_machine
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from personnel_portal.accounts import actions
from personnel_portal.accounts.models import User
from personnel_portal.trail.models import Entry
from tests import build
from tests.accounts.conftest import log_in

NOON = dt.datetime(2026, 11, 20, 12, 0, 0, tzinfo=build.TAIPEI)
MIXED = "密碼須包含大寫英文、小寫英文、數字、符號其中三種。"
USED = "不得與最近 3 次使用過的密碼相同。"


def refusals(password: str, user: User | None = None) -> list[str]:
    try:
        validate_password(password, user)
    except ValidationError as refusal:
        return refusal.messages
    return []


@pytest.mark.parametrize("password", ["Chiayi-county", "chiayi-112-plan", "CHIAYI112plan", "嘉義縣人事處Abcd1234"])
def test_three_classes_suffice(password: str) -> None:
    assert refusals(password) == []


@pytest.mark.parametrize("password", ["chiayicountyoffice", "chiayicounty112", "嘉義縣政府人事處協作平台入口"])
def test_fewer_classes_are_refused(password: str) -> None:
    assert refusals(password) == [MIXED]


def change(client: Client, old: str, new: str) -> Any:
    return client.post("/accounts/password/", {"old_password": old, "new_password1": new, "new_password2": new})


def test_last_three_passwords_are_refused(logged_in: Client, user: User) -> None:
    User.objects.filter(pk=user.pk).update(password_changed_at=NOON)
    first, *later = [build.PASSWORD, "Second-pass-02", "Third-pass-003", "Fourth-pass-04"]
    with time_machine.travel(NOON, tick=False) as clock:
        old = first
        for new in later:
            clock.shift(dt.timedelta(days=2))
            logged_in.force_login(user)
            assert change(logged_in, old, new).status_code == 302
            user.refresh_from_db()
            old = new
        clock.shift(dt.timedelta(days=2))
        assert [refusals(used, user) for used in later] == [[USED]] * 3
        assert USED not in refusals(first, user), "the fourth last is forgotten"
        assert user.past_passwords.count() == 2


def test_password_is_kept_for_a_day(logged_in: Client, user: User) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        actions.set_password(user=user, password="Second-pass-02", by=user)
        logged_in.force_login(user)
        response = change(logged_in, "Second-pass-02", "Third-pass-003")
        assert response.context["form"].errors["new_password2"] == [
            "密碼變更未滿 1 日，請於115年11月21日（六）中午12時後再變更。"
        ]
        clock.shift(dt.timedelta(days=1))
        logged_in.force_login(user)
        assert change(logged_in, "Second-pass-02", "Third-pass-003").status_code == 302


def test_wrong_old_password_is_refused(logged_in: Client) -> None:
    response = change(logged_in, "wrong", "Second-pass-02")
    assert response.context["form"].errors["old_password"] == ["目前的密碼不正確，請再輸入一次。"]


def test_other_sessions_end_with_the_password(client: Client, user: User) -> None:
    other = Client()
    log_in(client)
    log_in(other)
    user.password_changed_at -= dt.timedelta(days=2)
    user.save()
    assert change(client, build.PASSWORD, "Second-pass-02").url == "/accounts/profile/"
    assert client.get("/accounts/profile/").status_code == 200
    assert other.get("/accounts/profile/").status_code == 302


def test_first_login_leads_to_the_change_and_back(client: Client, user: User) -> None:
    User.objects.filter(pk=user.pk).update(must_change_password=True)
    log_in(client)
    response: Any = client.get("/accounts/deputies/?a=1")
    assert response.url == "/accounts/password/?next=%2Faccounts%2Fdeputies%2F%3Fa%3D1"
    form: Any = client.get(response.url)
    assert "首次登入或密碼由他人設定，請先變更密碼再繼續使用。" in form.content.decode()
    data = {"old_password": build.PASSWORD, "new_password1": "Second-pass-02", "new_password2": "Second-pass-02"}
    response = client.post("/accounts/password/", {**data, "next": "/accounts/deputies/?a=1"})
    assert response.url == "/accounts/deputies/?a=1"
    assert client.get("/accounts/deputies/").status_code == 200
    assert Entry.objects.get(act="password.changed").actor == user


@pytest.mark.parametrize("path", ["/", "/admin/", "/accounts/profile/", "/search/"])
def test_nothing_opens_before_a_due_change(logged_in: Client, user: User, path: str) -> None:
    User.objects.filter(pk=user.pk).update(must_change_password=True)
    response: Any = logged_in.get(path)
    assert response.status_code == 302
    assert response.url.startswith("/accounts/password/?next=")
    assert logged_in.post("/accounts/logout/").status_code == 302


def test_old_password_is_due(user: User) -> None:
    now = timezone.now()
    user.password_changed_at = now - dt.timedelta(days=180)
    assert not user.password_due(now)
    assert user.password_due(now + dt.timedelta(seconds=1))


def test_password_is_set_without_undoing_other_changes(user: User) -> None:
    seen_before = User.objects.get(pk=user.pk)
    User.objects.filter(pk=user.pk).update(email="moved@cyhg.gov.tw", is_active=False)
    actions.set_password(user=seen_before, password="Another-116", by=user)
    user.refresh_from_db()
    assert (user.email, user.is_active, user.check_password("Another-116")) == ("moved@cyhg.gov.tw", False, True)
