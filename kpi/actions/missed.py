"""What follows from inspections and missed targets: violations, and the cause and corrective action of a unit."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from districts.models import Agency
from kpi.compute import of_year
from kpi.facts import ROC
from kpi.models import Correction, DeductionKind, Indicator, PeriodLock, Violation
from personnel_portal import roc
from personnel_portal.accounts.models import User
from personnel_portal.rules.indicators import Light
from personnel_portal.trail.actions import record

MISSED = frozenset({Light.RED, Light.YELLOW})


@transaction.atomic
def enter_violation(
    *, kind: DeductionKind, agency: Agency, day: date, office_unit: str = "", note: str = "", by: User
) -> Violation:
    """Enter a violation found at a unit; it takes the points of its kind off the unit's year.

    Raises:
        ValidationError: the day lies ahead, outside the plan, or in a closed month, or the agency reports nothing here.
    """
    _refuse_day(kind, day)
    plan = kind.indicator.goal.plan
    if not plan.units.filter(agency=agency).exists():
        raise ValidationError(f"{agency.short_name}不是本計畫的填報機關。")
    violation = Violation.objects.create(
        kind=kind, agency=agency, day=day, office_unit=office_unit, note=note, entered_by=by
    )
    _note("violation.entered", violation, by=by)
    return violation


@transaction.atomic
def remove_violation(*, violation: Violation, reason: str, by: User) -> None:
    """Take a violation back that was entered by mistake; the trail keeps it with the reason.

    Raises:
        ValidationError: no reason, or its month is closed.
    """
    if not reason.strip():
        raise ValidationError("請說明移除的理由。")
    _refuse_day(violation.kind, violation.day)
    _note("violation.removed", violation, by=by, reason=reason)
    violation.delete()


@transaction.atomic
def file_correction(
    *, indicator: Indicator, agency: Agency, year: int, cause: str, measure: str, due_on: date, by: User
) -> Correction:
    """Say why a unit missed a target, what it does about it, and by when; until it is done it can be said anew.

    Raises:
        ValidationError: the target is not missed, or the corrective action is done already.
    """
    figures = of_year(indicator.goal.plan, year, today=timezone.localdate(), agencies=[agency.pk])
    cell = figures.cell(indicator, agency)
    known = Correction.objects.select_for_update(of=("self",)).filter(indicator=indicator, agency=agency, year=year)
    correction = known.first()
    if correction is None and (cell is None or cell.light not in MISSED):
        raise ValidationError("此指標目前沒有未達目標，無須填報改善措施。")
    if correction and correction.done_on:
        raise ValidationError(f"改善措施已於{roc.long(correction.done_on)}完成，不能變更。")
    correction = correction or Correction(indicator=indicator, agency=agency, year=year)
    correction.cause, correction.measure, correction.due_on = cause, measure, due_on
    correction.entered_by, correction.entered_at = by, timezone.now()
    correction.save()
    _note_correction("correction.filed", correction, by=by)
    return correction


@transaction.atomic
def finish_correction(*, correction: Correction, done_on: date, result: str, by: User) -> Correction:
    """Say that a corrective action is done.

    Raises:
        ValidationError: it is done already, or the day lies ahead.
    """
    correction = Correction.objects.select_for_update(of=("self",)).get(pk=correction.pk)
    if correction.done_on:
        raise ValidationError("改善措施已完成，無須重複填報。")
    if done_on > timezone.localdate():
        raise ValidationError("完成日期不得晚於今日。")
    correction.done_on, correction.result = done_on, result
    correction.save(update_fields=["done_on", "result"])
    _note_correction("correction.done", correction, by=by)
    return correction


def _refuse_day(kind: DeductionKind, day: date) -> None:
    plan = kind.indicator.goal.plan
    if day > timezone.localdate():
        raise ValidationError("查獲日期不得晚於今日。")
    if not plan.covers(day):
        raise ValidationError(f"查獲日期須在計畫期間（{roc.long(plan.starts)}至{roc.long(plan.ends)}）內。")
    lock = PeriodLock.objects.filter(plan=plan, year=day.year - ROC).first()
    if lock and lock.closes(day.month):
        raise ValidationError(f"{lock}，該月違失紀錄不能變更。")


def _note(act: str, violation: Violation, *, by: User, **detail: object) -> None:
    office_id = violation.agency.office_id
    day, kind = violation.day, violation.kind.name
    record(act, violation, by=by, office_id=office_id, agency=violation.agency.short_name, day=day, role=kind, **detail)


def _note_correction(act: str, correction: Correction, *, by: User) -> None:
    agency = correction.agency
    record(act, correction, by=by, office_id=agency.office_id, agency=agency.short_name, until=correction.due_on)
