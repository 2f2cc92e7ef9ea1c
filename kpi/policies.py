"""Who may do what with targets, usage returns and work plans. A refusal says why."""

from typing import TYPE_CHECKING, Any

from districts.policies import can_manage_plan, can_work_for, is_office, is_reviewer, is_somebody
from districts.standing import standing
from personnel_portal.guards import ALLOWED, Verdict, refuse

if TYPE_CHECKING:
    from districts.models import Plan
    from kpi.models import ScoreList, Subsystem, System, UsageReport, UsageTraining


# --- Usage returns ---------------------------------------------------------------------------------------------------


def can_fill_return(user: Any, report: "UsageReport") -> Verdict:
    """Fill in, send and correct a return: the agency's own officers. Where it stands is the actions' matter."""
    return can_work_for(user, report.agency)


def can_start_return(user: Any, plan: "Plan") -> Verdict:
    """Begin a return: whoever works for an agency that files."""
    return ALLOWED if standing(user).works_for else refuse("此帳號沒有可填報的機關。")


def can_review_usage(user: Any, plan: "Plan") -> Verdict:
    """Review, chase, score and publish: a reviewer of the plan's office."""
    mine = standing(user)
    return is_reviewer(user) & (ALLOWED if mine.office_id == plan.office_id else refuse("僅限本處的計畫。"))


def can_see_scores(user: Any, plan: "Plan") -> Verdict:
    """See every agency's score, ranking and who has not filed: the office."""
    return is_office(user)


def can_see_score_list(user: Any, published: "ScoreList") -> Verdict:
    """See a whole published list: the office; agencies see their own score."""
    return is_office(user)


def can_review_return(user: Any, report: "UsageReport") -> Verdict:
    """Review a return or give it back: a reviewer of the office. Where it stands is the actions' matter."""
    return is_reviewer(user)


def can_propose_system(user: Any) -> Verdict:
    """Propose a system for the catalogue: whoever works for an agency; the office's reviewers list it at once."""
    mine = standing(user)
    return ALLOWED if mine.works_for or mine.is_reviewer else refuse("此帳號沒有可建議系統的機關。")


def can_keep_system(user: Any, system: "System") -> Verdict:
    """Decide on a system that was proposed, change or retire one: a reviewer of the office."""
    return is_reviewer(user)


def can_keep_subsystem(user: Any, subsystem: "Subsystem") -> Verdict:
    """Keep the list of WebHR's sub-systems: a reviewer of the office."""
    return is_reviewer(user)


def can_keep_training(user: Any, training: "UsageTraining") -> Verdict:
    """Take back a session that was entered: a reviewer of the office."""
    return is_reviewer(user)


__all__ = [
    "can_fill_return",
    "can_keep_subsystem",
    "can_keep_system",
    "can_keep_training",
    "can_manage_plan",
    "can_propose_system",
    "can_review_return",
    "can_review_usage",
    "can_see_score_list",
    "can_see_scores",
    "can_start_return",
    "can_work_for",
    "is_office",
    "is_reviewer",
    "is_somebody",
]
