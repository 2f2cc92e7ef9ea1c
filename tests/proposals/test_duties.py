"""What agencies, hosts and the office owe about cases, proposals and circulars, and what makes it done."""

from collections.abc import Iterator
from datetime import date, timedelta
from importlib import import_module
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.apps import apps
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from districts.models import Agency, Deadline, Membership, Plan
from meetings.choices import MeetingKind, MeetingState, MinutesState
from meetings.models import Meeting
from personnel_portal.duties import stream
from personnel_portal.duties.actions import give_relief
from personnel_portal.duties.board import board, chip, lines
from personnel_portal.duties.reminders import due_digests
from personnel_portal.rules.duty import Duty, State
from proposals.choices import CaseState, FollowUpState, ProposalState
from proposals.facts import agencies_without_case
from proposals.models import CallRecipient, Circular, CircularRecipient, CoProposer, Decision, FollowUp, FollowUpReport
from tests import build

pytestmark = pytest.mark.django_db
TODAY = build.TODAY
IN_FIVE_DAYS = TODAY + timedelta(days=5)  # 115/11/27, a Friday


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with time_machine.travel(build.at(TODAY, 10), tick=False):
        yield


def owed(kind: str, *, agency: str = "", district: str = "北平原區", day: date = TODAY) -> list[Duty]:
    """Return the duties of a kind, of one agency or of all in the district."""
    duties = [duty for duty in stream.of_plan(build.plan(), today=day) if duty.kind == f"proposals.{kind}"]
    if agency:
        return [duty for duty in duties if duty.agency_id == build.listed(agency).pk]
    return [duty for duty in duties if duty.district_id == build.district(district).pk]


def days_after(kind: str, days: int) -> None:
    """Let the office set a number of days."""
    Deadline.objects.filter(plan=build.plan(), duty=f"proposals.{kind}").update(days_after=days)


def done(duty: Duty) -> tuple[str, date]:
    assert duty.done
    return duty.done.label, duty.done.day


# --- Agencies --------------------------------------------------------------------------------------------------------


def called(*agencies: str, closes_on: date = IN_FIVE_DAYS) -> Meeting:
    meeting = build.meeting()
    build.items_call(meeting=meeting, agencies=[build.listed(name) for name in agencies], closes_on=closes_on)
    return meeting


def test_each_asked_agency_answers_by_the_closing_day(cast: build.Cast) -> None:
    called("民雄國中", "三興國小")
    asked = owed("answer")
    assert [duty.agency_id for duty in asked] == [build.listed("民雄國中").pk, build.listed("三興國小").pk]
    (duty,) = owed("answer", agency="三興國小")
    assert (duty.title, duty.clause) == ("回復第 1 次專、兼任(辦)會報函請提案", "肆、二、(二)")
    assert (duty.state(TODAY), chip(duty, TODAY).text) == (State.SOON, "剩 5 日")
    assert duty.state(IN_FIVE_DAYS + timedelta(days=1)) is State.LATE


def test_a_case_a_proposal_a_joint_one_or_nothing_answers_the_call(cast: build.Cast) -> None:
    meeting = called("民雄國中", "民雄國小", "大林國中", "大林鎮公所", "民雄鄉公所")
    build.case(meeting=meeting, state=CaseState.SENT)
    sent = build.proposal(meeting=meeting, agency=build.listed("民雄國小"), state=ProposalState.RETURNED)
    CoProposer.objects.create(proposal=sent, agency=build.listed("大林國中"))
    build.proposal(meeting=meeting, agency=build.listed("民雄鄉公所"), state=ProposalState.WITHDRAWN)
    CallRecipient.objects.filter(agency=build.listed("大林鎮公所")).update(
        none_at=timezone.now(), none_by=cast.host_officer
    )
    answers = {build.listed(name).pk: name for name in ("民雄國中", "民雄國小", "大林國中", "大林鎮公所", "民雄鄉公所")}
    assert {answers[d.agency_id]: d.done.label if d.done else None for d in owed("answer")} == {
        "民雄國中": "已送 1 件",
        "民雄國小": "已送 1 件",
        "大林國中": "已送 1 件",
        "大林鎮公所": "無",
        "民雄鄉公所": None,
    }


def test_a_draft_and_an_item_for_another_meeting_answer_nothing(cast: build.Cast) -> None:
    meeting = called("民雄國中")
    build.case(meeting=meeting)
    build.case(state=CaseState.SENT)
    assert [duty.done for duty in owed("answer")] == [None]


def test_an_extension_moves_the_day_of_one_agency(cast: build.Cast) -> None:
    called("民雄國中", "民雄國小")
    until = IN_FIVE_DAYS + timedelta(days=4)
    CallRecipient.objects.filter(agency=build.listed("民雄國中")).update(extended_until=until, extension_reason="颱風")
    (longer,), (usual,) = owed("answer", agency="民雄國中"), owed("answer", agency="民雄國小")
    assert longer.due
    assert usual.due
    assert (longer.due.effective, usual.due.effective) == (until, IN_FIVE_DAYS)
    assert longer.note.startswith("展延至 115/12/1・")


def test_neither_a_draft_call_nor_that_of_a_cancelled_meeting_asks(cast: build.Cast) -> None:
    build.items_call(meeting=build.meeting(), agencies=[build.listed("民雄國中")], is_sent=False)
    cancelled = build.meeting(state=MeetingState.CANCELLED)
    build.items_call(meeting=cancelled, agencies=[build.listed("民雄國中")])
    assert owed("answer") == []


def test_every_member_of_the_day_owes_a_case(cast: build.Cast) -> None:
    members = Membership.objects.filter(plan=cast.plan).count()
    assert members == 85
    assert (
        len({duty.agency_id for duty in stream.of_plan(cast.plan, today=TODAY) if duty.kind == "proposals.case"}) == 85
    )
    (duty,) = owed("case", agency="民雄國中")
    assert duty.due is None, "no call is out yet"
    assert owed("case", agency="三興國小") == [], "兼任(辦) may add a case, they need not"


def test_a_case_is_due_on_the_closing_day_of_the_districts_first_call(cast: build.Cast) -> None:
    called("民雄國中")
    later = build.meeting(kind=MeetingKind.FULL_TIME)
    build.items_call(meeting=later, issued_on=TODAY, closes_on=TODAY + timedelta(days=40))
    for name in ("民雄國中", "民雄國小"):
        (duty,) = owed("case", agency=name)
        assert duty.due
        assert duty.due.effective == IN_FIVE_DAYS
    (elsewhere,) = owed("case", agency="竹崎鄉公所")
    assert elsewhere.due is None


@pytest.mark.parametrize(
    ("state", "is_shared"),
    [
        (CaseState.DRAFT, False),
        (CaseState.SENT, True),
        (CaseState.PUBLISHED, True),
        (CaseState.RETURNED, False),
        (CaseState.WITHDRAWN, False),
    ],
)
def test_a_case_counts_from_the_day_it_was_sent(cast: build.Cast, state: CaseState, is_shared: bool) -> None:
    build.case(state=state)
    (duty,) = owed("case", agency="民雄國中")
    assert (done(duty) if is_shared else duty.done) == (("1 件", TODAY) if is_shared else None)


def test_a_case_sent_before_the_period_does_not_count(cast: build.Cast) -> None:
    build.case(state=CaseState.SENT, sent_at=build.at(cast.plan.starts - timedelta(days=1)))
    (duty,) = owed("case", agency="民雄國中")
    assert duty.done is None


def test_the_list_of_those_who_owe_a_case_is_that_of_the_duties(cast: build.Cast) -> None:
    before, after = (
        build.at(day) for day in (cast.plan.starts - timedelta(days=1), cast.plan.ends + timedelta(days=1))
    )
    cases: list[tuple[str, dict[str, Any]]] = [
        ("民雄國中", {"state": CaseState.SENT}),
        ("民雄國小", {"state": CaseState.SENT, "sent_at": before}),
        ("大林國中", {"state": CaseState.SENT, "sent_at": after}),
        ("民雄鄉公所", {"state": CaseState.RETURNED}),
        ("大林鎮公所", {"state": CaseState.DRAFT}),
    ]
    for name, fields in cases:
        build.case(agency=build.listed(name), **fields)
    owing = {duty.agency_id for duty in owed("case") if duty.done is None}
    listed = agencies_without_case(cast.plan, TODAY).filter(district=build.district("北平原區"))
    assert {member.agency_id for member in listed} == owing
    assert {name for name, _ in cases if build.listed(name).pk not in owing} == {"民雄國中"}


# --- Hosts -----------------------------------------------------------------------------------------------------------


def test_cases_go_to_the_office_after_meeting_a_without_a_number_of_days(cast: build.Cast) -> None:
    build.meeting()
    meeting = build.held_meeting(day=TODAY - timedelta(days=10))
    build.case(state=CaseState.COMPILED)
    (duty,) = owed("cases_to_office")
    assert duty.agency_id == build.listed("大林鎮公所").pk
    assert (duty.title, duty.note) == ("函送第 2 次專、兼任(辦)會報彙整案例", "待函送 1 件")
    assert (duty.state(TODAY), chip(duty, TODAY).text) == (State.OPEN, "會後 10 日")
    days_after("cases_to_office", 7)
    (late,) = owed("cases_to_office")
    assert late.due
    assert (late.due.nominal, late.state(TODAY)) == (meeting.day + timedelta(days=7), State.LATE)


def test_a_package_with_cases_since_the_meeting_fulfils_it(cast: build.Cast) -> None:
    meeting = build.held_meeting(day=TODAY - timedelta(days=10))
    early = build.package()
    early.sent_on = meeting.day - timedelta(days=1)
    early.save()
    build.case(state=CaseState.AT_OFFICE, package=early)
    build.proposal(state=ProposalState.AT_OFFICE)
    assert [duty.done for duty in owed("cases_to_office")] == [None]
    build.case(state=CaseState.AT_OFFICE)
    assert [done(duty) for duty in owed("cases_to_office")] == [("已送 1 件", TODAY)]


def test_cases_of_its_call_that_went_before_the_meeting_fulfil_it_too(cast: build.Cast) -> None:
    meeting = build.held_meeting(day=TODAY - timedelta(days=1))
    sent = build.package()
    sent.sent_on = meeting.day - timedelta(days=3)
    sent.save()
    build.case(state=CaseState.AT_OFFICE, package=sent, meeting=meeting)
    assert [done(duty) for duty in owed("cases_to_office")] == [("已送 1 件", sent.sent_on)]


def test_proposals_are_due_the_working_day_before_meeting_b(cast: build.Cast) -> None:
    build.meeting(kind=MeetingKind.FULL_TIME, day=date(2026, 11, 30))  # a Monday; the day before is a Sunday
    (duty,) = owed("proposals_to_office")
    assert duty.due
    assert (duty.due.nominal, duty.due.effective) == (date(2026, 11, 29), date(2026, 11, 27))
    assert duty.note == "會議 115年11月30日（一）・目前無待函送提案"


def test_proposals_that_wait_keep_it_open_until_the_meeting(cast: build.Cast) -> None:
    meeting = build.meeting(kind=MeetingKind.FULL_TIME, day=date(2026, 12, 4))
    build.proposal(state=ProposalState.AT_OFFICE)
    assert [done(duty) for duty in owed("proposals_to_office")] == [("已送 1 件", TODAY)]
    build.proposal(state=ProposalState.COMPILED)
    (waits,) = owed("proposals_to_office")
    assert (waits.done, waits.note) == (None, "會議 115年12月4日（五）・待函送 1 件")
    (over,) = owed("proposals_to_office", day=meeting.day)
    assert done(over) == ("已送 1 件", TODAY)


def test_proposals_that_arrive_on_the_day_of_the_meeting_are_late(cast: build.Cast) -> None:
    build.held_meeting(kind=MeetingKind.FULL_TIME, day=TODAY)
    build.proposal(state=ProposalState.AT_OFFICE)
    (duty,) = owed("proposals_to_office")
    assert chip(duty, TODAY).text == "已送 1 件・逾期 2 日"  # 11/21 is a Saturday, so that Friday was the last day


def test_a_package_belongs_to_the_next_meeting_b_unless_it_answers_its_call(cast: build.Cast) -> None:
    first = build.held_meeting(kind=MeetingKind.FULL_TIME, day=TODAY - timedelta(days=5))
    build.meeting(kind=MeetingKind.FULL_TIME, day=TODAY)
    build.proposal(state=ProposalState.AT_OFFICE)
    assert [done(duty)[0] for duty in owed("proposals_to_office")] == ["無提案", "已送 1 件"]
    build.proposal(state=ProposalState.AT_OFFICE, meeting=first)
    assert [done(duty)[0] for duty in owed("proposals_to_office")] == ["已送 1 件", "已送 1 件"]


def test_a_meeting_b_without_any_proposal_is_no_arrear(cast: build.Cast) -> None:
    meeting = build.held_meeting(kind=MeetingKind.FULL_TIME, day=TODAY - timedelta(days=5))
    (duty,) = owed("proposals_to_office")
    assert done(duty) == ("無提案", meeting.day - timedelta(days=1))


# --- The office ------------------------------------------------------------------------------------------------------


def test_the_office_publishes_the_cases_and_decides_the_proposals_of_a_package(cast: build.Cast) -> None:
    package = build.package()
    package.sent_on = TODAY - timedelta(days=4)
    package.save()
    case = build.case(state=CaseState.IN_REVIEW, package=package)
    proposal = build.proposal(state=ProposalState.RESOLVED, package=package)
    (publish,), (decide,) = owed("publish_cases"), owed("decide")
    assert publish.agency_id == decide.agency_id == build.listed("人事處").pk
    assert (publish.title, publish.note) == ("審查並發布 115/11/18 函送案例", "待辦 1／1 件")
    assert chip(decide, TODAY).text == "函送後 4 日"
    case.state = CaseState.PUBLISHED
    case.save()
    proposal.state = ProposalState.PUBLISHED
    proposal.save()
    Decision.objects.create(
        proposal=proposal, outcome="adopted", decided_by=cast.office_reviewer, published_at=timezone.now()
    )
    assert [done(duty) for duty in (*owed("publish_cases"), *owed("decide"))] == [
        ("已公布 1 件", package.sent_on),
        ("已公布 1 件", TODAY),
    ]


def test_a_later_correction_leaves_a_finished_package_in_time(cast: build.Cast) -> None:
    package = build.package()
    package.sent_on = TODAY - timedelta(days=20)
    package.save()
    days_after("publish_cases", 14)
    days_after("decide", 14)
    finished, corrected = build.at(TODAY - timedelta(days=8)), build.at(TODAY)
    first = build.publication(
        case=build.case(state=CaseState.PUBLISHED, package=package), published_at=finished - timedelta(days=1)
    )
    build.publication(case=build.case(state=CaseState.PUBLISHED, package=package), published_at=finished)
    build.publication(case=first.case, corrects=first, correction_reason="誤植", published_at=corrected)
    proposal = build.proposal(state=ProposalState.PUBLISHED, package=package)
    made: dict[str, Any] = {"proposal": proposal, "outcome": "adopted", "decided_by": cast.office_reviewer}
    decision = Decision.objects.create(published_at=finished, **made)
    Decision.objects.create(published_at=corrected, corrects=decision, correction_reason="誤植", **made)
    (publish,), (decide,) = owed("publish_cases"), owed("decide")
    assert (done(publish), done(decide)) == (("已公布 2 件", finished.date()), ("已公布 1 件", finished.date()))
    assert (publish.state(TODAY), decide.state(TODAY)) == (State.DONE, State.DONE)


def circular(cast: build.Cast, *meetings: Meeting, agencies: tuple[str, ...] = ()) -> Circular:
    made = Circular.objects.create(
        plan=cast.plan,
        purpose="檢送會議紀錄",
        number=f"府人任字第115000{9 + Circular.objects.count():04}號",
        issued_on=TODAY,
        published_at=timezone.now(),
        created_by=cast.office_reviewer,
    )
    made.meetings.set(meetings)
    for name in agencies:
        CircularRecipient.objects.create(circular=made, agency=build.listed(name))
    return made


def test_accepted_minutes_of_meeting_b_are_circulated(cast: build.Cast) -> None:
    meeting = build.held_meeting(kind=MeetingKind.FULL_TIME)
    assert owed("circulate") == []
    build.minutes(meeting=meeting, state=MinutesState.ACCEPTED)
    build.minutes(state=MinutesState.ACCEPTED)  # of a meeting A, whose minutes the plan does not have circulated
    (duty,) = owed("circulate")
    assert (duty.title, chip(duty, TODAY).text) == ("通函北平原區第 1 次專任會報紀錄及決議", "備查後 7 日")
    Circular.objects.create(plan=cast.plan, purpose="草稿", created_by=cast.office_reviewer).meetings.add(meeting)
    assert [duty.done for duty in owed("circulate")] == [None]
    circular(cast, meeting)
    assert [done(duty) for duty in owed("circulate")] == [("已通函", TODAY)]


def test_each_agency_that_a_circular_reached_acknowledges_it(cast: build.Cast) -> None:
    made = circular(cast, agencies=("民雄國中", "三興國小"))
    (member,), (coached,) = owed("acknowledge", agency="民雄國中"), owed("acknowledge", agency="三興國小")
    assert (member.title, member.due) == ("簽收通函（府人任字第1150000009號）", None)
    assert member.district_id == build.district("北平原區").pk
    assert coached.district_id is None, "兼任(辦) are members of no district; they see it on their own list"
    days_after("acknowledge", 3)
    (dated,) = owed("acknowledge", agency="民雄國中")
    assert dated.due
    assert dated.due.nominal == TODAY + timedelta(days=3)
    made.recipients.filter(agency=build.listed("民雄國中")).update(
        acknowledged_at=timezone.now(), acknowledged_by=cast.member_officer
    )
    (read,) = owed("acknowledge", agency="民雄國中")
    assert done(read) == ("已簽收", TODAY)


# --- Follow-ups ------------------------------------------------------------------------------------------------------


def followed(cast: build.Cast, *, due_on: date | None = IN_FIVE_DAYS) -> FollowUp:
    return FollowUp.objects.create(
        agenda_item=build.agenda_item(meeting=build.held_meeting()),
        task="整併差勤表單",
        agency=build.listed("民雄國中"),
        due_on=due_on,
        created_by=cast.host_officer,
    )


def reported(cast: build.Cast, follow_up: FollowUp, state: FollowUpState) -> None:
    follow_up.state = state
    follow_up.released_at = timezone.now() if state == FollowUpState.RELEASED else None
    follow_up.save()
    FollowUpReport.objects.create(follow_up=follow_up, state=state, text="已整併。", by=cast.member_officer)


def test_a_follow_up_passes_from_the_agency_to_the_office_and_back(cast: build.Cast) -> None:
    follow_up = followed(cast)
    (report,) = owed("follow_up")
    assert (report.title, report.agency_id) == ("填報辦理情形：整併差勤表單", build.listed("民雄國中").pk)
    assert chip(report, TODAY).text == "剩 5 日"
    assert owed("release") == []

    reported(cast, follow_up, FollowUpState.REPORTED)
    (report,), (release,) = owed("follow_up"), owed("release")
    assert done(report) == ("待解列", TODAY)
    assert (release.title, release.done) == ("審核解列：整併差勤表單", None)

    reported(cast, follow_up, FollowUpState.OPEN)
    (report,) = owed("follow_up")
    assert (report.done, report.note) == (None, "前次填報後繼續列管")
    assert owed("release") == []

    reported(cast, follow_up, FollowUpState.REPORTED)
    reported(cast, follow_up, FollowUpState.RELEASED)
    assert [done(duty) for duty in (*owed("follow_up"), *owed("release"))] == [("已解列", TODAY)] * 2


def test_a_follow_up_without_a_day_is_never_late(cast: build.Cast) -> None:
    followed(cast, due_on=None)
    (duty,) = owed("follow_up", day=TODAY + timedelta(days=90))
    assert chip(duty, TODAY + timedelta(days=90)).text == "列管後 90 日"


# --- As the board, the digest and the reliefs take them -----------------------------------------------------------------


def test_many_agencies_are_one_counted_cell_a_district(cast: build.Cast) -> None:
    build.case(state=CaseState.SENT)
    districts = list(cast.plan.districts.all())
    rows = {row.kind: row for row in board(stream.of_plan(cast.plan, today=TODAY), districts, TODAY)}
    cells = dict(zip([district.name for district in districts], rows["proposals.case"].cells, strict=True))
    assert {name: (cell.done, len(cell.duties)) for name, cell in cells.items()} == {
        "海區": (0, 25),
        "北平原區": (1, 21),
        "山區": (0, 20),
        "南平原區": (0, 19),
    }
    assert rows["proposals.case"].heading == "各機關案例 ≥ 1 件"


def test_relief_waives_a_case_of_one_agency(cast: build.Cast) -> None:
    (duty,) = owed("case", agency="民雄國中")
    give_relief(plan=cast.plan, duty=duty, until=None, reason="新設機關", expires_on=None, by=cast.office_reviewer)
    (waived,) = owed("case", agency="民雄國中")
    (other,) = owed("case", agency="民雄國小")
    assert (waived.waived, other.waived) == ("新設機關", "")


def test_a_digest_names_everything_that_a_member_owes_the_nearest_first(cast: build.Cast) -> None:
    called("民雄國中")
    followed(cast, due_on=IN_FIVE_DAYS + timedelta(days=3))
    circular(cast, agencies=("民雄國中",))
    person = cast.member_officer.person
    (digest,) = [digest for digest in due_digests([cast.plan], TODAY) if digest.person == person]
    shown = [(line.chip, line.title) for line in lines([item.duty for item in digest.items], TODAY)]
    assert shown == [
        ("剩 5 日", "回復第 1 次專、兼任(辦)會報函請提案"),
        ("剩 5 日", "提供人事業務案例至少 1 件"),
        ("剩 8 日", "填報辦理情形：整併差勤表單"),
        ("公布後 0 日", "簽收通函（府人任字第1150000009號）"),
    ]


def test_remind_dry_run_names_them(cast: build.Cast) -> None:
    called("民雄國中")
    out = StringIO()
    with time_machine.travel(build.at(date(2026, 11, 23), 10), tick=False):
        call_command("remind", "--dry-run", stdout=out)
    assert "回復第 1 次專、兼任(辦)會報函請提案" in out.getvalue()


def test_the_number_of_queries_does_not_grow(cast: build.Cast) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as captured:
            stream.of_plan(cast.plan, today=TODAY)
        return len(captured)

    def more(names: list[str]) -> None:
        meeting = called(*names)
        held = build.held_meeting(kind=MeetingKind.FULL_TIME)
        build.minutes(meeting=held, state=MinutesState.ACCEPTED)
        circular(cast, held, agencies=tuple(names))
        reported(cast, followed(cast), FollowUpState.REPORTED)
        for name in names:
            agency = build.listed(name)
            build.case(meeting=meeting, agency=agency, state=CaseState.AT_OFFICE)
            joint = build.proposal(meeting=meeting, agency=agency, state=ProposalState.AT_OFFICE)
            CoProposer.objects.create(proposal=joint, agency=build.listed("大林鎮公所"))

    more(["民雄國中"])
    before = asked()
    more(["民雄國小", "大林國中", "民雄鄉公所"])
    more(["民雄國小", "大林國中", "民雄鄉公所"])
    assert asked() == before


# --- Their deadlines as rows -------------------------------------------------------------------------------------------


def test_an_older_plan_gets_what_it_lacks_and_keeps_what_the_office_set(cast: build.Cast) -> None:
    columns = ("duty", "title", "clause", "policy", "note", "nominal", "days_after")
    printed = Plan.objects.liaison().get(year=113).deadlines.filter(duty__startswith="proposals.")
    expected = list(printed.values_list(*columns))
    assert len(expected) == 10
    own = cast.plan.deadlines.filter(duty__startswith="proposals.")
    own.exclude(duty="proposals.case").delete()
    own.update(days_after=None, title="本處自訂")
    import_module("proposals.migrations.0003_deadlines_of_liaison_plans").add_missing(apps, None)
    found = {row[0]: row for row in own.values_list(*columns)}
    assert found.pop("proposals.case")[1] == "本處自訂"
    assert list(found.values()) == [row for row in expected if row[0] != "proposals.case"]


def test_every_deadline_of_the_plan_has_its_duty() -> None:
    from proposals.duties import STATED

    assert set(STATED) == set(
        Deadline.objects.filter(plan__year=113, duty__startswith="proposals.").values_list("duty", flat=True)
    )


def test_agencies_of_no_plan_owe_nothing(cast: build.Cast) -> None:
    Deadline.objects.filter(plan=cast.plan, duty__startswith="proposals.").delete()
    assert [d for d in stream.of_plan(cast.plan, today=TODAY) if d.kind.startswith("proposals.")] == []
    assert Agency.objects.count() > 85
