"""The papers of a meeting: 開會通知單, 簽到表 and 會議紀錄."""

import re
from datetime import date
from io import BytesIO
from typing import Any
from urllib.parse import unquote

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from odfdo import Document
from pypdf import PdfReader

from districts.choices import NameKind
from districts.models import Membership
from meetings import documents
from meetings.actions import meetings as actions
from meetings.choices import AttendanceState, MeetingKind, MeetingState, Section
from meetings.models import Meeting
from personnel_portal.documents import odf, pdf
from personnel_portal.documents.paper import Paper
from personnel_portal.trail.models import Entry
from tests import build
from tests.site.clients import logged_in

pytestmark = pytest.mark.django_db
DAY = date(2026, 12, 22)


@pytest.fixture(autouse=True)
def _today() -> Any:
    with time_machine.travel(build.at(build.TODAY, 10), tick=False):
        yield


@pytest.fixture
def meeting(cast: build.Cast) -> Meeting:
    """A meeting of a district that has three members and one coached agency."""
    district = build.district("北平原區")
    few = [build.listed(name) for name in ("民雄國中", "民雄國小", "大林鎮公所")]
    Membership.objects.filter(district=district).exclude(agency__in=few).delete()
    build.coaching_table(district=district, rows={build.listed("三興國小"): cast.host_officer.person})
    return build.meeting(district=district, day=DAY)


def lines(content: bytes) -> list[str]:
    """Return the lines of a PDF without page numbers, and without spaces, which columns put where they like."""
    text = "\n".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages)
    plain = (re.sub(r"\s|第 \d+ 頁，共 \d+ 頁", "", line) for line in text.splitlines())
    return [line for line in plain if line]


def on_paper(paper: Paper) -> list[str]:
    return lines(pdf.render(paper))


# --- 會議紀錄 --------------------------------------------------------------------------------------------------------

HEAD = ["嘉義縣政府人事處116年度北平原區", "第1次專、兼任(辦)人事人員聯繫會報紀錄"]


def test_minutes_before_anything_is_entered(meeting: Meeting) -> None:
    assert on_paper(documents.draft(meeting)) == [
        *HEAD,
        "時間：中華民國115年12月22日（星期二）下午2時",
        "地點：大林鎮公所三樓會議室",
        "主席：處長",
        "出席人員：詳如簽到表",
        "列席人員：無",
        "紀錄：",
        "壹、主席致詞",
        "無。",
        "貳、報告事項",
        "無。",
        "參、討論事項",
        "無。",
        "肆、臨時動議",
        "無。",
        "伍、散會",
    ]


def test_minutes_from_agenda_attendance_and_resolutions(meeting: Meeting) -> None:
    build.invitation(
        meeting=meeting, agency=build.listed("民雄國中"), attendance=AttendanceState.PRESENT, attendee="吳成員"
    )
    build.invitation(meeting=meeting, agency=build.listed("民雄國小"), attendance=AttendanceState.EXCUSED)
    build.invitation(meeting=meeting, agency=build.listed("大林鎮公所"), attendance=AttendanceState.ABSENT)
    build.invitation(
        meeting=meeting,
        agency=build.listed("三興國小"),
        is_coached=True,
        attendance=AttendanceState.BY_DEPUTY,
        attendee="王小明",
    )
    report = build.agenda_item(meeting=meeting, subject="業務報告", section=Section.REPORT)
    report.resolution = "洽悉。"
    report.save()
    build.agenda_item(meeting=meeting, subject="乙案", order=2)
    first = build.agenda_item(meeting=meeting, subject="<甲>案", order=1)
    first.proposer, first.explanation, first.remedy = "民雄國中", "一、現行。\n二、問題。", "修正第三點。"
    first.resolution = "照案通過。"
    first.save()
    meeting.recorder, meeting.observers, meeting.opening = "黃承辦", "陳科長", "感謝參加。"
    meeting.ends_at = build.at(DAY, 16, 30)
    meeting.save()
    assert on_paper(documents.draft(meeting))[5:] == [
        "出席人員：民雄國中吳成員、三興國小王小明（代理）等2個機關（含輔",
        "導區1個；應出席4個機關），詳如簽到表",
        "請假：民雄國小",
        "未出席：大林鎮公所",
        "列席人員：陳科長",
        "紀錄：黃承辦",
        "壹、主席致詞",
        "感謝參加。",
        "貳、報告事項",
        "案由：業務報告",
        "決定：洽悉。",
        "參、討論事項",
        "案由一：<甲>案",
        "提案單位：民雄國中",
        "說明：一、現行。",
        "二、問題。",
        "辦法：修正第三點。",
        "決議：照案通過。",
        "案由二：乙案",
        "決議：",
        "肆、臨時動議",
        "無。",
        "伍、散會：下午4時30分",
    ]


def test_the_odt_says_what_the_pdf_says(meeting: Meeting) -> None:
    build.agenda_item(meeting=meeting, subject="<甲>案")
    paper = documents.draft(meeting)
    text = re.sub(r"\s", "", Document(BytesIO(odf.render(paper))).get_formatted_text())
    assert text == "".join(on_paper(paper))


# --- 開會通知單 -------------------------------------------------------------------------------------------------------


def test_notice_is_a_draft_until_the_meeting_is_called(cast: build.Cast, meeting: Meeting) -> None:
    assert "草稿" in on_paper(documents.notice(meeting))
    build.agenda_item(meeting=meeting, subject="甲案")
    actions.call_meeting(meeting=meeting, number="大鎮人字第1150001234號", call_date=build.TODAY, by=cast.host_officer)
    meeting = Meeting.objects.get(pk=meeting.pk)
    meeting.contact = "黃承辦 05-2653211"
    assert on_paper(documents.notice(meeting)) == [
        "檔號：",
        "保存年限：",
        "嘉義縣大林鎮公所開會通知單",
        "受文者：如出席者及列席者",
        "發文日期：中華民國115年11月22日",
        "發文字號：大鎮人字第1150001234號",
        "速別：普通件",
        "密等及解密條件或保密期限：",
        "附件：無",
        "開會事由：召開116年度北平原區第1次專、兼任(辦)人事人員聯繫會報",
        "開會時間：中華民國115年12月22日（星期二）下午2時",
        "開會地點：大林鎮公所三樓會議室",
        "主持人：處長",
        "聯絡人及電話：黃承辦05-2653211",
        "出席者：嘉義縣立民雄國民中學、嘉義縣民雄鄉民雄國民小學、嘉義縣大林鎮公所",
        "輔導區兼任(辦)出席者：嘉義縣民雄鄉三興國民小學",
        "列席者：無",
        "副本：嘉義縣政府人事處",
        "備註：",
        "一、依嘉義縣政府人事處暨所屬人事機構116年度分區聯繫會報實施計",
        "畫辦理。",
        "二、會議議程：",
        "(一)討論事項：甲案",
    ]


def test_notice_of_a_full_time_meeting_invites_members_alone(meeting: Meeting) -> None:
    full_time = build.meeting(district=meeting.district, kind=MeetingKind.FULL_TIME, day=DAY)
    text = on_paper(documents.notice(full_time))
    assert "開會事由：召開116年度北平原區第1次專任人事人員聯繫會報" in text
    assert not any(line.startswith("輔導區") for line in text)


def test_papers_use_the_names_of_the_day(meeting: Meeting) -> None:
    agency = build.listed("民雄國中")
    agency.names.create(kind=NameKind.OFFICIAL, name="嘉義縣立舊名國民中學", until=DAY)
    assert "嘉義縣立舊名國民中學" in "".join(on_paper(documents.notice(meeting)))
    later = build.meeting(district=meeting.district, day=date(2026, 12, 23))
    assert "嘉義縣立民雄國民中學" in "".join(on_paper(documents.notice(later)))


# --- 簽到表 ----------------------------------------------------------------------------------------------------------


def test_sign_in_sheet_has_a_row_for_each_agency(meeting: Meeting) -> None:
    build.invitation(meeting=meeting, agency=build.listed("民雄國中"), attendance=AttendanceState.EXCUSED)
    build.invitation(meeting=meeting, agency=build.listed("三興國小"), is_coached=True)
    assert on_paper(documents.sign_in(meeting)) == [
        "嘉義縣政府人事處116年度北平原區",
        "第1次專、兼任(辦)人事人員聯繫會報簽到表",
        "時間：中華民國115年12月22日（星期二）下午2時",
        "地點：大林鎮公所三樓會議室",
        "主席：",
        "列席人員：",
        "紀錄：",
        "分區成員（1個機關）",
        "序號機關職稱簽名備註",
        "1嘉義縣立民雄國民中學請假",
        "輔導區兼任(辦)機關（1個機關）",
        "序號機關職稱簽名備註",
        "2嘉義縣民雄鄉三興國民小學",
        "嘉義縣大林鎮公所",
    ]


def test_papers_ask_as_often_for_one_agency_as_for_thirty(meeting: Meeting) -> None:
    build.invitation(meeting=meeting, agency=build.listed("民雄國中"), attendance=AttendanceState.PRESENT)

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            for make in (documents.notice, documents.sign_in, documents.draft):
                make(Meeting.objects.select_related("plan__office", "district").get(pk=meeting.pk))
        return len(queries)

    few = asked()
    for _ in range(30):
        build.invitation(meeting=meeting, agency=build.agency(), attendance=AttendanceState.PRESENT)
        build.agenda_item(meeting=meeting)
    assert asked() == few


# --- Downloads -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("form", "mark"), [("pdf", b"%PDF-"), ("odt", b"PK\x03\x04")])
@pytest.mark.parametrize(("paper", "word"), [("notice", "開會通知單"), ("sign-in", "簽到表"), ("draft", "紀錄")])
def test_papers_come_as_files_with_chinese_names(
    cast: build.Cast, meeting: Meeting, paper: str, word: str, form: str, mark: bytes
) -> None:
    answer: Any = logged_in(cast.host_officer).get(f"/meetings/{meeting.pk}/{paper}.{form}")
    assert b"".join(answer.streaming_content).startswith(mark)
    assert unquote(answer.headers["Content-Disposition"]) == (
        f"attachment; filename*=utf-8''北平原區第1次專、兼任(辦)人事人員聯繫會報{word}.{form}"
    )
    entry = Entry.objects.for_target(meeting).get(act="paper.printed")
    assert entry.detail == {"paper": word, "form": form}


def test_who_may_print(cast: build.Cast, meeting: Meeting) -> None:
    def answers(user: Any) -> list[int]:
        client = logged_in(user)
        return [
            client.get(f"/meetings/{meeting.pk}/{p}").status_code for p in ("notice.odt", "sign-in.odt", "draft.odt")
        ]

    assert answers(cast.host_officer) == answers(cast.office_reviewer) == answers(cast.office_reader) == [200] * 3
    assert answers(cast.member_officer) == [200, 403, 403]
    for user in (cast.neighbour_host, cast.coached_officer, cast.stranger, cast.other_reviewer):
        assert answers(user) == [404] * 3
    assert logged_in(cast.host_officer).get(f"/meetings/{meeting.pk}/notice.exe").status_code == 404


def test_a_cancelled_or_locked_meeting_still_prints(cast: build.Cast) -> None:
    cancelled = build.meeting(state=MeetingState.CANCELLED)
    assert logged_in(cast.host_officer).get(f"/meetings/{cancelled.pk}/draft.odt").status_code == 200
