"""Staff figures that the quota stands on, and the agencies' yearly rosters of study leave for 備查 (柒、三; 柒、五、(二))."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from districts.models import Agency, Plan
from personnel_portal.accounts.models import User
from personnel_portal.trail.actions import record
from training import mails
from training.choices import RosterState
from training.models import Headcount, StudyRoster
from training.studying import roster_lines

OPEN = (RosterState.DRAFT, RosterState.RETURNED)


@transaction.atomic
def save_headcounts(*, plan: Plan, staff: Mapping[int, int], by: User) -> int:
    """Enter the budgeted staff of agencies on 1 January of the plan's year; return how many figures are new or changed.

    Args:
        staff: agency → 編制內預算員額.
    """
    agencies = {
        one.pk: one for one in Agency.objects.select_for_update(no_key=True).filter(pk__in=staff).order_by("pk")
    }
    known = {one.agency_id: one for one in Headcount.objects.filter(agency__in=agencies, year=plan.year)}
    changed = 0
    for key, agency in agencies.items():
        row = known.get(key) or Headcount(agency=agency, year=plan.year)
        before = row.staff
        if row.pk and before == staff[key]:
            continue
        row.staff = staff[key]
        row.save()
        changed += 1
        _record("study.headcount_entered", agency, by, plan, year=plan.year, staff=row.staff, before=before)
    return changed


@transaction.atomic
def start_roster(*, plan: Plan, agency: Agency, by: User) -> StudyRoster:
    """Begin an agency's roster of the year, or return the one that is there.

    Raises:
        ValidationError: the agency is none of the plan's.
    """
    if agency.office_id != plan.office_id or not agency.is_active:
        raise ValidationError(f"{agency}不在本計畫報送機關之列。")
    roster, made = StudyRoster.objects.get_or_create(plan=plan, agency=agency)
    if made:
        _note("study.roster_started", roster, by=by)
    return roster


@transaction.atomic
def submit_roster(*, roster: StudyRoster, by: User) -> StudyRoster:
    """Send the roster to the office for 備查; its lines are frozen as they are now, and none is an answer (無).

    Raises:
        ValidationError: it lies with the office.
    """
    fresh = _locked(roster, *OPEN)
    fresh.lines = roster_lines(fresh.plan, fresh.agency)
    fresh.state, fresh.submitted_by, fresh.submitted_at = RosterState.SUBMITTED, by, timezone.now()
    fresh.save()
    _note("study.roster_submitted", fresh, by=by, lines=len(fresh.lines))
    mails.study_roster_sent(fresh)
    return fresh


@transaction.atomic
def accept_roster(*, roster: StudyRoster, by: User) -> StudyRoster:
    """Take note of a roster (備查).

    Raises:
        ValidationError: it does not lie with the office.
    """
    fresh = _locked(roster, RosterState.SUBMITTED)
    fresh.state, fresh.reason = RosterState.ACCEPTED, ""
    fresh.accepted_by, fresh.accepted_at = by, timezone.now()
    fresh.save()
    _note("study.roster_accepted", fresh, by=by)
    mails.study_roster_decided(fresh)
    return fresh


@transaction.atomic
def return_roster(*, roster: StudyRoster, reason: str, by: User) -> StudyRoster:
    """Give a roster back to its agency (退請補正), also one of which note was taken.

    Raises:
        ValidationError: no reason, or it lies with the agency.
    """
    if not reason.strip():
        raise ValidationError({"reason": "請說明退請補正的理由。"})
    fresh = _locked(roster, RosterState.SUBMITTED, RosterState.ACCEPTED)
    fresh.state, fresh.reason = RosterState.RETURNED, reason.strip()
    fresh.accepted_by = fresh.accepted_at = None
    fresh.save()
    _note("study.roster_returned", fresh, by=by, reason=reason.strip())
    mails.study_roster_decided(fresh)
    return fresh


def _locked(roster: StudyRoster, *states: RosterState) -> StudyRoster:
    found = StudyRoster.objects.select_for_update(of=("self",)).select_related("plan", "agency")
    fresh: StudyRoster = found.get(pk=roster.pk)
    if fresh.state not in states:
        raise ValidationError(f"這份名冊目前為「{fresh.get_state_display()}」，請重新整理後再辦理。")
    return fresh


def _note(act: str, roster: StudyRoster, *, by: User, **detail: Any) -> None:
    _record(act, roster, by, roster.plan, agency=roster.agency.short_name, **detail)


def _record(act: str, target: Any, by: User, plan: Plan, **detail: Any) -> None:
    record(act, target, by=by, office_id=plan.office_id, **detail)
