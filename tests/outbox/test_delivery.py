"""Out of the outbox, to a real SMTP server: what is sent, tried again, given up, and who may hold a row."""

import smtplib
import threading
import time
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

import pytest
import time_machine
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from personnel_portal.outbox import delivery
from personnel_portal.outbox.choices import State
from personnel_portal.outbox.delivery import LEASE, MAX_ATTEMPTS, claim, deliver, pause_after
from personnel_portal.outbox.faults import Fault, fault_of
from personnel_portal.outbox.models import Message
from tests.outbox.conftest import Post
from tests.services import Mailbox, free_port

pytestmark = pytest.mark.django_db


def test_a_mail_arrives_whole(mailbox: Mailbox, post: Post) -> None:
    mail = post(
        name='王小明, "科長" <x@y>',
        subject="退請補正：第1次聯繫會報紀錄，請於113年7月15日前補正後再行報送，並副知人事處",
        html="<p>您好</p>",
        attachments=[("聯繫會報.ics", "text/calendar; method=REQUEST", "BEGIN:VCALENDAR\r\n會報".encode())],
    )
    assert deliver() == 1
    [message] = mailbox.to("wang@example.com")
    assert message["Subject"].strip() == mail.subject  # Django begins a long one on the next line
    assert message["To"].addresses[0].display_name == '王小明, "科長" <x@y>'
    assert message["To"].addresses[0].addr_spec == "wang@example.com"
    assert message["Message-ID"] == mail.message_id
    assert message["Auto-Submitted"] == "auto-generated"
    assert message.get_body(("plain",)).get_content().strip() == "您好："  # type: ignore[union-attr]  # it has one
    assert message.get_body(("html",)).get_content().strip() == "<p>您好</p>"  # type: ignore[union-attr]  # as above
    [file] = message.iter_attachments()
    assert isinstance(file, EmailMessage)
    assert (file.get_filename(), file.get_content_type()) == ("聯繫會報.ics", "text/calendar")
    assert file["Content-Type"].params["method"] == "REQUEST"
    assert "會報" in file.get_content()
    mail.refresh_from_db()
    assert (mail.state, mail.attempts, mail.last_error, mail.claimed_by) == (State.SENT, 1, "", None)


def test_many_mails_share_one_connection(mailbox: Mailbox, post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = 0
    connect = smtplib.SMTP.connect

    def count(self: smtplib.SMTP, host: str = "localhost", port: int = 0) -> tuple[int, bytes]:
        nonlocal opened
        opened += 1
        return connect(self, host, port)

    monkeypatch.setattr(smtplib.SMTP, "connect", count)
    for number in range(45):
        post(to=f"a{number}@example.com")
    assert deliver() == 45
    assert len(mailbox.messages) == 45
    assert opened == 1


def test_a_refused_receiver_fails_with_the_servers_words(mailbox: Mailbox, post: Post) -> None:
    mailbox.mode = "refuse"
    mail, other = post(), post()
    assert deliver() == 0
    for each in (mail, other):
        each.refresh_from_db()
        assert (each.state, each.last_error) == (State.FAILED, "550 5.1.1 no such mailbox")


@pytest.mark.parametrize(
    ("mode", "words"),
    [
        ("busy", "451 4.3.2 try again later"),
        ("hang", "與郵件伺服器的連線中斷：Connection unexpectedly closed: timed out"),
        ("drop", "與郵件伺服器的連線中斷：Connection unexpectedly closed"),
    ],
)
def test_a_passing_fault_is_tried_again_later(mailbox: Mailbox, post: Post, mode: str, words: str) -> None:
    mailbox.mode = mode
    mail = post()
    with time_machine.travel(datetime(2026, 11, 20, 2, tzinfo=UTC), tick=False):
        Message.objects.filter(pk=mail.pk).update(send_after=timezone.now())
        assert deliver() == 0
        mail.refresh_from_db()
        assert (mail.state, mail.attempts, mail.last_error) == (State.QUEUED, 1, words)
        assert mail.send_after == timezone.now() + pause_after(1, mail.pk)
        mailbox.mode = "accept"
        assert deliver() == 0
    with time_machine.travel(mail.send_after, tick=False):
        assert deliver() == 1
    assert {message["Message-ID"] for message in mailbox.messages} == {mail.message_id}


def test_after_a_lost_connection_the_next_mail_gets_a_new_one(mailbox: Mailbox, post: Post) -> None:
    first, second = post(to="a@example.com"), post(to="b@example.com")
    mailbox.mode = "drop"
    mailbox.on_message = lambda _: setattr(mailbox, "mode", "drop" if len(mailbox.messages) == 1 else "accept")
    assert deliver() == 1
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, second.state) == (State.QUEUED, State.SENT)


def test_a_server_that_is_away_costs_one_attempt_a_round(settings: Settings, mailbox: Mailbox, post: Post) -> None:
    settings.EMAIL_PORT = free_port()
    mails = [post() for _ in range(30)]
    assert deliver() == 0
    assert sorted(Message.objects.values_list("attempts", flat=True)) == [0] * 29 + [1]
    assert not Message.objects.exclude(state=State.QUEUED).exists()
    mails[0].refresh_from_db()
    assert mails[0].last_error.startswith("無法連上郵件伺服器：")
    settings.EMAIL_PORT = mailbox.port
    assert deliver() == 29


def test_the_last_attempt_fails_with_the_last_words(mailbox: Mailbox, post: Post) -> None:
    mailbox.mode = "busy"
    mail = post()
    Message.objects.filter(pk=mail.pk).update(attempts=MAX_ATTEMPTS - 1)
    deliver()
    mail.refresh_from_db()
    assert (mail.state, mail.attempts, mail.last_error) == (State.FAILED, MAX_ATTEMPTS, "451 4.3.2 try again later")


def test_a_mail_that_kills_its_worker_every_time_is_given_up(mailbox: Mailbox, post: Post) -> None:
    mail = post()
    now = timezone.now()
    for _ in range(MAX_ATTEMPTS):
        claimed = claim(batch=1, now=now)
        assert claimed is not None
        assert delivery._hold(mail, claimed[0])
        Message.objects.update(claimed_until=now)
    assert deliver() == 0
    mail.refresh_from_db()
    assert (mail.state, mailbox.messages) == (State.FAILED, [])
    assert mail.last_error == "多次寄送都在中途中斷，沒有得到郵件伺服器的回覆。"


def test_the_pauses_double_up_to_six_hours() -> None:
    minutes = [pause_after(attempts, pk=16) / timedelta(minutes=1) for attempts in range(1, MAX_ATTEMPTS)]
    assert minutes == [1, 2, 4, 8, 16, 32, 64, 128, 256, *[360] * 8]
    assert pause_after(1, pk=8) == timedelta(seconds=67.5)
    assert pause_after(10, pk=15) == timedelta(hours=6) * (1 + 15 / 64)


def test_an_error_of_our_own_does_not_stop_the_queue(
    mailbox: Mailbox, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, good = post(), post(to="b@example.com")
    build = delivery._mail

    def fail(message: Message, backend: object) -> object:
        if message.pk == broken.pk:
            raise KeyError("template")
        return build(message, backend)  # type: ignore[arg-type]  # handed through

    monkeypatch.setattr(delivery, "_mail", fail)
    assert deliver() == 1
    broken.refresh_from_db()
    good.refresh_from_db()
    assert (broken.state, good.state) == (State.QUEUED, State.SENT)
    assert broken.last_error == "寄送時發生未預期的錯誤：KeyError('template')"


@pytest.mark.parametrize(
    ("error", "fault"),
    [
        (smtplib.SMTPRecipientsRefused({"a": (450, b"greylisted")}), Fault("450 greylisted", False, False)),
        (smtplib.SMTPRecipientsRefused({"a": (421, b"bye")}), Fault("421 bye", False, True)),
        (smtplib.SMTPSenderRefused(550, b"not you", "x"), Fault("550 not you", False, False)),
        (smtplib.SMTPSenderRefused(552, b"too big", "x"), Fault("552 too big", True, False)),
        (smtplib.SMTPDataError(554, b"spam\r\nsecond"), Fault("554 spam second", True, False)),
        (smtplib.SMTPDataError(452, b"full"), Fault("452 full", False, False)),
        (KeyError("x"), None),
    ],
)
def test_what_an_answer_means(error: Exception, fault: Fault | None) -> None:
    assert fault_of(error) == fault


# --- Claims -----------------------------------------------------------------------------------------------------------


def test_a_claim_holds_until_its_lease_runs_out(post: Post) -> None:
    mail, now = post(), timezone.now()
    claimed = claim(batch=5, now=now)
    assert claimed is not None
    assert claimed[1] == [mail]
    assert claim(batch=5, now=now + LEASE - timedelta(seconds=1)) is None
    again = claim(batch=5, now=now + LEASE)
    assert again is not None
    assert not delivery._hold(mail, claimed[0])
    assert delivery._hold(mail, again[0])


def test_what_a_worker_left_behind_is_claimed_after_what_waits(post: Post) -> None:
    left, now = post(), timezone.now()
    claim(batch=1, now=now)
    waiting = post()
    assert [_claimed(1, now + LEASE), _claimed(2, now + LEASE), _claimed(1, now + LEASE)] == [[waiting], [left], []]


def _claimed(batch: int, now: datetime) -> list[Message]:
    claimed = claim(batch=batch, now=now)
    return claimed[1] if claimed else []


@pytest.mark.one_database("the plan is PostgreSQL's")
def test_a_claim_reads_no_more_than_it_takes(post: Post) -> None:
    """However many wait: in the order of the index, nothing is sorted and nothing read that is not taken."""
    for _ in range(300):
        post()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE outbox_message")
    plan = Message.objects.ripe(timezone.now() + timedelta(days=1))[:20].explain()
    assert "outbox_message_queued" in plan
    assert "Sort" not in plan


def test_a_worker_stops_when_its_lease_was_taken(mailbox: Mailbox, post: Post) -> None:
    mails = [post(to=f"a{number}@example.com") for number in range(3)]

    hold = delivery._hold

    def hold_first_only(message: Message, token: object) -> bool:
        if message.pk == mails[1].pk:  # another worker has found the row stuck
            Message.objects.filter(pk__in=[mail.pk for mail in mails[1:]]).update(claimed_until=timezone.now())
            assert claim(batch=5, now=timezone.now()) is not None
        return hold(message, token)  # type: ignore[arg-type]  # handed through

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(delivery, "_hold", hold_first_only)
        assert deliver() == 1
    assert [str(message["X-Envelope-To"]) for message in mailbox.messages] == ["a0@example.com"]
    assert Message.objects.filter(state=State.SENDING).count() == 2


def test_two_workers_never_claim_the_same_row(transactional_db: None, post: Post) -> None:
    for _ in range(60):
        post()
    found: list[list[int]] = [[], []]

    def work(mine: list[int]) -> None:
        try:
            while claimed := claim(batch=3, now=timezone.now()):
                mine.extend(message.pk for message in claimed[1])
                time.sleep(0.002)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(mine,)) for mine in found]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found[0]) + len(found[1]) == 60
    assert len({*found[0], *found[1]}) == 60
