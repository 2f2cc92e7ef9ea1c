import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Route, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer


@pytest.fixture
def address(live_server: LiveServer, settings: Settings) -> str:
    settings.ROOT_URLCONF = "tests.lists.urls"
    return f"{live_server.url}/agencies/"


def test_filter_sort_and_page_swap_the_table_and_keep_the_url(address: str, page: Page) -> None:
    page.goto(address)
    page.evaluate("window.stays = true")
    page.get_by_label("搜尋", exact=True).last.fill("國民")
    page.get_by_role("button", name="查詢").click()
    expect(page).to_have_url(f"{address}?q=%E5%9C%8B%E6%B0%91&kind=")
    page.get_by_role("link", name="機關", exact=True).click()
    expect(page.locator("th[aria-sort=ascending]")).to_have_count(1)
    page.get_by_role("link", name="第 2 頁").click()
    expect(page.get_by_role("status")).to_contain_text("第 2／")
    page.get_by_label("類別", exact=True).select_option(index=1)
    expect(page.get_by_role("status")).not_to_contain_text("第 2／")
    assert "sort=name" in page.url
    assert page.evaluate("window.stays") is True
    page.go_back()
    expect(page.get_by_role("status")).to_contain_text("第 2／")


def test_what_was_asked_last_is_shown_though_an_earlier_answer_is_still_on_its_way(address: str, page: Page) -> None:
    page.goto(address)
    asked: list[Route] = []
    page.route("**/agencies/?*", lambda route: asked.append(route))
    with page.expect_request("**/agencies/?q=*"):
        page.get_by_label("搜尋", exact=True).last.fill("國民")
        page.get_by_role("button", name="查詢").click()
    with page.expect_request("**/agencies/?sort=*"):
        page.get_by_role("link", name="機關", exact=True).click()
    for route in asked:
        route.continue_()
    expect(page.locator("th[aria-sort=ascending]")).to_have_count(1)


def test_list_works_without_javascript(address: str, browser: Browser) -> None:
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(f"{address}?sort=-name")
        page.get_by_label("搜尋", exact=True).last.fill("公所")
        page.get_by_role("button", name="查詢").click()
        expect(page.locator("th[aria-sort=descending]")).to_have_count(1)
        assert page.get_by_role("link", name="公所").count() > 2


@pytest.mark.parametrize("width", [320, 1280])
def test_list_is_accessible_and_fits_the_screen(address: str, page: Page, axe: Axe, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(f"{address}?sort=name&q=國民")
    report = axe.run(page)
    assert report.violations_count == 0, report.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    region = page.get_by_role("region", name="機關")
    region.focus()
    expect(region).to_be_focused()
