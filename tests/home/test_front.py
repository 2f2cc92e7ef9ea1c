"""The first page of each role, where it may go, and what it finds."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils.html import strip_tags

from districts.models import Agency, Person
from districts.standing import standing
from kpi.actions.work_copy import copy_plan
from meetings.actions import minutes as actions
from meetings.choices import MinutesState
from personnel_portal.accounts.models import User
from personnel_portal.home.desk import Desk, desk
from tests import build
from tests.kpi import working
from tests.site.clients import logged_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with time_machine.travel(build.at(build.TODAY, 10), tick=False):
        yield


def desk_of(user: User) -> Desk:
    return desk(user, standing(user), build.TODAY)


def to_do(user: User) -> list[tuple[str, str, str]]:
    """Return the lines of the to-do list: chip, title and button."""
    return [(line.chip, line.title, line.action) for line in desk_of(user).to_do]


def page(user: User, path: str = "/", **query: str) -> str:
    """Return the text of a page."""
    return logged_in(user).get(path, query).content.decode()


CASE = ("待辦", "提供人事業務案例至少 1 件", "填寫案例")


def test_a_host_owes_what_waits_and_then_what_has_time(cast: build.Cast) -> None:
    build.held_meeting(day=build.TODAY - timedelta(days=9))
    assert to_do(cast.host_officer) == [
        ("已 21 日", "報送 115 年 11 月輔導分配表", "報送分配表"),
        ("會後 9 日", "報送第 1 次專、兼任(辦)會報紀錄", "上傳紀錄"),
        ("會後 9 日", "函送第 1 次專、兼任(辦)會報彙整案例", "彙整函送"),
        CASE,
        ("剩 282 日", "辦理專任人事人員聯繫會報至少 1 場", "排定會議"),
    ]


def test_much_of_one_kind_hides_nothing_else(cast: build.Cast) -> None:
    build.held_meeting(day=build.TODAY - timedelta(days=9))
    agency = build.listed("大林鎮公所")
    copy_plan(source=working.printed(), agency=agency, year=115, by=cast.host_officer)
    front = desk_of(cast.host_officer)
    shown = [line.title for line in front.to_do if line.action == "登錄辦理"]
    (fold,) = front.folds
    assert (fold.heading, len(shown)) == ("週期性工作", 2)
    assert len(fold.lines) > 20
    assert not any(line.primary for line in fold.lines)
    assert "報送第 1 次專、兼任(辦)會報紀錄" in [line.title for line in front.to_do]
    assert f"另有 {len(fold.lines)} 件週期性工作" in page(cast.host_officer)


def test_returned_minutes_are_owed_again(cast: build.Cast) -> None:
    meeting = build.held_meeting(day=build.TODAY - timedelta(days=9))
    build.minutes(meeting=meeting, state=MinutesState.SUBMITTED)
    assert not any("紀錄" in title for _, title, _ in to_do(cast.host_officer))
    assert ("報送後 7 日", "審核北平原區第 1 次專、兼任(辦)會報紀錄", "審核") in to_do(cast.office_reviewer)
    meeting.minutes.state, meeting.minutes.reason = MinutesState.RETURNED, "請補簽到表。"
    meeting.minutes.save()
    assert ("會後 9 日", "補正第 1 次專、兼任(辦)會報紀錄", "補正紀錄") in to_do(cast.host_officer)
    assert to_do(cast.office_reviewer) == []


def test_members_owe_a_case_and_others_nothing(cast: build.Cast) -> None:
    build.minutes(state=MinutesState.SUBMITTED)
    assert to_do(cast.member_officer) == [CASE]
    for user in (cast.coached_officer, cast.office_reader):
        assert to_do(user) == []
        assert "目前沒有待辦事項" in page(user)


def test_the_office_sees_the_board_and_others_their_district(cast: build.Cast) -> None:
    assert [row.heading for row in desk_of(cast.office_reader).rows] == [
        "輔導分配表　11 月",
        "專、兼任(辦)會報 ≥ 1 場",
        "專任會報 ≥ 1 場",
        "各機關案例 ≥ 1 件",
    ]
    assert desk_of(cast.office_reader).my_districts == []
    assert desk_of(cast.member_officer).rows == []
    assert [district.name for district in desk_of(cast.member_officer).my_districts] == ["北平原區"]
    assert "責任看板</h2>" in page(cast.office_reviewer)
    assert "責任看板</h2>" not in page(cast.host_officer)


def test_news_of_minutes_reach_invitees_once_accepted(cast: build.Cast) -> None:
    meeting = build.held_meeting()
    build.invitation(meeting=meeting, agency=build.listed("民雄國中"))
    minutes = build.minutes(meeting=meeting, state=MinutesState.SUBMITTED, by=cast.host_officer)
    actions.return_for_correction(minutes=minutes, reason="請補簽到表。", by=cast.office_reviewer, version=1)
    assert "請補簽到表。" in page(cast.host_officer)
    assert "請補簽到表。" not in page(cast.member_officer)
    assert "請補簽到表。" not in page(cast.neighbour_host)


@pytest.mark.parametrize(
    ("role", "acts"),
    [
        ("office_admin", ["minutes.accepted", "minutes.submitted", "minutes.returned"]),
        ("office_reader", ["minutes.accepted", "minutes.submitted", "minutes.returned"]),
        ("host_officer", ["minutes.accepted", "minutes.submitted", "minutes.returned"]),
        ("member_officer", ["minutes.accepted"]),
        ("neighbour_host", []),
        ("other_reviewer", []),
    ],
)
def test_how_minutes_came_about_stays_between_the_host_and_the_office(
    cast: build.Cast, role: str, acts: list[str]
) -> None:
    meeting = build.held_meeting()
    build.invitation(meeting=meeting, agency=build.listed("民雄國中"))
    minutes = build.minutes(meeting=meeting, state=MinutesState.SUBMITTED, by=cast.host_officer)
    actions.return_for_correction(minutes=minutes, reason="請補簽到表。", by=cast.office_reviewer, version=1)
    actions.add_files(minutes=minutes, stored=[build.stored_file(name="補正.pdf")], by=cast.host_officer)
    actions.submit_minutes(minutes=minutes, note="簽到表已補。", by=cast.host_officer)
    actions.accept_minutes(minutes=minutes, by=cast.office_reviewer)
    user = getattr(cast, role)
    assert [entry.act for entry in desk_of(user).news if entry.act.startswith("minutes.")] == acts
    pages = page(user) + page(user, meeting.get_absolute_url())
    for told in ("請補簽到表。", "簽到表已補。"):
        assert (told in pages) == (len(acts) > 1)


def test_an_account_without_a_post_is_told_whom_to_ask(cast: build.Cast) -> None:
    text = page(cast.stranger)
    assert "此帳號尚未連結職務" in text
    assert "請洽人事處" in text
    assert navigation(cast.stranger) == ["首頁"]


# --- Navigation ------------------------------------------------------------------------------------------------------

EVERYBODY = [
    "首頁",
    "責任看板",
    "聯繫會報",
    "提案與案例",
    "通函",
    "目標與回報",
    "訓練進修",
    "獎勵建議",
    "分區與機關",
    "行事曆",
]


def navigation(user: User) -> list[str]:
    """Return the entries of the main menu."""
    menu = re.search(r'<nav class="side".*?</nav>', page(user), re.DOTALL)
    assert menu is not None
    entries = re.findall(r"<li.*?</li>", menu[0], re.DOTALL)
    return [" ".join(strip_tags(entry).split()) for entry in entries]


@pytest.mark.parametrize(
    ("role", "entries"),
    [
        ("office_admin", [*EVERYBODY, "寄件匣", "帳號與稽核"]),
        ("office_reviewer", [*EVERYBODY, "寄件匣"]),
        ("office_reader", EVERYBODY),
        ("host_officer", EVERYBODY),
        ("member_officer", EVERYBODY),
        ("coached_officer", EVERYBODY),
    ],
)
def test_navigation_leads_where_the_role_may_go(cast: build.Cast, role: str, entries: list[str]) -> None:
    assert navigation(getattr(cast, role)) == entries


def here(user: User, path: str) -> list[str]:
    """Return the entries of the menu that say that one is there."""
    menu = re.search(r'<nav class="side".*?</nav>', logged_in(user).get(path).content.decode(), re.DOTALL)
    assert menu is not None
    return re.findall(r'aria-current="page">(?:<svg.*?</svg>)?\s*([^<]+?)\s*</a>', menu[0], re.DOTALL)


def test_the_menu_says_where_one_is_also_below_its_entries(cast: build.Cast) -> None:
    agency = reverse("training:agency_hours", args=[build.listed("民雄國中").pk])
    for name in ("training:county_hours", "training:hours", "training:reports", "training:uploads"):
        assert here(cast.office_reviewer, reverse(name)) == ["學習時數"]
    assert here(cast.office_reviewer, agency) == ["學習時數"]
    assert here(cast.office_reviewer, reverse("training:catalogue")) == ["訓練課程"]
    assert here(cast.member_officer, reverse("training:hours")) == ["學習時數"]


LINK = re.compile(r'<a[^>]*?href="(/[^"#]*)')
ANY_NUMBER = re.compile(r"\d+")


@pytest.mark.one_database("a link and its guard ask the same policies, whatever is below them")
@pytest.mark.parametrize("role", ["office_admin", "office_reader", "host_officer", "member_officer", "coached_officer"])
def test_no_page_offers_a_link_that_is_refused(cast: build.Cast, role: str) -> None:
    """Walk from the first page along every link, one of each kind."""
    build.held_meeting()
    accepted = build.minutes(meeting=build.held_meeting(), state=MinutesState.ACCEPTED, by=cast.host_officer)
    for meeting in (accepted.meeting, build.meeting(day=build.TODAY)):
        build.invitation(meeting=meeting, agency=build.listed("民雄國中"))
    client = logged_in(getattr(cast, role))
    seen: dict[str, str] = {}
    waiting = [("/", "")]
    refused = []
    while waiting:
        url, found_on = waiting.pop()
        kind = ANY_NUMBER.sub("0", url.split("?")[0])
        if kind in seen or url.startswith(("/static/", "/admin/")) or url.endswith((".pdf", ".odt")):
            continue
        seen[kind] = url
        response: Any = client.get(url)
        if response.status_code not in (200, 302):
            refused.append(f"{url} ({response.status_code}) offered on {found_on}")
        body = b"".join(response.streaming_content) if response.streaming else response.content
        if "html" in response.headers["Content-Type"]:
            waiting += [(link.replace("&amp;", "&"), url) for link in LINK.findall(body.decode())]
    assert refused == []
    assert len(seen) > 10


# --- Search ----------------------------------------------------------------------------------------------------------


def hits(user: User, text: str) -> list[str]:
    """Return what the search shows, without the notes."""
    return re.findall(r'<li><a href="[^"]+">(.*?)</a>', page(user, reverse("home:search"), q=text))


def test_search_takes_tai_in_both_ways_and_any_width(cast: build.Cast) -> None:
    build.agency(short_name="臺大國小")
    for text in ("臺大", "台大", "　台大　"):
        assert hits(cast.member_officer, text) == ["臺大國小"]
    build.meeting(place="臺灣會館ＡＢ")
    for text in ("臺灣會館", "台灣會館", "台灣會館AB"):
        assert hits(cast.member_officer, text) == ["北平原區第 1 次專、兼任(辦)人事人員聯繫會報"]


def test_search_finds_only_what_the_person_may_see(cast: build.Cast) -> None:
    build.meeting(place="文心會館")
    build.agency(office=build.office(), short_name="他縣大林")
    assert len(hits(cast.member_officer, "文心")) == 1
    assert hits(cast.neighbour_host, "文心") == []
    assert hits(cast.office_reader, "黃承辦") == ["黃承辦"]
    assert hits(cast.host_officer, "黃承辦") == ["黃承辦"]
    assert hits(cast.member_officer, "黃承辦") == []
    assert "他縣大林" not in hits(cast.office_admin, "大林")
    assert hits(cast.stranger, "大林") == []


def test_search_shows_a_few_and_says_that_there_are_more(cast: build.Cast) -> None:
    assert Agency.objects.matching("國中").count() > 10
    assert len(hits(cast.member_officer, "國中")) == 10
    assert "還有更多結果" in page(cast.member_officer, reverse("home:search"), q="國中")


def test_search_without_a_hit_says_what_to_try(cast: build.Cast) -> None:
    assert "找不到符合的資料" in page(cast.member_officer, reverse("home:search"), q="沒有這個")
    assert "請輸入要找的字詞" in page(cast.member_officer, reverse("home:search"), q="  ")
    assert "<script>x" not in page(cast.member_officer, reverse("home:search"), q="<script>x</script>")
    assert Person.objects.exists()
    assert Client().get(reverse("home:search")).status_code == 302
