"""Facts about a meeting: who is to be invited, what to warn of, and how many came."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import F, Min, Q, QuerySet, Subquery
from django.utils import timezone

from districts.calendar import office_calendar, warning
from districts.facts import officers_by_agency
from districts.models import Agency, CoachingRow, CoachingTable, District, Membership
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
    return _as_invitees(_planned(district, kind, day))


def _planned(district: District, kind: MeetingKind, day: date) -> QuerySet[Agency]:
    """Return the agencies that the plan invites in one query, members first (they have a `place` in the plan)."""
    is_member = Q(memberships__in=Membership.objects.filter(district=district).on(day))
    valid = CoachingTable.objects.newest_first(day, district).values("pk")[:1]
    is_coached = Q(coached_in__in=CoachingRow.objects.filter(table=Subquery(valid)))
    agencies = Agency.objects.filter(office__plans=district.plan_id)
    return (
        agencies.filter(is_member | is_coached if kind == MeetingKind.JOINT else is_member)
        .annotate(
            place=Min("memberships__order", filter=is_member),
            member=Min("memberships", filter=is_member),
            row=Min("coached_in", filter=is_coached),
        )
        .order_by(F("place").asc(nulls_last=True), "member", "row")
    )


def _as_invitees(agencies: Iterable[Agency]) -> list[Invitee]:
    return [Invitee(agency, is_coached=agency.place is None) for agency in agencies]  # type: ignore[attr-defined]  # annotated by _planned


def invited(meeting: Meeting, invitations: Iterable[Invitation] | None = None) -> list[Invitee]:
    """Return who was invited when the call went out; before it, whom the plan would invite.

    Args:
        invitations: those of the meeting with their agencies, where they are at hand.
    """
    rows = meeting.invitations.select_related("agency") if invitations is None else invitations
    kept = [Invitee(row.agency, row.is_coached) for row in rows]
    return kept or invitees(meeting.district, MeetingKind(meeting.kind), meeting.day)


def uninvited(meeting: Meeting) -> list[Invitee]:
    """Return whom the plan invites now, but the call left out: the table came after it, or was changed since."""
    if meeting.state != MeetingState.CALLED or meeting.is_past:
        return []
    planned = _planned(meeting.district, MeetingKind(meeting.kind), meeting.day)
    return _as_invitees(planned.exclude(invitations__meeting=meeting))


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
    plan = meeting.plan if meeting else district.plan
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


def turnout(invitations: Iterable[Invitation]) -> Turnout:
    """Count the invitations of a meeting by attendance."""
    rows = [(invitation.attendance, invitation.is_coached) for invitation in invitations]
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


def agenda(meeting: Meeting) -> dict[Section, list[AgendaItem]]:
    """Return the items by section, in the order of the minutes; a section without items is there too."""
    items = list(meeting.agenda.order_by("order", "pk"))
    return {section: [item for item in items if item.section == section] for section in Section}
