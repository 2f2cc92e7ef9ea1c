"""The heartbeat: written by a worker whenever beat asks, so one row proves beat, broker, worker and database."""

from django.utils import timezone

from personnel_portal.celery import app
from personnel_portal.home.models import Heartbeat


@app.task(name="home.heartbeat")
def heartbeat() -> None:
    Heartbeat.objects.update_or_create(name="beat", defaults={"at": timezone.now()})
