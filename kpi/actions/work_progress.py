"""How the work of a plan goes: progress by quarter with its evidence, what was done when, and events that ask for more."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from districts.models import Plan
from kpi.choices import Period
from kpi.models import Doing, Progress, ProgressFile, WorkItem
from personnel_portal import roc
from personnel_portal.accounts.models import User
from personnel_portal.rules.periods import Within, due_after
from personnel_portal.trail.actions import record
from personnel_portal.uploads.models import StoredFile

FIGURES = ("planned", "actual", "text", "spent", "pace", "pace_reason")


@dataclass(frozen=True, slots=True)
class Report:
    """What was typed for an item, and when the page that showed it was last entered; none where it showed nothing."""

    item: WorkItem
    values: Mapping[str, Any]
    seen: datetime | None = None


@transaction.atomic
def save_progress(*, plan: Plan, quarter: int, reports: Iterable[Report], by: User) -> int:
    """Save a quarter's progress of several items, all or none; return how many changed.

    Raises:
        ValidationError: somebody else entered one of them since the page was shown; the key of the sentence is the item's.
    """
    Plan.objects.select_for_update(of=("self",)).get(pk=plan.pk)
    known = {row.item_id: row for row in Progress.objects.filter(item__plan=plan, quarter=quarter)}
    changed, refused = [], {}
    for report in reports:
        row = known.get(report.item.pk) or Progress(item=report.item, quarter=quarter)
        if row.pk and all(getattr(row, name) == report.values[name] for name in FIGURES):
            continue
        if row.pk and row.entered_at != report.seen:
            refused[str(report.item.pk)] = _changed_by(row)
        for name in FIGURES:
            setattr(row, name, report.values[name])
        row.entered_by, row.entered_at = by, timezone.now()
        changed.append(row)
    if refused:
        raise ValidationError(refused)
    for row in changed:
        row.save()
    if changed:
        record("work.progress", plan, by=by, office_id=plan.office_id, quarter=quarter, items=len(changed))
    return len(changed)


def _changed_by(row: Progress) -> str:
    at = roc.moment(timezone.localtime(row.entered_at))
    return f"{row.entered_by.get_full_name()}已於 {at} 填報此項，實際進度為 {_percent(row.actual)}；請確認後再儲存。"


def _percent(value: Any) -> str:
    return "未填" if value is None else f"{value.normalize():f}%"


@transaction.atomic
def add_files(*, item: WorkItem, quarter: int, stored: Iterable[StoredFile], by: User) -> Progress:
    """Add evidence to an item's progress of a quarter.

    Raises:
        ValidationError: no progress was entered for the quarter, so that nothing is there to prove.
    """
    row: Progress | None = Progress.objects.filter(item=item, quarter=quarter).first()
    if row is None:
        raise ValidationError("請先填報該季進度，再上傳佐證。")
    for file in stored:
        ProgressFile.objects.get_or_create(progress=row, stored=file)
        record("work.evidence", item, by=by, office_id=item.plan.office_id, quarter=quarter, file=file.name)
    return row


@transaction.atomic
def remove_file(*, file: ProgressFile, by: User) -> None:
    """Take a file of evidence back; the trail keeps its name and hash."""
    item = file.progress.item
    record("work.evidence_removed", item, by=by, office_id=item.plan.office_id, file=file.stored.name)
    file.delete()


# --- Periods and events -----------------------------------------------------------------------------------------------


@transaction.atomic
def record_doing(*, item: WorkItem, due_on: date, done_on: date, note: str, by: User) -> Doing:
    """Enter that a periodical item was done for the period that was due on a day.

    Raises:
        ValidationError: the day lies ahead, or the period was entered already.
    """
    if done_on > timezone.localdate():
        raise ValidationError({"done_on": "辦理日不得晚於今日。"})
    try:
        with transaction.atomic():
            made = Doing.objects.create(item=item, due_on=due_on, done_on=done_on, note=note, entered_by=by)
    except IntegrityError:
        raise ValidationError(f"應於 {roc.short(due_on)} 辦理的這一期已經登錄。") from None
    record("work.done", item, by=by, office_id=item.plan.office_id, due_on=due_on, done_on=done_on)
    return made


@transaction.atomic
def report_event(*, item: WorkItem, event_at: datetime, note: str, by: User) -> Doing:
    """Enter an event that the item's limit counts from; until it is done, it is owed.

    Raises:
        ValidationError: the item names no limit, or the event lies ahead.
    """
    if item.period != Period.AFTER_EVENT or not item.limit or not item.within:
        raise ValidationError("此項目沒有「事件後」的期限，請先於項目填妥期限。")
    if event_at > timezone.now():
        raise ValidationError({"event_at": "事件時間不得晚於現在。"})
    due_on, _ = due_after(timezone.localtime(event_at), item.limit, Within(item.within))
    made = Doing.objects.create(item=item, due_on=due_on, event_at=event_at, note=note, entered_by=by)
    record("work.event", item, by=by, office_id=item.plan.office_id, due_on=due_on, note=note)
    return made


@transaction.atomic
def finish_event(*, doing: Doing, done_on: date, by: User) -> Doing:
    """Enter that what an event asked for was done.

    Raises:
        ValidationError: it was entered before, or the day lies ahead or before the event.
    """
    doing = Doing.objects.select_for_update(of=("self",)).select_related("item__plan").get(pk=doing.pk)
    if doing.done_on:
        raise ValidationError(f"此事件已登錄於 {roc.short(doing.done_on)} 辦畢。")
    if done_on > timezone.localdate() or (doing.event_at and done_on < timezone.localdate(doing.event_at)):
        raise ValidationError({"done_on": "辦理日須在事件發生之後，且不得晚於今日。"})
    doing.done_on = done_on
    doing.save(update_fields=["done_on"])
    record("work.done", doing.item, by=by, office_id=doing.item.plan.office_id, due_on=doing.due_on, done_on=done_on)
    return doing


@transaction.atomic
def take_back(*, doing: Doing, by: User) -> None:
    """Take back a record that was entered by mistake: a done event is open again, all else is removed."""
    item = doing.item
    record("work.done_taken_back", item, by=by, office_id=item.plan.office_id, due_on=doing.due_on)
    if doing.event_at and doing.done_on:
        doing.done_on = None
        doing.save(update_fields=["done_on"])
    else:
        doing.delete()
