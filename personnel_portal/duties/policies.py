"""Who may see and do what with duties."""

from typing import Any

from districts.policies import is_reviewer
from districts.standing import standing
from personnel_portal.guards import ALLOWED, Verdict, refuse
from personnel_portal.rules.duty import Duty


def can_see_duty(user: Any, duty: Duty) -> Verdict:
    """The office; the agency that owes it; the host of its district."""
    mine = standing(user)
    if mine.is_office or duty.agency_id in mine.reads_for or duty.district_id in mine.hosts:
        return ALLOWED
    return refuse("僅限人事處及相關機關檢視。")


def can_chase(user: Any, duty: Duty) -> Verdict:
    """Remind by hand, waive or put off: a reviewer of the office, while the duty is open."""
    return is_reviewer(user) & (ALLOWED if duty.is_open() else refuse("此事項已辦理完成或免除。"))
