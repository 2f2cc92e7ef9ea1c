"""Workers that are killed: no mail is lost, and none but the one in hand goes out twice."""

import random
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from django.utils import timezone

from personnel_portal.outbox import wake
from personnel_portal.outbox.choices import State
from personnel_portal.outbox.delivery import deliver
from personnel_portal.outbox.models import Message
from tests import services
from tests.outbox.conftest import Post
from tests.services import Mailbox, Worker, wait_until

BASE_DIR = Path(__file__).resolve().parents[2]


def let_leases_run_out() -> None:
    """Stand for the minutes after which a dead worker's rows are found again."""
    Message.objects.filter(state=State.SENDING).update(claimed_until=timezone.now())


def copies(mailbox: Mailbox) -> Counter[str]:
    """Return how often each Message-ID arrived."""
    return Counter(str(message["Message-ID"]) for message in mailbox.messages)


@pytest.mark.parametrize(
    ("point", "arrived", "held", "twice"),
    [
        ("before-claim", 0, 0, 0),
        ("after-claim", 0, 5, 0),
        ("before-sending", 0, 5, 0),
        ("after-250", 1, 5, 1),
        ("after-commit", 1, 4, 0),
    ],
)
def test_a_killed_worker_loses_nothing(
    transactional_db: None, mailbox: Mailbox, post: Post, point: str, arrived: int, held: int, twice: int
) -> None:
    mails = [post(to=f"a{number}@example.com") for number in range(5)]
    worker = subprocess.run(
        [sys.executable, "-m", "tests.outbox.dying_worker", point],
        env=services.portal_environment(EMAIL_URL=mailbox.url),
        cwd=BASE_DIR,
        capture_output=True,
        timeout=60,
    )
    assert worker.returncode == -signal.SIGKILL, worker.stderr.decode()
    assert len(mailbox.messages) == arrived
    assert Message.objects.filter(state=State.SENDING).count() == held
    let_leases_run_out()
    deliver()
    assert set(copies(mailbox)) == {mail.message_id for mail in mails}
    assert sum(copies(mailbox).values()) == 5 + twice
    assert Message.objects.filter(state=State.SENT).count() == 5


def test_a_celery_worker_killed_at_random_loses_nothing(worker: Worker, smtp: Mailbox, post: Post) -> None:
    """Three kills in a send of 200 mails, each somewhere within the work on one mail."""
    mails = [post(to=f"a{number}@example.com") for number in range(200)]
    kills = 0
    for threshold in sorted(random.sample(range(5, 180), 3)):
        wake.send("outbox.deliver")
        wait_until(lambda threshold=threshold: len(smtp.messages) >= threshold, what=f"{threshold} mails")  # type: ignore[misc]  # bound at once
        worker.kill()
        kills += 1
        let_leases_run_out()
        worker.start()
    wake.send("outbox.deliver")
    wait_until(lambda: Message.objects.filter(state=State.SENT).count() == 200, what="200 mails sent")
    counts = copies(smtp)
    assert set(counts) == {mail.message_id for mail in mails}
    assert max(counts.values()) <= 1 + kills
    assert sum(counts.values()) - 200 <= kills
