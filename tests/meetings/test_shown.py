"""Two people have the same page open: nobody's change is undone unseen, and what was typed stays."""

from collections.abc import Iterator
from datetime import date, timedelta
from html.parser import HTMLParser
from typing import Any

import pytest
import time_machine

from meetings.actions import agenda
from meetings.actions import meetings as steps
from meetings.actions.attendance import Mark, mark_attendance
from meetings.choices import AttendanceState
from meetings.models import AgendaItem, Meeting
from personnel_portal.outbox.models import Message
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
    """A meeting that was called."""
    made = build.meeting(day=DAY, place="三樓會議室")
    steps.call_meeting(meeting=made, number="", call_date=build.TODAY, by=cast.host_officer)
    Message.objects.all().delete()
    made.refresh_from_db()
    return made


class _Fields(HTMLParser):
    """What a browser would send of the form with a button 儲存, unless somebody types."""

    def __init__(self) -> None:
        super().__init__()
        self.values: dict[str, str] = {}
        self._open = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name, value = given.get("name") or "", given.get("value") or ""
        if tag in ("textarea", "select"):
            self._open, self.values[name] = name, ""
        elif (tag == "option" and "selected" in given) or (
            tag == "input" and name and (given.get("type") != "radio" or "checked" in given)
        ):
            self.values[name or self._open] = value

    def handle_data(self, data: str) -> None:
        if self._open == "explanation" or self._open in ("remedy", "resolution", "opening"):
            self.values[self._open] += data.removeprefix("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("textarea", "select"):
            self._open = ""


def fields(response: Any) -> dict[str, str]:
    """Return what the page would send, with the line ends of a browser."""
    reader = _Fields()
    reader.feed(response.text)
    return {name: value.replace("\n", "\r\n") for name, value in reader.values.items()}


# --- The meeting -----------------------------------------------------------------------------------------------------


def test_a_page_that_stood_open_does_not_move_a_meeting_back(cast: build.Cast, meeting: Meeting) -> None:
    host, url = logged_in(cast.host_officer), f"/meetings/{meeting.pk}/edit/"
    stale = fields(host.get(url))
    steps.change_meeting(meeting=meeting, by=cast.office_reviewer, starts_at=build.at(DAY, 9), place="禮堂")
    told = Message.objects.count()
    assert host.post(url, {**stale, "contact": "分機 101"}).status_code == 302
    meeting.refresh_from_db()
    assert (meeting.starts_at, meeting.place, meeting.contact) == (build.at(DAY, 9), "禮堂", "分機 101")
    assert (meeting.sequence, Message.objects.count()) == (1, told)


def test_a_field_changed_by_both_is_told_and_kept_until_confirmed(cast: build.Cast, meeting: Meeting) -> None:
    host, url = logged_in(cast.host_officer), f"/meetings/{meeting.pk}/edit/"
    stale = fields(host.get(url))
    steps.change_meeting(meeting=meeting, by=cast.office_reviewer, place="禮堂", chair="副處長")
    told = host.post(url, {**stale, "place": "視聽教室"})
    assert told.context["form"].errors == {
        "place": ["陳審核已於 115年11月22日（日）10:00 變更「地點」，目前為「禮堂」；請確認後再儲存。"]
    }
    meeting.refresh_from_db()
    assert meeting.place == "禮堂"
    again = fields(told)
    assert again["place"] == "視聽教室"
    assert host.post(url, again).status_code == 302
    meeting.refresh_from_db()
    assert (meeting.place, meeting.chair) == ("視聽教室", "副處長")


def test_a_second_change_before_the_confirmation_is_told_too(cast: build.Cast, meeting: Meeting) -> None:
    host, url = logged_in(cast.host_officer), f"/meetings/{meeting.pk}/edit/"
    stale = fields(host.get(url))
    for hour in (9, 10):
        steps.change_meeting(meeting=meeting, by=cast.office_reviewer, starts_at=build.at(DAY, hour))
        told = host.post(url, {**stale, "starts_at_time": "15:30"})
        stale = fields(told)
        assert f"目前為「115年12月22日（二）{hour:02}:00」" in told.context["form"].errors["starts_at"][0]
    assert host.post(url, stale).status_code == 302
    meeting.refresh_from_db()
    assert meeting.starts_at == build.at(DAY, 15, 30)


def test_both_changed_to_the_same_is_no_quarrel(cast: build.Cast, meeting: Meeting) -> None:
    host, url = logged_in(cast.host_officer), f"/meetings/{meeting.pk}/edit/"
    stale = fields(host.get(url))
    steps.change_meeting(meeting=meeting, by=cast.office_reviewer, place="禮堂")
    assert host.post(url, {**stale, "place": "禮堂"}).status_code == 302


def test_a_page_from_before_the_call_does_not_wipe_its_number(cast: build.Cast) -> None:
    meeting = build.meeting(day=DAY)
    host, url = logged_in(cast.host_officer), f"/meetings/{meeting.pk}/edit/"
    stale = fields(host.get(url))
    assert "call_number" not in stale
    steps.call_meeting(meeting=meeting, number="府人字第1號", call_date=build.TODAY, by=cast.office_reviewer)
    assert host.post(url, {**stale, "contact": "分機 101"}).status_code == 302
    meeting.refresh_from_db()
    assert (meeting.call_number, meeting.call_date, meeting.contact) == ("府人字第1號", build.TODAY, "分機 101")


def test_a_page_from_before_the_meeting_does_not_quarrel_about_its_end(cast: build.Cast) -> None:
    meeting = build.held_meeting(day=build.TODAY - timedelta(days=3))
    host, url = logged_in(cast.host_officer), f"/meetings/{meeting.pk}/edit/"
    stale = fields(host.get(url))
    at = meeting.starts_at
    steps.change_meeting(meeting=meeting, by=cast.office_reviewer, starts_at=at - timedelta(hours=4))
    ended = {"ends_at_date": stale["starts_at_date"], "ends_at_time": "12:00"}
    assert host.post(url, {**stale, **ended}).status_code == 302
    meeting.refresh_from_db()
    assert meeting.ends_at == at - timedelta(hours=2)


@pytest.mark.parametrize("shown", ["x", "place:", "place:0 nonsense:1", "\x00:", ":" * 5000])
def test_a_forged_page_is_answered_by_a_page(cast: build.Cast, meeting: Meeting, shown: str) -> None:
    host, url = logged_in(cast.host_officer), f"/meetings/{meeting.pk}/edit/"
    answer = host.post(url, {**fields(host.get(url)), "place": "禮堂", "shown": shown})
    assert answer.status_code in (200, 302)


# --- The attendance --------------------------------------------------------------------------------------------------


def test_a_row_entered_by_both_is_told_and_nothing_is_written_until_confirmed(
    cast: build.Cast, meeting: Meeting
) -> None:
    host, url = logged_in(cast.host_officer), f"/meetings/{meeting.pk}/attendance/"
    rows = {i.agency.short_name: i.pk for i in meeting.invitations.select_related("agency")}
    stale = fields(host.get(url))
    mark = {rows["民雄國中"]: Mark(AttendanceState.EXCUSED), rows["民雄國小"]: Mark(AttendanceState.PRESENT, "王主任")}
    mark_attendance(meeting=meeting, marks=mark, by=cast.office_reviewer)
    typed = {f"state_{rows['民雄國中']}": "absent", f"state_{rows['大林鎮公所']}": "present"}
    told = host.post(url, {**stale, **typed})
    assert told.context["form"].errors == {
        "__all__": ["陳審核已於 115年11月22日（日）10:00 登錄「民雄國中」為「請假」；請確認後再儲存。"]
    }
    assert attendance(meeting) == {"民雄國中": ("excused", ""), "民雄國小": ("present", "王主任")}
    again = fields(told)
    assert again.items() >= typed.items()
    assert host.post(url, again).status_code == 302
    assert attendance(meeting) == {
        "大林鎮公所": ("present", ""),
        "民雄國中": ("absent", ""),
        "民雄國小": ("present", "王主任"),
    }


def test_the_rest_as_present_leaves_alone_what_others_entered(cast: build.Cast, meeting: Meeting) -> None:
    host, url = logged_in(cast.host_officer), f"/meetings/{meeting.pk}/attendance/"
    invitation = meeting.invitations.get(agency__short_name="民雄國中")
    stale = fields(host.get(url))
    mark_attendance(meeting=meeting, marks={invitation.pk: Mark(AttendanceState.EXCUSED)}, by=cast.office_reviewer)
    assert host.post(url, {**stale, "fill": "1"}).status_code == 302
    entered = attendance(meeting)
    assert entered.pop("民雄國中") == ("excused", "")
    assert set(entered.values()) == {("present", "")}
    assert len(entered) == meeting.invitations.count() - 1


def attendance(meeting: Meeting) -> dict[str, tuple[str, str]]:
    """Return what is entered, by agency."""
    entered = meeting.invitations.exclude(attendance="").select_related("agency")
    return {i.agency.short_name: (i.attendance, i.attendee) for i in entered}


# --- The agenda ------------------------------------------------------------------------------------------------------


@pytest.fixture
def item(meeting: Meeting) -> AgendaItem:
    made = build.agenda_item(meeting=meeting, subject="甲案")
    made.explanation = "一、現行\n二、問題"
    made.save()
    return made


def test_the_resolution_and_the_explanation_by_two_people_both_stay(cast: build.Cast, item: AgendaItem) -> None:
    host, reviewer = logged_in(cast.host_officer), logged_in(cast.office_reviewer)
    url = f"/meetings/{item.meeting.pk}/agenda/{item.pk}/"
    first, second = fields(host.get(url)), fields(reviewer.get(url))
    assert host.post(url, {**first, "resolution": "照案通過"}).status_code == 302
    assert reviewer.post(url, {**second, "remedy": "函轉各校"}).status_code == 302
    item.refresh_from_db()
    assert (item.explanation, item.resolution, item.remedy) == ("一、現行\n二、問題", "照案通過", "函轉各校")


def test_a_resolution_written_by_both_is_told(cast: build.Cast, item: AgendaItem) -> None:
    host, url = logged_in(cast.host_officer), f"/meetings/{item.meeting.pk}/agenda/{item.pk}/"
    stale = fields(host.get(url))
    agenda.change_item(item=item, by=cast.office_reviewer, resolution="緩議")
    told = host.post(url, {**stale, "resolution": "照案通過"})
    assert told.context["form"].errors == {
        "resolution": ["陳審核已於 115年11月22日（日）10:00 變更「決議」，目前為「緩議」；請確認後再儲存。"]
    }
    item.refresh_from_db()
    assert item.resolution == "緩議"
    assert host.post(url, fields(told)).status_code == 302
    item.refresh_from_db()
    assert item.resolution == "照案通過"


def test_an_item_removed_meanwhile_is_not_written_anew(cast: build.Cast, item: AgendaItem) -> None:
    before = AgendaItem.objects.select_related("meeting").get(pk=item.pk)
    agenda.remove_item(item=item, by=cast.office_reviewer)
    with pytest.raises(Exception, match="這個議程項目已由他人刪除。"):
        agenda.change_item(item=before, by=cast.host_officer, resolution="照案通過")
    assert not AgendaItem.objects.exists()
