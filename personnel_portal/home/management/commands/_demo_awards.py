"""The demo's commendations: a run in review on the plan of the year, and an approved one of the year before.

What lies in the year before is written as rows, since acts would carry today's date; the runs come about by the acts that
people use.
"""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from itertools import cycle

from django.db.models import Max
from django.utils import timezone

from awards.actions import people, runs
from awards.choices import HostPersonState, Part, UnitChoice
from awards.models import HostPerson, Run
from districts.actions.plans import clone_plan
from districts.models import Agency, District, Plan
from meetings.choices import AttendanceState, FileRole, MeetingKind, MeetingState, MinutesState
from meetings.documents import draft
from meetings.models import Invitation, Meeting, Minutes, MinutesFile, MinutesVersion
from personnel_portal.accounts.models import User
from personnel_portal.documents import pdf
from personnel_portal.uploads import kinds
from personnel_portal.uploads.actions import keep_bytes
from proposals.choices import Effect, Outcome, ProposalKind, ProposalState
from proposals.models import Decision, Package, Proposal

# Host, district, and the days of its meetings after the first of the period, A and B.
HELD = [
    ("host.north", "北平原區", [(75, MeetingKind.JOINT), (190, MeetingKind.JOINT), (270, MeetingKind.FULL_TIME)]),
    ("host.hill", "山區", [(160, MeetingKind.JOINT)]),
]
SENT = 250  # days after the first of the period: before the full-time meeting
# 會報承辦人員 of the year before: account, district, part, work.
HOSTED = [
    ("host.north", "北平原區", Part.HEAD, "綜理會報籌辦、主持幕僚作業"),
    ("host.north2", "北平原區", Part.HANDLER, "彙整提案、撰擬會議紀錄"),
    ("host.hill", "山區", Part.HEAD, "籌辦會報、彙整提案"),
]
# The proposals of 北平原區 in the year before; the first two were adopted.
PROPOSED = [
    "建請簡化公務人員到職報到流程",
    "建請統一訓練進修申請表件",
    "建請放寬彈性上班時段",
    "建請整併差勤與加班申請系統",
    "建請增訂代理教師年資採計範例",
    "建請縮短俸級銓審案件補正期限",
    "建請提供考績作業檢核表",
    "建請修正約僱人員支給報酬標準",
    "建請開放線上申請服務證明書",
    "建請辦理兼任人事人員職前研習",
    "建請編印退休撫卹常見問答",
    "建請統一員工協助方案轉介表",
    "建請簡化因公出國報告格式",
    "建請訂定職務輪調參考原則",
    "建請建置人事法規異動通知",
    "建請放寬公務人員健康檢查補助年限",
]
OPINIONS = {
    Outcome.ADOPTED: "列入本處修正作業，並通函各機關。",
    Outcome.STUDIED: "錄案研議，視系統改版期程辦理。",
    Outcome.REJECTED: "涉及中央法規，現階段不宜變更。",
}


def year_before(plan: Plan, users: Mapping[str, User]) -> None:
    """Make the plan of the year before with what two districts did in it, and its approved run."""
    plans = Plan.objects.filter(office=plan.office, kind=plan.kind, year=plan.year - 1)
    before = plans.first() or clone_plan(plan=plan, year=plan.year - 1, by=None)
    before.deadlines.all().delete()  # over and done: nobody is asked for any of it any more
    for username, name, days in HELD:
        district = District.objects.get(plan=before, name=name)
        for after, kind in days:
            _hold(district, kind, _workday(before.starts + timedelta(days=after)), users[username])
    _propose(District.objects.get(plan=before, name="北平原區"), users)
    for username, name, part, work in HOSTED:
        _name(District.objects.get(plan=before, name=name), users[username], part, work, users["reviewer"])
    run = runs.make_run(plan=before, by=users["admin"])
    second = run.lines.get(person=users["host.north2"].person)
    reason = "僅協辦第一場會報，酌予調整。"
    runs.adjust_line(line=second, unit=UnitChoice.CITATION, times=2, reason=reason, by=users["reviewer"])
    runs.write_results(run=run, lines=run.lines.all(), result="考績委員會審議通過", by=users["reviewer"])
    approved = before.ends + timedelta(days=20)
    letter = f"府人任字第{before.year + 1}0000000號函（示範）"
    runs.approve_run(run=run, number=letter, day=approved, by=users["reviewer"])
    made = before.ends + timedelta(days=8)
    Run.objects.filter(pk=run.pk).update(made_at=_at(made, 10), approved_at=_at(approved, 15))


def in_review(plan: Plan, users: Mapping[str, User]) -> None:
    """Name people of three districts, two of whom still wait for the check, and compute a run that waits for approval."""
    north, south, sea = (District.objects.get(plan=plan, name=name) for name in ("北平原區", "南平原區", "海區"))
    for username, district in (("host.south", south), ("host.sea", sea)):
        user = users[username]
        named = people.name_person(
            district=district, person=user.person, part=Part.HEAD, work="綜理會報籌辦事宜", by=user
        )
        people.check_person(named=named, accept=True, by=users["reviewer"])
    for username, part, work in (
        ("host.north", Part.HEAD, "綜理會報籌辦事宜"),
        ("host.north2", Part.HANDLER, "彙整提案、撰擬會議紀錄"),
    ):
        person, by = users[username].person, users["host.north"]
        people.name_person(district=north, person=person, part=part, work=work, by=by)
    runs.make_run(plan=plan, by=users["admin"])


def _hold(district: District, kind: MeetingKind, day: date, host: User) -> None:
    """Write a meeting that all members attended, and its minutes, accepted a week later."""
    last = Meeting.objects.filter(district=district, kind=kind).aggregate(last=Max("number"))["last"] or 0
    place = f"{host.person.postings.get().agency.short_name}會議室"
    meeting = Meeting.objects.create(
        plan=district.plan,
        district=district,
        kind=kind,
        number=last + 1,
        starts_at=_at(day, 14),
        ends_at=_at(day, 16),
        place=place,
        recorder=host.name,
        state=MeetingState.HELD,
        created_by=host,
    )
    Invitation.objects.bulk_create(
        Invitation(meeting=meeting, agency=agency, attendance=AttendanceState.PRESENT) for agency in _members(district)
    )
    submitted, accepted = _at(day + timedelta(days=5), 11), _at(day + timedelta(days=7), 9)
    minutes = Minutes.objects.create(
        meeting=meeting, state=MinutesState.ACCEPTED, submitted_at=submitted, decided_at=accepted
    )
    version = MinutesVersion.objects.create(
        minutes=minutes, number=1, submitted_at=submitted, submitted_by=host, accepted_at=accepted
    )
    content = pdf.render(draft(meeting))
    stored = keep_bytes(content, name="會議紀錄.pdf", by=host, allowed=kinds.MINUTES)
    MinutesFile.objects.create(version=version, stored=stored, role=FileRole.MINUTES)


def _members(district: District) -> list[Agency]:
    return list(Agency.objects.filter(memberships__district=district).order_by("memberships__order"))


def _propose(district: District, users: Mapping[str, User]) -> None:
    """Write proposals that the district sent in one package, each with its published decision."""
    plan, by = district.plan, users["host.north"]
    sent = _workday(plan.starts + timedelta(days=SENT))
    package = Package.objects.create(
        plan=plan, district=district, sent_on=sent, sent_at=_at(sent, 10), sent_by=by, number="大鎮人字第0000000000號"
    )
    named = {user.person.postings.get().agency_id: user.name for user in (users["member"], by)}
    first = sorted(_members(district), key=lambda agency: agency.pk not in named)
    for number, (subject, agency) in enumerate(zip(PROPOSED, cycle(first)), 1):
        proposal = Proposal.objects.create(
            district=district,
            agency=agency,
            package=package,
            number=number,
            subject=subject,
            kind=ProposalKind.PROCESS,
            problem="現行作業重複費時，各機關作法不一。",
            wording=f"{subject.removeprefix('建請')}，由本處訂定一致作法。",
            effect=Effect.SIMPLER,
            state=ProposalState.PUBLISHED,
            contact_name=named.get(agency.pk, f"{agency.short_name}人事"),
            sent_at=_at(sent - timedelta(days=20), 9),
            created_by=by,
        )
        _decide(proposal, number, users["reviewer"])


def _decide(proposal: Proposal, number: int, by: User) -> None:
    outcome = Outcome.ADOPTED if number < 3 else Outcome.STUDIED if number % 3 else Outcome.REJECTED
    published = _workday(proposal.plan.ends - timedelta(days=20))
    Decision.objects.create(
        proposal=proposal,
        outcome=outcome,
        opinion=OPINIONS[outcome],
        qualifies=outcome == Outcome.ADOPTED,
        decided_at=_at(published, 9),
        decided_by=by,
        published_at=_at(published, 11),
    )


def _name(district: District, host: User, part: Part, work: str, checked_by: User) -> None:
    ends = district.plan.ends
    HostPerson.objects.create(
        district=district,
        person=host.person,
        part=part,
        work=work,
        state=HostPersonState.ACCEPTED,
        named_by=host,
        named_at=_at(ends + timedelta(days=2), 10),
        checked_by=checked_by,
        checked_at=_at(ends + timedelta(days=5), 10),
    )


def _workday(day: date) -> date:
    """Return the day, or the Friday before it."""
    return day - timedelta(days=max(0, day.weekday() - 4))


def _at(day: date, hour: int) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(hour)))
