"""Filling in, sending and correcting a usage return."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from districts.calendar import office_calendar
from districts.choices import Staffing
from districts.models import Agency, Deadline, Plan
from kpi import mails
from kpi.choices import Grant, Part, ReportState, Round
from kpi.models import Service, UsageReport, Use, UseFile
from personnel_portal import roc
from personnel_portal.accounts.models import User
from personnel_portal.trail.actions import record
from personnel_portal.uploads.models import StoredFile

OPEN = (ReportState.DRAFT, ReportState.RETURNED)
SAVED_MEANWHILE = "這份回報剛由他人儲存過。您填的內容都還在下面，確認後再按一次即會存入。"


class Thing(NamedTuple):
    """What is used: a system (`system`) or a sub-system of WebHR (`subsystem`), and its key."""

    kind: str
    pk: int


@dataclass(frozen=True, slots=True)
class UseEntry:
    """What is said of one thing in use; `dropped` are the keys of files to take off."""

    purpose: str = ""
    evidence: str = ""
    dropped: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class ServiceEntry:
    """An integrated service; `pk` names the row that it was before."""

    name: str
    part: Part
    description: str = ""
    pk: int | None = None
    drops_file: bool = False
    stored: StoredFile | None = None


@dataclass(frozen=True, slots=True)
class Filled:
    """Everything that a return's form says."""

    letter_number: str = ""
    letter_date: date | None = None
    contact_name: str = ""
    contact_phone: str = ""
    uses: Mapping[Thing, UseEntry] = field(default_factory=dict)
    services: Sequence[ServiceEntry] = ()


def deadline_of(plan: Plan, round_: int) -> Deadline | None:
    """Return the deadline of a round."""
    return Deadline.objects.filter(plan=plan, duty=f"kpi.usage.{round_}").first()


def last_days(plan: Plan) -> dict[int, date | None]:
    """Return the last day of each round, after the office calendar."""
    stated = {one.duty: one for one in plan.deadlines.all()}
    calendar = office_calendar(plan.office_id, plan.starts.year, plan.ends.year)
    days: dict[int, date | None] = {}
    for round_ in Round.values:
        deadline = stated.get(f"kpi.usage.{round_}")
        nominal = deadline.nominal if deadline else None
        days[round_] = calendar.effective(nominal, deadline.holiday_policy) if deadline and nominal else None
    return days


def last_day(plan: Plan, round_: int) -> date | None:
    """Return the last day of one round."""
    return last_days(plan)[round_]


@transaction.atomic
def start_return(*, plan: Plan, agency: Agency, round_: Round, by: User) -> UsageReport:
    """Begin an agency's return; the second of the year takes over the first with its evidence, to be reviewed anew.

    Raises:
        ValidationError: the agency does not file, has begun it before, or the second is asked for before the first was
            sent and before its last day.
    """
    if agency not in Agency.objects.filter(office=plan.office_id, is_active=True).members():
        raise ValidationError(f"{agency}不在本計畫函報機關之列。")
    first = UsageReport.objects.filter(plan=plan, agency=agency, round=Round.FIRST).first()
    if round_ == Round.SECOND:
        _refuse_early(plan, first)
    report = UsageReport(plan=plan, agency=agency, round=round_, entered_by=by, is_scored=_is_scored(agency))
    if round_ == Round.SECOND and first:
        report.contact_name, report.contact_phone = first.contact_name, first.contact_phone
    try:
        with transaction.atomic():
            report.save()
    except IntegrityError:
        raise ValidationError(f"{agency}已有人開始填報{round_.label}，請開啟該份回報。")
    if round_ == Round.SECOND and first:
        _take_over(first, report)
    _note("usage.started", report, by=by, copied=first.pk if first and round_ == Round.SECOND else None)
    return report


def _refuse_early(plan: Plan, first: UsageReport | None) -> None:
    due = last_day(plan, Round.FIRST)
    if (first and first.submitted_at) or due is None or timezone.localdate() > due:
        return
    raise ValidationError(f"請先送出第 1 次回報；未送出者，於第 1 次期限（{roc.long(due)}）後開放填報第 2 次。")


def _take_over(first: UsageReport, second: UsageReport) -> None:
    """Copy what the first return says; systems that were retired meanwhile stay behind."""
    for use in first.uses.prefetch_related("files").select_related("system", "subsystem"):
        retired = (use.system or use.subsystem).retired_on  # type: ignore[union-attr]  # a constraint asks for one of them
        if retired and retired <= timezone.localdate():
            continue
        copy = Use.objects.create(
            report=second,
            system=use.system,
            subsystem=use.subsystem,
            purpose=use.purpose,
            evidence=use.evidence,
        )
        UseFile.objects.bulk_create(UseFile(use=copy, stored_id=file.stored_id) for file in use.files.all())
    for service in first.services.all():
        service.pk, service.report, service._state.adding = None, second, True
        service.save()


@transaction.atomic
def save_return(*, report: UsageReport, filled: Filled, revision: int, by: User) -> UsageReport:
    """Save what was filled in. What the review said of an item that is not changed stays; a changed one waits anew.

    Raises:
        ValidationError: the return was sent, or somebody saved it since the page was shown.
    """
    fresh = _locked(report)
    if fresh.revision != revision:
        raise ValidationError(SAVED_MEANWHILE)
    for name in ("letter_number", "letter_date", "contact_name", "contact_phone"):
        setattr(fresh, name, getattr(filled, name))
    _save_uses(fresh, filled.uses)
    _save_services(fresh, filled.services)
    fresh.entered_by, fresh.entered_at, fresh.revision = by, timezone.now(), fresh.revision + 1
    fresh.save()
    _note("usage.saved", fresh, by=by, uses=len(filled.uses), services=len(filled.services))
    return fresh


def _save_uses(report: UsageReport, entries: Mapping[Thing, UseEntry]) -> None:
    there = uses_of(report)
    Use.objects.filter(pk__in=[use.pk for thing, use in there.items() if thing not in entries]).delete()
    for thing, entry in entries.items():
        use = there.get(thing) or Use(report=report, **{f"{thing.kind}_id": thing.pk})
        dropped = [file.pk for file in use.files.all() if file.pk in entry.dropped] if use.pk else []
        if use.pk and not dropped and (use.purpose, use.evidence) == (entry.purpose, entry.evidence):
            continue
        UseFile.objects.filter(pk__in=dropped).delete()
        use.purpose, use.evidence = entry.purpose, entry.evidence
        use.grant, use.reason = Grant.PENDING, ""
        use.save()


def _save_services(report: UsageReport, entries: Sequence[ServiceEntry]) -> None:
    there = {service.pk: service for service in report.services.all()}
    kept = {entry.pk for entry in entries}
    report.services.filter(pk__in=there.keys() - kept).delete()
    for entry in entries:
        service = there.get(entry.pk or 0) or Service(report=report)
        service.name, service.part, service.description = entry.name, entry.part, entry.description
        if entry.drops_file:
            service.stored = None
        service.stored = entry.stored or service.stored
        service.save()


def uses_of(report: UsageReport) -> dict[Thing, Use]:
    """Return what a return says is in use, with its files; two queries."""
    uses = report.uses.select_related("system", "subsystem").prefetch_related("files__stored")
    return {
        Thing("system", use.system_id) if use.system_id else Thing("subsystem", use.subsystem_id or 0): use
        for use in uses
    }


@transaction.atomic
def attach_evidence(*, report: UsageReport, files: Mapping[Thing, Sequence[StoredFile]], by: User) -> None:
    """Put files to things in use, also where the rest of the form was refused: nobody uploads twice.

    Raises:
        ValidationError: the return was sent meanwhile.
    """
    fresh = _locked(report)
    there = uses_of(fresh)
    for thing, stored in files.items():
        use = there.get(thing) or Use.objects.create(report=fresh, **{f"{thing.kind}_id": thing.pk})
        for one in stored:
            UseFile.objects.create(use=use, stored=one)
        if use.grant != Grant.PENDING:
            use.grant, use.reason = Grant.PENDING, ""
            use.save(update_fields=["grant", "reason"])
    if names := [one.name for stored in files.values() for one in stored]:
        _note("usage.evidence_added", fresh, by=by, files=names)


@transaction.atomic
def send_return(*, report: UsageReport, by: User) -> UsageReport:
    """Send a return to the office (函報); whether the agency is scored is fixed here.

    Raises:
        ValidationError: it was sent before, or something is missing; each at its field.
    """
    fresh = _locked(report)
    lacking = lacks(fresh)
    if lacking:
        raise ValidationError(lacking)
    fresh.is_scored = _is_scored(fresh.agency)
    fresh.state, fresh.revision = ReportState.SUBMITTED, fresh.revision + 1
    fresh.submitted_at = fresh.submitted_at or timezone.now()
    fresh.save()
    _note("usage.sent", fresh, by=by, number=fresh.letter_number)
    mails.usage_sent(fresh)
    return fresh


def lacks(report: UsageReport) -> dict[str, Any]:
    """Return what a return needs before it is sent, by the field of its form."""
    lacking: dict[str, Any] = {}
    if not report.letter_number:
        lacking["letter_number"] = "請填函報文號。"
    if report.letter_date is None:
        lacking["letter_date"] = "請填函報日期。"
    if not report.contact_name:
        lacking["contact_name"] = "請填聯絡人。"
    for thing, use in uses_of(report).items():
        if not use.evidence and not use.files.all():
            lacking[f"{thing.kind}-{thing.pk}"] = f"「{use}」請填佐證說明或附佐證檔案；沒有佐證的項目不予採認。"
    return lacking


def _is_scored(agency: Agency) -> bool:
    return agency.staffing == Staffing.FULL_TIME


def _locked(report: UsageReport) -> UsageReport:
    found = UsageReport.objects.select_for_update(of=("self",)).select_related("agency", "plan")
    fresh: UsageReport = found.get(pk=report.pk)
    if fresh.state not in OPEN:
        raise ValidationError(f"這份回報目前為「{fresh.get_state_display()}」，不能修改；需更正者請洽人事處退請補正。")
    return fresh


def _note(act: str, report: UsageReport, *, by: User, **detail: Any) -> None:
    record(act, report, by=by, office_id=report.plan.office_id, agency=report.agency.short_name, **detail)
