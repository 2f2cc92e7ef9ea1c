"""Long papers, in a process of their own: as the portal renders them, and by WeasyPrint alone from the same HTML."""

import io
import time
from dataclasses import dataclass
from typing import Any
from unittest import mock

import pikepdf
import weasyprint
from django.utils import timezone

from awards import documents as awards
from awards.actions.runs import make_run
from districts.models import Plan
from meetings import documents as meetings
from meetings.choices import Section
from meetings.models import AgendaItem, Meeting
from personnel_portal.documents import pdf
from personnel_portal.documents.paper import Paper
from personnel_portal.home.management.commands import _country_words as words
from tests.bench import people
from tests.bench.people import COUNTY
from tests.bench.side import forget_peak, now_megabytes, peak_megabytes

# What fills a page of each, found by looking: lines of a roster, items of an agenda.
ON_A_PAGE = {"roster": 4.5, "minutes": 4.4}


@dataclass(frozen=True, slots=True)
class Rendered:
    """Seconds, pages, and the MB that the process had beyond before."""

    seconds: float
    pages: int
    megabytes: float


def _paper(kind: str, pages: int) -> Paper:
    return {"roster": _roster, "minutes": _minutes}[kind](round(pages * ON_A_PAGE[kind]))


def _roster(lines: int) -> Paper:
    plan = Plan.objects.liaison().get(office__code=COUNTY)
    run = plan.award_runs.first() or make_run(plan=plan, by=people.user("administrator"))
    found = list(run.lines.on_roster().for_pages().prefetch_related("agency__names"))
    return awards.roster(run, (found * (lines // len(found) + 1))[:lines], timezone.localdate())


def _minutes(items: int) -> Paper:
    meeting = Meeting.objects.filter(plan__office__code=COUNTY).order_by("pk")[0]
    if not meeting.agenda.exists():
        import random

        chosen = random.Random(1)
        AgendaItem.objects.bulk_create(
            AgendaItem(
                meeting=meeting,
                section=Section.DISCUSSION,
                order=order,
                subject=words.subject(chosen),
                proposer="民雄國中",
                explanation=words.text(chosen, 4),
                remedy=words.text(chosen, 2),
                resolution=words.text(chosen, 1),
            )
            for order in range(items)
        )
    return meetings.draft(meeting)


def ours(kind: str, pages: int) -> Rendered:
    """Describe the paper and render it, as the portal does."""
    before = now_megabytes()
    forget_peak()
    begun = time.perf_counter()
    content = pdf.render(_paper(kind, pages))
    return _rendered(begun, content, before)


def bare(kind: str, pages: int) -> Rendered:
    """Render the same HTML and CSS by WeasyPrint alone."""
    markup, style = _html(_paper(kind, pages))
    before = now_megabytes()
    forget_peak()
    begun = time.perf_counter()
    content = weasyprint.HTML(string=markup).write_pdf(stylesheets=[weasyprint.CSS(string=style)], pdf_tags=True)
    return _rendered(begun, content, before)


def _html(paper: Paper) -> tuple[str, str]:
    """Return the HTML and CSS that the portal gives to WeasyPrint."""
    document: Any = mock.Mock()
    document.return_value.write_pdf.return_value = b""
    with mock.patch.object(pdf, "HTML", document), mock.patch.object(pdf, "CSS") as sheet:
        pdf.render(paper)
    return document.call_args.kwargs["string"], sheet.call_args.kwargs["string"]


def _rendered(begun: float, content: bytes, before: float) -> Rendered:
    seconds = time.perf_counter() - begun
    return Rendered(seconds, len(pikepdf.open(io.BytesIO(content)).pages), peak_megabytes() - before)
