"""Reports of the national portal: received, read in the background, looked through, taken over.

The national portal's own register is what counts for the year (績效指標 4-1), so what it alone has is added, and where the
two differ its hours may be taken. Taking a report over again, or another with the same lines, changes nothing.
"""

import io
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from itertools import groupby, islice
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.utils import timezone

from districts.models import Office
from personnel_portal.accounts.models import User
from personnel_portal.documents import sheets
from personnel_portal.outbox.wake import after_commit
from personnel_portal.trail.actions import record
from training.choices import Origin, Outcome
from training.models import LearningRecord, NationalReport, NationalRow
from training.reconciling import Known, Names, UnusableReportError, compare, judged, lines, reference_of

T = TypeVar("T")

READ = "training.read_reports"
MOST_ROWS = 30_000
_PEOPLE = 400  # whose lines and records are compared at a time
_WRITTEN = 1_000  # rows written at a time
_ABANDONED = timedelta(minutes=15)  # far longer than reading takes: its worker is gone
_TAKEN = ("person_id", "agency_id", "topic_id", "course", "starts", "ends", "hours", "digital_hours", "mode")
_ANSWERED = ("outcome", "record", "problem")
_CHANGED = ("hours", "digital_hours", "mode", "topic", "in_portal")


@transaction.atomic
def receive_report(*, office: Office, name: str, content: bytes, year: int, by: User) -> NationalReport:
    """Keep a report until it is read in the background; the file itself goes as soon as its lines stand."""
    report = NationalReport.objects.create(office=office, name=name[:120], year=year, made_by=by)
    # Not through `save`, whose history would keep the file.
    NationalReport.objects.filter(pk=report.pk).update(content=content)
    record("national_report.received", report, by=by, office_id=office.pk, year=year, size=len(content))
    after_commit(READ)
    return report


def waiting_reports() -> QuerySet[NationalReport]:
    """Return what is to be read: reports that nobody has begun, or whose worker is gone."""
    free = Q(claimed_at__isnull=True) | Q(claimed_at__lt=timezone.now() - _ABANDONED)
    return NationalReport.objects.filter(free, read_at__isnull=True, problem="").defer("content").order_by("pk")


def read_report(*, report: NationalReport) -> bool:
    """Read a report's lines and compare them; return whether it was this call that did.

    Lines are written in steps, so that the page can say how far it is; a report that was left half-way is begun again.
    """
    if not waiting_reports().filter(pk=report.pk).update(claimed_at=timezone.now()):
        return False
    content = NationalReport.objects.values_list("content", flat=True).get(pk=report.pk)
    try:
        rows = sheets.read(io.BytesIO(bytes(content or b"")), limit=MOST_ROWS)
        del content
        _compare_all(report, rows)
    except (sheets.UnreadableFileError, UnusableReportError) as refusal:
        fail_report(report=report, problem=str(refusal))
        return True
    with transaction.atomic():
        report.content, report.read_at = None, timezone.now()
        report.save(update_fields=["content", "read_at"])
        record("national_report.read", report, by=None, office_id=report.office_id, rows=report.rows)
    return True


@transaction.atomic
def fail_report(*, report: NationalReport, problem: str) -> None:
    """Keep why a report could not be read, and nothing of it."""
    report.lines.all().delete()
    report.content, report.problem = None, problem[:300]
    report.save(update_fields=["content", "problem"])


def _compare_all(report: NationalReport, rows: list[list[sheets.Cell]]) -> None:
    names = Names.of_office(report.office_id, report.year)
    # The cells of a line are let go with it: of a long report only what is kept stays in memory.
    found = [judged(number, cells, names, report.year) for number, cells in lines(rows)]
    if not found:
        raise UnusableReportError("報表沒有資料列，請確認下載的年度與範圍。")
    report.lines.all().delete()
    report.rows, report.done = len(found), 0
    report.save(update_fields=["rows", "done"])
    found.sort(key=lambda row: (row.person_id or 0, row.line))
    for group in _by_people(found, _PEOPLE):
        compare(group, _known(_records_of(report, group)), names.topic_names)
        for batch in _batches(group, _WRITTEN):
            for row in batch:
                row.report = report
            NationalRow.objects.bulk_create(batch)
        report.done += len(group)
        NationalReport.objects.filter(pk=report.pk).update(done=report.done)
    report.agencies.set({row.agency_id for row in found if row.agency_id})


def _by_people(rows: Sequence[NationalRow], people: int) -> Iterator[list[NationalRow]]:
    """Yield the lines of so many people at a time, those of one person together."""
    groups = (list(group) for _, group in groupby(rows, key=lambda row: row.person_id))
    while some := list(islice(groups, people)):
        yield [row for group in some for row in group]


def _batches(rows: Sequence[NationalRow], size: int) -> Iterator[Sequence[NationalRow]]:
    return (rows[start : start + size] for start in range(0, len(rows), size))


def _records_of(report: NationalReport, rows: Sequence[NationalRow]) -> QuerySet[LearningRecord]:
    """Return the records of the lines' people on the lines' days."""
    good = [row for row in rows if row.person_id and row.starts]
    return LearningRecord.objects.filter(
        year=report.year, person__in={row.person_id for row in good}, starts__in={row.starts for row in good}
    )


def _known(records: QuerySet[LearningRecord]) -> Iterator[Known]:
    return map(Known._make, records.order_by("pk").values_list(*Known._fields).iterator())


def only_here(report: NationalReport) -> QuerySet[LearningRecord]:
    """Return the year's records of the report's agencies that none of its lines answers for."""
    answered = report.lines.filter(record__isnull=False).values("record")
    return LearningRecord.objects.filter(
        year=report.year, agency__in=report.agencies.values("pk"), hours__gt=0
    ).exclude(pk__in=answered)


@transaction.atomic
def take_report(*, report: NationalReport, with_differing: bool, by: User) -> tuple[int, int]:
    """Add what the national portal alone has; return how many records were added and how many changed.

    Args:
        with_differing: where the two differ take the national portal's hours and topic; the trail keeps both.

    Raises:
        ValidationError: the report is not read yet, or could not be.
    """
    locked = NationalReport.objects.select_for_update(of=("self",)).defer("content").get(pk=report.pk)
    if locked.read_at is None:
        raise ValidationError("這份報表尚未讀取完成，無法匯入。")
    added = sum(_in_groups(locked, Outcome.ONLY_THERE, _add))
    _settle(locked)
    changes = (
        [change for group in _in_groups(locked, Outcome.DIFFERING, _change) for change in group]
        if with_differing
        else []
    )
    known = locked.lines.filter(outcome=Outcome.BOTH).values("record")
    LearningRecord.objects.filter(pk__in=known, in_portal=False).update(in_portal=True)
    locked.taken_at = timezone.now()
    locked.save(update_fields=["taken_at"])
    record(
        "national_report.taken",
        locked,
        by=by,
        office_id=locked.office_id,
        added=added,
        changed=len(changes),
        changes=changes,
    )
    return added, len(changes)


def _in_groups(
    report: NationalReport, outcome: Outcome, act: Callable[[NationalReport, list[NationalRow]], T]
) -> Iterator[T]:
    rows = report.lines.filter(outcome=outcome, person__isnull=False).order_by("person", "line")
    for group in _by_people(list(rows), _PEOPLE):
        yield act(report, group)


def _add(report: NationalReport, rows: list[NationalRow]) -> int:
    """Add those lines that still nothing answers for: somebody may have entered one since the report was read."""
    answered = report.lines.filter(record__isnull=False).values("record")
    compare(rows, _known(_records_of(report, rows).exclude(pk__in=answered)), {})
    made = [_record(report, row) for row in rows if row.outcome == Outcome.ONLY_THERE]
    # Beside another that takes the same lines over, the constraint decides.
    LearningRecord.objects.bulk_create(made, batch_size=_WRITTEN, ignore_conflicts=True)
    known = [row for row in rows if row.outcome != Outcome.ONLY_THERE]
    NationalRow.objects.bulk_update(known, _ANSWERED, batch_size=_WRITTEN)
    return len(made)


def _settle(report: NationalReport) -> None:
    """Say of the lines that were added which records they are now; one query, however many they are."""
    same = LearningRecord.objects.filter(
        Q(topic=OuterRef("topic")) | Q(topic__isnull=True),
        person=OuterRef("person"),
        year=report.year,
        course=OuterRef("course"),
        starts=OuterRef("starts"),
        hours=OuterRef("hours"),
    )
    report.lines.filter(outcome=Outcome.ONLY_THERE).update(
        record=Subquery(same.order_by("pk").values("pk")[:1]),
        outcome=Case(When(Exists(same), then=Value(Outcome.BOTH)), default=F("outcome")),
    )


def _record(report: NationalReport, row: NationalRow) -> LearningRecord:
    taken: dict[str, Any] = {name: getattr(row, name) for name in _TAKEN}
    return LearningRecord(year=report.year, origin=Origin.IMPORT, reference=reference_of(row), in_portal=True, **taken)


def _change(report: NationalReport, rows: list[NationalRow]) -> list[list[str]]:
    """Give the records the national portal's hours and topics; return what changed: key, hours before and after."""
    known = LearningRecord.objects.select_for_update(of=("self",)).in_bulk(
        [row.record_id for row in rows if row.record_id]
    )
    changed, told = [], []
    for row in rows:
        one = known.get(row.record_id or 0)
        if one is None or row.hours is None or (one.hours == row.hours and row.topic_id in (None, one.topic_id)):
            continue
        told.append([str(one.pk), str(one.hours), str(row.hours)])
        one.hours, one.digital_hours, one.mode, one.in_portal = row.hours, row.digital_hours, row.mode, True
        one.topic_id = row.topic_id or one.topic_id
        changed.append(one)
        row.outcome, row.problem = Outcome.BOTH, ""
    NationalRow.objects.bulk_update(rows, _ANSWERED, batch_size=_WRITTEN)
    LearningRecord.objects.bulk_update(changed, _CHANGED, batch_size=_WRITTEN)
    return told


@transaction.atomic
def drop_report(*, report: NationalReport, by: User) -> None:
    """Remove a report and its lines; what was taken over from it stays."""
    record("national_report.dropped", report, by=by, office_id=report.office_id, rows=report.rows)
    report.delete()
