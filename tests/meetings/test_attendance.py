"""Who came: the screen of all agencies, the sheet, and the check-in by code."""

from datetime import date, timedelta
from io import BytesIO
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from meetings.actions import attendance as actions
from meetings.actions import meetings as steps
from meetings.actions.attendance import Mark
from meetings.choices import AttendanceState, MeetingState
from meetings.facts import turnout
from meetings.models import Invitation, Meeting
from personnel_portal.documents import sheets
from personnel_portal.trail.models import Entry
from tests import build
from tests.site.clients import logged_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _today() -> Any:
    with time_machine.travel(build.at(build.TODAY, 14), tick=False):
        yield


@pytest.fixture
def meeting(cast: build.Cast) -> Meeting:
    """A meeting of today with three members and one coached agency invited."""
    made = build.meeting(day=build.TODAY, state=MeetingState.CALLED)
    for name in ("大林鎮公所", "民雄國中", "民雄國小"):
        build.invitation(meeting=made, agency=build.listed(name))
    build.invitation(meeting=made, agency=build.listed("三興國小"), is_coached=True)
    return made


def of(meeting: Meeting, name: str) -> Invitation:
    return meeting.invitations.select_related("agency").get(agency__short_name=name)


def screen(meeting: Meeting, **marks: tuple[str, str]) -> dict[str, str]:
    """Return what the screen posts when some rows were changed: agency → state, attendee."""
    values: dict[str, str] = {}
    for invitation in meeting.invitations.select_related("agency"):
        was = (invitation.attendance, invitation.attendee)
        state, attendee = marks.get(invitation.agency.short_name, was)
        values |= {
            f"state_{invitation.pk}": state,
            f"initial-state_{invitation.pk}": was[0],
            f"attendee_{invitation.pk}": attendee,
            f"initial-attendee_{invitation.pk}": was[1],
        }
    return values


def kept(meeting: Meeting) -> dict[str, tuple[str, str]]:
    return {i.agency.short_name: (i.attendance, i.attendee) for i in meeting.invitations.select_related("agency")}


# --- The screen ------------------------------------------------------------------------------------------------------


def test_screen_writes_what_changed(cast: build.Cast, meeting: Meeting) -> None:
    client = logged_in(cast.host_officer)
    marks = {"大林鎮公所": ("present", "黃承辦"), "民雄國中": ("deputy", "王小明"), "三興國小": ("excused", "")}
    answer = client.post(f"/meetings/{meeting.pk}/attendance/", screen(meeting, **marks), follow=True)
    assert [str(m) for m in answer.context["messages"]] == ["已登錄 3 個機關的出席情形。"]
    assert kept(meeting) == {**marks, "民雄國小": ("", "")}
    entry = Entry.objects.for_target(meeting).get(act="attendance.marked")
    assert entry.detail == {"marked": {"大林鎮公所": "出席", "民雄國中": "代理出席", "三興國小": "請假"}}
    assert "出席 2／4 機關（含輔導區 0）" in answer.text
    client.post(f"/meetings/{meeting.pk}/attendance/", screen(meeting))
    assert Entry.objects.for_target(meeting).filter(act="attendance.marked").count() == 1


def test_screen_fills_the_rest_as_present(cast: build.Cast, meeting: Meeting) -> None:
    values = screen(meeting, 民雄國中=("absent", "")) | {"fill": "1"}
    logged_in(cast.host_officer).post(f"/meetings/{meeting.pk}/attendance/", values)
    assert kept(meeting) == {
        "大林鎮公所": ("present", ""),
        "民雄國中": ("absent", ""),
        "民雄國小": ("present", ""),
        "三興國小": ("present", ""),
    }
    counted = turnout(meeting.invitations.all())
    assert str(counted) == "出席 3／4 機關（含輔導區 1）"
    assert (counted.came, counted.invited, counted.coached, counted.absent, counted.unknown) == (3, 4, 1, 1, 0)


def test_a_deputy_needs_a_name_and_nothing_typed_is_lost(cast: build.Cast, meeting: Meeting) -> None:
    values = screen(meeting, 民雄國中=("deputy", " "), 民雄國小=("present", "林<主任>"))
    answer = logged_in(cast.host_officer).post(f"/meetings/{meeting.pk}/attendance/", values)
    invitation = of(meeting, "民雄國中")
    assert answer.context["form"].errors == {f"attendee_{invitation.pk}": ["請填代理人姓名。"]}
    assert 'value="林&lt;主任&gt;"' in answer.text
    assert set(kept(meeting).values()) == {("", "")}
    with pytest.raises(ValidationError, match="民雄國中為代理出席，請填代理人姓名。"):
        actions.mark_attendance(
            meeting=meeting, marks={invitation.pk: Mark(AttendanceState.BY_DEPUTY)}, by=cast.host_officer
        )


def test_screen_does_not_write_over_a_check_in(cast: build.Cast, meeting: Meeting) -> None:
    values = screen(meeting, 民雄國小=("absent", ""))
    code = actions.open_check_in(meeting=meeting, by=cast.host_officer)
    actions.check_in(invitation=of(meeting, "民雄國中"), code=code, by=cast.member_officer, today=build.TODAY)
    logged_in(cast.host_officer).post(f"/meetings/{meeting.pk}/attendance/", values)
    assert kept(meeting)["民雄國中"] == ("present", "吳成員")
    assert kept(meeting)["民雄國小"] == ("absent", "")


def test_screen_refuses_what_it_did_not_offer(cast: build.Cast, meeting: Meeting) -> None:
    invitation = of(meeting, "民雄國中")
    for values in (
        screen(meeting, 民雄國中=("everywhere", "")),
        screen(meeting, 民雄國中=("present", "長" * 51)),
    ):
        answer = logged_in(cast.host_officer).post(f"/meetings/{meeting.pk}/attendance/", values)
        assert answer.status_code == 200
        assert len(answer.context["form"].errors) == 1
    elsewhere = build.invitation(meeting=build.meeting(), agency=invitation.agency)
    assert (
        actions.mark_attendance(
            meeting=meeting, marks={elsewhere.pk: Mark(AttendanceState.PRESENT)}, by=cast.host_officer
        )
        == 0
    )


def test_screen_before_the_call_says_what_to_do(cast: build.Cast) -> None:
    page = logged_in(cast.host_officer).get(f"/meetings/{build.meeting().pk}/attendance/")
    assert "發出開會通知或登錄召開後，即可登錄出席。" in page.text


def test_screen_asks_as_often_for_one_agency_as_for_thirty(cast: build.Cast, meeting: Meeting) -> None:
    client = logged_in(cast.host_officer)

    def asked() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get(f"/meetings/{meeting.pk}/attendance/").status_code == 200
            assert client.get(f"/meetings/{meeting.pk}/").status_code == 200
        return len(queries)

    asked()
    few = asked()
    for _ in range(30):
        build.invitation(meeting=meeting, agency=build.agency())
        build.agenda_item(meeting=meeting)
    assert asked() == few


# --- The sheet -------------------------------------------------------------------------------------------------------


def sent(client: Client, meeting: Meeting, content: bytes, name: str = "名單.csv") -> Any:
    file = SimpleUploadedFile(name, content)
    return client.post(f"/meetings/{meeting.pk}/attendance/import/", {"file": file})


def test_sheet_is_taken_whole(cast: build.Cast, meeting: Meeting) -> None:
    sheet = (
        "分區聯繫會報出席名單\r\n機關名稱,出席情形,姓名\r\n嘉義縣大林鎮公所,親自出席,黃承辦\r\n"
        "民雄國中,代理,王小明\r\n三興國小,公假,\r\n民雄國小,,\r\n"
    )
    for encoding in ("utf-8-sig", "cp950"):
        meeting.invitations.update(attendance="", attendee="")
        assert sent(logged_in(cast.host_officer), meeting, sheet.encode(encoding)).status_code == 302
        assert kept(meeting) == {
            "大林鎮公所": ("present", "黃承辦"),
            "民雄國中": ("deputy", "王小明"),
            "三興國小": ("excused", ""),
            "民雄國小": ("", ""),
        }


def test_every_wrong_row_is_named_and_nothing_is_taken(cast: build.Cast, meeting: Meeting) -> None:
    sheet = (
        "機關,出席情形,出席人員\n大林鎮公所,出席,\n竹崎鄉公所,出席,\n民雄國中,代理出席,\n民雄國小,也許,\n大林鎮公所,請假,\n"
        f",出席,\n三興國小,出席,{'長' * 51}\n"
    )
    answer = sent(logged_in(cast.host_officer), meeting, sheet.encode())
    assert answer.context["form"].errors["file"] == [
        "第 3 列：「竹崎鄉公所」不在受邀機關中。",
        "第 4 列：「民雄國中」為代理出席，請填代理人姓名。",
        "第 5 列：看不懂出席情形「也許」，請填出席、代理出席、請假或未出席。",
        "第 6 列：「大林鎮公所」重複出現。",
        "第 7 列：沒有機關名稱。",
        "第 8 列：出席人員超過 50 字。",
    ]
    assert set(kept(meeting).values()) == {("", "")}


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"a,b\n1,2\n", "找不到欄位「機關」「出席情形」，請在表頭列填上這些欄名。"),
        (b"PK\x03\x04nonsense", "「名單.csv」已損壞或不完整，請重新存檔後再上傳。"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "無法讀取舊版 xls 或設有密碼的檔案，請取消密碼並另存為 ods 或 xlsx。"),
    ],
)
def test_a_sheet_that_is_none_gets_one_sentence(
    cast: build.Cast, meeting: Meeting, content: bytes, sentence: str
) -> None:
    answer = sent(logged_in(cast.host_officer), meeting, content)
    assert answer.context["form"].errors["file"] == [sentence]


@pytest.mark.parametrize("form", ["ods", "xlsx", "csv"])
def test_the_sheet_given_out_comes_in_again(cast: build.Cast, meeting: Meeting, form: str) -> None:
    Invitation.objects.filter(agency__short_name="民雄國中").update(attendance="deputy", attendee="王小明")
    client = logged_in(cast.host_officer)
    answer: Any = client.get(f"/meetings/{meeting.pk}/attendance/sheet.{form}")
    content = b"".join(answer.streaming_content)
    assert sheets.read(BytesIO(content))[:3] == [
        ["機關", "出席情形", "出席人員"],
        ["大林鎮公所", "未登錄"],
        ["民雄國中", "代理出席", "王小明"],
    ]
    before = kept(meeting)
    assert sent(client, meeting, content, f"x.{form}").status_code == 302
    assert kept(meeting) == before
    for other in ("exe", "big5"):
        assert client.get(f"/meetings/{meeting.pk}/attendance/sheet.{other}").status_code == 404
    assert logged_in(cast.member_officer).get(f"/meetings/{meeting.pk}/attendance/sheet.{form}").status_code == 403


# --- The code --------------------------------------------------------------------------------------------------------


def check_in(client: Client, meeting: Meeting, name: str, code: str) -> list[str]:
    address = f"/meetings/{meeting.pk}/check-in/{of(meeting, name).pk}/"
    return [str(m) for m in client.post(address, {"code": code}, follow=True).context["messages"]]


def test_an_officer_checks_in_by_the_code_of_the_room(cast: build.Cast, meeting: Meeting) -> None:
    host, member = logged_in(cast.host_officer), logged_in(cast.member_officer)
    assert "報到碼" not in member.get(f"/meetings/{meeting.pk}/").text
    host.post(f"/meetings/{meeting.pk}/check-in/open/")
    meeting.refresh_from_db()
    assert len(meeting.check_in_code) == 6
    assert meeting.check_in_code in host.get(f"/meetings/{meeting.pk}/attendance/").text
    page = member.get(f"/meetings/{meeting.pk}/").text
    assert "民雄國中報到碼" in page
    assert meeting.check_in_code not in page
    assert check_in(member, meeting, "民雄國中", f" {meeting.check_in_code} ") == ["民雄國中已報到。"]
    invitation = of(meeting, "民雄國中")
    assert (invitation.attendance, invitation.attendee, invitation.checked_in_at) == (
        "present",
        "吳成員",
        build.at(build.TODAY),
    )
    assert "民雄國中已於 115年11月22日（日）14:00 報到。" in member.get(f"/meetings/{meeting.pk}/").text


def test_a_coached_agency_checks_in_too(cast: build.Cast, meeting: Meeting) -> None:
    code = actions.open_check_in(meeting=meeting, by=cast.host_officer)
    assert check_in(logged_in(cast.coached_officer), meeting, "三興國小", code) == ["三興國小已報到。"]


def test_nobody_checks_in_for_another_agency(cast: build.Cast, meeting: Meeting) -> None:
    code = actions.open_check_in(meeting=meeting, by=cast.host_officer)
    address = f"/meetings/{meeting.pk}/check-in/{of(meeting, '民雄國小').pk}/"
    for user, status in ((cast.member_officer, 403), (cast.office_reviewer, 403), (cast.neighbour_host, 404)):
        assert logged_in(user).post(address, {"code": code}).status_code == status
    assert logged_in(cast.member_officer).get(address).status_code == 405
    other = build.invitation(meeting=build.meeting(), agency=build.listed("民雄國中"))
    crossed = f"/meetings/{meeting.pk}/check-in/{other.pk}/"
    assert logged_in(cast.member_officer).post(crossed, {"code": code}).status_code == 404


@pytest.mark.parametrize("day", [build.TODAY - timedelta(days=1), build.TODAY + timedelta(days=1)])
def test_the_code_works_on_the_day_alone(cast: build.Cast, meeting: Meeting, day: date) -> None:
    code = actions.open_check_in(meeting=meeting, by=cast.host_officer)
    with pytest.raises(ValidationError, match="僅能於開會當日報到。"):
        actions.check_in(invitation=of(meeting, "民雄國中"), code=code, by=cast.member_officer, today=day)
    with time_machine.travel(build.at(day), tick=False):
        assert "報到碼" not in logged_in(cast.member_officer).get(f"/meetings/{meeting.pk}/").text


def test_without_an_open_code_or_a_standing_meeting_nobody_checks_in(cast: build.Cast, meeting: Meeting) -> None:
    member = logged_in(cast.member_officer)
    assert check_in(member, meeting, "民雄國中", "") == ["本次會議未開放自行報到，請向承辦單位簽到。"]
    old = actions.open_check_in(meeting=meeting, by=cast.host_officer)
    while actions.open_check_in(meeting=meeting, by=cast.host_officer) == old:
        pass
    assert check_in(member, meeting, "民雄國中", old) == ["報到碼不正確，請核對會場所示的六位數字。"]
    steps.cancel_meeting(meeting=meeting, reason="颱風", by=cast.host_officer)
    assert check_in(member, meeting, "民雄國中", old) == ["會議已取消。"]


def test_five_wrong_codes_end_the_guessing(cast: build.Cast, meeting: Meeting) -> None:
    code = actions.open_check_in(meeting=meeting, by=cast.host_officer)
    member = logged_in(cast.member_officer)
    for guess in ("000000x", "", "1" * 900, "全形１２３", "' OR 1=1"):
        assert check_in(member, meeting, "民雄國中", guess) == ["報到碼不正確，請核對會場所示的六位數字。"]
    assert check_in(member, meeting, "民雄國中", code) == ["報到碼錯誤次數過多，請向承辦單位簽到。"]
    assert of(meeting, "民雄國中").attendance == ""
    assert Entry.objects.for_target(meeting).filter(act="attendance.refused").count() == 5
    assert check_in(logged_in(cast.coached_officer), meeting, "三興國小", code) == ["三興國小已報到。"]


def test_a_deputy_of_the_officer_checks_in_as_deputy(cast: build.Cast, meeting: Meeting) -> None:
    code = actions.open_check_in(meeting=meeting, by=cast.host_officer)
    deputy = build.user(username="deputy", name="王代理")
    deputy.acting_for = cast.member_officer
    done = actions.check_in(invitation=of(meeting, "民雄國中"), code=code, by=deputy, today=build.TODAY)
    assert (done.attendance, done.attendee) == ("deputy", "王代理")
