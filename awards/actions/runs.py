"""Runs: compute what is proposed, adjust it with reasons, approve it by another person; then it never changes."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from awards import changes, inputs, mails, precheck, proposing
from awards.choices import RunState, UnitChoice
from awards.compute import of_plan
from awards.models import Line, Rewarded, Run
from awards.models.runs import stamp
from awards.policies import can_approve
from districts.models import Plan
from meetings.actions.shown import author
from personnel_portal import roc
from personnel_portal.accounts.models import User
from personnel_portal.rules.commendations import RULE_VERSION
from personnel_portal.trail.actions import record
from personnel_portal.trail.models import Entry


class Conflict(ValidationError):  # noqa: N818  # not an error of the program: somebody else was faster
    """The run was approved or a line changed meanwhile; the message says by whom and when."""


@transaction.atomic
def make_run(*, plan: Plan, by: User) -> Run:
    """Compute the plan's commendations as they stand now, with all that they rest on; nothing approved changes by it.

    What people wrote on the draft before it is taken over where the same matters have the same computed result.
    """
    Plan.objects.select_for_update().get(pk=plan.pk)  # two runs at once take two numbers
    before = Run.objects.of_plan(plan).order_by("number").last()
    number = before.number + 1 if before else 1
    rules, gathered, result = of_plan(plan)
    facts, kept_rules = inputs.kept(plan, rules, gathered)
    run = Run.objects.create(
        plan=plan, number=number, rule_version=RULE_VERSION, facts=facts, rules=kept_rules, made_by=by
    )
    lines = list(proposing.lines(run, gathered, result))
    if before and not before.is_approved:
        _take_over(before, lines)
    Line.objects.bulk_create(lines)
    record("award.run_made", run, by=by, office_id=plan.office_id, lines=len(lines))
    return run


def _take_over(draft: Run, lines: Iterable[Line]) -> None:
    """Copy what people changed and wrote on the lines of a draft to the unsaved lines of the run after it."""
    for old, line in changes.same(draft.lines.all(), lines):
        line.unit, line.times, line.is_dropped, line.reason = old.unit, old.times, old.is_dropped, old.reason
        line.note, line.result = old.note, old.result


@transaction.atomic
def adjust_line(*, line: Line, unit: UnitChoice, times: int, reason: str, seen: str | None = None, by: User) -> Line:
    """Propose something else for a person than was computed, with a reason.

    Args:
        seen: the stamp of the line that the page showed; None when no page stands behind the change.

    Raises:
        ValidationError: no reason.
        Conflict: the run was approved meanwhile, or somebody else changed the line since the page was shown.
    """
    line = _open(line, seen)
    differs = (unit, times) != (line.computed_unit, line.computed_times)
    if differs and not reason.strip():
        raise ValidationError({"reason": "請說明調整的理由。"})
    line.unit, line.times, line.reason, line.is_dropped = unit, times, reason.strip() if differs else "", False
    line.save()
    _note("award.line_adjusted", line, by=by, granted=str(line), reason=line.reason)
    return line


@transaction.atomic
def drop_line(*, line: Line, reason: str, seen: str | None = None, by: User) -> Line:
    """Leave a person out of the roster, with a reason.

    Raises:
        ValidationError: no reason.
        Conflict: as in `adjust_line`.
    """
    if not reason.strip():
        raise ValidationError({"reason": "請說明剔除的理由。"})
    line = _open(line, seen)
    line.is_dropped, line.reason = True, reason.strip()
    line.save()
    _note("award.line_dropped", line, by=by, reason=line.reason)
    return line


@transaction.atomic
def drop_lines(*, run: Run, lines: Iterable[Line], reason: str, by: User) -> list[Line]:
    """Leave several people out of the roster for one reason; those that are left out already stay as they are.

    Raises:
        ValidationError: nobody was chosen, or no reason.
        Conflict: as in `adjust_line`.
    """
    _hold(run)
    open_ones = [line for line in lines if not line.is_dropped]
    if not open_ones:
        raise ValidationError("請至少勾選一筆未剔除的獎勵建議。")
    return [drop_line(line=line, reason=reason, by=by) for line in open_ones]


@transaction.atomic
def restore_line(*, line: Line, seen: str | None = None, by: User) -> Line:
    """Propose again what was computed.

    Raises:
        Conflict: as in `adjust_line`.
    """
    line = _open(line, seen)
    line.unit, line.times = line.computed_unit, line.computed_times
    line.is_dropped, line.reason = False, ""
    line.save()
    _note("award.line_restored", line, by=by)
    return line


@transaction.atomic
def remark_line(*, line: Line, note: str, result: str, seen: str | None = None, by: User) -> Line:
    """Fill the roster's columns 備註 and 審議結果.

    Raises:
        Conflict: as in `adjust_line`.
    """
    line = _open(line, seen)
    line.note, line.result = note.strip(), result.strip()
    line.save()
    _note("award.line_remarked", line, by=by, note=line.note, result=line.result)
    return line


@transaction.atomic
def write_results(*, run: Run, lines: Iterable[Line], result: str, by: User) -> int:
    """Write the same 審議結果 on several lines, such as what the committee resolved on all of them; return on how many.

    Raises:
        ValidationError: nobody was chosen, or nothing was resolved.
        Conflict: the run was approved meanwhile.
    """
    fresh = _hold(run)
    chosen = list(lines)
    if not chosen:
        raise ValidationError("請至少勾選一筆獎勵建議。")
    if not result.strip():
        raise ValidationError({"result": "請填審議結果，例如「照案通過」。"})
    fresh.lines.filter(pk__in=[line.pk for line in chosen]).update(result=result.strip())
    for line in chosen:
        line.run = fresh
        _note("award.line_remarked", line, by=by, result=result.strip())
    return len(chosen)


def _open(line: Line, seen: str | None) -> Line:
    run = _hold(line.run)
    fresh = Line.objects.select_for_update().get(pk=line.pk)
    if seen is not None and fresh.stamp != seen:
        last = Entry.objects.for_target(fresh).first()
        now = f"剔除（{fresh.reason}）" if fresh.is_dropped else fresh.granted
        raise Conflict(f"{author(last)}變更這筆建議，目前為「{now}」；請確認後再儲存。")
    fresh.run = run
    return fresh


def _hold(run: Run) -> Run:
    """Lock a run that is not approved, for whoever changes its lines or approves it."""
    # No joins: while it waits for the lock PostgreSQL looks only the locked row up again, and would find nobody approving.
    fresh = Run.objects.select_for_update().get(pk=run.pk)
    if fresh.is_approved and fresh.approved_by and fresh.approved_at:
        moment = roc.moment(timezone.localtime(fresh.approved_at))
        raise Conflict(f"{fresh.approved_by.get_full_name()}已於 {moment} 核定這次試算，不得再變更。")
    return fresh


@transaction.atomic
def approve_run(*, run: Run, number: str, day: date, seen: str | None = None, by: User) -> Run:
    """Approve the lines of a run that were not dropped, with number and date of the letter.

    A line that rewards a matter again is refused with the line that has it; one that grants more replaces it
    (原建議註銷), and both stay in the history. All whom it concerns are told.

    Args:
        seen: the stamp of the lines that the page showed; None when no page stands behind it.

    Raises:
        Conflict: it was approved meanwhile, or a line was changed since the page was shown.
        ValidationError: who computed it may not approve it; a line rests on an estimate or follows from the facts no
            more; a matter is rewarded already.
    """
    # Two runs that are approved at once may reward the same matter: the plan lets one after the other in.
    Plan.objects.select_for_update().get(pk=run.plan_id)
    fresh = _hold(run)
    if not (verdict := can_approve(by, fresh)):
        raise ValidationError(verdict.reason)
    every = list(fresh.lines.select_related("agency"))
    if seen is not None and stamp(every) != seen:
        raise Conflict("審閱期間有建議經他人調整，請確認下列最新內容後再核定。")
    lines = [line for line in every if not line.is_dropped]
    if not lines:
        raise ValidationError("沒有可核定的獎勵建議。")
    _refuse_estimates(lines)
    _refuse_outdated(fresh, lines)
    _take_matters(fresh, lines)
    fresh.state, fresh.approved_by, fresh.approved_at = RunState.APPROVED, by, timezone.now()
    fresh.letter_number, fresh.letter_date = number, day
    fresh.save()
    record("award.run_approved", fresh, by=by, office_id=fresh.plan.office_id, number=number, lines=len(lines))
    mails.approved(fresh, lines)
    return fresh


def _refuse_estimates(lines: Iterable[Line]) -> None:
    if waiting := [line.name for line in precheck.estimates(lines)]:
        raise ValidationError(f"下列建議尚屬預估（會議紀錄未備查），請先剔除或待備查後重新試算：{'、'.join(waiting)}。")


def _refuse_outdated(run: Run, lines: Iterable[Line]) -> None:
    _, gathered, result = of_plan(run.plan)
    if gone := [f"「{line}」" for line in changes.outdated(lines, proposing.lines(run, gathered, result))]:
        raise ValidationError(
            f"試算後事實或規則已有變動，下列建議已不符目前情形，請重新試算後再核定：{'、'.join(gone)}。"
        )


def _take_matters(run: Run, lines: Sequence[Line]) -> None:
    """Write down what the lines reward; a weaker line that was approved before is cancelled, with all that it had."""
    claims = precheck.claims(run.plan, lines, lock=True)
    if refused := [claim.sentence for claim in claims if not claim.replaces]:
        raise ValidationError(refused)
    for claim in claims:
        claim.line.replaces = claim.earlier
        claim.line.save(update_fields=["replaces"])
    Rewarded.objects.filter(line__in=[claim.earlier for claim in claims]).delete()
    Rewarded.objects.bulk_create(
        Rewarded(plan=run.plan, matter=matter, line=line) for line in lines for matter in line.matters
    )


def _note(act: str, line: Line, *, by: User, **detail: Any) -> None:
    record(act, line, by=by, office_id=line.run.plan.office_id, run=line.run_id, **detail)
