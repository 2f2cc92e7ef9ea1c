"""Background work of training, asked for by beat."""

import logging

from django.utils import timezone

from personnel_portal.celery import app
from training.actions import reports
from training.actions.registration import sweep_offers

logger = logging.getLogger(__name__)


@app.task(name="training.sweep_offers")
def sweep() -> None:
    """Let offers that nobody answered go to the next who wait; a rerun finds nothing left to do."""
    sweep_offers(timezone.now())


@app.task(name=reports.READ)
def read_reports() -> None:
    """Read every report of the national portal that waits; woken when one is received, and a sweep of beat."""
    for report in reports.waiting_reports()[:5]:
        try:
            reports.read_report(report=report)
        except Exception:  # whatever is in one report: it keeps no other from being read, and is not tried for ever
            logger.exception("reading report %s", report.pk)
            reports.fail_report(
                report=report, problem="讀取時發生錯誤，請確認檔案內容後重新上傳；仍無法讀取請洽系統管理人員。"
            )
