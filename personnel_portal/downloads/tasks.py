"""Writing files in the background, asked for by beat and by whoever asked for a file."""

import logging

from django.utils import timezone

from personnel_portal.celery import app
from personnel_portal.downloads import actions
from personnel_portal.downloads.models import Download

logger = logging.getLogger(__name__)


@app.task(name=actions.PREPARE)
def prepare() -> None:
    """Write every file that waits; those asked for meanwhile wake the task again."""
    for download in Download.objects.waiting(timezone.now()).select_related("user", "acting_for")[:5]:
        try:
            actions.prepare(download=download)
        except Exception:  # whatever is wrong with one: it keeps no other from being written, and is not tried for ever
            logger.exception("writing download %s", download.pk)
            actions.fail(download=download)
    actions.expire(now=timezone.now())
