"""The call for items (函請提案): whom it asks, what they are told, how they answer, and what is late."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, connections, transaction
from django.test.utils import CaptureQueriesContext

from districts.models import Agency, Membership, Posting
from meetings.choices import MeetingKind, MeetingState
from meetings.models import Meeting
from personnel_portal.outbox.models import Message
from personnel_portal.trail.models import Entry
from proposals import facts
from proposals.actions import calls as actions
from proposals.actions.items import compile_item, send_item, withdraw_item
from proposals.choices import CaseState, ProposalState
from proposals.models import CallForItems, CallRecipient, Case, CoProposer, Proposal
from tests import build

DAY = date(2026, 12, 22)  # a Tuesday
CLOSES = date(2026, 12, 10)
ASKED = [("民雄國中", False), ("民雄國小", False), ("大林鎮公所", False), ("三興國小", True)]  # as the plan lists them


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with time_machine.travel(build.at(build.TODAY, 10), tick=False):
        yield


@pytest.fixture
def meeting(cast: build.Cast) -> Meeting:
    """A meeting B of a district with three members, whose host coaches a school."""
    district = build.district("北平原區")
    few = [build.listed(name) for name in ("民雄國中", "民雄國小", "大林鎮公所")]
    Membership.objects.filter(district=district).exclude(agency__in=few).delete()
    build.coaching_table(district=district, rows={build.listed("三興國小"): cast.host_officer.person})
    return build.meeting(district=district, kind=MeetingKind.FULL_TIME, day=DAY)


@pytest.fixture
def draft(meeting: Meeting, cast: build.Cast) -> CallForItems:
    return actions.draft_call(
        meeting=meeting,
        issued_on=build.TODAY,
        closes_on=CLOSES,
        number="",
        purpose="請於〔截止日〕前提案，請查照。",
        explanation="依計畫辦理。\n逾〔截止日〕列為逾期件。",
        by=cast.host_officer,
    )


@pytest.fixture
def call(draft: CallForItems, cast: build.Cast) -> CallForItems:
    """The call, sent; what was mailed is gone."""
    actions.send_call(call=draft, by=cast.host_officer)
    Message.objects.all().delete()
    draft.refresh_from_db()
    return draft


def row(call: CallForItems, agency: str) -> CallRecipient:
    return CallRecipient.objects.get(call=call.pk, agency__short_name=agency)


def mailed() -> list[str]:
    return sorted(Message.objects.values_list("to", flat=True))


def at(day: date, hour: int, minute: int = 0) -> Any:
    return time_machine.travel(build.at(day, hour, minute), tick=False)


# --- Draft and send --------------------------------------------------------------------------------------------------


def test_members_and_coached_are_asked_whatever_the_kind(meeting: Meeting) -> None:
    asked = [(i.agency.short_name, i.is_coached) for i in facts.to_be_asked(meeting)]
    assert asked == ASKED


def test_sending_keeps_the_recipients_and_the_text(draft: CallForItems, cast: build.Cast) -> None:
    reached = actions.send_call(call=draft, by=cast.host_officer)
    assert sorted(reached.addresses) == ["coached@example.gov.tw", "host@example.gov.tw", "member@example.gov.tw"]
    assert reached.unreachable == ("民雄國小",)
    build.membership(district=draft.meeting.district)
    draft.refresh_from_db()
    assert draft.sent_at == build.at(build.TODAY, 10)
    assert draft.purpose == "請於115年12月10日（四）前提案，請查照。"
    assert draft.explanation == "依計畫辦理。\n逾115年12月10日（四）列為逾期件。"
    rows = [(r.agency.short_name, r.is_coached) for r in draft.recipients.select_related("agency")]
    assert rows == ASKED
    entry = Entry.objects.for_target(draft).first()
    assert entry is not None
    assert (entry.act_label, entry.who, entry.detail) == ("寄發函請提案", "黃承辦", {"mails": 3})


def test_mail_names_meeting_closing_day_and_the_answer_none(draft: CallForItems, cast: build.Cast) -> None:
    actions.send_call(call=draft, by=cast.host_officer)
    message = Message.objects.get(to="coached@example.gov.tw")
    assert message.subject == "【函請提案】北平原區第 1 次專任人事人員聯繫會報（115年12月10日（四）截止）"
    assert message.text.startswith(
        "蔡兼任 您好：\n\n請於 115年12月10日（四） 前提供人事業務案例（附件1）及人事修正建議提案（附件2）。\n\n"
        "會議：北平原區第 1 次專任人事人員聯繫會報（115年12月22日（二）14:00）\n"
        "主旨：請於115年12月10日（四）前提案，請查照。\n\n無則免填，請於系統回復「無」。\n\n送件或回復：\n"
    )
    assert f"/proposals/calls/{draft.meeting.pk}/" in message.text
    assert f'/proposals/calls/{draft.meeting.pk}/">送件或回復</a>' in message.html


def test_a_call_is_sent_once(call: CallForItems, cast: build.Cast) -> None:
    with pytest.raises(ValidationError) as refusal:
        actions.send_call(call=call, by=cast.office_reviewer)
    assert refusal.value.messages == ["黃承辦已於 115年11月22日（日）10:00 寄發函請提案，不再重寄。"]
    assert not Message.objects.exists()
    assert call.recipients.count() == 4


def test_a_sent_letter_changes_no_more(call: CallForItems, cast: build.Cast) -> None:
    with pytest.raises(ValidationError, match="寄發函請提案，函稿不能再變更；截止日可以延後，文號可以補登。"):
        actions.change_call(call=call, by=cast.host_officer, purpose="改寫")
    actions.number_call(call=call, number="大鎮人字第1150001234號", by=cast.host_officer)
    call.refresh_from_db()
    assert (call.number, call.purpose) == ("大鎮人字第1150001234號", "請於115年12月10日（四）前提案，請查照。")


def test_the_call_of_a_cancelled_meeting_is_not_sent(draft: CallForItems, cast: build.Cast) -> None:
    Meeting.objects.update(state=MeetingState.CANCELLED, cancel_reason="颱風")
    with pytest.raises(ValidationError, match="會議已取消，不能函請提案。"):
        actions.send_call(call=draft, by=cast.host_officer)
    assert not Message.objects.exists()
    assert not CallRecipient.objects.exists()


def test_a_call_is_not_sent_after_the_meeting_or_its_closing_day(draft: CallForItems, cast: build.Cast) -> None:
    with at(DAY, 14), pytest.raises(ValidationError, match="會議時間已過，不能再函請提案。"):
        actions.send_call(call=draft, by=cast.host_officer)
    with at(CLOSES + timedelta(days=1), 0, 1), pytest.raises(ValidationError, match="截止日115年12月10日（四）已過"):
        actions.send_call(call=draft, by=cast.host_officer)
    with at(CLOSES, 23, 59):
        actions.send_call(call=draft, by=cast.host_officer)


def test_a_call_closes_not_before_its_issue(draft: CallForItems, cast: build.Cast) -> None:
    with pytest.raises(ValidationError, match="截止日不得早於函請日期。"):
        actions.change_call(call=draft, by=cast.host_officer, closes_on=build.TODAY - timedelta(days=1))


def test_a_second_draft_names_who_drafted_the_first(draft: CallForItems, cast: build.Cast) -> None:
    with pytest.raises(
        ValidationError, match=r"^\['黃承辦已於 115年11月22日（日）10:00 擬了這場會議的函稿；請確認後再儲存。'\]$"
    ):
        actions.draft_call(
            meeting=draft.meeting, issued_on=build.TODAY, closes_on=CLOSES, purpose="又一份", by=cast.office_reviewer
        )


def test_closing_days_are_warned_of(meeting: Meeting) -> None:
    assert facts.closing_warnings(meeting, CLOSES) == []
    assert facts.closing_warnings(meeting, date(2026, 12, 12)) == ["截止日115年12月12日（六）為放假日。"]
    assert facts.closing_warnings(meeting, DAY) == [
        "截止日即為會議當日；提案應於專任會報前送本處（計畫肆、二、(二)、2）。"
    ]
    assert facts.closing_warnings(meeting, date(2026, 12, 25)) == [
        "截止日在會議日（115年12月22日（二））之後，來不及於會前彙整。",
        "截止日115年12月25日（五）為放假日。",
    ]


# --- Answers ---------------------------------------------------------------------------------------------------------


def test_answers_are_counted_by_agency(call: CallForItems, cast: build.Cast) -> None:
    member, school, host = (build.listed(name) for name in ("民雄國中", "民雄國小", "大林鎮公所"))
    build.case(agency=member, meeting=call.meeting, state=CaseState.SENT)
    build.case(agency=member, meeting=call.meeting, state=CaseState.RETURNED)
    build.case(agency=member, meeting=call.meeting)  # a draft
    build.case(agency=member, state=CaseState.SENT)  # of no meeting
    proposal = build.proposal(agency=host, meeting=call.meeting, state=ProposalState.SENT)
    CoProposer.objects.create(proposal=proposal, agency=member)
    build.proposal(agency=school, meeting=call.meeting, state=ProposalState.WITHDRAWN)
    actions.answer_none(recipient=row(call, "三興國小"), by=cast.coached_officer)
    found = {
        r.agency.short_name: (r.cases, r.proposals, r.joined)  # type: ignore[attr-defined]  # annotated
        for r in call.recipients.with_answers()
    }
    assert found == {"大林鎮公所": (0, 1, 0), "民雄國中": (2, 0, 1), "民雄國小": (0, 0, 0), "三興國小": (0, 0, 0)}
    assert facts.tally(call.recipients.with_answers()) == facts.Tally(
        asked=4, answered=3, none=1, cases=2, proposals=1, late=0
    )
    assert [r.agency.short_name for r in call.recipients.missing()] == ["民雄國小"]
    assert {r.agency.short_name for r in call.recipients.answered()} == {"大林鎮公所", "民雄國中", "三興國小"}


def test_none_is_an_answer_that_can_be_taken_back_while_open(call: CallForItems, cast: build.Cast) -> None:
    school = row(call, "三興國小")
    actions.answer_none(recipient=school, by=cast.coached_officer)
    with pytest.raises(ValidationError, match="蔡兼任已於 115年11月22日（日）10:00 回復「無」。"):
        actions.answer_none(recipient=school, by=cast.coached_officer)
    with at(CLOSES, 23, 59):
        actions.take_back_none(recipient=school, by=cast.coached_officer)
    with pytest.raises(ValidationError, match="目前沒有「無」的回復可以撤回。"):
        actions.take_back_none(recipient=school, by=cast.coached_officer)
    with at(CLOSES + timedelta(days=1), 0, 1):
        actions.answer_none(recipient=school, by=cast.coached_officer)
        with pytest.raises(ValidationError, match="已過截止日，「無」的回復不能撤回；仍可送案例或提案，列為逾期件。"):
            actions.take_back_none(recipient=school, by=cast.coached_officer)
    acts = [entry.act_label for entry in Entry.objects.for_target(call)[:3]]
    assert acts == ["回復「無」", "撤回「無」的回復", "回復「無」"]


def test_an_item_sent_after_none_shows_as_the_item(call: CallForItems, cast: build.Cast) -> None:
    actions.answer_none(recipient=row(call, "民雄國中"), by=cast.member_officer)
    case = send_item(item=build.case(meeting=call.meeting), by=cast.member_officer)
    assert facts.tally(call.recipients.with_answers()) == facts.Tally(4, 1, 0, 1, 0, 0)
    withdraw_item(item=case, reason="誤送", by=cast.member_officer)
    assert facts.tally(call.recipients.with_answers()) == facts.Tally(4, 1, 1, 0, 0, 0)


def test_an_agency_that_sent_something_does_not_answer_none(call: CallForItems, cast: build.Cast) -> None:
    send_item(item=build.case(meeting=call.meeting), by=cast.member_officer)
    with pytest.raises(ValidationError, match="民雄國中已送件，不需要再回復「無」。"):
        actions.answer_none(recipient=row(call, "民雄國中"), by=cast.member_officer)


# --- More time -------------------------------------------------------------------------------------------------------


def test_a_later_closing_day_is_told_to_those_who_have_not_answered(call: CallForItems, cast: build.Cast) -> None:
    actions.answer_none(recipient=row(call, "民雄國中"), by=cast.member_officer)
    reached = actions.move_closing(call=call, closes_on=date(2026, 12, 15), by=cast.host_officer)
    assert mailed() == ["coached@example.gov.tw", "host@example.gov.tw"]
    assert reached.unreachable == ("民雄國小",)
    message = Message.objects.get(to="coached@example.gov.tw")
    assert message.subject == "【函請提案】截止日延至 115年12月15日（二）：北平原區第 1 次專任人事人員聯繫會報"
    assert "下列函請提案的截止日由 115年12月10日（四） 延至 115年12月15日（二）；貴機關尚未回復" in message.text
    assert row(call, "三興國小").closes_on == date(2026, 12, 15)
    call.refresh_from_db()
    assert call.purpose == "請於115年12月10日（四）前提案，請查照。"  # the letter stays as it went out


@pytest.mark.parametrize("day", [CLOSES, CLOSES - timedelta(days=1)])
def test_the_closing_day_never_moves_earlier(call: CallForItems, cast: build.Cast, day: date) -> None:
    with pytest.raises(ValidationError, match="截止日只能延後；目前為115年12月10日（四）。"):
        actions.move_closing(call=call, closes_on=day, by=cast.host_officer)
    assert not Message.objects.exists()


def test_an_extension_is_for_one_agency_with_reason_and_mail(call: CallForItems, cast: build.Cast) -> None:
    actions.extend(
        recipient=row(call, "民雄國中"), until=date(2026, 12, 15), reason="承辦人異動。", by=cast.host_officer
    )
    message = Message.objects.get()
    assert message.to == "member@example.gov.tw"
    assert message.subject == "【同意展延】民雄國中函請提案展延至 115年12月15日（二）"
    assert "民雄國中的案例與提案同意展延至 115年12月15日（二） 送件，理由：承辦人異動。" in message.text
    assert facts.closing_day(call.meeting, build.listed("民雄國中").pk) == date(2026, 12, 15)
    assert facts.closing_day(call.meeting, build.listed("三興國小").pk) == CLOSES
    with pytest.raises(ValidationError, match="展延只能延後；目前截止日為115年12月15日（二）。"):
        actions.extend(recipient=row(call, "民雄國中"), until=date(2026, 12, 15), reason="再次", by=cast.host_officer)
    with pytest.raises(ValidationError, match="請說明展延的理由。"):
        actions.extend(recipient=row(call, "民雄國小"), until=date(2026, 12, 15), reason=" ", by=cast.host_officer)


def test_an_extension_that_the_closing_day_overtakes_takes_no_time_away(call: CallForItems, cast: build.Cast) -> None:
    actions.extend(recipient=row(call, "民雄國中"), until=date(2026, 12, 15), reason="異動", by=cast.host_officer)
    actions.extend(recipient=row(call, "三興國小"), until=date(2026, 12, 21), reason="異動", by=cast.host_officer)
    Message.objects.all().delete()
    actions.move_closing(call=call, closes_on=date(2026, 12, 18), by=cast.host_officer)
    assert row(call, "民雄國中").closes_on == date(2026, 12, 18)
    assert row(call, "三興國小").closes_on == date(2026, 12, 21)
    assert mailed() == ["host@example.gov.tw", "member@example.gov.tw"]  # the school has more time anyway


def test_time_is_not_given_until_a_day_that_has_passed(call: CallForItems, cast: build.Cast) -> None:
    with at(date(2026, 12, 16), 9):
        with pytest.raises(ValidationError, match="延後的截止日不得早於今天。"):
            actions.move_closing(call=call, closes_on=date(2026, 12, 15), by=cast.host_officer)
        with pytest.raises(ValidationError, match="展延的截止日不得早於今天。"):
            actions.extend(recipient=row(call, "民雄國中"), until=date(2026, 12, 15), reason="x", by=cast.host_officer)


def test_nothing_is_asked_for_a_cancelled_meeting(call: CallForItems, cast: build.Cast) -> None:
    Meeting.objects.update(state=MeetingState.CANCELLED, cancel_reason="颱風")
    day = date(2026, 12, 15)
    acts: list[Callable[[], object]] = [
        lambda: actions.move_closing(call=call, closes_on=day, by=cast.host_officer),
        lambda: actions.extend(recipient=row(call, "民雄國中"), until=day, reason="異動", by=cast.host_officer),
        lambda: actions.ask_missing(call=call, by=cast.host_officer),
    ]
    for act in acts:
        with pytest.raises(ValidationError, match="會議已取消，不再函請提案。"):
            act()
    assert not Message.objects.exists()


# --- Asking again ----------------------------------------------------------------------------------------------------


def test_the_missing_are_asked_once_a_day_each_with_its_day(call: CallForItems, cast: build.Cast) -> None:
    actions.answer_none(recipient=row(call, "民雄國中"), by=cast.member_officer)
    actions.extend(recipient=row(call, "三興國小"), until=date(2026, 12, 15), reason="異動", by=cast.host_officer)
    Message.objects.all().delete()
    with at(date(2026, 12, 11), 9):
        reached = actions.ask_missing(call=call, by=cast.host_officer)
        assert sorted(reached.addresses) == mailed() == ["coached@example.gov.tw", "host@example.gov.tw"]
        assert reached.unreachable == ("民雄國小",)
        school, host = (Message.objects.get(to=f"{name}@example.gov.tw") for name in ("coached", "host"))
        assert school.subject == "【催請回復】北平原區第 1 次專任人事人員聯繫會報函請提案（115年12月15日（二）截止）"
        assert host.subject == "【催請回復】北平原區第 1 次專任人事人員聯繫會報函請提案已截止"
        assert "下列函請提案已於 115年12月10日（四） 截止，貴機關尚未回復；請儘速送件，將列為逾期件。" in host.text
        with pytest.raises(ValidationError, match="黃承辦已於 115年12月11日（五）09:00 寄過催請，明天起可以再寄。"):
            actions.ask_missing(call=call, by=cast.office_reviewer)
    with at(date(2026, 12, 12), 0, 1):
        actions.ask_missing(call=call, by=cast.host_officer)
    assert Message.objects.count() == 4


def test_nobody_is_asked_again_when_all_have_answered(call: CallForItems, cast: build.Cast) -> None:
    call.recipients.update(none_at=build.at(build.TODAY, 10), none_by=cast.host_officer)
    with pytest.raises(ValidationError, match="所有機關都已回復，不需要催請。"):
        actions.ask_missing(call=call, by=cast.host_officer)


def test_agencies_coached_since_are_asked_afterwards_and_alone(call: CallForItems, cast: build.Cast) -> None:
    with pytest.raises(ValidationError, match="沒有需要補發的機關。"):
        actions.ask_more(call=call, by=cast.host_officer)
    added = build.agency(short_name="後到國小")
    build.officer(added, username="added")
    build.coaching_table(
        district=call.meeting.district, month=date(2026, 12, 1), rows={added: cast.host_officer.person}
    )
    assert [invitee.agency for invitee in facts.unasked(call)] == [added]
    actions.ask_more(call=call, by=cast.host_officer)
    assert mailed() == ["added@example.gov.tw"]
    assert row(call, "後到國小").is_coached
    assert row(call, "三興國小").is_coached  # whoever was asked stays asked


def test_an_officer_of_two_agencies_hears_of_the_one_that_is_added_later(call: CallForItems, cast: build.Cast) -> None:
    build.coaching_table(
        district=call.meeting.district,
        rows={build.listed("三興國小"): cast.host_officer.person},
        month=date(2026, 10, 1),
    )
    for number, month in enumerate((date(2026, 11, 1), date(2026, 12, 1)), start=1):
        added = build.agency(short_name=f"後到{number}國小")
        build.posting(person=cast.coached_officer.person, agency=added)
        build.coaching_table(
            district=call.meeting.district, month=month, version=2, rows={added: cast.host_officer.person}
        )
        assert [invitee.agency for invitee in facts.unasked(call)] == [added]
        actions.ask_more(call=call, by=cast.host_officer)
        assert mailed() == ["coached@example.gov.tw"] * number


def test_the_answer_none_is_given_by_somebody_at_a_time(call: CallForItems, cast: build.Cast) -> None:
    for half in ({"none_at": build.at(build.TODAY)}, {"none_by": cast.member_officer}):
        with pytest.raises(IntegrityError, match="answer_none_is_somebodys"), transaction.atomic():
            call.recipients.update(**half)


# --- Late ------------------------------------------------------------------------------------------------------------


def sent_at(item: Case | Proposal, by: Any, day: date, hour: int, minute: int) -> bool:
    with at(day, hour, minute):
        return send_item(item=item, by=by).is_late


@pytest.mark.parametrize("make", [build.case, build.proposal])
def test_a_draft_begun_in_time_is_late_a_minute_after_the_closing_day(
    call: CallForItems, cast: build.Cast, make: Any
) -> None:
    in_time, late = make(meeting=call.meeting), make(meeting=call.meeting)
    assert not sent_at(in_time, cast.member_officer, CLOSES, 23, 59)
    assert sent_at(late, cast.member_officer, CLOSES + timedelta(days=1), 0, 1)
    assert facts.tally(call.recipients.with_answers()).late == 1
    with at(CLOSES + timedelta(days=1), 9):
        late = compile_item(item=late, by=cast.host_officer)
    assert late.late_accepted_by == cast.host_officer


def test_an_extension_keeps_an_item_in_time_for_its_agency_alone(call: CallForItems, cast: build.Cast) -> None:
    day = date(2026, 12, 15)
    actions.extend(recipient=row(call, "民雄國中"), until=day, reason="異動", by=cast.host_officer)
    school = build.listed("三興國小")
    assert not sent_at(build.case(meeting=call.meeting), cast.member_officer, day, 23, 59)
    assert sent_at(build.case(meeting=call.meeting), cast.member_officer, day + timedelta(days=1), 0, 1)
    assert sent_at(build.case(meeting=call.meeting, agency=school), cast.coached_officer, day, 9, 0)


def test_a_later_closing_day_counts_for_what_is_sent_then(call: CallForItems, cast: build.Cast) -> None:
    actions.move_closing(call=call, closes_on=date(2026, 12, 15), by=cast.host_officer)
    meeting = Meeting.objects.get(pk=call.meeting.pk)
    assert not sent_at(build.case(meeting=meeting), cast.member_officer, date(2026, 12, 15), 23, 59)


def test_an_agency_added_to_the_coaching_table_after_the_call_has_the_same_day(
    call: CallForItems, cast: build.Cast
) -> None:
    added = build.agency(short_name="後到國小")
    officer = build.officer(added)
    meeting = Meeting.objects.get(pk=call.meeting.pk)
    assert not sent_at(build.case(meeting=meeting, agency=added), officer, CLOSES, 23, 59)
    late = build.case(meeting=meeting, agency=added)
    assert sent_at(late, officer, CLOSES + timedelta(days=1), 0, 1)
    assert facts.tally(call.recipients.with_answers()).cases == 0
    assert late in facts.items_of_others(call)


def test_without_a_call_nothing_is_late(meeting: Meeting, draft: CallForItems, cast: build.Cast) -> None:
    assert not sent_at(build.case(meeting=meeting), cast.member_officer, CLOSES + timedelta(days=9), 9, 0)
    assert not sent_at(build.case(), cast.member_officer, CLOSES + timedelta(days=9), 9, 0)


# --- Costs -----------------------------------------------------------------------------------------------------------


def test_sending_and_asking_again_take_no_more_questions_for_thirty(cast: build.Cast) -> None:
    """The mails themselves are written one by one; what is asked of the database besides is not."""
    counts = []
    for number in (1, 30):
        district = build.district(f"第{number}試區", order=number)
        for _ in range(number):
            build.membership(district=district)
        made = build.items_call(meeting=build.meeting(district=district, day=DAY), is_sent=False)
        for act in (actions.send_call, actions.ask_missing):
            with CaptureQueriesContext(connection) as captured:
                act(call=made, by=cast.office_reviewer)
            counts.append(len(captured))
    assert counts[:2] == counts[2:]


def test_people_of_two_agencies_get_one_mail(draft: CallForItems, cast: build.Cast) -> None:
    build.posting(person=cast.member_officer.person, agency=build.listed("民雄國小"))
    assert actions.send_call(call=draft, by=cast.host_officer).unreachable == ()
    assert mailed() == ["coached@example.gov.tw", "host@example.gov.tw", "member@example.gov.tw"]


def test_an_agency_without_officers_is_written_to_at_its_own_address(draft: CallForItems, cast: build.Cast) -> None:
    Agency.objects.filter(short_name="民雄國小").update(mail="mses@mail.cyc.edu.tw")
    Posting.objects.filter(person__user=cast.member_officer).update(until=build.TODAY - timedelta(days=1))
    reached = actions.send_call(call=draft, by=cast.host_officer)
    assert reached.addresses["mses@mail.cyc.edu.tw"] == "嘉義縣民雄鄉民雄國民小學"
    assert reached.unreachable == ("民雄國中",)


@pytest.mark.django_db(transaction=True)
def test_of_several_clicks_at_once_one_sends() -> None:
    if connection.vendor == "sqlite":
        pytest.skip("SQLite lets one write at a time by itself")
    cast = build.cast()
    made = build.items_call(meeting=build.meeting(day=DAY), is_sent=False)

    def send(_: int) -> str:
        try:
            actions.send_call(call=made, by=cast.host_officer)
        except ValidationError as refusal:
            return str(refusal.messages[0])
        finally:
            connections.close_all()
        return "sent"

    with ThreadPoolExecutor(6) as pool:
        answers = sorted(pool.map(send, range(6)))
    assert answers == ["sent", *["黃承辦已於 115年11月22日（日）10:00 寄發函請提案，不再重寄。"] * 5]
    assert mailed() == ["host@example.gov.tw", "member@example.gov.tw"]
    assert made.recipients.count() == 21
