"""Runs: compute what is proposed, adjust it with reasons, approve it by another person; then it never changes."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from awards import proposing
from awards.choices import RunState, UnitChoice
from awards.compute import of_plan
from awards.models import Line, Rewarded, Run
from awards.policies import can_approve
from districts.models import Plan
from personnel_portal import roc
from personnel_portal.accounts.models import User
from personnel_portal.rules.commendations import POINTS, RULE_VERSION, Unit
from personnel_portal.trail.actions import record


class Conflict(ValidationError):  # noqa: N818  # not an error of the program: somebody else was faster
    """The run was approved meanwhile; the message says by whom and when."""


@transaction.atomic
def make_run(*, plan: Plan, by: User) -> Run:
    """Compute the plan's commendations as they stand now, with all that they rest on; nothing approved changes by it."""
    Plan.objects.select_for_update().get(pk=plan.pk)  # two runs at once take two numbers
    number = (Run.objects.of_plan(plan).aggregate(last=Max("number"))["last"] or 0) + 1
    rules, gathered, result = of_plan(plan)
    run = Run.objects.create(
        plan=plan,
        number=number,
        rule_version=RULE_VERSION,
        facts=_plain({"records": gathered.records, "adopted": gathered.adopted[plan.pk]}),
        rules=_plain(rules),
        made_by=by,
    )
    Line.objects.bulk_create(proposing.lines(run, gathered, result))
    record("award.run_made", run, by=by, office_id=plan.office_id, lines=run.lines.count())
    return run


def _plain(value: Any) -> Any:
    """Return values of the rules as JSON keeps them."""
    if hasattr(value, "__dataclass_fields__"):
        return _plain(asdict(value))
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        listed = [_plain(inner) for inner in value]
        return sorted(listed) if isinstance(value, set | frozenset) else listed
    return value if isinstance(value, str | int | bool | None) else DjangoJSONEncoder().default(value)


@transaction.atomic
def adjust_line(*, line: Line, unit: UnitChoice, times: int, reason: str, by: User) -> Line:
    """Propose something else for a person than was computed, with a reason.

    Raises:
        ValidationError: no reason.
        Conflict: the run was approved meanwhile.
    """
    line = _open(line)
    changes = (unit, times) != (line.computed_unit, line.computed_times)
    if changes and not reason.strip():
        raise ValidationError({"reason": "請說明調整的理由。"})
    line.unit, line.times, line.reason, line.is_dropped = unit, times, reason.strip() if changes else "", False
    line.save()
    _note("award.line_adjusted", line, by=by, granted=str(line), reason=line.reason)
    return line


@transaction.atomic
def drop_line(*, line: Line, reason: str, by: User) -> Line:
    """Leave a person out of the roster, with a reason.

    Raises:
        ValidationError: no reason.
        Conflict: the run was approved meanwhile.
    """
    if not reason.strip():
        raise ValidationError({"reason": "請說明剔除的理由。"})
    line = _open(line)
    line.is_dropped, line.reason = True, reason.strip()
    line.save()
    _note("award.line_dropped", line, by=by, reason=line.reason)
    return line


@transaction.atomic
def restore_line(*, line: Line, by: User) -> Line:
    """Propose again what was computed.

    Raises:
        Conflict: the run was approved meanwhile.
    """
    line = _open(line)
    line.unit, line.times = line.computed_unit, line.computed_times
    line.is_dropped, line.reason = False, ""
    line.save()
    _note("award.line_restored", line, by=by)
    return line


def _open(line: Line) -> Line:
    run = Run.objects.select_for_update(of=("self",)).select_related("approved_by", "plan").get(pk=line.run_id)
    _refuse_approved(run)
    fresh = Line.objects.select_for_update().get(pk=line.pk)
    fresh.run = run
    return fresh


def _refuse_approved(run: Run) -> None:
    if run.state == RunState.APPROVED and run.approved_by and run.approved_at:
        moment = roc.moment(timezone.localtime(run.approved_at))
        raise Conflict(f"{run.approved_by.get_full_name()}已於 {moment} 核定這次試算，不得再變更。")


@transaction.atomic
def approve_run(*, run: Run, number: str, day: date, by: User) -> Run:
    """Approve the lines of a run that were not dropped, with number and date of the letter.

    A line that rewards a matter again is refused with the line that has it; one that grants more replaces it
    (原建議註銷), and both stay in the history.

    Raises:
        Conflict: it was approved meanwhile.
        ValidationError: who computed it may not approve it; a line rests on an estimate; a matter is rewarded already.
    """
    fresh = Run.objects.select_for_update(of=("self",)).select_related("plan", "approved_by").get(pk=run.pk)
    _refuse_approved(fresh)
    if not (verdict := can_approve(by, fresh)):
        raise ValidationError(verdict.reason)
    lines = list(fresh.lines.filter(is_dropped=False))
    if not lines:
        raise ValidationError("沒有可核定的獎勵建議。")
    _refuse_estimates(lines)
    _claim(fresh, lines)
    fresh.state, fresh.approved_by, fresh.approved_at = RunState.APPROVED, by, timezone.now()
    fresh.letter_number, fresh.letter_date = number, day
    fresh.save()
    record("award.run_approved", fresh, by=by, office_id=fresh.plan.office_id, number=number, lines=len(lines))
    return fresh


def _refuse_estimates(lines: Iterable[Line]) -> None:
    waiting = [line.name for line in lines if line.is_estimated]
    if waiting:
        raise ValidationError(f"下列建議尚屬預估（會議紀錄未備查），請先剔除或待備查後重新試算：{'、'.join(waiting)}。")


def _claim(run: Run, lines: Iterable[Line]) -> None:
    """Take each line's matters; from a weaker line that was approved before, with that line."""
    for line in lines:
        held = {
            rewarded.matter: rewarded
            for rewarded in Rewarded.objects.select_for_update(of=("self",))
            .select_related("line__run")
            .filter(plan=run.plan, matter__in=line.matters)
        }
        for earlier in {rewarded.line for rewarded in held.values()}:
            _replace(earlier, line)
        for matter in line.matters:
            Rewarded.objects.update_or_create(plan=run.plan, matter=matter, defaults={"line": line})


def _replace(earlier: Line, line: Line) -> None:
    if earlier.run_id == line.run_id or points(line) <= points(earlier) or line.replaces_id:
        raise ValidationError(
            f"{line.name}「{line}」的獎勵事項已於{earlier.run}核予「{earlier}」，同一事項不重複獎勵，請先剔除。"
        )
    line.replaces = earlier
    line.save(update_fields=["replaces"])


def points(line: Line) -> int:
    """Return what a line is worth in the yearly appraisal; for comparison and information only, never converted."""
    return POINTS[Unit(line.unit)] * line.times


def _note(act: str, line: Line, *, by: User, **detail: Any) -> None:
    record(act, line, by=by, office_id=line.run.plan.office_id, **detail)
