"""What each agency owes: an answer to the call, a case a year, the acknowledgement of circulars, reports on resolutions."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date

from django.urls import reverse
from django.utils import timezone
from django.utils.text import Truncator

from districts.models import Deadline
from meetings.models import Meeting
from personnel_portal import roc
from personnel_portal.rules.duty import Duty, Evidence
from proposals.choices import CaseState, FollowUpState
from proposals.duties.ground import Ground, Sent, name_of
from proposals.models import CallRecipient, CircularRecipient

ANSWER = "proposals.answer"
CASE = "proposals.case"
ACKNOWLEDGE = "proposals.acknowledge"
FOLLOW_UP = "proposals.follow_up"
SHOWN = 60  # characters of what is quoted


def answers(ground: Ground, deadline: Deadline) -> Iterator[Duty]:
    """Yield for each agency that was asked its answer by its closing day: a case, a proposal, or 「無」."""
    sent: dict[tuple[int | None, int], list[Sent]] = defaultdict(list)
    for item in (*ground.cases, *ground.proposals, *ground.joined):
        if item.state != CaseState.WITHDRAWN:
            sent[item.meeting_id, item.agency_id].append(item)
    meetings = {meeting.pk: meeting for meeting in ground.meetings}
    for recipient in ground.recipients:
        if meeting := meetings.get(recipient.call.meeting_id):
            yield _answer(ground, deadline, recipient, meeting, sent[meeting.pk, recipient.agency_id])


def _answer(ground: Ground, deadline: Deadline, recipient: CallRecipient, meeting: Meeting, sent: list[Sent]) -> Duty:
    page = recipient.call.get_absolute_url()
    extended = f"展延至 {roc.short(recipient.closes_on)}・" if recipient.is_extended else ""
    return Duty(
        key=f"{ANSWER}.meeting-{meeting.pk}.agency-{recipient.agency_id}",
        kind=ANSWER,
        heading="回復函請提案",
        title=f"回復{name_of(meeting)}函請提案",
        clause=deadline.clause,
        plan_id=ground.on.plan.pk,
        agency_id=recipient.agency_id,
        district_id=meeting.district_id,
        due=ground.due(deadline, recipient.closes_on),
        since=recipient.call.issued_on,
        done=_answered(recipient, sent),
        url=page,
        action="回復",
        note=f"{extended}可送案例、提案，或回復「無」",
    )


def _answered(recipient: CallRecipient, sent: list[Sent]) -> Evidence | None:
    if sent:
        return Evidence(f"已送 {len(sent)} 件", min(item.day for item in sent))
    return Evidence("無", timezone.localdate(recipient.none_at)) if recipient.none_at else None


def cases(ground: Ground, deadline: Deadline) -> Iterator[Duty]:
    """Yield for each member, an agency with full-time personnel staff, one case in the plan's period.

    It is due on the closing day of its district's first call; before one is out, on the day that the office set, if any.
    """
    plan, page = ground.on.plan, reverse("proposals:create_case")
    closing = _closing(ground)
    for agency, district in ground.members.items():
        nominal = closing.get((district, agency)) or closing.get((district, None)) or deadline.nominal
        own = ground.shares.get(agency)
        yield Duty(
            key=f"{CASE}.agency-{agency}",
            kind=CASE,
            heading="各機關案例 ≥ 1 件",
            title="提供人事業務案例至少 1 件",
            clause=deadline.clause,
            plan_id=plan.pk,
            agency_id=agency,
            district_id=district,
            due=ground.due(deadline, nominal) if nominal else None,
            done=Evidence(f"{len(own)} 件", own[0]) if own else None,
            url=page,
            action="填寫案例",
        )


def _closing(ground: Ground) -> Mapping[tuple[int, int | None], date]:
    """Return the closing day of each district's first call: under the agencies that it asked, and for others under None."""
    districts = {meeting.pk: meeting.district_id for meeting in ground.meetings}
    first: dict[int, int] = {}
    days: dict[tuple[int, int | None], date] = {}
    for recipient in ground.recipients:
        district = districts.get(recipient.call.meeting_id)
        if district is not None and first.setdefault(district, recipient.call_id) == recipient.call_id:
            days[district, recipient.agency_id] = recipient.closes_on
            days[district, None] = recipient.call.closes_on
    return days


def acknowledge(ground: Ground, deadline: Deadline) -> Iterator[Duty]:
    """Yield for each agency that a circular reached its acknowledgement; on the board under the district of a member."""
    reached = CircularRecipient.objects.filter(circular__plan=ground.on.plan, circular__published_at__isnull=False)
    for recipient in reached.select_related("circular").order_by("circular__published_at", "pk"):
        circular = recipient.circular
        published = timezone.localdate(circular.published_at)
        read, page = recipient.acknowledged_at, circular.get_absolute_url()
        yield Duty(
            key=f"{ACKNOWLEDGE}.circular-{circular.pk}.agency-{recipient.agency_id}",
            kind=ACKNOWLEDGE,
            heading="簽收通函",
            title=f"簽收通函（{circular.number}）",
            clause=deadline.clause,
            plan_id=ground.on.plan.pk,
            agency_id=recipient.agency_id,
            district_id=ground.members.get(recipient.agency_id),
            due=ground.after(deadline, published),
            since=published,
            after="公布後",
            done=Evidence("已簽收", timezone.localdate(read), page) if read else None,
            url=page,
            action="檢視並簽收",
            note=Truncator(circular.purpose).chars(SHOWN),
        )


def follow_ups(ground: Ground, deadline: Deadline) -> Iterator[Duty]:
    """Yield for each resolution under follow-up the report of the responsible agency by the day that was set."""
    for follow_up, reported in ground.followed:
        is_open = follow_up.state == FollowUpState.OPEN
        yield Duty(
            key=f"{FOLLOW_UP}.{follow_up.pk}",
            kind=FOLLOW_UP,
            heading="決議列管填報",
            title=f"填報辦理情形：{Truncator(follow_up.task).chars(SHOWN)}",
            clause=deadline.clause,
            plan_id=ground.on.plan.pk,
            agency_id=follow_up.agency_id,
            district_id=follow_up.agenda_item.meeting.district_id,
            due=ground.due(deadline, follow_up.due_on) if follow_up.due_on else None,
            since=timezone.localdate(follow_up.created_at),
            after="列管後",
            done=None if is_open or reported is None else Evidence(follow_up.get_state_display(), reported),
            url=follow_up.get_absolute_url(),
            action="填報",
            note="前次填報後繼續列管" if is_open and reported else "",
        )
