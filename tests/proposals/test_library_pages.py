"""The library: filters, snippets, corrections, what helped, what is related, and what no longer holds."""

import re
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest
import time_machine
from django.test import Client

from personnel_portal.documents import sheets
from personnel_portal.trail.models import Entry
from proposals.actions import cases as case_actions
from proposals.choices import CaseState, ProposalState
from proposals.models import Publication, Statute, Supersession
from tests import build
from tests.site.clients import logged_in
from tests.site.pages import queries

pytestmark = pytest.mark.django_db
LIBRARY = "/proposals/library/"


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    """It is a day of the plan of 116."""
    with time_machine.travel(build.at(build.TODAY, 10), tick=False):
        yield


@pytest.fixture
def reader(cast: build.Cast) -> Client:
    """The browser of somebody who has no part in the cases."""
    return logged_in(cast.coached_officer)


@pytest.fixture
def reviewer(cast: build.Cast) -> Client:
    """The browser of the office's reviewer."""
    return logged_in(cast.office_reviewer)


def found(client: Client, query: str) -> set[str]:
    return set(re.findall(r"第[甲乙丙丁]案", client.get(f"{LIBRARY}{query}").text))


@pytest.fixture
def four(cast: build.Cast) -> dict[str, Publication]:
    """Four cases that differ."""
    build.publication(subject="第甲案", business="appraisal", kind="difficult", summary="派駐台北人員之加班費")
    build.publication(subject="第乙案", business="retirement", kind="mistake", summary="臺北市函釋，加 班費溢領")
    other = build.case(state=CaseState.PUBLISHED, district=build.district("山區"))
    build.publication(case=other, subject="第丙案", summary="ＡＢＣ表單之退休")
    old = build.plan(year=build.FIRST_YEAR).districts.all()[0]
    build.publication(case=build.case(state=CaseState.PUBLISHED, district=old), subject="第丁案", summary="紀錄遺失")
    return {publication.subject: publication for publication in Publication.objects.all()}


@pytest.mark.parametrize(
    ("query", "cases"),
    [
        ("", {"第甲案", "第乙案", "第丙案", "第丁案"}),
        ("?q=台北", {"第甲案", "第乙案"}),
        ("?q=臺北", {"第甲案", "第乙案"}),
        ("?q=加班", {"第甲案", "第乙案"}),
        ("?q=加班　臺北市", {"第乙案"}),
        ("?q=abc表單", {"第丙案"}),
        ("?q=ａｂｃ", {"第丙案"}),
        ("?q=記錄", {"第丁案"}),
        ("?q=%25", set()),
        ("?q=_", set()),
        ("?q=%00", set()),
        ("?q=😀", set()),
        ("?q=" + "字" * 101, set()),
        ("?business=retirement", {"第乙案"}),
        ("?kind=mistake", {"第乙案"}),
        ("?kind=mistake&business=appraisal", set()),
        ("?kind=none", set()),
        ("?statute=99999999999999999999", set()),
        ("?page=x&sort=nothing", {"第甲案", "第乙案", "第丙案", "第丁案"}),
    ],
)
def test_library_is_searched_and_filtered(
    four: dict[str, Publication], reader: Client, query: str, cases: set[str]
) -> None:
    assert found(reader, query) == cases


def test_library_is_filtered_by_year_district_and_statute(four: dict[str, Publication], reader: Client) -> None:
    statute = Statute.objects.create(office=build.county(), name="公務人員退休資遣撫卹法")
    four["第乙案"].statutes.add(statute)
    first, hill = four["第丁案"], four["第丙案"]
    assert found(reader, f"?plan={first.plan_id}") == {"第丁案"}
    assert found(reader, f"?district={hill.district_id}") == {"第丙案"}
    assert found(reader, f"?statute={statute.pk}") == {"第乙案"}
    options = reader.get(LIBRARY).text
    assert "116 北平原區" in options
    assert "公務人員退休資遣撫卹法" in options


def test_a_search_marks_what_it_found(cast: build.Cast, reader: Client) -> None:
    build.publication(summary="一" * 40 + "派駐台 北<b>加班</b>" + "二" * 90)
    page = reader.get(f"{LIBRARY}?q=臺北 加班").text
    assert "<mark>台 北</mark>&lt;b&gt;<mark>加班</mark>&lt;/b&gt;" in page
    assert "…一" in page
    assert "二…" in page
    assert "<b>加班" not in page


def test_export_holds_what_is_shown_without_marks(four: dict[str, Publication], reader: Client) -> None:
    answer: Any = reader.get(f"{LIBRARY}?q=臺北市&export=xlsx")
    head, row = sheets.read(BytesIO(answer.getvalue()))
    assert (head[0], row[0]) == ("案由", "第乙案")
    assert Entry.objects.filter(act="list.exported").count() == 1


def test_other_offices_read_their_own_library(four: dict[str, Publication], cast: build.Cast) -> None:
    elsewhere = logged_in(cast.other_reviewer)
    assert found(elsewhere, "") == set()
    assert elsewhere.get(four["第甲案"].get_absolute_url()).status_code == 404
    assert logged_in(cast.stranger).get(LIBRARY).status_code == 403


def test_queries_do_not_grow_with_the_library(cast: build.Cast, reader: Client) -> None:
    statute = Statute.objects.create(office=build.county(), name="行政程序法")
    first = build.publication(subject="疑義一")
    for publication in (first, build.publication(subject="疑義二")):
        publication.statutes.add(statute)
    addresses = [LIBRARY, f"{LIBRARY}?q=代理", first.get_absolute_url()]
    before = [queries(reader, url) for url in addresses for _ in range(2)]
    for number in range(30):
        build.publication(subject=f"疑義{number}").statutes.add(statute)
    assert [queries(reader, url) for url in addresses] == before[1::2]


# --- One publication -------------------------------------------------------------------------------------------------


def test_helpful_is_counted_and_taken_back(cast: build.Cast, reader: Client) -> None:
    publication = build.publication()
    url = publication.get_absolute_url()
    assert "0 人覺得有幫助" in reader.get(url).text
    page = reader.post(f"{url}helpful/", follow=True).text
    assert "1 人覺得有幫助" in page
    assert 'aria-pressed="true"' in page
    assert "0 人覺得有幫助" in reader.post(f"{url}helpful/", follow=True).text


def test_related_cases_share_statutes_or_subject(cast: build.Cast, reader: Client) -> None:
    statute = Statute.objects.create(office=build.county(), name="行政程序法")
    this = build.publication(subject="職務代理人加班費核發疑義")
    same_statute = build.publication(subject="送達日期之認定")
    like = build.publication(subject="職務代理人加班費之核發疑義")
    both = build.publication(subject="職務代理人加班費之計算")
    build.publication(subject="退休年資採計")
    gone = build.publication(
        subject="職務代理人加班費核發疑義二", taken_down_at=build.at(build.TODAY), taken_down_reason="個資"
    )
    for publication in (this, same_statute, both):
        publication.statutes.add(statute)
    page = reader.get(this.get_absolute_url()).text
    related = page[page.index("相關案例") :]
    assert related.index(both.subject) < min(related.index(same_statute.subject), related.index(like.subject))
    assert "退休年資採計" not in related
    assert gone.subject not in related


def test_a_correction_shows_both(cast: build.Cast, reader: Client, reviewer: Client) -> None:
    publication = build.publication(outcome="依舊規定辦理。")
    url = publication.get_absolute_url()
    assert reader.get(f"{url}correct/").status_code == 403
    form = {name: getattr(publication, name) for name in CORRECTED} | {
        "outcome": "依新規定辦理。",
        "reason": "條次誤植。",
    }
    answer = reviewer.post(f"{url}correct/", form)
    corrected = Publication.objects.get(corrects=publication)
    assert answer.headers["Location"] == corrected.get_absolute_url()
    page = reader.get(corrected.get_absolute_url()).text
    assert "依新規定辦理。" in page
    assert "依舊規定辦理。" in page[page.index("更正前</h2>") :]
    assert "條次誤植。" in page
    before = reader.get(url).text
    assert "依舊規定辦理。" in before
    assert corrected.get_absolute_url() in before
    assert reader.get(LIBRARY).text.count("更正版") == 1
    second = reviewer.post(f"{url}correct/", form | {"outcome": "又一次。"})
    assert (second.status_code, "更正最新的版本" in second.text, "又一次。" in second.text) == (422, True, True)


CORRECTED = ("business", "kind", "subject", "summary", "handling", "outcome", "statutes_text")


def test_a_correction_asks_about_what_may_give_somebody_away(cast: build.Cast, reviewer: Client) -> None:
    publication = build.publication()
    url = f"{publication.get_absolute_url()}correct/"
    form = {name: getattr(publication, name) for name in CORRECTED}
    form |= {"outcome": "請洽黃承辦，電話05-2653211。", "reason": "補充。"}
    answer = reviewer.post(url, form)
    assert answer.status_code == 422
    assert {"黃承辦", "05-2653211"} == set(re.findall(r'name="confirmed"[^>]*value="([^"]+)"', answer.text))
    answer = reviewer.post(url, form | {"confirmed": ["黃承辦"]})
    assert (answer.status_code, Publication.objects.count()) == (422, 1)
    assert reviewer.post(url, form | {"confirmed": ["黃承辦", "05-2653211"]}).status_code == 302


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({}, "內容沒有變更"),
        ({"outcome": "新文字", "reason": ""}, "此欄位為必填。"),
        ({"summary": "", "outcome": "新文字"}, "此欄位為必填。"),
        ({"summary": "字" * 20_001}, "最多 20,000 字"),
        ({"subject": "字" * 301}, "最多 300 字"),
        ({"business": "nothing"}, "nothing"),
    ],
)
def test_a_correction_that_is_refused_keeps_what_was_typed(
    cast: build.Cast, reviewer: Client, changes: dict[str, str], sentence: str
) -> None:
    publication = build.publication()
    form = {name: getattr(publication, name) for name in CORRECTED} | {"reason": "這是理由"} | changes
    answer = reviewer.post(f"{publication.get_absolute_url()}correct/", form)
    assert (answer.status_code, Publication.objects.count()) == (422, 1)
    assert sentence in answer.text
    assert form["reason"] in answer.text
    assert form["outcome"] in answer.text


def test_taken_down_is_seen_by_the_office_alone(cast: build.Cast, reader: Client, reviewer: Client) -> None:
    publication = build.publication(subject="第甲案")
    url = publication.get_absolute_url()
    assert reader.get(f"{url}take-down/").status_code == 403
    assert reviewer.post(f"{url}take-down/", {"reason": " "}).status_code == 422
    page = reviewer.post(f"{url}take-down/", {"reason": "可辨識當事人。"}, follow=True).text
    assert "停止公開，僅人事處可檢視" in page
    assert reader.get(url).status_code == 404
    assert reader.post(f"{url}helpful/").status_code == 404
    assert found(reader, "") == set()
    assert found(reviewer, "") == {"第甲案"}
    again = reviewer.post(f"{url}take-down/", {"reason": "再一次"})
    assert (again.status_code, "此案例已停止公開。" in again.text) == (422, True)


def test_a_correction_of_what_was_taken_down_does_not_show_it(
    cast: build.Cast, reader: Client, reviewer: Client
) -> None:
    publication = build.publication(summary="洩漏者王大同。")
    case_actions.take_down(publication=publication, reason="可辨識當事人。", by=cast.office_reviewer)
    corrected = case_actions.correct_publication(
        publication=publication, changes={"summary": "○○○。"}, reason="遮蔽。", by=cast.office_reviewer
    )
    page = reader.get(corrected.get_absolute_url()).text
    assert "更正前的內容已停止公開。" in page
    assert "王大同" not in page


# --- Living precedents -----------------------------------------------------------------------------------------------


@pytest.fixture
def suggestion(cast: build.Cast) -> Supersession:
    """A published case that an adopted proposal may have changed."""
    statute = Statute.objects.create(office=build.county(), name="公務人員加給給與辦法")
    proposal = build.proposal(state=ProposalState.PUBLISHED, subject="建請修正加給給與辦法")
    return Supersession.objects.create(publication=build.publication(), proposal=proposal, statute=statute)


def test_a_confirmed_case_says_what_superseded_it(suggestion: Supersession, reader: Client, reviewer: Client) -> None:
    url = suggestion.publication.get_absolute_url()
    assert "已不適用" not in reader.get(url).text
    assert "請確認是否仍適用" not in reader.get(url).text
    assert "請確認是否仍適用" in reviewer.get(url).text
    page = reviewer.get(f"{LIBRARY}superseded/").text
    assert "待確認　1 件" in page
    page = reviewer.post(f"{LIBRARY}superseded/{suggestion.pk}/", {"confirm": "1"}, follow=True).text
    assert "待確認　0 件" in page
    page = reader.get(url).text
    assert re.search(r"<b>已不適用</b>，見 <a[^>]*>建請修正加給給與辦法</a>", page)
    assert reader.get(suggestion.proposal.get_absolute_url()).status_code == 200
    assert "已不適用" in reader.get(LIBRARY).text
    page = reviewer.post(f"{LIBRARY}superseded/{suggestion.pk}/", {"dismiss": "1"}, follow=True).text
    assert "陳審核已於" in page


def test_a_dismissed_case_stays_as_it_is(suggestion: Supersession, reader: Client, reviewer: Client) -> None:
    reviewer.post(f"{LIBRARY}superseded/{suggestion.pk}/", {"dismiss": "1"})
    assert "已不適用" not in reader.get(suggestion.publication.get_absolute_url()).text
    suggestion.refresh_from_db()
    assert suggestion.is_confirmed is False


def test_a_correction_may_end_that_it_is_superseded(suggestion: Supersession, reader: Client, reviewer: Client) -> None:
    reviewer.post(f"{LIBRARY}superseded/{suggestion.pk}/", {"confirm": "1"})
    publication = suggestion.publication
    url = f"{publication.get_absolute_url()}correct/"
    assert "更正後仍不適用" in reviewer.get(url).text
    form = {name: getattr(publication, name) for name in CORRECTED} | {"outcome": "依新規定。", "reason": "改寫。"}
    reviewer.post(url, form)
    corrected = Publication.objects.get(corrects=publication)
    assert "<b>已不適用</b>" not in reader.get(corrected.get_absolute_url()).text
    assert "<b>已不適用</b>" in reader.get(publication.get_absolute_url()).text
