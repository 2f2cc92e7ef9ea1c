"""The list of meetings: who sees which, filters, export, and what it asks the database."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from meetings.choices import MeetingKind, MeetingState, MinutesState
from meetings.models import Meeting
from tests import build
from tests.site.clients import logged_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock() -> Any:
    with time_machine.travel(build.at(build.TODAY, 10), tick=False):
        yield


@pytest.fixture
def meetings(cast: build.Cast) -> list[Meeting]:
    """One of each: on record, waiting for minutes, cancelled, to come, and one of the hill district."""
    day = build.TODAY
    return [
        build.minutes(
            meeting=build.held_meeting(day=day - timedelta(days=20)), state=MinutesState.ACCEPTED, by=cast.host_officer
        ).meeting,
        build.held_meeting(day=day - timedelta(days=10)),
        build.meeting(day=day - timedelta(days=5), state=MeetingState.CANCELLED),
        build.meeting(day=day + timedelta(days=30), kind=MeetingKind.FULL_TIME, place="民雄國中圖書館"),
        build.meeting(district=build.district("山區"), day=day + timedelta(days=9), state=MeetingState.CALLED),
    ]


def exported(user: Any, query: str = "") -> list[list[str]]:
    answer: Any = logged_in(user).get(f"/meetings/?export=csv&{query}")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return [[cell.strip('"') for cell in line.split(",")] for line in text.splitlines()]


JOINT, FULL = "專、兼任(辦)人事人員聯繫會報", "專任人事人員聯繫會報"
PLACE = "大林鎮公所三樓會議室"
ROWS = [
    ["北平原區", f"第 1 次{FULL}", "115年12月22日（二）14:00", "民雄國中圖書館", "已排定", "—"],
    ["山區", f"第 1 次{JOINT}", "115年12月1日（二）14:00", PLACE, "已通知", "—"],
    ["北平原區", f"第 3 次{JOINT}", "115年11月17日（二）14:00", PLACE, "已取消", "—"],
    ["北平原區", f"第 2 次{JOINT}", "115年11月12日（四）14:00", PLACE, "已召開", "未報"],
    ["北平原區", f"第 1 次{JOINT}", "115年11月2日（一）14:00", PLACE, "已召開", "已備查"],
]


def test_export_holds_what_the_office_sees_newest_first(cast: build.Cast, meetings: list[Meeting]) -> None:
    head, *rows = exported(cast.office_reader)
    assert head == ["分區", "會議", "時間", "地點", "狀態", "紀錄"]
    assert rows == ROWS


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        ("q=圖書館", [0]),
        ("q=台", []),
        ("kind=B", [0]),
        ("state=cancelled", [2]),
        ("minutes=accepted", [4]),
        ("state=held&sort=at", [4, 3]),
        ("district=999999", None),
        ("state=%27", None),
    ],
)
def test_filters_narrow_and_a_hostile_value_does_no_harm(
    cast: build.Cast, meetings: list[Meeting], query: str, kept: list[int] | None
) -> None:
    page = logged_in(cast.office_reader).get(f"/meetings/?{query}")
    assert page.status_code == 200
    if kept is not None:
        assert exported(cast.office_reader, query)[1:] == [ROWS[number] for number in kept]


def test_each_sees_the_meetings_of_own_districts_and_invitations(cast: build.Cast, meetings: list[Meeting]) -> None:
    build.invitation(meeting=meetings[4], agency=build.listed("民雄國中"))
    hill = [ROWS[1]]
    others = [row for row in ROWS if row not in hill]
    assert exported(cast.host_officer)[1:] == others
    assert exported(cast.member_officer)[1:] == ROWS
    assert exported(cast.neighbour_host)[1:] == hill
    assert exported(cast.coached_officer)[1:] == []
    assert exported(cast.other_reviewer)[1:] == []
    assert logged_in(cast.stranger).get("/meetings/").status_code == 403
    assert "排定會議" in logged_in(cast.host_officer).get("/meetings/").text
    assert "尚無會議。" in logged_in(cast.coached_officer).get("/meetings/").text


def test_the_top_search_does_not_repeat_the_lists_own_words(cast: build.Cast, meetings: list[Meeting]) -> None:
    client = logged_in(cast.office_reader)
    top = 'placeholder="搜尋會議'
    before = client.get("/meetings/?q=圖書館").text.partition(top)[0].rpartition("<input")[2]
    assert 'value=""' in before
    before = client.get("/search/?q=圖書館").text.partition(top)[0].rpartition("<input")[2]
    assert 'value="圖書館"' in before


def test_pages_ask_as_often_for_thirty_as_for_one(cast: build.Cast) -> None:
    client = logged_in(cast.office_reviewer)
    minutes = build.minutes(by=cast.host_officer)

    def asked(visit: Callable[[], Any]) -> int:
        visit()
        with CaptureQueriesContext(connection) as queries:
            assert visit().status_code == 200
        return len(queries)

    visits = [
        lambda: client.get("/meetings/"),
        lambda: client.get(f"/meetings/{minutes.meeting_id}/"),
    ]
    few = [asked(visit) for visit in visits]
    version = minutes.versions.get()
    for day in range(30):
        build.minutes(meeting=build.held_meeting(day=build.TODAY - timedelta(days=day)), by=cast.host_officer)
        build.minutes_file(version=version)
    assert [asked(visit) for visit in visits] == few
