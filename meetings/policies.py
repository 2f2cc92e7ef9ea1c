"""Who may do what with meetings and minutes. A refusal says why."""

from typing import TYPE_CHECKING, Any

from districts.policies import can_host, can_work_for
from districts.standing import standing
from meetings.choices import LOCKED, MeetingState, MinutesState
from personnel_portal.guards import ALLOWED, Verdict, refuse

if TYPE_CHECKING:
    from districts.models import District
    from meetings.models import Invitation, Meeting, Minutes


def can_plan_meeting(user: Any, district: "District") -> Verdict:
    """Set up a meeting of the district: its host."""
    return can_host(user, district)


def can_plan_some_meeting(user: Any) -> Verdict:
    """Open the form of a new meeting: the host of any district."""
    return ALLOWED if standing(user).hosts else refuse("僅限分區承辦單位排定會議。")


def can_run_meeting(user: Any, meeting: "Meeting") -> Verdict:
    """Change, call, and record a meeting that stands, until its minutes are accepted.

    The host does; the office's reviewers may in its stead, since a typhoon does not wait for an absent host.
    """
    verdict = is_minutes_reviewer(user, meeting) | can_host(user, meeting.district)
    if meeting.state == MeetingState.CANCELLED:
        return verdict & refuse("會議已取消。")
    if meeting.minutes.state == MinutesState.ACCEPTED:
        return verdict & refuse(LOCKED)
    return verdict


def can_prepare_papers(user: Any, meeting: "Meeting") -> Verdict:
    """Print the sign-in sheet and the skeleton of the minutes: the host, and the office, which only reads."""
    mine = standing(user)
    if mine.is_office and mine.office_id == meeting.plan.office_id:
        return ALLOWED
    return can_host(user, meeting.district)


def works_on_minutes(user: Any, meeting: "Meeting") -> bool:
    """Tell whether the making of the minutes is the person's business: the host's and the office's. Its list side is
    `Minutes.objects.worked_on_by`."""
    mine = standing(user)
    return mine.office_id == meeting.plan.office_id and (mine.is_office or meeting.district_id in mine.hosts)


def can_check_in(user: Any, invitation: "Invitation") -> Verdict:
    """Check in on the day: whoever acts for the invited agency."""
    return can_work_for(user, invitation.agency)


def can_submit_minutes(user: Any, minutes: "Minutes") -> Verdict:
    """Upload and submit minutes: the host, while they are not in review or accepted."""
    verdict = can_host(user, minutes.meeting.district)
    if minutes.meeting.state == MeetingState.CANCELLED:
        return verdict & refuse("會議已取消，無須報送紀錄。")
    if minutes.state == MinutesState.SUBMITTED:
        return verdict & refuse("會議紀錄已報送，審核中不得變更。")
    if minutes.state == MinutesState.ACCEPTED:
        return verdict & refuse("會議紀錄已備查，不得變更。")
    if not minutes.meeting.is_past:
        return verdict & refuse("會議尚未召開，請於會後報送紀錄。")
    return verdict


def is_minutes_reviewer(user: Any, meeting: "Meeting") -> Verdict:
    """Decide on the minutes of a meeting at all: a reviewer of its office. Their state is the action's matter, so
    that who comes second is told what happened and keeps what was typed."""
    mine = standing(user)
    if mine.is_reviewer and mine.office_id == meeting.plan.office_id:
        return ALLOWED
    return refuse("僅限人事處審核人員辦理備查、退請補正與重啟。")


def can_review_minutes(user: Any, minutes: "Minutes") -> Verdict:
    """Accept for the record or return: a reviewer of the office, while they are submitted."""
    if minutes.state != MinutesState.SUBMITTED:
        return refuse(f"會議紀錄目前為「{minutes.get_state_display()}」，無法審核。")
    return is_minutes_reviewer(user, minutes.meeting)


def can_reopen_minutes(user: Any, minutes: "Minutes") -> Verdict:
    """Unlock accepted minutes with a reason: a reviewer of the office."""
    if minutes.state != MinutesState.ACCEPTED:
        return refuse("會議紀錄尚未備查，無須重啟。")
    return is_minutes_reviewer(user, minutes.meeting)
