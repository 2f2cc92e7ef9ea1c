"""Who may do what with calls, cases, proposals and circulars. A refusal says why."""

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from districts.policies import can_host, can_work_for, is_reviewer
from districts.standing import standing
from personnel_portal.guards import ALLOWED, Verdict, refuse
from proposals.flow import CASE_STEPS, PROPOSAL_STEPS, Side, Step

if TYPE_CHECKING:
    from districts.models import District, Plan
    from meetings.models import Meeting
    from proposals.models import CallRecipient, Circular, CircularRecipient, FollowUp, Publication
    from proposals.models.items import Item

WHOSE = {
    Side.PROPOSER: "提案機關",
    Side.HOST: "分區承辦單位",
    Side.OFFICE: "人事處審核人員",
}


def sides(user: Any, item: "Item") -> frozenset[Side]:
    """Return from which sides the person may act on the item today."""
    mine = standing(user)
    found = {
        Side.PROPOSER: item.agency_id in mine.works_for,
        Side.HOST: item.district_id in mine.hosts,
        Side.OFFICE: mine.is_reviewer and mine.office_id == item.plan.office_id,
    }
    return frozenset(side for side, is_theirs in found.items() if is_theirs)


def steps_of(item: "Item") -> Mapping[str, Step]:
    """Return the steps that exist for the kind of item."""
    return PROPOSAL_STEPS if item._meta.model_name == "proposal" else CASE_STEPS


def can_take(user: Any, item: "Item", step: str) -> Verdict:
    """Take a step with an item: it must be the person's, and the item must stand where it starts."""
    taken = steps_of(item)[step]
    theirs = sides(user, item) & taken.sources.keys()
    if not theirs:
        return refuse(f"「{taken.label}」僅限{'、'.join(WHOSE[side] for side in taken.sources)}辦理。")
    if not _starts(taken, item, theirs):
        return refuse(f"目前為「{item.get_state_display()}」，無法{taken.label}。")  # type: ignore[attr-defined]  # Django's own
    return ALLOWED


def is_party(step: str) -> Callable[[Any, "Item"], Verdict]:
    """Return the policy of a view that takes the step: whose it is. Where the item stands is the action's matter, so that
    who comes second is told what happened and keeps what was typed."""

    def policy(user: Any, item: "Item") -> Verdict:
        taken = steps_of(item)[step]
        if sides(user, item) & taken.sources.keys():
            return ALLOWED
        return refuse(f"「{taken.label}」僅限{'、'.join(WHOSE[side] for side in taken.sources)}辦理。")

    return policy


def may_take(user: Any, item: "Item") -> list[str]:
    """Return the steps that the person may take with the item now."""
    theirs = sides(user, item)
    return [name for name, step in steps_of(item).items() if _starts(step, item, theirs & step.sources.keys())]


def _starts(step: Step, item: "Item", theirs: Iterable[Side]) -> bool:
    """Tell whether the item stands where one of the sides may take the step."""
    return any(item.state in step.sources[side] for side in theirs)  # type: ignore[attr-defined]  # both kinds have it


def knows(user: Any, item: "Item", proposers: Collection[int] = ()) -> bool:
    """Tell whether an item is the person's business: its proposers', its host's and the office's. They see whom to ask
    and how it came about; others read a published result alone.

    Args:
        proposers: the agencies that propose it together, where they are at hand.
    """
    mine = standing(user)
    if mine.office_id != item.plan.office_id:
        return False
    handles = item.sent_at is not None and (mine.is_office or item.district_id in mine.hosts)
    if handles or not mine.reads_for.isdisjoint({item.agency_id, *proposers}):
        return True
    # Those that joined a proposal, and those of what was merged; a case has no others.
    rows: Any = item._meta.default_manager
    is_proposal = item._meta.model_name == "proposal"
    return bool(is_proposal and rows.worked_on_by(user).filter(pk=item.pk).exists())


def can_correct(user: Any, publication: "Publication") -> Verdict:
    """Correct a published case or take it down: a reviewer of its office."""
    mine = standing(user)
    if mine.is_reviewer and mine.office_id == publication.office_id:
        return ALLOWED
    return refuse(f"「{CASE_STEPS['correct'].label}」僅限{WHOSE[Side.OFFICE]}辦理。")


def can_hand_in(user: Any) -> Verdict:
    """Begin a case or a proposal: whoever works for an agency."""
    return ALLOWED if standing(user).works_for else refuse("此帳號沒有可提案的機關。")


def can_run_call(user: Any, meeting: "Meeting") -> Verdict:
    """Draft, send and follow the call for items of a meeting: the district's host, or the office's reviewers in its
    stead. Whether the meeting stands is the actions' matter."""
    mine = standing(user)
    if mine.is_reviewer and mine.office_id == meeting.plan.office_id:
        return ALLOWED
    return can_host(user, meeting.district)


def can_extend(user: Any, recipient: "CallRecipient") -> Verdict:
    """Give an agency more time: whoever runs the call."""
    return can_run_call(user, recipient.call.meeting)


def can_answer(user: Any, recipient: "CallRecipient") -> Verdict:
    """Say that the agency has nothing (無): whoever acts for it."""
    return can_work_for(user, recipient.agency)


def can_compile(user: Any) -> Verdict:
    """Open the compile screen: hosts, and the office to read."""
    mine = standing(user)
    return ALLOWED if mine.hosts or mine.is_office else refuse("僅限分區承辦單位及人事處使用。")


def can_open_follow_ups(user: Any) -> Verdict:
    """Put resolutions under follow-up: hosts those of their districts, the office's reviewers all."""
    mine = standing(user)
    return ALLOWED if mine.hosts or mine.is_reviewer else refuse("僅限分區承辦單位及人事處審核人員列管決議。")


def can_print_follow_ups(user: Any, district: "District") -> Verdict:
    """Print the table for a district's next meeting: its host, and the office."""
    mine = standing(user)
    if mine.is_office and mine.office_id == district.plan.office_id:
        return ALLOWED
    return can_host(user, district)


def can_read_compilation(user: Any, district: "District") -> Verdict:
    """Open the compile screen of a district: its host, and everybody of the office."""
    mine = standing(user)
    if mine.is_office and mine.office_id == district.plan.office_id:
        return ALLOWED
    return can_host(user, district)


def can_work_on_compilation(user: Any, district: "District") -> Verdict:
    """Take steps with several items of a district: its host, or the office's reviewers. Each item's step is asked for
    again by the action."""
    mine = standing(user)
    if mine.is_reviewer and mine.office_id == district.plan.office_id:
        return ALLOWED
    return can_host(user, district)


def can_decide(user: Any, plan: "Plan") -> Verdict:
    """Decide and publish: a reviewer of the plan's office."""
    return is_reviewer(user) & (ALLOWED if standing(user).office_id == plan.office_id else refuse("僅限本處的計畫。"))


def can_follow_up(user: Any, follow_up: "FollowUp") -> Verdict:
    """Report on a resolution: the responsible agency."""
    return can_work_for(user, follow_up.agency)


def can_release(user: Any, follow_up: "FollowUp") -> Verdict:
    """Release a resolution or ask for more: a reviewer of the office."""
    return is_reviewer(user)


def can_acknowledge(user: Any, recipient: "CircularRecipient") -> Verdict:
    """Acknowledge a circular in the name of an agency that it reached."""
    return can_work_for(user, recipient.agency)


def can_manage_circular(user: Any, circular: "Circular") -> Verdict:
    """Draft and publish a circular: a reviewer of its office; published it stays as it is."""
    verdict = is_reviewer(user)
    return verdict & refuse("通函已公布，不得變更；如有錯誤請另發更正。") if circular.published_at else verdict


__all__ = [
    "can_acknowledge",
    "can_answer",
    "can_compile",
    "can_correct",
    "can_decide",
    "can_extend",
    "can_follow_up",
    "can_hand_in",
    "can_host",
    "can_manage_circular",
    "can_open_follow_ups",
    "can_print_follow_ups",
    "can_read_compilation",
    "can_release",
    "can_run_call",
    "can_take",
    "can_work_for",
    "can_work_on_compilation",
    "is_party",
    "is_reviewer",
    "knows",
    "may_take",
    "sides",
    "steps_of",
]
