"""Importing the published office calendar, and closing the office on single days."""

import csv
import io
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import transaction

from districts.calendar import office_calendar
from districts.models import CalendarDay, Closure, Deadline, Office, Plan
from districts.standing import standing
from personnel_portal import roc
from personnel_portal.outbox import wake
from personnel_portal.rules.worktime import ONE_DAY, SATURDAY
from personnel_portal.trail.actions import record

if TYPE_CHECKING:
    from personnel_portal.accounts.models import User

HEADER = ["西元日期", "星期", "是否放假", "備註"]
OFF = {"2": True, "0": False}
LONGEST_FILE = 200_000  # bytes; a year takes some 8,000
LONGEST_NOTE = 60


@dataclass(frozen=True, slots=True)
class ImportSummary:
    """What an import did to a year (Gregorian): all its days are as in the file now."""

    year: int
    is_new: bool
    off_days: int
    working_weekends: tuple[date, ...]
    changed: tuple[date, ...]

    def __str__(self) -> str:
        done = "已匯入" if self.is_new else f"已更新，與原日曆不同 {len(self.changed)} 日"
        days = f"放假 {self.off_days} 日，補行上班 {len(self.working_weekends)} 日"
        return f"{roc.year(date(self.year, 1, 1))}年辦公日曆{done}；{days}。"


@transaction.atomic
def import_calendar(*, content: bytes, by: "User | None") -> ImportSummary:
    """Replace a year by the days of the government's CSV file (UTF-8 or Big5).

    Raises:
        ValidationError: with one sentence, when the file is not the whole calendar of one year.
    """
    days = _read(content)
    before = {known.day: known for known in CalendarDay.objects.filter(day__in=[d.day for d in days])}
    CalendarDay.objects.bulk_create(
        days, update_conflicts=True, unique_fields=["day"], update_fields=["is_off", "note"], batch_size=200
    )
    summary = ImportSummary(
        year=days[0].day.year,
        is_new=not before,
        off_days=sum(day.is_off for day in days),
        working_weekends=tuple(d.day for d in days if d.day.weekday() >= SATURDAY and not d.is_off),
        changed=tuple(d.day for d in days if d.day in before and _content(before[d.day]) != _content(d)),
    )
    record(
        "calendar.imported",
        None,
        by=by,
        office_id=standing(by).office_id if by else None,
        year=summary.year,
        off_days=summary.off_days,
        changed=[day.isoformat() for day in summary.changed],
    )
    return summary


@transaction.atomic
def declare_closure(*, office: Office, day: date, reason: str, by: "User | None") -> Closure:
    """Close the office on a day besides the calendar, such as for a typhoon (停止上班).

    Deadlines move by themselves, because every calendar that is read from now on holds the closure; the task that tells
    those concerned is woken, and finds the closure by its empty `told_at`.

    Raises:
        ValidationError: the day is closed already, or the reason is missing.
    """
    if not reason.strip():
        raise ValidationError("請填停止上班事由。")
    closure, is_new = Closure.objects.get_or_create(office=office, day=day, defaults={"reason": reason.strip()})
    if not is_new:
        raise ValidationError(f"{roc.long(day)}已登錄停止上班（{closure.reason}）。")
    record("closure.declared", closure, by=by, office_id=office.pk, day=day.isoformat(), reason=closure.reason)
    wake.after_commit("duties.tell_closures")
    return closure


@transaction.atomic
def withdraw_closure(*, closure: Closure, by: "User | None") -> None:
    """Take a closure back; deadlines stand again where the calendar puts them."""
    record(
        "closure.withdrawn",
        closure,
        by=by,
        office_id=closure.office_id,
        day=closure.day.isoformat(),
        reason=closure.reason,
    )
    closure.delete()


def _content(day: CalendarDay) -> tuple[bool, str]:
    return day.is_off, day.note


def _read(content: bytes) -> list[CalendarDay]:
    """Return the days of the file, unsaved, in order."""
    if len(content) > LONGEST_FILE:
        raise ValidationError("檔案過大，請上傳單一年度的辦公日曆表 CSV。")
    days: dict[date, CalendarDay] = {}
    for number, row in _rows(_decoded(content)):
        day = _day(number, row)
        if day.day in days:
            raise ValidationError(f"第 {number} 列：{roc.long(day.day)}重複出現。")
        days[day.day] = day
    _check_whole_year(days)
    return [days[day] for day in sorted(days)]


def _decoded(content: bytes) -> str:
    for encoding in ("utf-8-sig", "cp950"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise ValidationError("檔案編碼須為 UTF-8 或 Big5。")


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield each row below the header with its number; the header is row 1, and empty rows do not matter."""
    try:
        rows = [[cell.strip() for cell in row] for row in csv.reader(io.StringIO(text))]
    except csv.Error:
        raise ValidationError("檔案不是 CSV 格式，請上傳辦公日曆表 CSV。")
    if not rows or rows[0] != HEADER:
        raise ValidationError(f"第 1 列須為欄位名稱：{'、'.join(HEADER)}。")
    yield from ((number, row) for number, row in enumerate(rows[1:], start=2) if any(row))


def _day(number: int, row: list[str]) -> CalendarDay:
    if len(row) != len(HEADER):
        raise ValidationError(f"第 {number} 列有 {len(row)} 欄，應為 {len(HEADER)} 欄。")
    written, weekday, off, note = row
    day = _date(number, written)
    expected = roc.WEEKDAYS[day.weekday()]
    if weekday != expected:
        raise ValidationError(f"第 {number} 列：{roc.long(day)}的星期應為「{expected}」。")
    if off not in OFF:
        raise ValidationError(f"第 {number} 列：是否放假須為 2（放假）或 0（上班）。")
    if len(note) > LONGEST_NOTE or not note.isprintable():
        raise ValidationError(f"第 {number} 列：備註須為 {LONGEST_NOTE} 字以內的文字。")
    return CalendarDay(day=day, is_off=OFF[off], note=note)


def _date(number: int, written: str) -> date:
    try:
        if not (len(written) == 8 and written.isascii() and written.isdigit()):
            raise ValueError
        day = date.fromisoformat(written)
        roc.year(day)
    except ValueError:
        raise ValidationError(f"第 {number} 列：西元日期須為 8 位數字的日期，如 20270101。")
    return day


def _check_whole_year(days: Collection[date]) -> None:
    if not days:
        raise ValidationError("檔案沒有任何日期，請上傳整年度的辦公日曆表。")
    year = min(days).year
    if max(days).year != year:
        raise ValidationError("一個檔案只能有一個年度，請分別匯入。")
    day = date(year, 1, 1)
    while day in days:
        day += ONE_DAY
    if day.year == year:
        raise ValidationError(f"年度不完整：缺少 {roc.long(day)}。")


def moved_deadlines(office: Office, day: date, *, closed: bool, today: date) -> list[str]:
    """Return in sentences which deadlines of the plans followed up today move when the day is closed, or open again."""
    sentences = []
    for plan in Plan.objects.filter(office=office).running(today):
        now = office_calendar(office, min(plan.starts, day).year, max(plan.ends, day).year)
        then = replace(now, closures=now.closures | {day} if closed else now.closures - {day})
        for deadline in plan.deadlines.all():
            for nominal in _nominal_days(deadline, day):
                before, after = (calendar.effective(nominal, deadline.holiday_policy) for calendar in (now, then))
                if before != after:
                    sentences.append(
                        f"{plan.year}年度「{deadline.title}」的期限由 {roc.long(before)}改為 {roc.long(after)}。"
                    )
    return sentences


def _nominal_days(deadline: Deadline, day: date) -> list[date]:
    """Return the nominal days that a rest day here could move: the fixed one, or those of the months around."""
    if deadline.nominal:
        return [deadline.nominal]
    first = day.replace(day=1)
    firsts = [(first - ONE_DAY).replace(day=1), first, (first + timedelta(days=31)).replace(day=1)]
    return [nominal for each in firsts if (nominal := deadline.day_in(each))]
