"""Who may do what with plans, districts, agencies and people."""

from typing import TYPE_CHECKING, Any

from districts.standing import standing
from personnel_portal.guards import ALLOWED, Verdict, refuse

if TYPE_CHECKING:
    from districts.models import Agency, District, Plan


def is_somebody(user: Any) -> Verdict:
    """Anyone with a posting; an account alone sees nothing."""
    return ALLOWED if standing(user).office_id is not None else refuse("此帳號未連結任何職務，請洽人事處。")


def is_office(user: Any) -> Verdict:
    """Someone of the personnel office, read-only access included."""
    return ALLOWED if standing(user).is_office else refuse("僅限人事處人員使用。")


def is_reviewer(user: Any) -> Verdict:
    """Someone who reviews for the office."""
    return ALLOWED if standing(user).is_reviewer else refuse("僅限人事處審核人員辦理。")


def is_admin(user: Any) -> Verdict:
    """Someone who administers the office's plans, accounts and trail."""
    return ALLOWED if standing(user).is_admin else refuse("僅限人事處管理人員辦理。")


def can_manage_plan(user: Any, plan: "Plan") -> Verdict:
    """Change a plan's rows or clone it."""
    mine = standing(user)
    if mine.is_admin and mine.office_id == plan.office_id:
        return ALLOWED
    return refuse("僅限人事處管理人員維護計畫。")


def can_work_for(user: Any, agency: "Agency") -> Verdict:
    """Act in the name of an agency."""
    return ALLOWED if agency.pk in standing(user).works_for else refuse(f"您未負責{agency.short_name}的業務。")


def can_manage_agency_people(user: Any, agency: "Agency") -> Verdict:
    """Hand a post over: the agency's own officers, or the office's administrators."""
    mine = standing(user)
    if mine.is_admin and mine.office_id == agency.office_id:
        return ALLOWED
    return can_work_for(user, agency)


def can_host(user: Any, district: "District") -> Verdict:
    """Act as the host of a district."""
    return ALLOWED if district.pk in standing(user).hosts else refuse(f"僅限{district.name}承辦單位辦理。")


def can_file_coaching(user: Any, district: "District") -> Verdict:
    """File the district's coaching table: its host, or the office in its stead."""
    mine = standing(user)
    if mine.is_reviewer and mine.office_id == district.plan.office_id:
        return ALLOWED
    return can_host(user, district)
