"""Facts about a meeting: who is to be invited, what to warn of, and how many came."""

from collections import Counter
from dataclasses import dataclass
from datetime import date

from districts.calendar import office_calendar
from districts.models import Agency, CoachingTable, District, Membership
from meetings.choices import AttendanceState, MeetingKind
from meetings.models import Meeting
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
    if not calendar.covers(day):
        found.append(f"{roc.year(day)}年辦公日曆尚未匯入，僅排除週六、週日。")
    if kind == MeetingKind.JOINT and CoachingTable.objects.valid_on(day, district) is None:
        found.append("尚無有效的輔導分配表，僅能邀請分區成員（計畫肆、二、(一)）。")
    return found


def _joint_before(district: District, day: date, meeting: Meeting | None) -> bool:
    joint = Meeting.objects.standing().of_kind(MeetingKind.JOINT).filter(district=district, starts_at__date__lt=day)
    return joint.exclude(pk=meeting.pk if meeting else None).exists()


@dataclass(frozen=True, slots=True)
class Turnout:
    """How many agencies were invited and how many came, in person or by a deputy."""

    invited: int
    coached: int
    present: int
    by_deputy: int
    excused: int
    absent: int
    unknown: int

    @property
    def came(self) -> int:
        return self.present + self.by_deputy


def turnout(meeting: Meeting) -> Turnout:
    """Count the invitations of a meeting by attendance."""
    rows = list(meeting.invitations.values_list("attendance", "is_coached"))
    counted = Counter(attendance for attendance, _ in rows)
    return Turnout(
        invited=len(rows),
        coached=sum(is_coached for _, is_coached in rows),
        present=counted[AttendanceState.PRESENT],
        by_deputy=counted[AttendanceState.BY_DEPUTY],
        excused=counted[AttendanceState.EXCUSED],
        absent=counted[AttendanceState.ABSENT],
        unknown=counted[AttendanceState.UNKNOWN],
    )
