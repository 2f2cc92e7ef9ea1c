"""The nightly sweep of bytes that no row names."""

from django.utils import timezone

from personnel_portal.celery import app
from personnel_portal.uploads import actions


@app.task(name="uploads.sweep")
def sweep() -> None:
    """Remove what an interrupted or withdrawn upload left behind more than a day ago."""
    actions.forget_unused(now=timezone.now())
    actions.sweep_orphans()
