"""Background work on accounts, started by beat."""

from django.utils import timezone

from personnel_portal.accounts import actions
from personnel_portal.celery import app


@app.task(name="accounts.disable_idle")
def disable_idle() -> None:
    """Close the accounts that nobody has used for long."""
    actions.disable_idle(now=timezone.now())
