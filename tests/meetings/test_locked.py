"""Once minutes are accepted the meeting is locked, whoever asked before and whatever page stood open."""

from collections.abc import Callable, Iterator
from typing import Any
from unittest import mock

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.test import Client

from meetings.actions import agenda, attendance, meetings
from meetings.choices import AttendanceState, MinutesState, Section
from meetings.models import AgendaItem, Meeting
from personnel_portal.guards import ALLOWED
from personnel_portal.trail.models import Entry
from tests import build
from tests.site.clients import logged_in

pytestmark = pytest.mark.django_db
LOCKED = "會議紀錄已備查，會議資料已鎖定。"


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with time_machine.travel(build.at(build.TODAY, 15), tick=False):
        yield


@pytest.fixture
def meeting(cast: build.Cast) -> Meeting:
    """A meeting of today as it was read before its minutes were accepted."""
    made = build.held_meeting(day=build.TODAY)
    build.agenda_item(meeting=made, subject="甲案")
    build.invitation(meeting=made, agency=build.listed("民雄國中"))
    attendance.open_check_in(meeting=made, by=cast.host_officer)
    before = Meeting.objects.select_related("minutes").get(pk=made.pk)
    build.minutes(meeting=made, state=MinutesState.ACCEPTED)
    return before


def marks(meeting: Meeting) -> dict[int, attendance.Mark]:
    return {meeting.invitations.get().pk: attendance.Mark(AttendanceState.PRESENT)}


ACTS: list[Callable[[Meeting, Any], object]] = [
    lambda m, by: agenda.save_item(item=AgendaItem(meeting=m, subject="乙案"), by=by),
    lambda m, by: agenda.remove_item(item=m.agenda.get(), by=by),
    lambda m, by: agenda.order_items(
        meeting=m, section=Section.DISCUSSION, order=[item.pk for item in m.agenda.all()], by=by
    ),
    lambda m, by: attendance.mark_attendance(meeting=m, marks=marks(m), by=by),
    lambda m, by: attendance.open_check_in(meeting=m, by=by),
    lambda m, by: attendance.check_in(invitation=m.invitations.get(), code=m.check_in_code, by=by, today=build.TODAY),
    lambda m, by: meetings.change_meeting(meeting=m, by=by, place="他處"),
    lambda m, by: meetings.hold_meeting(meeting=m, by=by, ends_at=build.at(build.TODAY, 16)),
]


@pytest.mark.parametrize("act", ACTS)
def test_no_act_changes_an_accepted_meeting(
    cast: build.Cast, meeting: Meeting, act: Callable[[Meeting, Any], object]
) -> None:
    entries = Entry.objects.count()
    with pytest.raises(ValidationError, match=LOCKED):
        act(meeting, cast.host_officer)
    assert Entry.objects.count() == entries


@pytest.mark.parametrize(
    ("path", "values"),
    [
        ("agenda/add/", {"section": "discussion", "subject": "乙案"}),
        ("agenda/{item}/", {"section": "discussion", "subject": "乙案"}),
        ("agenda/{item}/remove/", {}),
        ("agenda/order/discussion/", {"up": "{item}"}),
        ("check-in/open/", {}),
        ("attendance/", {"fill": "1"}),
    ],
)
def test_a_page_that_was_asked_before_says_so(
    cast: build.Cast, meeting: Meeting, path: str, values: dict[str, str]
) -> None:
    """The policy let the request through, and the reviewer accepted while it was on its way."""
    item = str(meeting.agenda.get().pk)
    posted = {name: value.format(item=item) for name, value in values.items()}
    with (
        mock.patch("meetings.policies.can_host", return_value=ALLOWED),
        mock.patch("meetings.policies.MinutesState", mock.Mock(ACCEPTED="never")),
    ):
        answer = logged_in(cast.host_officer).post(
            f"/meetings/{meeting.pk}/{path.format(item=item)}", posted, follow=True
        )
    assert answer.status_code in (200, 422)
    assert LOCKED in answer.content.decode()
    assert meeting.agenda.get().subject == "甲案"


@pytest.mark.parametrize("model", ["agendaitem", "invitation"])
def test_the_administration_adds_nothing_to_it(meeting: Meeting, client: Client, model: str) -> None:
    user = build.user(username="root")
    user.is_staff = user.is_superuser = True
    user.save()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    agency = build.listed("大林鎮公所").pk
    values = {"meeting": meeting.pk, "section": "report", "order": 1, "subject": "乙案", "agency": agency}
    answer = client.post(f"/admin/meetings/{model}/add/", values)
    assert answer.status_code == 200
    assert LOCKED in answer.content.decode()


@pytest.mark.parametrize("name", ["state", "pk", "number", "plan", "sequence"])
def test_a_change_of_anything_else_is_an_error_of_the_program(cast: build.Cast, name: str) -> None:
    changes: dict[str, Any] = {name: "held"}
    with pytest.raises(TypeError, match=name):
        meetings.change_meeting(meeting=build.meeting(), by=cast.host_officer, **changes)
