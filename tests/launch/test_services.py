"""The test services are what the other tests rely on, so they are held to their word here."""

import os
import smtplib
from email.message import EmailMessage

import pytest
import redis
from celery import current_app
from django.contrib.auth.models import Group
from django.db import connection
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from personnel_portal.home.models import Heartbeat
from tests.services import Mailbox, Worker, wait_until


@pytest.fixture
def message() -> EmailMessage:
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = "開會通知", "portal@example.org", "host@example.org"
    message.set_content("請查照。")
    return message


def test_database_is_the_one_asked_for(db: None) -> None:
    asked = os.environ.get("DATABASE", "postgres")
    assert connection.vendor == {"postgres": "postgresql", "sqlite": "sqlite"}[asked]


@pytest.mark.parametrize("turn", [1, 2])
def test_database_is_put_back_after_a_transactional_test(transactional_db: None, turn: int) -> None:
    assert not Group.objects.filter(name="left behind").exists()
    Group.objects.create(name="left behind")


def test_valkey_answers_on_its_own_socket(valkey: redis.Redis) -> None:
    assert valkey.config_get("port") == {"port": "0"}


def test_worker_does_tasks_on_the_tests_database_and_again_after_a_kill(worker: Worker) -> None:
    for _ in range(2):
        Heartbeat.objects.all().delete()
        current_app.send_task("home.heartbeat")
        wait_until(Heartbeat.objects.exists, what="the heartbeat")
        worker.kill()
        worker.start()


def test_smtp_keeps_what_it_accepts(smtp: Mailbox, message: EmailMessage) -> None:
    with smtplib.SMTP("127.0.0.1", smtp.port) as client:
        client.send_message(message)
    (received,) = smtp.to("host@example.org")
    assert (received["Subject"], received.get_content().strip()) == ("開會通知", "請查照。")


def test_smtp_refuses_a_recipient(smtp: Mailbox, message: EmailMessage) -> None:
    smtp.mode = "refuse"
    with smtplib.SMTP("127.0.0.1", smtp.port) as client, pytest.raises(smtplib.SMTPRecipientsRefused):
        client.send_message(message)
    assert smtp.messages == []


def test_smtp_is_busy(smtp: Mailbox, message: EmailMessage) -> None:
    smtp.mode = "busy"
    with smtplib.SMTP("127.0.0.1", smtp.port) as client, pytest.raises(smtplib.SMTPDataError):
        client.send_message(message)


def test_smtp_drops_the_line_after_taking_the_message(smtp: Mailbox, message: EmailMessage) -> None:
    smtp.mode = "drop"
    with pytest.raises(smtplib.SMTPServerDisconnected), smtplib.SMTP("127.0.0.1", smtp.port) as client:
        client.send_message(message)
    assert len(smtp.messages) == 1


def test_smtp_hangs_until_it_is_released(smtp: Mailbox, message: EmailMessage) -> None:
    smtp.mode = "hang"
    client = smtplib.SMTP("127.0.0.1", smtp.port, timeout=0.3)
    with pytest.raises(smtplib.SMTPServerDisconnected):
        client.send_message(message)
    client.close()


def test_browser_reads_the_live_server_with_its_styles(page: Page, live_server: LiveServer) -> None:
    answer = page.goto(f"{live_server.url}/static/bootstrap/css/bootstrap.min.css")
    assert answer is not None
    assert (answer.status, answer.headers["content-type"]) == (200, "text/css")
