"""The main job in a real browser, with a real worker and a real mail server: upload, submit, return, correct, accept."""

from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from districts.choices import Access
from meetings.choices import MinutesState, Section
from meetings.documents import draft
from meetings.models import AgendaItem, Meeting, MinutesFile
from personnel_portal.accounts.models import User
from personnel_portal.documents import odf, pdf
from tests import build, services


@pytest.fixture
def host(transactional_db: None) -> User:
    return build.officer(build.listed("大林鎮公所"), username="host", name="黃承辦")


@pytest.fixture
def reviewer(transactional_db: None) -> User:
    return build.officer(build.listed("人事處"), username="reviewer", name="陳審核", access=Access.REVIEW)


@pytest.fixture
def meeting(transactional_db: None) -> Meeting:
    """A meeting of ten days ago, as the worker's clock is that of the machine."""
    day = timezone.localdate() - timedelta(days=10)
    year = day.year - 1911 + (day.month >= 10)
    made = build.held_meeting(district=build.district("北平原區", plan=build.plan(year=year)), day=day)
    AgendaItem.objects.create(
        meeting=made, section=Section.DISCUSSION, subject="差勤系統表單整併", resolution="照案通過。", order=1
    )
    return made


def log_in(page: Page, address: str, username: str) -> None:
    page.goto(address)
    page.get_by_label("帳號").fill(username)
    page.get_by_label("密碼").fill(build.PASSWORD)
    page.get_by_role("button", name="登入").click()


def log_out(page: Page) -> None:
    page.context.clear_cookies()


def subject(mail: EmailMessage) -> str:
    return str(mail["Subject"]).strip()  # a folded header keeps the blank of its first line


def words(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def draft_pdf(meeting: Meeting, path: Path) -> Path:
    path.write_bytes(pdf.render(draft(meeting)))
    return path


def test_host_submits_office_returns_host_corrects_office_accepts(
    worker: services.Worker,
    smtp: services.Mailbox,
    live_server: LiveServer,
    page: Page,
    host: User,
    reviewer: User,
    meeting: Meeting,
    tmp_path: Path,
) -> None:
    first, second = draft_pdf(meeting, tmp_path / "紀錄.pdf"), tmp_path / "紀錄（補正）.odt"
    second.write_bytes(odf.render(draft(meeting)))
    where = f"{live_server.url}/meetings/{meeting.pk}/"

    # The host: from the first page, three clicks (the file chooser is one of them).
    log_in(page, live_server.url, "host")
    page.get_by_role("link", name="上傳紀錄").click()
    page.get_by_label("會議紀錄及相關資料").set_input_files(first)
    page.get_by_role("button", name="上傳並報送").click()
    expect(page.locator("main")).to_contain_text("已報送人事處備查")
    services.wait_until(lambda: smtp.to(reviewer.email), what="the mail to the reviewer")
    [submitted] = smtp.to(reviewer.email)
    assert subject(submitted) == f"【待審核】{meeting}紀錄（第 1 版）"
    assert f"/meetings/{meeting.pk}/" in words(submitted)
    log_out(page)

    # The office: what the text check found stands beside the file; the first version goes back.
    log_in(page, live_server.url, "reviewer")
    page.get_by_role("link", name="審核").first.click()
    services.wait_until(lambda: meeting.minutes.versions.get().findings, what="the text check")
    page.reload()
    expect(page.get_by_role("row", name="案由")).to_contain_text("相符")
    page.get_by_label("理由").fill("請補列席人員。")
    page.get_by_role("button", name="退請補正").click()
    expect(page.locator("main")).to_contain_text("已退請補正，並已通知承辦單位。")
    services.wait_until(lambda: smtp.to(host.email), what="the mail to the host")
    [returned] = smtp.to(host.email)
    assert subject(returned) == f"【退請補正】{meeting}紀錄"
    assert "請補列席人員。" in words(returned)
    log_out(page)

    # The host again, through the link in the mail.
    log_in(page, f"{where}minutes/", "host")
    expect(page.get_by_role("note")).to_contain_text("請補列席人員。")
    page.get_by_label("會議紀錄及相關資料").set_input_files(second)
    page.get_by_role("button", name="上傳並報送").click()
    expect(page.locator("main")).to_contain_text("第 2 版")
    log_out(page)

    # The office accepts; the host is told, the board turns, and the first version is still there.
    log_in(page, where, "reviewer")
    page.get_by_role("button", name="同意備查").click()
    expect(page.locator("main")).to_contain_text("已同意備查")
    services.wait_until(lambda: len(smtp.to(host.email)) == 2, what="the second mail to the host")
    assert subject(smtp.to(host.email)[1]) == f"【已備查】{meeting}紀錄"
    page.goto(live_server.url)
    row = page.get_by_role("row", name="會議紀錄報送備查")
    expect(row).to_contain_text("已備查")
    meeting.minutes.refresh_from_db()
    assert meeting.minutes.state == MinutesState.ACCEPTED
    assert [f.stored.name for f in MinutesFile.objects.order_by("pk")] == ["紀錄.pdf", "紀錄（補正）.odt"]


def test_a_refused_file_says_why_and_the_good_one_stays(
    live_server: LiveServer, page: Page, host: User, meeting: Meeting, tmp_path: Path
) -> None:
    good, bad = draft_pdf(meeting, tmp_path / "紀錄.pdf"), tmp_path / "程式.pdf"
    bad.write_bytes(b"MZ\x90\x00" + b"\x00" * 200)
    log_in(page, f"{live_server.url}/meetings/{meeting.pk}/minutes/", "host")
    page.get_by_label("會議紀錄及相關資料").set_input_files([good, bad])
    page.get_by_label("報送說明").fill("另附簽到表")
    page.get_by_role("button", name="上傳並報送").click()
    expect(page.get_by_role("alert")).to_contain_text("「程式.pdf」是程式或夾帶程式，無法收存。")
    expect(page.get_by_role("list").filter(has=page.get_by_role("link", name="紀錄.pdf"))).to_be_visible()
    expect(page.get_by_label("報送說明")).to_have_value("另附簽到表")
    meeting.minutes.refresh_from_db()
    assert meeting.minutes.state == MinutesState.UNFILED
    page.get_by_role("button", name="上傳並報送").click()
    expect(page.locator("main")).to_contain_text("已報送人事處備查")


def test_upload_works_without_javascript(
    live_server: LiveServer, browser: Browser, host: User, meeting: Meeting, tmp_path: Path
) -> None:
    with browser.new_context(java_script_enabled=False, locale="zh-TW") as context:
        page = context.new_page()
        log_in(page, f"{live_server.url}/meetings/{meeting.pk}/minutes/", "host")
        page.get_by_label("會議紀錄及相關資料").set_input_files(draft_pdf(meeting, tmp_path / "紀錄.pdf"))
        page.get_by_role("button", name="上傳並報送").click()
        expect(page.locator("main")).to_contain_text("已報送人事處備查")
        expect(page.get_by_role("link", name="紀錄.pdf")).to_be_visible()
