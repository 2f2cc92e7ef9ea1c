"""The call of a meeting: who is invited, who is written to, and what their calendars are told."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import connection, connections
from django.test import Client
from icalendar import Calendar

from districts.models import Agency, Membership
from meetings.actions import meetings as actions
from meetings.choices import MeetingKind, MeetingState
from meetings.facts import invitees
from meetings.models import Meeting
from personnel_portal.outbox.choices import State
from personnel_portal.outbox.models import Message
from personnel_portal.trail.models import Entry
from tests import build

DAY = date(2026, 12, 22)


@pytest.fixture(autouse=True)
def _today() -> Any:
    with time_machine.travel(build.at(build.TODAY, 10), tick=False):
        yield


def call(meeting: Meeting, by: Any) -> actions.Called:
    return actions.call_meeting(meeting=meeting, number="大鎮人字第1150001234號", call_date=build.TODAY, by=by)


def entry_of(message: Message) -> tuple[str, Any]:
    """Return the METHOD of the .ics of a mail, and its one event."""
    attachment = message.attachments.get()
    assert (attachment.name, attachment.mime) == ("meeting.ics", "text/calendar")
    book = Calendar.from_ical(bytes(attachment.content))
    (event,) = book.walk("VEVENT")
    return str(book["METHOD"]), event


# --- Who is invited --------------------------------------------------------------------------------------------------


def names(kind: MeetingKind, day: date) -> tuple[int, list[str]]:
    """Return how many members are invited, and the coached agencies."""
    found = invitees(build.district("北平原區"), kind, day)
    return sum(not i.is_coached for i in found), [i.agency.short_name for i in found if i.is_coached]


def test_the_table_of_the_meetings_day_gives_the_coached(cast: build.Cast) -> None:
    district = build.district("北平原區")
    officer = cast.host_officer.person
    tables = {
        (date(2026, 11, 1), 1): "甲國小",
        (date(2026, 12, 1), 1): "乙國小",
        (date(2026, 12, 1), 2): "丙國小",
        (date(2027, 1, 1), 1): "丁國小",
    }
    for (month, version), name in tables.items():
        agency = build.agency(short_name=name)
        build.coaching_table(district=district, month=month, version=version, rows={agency: officer})
    build.coaching_table(district=build.district("山區"), rows={build.agency(short_name="山國小"): officer})
    assert names(MeetingKind.JOINT, date(2026, 10, 31)) == (21, [])
    assert names(MeetingKind.JOINT, date(2026, 11, 30)) == (21, ["甲國小"])
    assert names(MeetingKind.JOINT, date(2026, 12, 1)) == (21, ["丙國小"])
    assert names(MeetingKind.JOINT, date(2026, 12, 31)) == (21, ["丙國小"])
    assert names(MeetingKind.JOINT, date(2027, 6, 1)) == (21, ["丁國小"])
    assert names(MeetingKind.FULL_TIME, date(2026, 12, 31)) == (21, [])


def test_a_coached_member_is_invited_once_and_as_a_member(cast: build.Cast) -> None:
    build.coaching_table(district=build.district("北平原區"), rows={build.listed("民雄國中"): cast.host_officer.person})
    assert names(MeetingKind.JOINT, DAY) == (21, [])


def test_members_are_those_of_the_day(cast: build.Cast) -> None:
    district = build.district("北平原區")
    Membership.objects.filter(district=district, agency=build.listed("民雄國中")).update(until=date(2026, 12, 21))
    build.membership(district=district, since=date(2026, 12, 22))
    build.membership(district=district, since=date(2026, 12, 23))
    assert names(MeetingKind.FULL_TIME, date(2026, 12, 21))[0] == 21
    assert names(MeetingKind.FULL_TIME, date(2026, 12, 22))[0] == 21
    assert names(MeetingKind.FULL_TIME, date(2026, 12, 23))[0] == 22


def test_who_was_called_stays_invited(cast: build.Cast) -> None:
    meeting = build.meeting(day=DAY)
    call(meeting, cast.host_officer)
    district = meeting.district
    build.membership(district=district)
    build.coaching_table(district=district, rows={build.agency(): cast.host_officer.person})
    with time_machine.travel(build.at(DAY, 17), tick=False):
        actions.hold_meeting(meeting=meeting, by=cast.host_officer)
    listed = [i.agency.short_name for i in meeting.invitations.select_related("agency")]
    assert len(listed) == 21
    assert listed[0] == "民雄鄉公所"
    assert listed[-1] == "公共汽車管理處"


# --- Who is written to -----------------------------------------------------------------------------------------------


def test_call_page_says_what_follows(cast: build.Cast) -> None:
    district = build.district("北平原區")
    build.coaching_table(
        district=district, rows={cast.coached_officer.person.postings.get().agency: cast.host_officer.person}
    )
    Agency.objects.filter(short_name="民雄國小").update(mail="mses@mail.cyc.edu.tw")
    meeting = build.meeting(day=DAY)
    client = Client()
    client.force_login(cast.host_officer, backend="django.contrib.auth.backends.ModelBackend")
    page = client.get(f"/meetings/{meeting.pk}/call/")
    # 大林鎮公所, 民雄國中, 三興國小 by their officers, 民雄國小 by its own address
    assert len(page.context["reach"].addresses) == 4
    assert page.context["count"] == 22
    assert "將寄信給 4 人，附行事曆檔。" in page.text
    assert "下列 18 個機關尚無可通知的人員，請另行通知：民雄鄉公所、大吉國中、" in page.text
    posted = client.post(
        f"/meetings/{meeting.pk}/call/", {"number": "大鎮人字第1150001234號", "call_date": "115/11/22"}, follow=True
    )
    assert str(next(iter(posted.context["messages"]))) == "已發出開會通知，寄信給 4 人。"
    assert dict(Message.objects.values_list("to", "to_name")) == {
        "host@example.gov.tw": "黃承辦",
        "member@example.gov.tw": "吳成員",
        "coached@example.gov.tw": "蔡兼任",
        "mses@mail.cyc.edu.tw": "嘉義縣民雄鄉民雄國民小學",
    }
    meeting.refresh_from_db()
    assert (meeting.state, meeting.call_number, meeting.call_date) == (
        MeetingState.CALLED,
        "大鎮人字第1150001234號",
        build.TODAY,
    )
    assert meeting.invitations.filter(is_coached=True).count() == 1
    late = client.post(f"/meetings/{meeting.pk}/call/", {"number": "", "call_date": "115/11/22"})
    assert late.context["form"].errors["__all__"] == ["會議目前為「已通知」，不能再發開會通知。"]
    assert Message.objects.count() == 4


def test_call_is_dated_before_the_meeting(cast: build.Cast) -> None:
    meeting = build.meeting(day=DAY)
    client = Client()
    client.force_login(cast.host_officer, backend="django.contrib.auth.backends.ModelBackend")
    answer = client.post(f"/meetings/{meeting.pk}/call/", {"number": "", "call_date": "115/12/23"})
    assert answer.context["form"].errors["call_date"] == ["開會通知日期不得晚於開會日期。"]


def test_a_meeting_of_yesterday_is_not_called(cast: build.Cast) -> None:
    with pytest.raises(ValidationError, match="會議時間已過，不能再發開會通知；請直接登錄召開。"):
        call(build.meeting(day=build.TODAY - timedelta(days=1)), cast.host_officer)
    assert not Message.objects.exists()


def test_one_person_of_two_agencies_gets_one_mail(cast: build.Cast) -> None:
    build.posting(person=cast.member_officer.person, agency=build.listed("大吉國中"))
    called = call(build.meeting(day=DAY), cast.host_officer)
    assert called.mails == 2
    assert sorted(Message.objects.values_list("to", flat=True)) == ["host@example.gov.tw", "member@example.gov.tw"]
    assert len(called.unreachable) == 18


def test_call_mail_says_the_meeting_and_carries_an_appointment(cast: build.Cast) -> None:
    meeting = build.meeting(day=DAY)
    build.agenda_item(meeting=meeting, subject="<b>差勤</b>")
    call(meeting, cast.host_officer)
    message = Message.objects.get(to="member@example.gov.tw")
    assert message.subject == ("【開會通知】北平原區第 1 次專、兼任(辦)人事人員聯繫會報（115年12月22日（二）14:00）")
    assert message.text.startswith(
        "吳成員 您好：\n\n請撥冗出席下列會議；附件可加入行事曆。\n\n"
        "會議：北平原區第 1 次專、兼任(辦)人事人員聯繫會報\n"
        "時間：115年12月22日（二）14:00\n地點：大林鎮公所三樓會議室\n主席：處長\n"
        "文號：115/11/22 大鎮人字第1150001234號\n"
    )
    assert "1. 討論事項：<b>差勤</b>" in message.text
    assert "&lt;b&gt;差勤&lt;/b&gt;" in message.html
    assert message.sender == f"office:{meeting.plan.office_id}"
    method, event = entry_of(message)
    assert (method, event["STATUS"], event["SEQUENCE"]) == ("PUBLISH", "CONFIRMED", 0)
    assert event["SUMMARY"] == "北平原區第 1 次專、兼任(辦)人事人員聯繫會報"
    assert event["LOCATION"] == "大林鎮公所三樓會議室"
    assert event["DTSTART"].dt == build.at(DAY)
    assert event["DTEND"].dt == build.at(DAY, 16)


# --- Moved and cancelled ---------------------------------------------------------------------------------------------


def test_moving_calls_waiting_mail_back_and_tells_the_new_time(cast: build.Cast) -> None:
    meeting = build.meeting(day=DAY)
    call(meeting, cast.host_officer)
    actions.change_meeting(
        meeting=meeting, by=cast.host_officer, starts_at=build.at(DAY, 9, 30), place=meeting.place, contact="分機 101"
    )
    assert Counter(Message.objects.values_list("state", flat=True)) == {State.CANCELLED: 2, State.QUEUED: 2}
    message = Message.objects.get(to="member@example.gov.tw", state=State.QUEUED)
    assert message.subject == "【會議異動】北平原區第 1 次專、兼任(辦)人事人員聯繫會報改為 115年12月22日（二）09:30"
    assert "原訂時間：115年12月22日（二）14:00" in message.text
    assert "原訂地點" not in message.text
    method, event = entry_of(message)
    assert (method, event["STATUS"], event["SEQUENCE"]) == ("PUBLISH", "CONFIRMED", 1)
    assert event["DTSTART"].dt == build.at(DAY, 9, 30)
    uids = {str(entry_of(m)[1]["UID"]) for m in Message.objects.all()}
    assert len(uids) == 1


def test_each_move_is_told_anew_and_other_changes_are_not(cast: build.Cast) -> None:
    meeting = build.meeting(day=DAY)
    call(meeting, cast.host_officer)
    Message.objects.update(state=State.SENT, sent_at=datetime(2026, 11, 22, tzinfo=build.TAIPEI))
    for place in ("禮堂", "視聽教室"):
        actions.change_meeting(meeting=meeting, by=cast.host_officer, place=place)
    actions.change_meeting(meeting=meeting, by=cast.host_officer, chair="副處長", place="視聽教室")
    assert Counter(Message.objects.values_list("state", flat=True)) == {
        State.SENT: 2,
        State.CANCELLED: 2,
        State.QUEUED: 2,
    }
    meeting.refresh_from_db()
    assert meeting.sequence == 2


def test_a_meeting_that_was_not_called_moves_silently(cast: build.Cast) -> None:
    meeting = build.meeting(day=DAY)
    actions.change_meeting(meeting=meeting, by=cast.host_officer, place="禮堂")
    actions.cancel_meeting(meeting=meeting, by=cast.host_officer, reason="併辦")
    assert not Message.objects.exists()


def test_a_time_corrected_afterwards_is_not_told(cast: build.Cast) -> None:
    meeting = build.meeting(day=DAY)
    call(meeting, cast.host_officer)
    with time_machine.travel(build.at(DAY, 18), tick=False):
        actions.change_meeting(meeting=meeting, by=cast.host_officer, starts_at=build.at(DAY, 15))
    assert Message.objects.count() == 2


def test_cancelling_takes_the_appointment_away(cast: build.Cast) -> None:
    meeting, other = build.meeting(day=DAY), build.meeting(day=DAY)
    call(meeting, cast.host_officer)
    call(other, cast.host_officer)
    actions.cancel_meeting(meeting=meeting, reason="颱風停班", by=cast.office_reviewer)
    mine = Message.objects.filter(key__startswith=f"meeting:{meeting.pk}:")
    assert Counter(mine.values_list("state", flat=True)) == {State.CANCELLED: 2, State.QUEUED: 2}
    message = mine.get(to="member@example.gov.tw", state=State.QUEUED)
    assert message.subject.startswith("【會議取消】北平原區第 1 次")
    assert "下列會議取消辦理，原因：颱風停班" in message.text
    method, event = entry_of(message)
    assert (method, event["STATUS"], event["SEQUENCE"]) == ("CANCEL", "CANCELLED", 1)
    theirs = Message.objects.filter(key__startswith=f"meeting:{other.pk}:")
    assert Counter(theirs.values_list("state", flat=True)) == {State.QUEUED: 2}
    with pytest.raises(ValidationError, match="會議已取消，不能取消。"):
        actions.cancel_meeting(meeting=meeting, reason="x", by=cast.host_officer)


def test_every_step_stands_in_the_trail(cast: build.Cast) -> None:
    meeting = build.meeting(day=DAY)
    call(meeting, cast.host_officer)
    actions.cancel_meeting(meeting=meeting, reason="颱風停班", by=cast.office_reviewer)
    acts = [(e.act, e.act_label, e.actor_name) for e in Entry.objects.for_target(meeting).order_by("id")]
    assert acts == [
        ("meeting.called", "寄發開會通知", "黃承辦"),
        ("meeting.cancelled", "取消會議", "陳審核"),
    ]


@pytest.mark.django_db(transaction=True)
def test_two_who_plan_at_once_get_two_numbers() -> None:
    if connection.vendor == "sqlite":
        pytest.skip("SQLite lets one write at a time by itself")
    district = build.district("北平原區")

    def plan(place: int) -> int:
        try:
            return actions.plan_meeting(
                district=district, kind=MeetingKind.JOINT, starts_at=build.at(DAY, 9 + place), place="x", by=None
            ).number
        finally:
            connections.close_all()

    with ThreadPoolExecutor(6) as pool:
        assert sorted(pool.map(plan, range(6))) == [1, 2, 3, 4, 5, 6]
