"""The pages of planning, attendance and agenda in a real browser: by keyboard, without scripts, at 320 px, with axe."""

from typing import Any

import pytest
import time_machine
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from playwright.sync_api import BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from meetings.actions import meetings as actions
from meetings.choices import Section
from meetings.facts import agenda
from meetings.models import Meeting
from tests import build

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _today() -> Any:
    with time_machine.travel(build.at(build.TODAY, 10), tick=True):
        yield


@pytest.fixture
def cast(live_server: LiveServer) -> build.Cast:
    return build.cast()


@pytest.fixture
def meeting(cast: build.Cast) -> Meeting:
    """A called meeting of next month with an agenda."""
    made = build.meeting()
    for order, subject in enumerate(("甲案", "乙案", "丙案"), start=1):
        build.agenda_item(meeting=made, subject=subject, order=order)
    actions.call_meeting(meeting=made, number="大鎮人字第1號", call_date=build.TODAY, by=cast.host_officer)
    return made


def sign_in(context: BrowserContext, live_server: LiveServer, user: Any) -> None:
    from django.test import Client

    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}])


def discussed(meeting: Meeting) -> list[str]:
    return [item.subject for item in agenda(meeting)[Section.DISCUSSION]]


def test_pages_hold_at_320_px_and_axe_finds_nothing(
    context: BrowserContext, page: Page, live_server: LiveServer, axe: Axe, cast: build.Cast, meeting: Meeting
) -> None:
    sign_in(context, live_server, cast.host_officer)
    planned = build.meeting()
    item = meeting.agenda.first()
    assert item is not None
    for address in (
        "/meetings/create/",
        f"/meetings/{meeting.pk}/",
        f"/meetings/{meeting.pk}/edit/",
        f"/meetings/{planned.pk}/call/",
        f"/meetings/{meeting.pk}/cancel/",
        f"/meetings/{meeting.pk}/attendance/",
        f"/meetings/{meeting.pk}/attendance/import/",
        f"/meetings/{meeting.pk}/agenda/{item.pk}/",
    ):
        page.set_viewport_size({"width": 1280, "height": 900})
        page.goto(live_server.url + address)
        result = axe.run(page)
        assert result.violations_count == 0, f"{address}: {result.generate_report()}"
        page.set_viewport_size({"width": 320, "height": 800})
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= 320, f"{address} is {width} px wide"


def test_items_move_by_keyboard_and_stay_moved(
    context: BrowserContext, page: Page, live_server: LiveServer, cast: build.Cast, meeting: Meeting
) -> None:
    sign_in(context, live_server, cast.host_officer)
    page.goto(f"{live_server.url}/meetings/{meeting.pk}/")
    button = page.get_by_role("button", name="上移：丙案")
    button.focus()
    with page.expect_response("**/agenda/order/**") as answer:
        button.press("Enter")
    assert answer.value.status == 204
    expect(page.get_by_role("status").filter(has_text="已移到第 2 項。")).to_be_visible()
    assert discussed(meeting) == ["甲案", "丙案", "乙案"]


def test_everything_works_without_scripts(
    browser: Any, live_server: LiveServer, cast: build.Cast, meeting: Meeting
) -> None:
    context = browser.new_context(java_script_enabled=False)
    sign_in(context, live_server, cast.host_officer)
    page = context.new_page()
    page.goto(f"{live_server.url}/meetings/{meeting.pk}/")
    page.get_by_role("button", name="下移：甲案").click()
    assert discussed(meeting) == ["乙案", "甲案", "丙案"]
    page.goto(f"{live_server.url}/meetings/{meeting.pk}/attendance/")
    page.get_by_role("group", name="民雄國中出席情形").get_by_label("代理出席").check()
    page.get_by_label("民雄國中出席人員").fill("王小明")
    page.get_by_role("button", name="其餘未登錄者均為出席，儲存").click()
    expect(page.get_by_role("heading", name="出席 21／21 機關")).to_be_visible()
    marked = dict(meeting.invitations.values_list("agency__short_name", "attendance"))
    assert marked.pop("民雄國中") == "deputy"
    assert set(marked.values()) == {"present"}
    context.close()
