"""Into the outbox: one row per key, hostile text made harmless, one wake-up per transaction."""

import logging
import socket
import threading
import time
from datetime import timedelta

import pytest
import redis
from celery import Celery
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.models import Model
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks

from personnel_portal.accounts.models import User
from personnel_portal.outbox import wake
from personnel_portal.outbox.actions import cancel, cancel_message, resend
from personnel_portal.outbox.choices import State
from personnel_portal.outbox.models import Attachment, Message
from personnel_portal.trail.models import Entry
from tests.outbox.conftest import Post
from tests.services import free_port


@pytest.fixture
def officer(db: None) -> User:
    user: User = User.objects.create_user("lin", "lin@example.com", "correct horse battery", name="林大華")
    return user


def test_the_same_key_gives_the_first_mail(db: None, post: Post) -> None:
    first = post(key="minutes-1-accepted", attachments=[("會議.ics", "text/calendar", b"BEGIN:VCALENDAR")])
    again = post(key="minutes-1-accepted", subject="別的", attachments=[("b.ics", "text/calendar", b"")])
    assert (again.pk, again.subject) == (first.pk, "會議紀錄已備查")
    assert Attachment.objects.get().name == "會議.ics"
    assert post().pk != post().pk


def test_two_at_once_with_one_key_write_one_mail(transactional_db: None, post: Post) -> None:
    before = Message.objects.count()
    start = threading.Barrier(2)
    found: list[int] = []

    def write() -> None:
        start.wait()
        try:
            with transaction.atomic():
                found.append(post(key="once").pk)
                time.sleep(0.2)  # the other one meets a row that is written and not yet committed
        finally:
            connection.close()

    threads = [threading.Thread(target=write) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 2
    assert len(set(found)) == 1
    assert Message.objects.count() == before + 1


def test_header_injection_becomes_text(db: None, post: Post) -> None:
    mail = post(name="王\r\nBcc: all@example.com", subject="主旨\r\nX-Evil: 1\x00\ud800", text="一\x00二\ud800")
    mail.refresh_from_db()
    assert (mail.to_name, mail.subject, mail.text) == ("王 Bcc: all@example.com", "主旨 X-Evil: 1", "一\ufffd二\ufffd")


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("", "沒有收件地址。"),
        ("王小明", "「王小明」不是有效的電子郵件地址。"),
        ("a@example.com\r\nBcc: b@example.com", "「a@example.com Bcc: b@example.com」不是有效的電子郵件地址。"),
        ("a@example.com, b@example.com", "「a@example.com, b@example.com」不是有效的電子郵件地址。"),
        ("a" * 300 + "@example.com", "「" + "a" * 80 + "」不是有效的電子郵件地址。"),
    ],
)
def test_an_invalid_address_fails_at_once_with_a_sentence(db: None, post: Post, address: str, sentence: str) -> None:
    mail = post(to=address)
    mail.refresh_from_db()
    assert (mail.state, mail.last_error) == (State.FAILED, sentence)
    with pytest.raises(ValidationError):
        resend(message=mail, by=User())


@pytest.mark.parametrize(
    "values",
    [
        {"state": "sent"},
        {"sent_at": timezone.now()},
        {"state": "sending"},
        {"claimed_until": timezone.now()},
        {"state": "failed"},
        {"state": "lost"},
        {"key": ""},
        {"to": ""},
    ],
)
def test_the_database_keeps_the_states_whole(db: None, post: Post, values: dict[str, object]) -> None:
    mail = post()
    with pytest.raises(IntegrityError), transaction.atomic():
        Message.objects.filter(pk=mail.pk).update(**values)


def test_a_keyed_mail_costs_four_queries(
    db: None, post: Post, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(6):  # savepoint, look, savepoint, insert, release twice
        post(key="a")
    with django_assert_num_queries(3):  # savepoint, look, release
        post(key="a")


# --- Cancelling and sending again -------------------------------------------------------------------------------------


def test_cancelling_reaches_queued_mails_alone(officer: User, post: Post) -> None:
    post(key="meeting-1-call-a")
    post(key="meeting-1-call-b")
    post(key="meeting-10-call-a")
    post()
    sent = post(key="meeting-1-call-c")
    Message.objects.filter(pk=sent.pk).update(state=State.SENT, sent_at=timezone.now())
    assert cancel(key_prefix="meeting-1-", by=officer) == 2
    assert cancel(keys=["meeting-10-call-a", "meeting-1-call-a"]) == 1
    assert cancel() == 0
    assert Message.objects.filter(state=State.CANCELLED).count() == 3
    assert Entry.objects.filter(act="mail.cancelled", actor=officer).count() == 2
    with pytest.raises(ValidationError, match="已寄出，不能取消"):
        cancel_message(message=sent, by=officer)


def test_sending_again_starts_anew_and_is_recorded(officer: User, post: Post) -> None:
    failed = post()
    Message.objects.filter(pk=failed.pk).update(state=State.FAILED, last_error="550 no", attempts=4)
    mail = resend(message=failed, by=officer)
    assert (mail.state, mail.attempts, mail.last_error) == (State.QUEUED, 0, "")
    assert mail.message_id == failed.message_id
    assert Entry.objects.for_target(mail).get().detail == {"to": "wang@example.com", "before": "failed"}
    with pytest.raises(ValidationError, match="待寄，不必重寄"):
        resend(message=mail, by=officer)


def test_a_sent_mail_goes_again_under_a_new_message_id(officer: User, post: Post) -> None:
    sent = post()
    Message.objects.filter(pk=sent.pk).update(state=State.SENT, sent_at=timezone.now())
    assert resend(message=sent, by=officer).message_id != sent.message_id


# --- Waking the worker ------------------------------------------------------------------------------------------------


def waiting(valkey: redis.Redis) -> int:
    return int(valkey.llen("celery"))


def test_300_mails_in_one_transaction_wake_once(
    db: None,
    valkey: redis.Redis,
    post: Post,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    valkey.flushall()
    with django_capture_on_commit_callbacks(execute=True):
        for _ in range(300):
            post()
    assert waiting(valkey) == 1
    with django_capture_on_commit_callbacks(execute=True):
        post()
    assert waiting(valkey) == 2
    valkey.flushall()


def test_nothing_wakes_for_a_mail_that_was_rolled_back(transactional_db: None, valkey: redis.Redis, post: Post) -> None:
    valkey.flushall()

    def post_in_vain() -> None:
        with transaction.atomic():
            post()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        post_in_vain()
    assert waiting(valkey) == 0
    with transaction.atomic():
        with pytest.raises(ZeroDivisionError):
            post_in_vain()
        post()
    assert waiting(valkey) == 1
    valkey.flushall()


@pytest.mark.parametrize("fault", ["refused", "no socket", "hangs", "unreachable"])
def test_a_broker_that_is_away_costs_a_warning_and_less_than_a_second(
    fault: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = {
            "refused": f"redis://127.0.0.1:{free_port()}",
            "no socket": "redis+socket:///nowhere/valkey.sock",
            "hangs": f"redis://127.0.0.1:{silent.getsockname()[1]}",
            "unreachable": "redis://192.0.2.1:6379",
        }[fault]
        monkeypatch.setattr(wake, "app", Celery("away", broker=url, set_as_current=False))
        begin = time.monotonic()
        with caplog.at_level(logging.WARNING, logger="personnel_portal.outbox.wake"):
            assert not wake.send("outbox.deliver")
        assert time.monotonic() - begin < 1
    assert [record.levelname for record in caplog.records] == ["WARNING"]


def test_later_mails_stay_until_their_time(db: None, post: Post) -> None:
    now = timezone.now()
    later = post(send_after=now + timedelta(hours=1))
    due: set[Model] = set(Message.objects.due(now + timedelta(hours=1)))
    assert later in due
    assert later not in Message.objects.due(now)
