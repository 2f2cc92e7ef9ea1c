"""Deputies: who, when, in whose name."""

import datetime as dt
import time
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, connections, transaction
from django.test import Client
from django.utils import timezone

from districts.choices import Access
from districts.standing import standing
from personnel_portal.accounts import actions
from personnel_portal.accounts.models import Deputyship, User
from personnel_portal.accounts.policies import deputy_candidates
from personnel_portal.outbox.models import Message
from personnel_portal.trail.models import Entry
from tests import build

FRIDAY = dt.datetime(2026, 11, 20, 12, 0, tzinfo=build.TAIPEI)
SINCE, UNTIL = dt.date(2026, 11, 23), dt.date(2026, 11, 25)


@pytest.fixture
def colleague(cast: build.Cast) -> User:
    return build.officer(build.listed("大林鎮公所"), username="colleague", name="趙同事", access=Access.READ)


@pytest.fixture
def deputyship(cast: build.Cast, colleague: User) -> Deputyship:
    with time_machine.travel(FRIDAY):
        return actions.appoint_deputy(
            principal=cast.host_officer, deputy=colleague, since=SINCE, until=UNTIL, reason="休假", by=cast.host_officer
        )


def at(day: dt.date) -> Any:
    return time_machine.travel(build.at(day, 10), tick=False)


def test_candidates_are_colleagues_with_a_login(cast: build.Cast, colleague: User) -> None:
    assert list(deputy_candidates(cast.host_officer)) == [colleague]
    assert set(deputy_candidates(cast.office_admin)) == {cast.office_reviewer, cast.office_reader}
    assert list(deputy_candidates(cast.stranger)) == []


def test_page_appoints_a_deputy(client: Client, cast: build.Cast, colleague: User) -> None:
    with time_machine.travel(FRIDAY):
        client.force_login(cast.host_officer, backend="django.contrib.auth.backends.ModelBackend")
        data = {"deputy": colleague.pk, "since": "115/11/23", "until": "1151125", "reason": "休假"}
        response: Any = client.post("/accounts/deputies/", data, follow=True)
    assert "已指定趙同事為代理人，並以郵件通知。" in response.content.decode()
    made = Deputyship.objects.get()
    assert (made.principal, made.deputy, made.since, made.until) == (cast.host_officer, colleague, SINCE, UNTIL)
    message = Message.objects.get()
    assert (message.to, message.subject) == (colleague.email, "黃承辦指定您為代理人")
    assert "黃承辦指定您自 115年11月23日（一）至 115年11月25日（三）代理其業務。" in message.text


def test_page_refuses_a_stranger_as_deputy(client: Client, cast: build.Cast) -> None:
    client.force_login(cast.host_officer, backend="django.contrib.auth.backends.ModelBackend")
    data = {"deputy": cast.neighbour_host.pk, "since": "115/11/23", "until": "115/11/25"}
    response: Any = client.post("/accounts/deputies/", data)
    assert response.context["form"].errors["deputy"] == ["請從名單中選擇代理人。"]


@pytest.mark.parametrize(
    ("since", "until", "sentence"),
    [
        (UNTIL, SINCE, "迄日不得早於起日。"),
        (dt.date(2026, 11, 1), dt.date(2026, 11, 19), "代理期間已經過去，請填今天以後的迄日。"),
        (UNTIL, UNTIL, "趙同事在115/11/23至115/11/25已是代理人。"),
    ],
)
def test_impossible_periods_are_refused(deputyship: Deputyship, since: dt.date, until: dt.date, sentence: str) -> None:
    with time_machine.travel(FRIDAY), pytest.raises(ValidationError) as refusal:
        actions.appoint_deputy(
            principal=deputyship.principal,
            deputy=deputyship.deputy,
            since=since,
            until=until,
            by=deputyship.principal,
        )
    assert refusal.value.messages == [sentence]


@pytest.mark.parametrize(
    ("day", "may"), [(SINCE - dt.timedelta(1), False), (SINCE, True), (UNTIL, True), (UNTIL + dt.timedelta(1), False)]
)
def test_deputy_acts_within_the_period(client: Client, deputyship: Deputyship, day: dt.date, may: bool) -> None:
    with at(day):
        client.force_login(deputyship.deputy, backend="django.contrib.auth.backends.ModelBackend")
        client.post(f"/accounts/deputies/{deputyship.pk}/act/")
        response: Any = client.get("/accounts/profile/")
        user = response.context["request"].user
        assert user.acting_for == (deputyship.principal if may else None)
        assert bool(standing(user).works_for) is may, "the absent person's rights, not the deputy's own"
        if not may:
            assert "目前不在代理黃承辦的期間內。" in response.content.decode()


def test_acting_ends_with_the_period(client: Client, deputyship: Deputyship) -> None:
    with time_machine.travel(build.at(UNTIL, 23, 50), tick=False) as clock:
        client.force_login(deputyship.deputy, backend="django.contrib.auth.backends.ModelBackend")
        client.post(f"/accounts/deputies/{deputyship.pk}/act/")
        clock.shift(dt.timedelta(minutes=11))
        response: Any = client.get("/accounts/profile/")
        assert "代理期間已結束，您現在以本人的身分使用。" in response.content.decode()
        assert response.context["request"].user.acting_for is None


def test_trail_names_both(client: Client, deputyship: Deputyship) -> None:
    with at(SINCE):
        client.force_login(deputyship.deputy, backend="django.contrib.auth.backends.ModelBackend")
        client.post(f"/accounts/deputies/{deputyship.pk}/act/")
        client.post("/accounts/logout/")
    acts = ["deputy.appointed", "deputy.acting_started", "logout"]
    entries = Entry.objects.filter(act__in=acts).order_by("id")
    assert [(entry.act, entry.who) for entry in entries] == [
        ("deputy.appointed", "黃承辦"),
        ("deputy.acting_started", "趙同事"),
        ("logout", "趙同事（代理黃承辦）"),
    ]


def test_deputy_returns_to_the_own_rights(client: Client, deputyship: Deputyship) -> None:
    with at(SINCE):
        client.force_login(deputyship.deputy, backend="django.contrib.auth.backends.ModelBackend")
        before = client.session.session_key
        client.post(f"/accounts/deputies/{deputyship.pk}/act/")
        assert client.session.session_key != before
        client.post("/accounts/deputies/self/")
        response: Any = client.get("/accounts/profile/")
        assert response.context["request"].user.acting_for is None
    assert Entry.objects.filter(act="deputy.acting_ended").get().who == "趙同事"


def test_deputy_names_no_deputy(client: Client, deputyship: Deputyship) -> None:
    with at(SINCE):
        client.force_login(deputyship.deputy, backend="django.contrib.auth.backends.ModelBackend")
        client.post(f"/accounts/deputies/{deputyship.pk}/act/")
        response: Any = client.get("/accounts/deputies/")
        assert response.status_code == 403
        assert "您正代理黃承辦，請先結束代理再辦理本人的事項。" in response.content.decode()
        deputyship.deputy.acting_for = deputyship.principal
        with pytest.raises(PermissionDenied):
            actions.end_deputyship(deputyship=deputyship, by=deputyship.deputy)


def test_ended_deputyship_stops_the_deputy(client: Client, deputyship: Deputyship) -> None:
    with at(SINCE):
        client.force_login(deputyship.deputy, backend="django.contrib.auth.backends.ModelBackend")
        client.post(f"/accounts/deputies/{deputyship.pk}/act/")
        owner = Client()
        owner.force_login(deputyship.principal, backend="django.contrib.auth.backends.ModelBackend")
        ended: Any = owner.post(f"/accounts/deputies/{deputyship.pk}/end/", follow=True)
        assert "已終止趙同事的代理。" in ended.content.decode()
        response: Any = client.get("/accounts/profile/")
        assert response.context["request"].user.acting_for is None
        again: Any = owner.post(f"/accounts/deputies/{deputyship.pk}/end/", follow=True)
        assert "趙同事的代理已經終止。" in again.content.decode()
    assert list(Message.objects.order_by("id").values_list("subject", flat=True)) == [
        "黃承辦指定您為代理人",
        "黃承辦的代理已終止",
    ]


def test_deputy_of_a_disabled_account_stops(client: Client, deputyship: Deputyship) -> None:
    with at(SINCE):
        client.force_login(deputyship.deputy, backend="django.contrib.auth.backends.ModelBackend")
        client.post(f"/accounts/deputies/{deputyship.pk}/act/")
        actions.disable(user=deputyship.principal, by=None)
        response: Any = client.get("/accounts/profile/")
        assert response.context["request"].user.acting_for is None


def test_others_deputyships_do_not_exist(client: Client, cast: build.Cast, deputyship: Deputyship) -> None:
    with at(SINCE):
        client.force_login(cast.neighbour_host, backend="django.contrib.auth.backends.ModelBackend")
        assert client.post(f"/accounts/deputies/{deputyship.pk}/act/").status_code == 404
        assert client.post(f"/accounts/deputies/{deputyship.pk}/end/").status_code == 404
        assert client.get(f"/accounts/deputies/{deputyship.pk}/act/").status_code == 405


def test_same_deputy_named_twice_at_once_is_named_once(transactional_db: None) -> None:
    if connection.vendor == "sqlite":
        pytest.skip("SQLite runs one writer at a time")
    absent, deputy = (build.officer(build.listed("大林鎮公所")) for _ in range(2))
    today = timezone.localdate()
    begun = Barrier(2, timeout=10)

    def appoint(_: int) -> bool:
        try:
            with transaction.atomic():
                Deputyship.objects.count()
                begun.wait()
                actions.appoint_deputy(principal=absent, deputy=deputy, since=today, until=today, by=absent)
                time.sleep(0.3)
        except ValidationError:
            return False
        finally:
            connections.close_all()
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(appoint, range(2))) == [False, True]
    assert Deputyship.objects.count() == 1
