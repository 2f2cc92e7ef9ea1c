"""Rendering frozen reports in the background."""

import logging

from django.db.models import Q

from kpi.actions import reports
from kpi.models import FrozenReport
from personnel_portal.celery import app

logger = logging.getLogger(__name__)


@app.task(name=reports.RENDER)
def render_reports() -> None:
    """Render every report whose files are missing; woken when one is frozen, and a sweep of beat."""
    for report in FrozenReport.objects.filter(Q(pdf__isnull=True) | Q(odt__isnull=True)).order_by("pk")[:10]:
        try:
            reports.render_report(report=report)
        except Exception:  # whatever is in one report: it keeps no other from being rendered
            logger.exception("rendering %s", report.pk)
