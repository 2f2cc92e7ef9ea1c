"""The minutes from the first upload to 備查, step by step: states, versions, trail, and who is written to."""

from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from meetings.actions import minutes as actions
from meetings.choices import FileRole, MeetingState, MinutesState
from meetings.models import Meeting, Minutes, MinutesFile, MinutesVersion
from meetings.policies import works_on_minutes
from personnel_portal.outbox.models import Message
from personnel_portal.trail.models import Entry
from personnel_portal.uploads.models import StoredFile
from tests import build
from tests.site.clients import logged_in
from tests.uploads.making import docx, odf, pdf, picture

pytestmark = pytest.mark.django_db
NOW = build.at(build.TODAY, 10)


@pytest.fixture(autouse=True)
def clock() -> Any:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def meeting(cast: build.Cast) -> Meeting:
    """A meeting of ten days ago that was called and not marked as held."""
    made = build.meeting(day=build.TODAY - timedelta(days=10), state=MeetingState.CALLED)
    build.invitation(meeting=made, agency=build.listed("民雄國中"))
    return made


def file(name: str = "會議紀錄.pdf", content: bytes | None = None) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, pdf() if content is None else content)


def post(user: Any, meeting: Meeting, *files: SimpleUploadedFile, button: str = "submit", **typed: Any) -> Any:
    data = {"uploads": list(files), "note": "", button: "1", **typed}
    return logged_in(user).post(f"/meetings/{meeting.pk}/minutes/", data, follow=True)


def review(user: Any, meeting: Meeting, step: str, **typed: Any) -> Any:
    return logged_in(user).post(f"/meetings/{meeting.pk}/minutes/{step}/", typed, follow=True)


def told(response: Any) -> list[str]:
    return [str(message) for message in response.context["messages"]]


def state(meeting: Meeting) -> MinutesState:
    return MinutesState(Minutes.objects.get(meeting=meeting).state)


def trail(minutes: Minutes) -> list[tuple[str, str, dict[str, Any]]]:
    return [(e.act, e.actor_name, e.detail) for e in reversed(list(Entry.objects.for_target(minutes)))]


def mails() -> list[tuple[str, str, str]]:
    """Return address, subject and the path of the link of each mail, in the order of sending."""
    links = [
        (m, next(line for line in m.text.splitlines() if line.startswith("http")))
        for m in Message.objects.order_by("pk")
    ]
    return [(m.to, m.subject, link.removeprefix("http://127.0.0.1:8000")) for m, link in links]


def texts(files: Any) -> list[str]:
    return [file.stored.name for file in files]


# --- The whole way ---------------------------------------------------------------------------------------------------


def test_minutes_go_from_upload_over_a_return_to_the_record_and_back(cast: build.Cast, meeting: Meeting) -> None:
    title = "北平原區第 1 次專、兼任(辦)人事人員聯繫會報紀錄"
    host, reviewer = cast.host_officer, cast.office_reviewer

    answer = post(host, meeting, file(), file("簽到表.png", picture("PNG")), note="補簽到表")
    assert told(answer) == ["已報送人事處備查，並已通知審核人員。"]
    assert answer.redirect_chain == [(f"/meetings/{meeting.pk}/", 302)]
    meeting.refresh_from_db()
    assert meeting.state == MeetingState.HELD
    minutes = meeting.minutes
    version = minutes.versions.get()
    assert (minutes.state, minutes.submitted_at, minutes.decided_at) == (MinutesState.SUBMITTED, NOW, None)
    assert (version.number, version.note, version.submitted_at) == (1, "補簽到表", NOW)
    assert version.submitted_by == host
    assert [(f.stored.name, f.role) for f in version.files.all()] == [
        ("簽到表.png", FileRole.ATTACHMENT),
        ("會議紀錄.pdf", FileRole.MINUTES),
    ]
    to_office = ("【待審核】" + title + "（第 1 版）", f"/meetings/{meeting.pk}/")
    assert sorted(mails()) == sorted((user.email, *to_office) for user in (cast.office_admin, reviewer))
    Message.objects.all().delete()

    answer = review(reviewer, meeting, "return", reason="請補決議。", version=1)
    assert told(answer) == ["已退請補正，並已通知承辦單位。"]
    minutes.refresh_from_db()
    assert (minutes.state, minutes.reason, minutes.decided_at) == (MinutesState.RETURNED, "請補決議。", NOW)
    assert mails() == [(host.email, f"【退請補正】{title}", f"/meetings/{meeting.pk}/minutes/")]
    assert "請補決議。" in Message.objects.get().text
    Message.objects.all().delete()

    page = logged_in(host).get(f"/meetings/{meeting.pk}/minutes/")
    assert "請補決議。" in page.text
    post(host, meeting, file("會議紀錄（補正）.odt", odf()))
    minutes.refresh_from_db()
    assert (minutes.state, minutes.reason) == (MinutesState.SUBMITTED, "")
    assert [(v.number, texts(v.files.all())) for v in minutes.versions.all()] == [
        (1, ["簽到表.png", "會議紀錄.pdf"]),
        (2, ["會議紀錄（補正）.odt"]),
    ]
    assert {mail[1] for mail in mails()} == {f"【待審核】{title}（第 2 版）"}
    Message.objects.all().delete()

    assert told(review(reviewer, meeting, "accept", version=2)) == ["已同意備查，並已通知承辦單位。"]
    minutes.refresh_from_db()
    assert (minutes.state, minutes.decided_at) == (MinutesState.ACCEPTED, NOW)
    assert [v.accepted_at for v in minutes.versions.all()] == [None, NOW]
    assert mails() == [(host.email, f"【已備查】{title}", f"/meetings/{meeting.pk}/")]
    Message.objects.all().delete()

    assert told(review(cast.office_admin, meeting, "reopen", reason="決議文字誤植。")) == [
        "已重啟，承辦單位可上傳新版紀錄。"
    ]
    minutes.refresh_from_db()
    assert (minutes.state, minutes.reason) == (MinutesState.RETURNED, "決議文字誤植。")
    assert [v.accepted_at for v in minutes.versions.all()] == [None, None]
    assert mails() == [(host.email, f"【重啟補正】{title}", f"/meetings/{meeting.pk}/minutes/")]

    assert trail(minutes) == [
        ("minutes.file_added", "黃承辦", {"file": "會議紀錄.pdf"}),
        ("minutes.file_added", "黃承辦", {"file": "簽到表.png"}),
        ("minutes.submitted", "黃承辦", {"version": 1, "reason": "補簽到表"}),
        ("minutes.returned", "陳審核", {"version": 1, "reason": "請補決議。"}),
        ("minutes.file_added", "黃承辦", {"file": "會議紀錄（補正）.odt"}),
        ("minutes.submitted", "黃承辦", {"version": 2, "reason": ""}),
        ("minutes.accepted", "陳審核", {"version": 2}),
        ("minutes.reopened", "林主任", {"version": 2, "reason": "決議文字誤植。"}),
    ]
    assert Entry.objects.for_target(meeting).get().act == "meeting.held"


# --- Upload ----------------------------------------------------------------------------------------------------------


def test_files_wait_for_their_submission(cast: build.Cast, meeting: Meeting) -> None:
    answer = post(cast.host_officer, meeting, file(), button="save", note="尚待主席核定")
    assert told(answer) == ["已儲存 1 個檔案，尚未報送。"]
    assert state(meeting) == MinutesState.UNFILED
    assert not Message.objects.exists()
    assert answer.context["form"].initial["note"] == "尚待主席核定"
    assert "已上傳 1 個檔案，尚未報送。" in logged_in(cast.host_officer).get(f"/meetings/{meeting.pk}/").text
    post(cast.host_officer, meeting, note="主席已核定")
    version = MinutesVersion.objects.get()
    assert (state(meeting), version.note, texts(version.files.all())) == (
        MinutesState.SUBMITTED,
        "主席已核定",
        ["會議紀錄.pdf"],
    )


def test_a_refused_file_holds_the_submission_and_the_rest_stays(cast: build.Cast, meeting: Meeting) -> None:
    answer = post(cast.host_officer, meeting, file(), file("壞.pdf", b"%PDF-1.7\nhello\n%%EOF\n"), note="本次較遲")
    assert answer.status_code == 422
    assert answer.context["form"].errors == {"uploads": ["「壞.pdf」已損壞或不完整，請重新存檔後再上傳。"]}
    assert answer.context["form"]["note"].value() == "本次較遲"
    assert texts(answer.context["files"]) == ["會議紀錄.pdf"]
    assert state(meeting) == MinutesState.UNFILED
    assert StoredFile.objects.get().name == "會議紀錄.pdf"
    assert not Message.objects.exists()


def test_a_note_that_is_too_long_does_not_cost_the_files(cast: build.Cast, meeting: Meeting) -> None:
    answer = post(cast.host_officer, meeting, file(), note="說" * 301)
    assert list(answer.context["form"].errors) == ["note"]
    assert answer.context["form"]["note"].value() == "說" * 301
    assert texts(answer.context["files"]) == ["會議紀錄.pdf"]
    assert state(meeting) == MinutesState.UNFILED


def test_attachments_alone_are_kept_and_not_submitted(cast: build.Cast, meeting: Meeting) -> None:
    answer = post(cast.host_officer, meeting, file("簽到表.jpg", picture("JPEG")))
    sentence = "請至少上傳一個會議紀錄檔（PDF、ODT 或 DOCX）後再報送。"
    assert answer.context["form"].errors == {"uploads": [sentence]}
    assert texts(answer.context["files"]) == ["簽到表.jpg"]
    assert state(meeting) == MinutesState.UNFILED


@pytest.mark.parametrize(
    ("button", "sentence"),
    [
        ("submit", "請至少上傳一個會議紀錄檔（PDF、ODT 或 DOCX）後再報送。"),
        ("save", "請選擇要上傳的檔案。"),
    ],
)
def test_nothing_chosen_is_said_at_the_field(cast: build.Cast, meeting: Meeting, button: str, sentence: str) -> None:
    answer = post(cast.host_officer, meeting, button=button)
    assert answer.context["form"].errors == {"uploads": [sentence]}
    assert sentence in answer.text


def test_too_many_files_are_refused_in_one_sentence(cast: build.Cast, meeting: Meeting) -> None:
    answer = post(cast.host_officer, meeting, *(file(f"{number}.pdf") for number in range(21)))
    assert answer.context["form"].errors == {"uploads": ["一次最多上傳 20 個檔案，請分次上傳。"]}
    assert not StoredFile.objects.exists()


def test_the_same_file_sent_twice_stands_once(cast: build.Cast, meeting: Meeting) -> None:
    content = pdf()
    post(cast.host_officer, meeting, file(content=content), file(content=content), button="save")
    post(cast.host_officer, meeting, file(content=content), button="save")
    assert texts(MinutesFile.objects.all()) == ["會議紀錄.pdf"]


def test_host_changes_a_files_role_and_removes_it(cast: build.Cast, meeting: Meeting) -> None:
    post(cast.host_officer, meeting, file("說明.docx", docx()), button="save")
    made = MinutesFile.objects.get()
    client = logged_in(cast.host_officer)
    client.post(f"/meetings/files/{made.pk}/role/", {"role": "attachment"})
    made.refresh_from_db()
    assert made.role == FileRole.ATTACHMENT
    assert client.post(f"/meetings/files/{made.pk}/role/", {"role": "secret"}).status_code == 404
    answer = client.post(f"/meetings/files/{made.pk}/remove/", follow=True)
    assert told(answer)[-1] == "已移除「說明.docx」。"
    assert not MinutesFile.objects.exists()
    assert [(act, detail.get("role"), detail.get("sha256")) for act, _, detail in trail(meeting.minutes)] == [
        ("minutes.file_added", None, None),
        ("minutes.role_changed", "相關資料", None),
        ("minutes.file_removed", None, StoredFile.objects.get().sha256),
    ]


def test_a_submitted_version_never_changes(cast: build.Cast, meeting: Meeting) -> None:
    post(cast.host_officer, meeting, file())
    made, client = MinutesFile.objects.get(), logged_in(cast.host_officer)
    review(cast.office_reviewer, meeting, "return", reason="請補正")
    for step, typed in (("remove", {}), ("role", {"role": "attachment"})):
        answer = client.post(f"/meetings/files/{made.pk}/{step}/", typed, follow=True)
        assert told(answer) == ["此檔案所屬版本已報送，不能變更。"]
    made.refresh_from_db()
    assert made.role == FileRole.MINUTES


def test_a_file_that_a_colleague_removed_is_told(cast: build.Cast, meeting: Meeting) -> None:
    post(cast.host_officer, meeting, file(), button="save")
    made = MinutesFile.objects.get()
    actions.remove_file(file=MinutesFile.objects.get(), by=cast.host_officer)
    with pytest.raises(actions.Conflict, match="已由其他人移除"):
        actions.remove_file(file=made, by=cast.host_officer)
    with pytest.raises(actions.Conflict, match="已由其他人移除"):
        actions.change_role(file=made, role=FileRole.ATTACHMENT, by=cast.host_officer)


# --- Who and when ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("office_admin", 403),
        ("office_reviewer", 403),
        ("office_reader", 403),
        ("member_officer", 403),
        ("neighbour_host", 404),
        ("coached_officer", 404),
        ("stranger", 404),
        ("other_reviewer", 404),
    ],
)
def test_only_the_host_uploads(cast: build.Cast, meeting: Meeting, who: str, status: int) -> None:
    assert logged_in(getattr(cast, who)).get(f"/meetings/{meeting.pk}/minutes/").status_code == status
    assert post(getattr(cast, who), meeting, file()).status_code == status
    assert state(meeting) == MinutesState.UNFILED
    assert not StoredFile.objects.exists()


@pytest.mark.parametrize(
    ("day", "called", "sentence"),
    [
        (build.TODAY + timedelta(days=1), MeetingState.CALLED, "會議尚未召開，請於會後報送紀錄。"),
        (build.TODAY - timedelta(days=1), MeetingState.CANCELLED, "會議已取消，無須報送紀錄。"),
    ],
)
def test_a_meeting_without_minutes_says_why(cast: build.Cast, day: date, called: MeetingState, sentence: str) -> None:
    meeting = build.meeting(day=day, state=called)
    for answer in (
        logged_in(cast.host_officer).get(f"/meetings/{meeting.pk}/minutes/", follow=True),
        post(cast.host_officer, meeting, file()),
    ):
        assert answer.redirect_chain == [(f"/meetings/{meeting.pk}/", 302)]
        assert told(answer) == [sentence]
    assert not StoredFile.objects.exists()


def test_minutes_in_review_and_on_record_are_closed_to_the_host(cast: build.Cast, meeting: Meeting, clock: Any) -> None:
    post(cast.host_officer, meeting, file())
    again = post(cast.host_officer, meeting, file("新版.pdf"))
    assert told(again) == ["黃承辦已於 115年11月22日（日）10:00 辦理「報送紀錄」，目前為「已報」，請重新整理後再處理。"]
    clock.shift(timedelta(minutes=5))
    review(cast.office_reviewer, meeting, "accept", version=1)
    answer = logged_in(cast.host_officer).get(f"/meetings/{meeting.pk}/minutes/", follow=True)
    assert told(answer) == [
        "陳審核已於 115年11月22日（日）10:05 辦理「同意備查」，目前為「已備查」，請重新整理後再處理。"
    ]
    assert texts(MinutesFile.objects.all()) == ["會議紀錄.pdf"]


@pytest.mark.parametrize("who", ["host_officer", "member_officer", "office_reader"])
@pytest.mark.parametrize("step", ["accept", "return", "reopen"])
def test_only_reviewers_decide(cast: build.Cast, meeting: Meeting, who: str, step: str) -> None:
    post(cast.host_officer, meeting, file())
    answer = review(getattr(cast, who), meeting, step, reason="x")
    assert answer.status_code == 403
    assert "僅限人事處審核人員辦理備查、退請補正與重啟。" in answer.text
    assert state(meeting) == MinutesState.SUBMITTED


@pytest.mark.parametrize("step", ["return", "reopen"])
def test_a_return_and_a_reopening_need_a_reason(cast: build.Cast, meeting: Meeting, step: str) -> None:
    post(cast.host_officer, meeting, file())
    if step == "reopen":
        review(cast.office_reviewer, meeting, "accept")
    before = state(meeting)
    answer = review(cast.office_reviewer, meeting, step, reason="  ")
    assert answer.status_code == 422
    assert answer.text.count("請說明理由。") == 2  # summed up on top, and at the field
    assert state(meeting) == before
    with pytest.raises(ValidationError):
        actions.return_for_correction(minutes=meeting.minutes, reason=" ", by=cast.office_reviewer)


# --- Reading ---------------------------------------------------------------------------------------------------------


def readers(cast: build.Cast, made: MinutesFile) -> set[str]:
    """Return who gets the file; the others must get 404, as for a number that does not exist."""
    found = set()
    for name in build.Cast.__slots__:
        if name == "plan":
            continue
        answer: Any = logged_in(getattr(cast, name)).get(f"/meetings/files/{made.pk}/")
        if answer.status_code == 200:
            assert b"".join(answer.streaming_content)
            found.add(name)
        else:
            assert answer.status_code == 404
    return found


INSIDERS = {"office_admin", "office_reviewer", "office_reader", "host_officer"}


def test_files_open_to_the_invitees_with_the_record_and_close_with_a_reopening(
    cast: build.Cast, meeting: Meeting
) -> None:
    post(cast.host_officer, meeting, file())
    review(cast.office_reviewer, meeting, "return", reason="請補正")
    post(cast.host_officer, meeting, file("第二版.pdf"))
    first, second = MinutesFile.objects.order_by("pk")
    assert readers(cast, second) == INSIDERS
    review(cast.office_reviewer, meeting, "accept", version=2)
    assert readers(cast, first) == INSIDERS
    assert readers(cast, second) == INSIDERS | {"member_officer"}
    page = logged_in(cast.member_officer).get(f"/meetings/{meeting.pk}/").text
    assert "第二版.pdf" in page
    assert "請補正" not in page
    review(cast.office_reviewer, meeting, "reopen", reason="誤植")
    assert readers(cast, second) == INSIDERS
    page = logged_in(cast.member_officer).get(f"/meetings/{meeting.pk}/").text
    assert "第二版.pdf" not in page
    assert "誤植" not in page
    post(cast.host_officer, meeting, file("第三版.pdf"))
    review(cast.office_reviewer, meeting, "accept", version=3)
    assert readers(cast, second) == INSIDERS
    assert readers(cast, MinutesFile.objects.latest("pk")) == INSIDERS | {"member_officer"}


def test_a_download_is_a_download_and_is_logged(cast: build.Cast, meeting: Meeting) -> None:
    content = pdf()
    post(cast.host_officer, meeting, file(content=content))
    made = MinutesFile.objects.get()
    answer: Any = logged_in(cast.office_reader).get(f"/meetings/files/{made.pk}/")
    assert b"".join(answer.streaming_content) == content
    assert answer["Content-Disposition"].startswith("attachment;")
    entry = Entry.objects.get(act="file.downloaded")
    assert (entry.actor_name, entry.target_label) == ("李唯讀", f"{meeting}紀錄")
    assert entry.detail == {"file": "會議紀錄.pdf", "sha256": made.stored.sha256}
    # A download after the last step does not make the reader the one who was first.
    assert actions.last_step(meeting.minutes).startswith("黃承辦已於")
    assert Client().get(f"/meetings/files/{made.pk}/").status_code == 302
    assert logged_in(cast.office_reader).get("/meetings/files/999999/").status_code == 404


# --- Comparing -------------------------------------------------------------------------------------------------------


def paragraphs(*lines: str) -> bytes:
    return docx(body="".join(f"<w:p><w:r><w:t>{line}</w:t></w:r></w:p>" for line in lines))


@pytest.fixture
def two_versions(cast: build.Cast, meeting: Meeting) -> Meeting:
    post(cast.host_officer, meeting, file("紀錄.docx", paragraphs("時間", "案由一", "決議：緩議", "散會")))
    review(cast.office_reviewer, meeting, "return", reason="請補正")
    post(cast.host_officer, meeting, file("紀錄.docx", paragraphs("時間", "案由一", "決議：通過", "附帶決議", "散會")))
    return meeting


def test_compare_shows_what_changed(cast: build.Cast, two_versions: Meeting) -> None:
    page = logged_in(cast.office_reviewer).get(f"/meetings/{two_versions.pk}/minutes/compare/")
    assert page.context["rows"] == [
        ("", "時間", "時間"),
        ("", "案由一", "案由一"),
        ("replace", "決議：緩議", "決議：通過"),
        ("replace", "", "附帶決議"),
        ("", "散會", "散會"),
    ]
    assert "不同 2 行" in page.text
    assert "<del>決議：緩議</del>" in page.text
    same = logged_in(cast.office_reviewer).get(f"/meetings/{two_versions.pk}/minutes/compare/?old=2&new=2")
    assert "文字相同" in same.text
    odd = logged_in(cast.office_reviewer).get(f"/meetings/{two_versions.pk}/minutes/compare/?old=９９&new=x'")
    assert (odd.context["old"].number, odd.context["new"].number) == (1, 2)


def test_compare_folds_what_is_alike_until_asked(cast: build.Cast, meeting: Meeting) -> None:
    lines = [f"第 {number} 行" for number in range(20)]
    post(cast.host_officer, meeting, file("紀錄.docx", paragraphs(*lines, "決議：緩議")))
    review(cast.office_reviewer, meeting, "return", reason="請補正")
    post(cast.host_officer, meeting, file("紀錄.docx", paragraphs(*lines, "決議：通過")))
    client, address = logged_in(cast.office_reader), f"/meetings/{meeting.pk}/minutes/compare/"
    rows = client.get(address).context["rows"]
    assert [row[1] for row in rows] == [*lines[:3], "相同 14 行", *lines[-3:], "決議：緩議"]
    assert len(client.get(f"{address}?all=on").context["rows"]) == 21


def test_compare_says_which_file_it_cannot_read(cast: build.Cast, two_versions: Meeting) -> None:
    made = MinutesFile.objects.latest("pk")
    made.stored.path.write_bytes(b"not a zip")
    page = logged_in(cast.office_reviewer).get(f"/meetings/{two_versions.pk}/minutes/compare/")
    assert page.status_code == 200
    assert page.context["unreadable"] == ["紀錄.docx"]


def test_compare_reads_no_file_that_was_read_before(
    cast: build.Cast, two_versions: Meeting, monkeypatch: pytest.MonkeyPatch
) -> None:
    MinutesFile.objects.update(words="")
    monkeypatch.setattr("meetings.precheck.text.extract", lambda *_: pytest.fail("read again"))
    page = logged_in(cast.office_reviewer).get(f"/meetings/{two_versions.pk}/minutes/compare/")
    assert set(page.context["unreadable"]) == set(MinutesFile.objects.values_list("stored__name", flat=True))


def test_one_version_or_no_right_compares_nothing(cast: build.Cast, two_versions: Meeting) -> None:
    address = f"/meetings/{two_versions.pk}/minutes/compare/"
    assert logged_in(cast.member_officer).get(address).status_code == 404
    review(cast.office_reviewer, two_versions, "accept")
    assert logged_in(cast.member_officer).get(address).status_code == 404
    assert logged_in(cast.neighbour_host).get(address).status_code == 404


def test_whose_business_the_making_of_minutes_is(cast: build.Cast, meeting: Meeting) -> None:
    people = {name: getattr(cast, name) for name in ("office_admin", "office_reader", "host_officer", "neighbour_host")}
    people |= {
        name: getattr(cast, name) for name in ("member_officer", "coached_officer", "stranger", "other_reviewer")
    }
    told = {name for name, user in people.items() if works_on_minutes(user, meeting)}
    assert told == {"office_admin", "office_reader", "host_officer"}
    listed = {name for name, user in people.items() if Minutes.objects.worked_on_by(user).filter(meeting=meeting)}
    assert listed == told
