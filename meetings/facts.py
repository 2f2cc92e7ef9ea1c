"""Facts about a meeting: who is to be invited, what to warn of, and how many came."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils import timezone

from districts.calendar import office_calendar, warning
from districts.facts import officers_by_agency
from districts.models import Agency, CoachingTable, District, Membership
from districts.standing import standing
from meetings.choices import AttendanceState, MeetingKind, MeetingState, Section
from meetings.models import AgendaItem, Invitation, Meeting
from personnel_portal import roc


@dataclass(frozen=True, slots=True)
class Invitee:
    """An agency to invite, and whether as a coached one."""

    agency: Agency
    is_coached: bool


def invitees(district: District, kind: MeetingKind, day: date) -> list[Invitee]:
    """Return whom the plan invites: members, and to meeting A the coached 兼任(辦) agencies too (肆、二、(二)).

    Members are those of the day; the coached agencies are those of the coaching table that is valid on it.
    """
    memberships = Membership.objects.filter(district=district).on(day).select_related("agency").order_by("order", "pk")
    members = [Invitee(membership.agency, is_coached=False) for membership in memberships]
    if kind == MeetingKind.FULL_TIME:
        return members
    listed = {invitee.agency.pk for invitee in members}
    return members + [Invitee(agency, is_coached=True) for agency in coached(district, day) if agency.pk not in listed]


def coached(district: District, day: date) -> list[Agency]:
    """Return the agencies that the district's officers coach on the day."""
    table = CoachingTable.objects.valid_on(day, district)
    if table is None:
        return []
    return list(Agency.objects.filter(coached_in__table=table).order_by("coached_in__pk"))


def invited(meeting: Meeting) -> list[Invitee]:
    """Return who was invited when the call went out; before it, whom the plan would invite."""
    kept = [Invitee(i.agency, i.is_coached) for i in meeting.invitations.select_related("agency")]
    return kept or invitees(meeting.district, MeetingKind(meeting.kind), meeting.day)


def uninvited(meeting: Meeting) -> list[Invitee]:
    """Return whom the plan invites now, but the call left out: the table came after it, or was changed since."""
    if meeting.state != MeetingState.CALLED or meeting.is_past:
        return []
    kept = set(meeting.invitations.values_list("agency_id", flat=True))
    found = invitees(meeting.district, MeetingKind(meeting.kind), meeting.day)
    return [invitee for invitee in found if invitee.agency.pk not in kept]


@dataclass(frozen=True, slots=True)
class Reach:
    """Whom a mail to agencies goes to: address → name; and the agencies that nobody can be written to."""

    addresses: Mapping[str, str]
    unreachable: tuple[str, ...]


def reach(agencies: Iterable[Agency]) -> Reach:
    """Return the officers of the agencies today; where an agency has none with an address, its own address."""
    agencies = list(agencies)
    officers = officers_by_agency([agency.pk for agency in agencies], timezone.localdate())
    addresses: dict[str, str] = {}
    unreachable = []
    for agency in agencies:
        written = {person.mail: person.name for person in officers.get(agency.pk, [])}
        if not written and agency.mail:
            written = {agency.mail: agency.official_name}
        if not written:
            unreachable.append(agency.short_name)
        for address, name in written.items():
            addresses.setdefault(address, name)
    return Reach(addresses, tuple(unreachable))


def warnings(district: District, kind: MeetingKind, day: date, *, meeting: Meeting | None = None) -> list[str]:
    """Return what speaks against a meeting on that day; each names its clause, and none forbids it."""
    plan = district.plan
    found = []
    if not plan.covers(day):
        period = f"{roc.short(plan.starts)} 至 {roc.short(plan.ends)}"
        found.append(f"開會日期不在計畫期間（{period}）內，不計入應辦場次（計畫參、一）。")
    if kind == MeetingKind.FULL_TIME and not _joint_before(district, day, meeting):
        found.append("專任會報排在第一場專、兼任(辦)會報之前；計畫規定應先辦理專、兼任(辦)會報（計畫肆、二）。")
    calendar = office_calendar(plan.office_id, day.year)
    if not calendar.is_working(day):
        found.append(f"{roc.long(day)}為放假日。")
    if unknown := warning(calendar, [day]):
        found.append(unknown)
    if kind == MeetingKind.JOINT and CoachingTable.objects.valid_on(day, district) is None:
        found.append("尚無有效的輔導分配表，僅能邀請分區成員（計畫肆、二、(一)）。")
    return found


def _joint_before(district: District, day: date, meeting: Meeting | None) -> bool:
    joint = Meeting.objects.standing().of_kind(MeetingKind.JOINT).filter(district=district, starts_at__date__lt=day)
    return (joint.exclude(pk=meeting.pk) if meeting else joint).exists()


@dataclass(frozen=True, slots=True)
class Turnout:
    """How many agencies were invited and how many came, in person or by a deputy."""

    invited: int
    coached: int
    coached_came: int
    present: int
    by_deputy: int
    excused: int
    absent: int
    unknown: int

    @property
    def came(self) -> int:
        return self.present + self.by_deputy

    @property
    def is_recorded(self) -> bool:
        """Whether any agency's attendance was entered."""
        return self.unknown < self.invited

    def __str__(self) -> str:
        """出席 31／38 機關（含輔導區 17）."""
        return f"出席 {self.came}／{self.invited} 機關" + (f"（含輔導區 {self.coached_came}）" if self.coached else "")


def turnout(meeting: Meeting) -> Turnout:
    """Count the invitations of a meeting by attendance."""
    rows = list(meeting.invitations.values_list("attendance", "is_coached"))
    counted = Counter(attendance for attendance, _ in rows)
    came = (AttendanceState.PRESENT, AttendanceState.BY_DEPUTY)
    return Turnout(
        invited=len(rows),
        coached=sum(is_coached for _, is_coached in rows),
        coached_came=sum(is_coached for attendance, is_coached in rows if attendance in came),
        present=counted[AttendanceState.PRESENT],
        by_deputy=counted[AttendanceState.BY_DEPUTY],
        excused=counted[AttendanceState.EXCUSED],
        absent=counted[AttendanceState.ABSENT],
        unknown=counted[AttendanceState.UNKNOWN],
    )


def own_invitations(meeting: Meeting, user: Any) -> list[Invitation]:
    """Return the invitations of the agencies that the user acts for, to check in by."""
    return list(meeting.invitations.filter(agency__in=standing(user).works_for).select_related("agency"))


def agenda(meeting: Meeting) -> dict[Section, list[AgendaItem]]:
    """Return the items by section, in the order of the minutes; a section without items is there too."""
    items = list(meeting.agenda.order_by("order", "pk"))
    return {section: [item for item in items if item.section == section] for section in Section}
