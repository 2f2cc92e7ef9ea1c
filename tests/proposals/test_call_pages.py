"""The pages of calls for items: the list, the draft, who has answered, and what an agency sees."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.urls import reverse

from districts.models import Membership
from meetings.choices import MeetingKind, MeetingState
from meetings.models import Meeting
from personnel_portal.outbox.models import Message
from proposals.actions import calls as actions
from proposals.choices import CaseState, ProposalState
from proposals.models import CallForItems, CallRecipient
from tests import build
from tests.site.clients import logged_in, status
from tests.site.pages import queries

DAY = date(2026, 12, 22)
CLOSES = date(2026, 12, 10)


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
def call(meeting: Meeting, cast: build.Cast) -> CallForItems:
    made = actions.draft_call(
        meeting=meeting,
        issued_on=build.TODAY,
        closes_on=CLOSES,
        purpose="請提案。",
        explanation="一項",
        by=cast.host_officer,
    )
    actions.send_call(call=made, by=cast.host_officer)
    return CallForItems.objects.get(pk=made.pk)


def url(view: str, pk: int) -> str:
    return reverse(f"proposals:{view}", kwargs={"pk": pk})


def said(response: Any) -> list[str]:
    return [str(message) for message in response.context["messages"]]


def recipient(call: CallForItems, agency: str) -> CallRecipient:
    return CallRecipient.objects.get(call=call.pk, agency__short_name=agency)


LETTER = {"issued_on": "115/11/22", "number": "", "purpose": "請於〔截止日〕前提案。", "explanation": "一項"}


# --- Draft and send --------------------------------------------------------------------------------------------------


def test_the_draft_is_filled_with_the_wording_of_the_plan(meeting: Meeting, cast: build.Cast) -> None:
    page = logged_in(cast.host_officer).get(url("edit_call", meeting.pk))
    form = page.context["form"]
    assert form["issued_on"].value() == build.TODAY
    assert form["closes_on"].value() == date(2026, 12, 15)  # a week before the meeting
    assert form["purpose"].value() == (
        "請就116年度北平原區第1次專任人事人員聯繫會報提供人事業務案例及人事修正建議提案，"
        "並於〔截止日〕前逕於人事業務協作平台送件或回復，請查照。"
    )
    assert "肆、二、(二)" in form["explanation"].value()
    assert "無則免填，請於系統回復「無」" in form["explanation"].value()
    assert (page.context["count"], [a.short_name for a in page.context["coached"]]) == (4, ["三興國小"])


def test_from_draft_to_sent(meeting: Meeting, cast: build.Cast) -> None:
    client = logged_in(cast.host_officer)
    assert client.get(url("call", meeting.pk), follow=True).redirect_chain == [(url("edit_call", meeting.pk), 302)]
    saved = client.post(url("edit_call", meeting.pk), {**LETTER, "closes_on": "115/12/10"}, follow=True)
    assert said(saved) == ["已儲存函稿，確認後請寄發。"]
    assert "請於115年12月10日（四）前提案。" in saved.text
    asked = client.get(url("send_call", meeting.pk))
    assert asked.context["consequences"] == [
        "函請對象就此固定，共 4 個機關；函稿不能再變更，截止日只能延後。",
        "寄信給 3 人。",
        "下列 1 個機關尚無可通知的人員，請另行通知：民雄國小。",
        "本平台不代發公文；請另由公文系統發文，取號後補登文號。",
    ]
    assert not Message.objects.exists()
    sent = client.post(url("send_call", meeting.pk), follow=True)
    assert said(sent) == [
        "下列 1 個機關尚無可通知的人員，請另行通知：民雄國小。",
        "已寄發函請提案，寄信給 3 人。",
    ]
    again = client.post(url("send_call", meeting.pk), follow=True)
    assert said(again) == ["黃承辦已於 115年11月22日（日）10:00 寄發函請提案，不再重寄。"]
    assert Message.objects.count() == 3


def test_a_closing_day_before_the_issue_is_refused_at_its_field(meeting: Meeting, cast: build.Cast) -> None:
    answer = logged_in(cast.host_officer).post(url("edit_call", meeting.pk), {**LETTER, "closes_on": "115/11/21"})
    assert answer.context["form"].errors == {"closes_on": ["截止日不得早於函請日期。"]}
    assert "請於〔截止日〕前提案。" in answer.text


def test_an_unwise_closing_day_is_saved_once_it_was_shown(meeting: Meeting, cast: build.Cast) -> None:
    client = logged_in(cast.host_officer)
    letter = {**LETTER, "closes_on": "115/12/26", "purpose": "請提案。"}
    warned = client.post(url("edit_call", meeting.pk), letter)
    assert warned.context["warnings"] == [
        "截止日在會議日（115年12月22日（二））之後，來不及於會前彙整。",
        "截止日115年12月26日（六）為放假日。",
        "主旨與說明都沒有寫明截止日115年12月26日（六）；可填「〔截止日〕」，會自動代入。",
    ]
    assert not CallForItems.objects.exists()
    client.post(url("edit_call", meeting.pk), {**letter, "seen": warned.context["warnings"]})
    assert CallForItems.objects.get().closes_on == date(2026, 12, 26)


@pytest.mark.parametrize(
    ("field", "text", "error"),
    [
        ("purpose", "字" * 301, "最多 300 字，目前 301 字。"),
        ("purpose", "字" * 295 + "〔截止日〕", "填入截止日後超過 300 個字，請精簡主旨。"),
        ("purpose", " \x0b ", "此欄位為必填。"),
        ("explanation", "\n".join("一" * 41), "說明共 41 項，最多 40 項；請合併或改列附件。"),
        ("explanation", "字" * 20_000, "最多 3000 字，目前 20000 字。"),
        ("explanation", "甲\x00", "不可含有空字元。"),
        ("issued_on", "明天", "看不懂這個日期，請寫成 113/6/30 或 1130630。"),
    ],
)
def test_hostile_text_gets_one_sentence_and_stays(
    meeting: Meeting, cast: build.Cast, field: str, text: str, error: str
) -> None:
    letter = {**LETTER, "closes_on": "115/12/10", field: text}
    answer = logged_in(cast.host_officer).post(url("edit_call", meeting.pk), letter)
    assert answer.status_code == 422
    assert answer.context["form"].errors == {field: [error]}
    assert answer.context["form"][field].value() == text


def test_text_from_word_is_kept_without_its_signs(meeting: Meeting, cast: build.Cast) -> None:
    letter = {**LETTER, "closes_on": "115/12/10", "purpose": "請於〔截止日〕前\x0b提案。\r\n請查照 😀"}
    letter["explanation"] = "一、甲項\r\n\r\n（二）乙項\x0c丙項"
    logged_in(cast.host_officer).post(url("edit_call", meeting.pk), letter)
    made = CallForItems.objects.get()
    assert (made.purpose, made.explanation) == ("請於〔截止日〕前 提案。 請查照 😀", "甲項\n乙項\n丙項")


def test_two_people_edit_one_draft(meeting: Meeting, cast: build.Cast) -> None:
    client = logged_in(cast.host_officer)
    client.post(url("edit_call", meeting.pk), {**LETTER, "closes_on": "115/12/10"})
    shown = client.get(url("edit_call", meeting.pk)).context["form"]["shown"].value()
    made = CallForItems.objects.get()
    actions.change_call(call=made, by=cast.office_reviewer, purpose="請於〔截止日〕前惠予提案。")
    letter = {**LETTER, "closes_on": "115/12/10", "shown": shown}
    client.post(url("edit_call", meeting.pk), {**letter, "explanation": "另一項"})
    made.refresh_from_db()
    assert (made.purpose, made.explanation) == ("請於〔截止日〕前惠予提案。", "另一項")
    refused = client.post(url("edit_call", meeting.pk), {**letter, "purpose": "請於〔截止日〕前踴躍提案。"})
    (error,) = refused.context["form"].errors["purpose"]
    assert error == (
        "陳審核已於 115年11月22日（日）10:00 變更「主旨」，目前為「請於〔截止日〕前惠予提案。」；請確認後再儲存。"
    )
    assert "踴躍" in refused.text


def test_a_draft_that_was_sent_meanwhile_is_kept_on_the_page(call: CallForItems, cast: build.Cast) -> None:
    letter = {**LETTER, "closes_on": "115/12/10", "purpose": "請於〔截止日〕前踴躍提案。"}
    refused = logged_in(cast.host_officer).post(url("edit_call", call.meeting.pk), letter)
    assert refused.context["form"].non_field_errors() == [
        "黃承辦已於 115年11月22日（日）10:00 寄發函請提案，函稿不能再變更；截止日可以延後，文號可以補登。"
    ]
    assert "踴躍提案" in refused.text


def test_the_number_is_entered_afterwards(call: CallForItems, cast: build.Cast) -> None:
    client = logged_in(cast.host_officer)
    assert list(client.get(url("edit_call", call.meeting.pk)).context["form"].fields) == ["number"]
    client.post(url("edit_call", call.meeting.pk), {"number": "大鎮人字第1150001234號"})
    call.refresh_from_db()
    assert call.number == "大鎮人字第1150001234號"


def test_a_cancelled_meeting_says_that_nothing_can_be_sent(meeting: Meeting, cast: build.Cast) -> None:
    client = logged_in(cast.host_officer)
    client.post(url("edit_call", meeting.pk), {**LETTER, "closes_on": "115/12/10"})
    Meeting.objects.update(state=MeetingState.CANCELLED, cancel_reason="颱風")
    page = client.get(url("call", meeting.pk)).text
    assert "會議已取消，不能寄發函請提案。" in page
    assert url("send_call", meeting.pk) not in page
    assert said(client.post(url("send_call", meeting.pk), follow=True)) == ["會議已取消，不能函請提案。"]


# --- Who has answered ------------------------------------------------------------------------------------------------


def test_the_page_lists_who_has_answered_and_what(call: CallForItems, cast: build.Cast) -> None:
    build.case(agency=build.listed("民雄國中"), meeting=call.meeting, state=CaseState.SENT, is_late=True)
    actions.answer_none(recipient=recipient(call, "三興國小"), by=cast.coached_officer)
    actions.extend(recipient=recipient(call, "民雄國小"), until=date(2026, 12, 15), reason="異動", by=cast.host_officer)
    client = logged_in(cast.host_officer)
    page = client.get(url("call", call.meeting.pk))
    assert "已回復 2／4 個機關：案例 1 件、提案 0 件、「無」1 個機關；尚未回復 2 個機關，逾期 1 件。" in page.text
    shown = [[str(cell) for _, cell, _ in row] for row in page.context["rows"]]
    assert shown == [
        ["民雄國中", "已送件（逾期 1 件）", "1", "0", "115/12/10", "分區成員", "展延"],
        ["民雄國小", "尚未回復", "0", "0", "115/12/15（展延：異動）", "分區成員", "展延"],
        ["大林鎮公所", "尚未回復", "0", "0", "115/12/10", "分區成員", "展延"],
        ["三興國小", "無（蔡兼任 115年11月22日（日）10:00）", "0", "0", "115/12/10", "輔導區兼任(辦)", "展延"],
    ]
    missing = client.get(url("call", call.meeting.pk), {"answer": "missing"})
    assert [str(row[0][1]) for row in missing.context["rows"]] == ["民雄國小", "大林鎮公所"]
    assert missing.context["tally"].asked == 4


def test_the_list_of_answers_is_exported(call: CallForItems, cast: build.Cast) -> None:
    actions.answer_none(recipient=recipient(call, "三興國小"), by=cast.coached_officer)
    answer = logged_in(cast.office_reader).get(url("call", call.meeting.pk), {"export": "csv", "answer": "none"})
    text = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]  # a streamed file
    assert text.splitlines() == [
        "機關,回復,案例,提案,截止日,身分",
        "三興國小,無（蔡兼任 115年11月22日（日）10:00）,0,0,115/12/10,輔導區兼任(辦)",
    ]


def test_agencies_that_were_not_asked_are_shown_with_what_they_sent(call: CallForItems, cast: build.Cast) -> None:
    added = build.agency(short_name="後到國小")
    build.proposal(agency=added, meeting=call.meeting, state=ProposalState.SENT, subject="另案", is_late=True)
    build.coaching_table(
        district=call.meeting.district, month=date(2026, 12, 1), rows={added: cast.host_officer.person}
    )
    client = logged_in(cast.host_officer)
    page = client.get(url("call", call.meeting.pk)).text
    assert "不在函請對象內的機關也送來 1 件：後到國小「" in page
    assert "寄發後成員或輔導分配表有異動，尚有 1 個機關未函請：後到國小。" in page
    asked = client.post(url("ask_more", call.meeting.pk), follow=True)
    assert said(asked)[0] == "已補發函請提案，寄信給 0 人。"
    assert said(client.post(url("ask_more", call.meeting.pk), follow=True)) == ["沒有需要補發的機關。"]


def test_the_host_moves_the_closing_day_and_extends(call: CallForItems, cast: build.Cast) -> None:
    client = logged_in(cast.host_officer)
    early = client.post(url("move_closing", call.meeting.pk), {"closes_on": "115/12/9"})
    assert early.context["form"].errors == {"closes_on": ["截止日只能延後；目前為115年12月10日（四）。"]}
    weekend = client.post(url("move_closing", call.meeting.pk), {"closes_on": "115/12/12"})
    assert weekend.context["warnings"] == ["截止日115年12月12日（六）為放假日。"]
    client.post(url("move_closing", call.meeting.pk), {"closes_on": "115/12/12", "seen": weekend.context["warnings"]})
    call.refresh_from_db()
    assert call.closes_on == date(2026, 12, 12)
    row = recipient(call, "民雄國中")
    bare = client.post(url("extend_call", row.pk), {"until": "115/12/15", "reason": ""})
    assert bare.context["form"].errors == {"reason": ["此欄位為必填。"]}
    done = client.post(url("extend_call", row.pk), {"until": "115/12/15", "reason": "承辦人\x0b異動"}, follow=True)
    assert said(done) == ["已同意民雄國中展延，並寄信通知。"]
    assert recipient(call, "民雄國中").extension_reason == "承辦人 異動"


def test_asking_again_says_first_whom(call: CallForItems, cast: build.Cast) -> None:
    client = logged_in(cast.host_officer)
    asked = client.get(url("ask_missing", call.meeting.pk))
    assert asked.context["consequences"] == [
        "寄信給尚未回復的 4 個機關，共 3 人：民雄國中、民雄國小、大林鎮公所、三興國小。",
        "下列 1 個機關尚無可通知的人員，請另行通知：民雄國小。",
    ]
    done = client.post(url("ask_missing", call.meeting.pk), follow=True)
    assert said(done)[-1] == "已寄出催請，寄信給 3 人。"


# --- What an agency sees ---------------------------------------------------------------------------------------------


def test_a_coached_agency_answers_none_for_a_meeting_it_does_not_attend(call: CallForItems, cast: build.Cast) -> None:
    client = logged_in(cast.coached_officer)
    assert client.get(call.meeting.get_absolute_url()).status_code == 404
    page = client.get(url("call", call.meeting.pk))
    assert "回復「無」" in page.text
    assert "大林鎮公所的回復" not in page.text
    row = recipient(call, "三興國小")
    assert said(client.post(url("answer_none", row.pk), follow=True)) == ["已替三興國小回復「無」。"]
    again = client.post(url("answer_none", row.pk), follow=True)
    assert said(again) == ["蔡兼任已於 115年11月22日（日）10:00 回復「無」。"]
    assert "蔡兼任於 115年11月22日（日）10:00 回復「無」。" in again.text
    assert said(client.post(url("take_back_none", row.pk), follow=True)) == ["已撤回三興國小「無」的回復。"]


def test_an_agency_sees_its_own_answer_alone(call: CallForItems, cast: build.Cast) -> None:
    page = logged_in(cast.member_officer).get(url("call", call.meeting.pk))
    assert [row.agency.short_name for row in page.context["own"]] == ["民雄國中"]
    assert "三興國小" not in page.text
    assert "至少分享 1 件案例" in page.text


def test_a_draft_is_the_hosts_and_the_offices(meeting: Meeting, cast: build.Cast) -> None:
    logged_in(cast.host_officer).post(url("edit_call", meeting.pk), {**LETTER, "closes_on": "115/12/10"})
    answers = {
        role: logged_in(getattr(cast, role)).get(url("call", meeting.pk)).status_code
        for role in ("host_officer", "office_reader", "member_officer", "coached_officer", "neighbour_host")
    }
    assert answers == {
        "host_officer": 200,
        "office_reader": 200,
        "member_officer": 404,
        "coached_officer": 404,
        "neighbour_host": 404,
    }
    letter = reverse("proposals:call_letter", kwargs={"pk": meeting.pk, "form": "pdf"})
    assert logged_in(cast.member_officer).get(letter).status_code == 404


# --- The list --------------------------------------------------------------------------------------------------------


def cells(user: Any, **query: str) -> list[list[str]]:
    page = logged_in(user).get(reverse("proposals:calls"), query)
    return [[str(cell) for _, cell, _ in row] for row in page.context["rows"]]


def test_the_list_names_meetings_without_a_call(call: CallForItems, cast: build.Cast) -> None:
    build.meeting(day=DAY + timedelta(days=7))
    build.meeting(district=build.district("山區"), day=DAY + timedelta(days=8))
    build.meeting(day=DAY, state=MeetingState.CANCELLED)
    actions.answer_none(recipient=recipient(call, "三興國小"), by=cast.coached_officer)
    joint = ["北平原區", "第", "1", "次專、兼任(辦)人事人員聯繫會報", "115年12月29日（二）14:00", "未函請", "—", "—"]
    asked = ["北平原區", "第", "1", "次專任人事人員聯繫會報", "115年12月22日（二）14:00", "函請中", "115/12/10", "1／4"]
    assert [" ".join(line).split(" ") for line in cells(cast.host_officer)] == [[*joint, "函請提案"], [*asked, "—"]]
    assert len(cells(cast.office_reader)) == 3
    assert cells(cast.office_reader, call="none")[0][0] == "山區"
    assert [line[-2:] for line in cells(cast.member_officer)] == [["115/12/10", "0／1"]]
    assert [line[-2:] for line in cells(cast.coached_officer)] == [["115/12/10", "1／1"]]
    assert [line[0] for line in cells(cast.neighbour_host)] == ["山區"]


def test_pages_ask_no_more_for_thirty_recipients_than_for_one(cast: build.Cast) -> None:
    counts: list[list[int]] = []
    client = logged_in(cast.office_reviewer)
    for number in (1, 30):
        district = build.district(f"第{number}試區", order=number)
        agencies = [build.agency() for _ in range(number)]
        for agency in agencies:
            build.membership(district=district, agency=agency)
        made = build.items_call(meeting=build.meeting(district=district, day=DAY), agencies=agencies)
        made.recipients.update(none_at=build.at(build.TODAY, 9), none_by=cast.host_officer)
        drafted = build.items_call(meeting=build.meeting(district=district, day=DAY), is_sent=False)
        pks = made.meeting.pk, drafted.meeting.pk
        pages = [url("call", pks[0]), url("call", pks[1]), url("edit_call", pks[1]), url("send_call", pks[1])]
        pages += [url("ask_missing", pks[0]), reverse("proposals:calls")]
        pages.append(reverse("proposals:call_letter", kwargs={"pk": pks[0], "form": "odt"}))
        for page in pages:
            status(client.get(page))  # what is remembered for the process is asked once
        counts.append([queries(client, page) for page in pages])
    assert counts[0] == counts[1]
