"""The nightly sweep of bytes that no row names."""

from personnel_portal.celery import app
from personnel_portal.uploads import actions


@app.task(name="uploads.sweep")
def sweep() -> None:
    """Remove what an interrupted upload left behind more than a day ago."""
    actions.sweep_orphans()
