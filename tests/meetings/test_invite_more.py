"""A table that comes after the call: its agencies are invited late. And what the page's history shows to whom."""

from collections.abc import Iterator
from datetime import date

import pytest
import time_machine
from django.core.exceptions import ValidationError

from districts.models import Agency
from meetings.actions import attendance
from meetings.actions import meetings as actions
from meetings.models import Meeting
from personnel_portal.outbox.models import Message
from personnel_portal.trail.actions import record
from personnel_portal.trail.models import Entry
from tests import build
from tests.site.clients import logged_in

pytestmark = pytest.mark.django_db
DAY = date(2026, 12, 22)


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with time_machine.travel(build.at(build.TODAY, 10), tick=False):
        yield


@pytest.fixture
def meeting(cast: build.Cast) -> Meeting:
    """A meeting called before there was a table, which then names 三興國小."""
    made = build.meeting(day=DAY)
    actions.call_meeting(meeting=made, number="", call_date=build.TODAY, by=cast.host_officer)
    Message.objects.all().delete()
    coached = Agency.objects.get(short_name="三興國小")
    build.coaching_table(district=made.district, rows={coached: cast.host_officer.person})
    made.refresh_from_db()
    return made


def test_agencies_named_after_the_call_are_invited_and_they_alone_are_written_to(
    cast: build.Cast, meeting: Meeting
) -> None:
    host = logged_in(cast.host_officer)
    assert "分配表更新後，尚有 1 個機關未受邀：三興國小。" in host.get(f"/meetings/{meeting.pk}/").text
    answer = host.post(f"/meetings/{meeting.pk}/invite-more/", follow=True)
    assert [str(m) for m in answer.context["messages"]] == ["已補寄開會通知，寄信給 1 人。"]
    assert "未受邀" not in answer.text
    message = Message.objects.get()
    assert message.to == cast.coached_officer.person.mail
    assert message.subject.startswith("【開會通知】")
    late = meeting.invitations.get(agency__short_name="三興國小")
    assert late.is_coached
    assert late.order == meeting.invitations.count() == 22
    entry = Entry.objects.for_target(meeting).first()
    assert entry is not None
    assert (entry.act_label, entry.detail["agencies"]) == ("補寄開會通知", ["三興國小"])


def test_nobody_is_invited_twice_nor_to_a_meeting_not_called(cast: build.Cast, meeting: Meeting) -> None:
    actions.invite_more(meeting=meeting, by=cast.host_officer)
    planned = build.meeting(day=DAY)
    for each in (meeting, planned):
        with pytest.raises(ValidationError, match="沒有需要補寄開會通知的機關。"):
            actions.invite_more(meeting=each, by=cast.host_officer)
    assert Message.objects.count() == 1
    assert not planned.invitations.exists()


def test_only_who_runs_the_meeting_sees_whom_it_lacks(cast: build.Cast, meeting: Meeting) -> None:
    shown = {
        user.username: "補寄開會通知" in logged_in(user).get(f"/meetings/{meeting.pk}/").text
        for user in (cast.office_reviewer, cast.office_reader, cast.host_officer, cast.member_officer)
    }
    assert shown == {"reviewer": True, "reader": False, "host": True, "member": False}


def test_history_tells_steps_and_not_who_printed_what(cast: build.Cast, meeting: Meeting) -> None:
    attendance.open_check_in(meeting=meeting, by=cast.host_officer)
    for act in ("paper.printed", "list.exported", "file.downloaded", "agenda.saved"):
        record(act, meeting, by=cast.member_officer)
    record("minutes.returned", meeting.minutes, by=cast.office_reviewer)
    record("minutes.file_added", meeting.minutes, by=cast.host_officer)
    full = ["minutes.returned", "attendance.opened", "meeting.called"]
    shown = {
        user.username: [e.act for e in logged_in(user).get(f"/meetings/{meeting.pk}/").context["history"]]
        for user in (cast.office_reader, cast.host_officer, cast.member_officer)
    }
    assert shown == {"reader": full, "host": full, "member": full[2:]}
