"""The agenda: items, their order by buttons and by dragging, and their resolutions."""

import pytest
from django.core.exceptions import ValidationError

from meetings.actions import agenda as actions
from meetings.choices import MeetingState, MinutesState, Section
from meetings.facts import agenda
from meetings.models import AgendaItem, Meeting
from personnel_portal.trail.models import Entry
from tests import build
from tests.site.clients import logged_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def meeting(cast: build.Cast) -> Meeting:
    """A meeting with a report and three items to discuss."""
    made = build.meeting()
    build.agenda_item(meeting=made, subject="業務報告", section=Section.REPORT)
    for order, subject in enumerate(("甲案", "乙案", "丙案"), start=1):
        build.agenda_item(meeting=made, subject=subject, order=order)
    return made


def typed(**changes: str) -> dict[str, str]:
    names = ("proposer", "explanation", "remedy", "resolution")
    return {"section": "discussion", "subject": "丁案", **dict.fromkeys(names, ""), **changes}


def subjects(meeting: Meeting) -> list[str]:
    return [item.subject for items in agenda(meeting).values() for item in items]


def keys(meeting: Meeting) -> dict[str, int]:
    return dict(meeting.agenda.values_list("subject", "pk"))


def test_agenda_stands_in_the_order_of_the_minutes(meeting: Meeting) -> None:
    build.agenda_item(meeting=meeting, subject="動議", section=Section.EXTEMPORE, order=0)
    assert subjects(meeting) == ["業務報告", "甲案", "乙案", "丙案", "動議"]


def test_a_new_item_is_last_in_its_section(cast: build.Cast, meeting: Meeting) -> None:
    client = logged_in(cast.host_officer)
    page = client.get(f"/meetings/{meeting.pk}/agenda/add/?section=report")
    assert page.context["form"].initial["section"] == "report"
    answer = client.post(f"/meetings/{meeting.pk}/agenda/add/", typed(explanation="一、現行\n二、問題"))
    assert answer.headers["Location"] == f"/meetings/{meeting.pk}/#agenda"
    assert subjects(meeting) == ["業務報告", "甲案", "乙案", "丙案", "丁案"]
    assert Entry.objects.for_target(meeting).get().detail == {"subject": "丁案"}
    text = client.get(f"/meetings/{meeting.pk}/").text
    assert "說明：一、現行<br>二、問題" in text


def test_an_item_that_changes_its_section_goes_to_the_end(cast: build.Cast, meeting: Meeting) -> None:
    item = keys(meeting)["業務報告"]
    client = logged_in(cast.host_officer)
    client.post(f"/meetings/{meeting.pk}/agenda/{item}/", typed(subject="業務報告"))
    assert subjects(meeting) == ["甲案", "乙案", "丙案", "業務報告"]


def test_resolution_is_entered_after_the_meeting(cast: build.Cast, meeting: Meeting) -> None:
    meeting.state = MeetingState.HELD
    meeting.save()
    item = keys(meeting)["乙案"]
    logged_in(cast.office_reviewer).post(
        f"/meetings/{meeting.pk}/agenda/{item}/", typed(subject="乙案", resolution="照案通過。")
    )
    assert subjects(meeting) == ["業務報告", "甲案", "乙案", "丙案"]
    assert "決議：照案通過。" in logged_in(cast.host_officer).get(f"/meetings/{meeting.pk}/").text
    # What was resolved is the content of the minutes: invitees read it once they are accepted.
    assert "照案通過。" not in logged_in(cast.member_officer).get(f"/meetings/{meeting.pk}/").text


def test_removing_asks_first(cast: build.Cast, meeting: Meeting) -> None:
    client = logged_in(cast.host_officer)
    address = f"/meetings/{meeting.pk}/agenda/{keys(meeting)['甲案']}/remove/"
    assert "刪除「甲案」？" in client.get(address).text
    assert AgendaItem.objects.count() == 4
    client.post(address)
    assert subjects(meeting) == ["業務報告", "乙案", "丙案"]
    assert client.post(address).status_code == 404


def test_buttons_move_an_item(cast: build.Cast, meeting: Meeting) -> None:
    client = logged_in(cast.host_officer)
    key = keys(meeting)
    address = f"/meetings/{meeting.pk}/agenda/order/discussion/"
    for step, subject, order in (
        ("up", "丙案", ["甲案", "丙案", "乙案"]),
        ("up", "丙案", ["丙案", "甲案", "乙案"]),
        ("up", "丙案", ["丙案", "甲案", "乙案"]),
        ("down", "甲案", ["丙案", "乙案", "甲案"]),
        ("down", "甲案", ["丙案", "乙案", "甲案"]),
    ):
        answer = client.post(address, {step: key[subject]})
        assert answer.headers["Location"] == f"/meetings/{meeting.pk}/#agenda"
        assert subjects(meeting)[1:] == order


def test_dragging_posts_the_whole_order(cast: build.Cast, meeting: Meeting) -> None:
    key = keys(meeting)
    order = [key["乙案"], key["丙案"], key["甲案"]]
    answer = logged_in(cast.host_officer).post(f"/meetings/{meeting.pk}/agenda/order/discussion/", {"order": order})
    assert answer.status_code == 204
    assert subjects(meeting) == ["業務報告", "乙案", "丙案", "甲案"]


@pytest.mark.parametrize("order", [["x", "9" * 40], ["１"], [""], ["-1"]])
def test_an_order_of_other_items_changes_nothing(cast: build.Cast, meeting: Meeting, order: list[str]) -> None:
    answer = logged_in(cast.host_officer).post(f"/meetings/{meeting.pk}/agenda/order/discussion/", {"order": order})
    assert (answer.status_code, answer.text) == (409, "議程已由他人變更，請重新整理後再排序。")
    page = logged_in(cast.host_officer).post(
        f"/meetings/{meeting.pk}/agenda/order/discussion/", {"up": "x"}, follow=True
    )
    assert [str(m) for m in page.context["messages"]] == ["議程已由他人變更，請重新整理後再排序。"]
    assert subjects(meeting) == ["業務報告", "甲案", "乙案", "丙案"]


def test_an_order_made_before_an_item_was_added_is_refused(cast: build.Cast, meeting: Meeting) -> None:
    order = list(meeting.agenda.filter(section=Section.DISCUSSION).values_list("pk", flat=True))
    build.agenda_item(meeting=meeting, subject="新案", order=4)
    with pytest.raises(ValidationError, match="議程已由他人變更"):
        actions.order_items(meeting=meeting, section=Section.DISCUSSION, order=order, by=cast.host_officer)


def test_items_of_another_meeting_are_not_reached(cast: build.Cast, meeting: Meeting) -> None:
    other = build.agenda_item(meeting=build.meeting(district=build.district("山區")))
    client = logged_in(cast.host_officer)
    assert client.post(f"/meetings/{meeting.pk}/agenda/{other.pk}/", typed()).status_code == 404
    assert client.post(f"/meetings/{meeting.pk}/agenda/{other.pk}/remove/").status_code == 404
    assert client.post(f"/meetings/{meeting.pk}/agenda/order/nothing/", {"up": "1"}).status_code == 404


def test_readers_see_the_agenda_without_its_buttons(cast: build.Cast, meeting: Meeting) -> None:
    page = logged_in(cast.member_officer).get(f"/meetings/{meeting.pk}/")
    assert "甲案" in page.text
    assert "data-reorder" not in page.text
    locked = build.minutes(meeting=build.held_meeting(), state=MinutesState.ACCEPTED).meeting
    build.agenda_item(meeting=locked)
    assert "data-reorder" not in logged_in(cast.host_officer).get(f"/meetings/{locked.pk}/").text
