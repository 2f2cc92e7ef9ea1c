"""Background work of the trail, started by beat."""

from django.utils import timezone

from personnel_portal.celery import app
from personnel_portal.trail import actions


@app.task(name="trail.seal")
def seal() -> None:
    """Seal what waits, one short transaction after another."""
    while actions.seal():
        pass


@app.task(name="trail.expire")
def expire() -> None:
    """Seal first, so that nothing old stays behind unsealed, then remove what has grown old."""
    seal()
    actions.expire(today=timezone.localdate())
