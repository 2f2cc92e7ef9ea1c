"""Who may do what with targets, usage returns and work plans. A refusal says why."""

from typing import TYPE_CHECKING, Any

from districts.choices import PlanKind
from districts.policies import can_manage_plan, can_work_for, is_office, is_reviewer, is_somebody
from districts.standing import standing
from personnel_portal.guards import ALLOWED, Verdict, refuse

if TYPE_CHECKING:
    from districts.models import Plan
    from kpi.models import (
        Actual,
        ActualFile,
        Correction,
        Doing,
        DraftTree,
        ProgressFile,
        ScoreList,
        Subsystem,
        System,
        UsageReport,
        UsageTraining,
        Violation,
        WorkItem,
        WorkPlan,
    )


# --- Targets as they are shown and reviewed ---------------------------------------------------------------------------


def can_see_targets(user: Any, plan: "Plan") -> Verdict:
    """See a plan's targets and what became of them: anybody; an agency sees its own figures."""
    if plan.kind != PlanKind.KPI:
        return refuse("只有策略績效目標計畫有績效指標。")
    return is_somebody(user)


def can_review_targets(user: Any, plan: "Plan") -> Verdict:
    """Approve and return figures, close months, enter violations, issue reports: a reviewer of the office."""
    return can_see_targets(user, plan) & is_reviewer(user)


def can_remove_violation(user: Any, violation: "Violation") -> Verdict:
    """Take a violation back: a reviewer of the office."""
    return is_reviewer(user)


def can_finish_correction(user: Any, correction: "Correction") -> Verdict:
    """Say that a corrective action is done: the unit itself."""
    return can_work_for(user, correction.agency)


# --- Targets ---------------------------------------------------------------------------------------------------------


def can_fill_actual(user: Any, actual: "Actual") -> Verdict:
    """Say more of a figure: the unit's own officers. Where it stands is the actions' matter."""
    return can_work_for(user, actual.agency)


def can_take_file_off(user: Any, file: "ActualFile") -> Verdict:
    """Take a file off a figure: the unit's own officers."""
    return can_fill_actual(user, file.actual)


def can_bring_actuals(user: Any) -> Verdict:
    """Import figures by sheet: whoever works for an agency; the office's reviewers for all."""
    mine = standing(user)
    return ALLOWED if mine.works_for or mine.is_reviewer else refuse("此帳號沒有可填報的機關。")


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


# --- Work plans -------------------------------------------------------------------------------------------------------


def can_begin_work_plan(user: Any) -> Verdict:
    """Begin, copy or import a work plan: whoever works for an agency."""
    return ALLOWED if standing(user).works_for else refuse("此帳號沒有可建立工作計畫的機關。")


def can_edit_work_plan(user: Any, work_plan: "WorkPlan") -> Verdict:
    """Change the tree: the agency's own officers; another body's plan is corrected by the office's reviewers."""
    if work_plan.agency is not None:
        return can_work_for(user, work_plan.agency)
    return is_reviewer(user)


def can_report_work(user: Any, work_plan: "WorkPlan") -> Verdict:
    """Report progress and make the yearly report: the agency's own officers; another body's plan is only a model."""
    if work_plan.agency is None:
        return refuse("他機關計畫，供參考，不辦理填報。")
    return can_work_for(user, work_plan.agency)


def can_edit_work_item(user: Any, item: "WorkItem") -> Verdict:
    """Change an item: whoever may change its plan."""
    return can_edit_work_plan(user, item.plan.work_plan)


def can_report_work_item(user: Any, item: "WorkItem") -> Verdict:
    """Report on an item: whoever may report on its plan."""
    return can_report_work(user, item.plan.work_plan)


def can_keep_doing(user: Any, doing: "Doing") -> Verdict:
    """Finish or take back a record: whoever may report on the item."""
    return can_report_work(user, doing.item.plan.work_plan)


def can_keep_work_evidence(user: Any, file: "ProgressFile") -> Verdict:
    """Remove evidence: whoever may report on the item."""
    return can_report_work(user, file.progress.item.plan.work_plan)


def can_go_on_with_draft(user: Any, draft: "DraftTree") -> Verdict:
    """Correct and save a tree that was read from a table: its own uploader, who may still change the plan."""
    return can_edit_work_plan(user, draft.plan.work_plan)


__all__ = [
    "can_begin_work_plan",
    "can_bring_actuals",
    "can_edit_work_item",
    "can_edit_work_plan",
    "can_fill_actual",
    "can_fill_return",
    "can_finish_correction",
    "can_go_on_with_draft",
    "can_keep_doing",
    "can_keep_subsystem",
    "can_keep_system",
    "can_keep_training",
    "can_keep_work_evidence",
    "can_manage_plan",
    "can_propose_system",
    "can_remove_violation",
    "can_report_work",
    "can_report_work_item",
    "can_review_return",
    "can_review_targets",
    "can_review_usage",
    "can_see_score_list",
    "can_see_scores",
    "can_see_targets",
    "can_start_return",
    "can_take_file_off",
    "can_work_for",
    "is_office",
    "is_reviewer",
    "is_somebody",
]
