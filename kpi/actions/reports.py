"""Yearly reports as they are issued: frozen with their figures and words, versioned, rendered as PDF and ODT.

What is frozen is the paper's description. The files are rendered from it in the background, since a long table takes
seconds; a version is never changed, a later one stands beside it.
"""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import Max

from districts.models import Plan
from kpi.choices import PaperKind
from kpi.models import FrozenReport
from personnel_portal.accounts.models import User
from personnel_portal.documents import keeping, odf, pdf
from personnel_portal.documents.paper import Paper
from personnel_portal.outbox.wake import after_commit
from personnel_portal.trail.actions import record
from personnel_portal.uploads.actions import keep_bytes
from personnel_portal.uploads.kinds import Kind

RENDER = "kpi.render_reports"


@transaction.atomic
def freeze_report(
    *, plan: Plan, kind: PaperKind, year: int, paper: Paper, figures: Mapping[str, Any], by: User
) -> FrozenReport:
    """Freeze a yearly report as its next version; its PDF and ODT follow in the background.

    Args:
        year: the (ROC) year that it tells of.
        paper: its words, without a version: the number is known only here and stands in the footer.
        figures: the numbers that it was compiled from, as JSON carries them, so that versions can be compared.
    """
    Plan.objects.select_for_update(of=("self",)).get(pk=plan.pk)  # two that are frozen at once get two numbers
    earlier = FrozenReport.objects.filter(plan=plan, kind=kind, year=year)
    version = (earlier.aggregate(last=Max("version"))["last"] or 0) + 1
    report = FrozenReport.objects.create(
        plan=plan,
        kind=kind,
        year=year,
        version=version,
        content={"paper": _with_version(keeping.packed(paper), version), "figures": dict(figures)},
        made_by=by,
    )
    record("report.frozen", report, by=by, office_id=plan.office_id, year=year, version=version)
    after_commit(RENDER)
    return report


def render_report(*, report: FrozenReport) -> FrozenReport:
    """Render and keep what is still missing of a frozen report; the portal itself is the author of the files.

    It is rendered before the transaction begins: a long report takes seconds, in which SQLite would let nobody write.
    """
    paper = keeping.unpacked(report.content["paper"])
    as_pdf = pdf.render(paper) if report.pdf_id is None else b""
    as_odt = odf.render(paper) if report.odt_id is None else b""
    with transaction.atomic():
        fresh: FrozenReport = (
            FrozenReport.objects.select_for_update(of=("self",)).select_related("plan").get(pk=report.pk)
        )
        if fresh.pdf_id is None:
            fresh.pdf = keep_bytes(as_pdf, name=f"{fresh}.pdf", by=None, allowed={Kind.PDF})
        if fresh.odt_id is None:
            fresh.odt = keep_bytes(as_odt, name=f"{fresh}.odt", by=None, allowed={Kind.ODT})
        fresh.save(update_fields=["pdf", "odt"])
    return fresh


def _with_version(paper: dict[str, Any], version: int) -> dict[str, Any]:
    footer = f"{paper['footer']}　第 {version} 版" if paper["footer"] else f"第 {version} 版"
    return {**paper, "footer": footer}
