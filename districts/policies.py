"""Who may do what with plans, districts, agencies and people."""

from typing import TYPE_CHECKING, Any

from django.utils import timezone

from districts.choices import Access, AgencyKind
from districts.standing import standing
from personnel_portal.guards import ALLOWED, Verdict, refuse

if TYPE_CHECKING:
    from districts.models import Agency, District, Person, Plan, Posting


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


def grantable(user: Any, agency: "Agency") -> list[Access]:
    """Return what access the person may give at an agency: 管理 and 審核 exist only at the office, by its administrators.

    Their deputies give neither: what a deputy gave would outlast the days of the deputyship.
    """
    if agency.kind == AgencyKind.OFFICE and standing(user).is_admin and user.acting_for is None:
        return list(Access)
    return [Access.WORK, Access.READ, Access.OWN]


def can_grant(user: Any, agency: "Agency", access: str) -> Verdict:
    """Give a posting at the agency this access."""
    if access in grantable(user, agency):
        return ALLOWED
    if user.acting_for:
        return refuse("代理期間不得授予「管理」與「審核」權限。")
    return refuse("「管理」與「審核」權限僅限人事處管理人員授予本處人員。")


def can_manage_posting(user: Any, posting: "Posting") -> Verdict:
    """Change, end or hand over a post: as with the agency's people, but reviewers are the administrators' matter."""
    return can_manage_agency_people(user, posting.agency) & can_grant(user, posting.agency, posting.access)


def can_manage_person(user: Any, person: "Person") -> Verdict:
    """Change a person's details or give a login: whoever may manage one of the person's posts, and none is above that."""
    mine = standing(user)
    if mine.is_admin and mine.office_id == person.office_id:
        return ALLOWED
    postings = person.postings.exclude(until__lt=timezone.localdate())
    if not any(posting.agency_id in mine.works_for for posting in postings):
        return refuse(f"您未負責{person.name}所在機關的業務。")
    if any(posting.access in (Access.ADMIN, Access.REVIEW) for posting in postings):
        return refuse("人事處審核與管理人員的資料僅限管理人員維護。")
    return ALLOWED


def can_move_mail(user: Any, person: "Person") -> Verdict:
    """Change a person's mail: that of a login is the administrators' own matter, since resets of passwords go there."""
    if person.user is None:
        return ALLOWED
    if person.user.is_superuser or user.acting_for or not standing(user).is_admin:
        return refuse("此人員已有帳號，公務信箱請洽人事處管理人員變更。")
    return ALLOWED
