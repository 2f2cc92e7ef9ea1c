"""Background work of the outbox: woken after a commit, and by beat every minute."""

from personnel_portal.celery import app
from personnel_portal.outbox import delivery


@app.task(name="outbox.deliver")
def deliver() -> None:
    """Send all that is due."""
    delivery.deliver()
