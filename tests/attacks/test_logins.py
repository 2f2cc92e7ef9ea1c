"""Breaking in: guessing, a session that was planted, learning who has an account from words or from time."""

from collections.abc import Iterator
from typing import Any
from unittest import mock

import pytest
import time_machine
from django.conf import settings
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from personnel_portal.accounts import acting, links
from personnel_portal.accounts.models import Deputyship, User
from personnel_portal.trail.models import Entry
from tests import build
from tests.accounts.conftest import log_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def user() -> User:
    return build.user(username="wang", name="王曉明")


@pytest.fixture
def hashed() -> Iterator[list[str]]:
    """The passwords that were hashed."""
    seen: list[str] = []
    plain = MD5PasswordHasher.encode

    def encode(self: MD5PasswordHasher, password: str, salt: str) -> str:
        seen.append(password)
        return plain(self, password, salt)

    with mock.patch.object(MD5PasswordHasher, "encode", encode):
        yield seen


# --- Guessing ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "changed",
    [{"REMOTE_ADDR": "10.0.0.{}"}, {"HTTP_X_FORWARDED_FOR": "10.0.0.{}"}, {"HTTP_USER_AGENT": "browser {}"}],
    ids=lambda changed: next(iter(changed)),
)
def test_an_account_is_locked_wherever_the_guesses_come_from(user: User, changed: dict[str, str]) -> None:
    answers: list[Any] = []
    for number in range(8):
        client = Client()
        client.defaults |= {name: value.format(number) for name, value in changed.items()}
        answers.append(log_in(client, "wang", f"guess-{number}"))
    assert [answer.status_code for answer in answers] == [200] * 4 + [429] * 4
    assert log_in(Client(), "wang").status_code == 429  # type: ignore[attr-defined]  # a test response


@pytest.mark.parametrize("typed", ["WANG", " wang", "wang ", "ｗａｎｇ"])
def test_another_way_to_write_a_name_gives_no_further_guesses(user: User, typed: str) -> None:
    """Either it is another account, which the password does not open, or it counts as the same."""
    with time_machine.travel(build.at(build.TODAY, 10), tick=False):
        for number in range(6):
            log_in(Client(), "wang", f"guess-{number}")
        log_in(client := Client(), typed)
    assert "_auth_user_id" not in client.session


def test_guesses_at_the_old_password_are_counted_as_those_of_a_login(user: User) -> None:
    """A session that somebody left open neither lets another person in for good nor tell whether a guess is right."""
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    new = {"new_password1": "Orchid-7-lake", "new_password2": "Orchid-7-lake"}
    guesses = [*(f"guess-{number}" for number in range(6)), build.PASSWORD]
    answers = [client.post(reverse("accounts:password_change"), {"old_password": guess, **new}) for guess in guesses]
    assert [answer.status_code for answer in answers] == [200] * 4 + [429] * 3
    user.refresh_from_db()
    assert user.check_password(build.PASSWORD)
    assert Entry.objects.for_target(user).filter(act="login.failed").count() == len(guesses)


@pytest.mark.parametrize("token", ["x-y", "set-password", "c0ffee-" + "0" * 32, "", "../../x"])
def test_a_guessed_link_opens_no_password(user: User, token: str) -> None:
    good = links.reset_link(user).removeprefix(settings.PORTAL_URL)
    head = good.rstrip("/").rpartition("/")[0]
    client = Client()
    response: Any = client.get(f"{head}/{token}/", follow=True)
    assert response.status_code in (200, 404)
    assert response.status_code == 404 or not response.context["validlink"]


def test_a_link_is_good_once_and_for_its_account_alone(user: User) -> None:
    other = build.user(username="lin")
    good, others = (links.reset_link(one).removeprefix(settings.PORTAL_URL) for one in (user, other))
    mixed = "/".join([*others.split("/")[:4], *good.split("/")[4:]])
    answer: Any = Client().get(mixed, follow=True)
    assert not answer.context["validlink"]
    client = Client()
    opened: Any = client.get(good, follow=True)
    data = {"new_password1": "Orchid-7-lake", "new_password2": "Orchid-7-lake"}
    assert client.post(opened.request["PATH_INFO"], data).status_code == 302
    again: Any = Client().get(good, follow=True)
    assert not again.context["validlink"]


# --- A session that was planted ----------------------------------------------------------------------------------------


def planted_session(client: Client) -> str:
    session = client.session
    session["planted"] = "x"
    session.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = str(session.session_key)
    return str(session.session_key)


def test_the_session_before_the_login_is_worth_nothing_after_it(user: User) -> None:
    client, thief = Client(), Client()
    thief.cookies[settings.SESSION_COOKIE_NAME] = planted_session(client)
    log_in(client)
    assert client.get(reverse("accounts:profile")).status_code == 200
    assert thief.get(reverse("accounts:profile")).status_code == 302


def test_a_key_that_the_portal_never_gave_is_not_taken_up(user: User) -> None:
    client = Client()
    client.cookies[settings.SESSION_COOKIE_NAME] = "a" * 32
    log_in(client)
    assert client.session.session_key != "a" * 32


def test_the_token_of_forms_changes_at_the_login(user: User) -> None:
    client = Client()
    client.get(reverse("accounts:login"))
    before = client.cookies["csrftoken"].value
    log_in(client)
    assert client.cookies["csrftoken"].value != before


def test_nothing_of_one_person_is_left_for_the_next(user: User) -> None:
    """Two people at a school's computer: the logout empties the session, and its key is good for nothing."""
    client, thief = Client(), Client()
    log_in(client)
    session = client.session
    session["left"] = "x"
    session.save()
    thief.cookies[settings.SESSION_COOKIE_NAME] = str(session.session_key)
    client.post(reverse("accounts:logout"))
    assert thief.get(reverse("accounts:profile")).status_code == 302
    assert "left" not in client.session


@pytest.mark.parametrize("step", ["act_for", "act_as_self"])
def test_the_key_changes_with_the_rights_of_a_deputy(user: User, step: str) -> None:
    principal = build.user(username="lin")
    today = timezone.localdate()
    made = Deputyship.objects.create(principal=principal, deputy=user, since=today, until=today)
    with mock.patch.object(Deputyship.objects, "usable_by", return_value=Deputyship.objects.filter(pk=made.pk)):
        client, thief = Client(), Client()
        log_in(client)
        if step == "act_as_self":
            client.post(reverse("accounts:act_for", args=[made.pk]))
        thief.cookies[settings.SESSION_COOKIE_NAME] = before = str(client.session.session_key)
        client.post(reverse(f"accounts:{step}", args=[made.pk] if step == "act_for" else []))
        assert (acting.SESSION_KEY in client.session) == (step == "act_for")
        assert client.session.session_key != before
        assert thief.get(reverse("accounts:profile")).status_code == 302


def test_a_changed_password_ends_the_other_sessions(user: User) -> None:
    here, there = Client(), Client()
    log_in(here)
    log_in(there)
    data = {"old_password": build.PASSWORD, "new_password1": "Orchid-7-lake", "new_password2": "Orchid-7-lake"}
    User.objects.filter(pk=user.pk).update(must_change_password=True)
    assert here.post(reverse("accounts:password_change"), data).status_code == 302
    assert here.get(reverse("accounts:profile")).status_code == 200
    assert there.get(reverse("accounts:profile")).status_code == 302


# --- Learning who has an account ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["wang", "nobody", "closed", "invited"])
def test_every_failed_login_hashes_once(user: User, hashed: list[str], typed: str) -> None:
    """Hashing is what takes the time of a login, whether the name is known, unknown, closed or without a password."""
    build.user(username="closed")
    User.objects.filter(username="closed").update(is_active=False)
    invited = build.user(username="invited")
    invited.set_unusable_password()
    invited.save()
    hashed.clear()
    log_in(Client(), typed, "wrong")
    assert len(hashed) == 1


def test_asking_for_a_link_takes_the_same_work_and_gets_the_same_answer(user: User) -> None:
    answers, work = [], []
    for address in (user.email, "nobody@example.gov.tw"):
        with CaptureQueriesContext(connection) as captured:
            response: Any = Client().post(reverse("accounts:reset"), {"email": address}, follow=True)
        answers.append(response.content.decode().partition('name="csrfmiddlewaretoken"')[0])
        work.append(sum(query["sql"].startswith("INSERT") for query in captured.captured_queries))
    assert answers[0] == answers[1]
    assert work[0] == work[1]
    assert mail.outbox == []  # sent later, by a worker, so that no time tells
