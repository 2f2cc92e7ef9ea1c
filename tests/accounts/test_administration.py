"""The yearly review list and the steps of an office's administrator."""

import datetime as dt
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone

from personnel_portal.accounts import actions
from personnel_portal.accounts.models import User
from personnel_portal.accounts.resources import AccountResource
from personnel_portal.outbox.models import Message
from personnel_portal.trail.models import Entry
from tests import build

LIST = "/administration/accounts/"


@pytest.fixture
def admin(client: Client, cast: build.Cast) -> Client:
    client.force_login(cast.office_admin, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_list_holds_the_accounts_of_the_office(admin: Client, cast: build.Cast) -> None:
    page = admin.get(LIST).content.decode()
    assert "大林鎮公所 人事主任" in page
    assert "許他縣" not in page
    assert "何路人" not in page


def test_list_queries_do_not_grow(admin: Client, django_assert_max_num_queries: Any) -> None:
    def count() -> int:
        with django_assert_max_num_queries(60) as queries:
            admin.get(LIST)
        return len(queries)

    admin.get(LIST)
    before = count()
    for _ in range(30):
        build.officer(build.listed("民雄國中"))
    assert count() == before


@pytest.mark.parametrize("name", ["office_reviewer", "office_reader", "host_officer", "stranger"])
def test_others_are_refused(client: Client, cast: build.Cast, name: str) -> None:
    client.force_login(getattr(cast, name), backend="django.contrib.auth.backends.ModelBackend")
    response = client.get(LIST)
    assert response.status_code == 403
    assert "僅限人事處管理人員辦理。" in response.content.decode()
    assert client.post(f"{LIST}{cast.member_officer.pk}/disable/").status_code == 403


def test_accounts_of_another_office_do_not_exist(admin: Client, cast: build.Cast) -> None:
    for step in ("disable", "enable", "invite", "reset"):
        assert admin.post(f"{LIST}{cast.other_reviewer.pk}/{step}/").status_code == 404
    assert admin.get(f"{LIST}{cast.other_reviewer.pk}/").status_code == 404


def test_administrator_closes_and_opens_an_account(admin: Client, cast: build.Cast) -> None:
    member = cast.member_officer
    page: Any = admin.post(f"{LIST}{member.pk}/disable/", {"reason": "離職"}, follow=True)
    assert "已停用「member」，其登入立即失效。" in page.content.decode()
    again: Any = admin.post(f"{LIST}{member.pk}/disable/", follow=True)
    assert "帳號「member」已停用。" in again.content.decode()
    assert Entry.objects.get(act="account.disabled").detail["reason"] == "離職"
    page = admin.post(f"{LIST}{member.pk}/enable/", follow=True)
    assert "已啟用「member」。" in page.content.decode()


def test_administrator_cannot_close_the_own_account(admin: Client, cast: build.Cast) -> None:
    page: Any = admin.post(f"{LIST}{cast.office_admin.pk}/disable/", follow=True)
    assert "不能停用自己的帳號。" in page.content.decode()


def test_review_marks_what_is_due(admin: Client, cast: build.Cast) -> None:
    today = timezone.localdate()
    User.objects.filter(pk=cast.host_officer.pk).update(reviewed_on=today - dt.timedelta(days=10))
    page: Any = admin.post(
        f"{LIST}review/", {"account": [str(cast.member_officer.pk), "x", "²", "9" * 40]}, follow=True
    )
    assert "已清查 1 個帳號。" in page.content.decode()
    admin.post(f"{LIST}review/", {"all": "1"})
    cast.host_officer.refresh_from_db()
    cast.coached_officer.refresh_from_db()
    assert cast.host_officer.reviewed_on == today - dt.timedelta(days=10), "it was not due"
    assert cast.coached_officer.reviewed_on == today
    page = admin.post(f"{LIST}review/", {"all": "1"}, follow=True)
    assert "沒有待清查的帳號。" in page.content.decode()


def test_export_has_what_is_shown(admin: Client) -> None:
    response: Any = admin.get(f"{LIST}?q=大林&export=csv")
    text = b"".join(response.streaming_content).decode("utf-8-sig") if response.streaming else response.content.decode()
    assert [line.split(",")[:2] for line in text.splitlines()] == [["帳號", "姓名"], ["host", "黃承辦"]]


def test_administration_imports_accounts_and_invites(cast: build.Cast) -> None:
    from tablib import Dataset

    rows = Dataset(
        ["lee", "李新", "lee@cyhg.gov.tw"],
        ["host", "黃承辦", cast.host_officer.email],
        headers=["帳號", "姓名", "電子郵件"],
    )
    AccountResource().import_data(rows, dry_run=True, user=cast.office_admin, raise_errors=True)
    assert not Message.objects.exists()
    AccountResource().import_data(rows, dry_run=False, user=cast.office_admin, raise_errors=True)
    assert list(Message.objects.values_list("to", flat=True)) == ["lee@cyhg.gov.tw"]
    assert not User.objects.get(username="lee").has_usable_password()


def test_exported_accounts_hold_no_password(cast: build.Cast) -> None:
    assert "password" not in AccountResource().export().headers
    assert "密碼" not in "".join(AccountResource().export().headers or [])


def test_django_admin_makes_invited_accounts(client: Client, db: None) -> None:
    root = User.objects.create_superuser(
        "root", "root@cyhg.gov.tw", build.PASSWORD, name="系統", must_change_password=False
    )
    client.force_login(root, backend="django.contrib.auth.backends.ModelBackend")
    data = {"username": "lee", "name": "李新", "email": "lee@cyhg.gov.tw"}
    assert client.post("/admin/accounts/user/add/", data).status_code == 302
    assert Message.objects.get().to == "lee@cyhg.gov.tw"
    page = client.get(f"/admin/accounts/user/{User.objects.get(username='lee').pk}/change/").content.decode()
    assert "password" not in page.replace("must_change_password", "").replace("password_changed_at", "")
    assert client.get("/admin/accounts/user/").status_code == 200


def test_staff_without_all_rights_do_not_come_in(client: Client, db: None) -> None:
    clerk = build.user(username="clerk")
    clerk.is_staff = True
    clerk.save()
    clerk.user_permissions.set(Permission.objects.filter(content_type__app_label="accounts"))
    client.force_login(clerk, backend="django.contrib.auth.backends.ModelBackend")
    url = f"/admin/accounts/user/{clerk.pk}/change/"
    data = {"username": "clerk", "name": "王小明", "email": "a@b.tw", "is_superuser": "on"}
    assert client.post(url, data).status_code == 302
    clerk.refresh_from_db()
    assert (clerk.email, clerk.is_superuser) == ("clerk@example.gov.tw", False)


def test_disabled_accounts_read_as_closed(admin: Client, cast: build.Cast) -> None:
    actions.disable(user=cast.member_officer, by=None)
    page = admin.get(f"{LIST}?state=closed").content.decode()
    assert "吳成員" in page
    assert "黃承辦" not in page
