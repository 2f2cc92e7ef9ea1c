"""Reading submitted minutes in the background."""

import logging

from meetings import precheck
from meetings.actions import minutes
from meetings.choices import FileRole
from meetings.models import MinutesVersion
from personnel_portal.celery import app

logger = logging.getLogger(__name__)


@app.task(name="meetings.precheck_pending")
def precheck_pending() -> None:
    """Check the text of every submitted version that was not checked yet; woken on submission, and a sweep of beat."""
    pending = MinutesVersion.objects.filter(submitted_at__isnull=False, findings__isnull=True)
    for version in pending.select_related("minutes__meeting__plan")[:50]:
        try:
            for file in version.files.filter(role=FileRole.MINUTES, words__isnull=True).select_related("stored"):
                minutes.keep_words(file=file, words=precheck.words_of(file))
            findings = precheck.check(version)
        except Exception:  # whatever a parser raises: the reviewer is told, and the file is not tried for ever
            logger.exception("text check of %s", version)
            findings = [{"what": "文字", "expected": "", "found": "檔案無法讀取文字，請人工核對。", "ok": None}]
        minutes.keep_findings(version=version, findings=findings)
