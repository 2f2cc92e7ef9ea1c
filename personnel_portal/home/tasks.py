"""What the portal does for itself: show that it runs, and clear away what has had its time."""

from django.core.management import call_command
from django.utils import timezone

from personnel_portal.celery import app
from personnel_portal.home.models import Heartbeat
from personnel_portal.outbox.actions import expire


@app.task(name="home.heartbeat")
def heartbeat() -> None:
    """Written by a worker whenever beat asks, so one row proves beat, broker, worker and database."""
    Heartbeat.objects.update_or_create(name="beat", defaults={"at": timezone.now()})


@app.task(name="home.tidy")
def tidy() -> None:
    """Remove ended sessions and mails that were sent long ago; the trail keeps what they told of."""
    call_command("clearsessions")
    expire(now=timezone.now())
