"""A meeting from its plan to its end, in the pages of the host and of the office."""

from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.utils import timezone

from districts.models import CalendarDay
from meetings.actions import meetings as actions
from meetings.choices import MeetingKind, MeetingState, MinutesState
from meetings.facts import warnings
from meetings.models import Meeting
from personnel_portal.trail.models import Entry
from tests import build
from tests.racing import race
from tests.site.clients import logged_in

pytestmark = pytest.mark.django_db
DAY = date(2026, 12, 22)  # 115/12/22, a Tuesday


@pytest.fixture(autouse=True)
def _today() -> Any:
    with time_machine.travel(build.at(build.TODAY, 10), tick=False):
        yield


def typed(**changes: Any) -> dict[str, Any]:
    district = build.district("北平原區")
    return {
        "district": str(district.pk),
        "kind": "A",
        "starts_at_date": "115/12/22",
        "starts_at_time": "14:00",
        "place": "大林鎮公所三樓會議室",
        "chair": "處長",
        "recorder": "黃承辦",
        "contact": "",
        "observers": "",
        "opening": "",
        **changes,
    }


def sentences(response: Any) -> list[str]:
    return list(response.context["warnings"])


NO_TABLE = "尚無有效的輔導分配表，僅能邀請分區成員（計畫肆、二、(一)）。"


def test_host_plans_a_meeting_after_seeing_its_warnings(cast: build.Cast) -> None:
    client = logged_in(cast.host_officer)
    shown = client.post("/meetings/create/", typed())
    assert shown.status_code == 200
    assert sentences(shown) == [NO_TABLE]
    assert "仍要儲存" in shown.text
    assert 'value="大林鎮公所三樓會議室"' in shown.text
    assert not Meeting.objects.exists()
    saved = client.post("/meetings/create/", typed(seen=[NO_TABLE]))
    meeting = Meeting.objects.get()
    assert saved.headers["Location"] == f"/meetings/{meeting.pk}/"
    assert str(meeting) == "北平原區第 1 次專、兼任(辦)人事人員聯繫會報"
    assert (meeting.starts_at, meeting.chair, meeting.recorder) == (build.at(DAY), "處長", "黃承辦")
    assert meeting.minutes.state == MinutesState.UNFILED
    assert meeting.created_by == cast.host_officer
    assert Entry.objects.for_target(meeting).get().act == "meeting.planned"


def test_a_changed_date_shows_its_own_warnings_again(cast: build.Cast) -> None:
    client = logged_in(cast.host_officer)
    shown = client.post("/meetings/create/", typed(starts_at_date="115/12/26", seen=[NO_TABLE]))
    assert sentences(shown) == ["115年12月26日（六）為放假日。", NO_TABLE]
    assert not Meeting.objects.exists()


def test_form_is_filled_from_the_address(cast: build.Cast) -> None:
    district = build.district("北平原區")
    page = logged_in(cast.host_officer).get(f"/meetings/create/?district={district.pk}&kind=B")
    assert page.context["form"].initial["kind"] == "B"
    assert page.context["form"].initial["district"] == district
    assert page.context["form"].initial["chair"] == "處長"
    hostile = logged_in(cast.host_officer).get("/meetings/create/?district=x'&kind=Z")
    assert hostile.context["form"].initial["kind"] == "A"


def test_the_same_meeting_is_not_planned_twice(cast: build.Cast) -> None:
    client = logged_in(cast.host_officer)
    client.post("/meetings/create/", typed(seen=[NO_TABLE]))
    again = client.post("/meetings/create/", typed(seen=[NO_TABLE]))
    assert again.context["form"].errors["__all__"] == [
        "同一時間已排定「北平原區第 1 次專、兼任(辦)人事人員聯繫會報」，請勿重複建立。"
    ]
    assert Meeting.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_meeting_sent_twice_at_once_is_planned_once() -> None:
    if connection.vendor == "sqlite":
        pytest.skip("SQLite lets one transaction write at a time")
    cast = build.cast()
    clients = [logged_in(cast.host_officer), logged_in(cast.host_officer)]
    answers = race(*(partial(client.post, "/meetings/create/", typed(seen=[NO_TABLE])) for client in clients))
    assert sorted(answer.status_code for answer in answers) == [200, 302]
    assert Meeting.objects.count() == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("starts_at_date", "115/13/1"),
        ("starts_at_time", "25:00"),
        ("place", ""),
        ("place", "長" * 101),
        ("kind", "C"),
        ("district", "999999"),
        ("chair", "\x00"),
    ],
)
def test_what_cannot_be_is_said_at_the_field(cast: build.Cast, field: str, value: str) -> None:
    answer = logged_in(cast.host_officer).post("/meetings/create/", typed(seen=[NO_TABLE], **{field: value}))
    name = "starts_at" if field.startswith("starts_at") else field
    assert len(answer.context["form"].errors[name]) == 1
    assert not Meeting.objects.exists()


def test_only_hosts_plan_and_only_in_their_district(cast: build.Cast) -> None:
    for user in (cast.member_officer, cast.coached_officer, cast.office_reviewer, cast.office_reader, cast.stranger):
        assert logged_in(user).get("/meetings/create/").status_code == 403
    answer = logged_in(cast.neighbour_host).post("/meetings/create/", typed(seen=[NO_TABLE]))
    assert list(answer.context["form"].errors) == ["district"]


def test_numbers_follow_one_another_and_a_cancelled_meeting_keeps_its_own(cast: build.Cast) -> None:
    district = build.district("北平原區")

    def plan(kind: MeetingKind, hour: int = 10) -> Meeting:
        return actions.plan_meeting(district=district, kind=kind, starts_at=build.at(DAY, hour), place="x", by=None)

    first = plan(MeetingKind.JOINT)
    actions.cancel_meeting(meeting=first, reason="颱風", by=cast.host_officer)
    later = plan(MeetingKind.JOINT), plan(MeetingKind.JOINT, 14), plan(MeetingKind.FULL_TIME)
    assert [meeting.number for meeting in later] == [2, 3, 1]


# --- Warnings --------------------------------------------------------------------------------------------------------


def test_a_full_time_meeting_before_the_first_joint_one_warns() -> None:
    district = build.district("北平原區")
    before = "專任會報排在第一場專、兼任(辦)會報之前；計畫規定應先辦理專、兼任(辦)會報（計畫肆、二）。"
    assert warnings(district, MeetingKind.FULL_TIME, DAY) == [before]
    build.meeting(district=district, day=DAY, state=MeetingState.CANCELLED)
    build.meeting(district=district, day=DAY)
    assert warnings(district, MeetingKind.FULL_TIME, DAY) == [before]  # the same day is not before
    assert warnings(district, MeetingKind.FULL_TIME, DAY + timedelta(days=1)) == []
    build.meeting(district=build.district("山區"), day=DAY - timedelta(days=9))
    assert warnings(district, MeetingKind.FULL_TIME, DAY) == [before]


def test_days_outside_the_period_and_without_a_calendar_warn() -> None:
    district = build.district("北平原區")
    build.meeting(district=district)
    outside = "開會日期不在計畫期間（115/10/1 至 116/9/30）內，不計入應辦場次（計畫參、一）。"
    assert warnings(district, MeetingKind.FULL_TIME, date(2027, 9, 30)) == []
    assert warnings(district, MeetingKind.FULL_TIME, date(2027, 10, 1)) == [outside]
    CalendarDay.objects.of_years(2027, 2027).delete()
    assert warnings(district, MeetingKind.FULL_TIME, date(2027, 9, 30)) == ["116年辦公日曆尚未匯入，僅排除週六、週日。"]


# --- Changing, cancelling, holding -----------------------------------------------------------------------------------


def changed(meeting: Meeting, **changes: Any) -> dict[str, Any]:
    local = timezone.localtime(meeting.starts_at)
    values = typed(
        starts_at_date=f"{local.year - 1911}/{local.month}/{local.day}",
        starts_at_time=f"{local:%H:%M}",
        place=meeting.place,
        recorder=meeting.recorder,
        call_number=meeting.call_number,
        call_date=f"{meeting.call_date.year - 1911}/{meeting.call_date:%m/%d}" if meeting.call_date else "",
    )
    return {**values, **changes}


def test_host_and_office_reviewer_change_a_meeting(cast: build.Cast) -> None:
    meeting = build.meeting(day=DAY)
    for user, place in ((cast.host_officer, "視聽教室"), (cast.office_reviewer, "禮堂")):
        answer = logged_in(user).post(f"/meetings/{meeting.pk}/edit/", changed(meeting, place=place))
        assert answer.status_code == 302
        meeting.refresh_from_db()
        assert meeting.place == place
    entry = Entry.objects.for_target(meeting).filter(act="meeting.changed").first()
    assert entry is not None
    assert entry.detail == {"changed": {"place": "禮堂"}}


@pytest.mark.parametrize("step", ["edit", "call", "cancel", "hold", "attendance", "attendance/import", "agenda/add"])
def test_others_run_no_meeting(cast: build.Cast, step: str) -> None:
    meeting = build.meeting(day=DAY)
    address = f"/meetings/{meeting.pk}/{step}/"
    refused = {user.username: logged_in(user).get(address).status_code for user in people(cast)}
    assert refused == {
        "admin": 200,
        "reviewer": 200,
        "reader": 403,
        "host": 200,
        "neighbour": 404,
        "member": 403,
        "coached": 404,
        "stranger": 404,
        "elsewhere": 404,
    }
    assert Client().get(address).status_code == 302
    minutes = build.minutes(meeting=build.held_meeting(), state=MinutesState.ACCEPTED)
    locked = logged_in(cast.host_officer).get(f"/meetings/{minutes.meeting.pk}/{step}/")
    assert locked.status_code == 403
    assert "會議紀錄已備查，會議資料已鎖定。" in locked.text


def people(cast: build.Cast) -> list[Any]:
    return [
        cast.office_admin,
        cast.office_reviewer,
        cast.office_reader,
        cast.host_officer,
        cast.neighbour_host,
        cast.member_officer,
        cast.coached_officer,
        cast.stranger,
        cast.other_reviewer,
    ]


def test_a_new_day_asks_for_its_warnings_and_an_old_one_does_not(cast: build.Cast) -> None:
    meeting = build.meeting(day=DAY)
    client = logged_in(cast.host_officer)
    assert client.post(f"/meetings/{meeting.pk}/edit/", changed(meeting, contact="分機 101")).status_code == 302
    moved = client.post(f"/meetings/{meeting.pk}/edit/", changed(meeting, starts_at_date="115/12/23"))
    assert sentences(moved) == [NO_TABLE]
    meeting.refresh_from_db()
    assert (meeting.day, meeting.contact, meeting.sequence) == (DAY, "分機 101", 0)


def test_a_held_meeting_does_not_move_into_the_future(cast: build.Cast) -> None:
    meeting = build.held_meeting()
    with pytest.raises(ValidationError, match="會議已召開，時間不能改到未來。"):
        actions.change_meeting(meeting=meeting, by=cast.host_officer, starts_at=build.at(DAY))
    meeting.ends_at = meeting.starts_at + timedelta(hours=2)
    meeting.save()
    with pytest.raises(ValidationError, match="散會時間不得早於開會時間。"):
        actions.change_meeting(meeting=meeting, by=cast.host_officer, starts_at=meeting.starts_at + timedelta(hours=3))
    answer = logged_in(cast.host_officer).post(
        f"/meetings/{meeting.pk}/edit/", changed(meeting, ends_at_date="115/11/12", ends_at_time="9:00")
    )
    assert answer.context["form"].errors["ends_at"] == ["散會時間不得早於開會時間。"]


def test_hold_keeps_the_end_and_who_was_invited(cast: build.Cast) -> None:
    meeting = build.meeting(day=build.TODAY - timedelta(days=1))
    client = logged_in(cast.host_officer)
    early = client.post(f"/meetings/{meeting.pk}/hold/", {"ends_at": "13:00"})
    assert early.context["form"].errors["ends_at"] == ["散會時間不得早於開會時間。"]
    assert client.post(f"/meetings/{meeting.pk}/hold/", {"ends_at": "下午4時30分"}).status_code == 302
    meeting.refresh_from_db()
    assert (meeting.state, meeting.ends_at) == (MeetingState.HELD, build.at(meeting.day, 16, 30))
    assert meeting.invitations.count() == 21
    again = client.post(f"/meetings/{meeting.pk}/cancel/", {"reason": "x"})
    assert again.context["form"].errors["__all__"] == ["會議已召開，不能取消。"]


def test_a_meeting_of_tomorrow_was_not_held(cast: build.Cast) -> None:
    meeting = build.meeting(day=build.TODAY + timedelta(days=1))
    answer = logged_in(cast.host_officer).post(f"/meetings/{meeting.pk}/hold/", {"ends_at": ""})
    assert answer.context["form"].errors["__all__"] == ["會議時間未到，不能登錄召開。"]


def test_cancel_needs_a_reason(cast: build.Cast) -> None:
    meeting = build.meeting(day=DAY)
    client = logged_in(cast.office_reviewer)
    assert "reason" in client.post(f"/meetings/{meeting.pk}/cancel/", {"reason": "  "}).context["form"].errors
    assert client.post(f"/meetings/{meeting.pk}/cancel/", {"reason": "颱風停班"}).status_code == 302
    meeting.refresh_from_db()
    assert (meeting.state, meeting.cancel_reason) == (MeetingState.CANCELLED, "颱風停班")
    page = logged_in(cast.host_officer).get(f"/meetings/{meeting.pk}/edit/")
    assert page.status_code == 403
    assert "會議已取消。" in page.text
