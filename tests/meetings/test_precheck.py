"""The text check: what submitted minutes say, held against the portal's own record."""

from typing import Any

import pytest
import time_machine

from meetings import documents, precheck
from meetings.actions import agenda, attendance
from meetings.actions import meetings as calls
from meetings.actions import minutes as actions
from meetings.choices import AttendanceState, Section
from meetings.models import AgendaItem, Meeting, MinutesFile, MinutesVersion
from meetings.tasks import precheck_pending
from personnel_portal.documents import odf, pdf
from personnel_portal.uploads.kinds import Kind
from tests import build
from tests.uploads.making import docx, picture

pytestmark = pytest.mark.django_db
SCAN = "檔案中沒有可讀取的文字，可能是掃描檔，請人工核對。"


@pytest.fixture(autouse=True)
def clock() -> Any:
    with time_machine.travel(build.at(build.TODAY, 10), tick=False):
        yield


@pytest.fixture
def meeting(cast: build.Cast) -> Meeting:
    """A meeting of 115/11/12 with a report, two items that were resolved, and 2 of 3 agencies present."""
    meeting = build.meeting(day=build.TODAY.replace(day=12))
    for name in ("民雄國中", "大林國小", "大林鎮公所"):
        build.invitation(meeting=meeting, agency=build.listed(name))
    for section, subject, resolution in (
        (Section.REPORT, "業務報告", "洽悉。"),
        (Section.DISCUSSION, "簡化報到表件", "照案通過。"),
        (Section.DISCUSSION, "統一加班費格式", "緩議。"),
    ):
        item = AgendaItem(meeting=meeting, section=section, subject=subject, resolution=resolution)
        agenda.save_item(item=item, by=cast.host_officer)
    meeting = calls.hold_meeting(meeting=meeting, by=cast.host_officer)
    states = [AttendanceState.PRESENT, AttendanceState.PRESENT, AttendanceState.EXCUSED]
    invitations = meeting.invitations.order_by("order", "pk")
    marks = {i.pk: attendance.Mark(state, "") for i, state in zip(invitations, states, strict=True)}
    attendance.mark_attendance(meeting=meeting, marks=marks, by=cast.host_officer)
    return Meeting.objects.get(pk=meeting.pk)


def submitted(cast: build.Cast, meeting: Meeting, content: bytes, kind: Kind) -> MinutesVersion:
    stored = build.stored_file(name=f"紀錄.{kind.value}", content=content, kind=kind)
    actions.add_files(minutes=meeting.minutes, stored=[stored], by=cast.host_officer)
    return actions.submit_minutes(minutes=meeting.minutes, note="", by=cast.host_officer)


def checked(version: MinutesVersion) -> dict[str, tuple[str, str, bool | None]]:
    precheck_pending()
    version.refresh_from_db()
    assert version.findings is not None
    return {f["what"]: (f["expected"], f["found"], f["ok"]) for f in version.findings}


ALL_AGREE = {
    "開會日期": ("115年11月12日（四）", "115年11月12日（四）", True),
    "地點": ("大林鎮公所三樓會議室", "大林鎮公所三樓會議室", True),
    "主席": ("處長", "處長", True),
    "出席機關數": ("2 個機關", "2 個", True),
    "案由": ("2 個，另報告事項 1 個", "3 個", True),
    "決議": ("2 個，另報告事項 1 個", "3 個", True),
}


@pytest.mark.parametrize(("render", "kind"), [(pdf.render, Kind.PDF), (odf.render, Kind.ODT)])
def test_the_portals_own_draft_agrees_in_everything(
    cast: build.Cast, meeting: Meeting, render: Any, kind: Kind
) -> None:
    content = render(documents.draft(meeting))
    assert checked(submitted(cast, meeting, content, kind)) == ALL_AGREE


def paragraphs(*lines: str) -> bytes:
    return docx(body="".join(f"<w:p><w:r><w:t>{line}</w:t></w:r></w:p>" for line in lines))


def test_minutes_by_another_hand_show_where_they_differ(cast: build.Cast, meeting: Meeting) -> None:
    content = paragraphs(
        "時間：中華民國１１５年１１月１３日（星期五）下午２時",
        "地點：大林鎮公所 三樓 會議室",
        "主席：陳副處長",
        "出席：３１個機關",
        "案　由：簡化報到表件。上次案由，略。",
        "決　議：照案通過。",
        "決議：緩議。",
    )
    assert checked(submitted(cast, meeting, content, Kind.DOCX)) == {
        "開會日期": ("115年11月12日（四）", "115年11月13日（五）", False),
        "地點": ("大林鎮公所三樓會議室", "大林鎮公所三樓會議室", True),
        "主席": ("處長", "處長", True),  # 副處長 contains it: the check informs, the reviewer reads
        "出席機關數": ("2 個機關", "31 個", False),
        "案由": ("2 個，另報告事項 1 個", "1 個", False),
        "決議": ("2 個，另報告事項 1 個", "2 個", True),
    }


def test_a_meeting_without_a_record_in_the_portal_cannot_be_compared(cast: build.Cast) -> None:
    meeting = build.held_meeting()
    found = checked(submitted(cast, meeting, paragraphs("案由：甲", "決議：乙", "2026/11/12", "113.2.30"), Kind.DOCX))
    assert found == {
        "開會日期": ("115年11月12日（四）", "115年11月12日（四）", True),
        "地點": ("大林鎮公所三樓會議室", "未找到", False),
        "主席": ("處長", "未找到", False),
        "出席機關數": ("尚未登錄", "未找到", None),
        "案由": ("0 個", "1 個", None),
        "決議": ("0 個", "1 個", None),
    }


def test_a_scan_says_so(cast: build.Cast, meeting: Meeting) -> None:
    assert checked(submitted(cast, meeting, picture("PDF"), Kind.PDF)) == {"文字": ("", SCAN, None)}


def test_a_file_that_no_parser_reads_is_told_and_not_tried_again(
    cast: build.Cast, meeting: Meeting, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = submitted(cast, meeting, b"PK\x03\x04 broken", Kind.DOCX)
    assert checked(version) == {"文字": ("", "「紀錄.docx」無法讀取文字，請人工核對。", None)}
    monkeypatch.setattr(precheck, "check", lambda _: pytest.fail("tried again"))
    precheck_pending()


def test_one_file_that_cannot_be_read_keeps_no_other_from_being_read(cast: build.Cast, meeting: Meeting) -> None:
    for name, content in (("壞檔.docx", b"PK\x03\x04 broken"), ("紀錄.docx", paragraphs("115年11月12日"))):
        stored = build.stored_file(name=name, content=content, kind=Kind.DOCX)
        actions.add_files(minutes=meeting.minutes, stored=[stored], by=cast.host_officer)
    version = actions.submit_minutes(minutes=meeting.minutes, note="", by=cast.host_officer)
    found = checked(version)
    assert found["文字"] == ("", "「壞檔.docx」無法讀取文字，請人工核對。", None)
    assert found["開會日期"] == ("115年11月12日（四）", "115年11月12日（四）", True)
    assert dict(version.files.values_list("stored__name", "words")) == {"壞檔.docx": "", "紀錄.docx": "115年11月12日"}


def test_the_words_of_a_file_are_fetched_only_where_they_are_asked_for(cast: build.Cast, meeting: Meeting) -> None:
    checked(submitted(cast, meeting, paragraphs("115年11月12日"), Kind.DOCX))
    for files in (MinutesFile.objects.all(), MinutesFile.objects.visible_to(cast.office_reader)):
        assert "words" in files.get().get_deferred_fields()
    assert "words" in MinutesVersion.objects.get().files.get().get_deferred_fields()
    assert MinutesFile.objects.with_words().get().words == "115年11月12日"


def test_attachments_and_open_versions_are_not_read(cast: build.Cast, meeting: Meeting) -> None:
    stored = build.stored_file(name="附件.docx", content=paragraphs("115年11月12日"), kind=Kind.DOCX)
    actions.add_files(minutes=meeting.minutes, stored=[stored], by=cast.host_officer)
    precheck_pending()
    assert MinutesVersion.objects.get().findings is None


def test_the_page_shows_the_findings_until_the_record(cast: build.Cast, meeting: Meeting, client: Any) -> None:
    version = submitted(cast, meeting, paragraphs("115年11月12日"), Kind.DOCX)
    client.force_login(cast.office_reviewer, backend="django.contrib.auth.backends.ModelBackend")
    address = f"/meetings/{meeting.pk}/"
    assert "檢查中，稍後重新整理即可看到結果。" in client.get(address).text
    checked(version)
    assert "請核對" in client.get(address).text
    actions.accept_minutes(minutes=meeting.minutes, by=cast.office_reviewer)
    assert "文字預檢" not in client.get(address).text
