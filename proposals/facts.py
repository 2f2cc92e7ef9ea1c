"""Facts that several parts of proposals ask for: the closing day, the district of an agency, who proposes."""

from datetime import date

from districts.models import Agency, CoachingTable, District, Membership, Plan
from meetings.models import Meeting
from proposals.models import CallRecipient


def closing_day(meeting: Meeting | None, agency_id: int) -> date | None:
    """Return the last day on which the agency's items for the meeting are in time; None where no call went out."""
    if meeting is None:
        return None
    recipient = (
        CallRecipient.objects.filter(call__meeting=meeting, call__sent_at__isnull=False, agency=agency_id)
        .select_related("call")
        .first()
    )
    if recipient:
        return recipient.closes_on
    call = getattr(meeting, "items_call", None)
    return call.closes_on if call and call.sent_at else None


def district_of(agency: Agency, plan: Plan, day: date) -> District | None:
    """Return the agency's district: that of its membership, for a coached one that of its coaching officer's agency."""
    on = plan.nearest(day)
    membership = Membership.objects.filter(plan=plan, agency=agency).on(on).select_related("district").first()
    if membership:
        return membership.district
    for district in plan.districts.all():
        table = CoachingTable.objects.valid_on(on, district)
        if table and table.rows.filter(agency=agency).exists():
            return district
    return None
