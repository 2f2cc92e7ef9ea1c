"""The main job in a real browser, with a real worker and a real SMTP server."""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from meetings import documents
from meetings.actions import agenda
from meetings.actions import minutes as actions
from meetings.choices import MinutesState
from meetings.models import AgendaItem, Meeting, Minutes, MinutesFile
from meetings.tasks import precheck_pending
from personnel_portal.documents import pdf
from personnel_portal.uploads.kinds import Kind
from tests import build
from tests.browsing import enter, subject_of
from tests.services import Mailbox, Worker, wait_until
from tests.uploads import making

TITLE = "北平原區第 1 次專、兼任(辦)人事人員聯繫會報紀錄"
FILES = "會議紀錄及相關資料"


@pytest.fixture
def address(live_server: LiveServer) -> str:
    return str(live_server.url)


@pytest.fixture
def cast(live_server: LiveServer) -> build.Cast:
    return build.cast()


@pytest.fixture
def meeting(cast: build.Cast) -> Meeting:
    """A meeting of ten days ago that owes its minutes; by the machine's clock, which is the worker's too."""
    day = timezone.localdate() - timedelta(days=10)
    plan = build.plan(year=day.year - 1911 + (day.month >= 10))
    made = build.held_meeting(district=build.district("北平原區", plan=plan), day=day)
    item = AgendaItem(meeting=made, subject="簡化報到表件", resolution="照案通過。")
    agenda.save_item(item=item, by=cast.host_officer)
    return made


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A small PDF."""
    path = tmp_path / "會議紀錄.pdf"
    path.write_bytes(making.pdf())
    return path


def log_in(page: Page, address: str, username: str) -> None:
    page.goto(address)
    page.get_by_label("帳號").fill(username)
    page.get_by_label("密碼").fill(build.PASSWORD)
    page.get_by_role("button", name="登入").click()


def choose(page: Page, *paths: Path) -> None:
    with page.expect_file_chooser() as chooser:
        page.get_by_label(FILES).click()
    chooser.value.set_files(paths)


def arrived(smtp: Mailbox, user: Any, subject: str) -> str:
    """Wait for the mail and return the path that its link leads to."""
    found: list[Any] = []

    def look() -> bool:
        found[:] = [message for message in smtp.to(user.email) if subject_of(message) == subject]
        return bool(found)

    wait_until(look, what=f"{subject} to {user.email}; there are {[subject_of(m) for m in smtp.messages]}")
    text = found[0].get_body(("plain",)).get_content()
    link = re.search(r"http://127\.0\.0\.1:8000(/\S+)", text)
    assert link
    return link[1]


def test_host_submits_office_returns_host_corrects_office_files(
    browser: Browser,
    page: Page,
    address: str,
    cast: build.Cast,
    meeting: Meeting,
    worker: Worker,
    smtp: Mailbox,
    tmp_path: Path,
    small: Path,
) -> None:
    real = tmp_path / "北平原區第1次會報紀錄.pdf"
    real.write_bytes(pdf.render(documents.draft(meeting)))
    clicks = 0

    def click(target: Locator) -> None:
        nonlocal clicks
        clicks += 1
        target.click()

    # The host, from the to-do to the submission: three clicks.
    log_in(page, address, "host")
    expect(page.get_by_role("heading", name="我要辦的事")).to_be_visible()
    click(page.get_by_role("link", name=re.compile(r"^上傳紀錄\s*：.*第 1 次")))
    with page.expect_file_chooser() as chooser:
        click(page.get_by_label(FILES))
    chooser.value.set_files(real)
    click(page.get_by_role("button", name="上傳並報送"))
    expect(page.get_by_role("status").first).to_contain_text("已報送人事處備查，並已通知審核人員。")
    assert clicks == 3
    assert Minutes.objects.get().state == MinutesState.SUBMITTED
    for user in (cast.office_admin, cast.office_reviewer):
        assert arrived(smtp, user, f"【待審核】{TITLE}（第 1 版）") == f"/meetings/{meeting.pk}/"

    # The office sees it on its desk, with what the worker read in the file, and returns it.
    with browser.new_context(locale="zh-TW") as office_context:
        office = office_context.new_page()
        log_in(office, address, "reviewer")
        office.get_by_role("link", name=re.compile(r"^審核\s*：")).click()
        wait_until(lambda: Minutes.objects.get().versions.get().findings, what="the text check")
        office.reload()
        row = office.get_by_role("row", name="開會日期")
        expect(row).to_contain_text("相符")
        with office.expect_download() as download:
            office.get_by_role("link", name=real.name).click()
        assert download.value.suggested_filename == real.name
        assert Path(download.value.path()).read_bytes() == real.read_bytes()
        office.get_by_label("理由").fill("請補列席人員。")
        office.get_by_role("button", name="退請補正").click()
        expect(office.get_by_role("status").first).to_contain_text("已退請補正，並已通知承辦單位。")

        # The host follows the link of the mail, reads why, and sends version 2.
        page.goto(address + arrived(smtp, cast.host_officer, f"【退請補正】{TITLE}"))
        expect(page.get_by_text("請補列席人員。")).to_be_visible()
        choose(page, small)
        page.get_by_role("button", name="上傳並報送").click()
        expect(page.get_by_role("heading", name=re.compile("第 2 版"))).to_be_visible()

        # The office files it, and the board turns.
        office.goto(address + arrived(smtp, cast.office_reviewer, f"【待審核】{TITLE}（第 2 版）"))
        office.get_by_role("button", name="同意備查").click()
        expect(office.get_by_role("status").first).to_contain_text("已同意備查，並已通知承辦單位。")
        office.goto(f"{address}/duties/board/")
        done = office.get_by_role("row", name=re.compile("會議紀錄報送備查")).get_by_role(
            "link", name=re.compile("已備查")
        )
        expect(done).to_have_attribute("href", f"/meetings/{meeting.pk}/")
    assert arrived(smtp, cast.host_officer, f"【已備查】{TITLE}") == f"/meetings/{meeting.pk}/"
    assert [subject_of(m) for m in smtp.to(cast.host_officer.email)] == [f"【退請補正】{TITLE}", f"【已備查】{TITLE}"]
    page.goto(address)
    expect(page.get_by_role("link", name=re.compile("上傳紀錄|補正紀錄"))).to_have_count(0)


def test_a_refused_file_says_so_in_place_and_the_rest_stays(
    context: BrowserContext, address: str, cast: build.Cast, meeting: Meeting, small: Path, tmp_path: Path
) -> None:
    broken = tmp_path / "掃描.pdf"
    broken.write_bytes(b"%PDF-1.7\nhello\n%%EOF\n")
    page = enter(context, address, cast.host_officer)
    page.goto(f"{address}/meetings/{meeting.pk}/minutes/")
    page.get_by_label("報送說明").fill("本次較遲，敬請見諒。")
    choose(page, small, broken)
    page.get_by_role("button", name="上傳並報送").click()
    sentence = "「掃描.pdf」已損壞或不完整，請重新存檔後再上傳。"
    field = page.get_by_label(FILES)
    expect(page.locator(".dropzone .invalid-feedback")).to_have_text(sentence)
    expect(page.get_by_role("alert")).to_be_focused()
    expect(field).to_have_accessible_description(re.compile(re.escape(sentence)))
    expect(page.get_by_label("報送說明")).to_have_value("本次較遲，敬請見諒。")
    expect(page.get_by_role("link", name=small.name)).to_be_visible()
    assert Minutes.objects.get().state == MinutesState.UNFILED
    # What was kept is submitted without choosing it again.
    page.get_by_role("button", name="上傳並報送").click()
    expect(page.get_by_role("status").first).to_contain_text("已報送人事處備查")
    assert MinutesFile.objects.get().stored.name == small.name
    assert Minutes.objects.get().versions.get().note == "本次較遲，敬請見諒。"


def test_a_file_that_is_too_large_is_not_sent_at_all(
    context: BrowserContext, address: str, cast: build.Cast, meeting: Meeting, tmp_path: Path
) -> None:
    large = tmp_path / "過大.pdf"
    large.write_bytes(b"%PDF-1.7\n" + bytes(20 * 1024**2))
    page = enter(context, address, cast.host_officer)
    page.goto(f"{address}/meetings/{meeting.pk}/minutes/")
    choose(page, large)
    expect(page.get_by_text("檔案超過 20 MB，請移除後另存較小的檔案。")).to_be_visible()
    page.get_by_role("button", name="上傳並報送").click()
    expect(page.get_by_role("status")).to_have_text("有檔案太大，請先移除再送出。")
    page.get_by_role("button", name="移除 過大.pdf").click()
    expect(page.get_by_text("檔案超過 20 MB")).to_have_count(0)


def test_everything_works_without_javascript(
    browser: Browser, address: str, cast: build.Cast, meeting: Meeting, small: Path
) -> None:
    with browser.new_context(java_script_enabled=False, locale="zh-TW") as context:
        page = enter(context, address, cast.host_officer)
        page.goto(f"{address}/meetings/{meeting.pk}/")
        page.get_by_label(FILES).set_input_files(small)
        page.get_by_role("button", name="先上傳，稍後報送").click()
        page.get_by_role("button", name="改列相關資料").click()
        page.get_by_role("button", name="改列會議紀錄").click()
        page.get_by_role("button", name="上傳並報送").click()
        expect(page.get_by_text("已報送人事處備查，並已通知審核人員。")).to_be_visible()
    with browser.new_context(java_script_enabled=False, locale="zh-TW") as context:
        page = enter(context, address, cast.office_reviewer)
        page.goto(f"{address}/meetings/{meeting.pk}/")
        page.get_by_role("button", name="同意備查").click()
        expect(page.get_by_text("已同意備查，並已通知承辦單位。")).to_be_visible()
        page.locator("summary", has_text="重啟紀錄").click()
        page.get_by_label("理由").fill("誤植")
        page.get_by_role("button", name="重啟，退回承辦單位").click()
        expect(page.get_by_text("已重啟，承辦單位可上傳新版紀錄。")).to_be_visible()


def tab_to(page: Page, target: Locator) -> None:
    for _ in range(80):
        if target.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not reach {target}.")


def test_the_keyboard_alone_suffices(page: Page, address: str, cast: build.Cast, meeting: Meeting, small: Path) -> None:
    page.goto(address)
    tab_to(page, page.get_by_label("帳號"))
    page.keyboard.type("host")
    tab_to(page, page.get_by_label("密碼"))
    page.keyboard.type(build.PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="我要辦的事")).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="跳到主要內容區塊")).to_be_focused()
    page.keyboard.press("Enter")
    tab_to(page, page.get_by_role("link", name=re.compile("上傳紀錄")))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="報送會議紀錄")).to_be_visible()
    with page.expect_file_chooser() as chooser:
        tab_to(page, page.get_by_label(FILES))  # a key may overtake the wish for the chooser, an answer may not
        page.keyboard.press("Enter")
    chooser.value.set_files(small)
    tab_to(page, page.get_by_role("button", name="上傳並報送"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").first).to_contain_text("已報送人事處備查")
    assert Minutes.objects.get().state == MinutesState.SUBMITTED


def in_review(cast: build.Cast, meeting: Meeting) -> None:
    """Submit twice, so that there is a review, findings and something to compare."""
    for lines in (["115年11月12日", "決議：緩議"], ["115年11月12日", "決議：照案通過", "很長的" * 60]):
        body = "".join(f"<w:p><w:r><w:t>{line}</w:t></w:r></w:p>" for line in lines)
        stored = build.stored_file(
            name=f"{'北平原區會報紀錄' * 5}.docx", content=making.docx(body=body), kind=Kind.DOCX
        )
        if meeting.minutes.state == MinutesState.SUBMITTED:
            actions.return_for_correction(minutes=meeting.minutes, reason="請補正決議。", by=cast.office_reviewer)
        actions.add_files(minutes=meeting.minutes, stored=[stored], by=cast.host_officer)
        actions.submit_minutes(minutes=meeting.minutes, note="依會後決議補正", by=cast.host_officer)
        meeting.minutes.refresh_from_db()
    precheck_pending()


def review_page(page: Page, address: str) -> None:
    page.goto(address)
    page.get_by_role("button", name="退請補正").click()  # the browser itself asks for the reason
    page.locator("summary", has_text="SHA-256").first.click()


def compare_page(page: Page, address: str) -> None:
    page.goto(f"{address}minutes/compare/")


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("visit", [review_page, compare_page])
def test_pages_of_the_review_are_accessible_and_fit(
    context: BrowserContext,
    address: str,
    cast: build.Cast,
    meeting: Meeting,
    axe: Axe,
    width: int,
    visit: Callable[[Page, str], None],
) -> None:
    in_review(cast, meeting)
    page = enter(context, address, cast.office_reviewer)
    page.set_viewport_size({"width": width, "height": 900})
    visit(page, f"{address}/meetings/{meeting.pk}/")
    fits_and_is_accessible(page, axe, width)


@pytest.mark.parametrize("width", [320, 1280])
def test_page_of_the_upload_is_accessible_and_fits(
    context: BrowserContext, address: str, cast: build.Cast, meeting: Meeting, axe: Axe, width: int, small: Path
) -> None:
    stored = build.stored_file(name=f"{'LongNameWithoutABreak' * 5}.pdf")
    actions.add_files(minutes=meeting.minutes, stored=[stored], by=cast.host_officer)
    page = enter(context, address, cast.host_officer)
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{address}/meetings/{meeting.pk}/minutes/")
    choose(page, small)
    fits_and_is_accessible(page, axe, width)
    small.write_bytes(b"no longer a PDF")
    choose(page, small)
    page.get_by_role("button", name="先上傳，稍後報送").click()
    expect(page.get_by_role("alert")).to_be_visible()
    fits_and_is_accessible(page, axe, width)


def fits_and_is_accessible(page: Page, axe: Axe, width: int) -> None:
    report = axe.run(page)
    assert report.violations_count == 0, report.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
