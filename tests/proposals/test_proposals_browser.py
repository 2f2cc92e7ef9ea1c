"""The pages of a proposal in a real browser: what is similar while typing, by keyboard, without scripts, at 320 px, axe."""

from collections.abc import Iterator

import pytest
import time_machine
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from proposals.choices import ProposalState
from proposals.models import Proposal
from tests import build
from tests.site.test_accessibility import Walk, enter

pytestmark = pytest.mark.django_db(transaction=True)
KNOWN = "建請放寬職務代理人資格限制"
TITLE = "職務代理人資格規定過嚴，建議鬆綁"


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with time_machine.travel(build.at(build.TODAY, 10), tick=True):
        yield


@pytest.fixture
def cast(live_server: LiveServer) -> build.Cast:
    cast = build.cast()
    build.proposal(subject=KNOWN, state=ProposalState.PUBLISHED, agency=build.listed("大林鎮公所"))
    return cast


def test_similar_titles_come_while_typing_and_before_sending(
    context: BrowserContext, page: Page, live_server: LiveServer, cast: build.Cast
) -> None:
    enter(context, live_server, cast.member_officer)
    page.goto(f"{live_server.url}/proposals/create/")
    page.get_by_label("案由").press_sequentially(TITLE, delay=20)
    expect(page.locator("#similar").get_by_role("link", name=KNOWN)).to_be_visible()
    page.get_by_label("建議修正文字或辦法").fill("代理人得為同一機關人員。")
    page.get_by_label("說明（問題）").fill("小型機關無人可代理。")
    page.keyboard.press("Tab")
    page.get_by_label("效益說明").press("Enter")  # saves the draft, and sends nothing
    expect(page.get_by_text("已儲存草稿。")).to_be_visible()
    assert Proposal.objects.get(subject=TITLE).state == ProposalState.DRAFT
    page.get_by_role("link", name="送承辦單位").click()
    expect(page.get_by_role("link", name=KNOWN)).to_be_visible()
    page.get_by_role("button", name="仍要送出").click()
    expect(page.get_by_text("已送北平原區承辦單位")).to_be_visible()


def test_everything_works_without_scripts(browser: Browser, live_server: LiveServer, cast: build.Cast) -> None:
    with browser.new_context(java_script_enabled=False, locale="zh-TW") as context:
        enter(context, live_server, cast.member_officer)
        page = context.new_page()
        page.goto(f"{live_server.url}/proposals/create/")
        page.get_by_label("案由").fill(TITLE)
        page.get_by_role("button", name="送承辦單位").click()
        expect(page.get_by_text("已儲存草稿，尚未送出。")).to_be_visible()
        expect(page.locator("#similar").get_by_role("link", name=KNOWN)).to_be_visible()
        page.get_by_label("建議修正文字或辦法").fill("代理人得為同一機關人員。")
        page.get_by_label("說明（問題）").fill("小型機關無人可代理。")
        page.get_by_role("button", name="送承辦單位").click()
        page.get_by_role("button", name="仍要送出").click()
        expect(page.get_by_text("已送北平原區承辦單位")).to_be_visible()


def test_pages_fit_a_phone_and_axe_finds_nothing(
    context: BrowserContext, page: Page, live_server: LiveServer, axe: Axe, cast: build.Cast
) -> None:
    enter(context, live_server, cast.member_officer)
    lead = build.proposal(state=ProposalState.COMPILED)
    merged = build.proposal(state=ProposalState.MERGED, merged_into=lead)
    draft = build.proposal(subject=TITLE, problem="", is_late=False)
    draft.attachments.create(stored=build.stored_file())
    sent = build.proposal(state=ProposalState.SENT, is_late=True)
    returned = build.proposal(state=ProposalState.RETURNED, subject=TITLE)
    walk = Walk(page, axe)
    page.set_viewport_size({"width": 1280, "height": 800})
    for proposal, path in [
        (lead, ""),
        (merged, ""),
        (draft, ""),
        (draft, "edit/"),
        (draft, "edit/?send=1"),
        (sent, ""),
        (sent, "withdraw/"),
        (returned, ""),
        (returned, "send/"),
    ]:
        walk.open(f"{proposal.state} {path}", f"{live_server.url}{proposal.get_absolute_url()}{path}")
    assert walk.problems == {}
