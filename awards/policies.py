"""Who may do what with commendations. A refusal says why."""

from typing import TYPE_CHECKING, Any

from awards.choices import HostPersonState, RunState
from districts.choices import PlanKind
from districts.policies import can_host, is_office, is_reviewer, is_somebody
from districts.standing import standing
from personnel_portal.guards import ALLOWED, Verdict, refuse

if TYPE_CHECKING:
    from awards.models import HostPerson, Line, Run
    from districts.models import District, Plan
    from proposals.models import Proposal


def can_see_overview(user: Any) -> Verdict:
    """See what a plan's facts earn: the office all of it, a host its own districts; others see their own lines."""
    mine = standing(user)
    return ALLOWED if mine.is_office or mine.hosts else refuse("僅限分區承辦單位及人事處使用，請由「我的獎勵」檢視。")


def can_see_people(user: Any, district: "District") -> Verdict:
    """See whom a district's host names: the host and the office."""
    mine = standing(user)
    if mine.is_office and mine.office_id == district.plan.office_id:
        return ALLOWED
    return can_host(user, district)


def can_name_people(user: Any, district: "District") -> Verdict:
    """Name the host's people: the host, or the office in its stead."""
    mine = standing(user)
    if mine.is_reviewer and mine.office_id == district.plan.office_id:
        return ALLOWED
    return can_host(user, district)


def can_change_person(user: Any, named: "HostPerson") -> Verdict:
    """Take back somebody who was named: whoever may name, until the office accepts; then only its refusal undoes it."""
    if named.state == HostPersonState.ACCEPTED:
        return refuse(f"{named.person.name}已經人事處同意列入，不得逕予移除；應由人事處審查為「不列入」並敘明理由。")
    return can_name_people(user, named.district)


def can_check_people(user: Any, district: "District") -> Verdict:
    """Check the people whom a district's host named: a reviewer of its office."""
    return is_reviewer(user)


def can_name_proposers(user: Any, proposal: "Proposal") -> Verdict:
    """Name who is rewarded for an adopted proposal: a reviewer of its office."""
    return is_reviewer(user)


def can_make_run(user: Any, plan: "Plan") -> Verdict:
    """Compute a run: a reviewer of the office, for a plan that has award clauses at all."""
    if plan.kind != PlanKind.LIAISON:
        return refuse("只有分區聯繫會報計畫有獎勵建議。")
    return is_reviewer(user)


def is_run_reviewer(user: Any, run: "Run") -> Verdict:
    """Review a run at all: a reviewer of its office. Whether it is approved already is the action's matter."""
    return is_reviewer(user)


def can_adjust_line(user: Any, line: "Line") -> Verdict:
    """Adjust, drop or restore a line: a reviewer of the office. Whether its run is approved is the action's matter."""
    return is_reviewer(user)


def can_approve(user: Any, run: "Run") -> Verdict:
    """Approve a run: another reviewer than who computed it (and than whom somebody deputises for)."""
    if run.state == RunState.APPROVED:
        return refuse("這次試算已核定。")
    acting = getattr(user, "acting_for", None)
    if run.made_by_id in (user.pk, acting.pk if acting else None):
        return refuse("試算人不得自行核定，請由其他審核人員核定。")
    return is_reviewer(user)


__all__ = [
    "can_adjust_line",
    "can_approve",
    "can_change_person",
    "can_check_people",
    "can_make_run",
    "can_name_people",
    "can_name_proposers",
    "can_see_overview",
    "can_see_people",
    "is_office",
    "is_reviewer",
    "is_run_reviewer",
    "is_somebody",
]
