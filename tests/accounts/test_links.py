"""Invitations and resets by one-time links."""

import datetime as dt
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from personnel_portal.accounts import actions
from personnel_portal.accounts.models import User
from personnel_portal.outbox.models import Message
from personnel_portal.trail.models import Entry
from tests import build
from tests.accounts.conftest import choose, link_of, log_in

SENT = "如果這個電子郵件有登錄帳號，重設密碼的連結已寄出，請於 60 分鐘內使用。"
DEAD = "這個連結已使用過或已逾期，請重新申請。"


def ask(client: Client, mail: str) -> Any:
    return client.post("/accounts/reset/", {"email": mail}, follow=True)


def test_reset_link_works_once(client: Client, user: User) -> None:
    ask(client, "WANG@cyhg.gov.tw")
    message = Message.objects.get()
    assert (message.to, message.subject, message.sender) == ("wang@cyhg.gov.tw", "重設人事業務協作平台密碼", "accounts")
    assert link_of(message) in message.html
    response: Any = choose(client, link_of(message), "Second-pass-02")
    assert (response.status_code, response.url) == (302, "/accounts/login/")
    assert DEAD in client.get(link_of(message)).content.decode()
    assert log_in(client, password="Second-pass-02").status_code == 302  # type: ignore[attr-defined]  # a test response
    user.refresh_from_db()
    assert not user.must_change_password


def test_reset_answers_alike_and_leaves_nothing_for_unknown_addresses(client: Client, user: User) -> None:
    known, unknown = ask(client, "wang@cyhg.gov.tw"), ask(client, "nobody@cyhg.gov.tw")
    assert SENT in known.content.decode()
    assert known.redirect_chain == unknown.redirect_chain
    assert SENT in unknown.content.decode()
    assert list(Message.objects.values_list("to", flat=True)) == ["wang@cyhg.gov.tw"]
    trail = Entry.objects.filter(act="password.reset_requested").order_by("id")
    assert [(entry.target_label, entry.detail) for entry in trail] == [
        ("王曉明（wang）", {}),
        ("", {"mail": "no…（無此信箱）"}),
    ]


def test_reset_does_the_same_work_for_unknown_addresses(
    client: Client, user: User, django_assert_max_num_queries: Any
) -> None:
    """Two queries may differ at most: neither answer has work that the other lacks."""
    counts = []
    for mail in ("wang@cyhg.gov.tw", "nobody@cyhg.gov.tw"):
        with django_assert_max_num_queries(40) as queries:
            client.post("/accounts/reset/", {"email": mail})
        counts.append(sum("SAVEPOINT" not in query["sql"] for query in queries.captured_queries))
    assert abs(counts[0] - counts[1]) <= 2


def test_reset_mails_one_account_once_in_five_minutes(client: Client, user: User) -> None:
    with time_machine.travel(dt.datetime(2026, 11, 20, 12, 0, tzinfo=build.TAIPEI), tick=False) as clock:
        ask(client, "wang@cyhg.gov.tw")
        ask(client, "wang@cyhg.gov.tw")
        assert Message.objects.count() == 1
        clock.shift(dt.timedelta(minutes=5))
        ask(client, "wang@cyhg.gov.tw")
        assert Message.objects.count() == 2


def test_reset_link_dies_after_an_hour(client: Client, user: User) -> None:
    with time_machine.travel(dt.datetime(2026, 11, 20, 12, 0, tzinfo=build.TAIPEI), tick=False) as clock:
        ask(client, "wang@cyhg.gov.tw")
        link = link_of(Message.objects.get())
        clock.shift(dt.timedelta(minutes=61))
        assert DEAD in client.get(link).content.decode()


def test_link_of_a_disabled_account_is_dead(client: Client, user: User) -> None:
    ask(client, "wang@cyhg.gov.tw")
    actions.disable(user=user, by=None)
    assert DEAD in client.get(link_of(Message.objects.get())).content.decode()


def test_link_names_our_address_whatever_the_host_header(client: Client, user: User) -> None:
    client.post("/accounts/reset/", {"email": "wang@cyhg.gov.tw"}, headers={"host": "localhost"})
    assert "http://127.0.0.1:8000/accounts/reset/" in Message.objects.get().text


@pytest.mark.parametrize("link", ["x/y", "MQ/set-password", "%F0%9F%98%80/a-b", "MQ/" + "a" * 500, "LTE/a-b"])
def test_broken_links_are_dead(client: Client, user: User, link: str) -> None:
    response = client.get(f"/accounts/reset/{link}/")
    assert response.status_code == 200
    assert DEAD in response.content.decode()


def test_invitation_lasts_a_week_and_gives_the_first_password(client: Client, user: User) -> None:
    with time_machine.travel(dt.datetime(2026, 11, 20, 12, 0, tzinfo=build.TAIPEI), tick=False) as clock:
        new = actions.create_account(username="lee", name="李新", email="lee@cyhg.gov.tw", by=user)
        actions.invite(user=new, by=user)
        message = Message.objects.get()
        assert "王曉明已為您建立「人事業務協作平台」帳號：lee" in message.text
        clock.shift(dt.timedelta(days=7, minutes=-1))
        response: Any = choose(client, link_of(message), "First-pass-001")
        assert response.status_code == 302
        assert log_in(client, "lee", "First-pass-001").status_code == 302  # type: ignore[attr-defined]  # a test response
        assert client.get("/accounts/profile/").status_code == 200, "the own choice needs no further change"


def test_invitation_dies_after_a_week(client: Client, user: User) -> None:
    with time_machine.travel(dt.datetime(2026, 11, 20, 12, 0, tzinfo=build.TAIPEI), tick=False) as clock:
        new = actions.create_account(username="lee", name="李新", email="lee@cyhg.gov.tw", by=user)
        actions.invite(user=new, by=user)
        clock.shift(dt.timedelta(days=7, minutes=1))
        assert DEAD in client.get(link_of(Message.objects.get())).content.decode()


def test_invitation_is_refused_where_it_is_useless(user: User) -> None:
    with pytest.raises(ValidationError, match="帳號「wang」已設定密碼，不必再邀請；忘記密碼請改用重設密碼。"):
        actions.invite(user=user, by=None)
    user.is_active = False
    with pytest.raises(ValidationError, match="帳號「wang」已停用，請先啟用再邀請。"):
        actions.invite(user=user, by=None)


def test_chosen_passwords_obey_the_rules(client: Client, user: User) -> None:
    ask(client, "wang@cyhg.gov.tw")
    link = link_of(Message.objects.get())
    form: Any = choose(client, link, build.PASSWORD)
    assert "不得與最近 3 次使用過的密碼相同。" in form.context["form"].errors["new_password2"]
    form = choose(client, link, "Second-pass-02", "Second-pass-03")
    assert form.context["form"].errors["new_password2"] == ["兩次輸入的新密碼不同。"]


def test_forgotten_password_of_today_can_be_reset(client: Client, user: User) -> None:
    actions.set_password(user=user, password="Second-pass-02", by=user)
    ask(client, "wang@cyhg.gov.tw")
    response: Any = choose(client, link_of(Message.objects.get()), "Third-pass-003")
    assert response.status_code == 302


def test_reset_by_an_administrator_ends_password_and_sessions(logged_in: Client, user: User) -> None:
    boss = build.user(username="boss", name="林主任")
    actions.reset_password(user=user, by=boss)
    assert logged_in.get("/accounts/profile/").status_code == 302
    assert log_in(Client()).status_code == 200  # type: ignore[attr-defined]  # a test response
    message = Message.objects.get()
    assert "管理人員已重設您在「人事業務協作平台」帳號 wang 的密碼，原密碼不能再使用。" in message.text
    assert Entry.objects.get(act="password.reset").actor_name == "林主任"


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("username", {"username": "wang"}),
        ("username", {"username": "a b"}),
        ("name", {"name": " "}),
        ("email", {"email": ""}),
        ("email", {"email": "x"}),
    ],
)
def test_accounts_need_a_free_name_and_an_address(user: User, field: str, values: dict[str, str]) -> None:
    with pytest.raises(ValidationError) as refusal:
        actions.create_account(**{"username": "lee", "name": "李新", "email": "lee@cyhg.gov.tw", **values}, by=user)
    assert list(refusal.value.message_dict) == [field]


def test_idle_accounts_are_disabled(user: User) -> None:
    now = timezone.now()
    long_ago = now - dt.timedelta(days=181)
    idle, never, back = (build.user(username=name) for name in ("idle", "never", "back"))
    User.objects.filter(pk=idle.pk).update(enabled_at=long_ago, last_login=long_ago)
    User.objects.filter(pk=never.pk).update(enabled_at=long_ago)
    User.objects.filter(pk=back.pk).update(last_login=long_ago)
    assert actions.disable_idle(now=now) == 2
    assert set(User.objects.filter(is_active=False)) == {idle, never}
    entry = Entry.objects.for_target(idle).get()
    assert (entry.act, entry.who, entry.detail["reason"]) == ("account.disabled", "系統", "逾 180 日未使用")
    assert actions.disable_idle(now=now) == 0
