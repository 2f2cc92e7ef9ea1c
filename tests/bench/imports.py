"""Imports of learning records: the portal's, with its preview; the bare floor; django-import-export as it comes."""

import io
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import cycle, islice

import tablib
from django.db import transaction
from import_export.resources import modelresource_factory
from python_calamine import CalamineWorkbook

from districts.models import Office, Posting
from personnel_portal.documents import sheets
from tests.bench import people
from tests.bench.people import COUNTY
from training.actions import reports
from training.choices import Mode, Origin, Outcome
from training.models import LearningRecord, Topic

HEADS = ["姓名", "服務機關", "課程名稱", "課程類別", "起始日期", "結束日期", "學習時數", "學習性質"]
YEAR = 115
FIRST = date(YEAR + 1911, 1, 5)
BATCH = 1_000
PART = 25_000  # rows of one report; a longer one is refused (`reports.MOST_ROWS`)


@dataclass(frozen=True, slots=True)
class Imported:
    """Seconds until the preview stands, until all is taken over, and how many records there are more."""

    preview: float
    whole: float
    rows: int


def sheet(rows: int, mark: str) -> list[bytes]:
    """Return reports of so many rows together: real people of the county, courses that nobody has a record of."""
    posts = list(
        Posting.objects.filter(agency__office__code=COUNTY)
        .order_by("pk")
        .values_list("person__name", "agency__official_name")
    )
    topics = list(Topic.objects.filter(office__code=COUNTY).values_list("name", flat=True))
    found = _lines(posts, topics, mark)
    files = []
    while rows > 0:
        target = io.BytesIO()
        sheets.write_xlsx(target, HEADS, islice(found, min(rows, PART)))
        files.append(target.getvalue())
        rows -= PART
    return files


def _lines(posts: list[tuple[str, str]], topics: list[str], mark: str) -> Iterator[list[sheets.Value]]:
    for number, ((name, agency), topic) in enumerate(zip(cycle(posts), cycle(topics), strict=False)):
        day = FIRST + timedelta(days=number % 200)
        yield [name, agency, f"{mark}第{number // len(posts)}場研習", topic, day, day, "2", "實體"]


def ours(files: list[bytes]) -> Imported:
    """Hand the reports in, let each be read and compared, and take them over."""
    office, by, before = Office.objects.get(code=COUNTY), people.user("reviewer"), LearningRecord.objects.count()
    begun = time.perf_counter()
    received = []
    for content in files:
        report = reports.receive_report(office=office, name="x.xlsx", content=content, year=YEAR, by=by)
        reports.read_report(report=report)
        received.append(report)
    preview = time.perf_counter() - begun
    for report in received:
        reports.take_report(report=report, with_differing=False, by=by)
    whole = time.perf_counter() - begun
    known = sum(report.lines.filter(outcome=Outcome.BOTH).count() for report in received)
    assert LearningRecord.objects.count() - before == known > 0
    return Imported(preview, whole, known)


def floor(files: list[bytes]) -> float:
    """Return the seconds of reading by calamine and writing by `bulk_create`, nothing looked up and nothing compared."""
    ((person, agency),) = Posting.objects.filter(agency__office__code=COUNTY).values_list("person", "agency")[:1]
    topic = Topic.objects.filter(office__code=COUNTY)[0].pk
    begun = time.perf_counter()
    with transaction.atomic():
        for content in files:
            rows = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()[1:]
            made = [
                LearningRecord(
                    person_id=person,
                    agency_id=agency,
                    topic_id=topic,
                    year=YEAR,
                    course=f"底線{number}{row[2]}",
                    starts=FIRST,
                    ends=FIRST,
                    hours=str(row[6]),
                    mode=Mode.ON_SITE,
                    origin=Origin.IMPORT,
                )
                for number, row in enumerate(rows)
            ]
            LearningRecord.objects.bulk_create(made, batch_size=BATCH)
        seconds = time.perf_counter() - begun
        transaction.set_rollback(True)
    return seconds


def import_export(rows: int) -> Imported:
    """Preview and import so many rows by a resource of django-import-export that is told nothing but its model."""
    resource = modelresource_factory(LearningRecord)()
    names = ("person", "agency", "topic", "year", "course", "starts", "ends", "hours", "mode", "origin")
    known = list(LearningRecord.objects.order_by("pk").values_list(*names)[:rows])
    data = tablib.Dataset(
        *[(*row[:4], f"同儕{number}", *row[5:]) for number, row in enumerate(known)], headers=list(names)
    )
    before = LearningRecord.objects.count()
    begun = time.perf_counter()
    resource.import_data(data, dry_run=True, raise_errors=True)
    preview = time.perf_counter() - begun
    resource.import_data(data, raise_errors=True)
    return Imported(preview, time.perf_counter() - begun, LearningRecord.objects.count() - before)
