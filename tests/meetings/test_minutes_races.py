"""Two people at once: the first decides, the second is told who and when, and keeps what was typed."""

from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client

from meetings.actions import minutes as actions
from meetings.choices import MinutesState
from meetings.models import Meeting, Minutes, MinutesFile, MinutesVersion
from personnel_portal.outbox.models import Message
from personnel_portal.trail.models import Entry
from tests import build
from tests.racing import race
from tests.site.clients import logged_in
from tests.uploads.making import pdf

FIRST = "已於 115年11月22日（日）10:00 辦理"


@pytest.fixture(autouse=True)
def clock() -> Any:
    with time_machine.travel(build.at(build.TODAY, 10), tick=False) as traveller:
        yield traveller


def told(answer: Any) -> list[str]:
    return [str(message) for message in answer.context["messages"]]


# --- One after the other, as on every database -----------------------------------------------------------------------


@pytest.mark.django_db
def test_the_second_reviewer_is_told_and_keeps_the_reason() -> None:
    cast = build.cast()
    meeting = build.minutes(by=cast.host_officer).meeting
    address = f"/meetings/{meeting.pk}/minutes"
    second = logged_in(cast.office_admin)
    page = second.get(f"/meetings/{meeting.pk}/")
    assert "審核第 1 版" in page.text
    logged_in(cast.office_reviewer).post(f"{address}/accept/", {"version": "1"})
    answer = second.post(f"{address}/return/", {"version": "1", "reason": "出席人數與簽到表不符，請補正。"})
    assert answer.status_code == 422
    sentence = f"陳審核{FIRST}「同意備查」，目前為「已備查」，請重新整理後再處理。"
    assert answer.context["return_form"].non_field_errors() == [sentence]
    assert sentence in answer.text
    assert "出席人數與簽到表不符，請補正。" in answer.text
    assert "審核第 1 版" not in answer.text
    again = second.post(f"{address}/accept/", {"version": "1"}, follow=True)
    assert told(again) == [sentence]
    assert Minutes.objects.get().state == MinutesState.ACCEPTED
    assert [entry.act for entry in Entry.objects.for_target(meeting.minutes)] == ["minutes.accepted"]


@pytest.mark.django_db
def test_a_decision_on_a_version_that_was_replaced_is_refused() -> None:
    cast = build.cast()
    minutes = build.minutes(by=cast.host_officer)
    actions.return_for_correction(minutes=minutes, reason="請補正", by=cast.office_admin)
    actions.add_files(minutes=minutes, stored=[build.stored_file(name="第二版.pdf")], by=cast.host_officer)
    actions.submit_minutes(minutes=minutes, note="", by=cast.host_officer)
    address = f"/meetings/{minutes.meeting_id}/minutes"
    client = logged_in(cast.office_reviewer)
    answer = client.post(f"{address}/accept/", {"version": "1"}, follow=True)
    assert told(answer) == ["承辦單位已報送第 2 版，請重新整理後再處理。"]
    answer = client.post(f"{address}/return/", {"version": "1", "reason": "請補附件"})
    assert answer.context["return_form"].non_field_errors() == ["承辦單位已報送第 2 版，請重新整理後再處理。"]
    # The page that answers shows version 2 and keeps the reason, so that it can be sent for that version.
    assert '<input type="hidden" name="version" value="2">' in answer.text
    assert "請補附件</textarea>" in answer.text
    assert Minutes.objects.get().state == MinutesState.SUBMITTED


@pytest.mark.django_db
def test_a_late_reopening_keeps_its_reason() -> None:
    cast = build.cast()
    minutes = build.minutes(by=cast.host_officer, state=MinutesState.ACCEPTED)
    actions.reopen_minutes(minutes=minutes, reason="誤植", by=cast.office_admin)
    address = f"/meetings/{minutes.meeting_id}/minutes/reopen/"
    answer = logged_in(cast.office_reviewer).post(address, {"reason": "名單有誤"})
    assert answer.context["reopen_form"].non_field_errors() == [
        f"林主任{FIRST}「重啟紀錄」，目前為「退請補正」，請重新整理後再處理。"
    ]
    assert "名單有誤" in answer.text


@pytest.mark.django_db
def test_files_that_come_after_the_submission_are_said_to_be_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """A colleague submits while one's own files are being checked."""
    cast = build.cast()
    meeting = build.held_meeting()
    colleague = build.officer(build.listed("大林鎮公所"), username="host2", name="周助理")
    checked = actions.add_files

    def late(**values: Any) -> Any:
        monkeypatch.setattr(actions, "add_files", checked)
        checked(minutes=meeting.minutes, stored=[build.stored_file()], by=colleague)
        actions.submit_minutes(minutes=meeting.minutes, note="", by=colleague)
        return checked(**values)

    monkeypatch.setattr(actions, "add_files", late)
    files = [SimpleUploadedFile("我的紀錄.pdf", pdf())]
    answer = logged_in(cast.host_officer).post(
        f"/meetings/{meeting.pk}/minutes/", {"uploads": files, "note": "", "submit": "1"}, follow=True
    )
    assert told(answer) == [
        f"周助理{FIRST}「報送紀錄」，目前為「已報」，請重新整理後再處理。您這次上傳的 1 個檔案沒有列入。"
    ]
    assert MinutesFile.objects.get().stored.name == "會議紀錄.pdf"


# --- At the same moment, on a database that locks rows ---------------------------------------------------------------


@pytest.fixture
def locking(transactional_db: None) -> None:
    if connection.vendor == "sqlite":
        pytest.skip("SQLite lets one transaction write at a time; the order of steps is tested above")


@pytest.fixture
def cast(locking: None) -> build.Cast:
    return build.cast()


def test_two_reviewers_at_once_decide_once(cast: build.Cast) -> None:
    minutes = build.minutes(by=cast.host_officer)
    Message.objects.all().delete()
    answers = race(
        lambda: actions.accept_minutes(minutes=minutes, by=cast.office_admin, version=1),
        lambda: actions.return_for_correction(minutes=minutes, reason="請補正", by=cast.office_reviewer, version=1),
        seconds=30,
    )
    lost = [answer for answer in answers if isinstance(answer, actions.Conflict)]
    assert len(lost) == 1, answers
    minutes.refresh_from_db()
    winner, act = {
        MinutesState.ACCEPTED: ("林主任", "同意備查"),
        MinutesState.RETURNED: ("陳審核", "退請補正"),
    }[MinutesState(minutes.state)]
    assert lost[0].messages[0].startswith(f"{winner}{FIRST}「{act}」")
    assert Entry.objects.for_target(minutes).count() == 1
    assert Message.objects.count() == 1


@pytest.mark.parametrize("files", ["same", "own"])
def test_two_host_officers_or_two_clicks_submit_once(cast: build.Cast, files: str) -> None:
    meeting = build.held_meeting()
    colleague = build.officer(build.listed("大林鎮公所"), username="host2", name="周助理")
    clients = [logged_in(cast.host_officer), logged_in(colleague if files == "own" else cast.host_officer)]
    content = pdf()

    def click(client: Client, name: str) -> Callable[[], Any]:
        data = {"uploads": [SimpleUploadedFile(name, content)], "note": "", "submit": "1"}
        return lambda: client.post(f"/meetings/{meeting.pk}/minutes/", data)

    names = ["紀錄.pdf", "紀錄.pdf"] if files == "same" else ["紀錄.pdf", "另一份.pdf"]
    answers = race(*(click(client, name) for client, name in zip(clients, names, strict=True)), seconds=30)
    assert [answer.status_code for answer in answers] == [302, 302], answers
    assert Minutes.objects.get().state == MinutesState.SUBMITTED
    assert MinutesVersion.objects.get().number == 1
    acts = [entry.act for entry in Entry.objects.for_target(meeting.minutes)]
    assert acts.count("minutes.submitted") == 1
    if files == "same":
        assert MinutesFile.objects.count() == 1
    assert Message.objects.count() == 2  # one to each reviewer of the office


def test_two_first_uploads_at_once_share_one_version(cast: build.Cast) -> None:
    meeting: Meeting = build.held_meeting()
    stored = [build.stored_file(name=f"{number}.pdf") for number in range(2)]
    race(
        *(
            lambda file=file: actions.add_files(minutes=meeting.minutes, stored=[file], by=cast.host_officer)
            for file in stored
        ),
        seconds=30,
    )
    assert MinutesVersion.objects.get().files.count() == 2
