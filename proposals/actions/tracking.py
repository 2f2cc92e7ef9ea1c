"""Following resolutions up (決議列管): opened by the host or the office, reported by the agency, released by the office.

Every step adds a line to the timeline, which is never edited. Whoever comes second is told by whom and when it was done.
"""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from districts.models import Agency
from meetings.models import AgendaItem
from personnel_portal import roc
from personnel_portal.accounts.models import User
from personnel_portal.trail.actions import record
from personnel_portal.trail.models import Entry
from proposals import mails
from proposals.actions.items import Conflict
from proposals.choices import FollowUpState
from proposals.models import FollowUp, FollowUpReport, Placement, Proposal


@transaction.atomic
def open_follow_up(*, item: AgendaItem, task: str, agency: Agency, due_on: date | None, by: User) -> FollowUp:
    """Ask an agency to carry a resolution out until a day; a proposal that stood behind the item is linked.

    Raises:
        ValidationError: nothing was resolved, the day is before the meeting, or the agency was asked for the same
            before (a second click).
    """
    item = AgendaItem.objects.select_for_update(of=("self",)).select_related("meeting__plan").get(pk=item.pk)
    if not item.resolution.strip():
        raise ValidationError({"item": "此議程項目尚無決議，無法列管。"})
    if due_on and due_on < item.meeting.day:
        raise ValidationError({"due_on": f"期限不得早於開會日期（{roc.short(item.meeting.day)}）。"})
    if item.follow_ups.filter(task=task, agency=agency).exists():
        raise ValidationError({"task": "此機關已有相同的列管事項。"})
    follow_up = FollowUp.objects.create(
        agenda_item=item, proposal=_proposal(item), task=task, agency=agency, due_on=due_on, created_by=by
    )
    _note("follow_up.opened", follow_up, by=by, agency=agency.short_name, until=due_on)
    mails.follow_up_opened(follow_up)
    return follow_up


def _proposal(item: AgendaItem) -> Proposal | None:
    """Return the proposal that was placed on the agenda as the item; of a merged one its lead."""
    placement = Placement.objects.filter(agenda_item=item).select_related("proposal__merged_into").first()
    return (placement.proposal.merged_into or placement.proposal) if placement else None


@transaction.atomic
def report_follow_up(*, follow_up: FollowUp, text: str, by: User) -> FollowUp:
    """Report how the task was carried out (待解列); the office then releases it or asks for more.

    Raises:
        Conflict: it was reported or released meanwhile.
    """
    follow_up = _begin(follow_up, FollowUpState.OPEN, "填報辦理情形")
    _move(follow_up, FollowUpState.REPORTED, text, by=by)
    _note("follow_up.reported", follow_up, by=by)
    mails.follow_up_reported(follow_up, text)
    return follow_up


@transaction.atomic
def return_follow_up(*, follow_up: FollowUp, reason: str, by: User) -> FollowUp:
    """Keep it under follow-up (繼續列管) with a reason; the agency reports again.

    Raises:
        Conflict: somebody else decided meanwhile.
    """
    follow_up = _begin(follow_up, FollowUpState.REPORTED, "繼續列管")
    _move(follow_up, FollowUpState.OPEN, reason, by=by)
    _note("follow_up.returned", follow_up, by=by, reason=reason)
    mails.follow_up_returned(follow_up, reason)
    return follow_up


@transaction.atomic
def release_follow_up(*, follow_up: FollowUp, text: str, by: User) -> FollowUp:
    """Release a reported task (解除列管); its timeline stays.

    Raises:
        Conflict: somebody else decided meanwhile, or nothing was reported.
    """
    follow_up = _begin(follow_up, FollowUpState.REPORTED, "解除列管")
    follow_up.released_at = timezone.now()
    _move(follow_up, FollowUpState.RELEASED, text or "同意解除列管。", by=by)
    _note("follow_up.released", follow_up, by=by)
    mails.follow_up_released(follow_up, text)
    return follow_up


def _begin(follow_up: FollowUp, state: FollowUpState, what: str) -> FollowUp:
    """Return it as it is now, kept from others until the transaction ends, if it stands where the step starts."""
    fresh = (
        FollowUp.objects.select_for_update(of=("self",))
        .select_related("agenda_item__meeting__plan", "agenda_item__meeting__district", "agency", "proposal")
        .get(pk=follow_up.pk)
    )
    if fresh.state != state:
        entry = Entry.objects.for_target(fresh).order_by("-pk").first()
        who = f"{entry.who}已於 {roc.moment(timezone.localtime(entry.at))} 辦理「{entry.act_label}」；" if entry else ""
        raise Conflict(f"{who}目前為「{fresh.get_state_display()}」，無法{what}。")
    return fresh


def _move(follow_up: FollowUp, state: FollowUpState, text: str, *, by: User) -> None:
    """Put it into the state, with its line in the timeline; the only place that sets it."""
    follow_up.state = state
    follow_up.save(update_fields=["state", "released_at"])
    FollowUpReport.objects.create(follow_up=follow_up, state=state, text=text, by=by)


def _note(act: str, follow_up: FollowUp, *, by: User, **detail: object) -> None:
    record(act, follow_up, by=by, office_id=follow_up.agenda_item.meeting.plan.office_id, **detail)
