"""Every page in a real browser: axe finds nothing, 320 px suffice, the console stays empty, and the keyboard is enough.

The pages are those of the URL table, each opened by a role that may (`tests.site.test_permissions`).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.urls import reverse
from playwright.sync_api import Browser, BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from meetings.choices import MinutesState
from meetings.models import Meeting
from personnel_portal.accounts.models import User
from tests import build
from tests.site import world as worlds
from tests.site.addresses import address
from tests.site.clients import logged_in
from tests.site.test_permissions import PLACES, ROWS
from tests.site.world import World

pytestmark = pytest.mark.usefixtures("today")

SKIP = "跳到主要內容區塊"
# What comes as a file, or as a part of a page, has no page.
FILES = {
    "awards:roster_paper",
    "districts:refused_rows",
    "downloads:file",
    "duties:feed",
    "kpi:actual_file",
    "kpi:export_actuals",
    "kpi:refused_actuals",
    "kpi:report_file",
    "kpi:usage_evidence",
    "kpi:usage_service_evidence",
    "kpi:work_evidence",
    "kpi:work_report_file",
    "meetings:attendance_sheet",
    "meetings:draft",
    "meetings:file",
    "meetings:notice",
    "meetings:sign_in",
    "proposals:attachment",
    "proposals:call_letter",
    "proposals:circular_letter",
    "proposals:compilation",
    "proposals:follow_up_table",
    "proposals:refused_rows",
    "proposals:similar",
    "training:attendance_sheet",
    "training:certificate",
    "training:certificates",
    "training:hours_list",
    "training:refused_attendance",
    "training:class_file",
    "training:class_plan",
    "training:course_list",
    "training:semester_file",
    "training:study_file",
    "training:study_roster_paper",
}
# Sent empty, they come back with what is wrong.
SENT_EMPTY = ["accounts:login", "accounts:deputies", "districts:add_agency", "districts:add_person", "meetings:create"]
LOOK = """() => {
  const seen = (element) => element.getClientRects().length > 0;
  const focusable = 'a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex="0"]';
  return {
    lang: document.documentElement.lang,
    headings: [...document.querySelectorAll('h1')].filter(seen).length,
    title: document.title.split('・')[0].trim(),
    first: [...document.querySelectorAll(focusable)].find(seen)?.textContent.trim(),
    width: document.documentElement.scrollWidth,
  };
}"""


# What passes need not be described, which is most of the work.
FOUND = {"resultTypes": ["violations"]}


@dataclass
class Walk:
    """A walk over pages: what was wrong on each, and what the browser itself complained of."""

    page: Page
    axe: Axe
    problems: dict[str, list[str]] = field(default_factory=dict)
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", lambda message: self.complaints.append(f"console: {message.text}"))
        self.page.on("pageerror", lambda error: self.complaints.append(f"script: {error}"))

    def open(self, name: str, url: str) -> None:
        """Open a page and look at it."""
        self.complaints.clear()
        self.page.goto(url)
        self.look(name)

    def look(self, name: str) -> None:
        """Look at the page that is open, on a desk's screen and on a narrow one."""
        found = [
            f"axe: {hit['id']} at {_nodes(hit)}"
            for hit in self.axe.run(self.page, options=FOUND).response["violations"]
        ]
        wide = self.page.evaluate(LOOK)
        self.page.set_viewport_size({"width": 320, "height": 640})
        narrow = self.page.evaluate(LOOK)
        self.page.set_viewport_size({"width": 1280, "height": 800})
        found += [f"{said}: {wide[said]!r}" for said, right in EXPECTED.items() if wide[said] != right]
        found += ["no title"] if not wide["title"] else []
        found += [
            f"{seen['width']} px wide on {width}"
            for seen, width in ((wide, 1280), (narrow, 320))
            if seen["width"] > width
        ]
        if problems := found + self.complaints:
            self.problems[name] = problems


EXPECTED = {"lang": "zh-Hant-TW", "headings": 1, "first": SKIP}


def _nodes(hit: dict[str, Any]) -> str:
    return " | ".join(node["html"][:160] for node in hit["nodes"][:2])


@pytest.fixture
def world(live_server: LiveServer, today: None) -> World:
    return worlds.make()


@pytest.fixture
def walk(browser: Browser, axe: Axe) -> Iterator[Walk]:
    with browser.new_context(viewport={"width": 1280, "height": 800}, locale="zh-TW") as context:
        context.set_default_timeout(30_000)
        yield Walk(context.new_page(), axe)


def enter(context: BrowserContext, server: LiveServer, user: User | None) -> None:
    """Let the person in by the cookie of a session."""
    context.clear_cookies()
    if user is not None:
        name = settings.SESSION_COOKIE_NAME
        value = logged_in(user).cookies[name].value
        context.add_cookies([{"name": name, "value": value, "url": server.url}])


HALVES = [pytest.param(half, marks=pytest.mark.xdist_group(f"pages-{half}")) for half in (0, 1)]


@pytest.mark.parametrize("half", HALVES)  # so that two processors share the work
def test_every_page_is_accessible_and_fits_a_phone(
    world: World, live_server: LiveServer, walk: Walk, half: int
) -> None:
    by_role: dict[str, list[tuple[str, str]]] = {}
    for name, row in list(ROWS.items())[half::2]:
        if row.sort != "act" and name not in FILES | {"admin:index"}:
            url = address(
                PLACES[name], world.objects_of(world.accepted) if name == "meetings:compare" else world.objects
            )
            by_role.setdefault(_opener(row.outcomes), []).append((name, live_server.url + url))
    for role, pages in by_role.items():
        enter(walk.page.context, live_server, getattr(world.cast, role, None))
        for name, url in pages:
            walk.open(name, url)
            if name in SENT_EMPTY:
                walk.complaints.clear()
                _send_empty(walk.page)
                walk.complaints[:] = [said for said in walk.complaints if "422" not in said]
                walk.look(f"{name} sent empty")
    assert walk.problems == {}


def _opener(outcomes: dict[str, str]) -> str:
    """Return who opens a page: nobody where anybody may, else the first of the table, who sees most."""
    return "nobody" if outcomes["nobody"] == "ok" else next(role for role, answer in outcomes.items() if answer == "ok")


def _send_empty(page: Page) -> None:
    """Send the form of the page as a browser without validation does."""
    with page.expect_navigation():
        page.evaluate(
            "const form = document.querySelector('main form[method=post]'); form.noValidate = true; form.submit()"
        )


def test_pages_in_other_states_are_accessible(world: World, live_server: LiveServer, walk: Walk) -> None:
    called = build.meeting(day=build.TODAY)
    Meeting.objects.filter(pk=called.pk).update(state="called", check_in_code="123456", call_number="第1號")
    build.invitation(meeting=called, agency=build.listed("民雄國中"))
    meetings = [*(world.meeting(state) for state in MinutesState), called]
    pages = {
        "office_reviewer": [meeting.get_absolute_url() for meeting in meetings],
        "host_officer": ["/", world.returned.get_absolute_url(), reverse("meetings:minutes", args=[world.returned.pk])],
        "member_officer": [
            "/",
            called.get_absolute_url(),
            reverse("duties:board"),
            "/search/?q=大林",
            "/search/?q=沒有",
        ],
        "office_admin": [f"{reverse('districts:agencies')}?q=沒有&sort=kind", "/?page=2"],
        "stranger": ["/"],
    }
    for role, addresses in pages.items():
        enter(walk.page.context, live_server, getattr(world.cast, role))
        for path in addresses:
            walk.open(f"{role} {path}", live_server.url + path)
    assert walk.problems == {}


def test_error_pages_are_accessible(world: World, live_server: LiveServer, walk: Walk) -> None:
    enter(walk.page.context, live_server, world.cast.host_officer)
    for path, code in (("/nowhere/", 404), ("/administration/trail/", 403)):
        walk.complaints.clear()
        answer = walk.page.goto(live_server.url + path)
        assert answer is not None
        assert answer.status == code
        walk.complaints[:] = [said for said in walk.complaints if str(code) not in said]
        walk.look(path)
    assert walk.problems == {}


# --- The administration ----------------------------------------------------------------------------------------------

ADMIN = [
    reverse("admin:index"),
    *(
        reverse(f"admin:{model}_{page}")
        for model in ("districts_agency", "meetings_meeting", "accounts_user")
        for page in ("changelist", "add")
    ),
    reverse("admin:trail_entry_changelist"),
]
# What Django's own templates and scripts write, which we leave as they are.
DJANGOS = {
    "aria-input-field-name": "the box that select2 puts over a field for autocompletion does not say the field's label",
    "empty-table-header": "rows of related objects have a column without a heading for the object as it was",
}


@pytest.mark.xdist_group("administration")
def test_the_administration_is_accessible(world: World, live_server: LiveServer, browser: Browser, axe: Axe) -> None:
    chief = User.objects.create_superuser("chief", "chief@example.gov.tw", build.PASSWORD, name="管理員")
    User.objects.update(must_change_password=False)
    options = FOUND | {"rules": {rule: {"enabled": False} for rule in DJANGOS}}
    problems = {}
    with browser.new_context() as context:
        enter(context, live_server, chief)
        page = context.new_page()
        for path in ADMIN:
            page.goto(live_server.url + path)
            if found := axe.run(page, options=options).response["violations"]:
                problems[path] = [f"{hit['id']} at {_nodes(hit)}" for hit in found]
    assert problems == {}


# --- The keyboard ----------------------------------------------------------------------------------------------------


def tab_to(page: Page, name: str) -> None:
    """Press Tab until the element of this text or label has the focus, which must be seen."""
    for _ in range(80):
        page.keyboard.press("Tab")
        focused = page.evaluate(
            """() => {
              const element = document.activeElement, style = getComputedStyle(element);
              const label = element.getAttribute('aria-label') || element.labels?.[0]?.textContent || element.textContent;
              return {
                label: label.trim(),
                seen: element.getClientRects().length > 0
                  && (style.outlineStyle !== 'none' && style.outlineWidth !== '0px' || style.boxShadow !== 'none'),
              };
            }"""
        )
        assert focused["seen"], f"nobody sees that {focused['label']!r} has the focus"
        if focused["label"].startswith(name):
            return
    raise AssertionError(f"Tab never comes to {name!r}")


def test_the_keyboard_is_enough(world: World, live_server: LiveServer, page: Page) -> None:
    page.goto(live_server.url)
    page.get_by_label("帳號").focus()
    page.keyboard.type(world.cast.host_officer.username)
    tab_to(page, "密碼")
    page.keyboard.type(build.PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="我要辦的事", level=1)).to_be_visible()
    page.wait_for_load_state()

    tab_to(page, SKIP)
    page.keyboard.press("Enter")
    expect(page.locator("#content")).to_be_focused()
    first = page.locator(".duties a").first
    leads_to = first.get_attribute("href")
    tab_to(page, (first.text_content() or "").strip())
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: url == f"{live_server.url}{leads_to}")

    page.goto(f"{live_server.url}{reverse('duties:feed_page')}", wait_until="load")
    tab_to(page, "換新網址")
    page.keyboard.press("Space")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    page.keyboard.press("Enter")
    expect(dialog).to_be_visible()
    expect(dialog.get_by_role("button", name="換新網址")).to_be_focused()
    page.keyboard.press("Space")
    expect(page.get_by_text("已產生新的訂閱網址")).to_be_visible()
