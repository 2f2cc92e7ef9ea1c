"""The office's review of usage returns: item by item, services, remark; return for correction; chasing what is missing."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from districts.models import Agency, Plan
from kpi import mails
from kpi.actions.usage import deadline_of, last_day
from kpi.choices import Grant, ReportState, Round
from kpi.models import UsageReport, Use
from kpi.scoring import filers
from personnel_portal import roc
from personnel_portal.accounts.models import User
from personnel_portal.trail.actions import record
from personnel_portal.trail.models import Entry

REVIEWED_MEANWHILE = "這份回報剛由他人審查儲存過。您勾選與填寫的內容都還在，確認後再按一次即會存入。"


class Judged(NamedTuple):
    """What the review makes of an item, with the reason of a refusal."""

    grant: Grant
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Review:
    """Everything that a review says: items by the key of their `Use`, the share for services in per cent, the remark."""

    items: Mapping[int, Judged] = field(default_factory=dict)
    service_share: Decimal = Decimal(0)
    service_reason: str = ""
    remark: str = ""


@transaction.atomic
def review_return(*, report: UsageReport, review: Review, finish: bool, revision: int, by: User) -> UsageReport:
    """Save a review, and finish it if asked: then the return counts.

    Raises:
        ValidationError: it does not lie with the office, somebody reviewed it since the page was shown, a refusal or a
            share has no reason, or it is to be finished with items still open; each at its field.
    """
    fresh = _locked(report, ReportState.SUBMITTED)
    if fresh.revision != revision:
        raise ValidationError(REVIEWED_MEANWHILE)
    uses = list(fresh.uses.select_related("system", "subsystem"))
    _refuse_incomplete(fresh, uses, review, finish=finish)
    for use in uses:
        judged = review.items.get(use.pk)
        if judged and (use.grant, use.reason) != judged:
            use.grant, use.reason = judged
            use.save(update_fields=["grant", "reason"])
    fresh.service_share, fresh.service_reason, fresh.remark = review.service_share, review.service_reason, review.remark
    fresh.reviewed_by, fresh.reviewed_at, fresh.revision = by, timezone.now(), fresh.revision + 1
    if finish:
        fresh.state = ReportState.REVIEWED
    fresh.save()
    counts = [sum(use.grant == grant for use in uses) for grant in (Grant.GRANTED, Grant.REFUSED)]
    act = "usage.reviewed" if finish else "usage.review_saved"
    _note(act, fresh, by=by, granted=counts[0], refused=counts[1], services=f"{fresh.service_share:f}")
    if finish:
        mails.usage_reviewed(fresh, *counts)
    return fresh


def _refuse_incomplete(report: UsageReport, uses: list[Use], review: Review, *, finish: bool) -> None:
    problems: dict[str, Any] = {}
    for use in uses:
        judged = review.items.get(use.pk, Judged(Grant(use.grant), use.reason))
        if judged.grant == Grant.REFUSED and not judged.reason:
            problems[f"reason-{use.pk}"] = f"請說明「{use}」不採認的理由。"
        if finish and judged.grant == Grant.PENDING:
            problems[f"grant-{use.pk}"] = f"「{use}」尚未審查。"
    wants_reason = report.is_scored and finish and report.services.exists()
    if (review.service_share or wants_reason) and not review.service_reason:
        problems["service_reason"] = "請說明整合服務核給比例的理由。"
    if finish and not report.is_scored and not review.remark:
        problems["remark"] = "兼任（辦）機關不計分，請填配合度。"
    if problems:
        raise ValidationError(problems)


@transaction.atomic
def return_for_correction(*, report: UsageReport, reason: str, by: User) -> UsageReport:
    """Give a return back to its agency (退請補正), reviewed or not; what the review said of unchanged items stays.

    Raises:
        ValidationError: no reason, or the return is with its agency.
    """
    if not reason.strip():
        raise ValidationError({"reason": "請說明退請補正的理由。"})
    fresh = _locked(report, ReportState.SUBMITTED, ReportState.REVIEWED)
    fresh.state, fresh.reason, fresh.revision = ReportState.RETURNED, reason.strip(), fresh.revision + 1
    fresh.save()
    _note("usage.returned", fresh, by=by, reason=fresh.reason)
    mails.usage_returned(fresh)
    return fresh


@transaction.atomic
def judge_in_bulk(*, plan: Plan, items: Mapping[int, str], grant: Grant, reason: str, by: User) -> int:
    """Grant or refuse the same for items of several returns that lie with the office; return how many.

    Args:
        items: the keys of the items, each with the grant that the page showed: what somebody judged meanwhile is left.

    Raises:
        ValidationError: nothing is chosen, or a refusal has no reason.
    """
    if not items:
        raise ValidationError("請至少勾選一項。")
    if grant == Grant.REFUSED and not reason.strip():
        raise ValidationError({"reason": "請說明不採認的理由。"})
    reports = UsageReport.objects.select_for_update(of=("self",)).filter(
        plan=plan, state=ReportState.SUBMITTED, uses__in=items
    )
    by_key = {report.pk: report for report in reports.select_related("agency", "plan")}
    judged: dict[int, int] = {}
    for use in Use.objects.filter(pk__in=items, report__in=by_key):
        if use.grant == items[use.pk]:
            use.grant, use.reason = grant, reason.strip() if grant == Grant.REFUSED else ""
            use.save(update_fields=["grant", "reason"])
            judged[use.report_id] = judged.get(use.report_id, 0) + 1
    for key, count in judged.items():
        report = by_key[key]
        report.revision += 1
        report.save(update_fields=["revision"])
        _note("usage.judged_in_bulk", report, by=by, items=count, grant=grant.label, reason=reason.strip())
    return sum(judged.values())


# --- What is missing -------------------------------------------------------------------------------------------------


def missing(plan: Plan, round_: int) -> list[tuple[Agency, UsageReport | None]]:
    """Return the agencies whose return of a round does not lie with the office, with what they have begun; three queries."""
    begun = {report.agency_id: report for report in UsageReport.objects.filter(plan=plan, round=round_)}
    at_office = (ReportState.SUBMITTED, ReportState.REVIEWED)
    return [
        (agency, begun.get(agency.pk))
        for agency in filers(plan)
        if agency.pk not in begun or begun[agency.pk].state not in at_office
    ]


@transaction.atomic
def chase(*, plan: Plan, round_: Round, agencies: frozenset[int], by: User) -> int:
    """Mail those of the agencies that have not filed; once a day and round, so that a second click does not write twice.

    Returns:
        how many people were written to.

    Raises:
        ValidationError: none of them is missing, or it was done today.
    """
    Plan.objects.select_for_update().get(pk=plan.pk)  # two clicks at once
    today = timezone.localdate()
    chased = Entry.objects.for_target(plan).filter(act="usage.chased", at__date=today)
    already = {pk for entry in chased if entry.detail["round"] == round_ for pk in entry.detail["agencies"]}
    asked = [agency for agency, _ in missing(plan, round_) if agency.pk in agencies]
    if not asked:
        raise ValidationError("請至少勾選一個未報送的機關。")
    fresh = [agency for agency in asked if agency.pk not in already]
    if not fresh:
        raise ValidationError("所勾選的機關今天都催請過，明天起可以再寄。")
    deadline = deadline_of(plan, round_)
    title = deadline.title if deadline else round_.label
    reached = mails.usage_missing(plan, title, last_day(plan, round_), fresh)
    record(
        "usage.chased",
        plan,
        by=by,
        office_id=plan.office_id,
        round=int(round_),
        agencies=[agency.pk for agency in fresh],
        mails=reached,
        day=roc.short(today),
    )
    return reached


def _locked(report: UsageReport, *states: ReportState) -> UsageReport:
    found = UsageReport.objects.select_for_update(of=("self",)).select_related("agency", "plan")
    fresh: UsageReport = found.get(pk=report.pk)
    if fresh.state not in states:
        raise ValidationError(f"這份回報目前為「{fresh.get_state_display()}」，請重新整理後再辦理。")
    return fresh


def _note(act: str, report: UsageReport, *, by: User, **detail: Any) -> None:
    record(act, report, by=by, office_id=report.plan.office_id, agency=report.agency.short_name, **detail)
