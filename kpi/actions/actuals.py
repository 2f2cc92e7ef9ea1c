"""What units report: saved as drafts, sent, approved or returned by the office, and closed month by month."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from districts.models import Agency, Plan
from kpi import mails, words
from kpi.choices import MONTHS, EntryState, period_label
from kpi.compute import ENTERED, closed, of_year
from kpi.facts import YearFacts
from kpi.models import Actual, ActualFile, Indicator, PeriodLock
from personnel_portal.accounts.models import User
from personnel_portal.trail.actions import record
from personnel_portal.uploads.models import StoredFile

OPEN = frozenset({EntryState.DRAFT, EntryState.RETURNED})
COLUMNS = ("value", "numerator", "denominator")
REASON_LONGEST = 300

Place = tuple[int, int]  # indicator, period


@dataclass(frozen=True, slots=True)
class Amounts:
    """What stands in a cell: a number, numerator and denominator, or nothing."""

    value: Decimal | None = None
    numerator: Decimal | None = None
    denominator: Decimal | None = None

    @classmethod
    def of(cls, actual: Actual | None) -> "Amounts":
        return cls(actual.value, actual.numerator, actual.denominator) if actual else cls()

    def __bool__(self) -> bool:
        return self != Amounts()

    def __str__(self) -> str:
        if self.numerator is not None and self.denominator is not None:
            return f"{words.number(self.numerator)}/{words.number(self.denominator)}"
        return "空白" if self.value is None else words.number(self.value)


@dataclass(frozen=True, slots=True)
class Entry:
    """What somebody enters for a period; `shown` is what stood there in words when the page was shown, none where nobody looked."""

    indicator: Indicator
    period: int
    amounts: Amounts
    shown: str | None = None

    @property
    def place(self) -> Place:
        return self.indicator.pk, self.period


class UnsavedError(ValidationError):
    """Nothing was saved; `problems` says of each cell that is to blame why, in a sentence."""

    def __init__(self, problems: Mapping[Place, str]) -> None:
        super().__init__(list(problems.values()))
        self.problems = problems


# --- By the unit -----------------------------------------------------------------------------------------------------


@transaction.atomic
def save_entries(*, plan: Plan, year: int, agency: Agency, entries: Sequence[Entry], by: User) -> int:
    """Save what a unit enters for a year as drafts, all of it or nothing; return how many cells changed.

    A blank takes an entry away. What was returned stays returned until it is sent again. A figure that was carried in and
    is changed by hand loses its references.

    Raises:
        UnsavedError: a period is closed or not begun, a figure was sent already, or somebody else changed it meanwhile.
    """
    facts = _hold(plan, year, agency)
    today = timezone.localdate()
    changed, problems = [], {}
    for entry in entries:
        actual = facts.actuals.get((entry.indicator.pk, agency.pk), {}).get(entry.period)
        if entry.amounts == Amounts.of(actual):
            continue
        if reason := refusal(facts, agency, entry, actual, today):
            problems[entry.place] = reason
        changed.append((entry, actual))
    if problems:
        raise UnsavedError(problems)
    if changed:
        write(year=year, agency=agency, changed=changed, by=by)
        changes = [_told(entry, actual) for entry, actual in changed]
        _note("actual.saved", plan, year, agency, by=by, count=len(changed), changes=changes)
    return len(changed)


def refusal(facts: YearFacts, agency: Agency, entry: Entry, actual: Actual | None, today: date) -> str:
    """Return why an entry cannot be saved where it stands; empty where it can."""
    # By key: comparing rows takes ten times as long, and a sheet has thousands.
    reports = any(agency.pk == unit.pk for unit in facts.agencies_of(entry.indicator))
    if not reports or not 1 <= entry.period <= entry.indicator.periods:
        return f"{agency.short_name}不填報此指標。"
    if reason := closed(facts, entry.indicator, entry.period, today):
        return reason
    if actual and actual.state not in OPEN:
        return f"{actual.get_state_display()}，須由人事處退請補正後才能變更。"
    if entry.shown is not None and entry.shown != str(Amounts.of(actual)):
        return f"剛才有人改為「{Amounts.of(actual)}」，請確認後再儲存。"
    return ""


def write(
    *,
    year: int,
    agency: Agency,
    changed: Iterable[tuple[Entry, Actual | None]],
    by: User,
) -> None:
    """Write checked entries of a unit; a caller has looked at each."""
    gone: list[int] = []
    rows: list[Actual] = []
    for entry, actual in changed:
        if not entry.amounts:
            gone += [actual.pk] if actual else []
            continue
        row = actual or Actual(indicator=entry.indicator, agency=agency, year=year, period=entry.period)
        for column in COLUMNS:
            setattr(row, column, getattr(entry.amounts, column))
        row.carried, row.entered_by, row.entered_at = {}, by, timezone.now()
        rows.append(row)
    Actual.objects.filter(pk__in=gone).delete()
    Actual.objects.bulk_create([row for row in rows if row.pk is None])
    Actual.objects.bulk_update([row for row in rows if row.pk], [*COLUMNS, "carried", "entered_by", "entered_at"])


@transaction.atomic
def submit_entries(*, plan: Plan, year: int, agency: Agency, by: User) -> int:
    """Send all of a unit's drafts and returned figures of a year to the office; return how many.

    Raises:
        ValidationError: there is none, or months were closed while it was a draft.
    """
    facts = _hold(plan, year, agency)
    rows = [
        (indicator, actual)
        for indicator in facts.indicators
        for actual in facts.actuals.get((indicator.pk, agency.pk), {}).values()
        if actual.state in OPEN
    ]
    if not rows:
        raise ValidationError("沒有可送出的填報資料，請先填寫並儲存。")
    today = timezone.localdate()
    for indicator, actual in rows:
        if reason := closed(facts, indicator, actual.period, today):
            place = f"{indicator.code}　{period_label(indicator.frequency, actual.period)}"
            raise ValidationError(f"{place}：{reason}")
    keys = [actual.pk for _, actual in rows]
    Actual.objects.filter(pk__in=keys).update(
        state=EntryState.SUBMITTED, submitted_at=timezone.now(), entered_by=by, reason=""
    )
    _note("actual.submitted", plan, year, agency, by=by, count=len(rows))
    return len(rows)


# --- By the office ---------------------------------------------------------------------------------------------------


@transaction.atomic
def approve_entries(*, actuals: Collection[Actual], by: User) -> int:
    """Approve figures that were sent; return how many.

    Raises:
        ValidationError: one of them is not sent any more, so that nothing is approved.
    """
    found = _reviewed(actuals, {EntryState.SUBMITTED})
    keys = [actual.pk for actual in found]
    Actual.objects.filter(pk__in=keys).update(
        state=EntryState.APPROVED, reviewed_by=by, reviewed_at=timezone.now(), reason=""
    )
    for (plan, year, agency), rows in _by_unit(found).items():
        _note("actual.approved", plan, year, agency, by=by, count=len(rows))
    return len(found)


@transaction.atomic
def return_entries(*, actuals: Collection[Actual], reason: str, by: User) -> int:
    """Give figures that were sent or approved back to their units with a reason, and tell them; return how many.

    Raises:
        ValidationError: no reason, a figure is not sent, or its month is closed; nothing is returned.
    """
    if not reason.strip() or len(reason) > REASON_LONGEST:
        raise ValidationError(f"請以 {REASON_LONGEST} 字以內說明退請補正的理由。")
    found = _reviewed(actuals, {EntryState.SUBMITTED, EntryState.APPROVED})
    units = _by_unit(found)
    locks = {(lock.plan_id, lock.year): lock for lock in PeriodLock.objects.filter(plan__in={key[0] for key in units})}
    for actual in found:
        lock = locks.get((actual.indicator.goal.plan_id, actual.year))
        if lock and lock.closes(actual.last_month):
            raise ValidationError(f"{actual}已鎖定，請先解除鎖定再退請補正。")
    Actual.objects.filter(pk__in=[actual.pk for actual in found]).update(
        state=EntryState.RETURNED, reason=reason, reviewed_by=by, reviewed_at=timezone.now()
    )
    for (plan, year, agency), rows in units.items():
        _note("actual.returned", plan, year, agency, by=by, count=len(rows), reason=reason)
        mails.actuals_returned(plan, year, agency, rows, reason)
    return len(found)


@transaction.atomic
def lock_months(*, plan: Plan, year: int, month: int, by: User) -> None:
    """Close a year's months up to one, or open those behind it again; 0 opens all.

    Raises:
        ValidationError: no such month.
    """
    if not 0 <= month <= MONTHS:
        raise ValidationError("請選擇 1 至 12 月，或不鎖定。")
    if month:
        PeriodLock.objects.update_or_create(
            plan=plan, year=year, defaults={"month": month, "locked_by": by, "locked_at": timezone.now()}
        )
    else:
        PeriodLock.objects.filter(plan=plan, year=year).delete()
    record("actual.locked", plan, by=by, office_id=plan.office_id, year=year, month=month)


# --- Evidence --------------------------------------------------------------------------------------------------------


@transaction.atomic
def explain_entry(*, actual: Actual, note: str, stored: Sequence[StoredFile] = (), by: User) -> Actual:
    """Keep what a unit says of a figure, and the files that show where it comes from.

    Raises:
        ValidationError: the figure was sent or its month closed.
    """
    actual = open_entry(actual)
    actual.note = note
    actual.save(update_fields=["note"])
    for file in stored:
        ActualFile.objects.get_or_create(actual=actual, stored=file)
    names = [file.name for file in stored]
    _note("actual.explained", actual.plan, actual.year, actual.agency, by=by, figure=str(actual), files=names)
    return actual


@transaction.atomic
def remove_file(*, file: ActualFile, by: User) -> None:
    """Take a file off a figure.

    Raises:
        ValidationError: the figure was sent or its month closed.
    """
    actual = open_entry(file.actual)
    file.delete()
    _note("actual.file_removed", actual.plan, actual.year, actual.agency, by=by, file=file.stored.name)


def open_entry(actual: Actual) -> Actual:
    """Return the figure as it stands now, locked for the transaction.

    Raises:
        ValidationError: it was sent or its month closed.
    """
    rows = Actual.objects.select_related("indicator__goal__plan", "agency")
    actual = rows.select_for_update(of=("self",)).get(pk=actual.pk)
    if actual.state not in OPEN:
        raise ValidationError(f"{actual.get_state_display()}，須由人事處退請補正後才能變更。")
    lock = PeriodLock.objects.filter(plan=actual.plan, year=actual.year).first()
    if lock and lock.closes(actual.last_month):
        raise ValidationError(f"{actual.year}年度已鎖定至 {lock.month} 月，不能變更。")
    return actual


def _hold(plan: Plan, year: int, agency: Agency) -> YearFacts:
    """Return what stands for a unit's year; until the transaction ends nobody else changes it."""
    Agency.objects.select_for_update(of=("self",)).get(pk=agency.pk)
    return of_year(plan, year, today=timezone.localdate(), agencies=[agency.pk], states=ENTERED).facts


def _reviewed(actuals: Collection[Actual], states: Collection[EntryState]) -> list[Actual]:
    keys = {actual.pk for actual in actuals}
    rows = Actual.objects.select_related("indicator__goal__plan__office", "agency").order_by("pk")
    found = list(rows.select_for_update(of=("self",)).filter(pk__in=keys))
    if not found:
        raise ValidationError("請至少勾選一筆填報資料。")
    if len(found) < len(keys) or any(actual.state not in states for actual in found):
        raise ValidationError("部分填報資料剛才已由他人處理，請重新檢視後再辦理。")
    return found


def _by_unit(actuals: Iterable[Actual]) -> dict[tuple[Plan, int, Agency], list[Actual]]:
    units: dict[tuple[Plan, int, Agency], list[Actual]] = defaultdict(list)
    for actual in actuals:
        units[actual.plan, actual.year, actual.agency].append(actual)
    return units


def _told(entry: Entry, actual: Actual | None) -> str:
    period = period_label(entry.indicator.frequency, entry.period)
    return f"{entry.indicator.code} {period}：{Amounts.of(actual)} → {entry.amounts}"


def _note(act: str, plan: Plan, year: int, agency: Agency, *, by: User, **detail: object) -> None:
    record(act, plan, by=by, office_id=plan.office_id, agency=agency.short_name, year=year, **detail)
