"""Background work of training, asked for by beat."""

from django.utils import timezone

from personnel_portal.celery import app
from training.actions.registration import sweep_offers


@app.task(name="training.sweep_offers")
def sweep() -> None:
    """Let offers that nobody answered go to the next who wait; a rerun finds nothing left to do."""
    sweep_offers(timezone.now())
