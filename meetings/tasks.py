"""Reading submitted minutes in the background."""

import logging
from typing import Any

from meetings import precheck
from meetings.actions import minutes
from meetings.choices import FileRole
from meetings.models import MinutesFile, MinutesVersion
from personnel_portal.celery import app

logger = logging.getLogger(__name__)


@app.task(name="meetings.precheck_pending")
def precheck_pending() -> None:
    """Check the text of every submitted version that was not checked yet; woken on submission, and a sweep of beat."""
    pending = MinutesVersion.objects.filter(submitted_at__isnull=False, findings__isnull=True)
    for version in pending.select_related("minutes__meeting__plan")[:50]:
        minutes.keep_findings(version=version, findings=_findings(version))


def _findings(version: MinutesVersion) -> list[dict[str, Any]]:
    unread = version.files.filter(role=FileRole.MINUTES, words__isnull=True).select_related("stored")
    unreadable = [file.stored.name for file in unread if not _read(file)]
    try:
        return precheck.check(version, unreadable)
    except Exception:  # whatever is in the text: one version keeps no other from being checked
        logger.exception("text check of %s", version)
        return [{"what": "文字", "expected": "", "found": "無法比對文字，請人工核對。", "ok": None}]


def _read(file: MinutesFile) -> bool:
    """Keep what a file says; return whether it could be read."""
    try:
        words = precheck.words_of(file)
    except Exception:  # whatever a parser raises: the reviewer is told, and the file is not tried for ever
        logger.exception("reading %s", file)
        minutes.keep_words(file=file, words="")
        return False
    minutes.keep_words(file=file, words=words)
    return True
