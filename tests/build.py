"""Typed builders: each saves what it names with sane defaults and returns it.

They stand on the real data that every test begins with: the county's office, its 85 agencies and the plan of 113.
`plan()` is that plan carried over to 116 (115-10-01 … 116-09-30), and `cast()` the fixed people who work in it.
"""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Max

from districts.actions.plans import clone_plan
from districts.choices import Access, AgencyKind, Function, PlanKind, Staffing
from districts.models import (
    Agency,
    CoachingRow,
    CoachingTable,
    District,
    Membership,
    Office,
    Person,
    Plan,
    Posting,
)
from meetings.choices import AttendanceState, FileRole, MeetingKind, MeetingState, MinutesState, Section
from meetings.models import AgendaItem, Invitation, Meeting, Minutes, MinutesFile, MinutesVersion
from personnel_portal.accounts.models import User
from personnel_portal.uploads import storage
from personnel_portal.uploads.kinds import Kind
from personnel_portal.uploads.models import StoredFile
from proposals.choices import Business, CaseKind, CaseState, Effect, ProposalKind, ProposalState
from proposals.models import CallForItems, CallRecipient, Case, Package, Proposal, Publication
from proposals.models.items import Item

COUNTY = "cyhg"
FIRST_YEAR, YEAR = 113, 116
TODAY = date(2026, 11, 22)  # a day of the 116 plan
TAIPEI = ZoneInfo("Asia/Taipei")
PASSWORD = "Liaison-116"

_numbers = itertools.count(1)


# --- Offices, agencies, plans ----------------------------------------------------------------------------------------


def county() -> Office:
    """Return the real office, 嘉義縣政府人事處."""
    return Office.objects.get(code=COUNTY)


def office(*, code: str = "", name: str = "") -> Office:
    """Make another office, with the agency that stands for itself."""
    number = next(_numbers)
    made = Office.objects.create(code=code or f"office-{number}", name=name or f"第{number}縣政府人事處")
    agency(office=made, short_name="人事處", official_name=made.name, kind=AgencyKind.OFFICE)
    return made


def listed(short_name: str) -> Agency:
    """Return a real agency by the name under which the plan lists it."""
    return Agency.objects.get(office__code=COUNTY, short_name=short_name)


def agency(
    *,
    short_name: str = "",
    official_name: str = "",
    office: Office | None = None,
    kind: AgencyKind = AgencyKind.ELEMENTARY,
    staffing: Staffing = Staffing.FULL_TIME,
    mail: str = "",
) -> Agency:
    """Make an agency without a membership."""
    short_name = short_name or f"第{next(_numbers)}國小"
    return Agency.objects.create(
        office=office or county(),
        short_name=short_name,
        official_name=official_name or f"嘉義縣{short_name}",
        kind=kind,
        staffing=staffing,
        mail=mail,
    )


def plan(*, year: int = YEAR, office: Office | None = None) -> Plan:
    """Return the liaison plan of a year: the county's own, or cloned from its plan of 113; for another office a bare one."""
    owner = office or county()
    known = Plan.objects.liaison().filter(office=owner, year=year).first()
    if known:
        return known
    if office is None:
        return clone_plan(plan=Plan.objects.liaison().get(office=owner, year=FIRST_YEAR), year=year, by=None)
    return Plan.objects.create(
        office=owner,
        kind=PlanKind.LIAISON,
        year=year,
        title=f"{owner.name}{year}年度分區聯繫會報實施計畫",
        issuing_body=owner.name,
        starts=date(year + 1910, 10, 1),
        ends=date(year + 1911, 9, 30),
    )


def district(name: str = "", *, plan: Plan | None = None, order: int = 9) -> District:
    """Return the district of this name of a plan (by default that of 116), made if it is not there."""
    owner = plan or _default_plan()
    found, _ = District.objects.get_or_create(
        plan=owner, name=name or f"第{next(_numbers)}區", defaults={"order": order}
    )
    return found


def membership(
    *,
    district: District,
    agency: Agency | None = None,
    is_host: bool = False,
    since: date | None = None,
    until: date | None = None,
    order: int = 99,
) -> Membership:
    """Make an agency (a new one by default) a member for the plan's whole period or a part of it."""
    return Membership.objects.create(
        plan=district.plan,
        district=district,
        agency=agency or _new_agency(district.plan.office),
        is_host=is_host,
        since=since or district.plan.starts,
        until=until or district.plan.ends,
        order=order,
    )


def _default_plan() -> Plan:
    return plan()


def _default_district() -> District:
    return district("北平原區")


def _new_agency(owner: Office) -> Agency:
    return agency(office=owner)


def coaching_table(
    *, district: District, rows: Mapping[Agency, Person], month: date = date(2026, 11, 1), version: int = 1
) -> CoachingTable:
    """Make a version of a month's table: coached agency → the person who coaches it."""
    table = CoachingTable.objects.create(district=district, month=month, version=version)
    CoachingRow.objects.bulk_create(
        CoachingRow(table=table, agency=coached, officer=officer) for coached, officer in rows.items()
    )
    return table


# --- People ----------------------------------------------------------------------------------------------------------


def user(*, username: str = "", name: str = "王小明", email: str = "", password: str = PASSWORD) -> User:
    """Make an account that may log in at once, without a person behind it."""
    username = username or f"user{next(_numbers)}"
    made: User = User.objects.create_user(
        username, email or f"{username}@example.gov.tw", password, name=name, must_change_password=False
    )
    return made


def person(*, name: str = "王小明", office: Office | None = None, user: User | None = None, mail: str = "") -> Person:
    """Make a person without a posting."""
    return Person.objects.create(
        office=office or county(), name=name, user=user, mail=mail or (user.email if user else "")
    )


def posting(
    *,
    person: Person,
    agency: Agency,
    access: Access = Access.WORK,
    function: Function = Function.PERSONNEL,
    title: str = "人事管理員",
    since: date = date(2023, 1, 1),
    until: date | None = None,
) -> Posting:
    """Give a person a post at an agency."""
    return Posting.objects.create(
        person=person, agency=agency, access=access, function=function, title=title, since=since, until=until
    )


def officer(
    agency: Agency,
    *,
    username: str = "",
    name: str = "王小明",
    access: Access = Access.WORK,
    function: Function = Function.PERSONNEL,
    title: str = "人事管理員",
) -> User:
    """Make somebody who works at an agency and may log in: account, person and posting."""
    account = user(username=username, name=name)
    posting(
        person=person(name=name, office=agency.office, user=account),
        agency=agency,
        access=access,
        function=function,
        title=title,
    )
    return account


@dataclass(frozen=True, slots=True)
class Cast:
    """The fixed people of the tests, on the plan of 116."""

    plan: Plan
    office_admin: User
    office_reviewer: User
    office_reader: User
    host_officer: User  # 大林鎮公所, host of 北平原區
    neighbour_host: User  # 竹崎鄉公所, host of 山區
    member_officer: User  # 民雄國中, a member of 北平原區
    coached_officer: User  # a 兼任 school, no member of any district
    stranger: User  # an account without a posting
    other_reviewer: User  # a reviewer of another office


def cast() -> Cast:
    """Make the fixed people; every password is `PASSWORD`."""
    office_agency = listed("人事處")
    coached = agency(short_name="三興國小", official_name="嘉義縣民雄鄉三興國民小學", staffing=Staffing.PART_TIME)
    elsewhere = Agency.objects.get(office=office(code="other", name="他縣政府人事處"), kind=AgencyKind.OFFICE)
    return Cast(
        plan=plan(),
        office_admin=officer(office_agency, username="admin", name="林主任", access=Access.ADMIN, title="科長"),
        office_reviewer=officer(office_agency, username="reviewer", name="陳審核", access=Access.REVIEW, title="科員"),
        office_reader=officer(office_agency, username="reader", name="李唯讀", access=Access.READ, title="科員"),
        host_officer=officer(listed("大林鎮公所"), username="host", name="黃承辦", title="人事主任"),
        neighbour_host=officer(listed("竹崎鄉公所"), username="neighbour", name="張鄰區", title="人事主任"),
        member_officer=officer(listed("民雄國中"), username="member", name="吳成員", title="人事主任"),
        coached_officer=officer(coached, username="coached", name="蔡兼任", title="教師兼人事"),
        stranger=user(username="stranger", name="何路人"),
        other_reviewer=officer(elsewhere, username="elsewhere", name="許他縣", access=Access.REVIEW, title="科員"),
    )


# --- Meetings and minutes --------------------------------------------------------------------------------------------


def at(day: date, hour: int = 14, minute: int = 0) -> datetime:
    """Return a moment in the office's time."""
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=TAIPEI)


def meeting(
    *,
    district: District | None = None,
    kind: MeetingKind = MeetingKind.JOINT,
    day: date = TODAY + timedelta(days=30),
    state: MeetingState = MeetingState.PLANNED,
    place: str = "大林鎮公所三樓會議室",
    cancel_reason: str = "",
) -> Meeting:
    """Make a meeting (of 北平原區 by default) at 14:00 with its minutes, which are not filed yet."""
    owner = district or _default_district()
    made = Meeting.objects.create(
        plan=owner.plan,
        district=owner,
        kind=kind,
        number=Meeting.objects.next_number(owner, kind),
        starts_at=at(day),
        place=place,
        state=state,
        cancel_reason=cancel_reason or ("颱風" if state == MeetingState.CANCELLED else ""),
    )
    Minutes.objects.create(meeting=made)
    return made


def held_meeting(
    *,
    district: District | None = None,
    kind: MeetingKind = MeetingKind.JOINT,
    day: date = TODAY - timedelta(days=10),
) -> Meeting:
    """Make a meeting that took place."""
    return meeting(district=district, kind=kind, day=day, state=MeetingState.HELD)


def invitation(
    *,
    meeting: Meeting,
    agency: Agency,
    is_coached: bool = False,
    attendance: AttendanceState = AttendanceState.UNKNOWN,
    attendee: str = "",
) -> Invitation:
    """Invite an agency to a meeting."""
    return Invitation.objects.create(
        meeting=meeting, agency=agency, is_coached=is_coached, attendance=attendance, attendee=attendee
    )


def agenda_item(
    *, meeting: Meeting, subject: str = "差勤系統表單整併", section: Section = Section.DISCUSSION, order: int = 1
) -> AgendaItem:
    """Put an item on the agenda."""
    return AgendaItem.objects.create(meeting=meeting, subject=subject, section=section, order=order)


def minutes(
    *,
    meeting: Meeting | None = None,
    state: MinutesState = MinutesState.SUBMITTED,
    by: User | None = None,
    reason: str = "",
) -> Minutes:
    """Return the minutes of a (held) meeting in a state; unless unfiled, with version 1 and one PDF."""
    made = (meeting or held_meeting()).minutes
    if state == MinutesState.UNFILED:
        return made
    submitted = at(made.meeting.day + timedelta(days=2), 10)
    decided = None if state == MinutesState.SUBMITTED else submitted + timedelta(days=1)
    version = MinutesVersion.objects.create(
        minutes=made,
        number=1,
        submitted_at=submitted,
        submitted_by=by,
        accepted_at=decided if state == MinutesState.ACCEPTED else None,
    )
    minutes_file(version=version)
    made.state, made.submitted_at, made.decided_at = state, submitted, decided
    made.reason = reason or ("請補簽到表。" if state == MinutesState.RETURNED else "")
    made.save()
    return made


def stored_file(
    *, name: str = "會議紀錄.pdf", content: bytes = b"%PDF-1.7\n%%EOF\n", kind: Kind = Kind.PDF, by: User | None = None
) -> StoredFile:
    """Keep bytes without the inspection, which has tests of its own."""
    with storage.staged() as copy:
        copy.write(content)
        sha256 = storage.settle(copy)
    return StoredFile.objects.create(sha256=sha256, size=len(content), kind=kind.value, name=name, kept_by=by)


def minutes_file(
    *, version: MinutesVersion, stored: StoredFile | None = None, role: FileRole = FileRole.MINUTES
) -> MinutesFile:
    """Put a file into a version."""
    return MinutesFile.objects.create(version=version, stored=stored or stored_file(), role=role)


# --- Calls, cases and proposals --------------------------------------------------------------------------------------


def items_call(
    *,
    meeting: Meeting,
    agencies: Sequence[Agency] = (),
    issued_on: date = TODAY - timedelta(days=10),
    closes_on: date = TODAY + timedelta(days=10),
    is_sent: bool = True,
) -> CallForItems:
    """Make the call for items of a meeting, sent to the agencies."""
    call = CallForItems.objects.create(
        meeting=meeting,
        issued_on=issued_on,
        closes_on=closes_on,
        purpose="請提供人事業務案例及修正建議提案。",
        sent_at=at(issued_on, 9) if is_sent else None,
        created_by=_somebody(),
    )
    CallRecipient.objects.bulk_create(
        CallRecipient(call=call, agency=agency, order=order) for order, agency in enumerate(agencies)
    )
    return call


def package(*, district: District | None = None, by: User | None = None) -> Package:
    """Make a package that a district sent to the office."""
    owner = district or _default_district()
    return Package.objects.create(district=owner, plan=owner.plan, sent_by=by or _somebody())


def case(
    *,
    agency: Agency | None = None,
    district: District | None = None,
    state: CaseState = CaseState.DRAFT,
    meeting: Meeting | None = None,
    subject: str = "職務代理人加班費核發疑義",
    summary: str = "代理期間加班費由何機關支應，前後年度作法不一。",
    **fields: Any,
) -> Case:
    """Make a case (of 民雄國中 in 北平原區 by default) in a state, numbered and in a package where the state asks for it."""
    fields = {"business": Business.APPRAISAL, "kind": CaseKind.DIFFICULT, "summary": summary} | fields
    return Case.objects.create(state=state, **_item(Case, state, agency, district, meeting, subject, fields))


def publication(*, case: Case | None = None, **fields: Any) -> Publication:
    """Put a case (a new one by default) into the library with its own texts, or with those that are given."""
    source = case or _published_case()
    kept = ("business", "kind", "subject", "summary", "handling", "outcome", "statutes_text")
    values: dict[str, Any] = {
        "office": source.plan.office,
        "plan": source.plan,
        "district": source.district,
        "agency_kind": source.agency.kind,
        "published_by": source.created_by,
    }
    values |= {name: getattr(source, name) for name in kept}
    return Publication.objects.create(case=source, **(values | fields))


def _published_case() -> Case:
    return case(state=CaseState.PUBLISHED)


def proposal(
    *,
    agency: Agency | None = None,
    district: District | None = None,
    state: ProposalState = ProposalState.DRAFT,
    meeting: Meeting | None = None,
    subject: str = "建請修正職務代理人資格規定",
    **fields: Any,
) -> Proposal:
    """Make a proposal (of 民雄國中 in 北平原區 by default) in a state; a merged one needs `merged_into`."""
    defaults = {
        "kind": ProposalKind.LAW,
        "current_rule": "代理人須為同一單位人員。",
        "problem": "小型機關無同單位人員可代理。",
        "wording": "代理人得為同一機關人員。",
        "effect": Effect.SIMPLER,
    }
    fields = defaults | fields
    return Proposal.objects.create(state=state, **_item(Proposal, state, agency, district, meeting, subject, fields))


def _item(
    model: type[Item],
    state: str,
    agency: Agency | None,
    district: District | None,
    meeting: Meeting | None,
    subject: str,
    fields: Mapping[str, Any],
) -> dict[str, Any]:
    owner = district or (meeting.district if meeting else _default_district())
    values: dict[str, Any] = {
        "district": owner,
        "agency": agency or listed("民雄國中"),
        "meeting": meeting,
        "subject": subject,
        "contact_name": "吳成員",
        "created_by": fields.get("created_by") or _somebody(),
    }
    if state != "draft":
        last = model._default_manager.filter(district=owner).aggregate(last=Max("number"))["last"] or 0
        values |= {"number": last + 1, "sent_at": at(TODAY, 9)}
    if state in ("returned", "withdrawn"):
        values["reason"] = "內容不足。"
    if state in ("at_office", "resolved", "in_review", "published"):
        values["package"] = fields.get("package") or package(district=owner)
    return values | dict(fields)


def _somebody() -> User:
    return User.objects.order_by("pk").first() or user()
