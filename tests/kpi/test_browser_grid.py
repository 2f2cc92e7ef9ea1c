"""The grid of targets in a real browser: by keyboard, pasted from a sheet, without scripts, at 320 px, with axe."""

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from districts.models import Plan
from kpi.actions import actuals
from kpi.choices import EntryState, Formula, Frequency
from kpi.models import Actual, Indicator
from tests import build
from tests.kpi import targets

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with time_machine.travel(build.at(build.TODAY, 10), tick=True):
        yield


@pytest.fixture
def cast(live_server: LiveServer) -> build.Cast:
    return build.cast()


@pytest.fixture
def plan(cast: build.Cast) -> Plan:
    """Two shares reported quarterly, and months kept; January and February are closed."""
    made = targets.plan()
    for name in ("健康檢查受檢情形", "首長健康檢查"):
        targets.indicator(made, formula=Formula.RATIO, target="80", name=name)
    targets.indicator(made, formula=Formula.MONTHS_KEPT, frequency=Frequency.MONTH, target="60", name="加班費")
    actuals.lock_months(plan=made, year=targets.YEAR, month=2, by=cast.office_reviewer)
    return made


def sign_in(context: BrowserContext, live_server: LiveServer, user: Any) -> None:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}])


def field(page: Page, indicator: Indicator, period: int, part: str) -> Any:
    return page.locator(f"[name='v-{indicator.pk}-{period}-{part}']")


def paste(context: BrowserContext, page: Page, text: str) -> None:
    """Paste what stands in the real clipboard, as Ctrl+V does."""
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.evaluate("text => navigator.clipboard.writeText(text)", text)
    page.keyboard.press("Control+V")


def by_order(plan: Plan) -> list[Indicator]:
    return list(Indicator.objects.filter(goal__plan=plan).order_by("order"))


def test_a_block_is_pasted_mended_by_keyboard_saved_and_sent(
    context: BrowserContext, page: Page, live_server: LiveServer, cast: build.Cast, plan: Plan
) -> None:
    first, second, _ = by_order(plan)
    sign_in(context, live_server, cast.host_officer)
    page.goto(f"{live_server.url}/kpi/targets/{plan.pk}/entry/")
    status = page.locator("[data-grid-status]")

    field(page, first, 1, "n").focus()
    paste(context, page, "8\t約九\t12\r\n10\t10\t10\r\n1\t2\t3\r\n2\t2\t3\r\n")
    expect(status).to_contain_text("已貼上 12 格，尚未儲存。")
    expect(status).to_contain_text("1-1 第 2 季 分子：「約九」不是數字，請只填阿拉伯數字。")
    expect(status).to_contain_text("1-1 第 3 季 分子 12 大於分母 10，請確認。")
    expect(field(page, second, 3, "d")).to_have_value("3")

    page.get_by_role("button", name="儲存草稿").click()  # the server refuses the same, and nothing typed is lost
    expect(page.get_by_role("alert")).to_contain_text("2 格有問題，全部內容尚未儲存")
    expect(field(page, second, 3, "d")).to_have_value("3")

    field(page, first, 2, "n").focus()
    page.keyboard.press("Control+A")
    page.keyboard.type("9")
    page.keyboard.press("ArrowRight")
    expect(field(page, first, 3, "n")).to_be_focused()
    page.keyboard.type("10")
    page.keyboard.press("Enter")
    expect(field(page, first, 3, "d")).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(field(page, first, 3, "n")).to_be_focused()
    page.keyboard.press("ArrowLeft")
    expect(field(page, first, 2, "n")).to_be_focused()
    page.get_by_role("button", name="儲存並送出").click()
    expect(page.get_by_text("已送出 6 筆實績")).to_be_visible()
    assert set(Actual.objects.values_list("state", flat=True)) == {EntryState.SUBMITTED}
    found = Actual.objects.get(indicator=first, period=2)
    assert found.amounts_label == "9 / 10"
    expect(page.get_by_text("(8 + 9")).to_have_count(0)  # the arithmetic is on the indicator's own page
    page.get_by_role("link", name=f"{first.code} {first.name}").click()
    expect(page.get_by_text("(8 + 9 + 10 = 27) ÷ (10 + 10 + 10 = 30) × 100 = 90.00 %")).to_be_visible()


def test_what_cannot_be_pasted_is_told_and_too_much_is_refused_whole(
    context: BrowserContext, page: Page, live_server: LiveServer, cast: build.Cast, plan: Plan
) -> None:
    first, _, kept = by_order(plan)
    sign_in(context, live_server, cast.host_officer)
    page.goto(f"{live_server.url}/kpi/targets/{plan.pk}/entry/")
    status = page.locator("[data-grid-status]")

    field(page, kept, 10, "v").focus()
    paste(context, page, "1\t1\t1\t1")
    expect(status).to_contain_text("已貼上 2 格")
    expect(status).to_contain_text("12 月：期間尚未開始，不能填報。")
    expect(status).to_contain_text("第 1 列第 4 欄：超出表格右緣，沒有貼上。")

    field(page, first, 1, "n").focus()
    paste(context, page, "1\t2\n" * 10_000)
    expect(status).to_contain_text("貼上的內容有 10,000 列，表格從這一格起只有 4 列，沒有貼上任何資料。")
    expect(field(page, first, 1, "n")).to_have_value("")


def test_the_grid_works_without_scripts(
    browser: Browser, live_server: LiveServer, cast: build.Cast, plan: Plan
) -> None:
    first, _, kept = by_order(plan)
    context = browser.new_context(java_script_enabled=False, locale="zh-TW")
    try:
        sign_in(context, live_server, cast.host_officer)
        page = context.new_page()
        page.goto(f"{live_server.url}/kpi/targets/{plan.pk}/entry/")
        page.get_by_text("從試算表貼上").click()
        page.get_by_label("試算表內容").fill("1-1\t分子\t8\n1-1\t分母\t10\n1-3\t\t\t1")
        page.get_by_role("button", name="填入上表").click()
        expect(page.get_by_text("已填入 3 格，尚未儲存")).to_be_visible()
        expect(field(page, first, 1, "d")).to_have_value("10")
        page.get_by_role("button", name="儲存草稿").click()
        expect(page.get_by_text("已儲存 2 格，尚未送出。")).to_be_visible()
        expect(field(page, kept, 3, "v")).to_have_value("1")
    finally:
        context.close()


def test_a_phone_shows_where_to_type_without_scrolling_sideways(
    context: BrowserContext, page: Page, live_server: LiveServer, cast: build.Cast, plan: Plan
) -> None:
    long = targets.indicator(plan, target="20000", unit="小時", name="公務人員終身學習時數達成情形及數位學習時數")
    targets.actual(long, build.listed("大林鎮公所"), 1, "19999.5", by=cast.host_officer)
    sign_in(context, live_server, cast.host_officer)
    page.set_viewport_size({"width": 375, "height": 800})
    page.goto(f"{live_server.url}/kpi/targets/{plan.pk}/entry/")
    for indicator, part in ((by_order(plan)[0], "n"), (long, "v")):
        box = field(page, indicator, 2, part).bounding_box()
        assert box["x"] + box["width"] <= 375, f"{indicator}: {box}"


def test_the_pages_hold_at_320_px_and_axe_finds_nothing(
    context: BrowserContext, page: Page, live_server: LiveServer, axe: Axe, cast: build.Cast, plan: Plan
) -> None:
    first, second, _ = by_order(plan)
    unit = build.listed("大林鎮公所")
    returned = targets.actual(first, unit, 1, ratio=("1", "2"), state=EntryState.RETURNED, by=cast.host_officer)
    targets.actual(second, unit, 1, ratio=("1", "2"), by=cast.host_officer)
    sign_in(context, live_server, cast.host_officer)
    for address in (
        f"/kpi/targets/{plan.pk}/entry/",
        f"/kpi/targets/indicators/{first.pk}/entry/",
        f"/kpi/targets/actuals/{returned.pk}/",
        "/kpi/targets/import/",
    ):
        page.set_viewport_size({"width": 1280, "height": 900})
        page.goto(live_server.url + address)
        result = axe.run(page)
        assert result.violations_count == 0, f"{address}: {result.generate_report()}"
        page.set_viewport_size({"width": 320, "height": 800})
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= 320, f"{address} is {width} px wide"
