"""Cases in the browser's words: form, list, page, review, and who still lacks one."""

import re
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from districts.models import Membership
from personnel_portal.documents import sheets
from personnel_portal.trail.actions import record
from personnel_portal.uploads.models import StoredFile
from proposals.actions import cases as actions
from proposals.choices import CaseState, MarkDecision
from proposals.facts import agencies_without_case
from proposals.models import Attachment, Case, Publication
from tests import build
from tests.site.clients import logged_in, status
from tests.uploads.making import pdf

pytestmark = pytest.mark.django_db
FILLED: dict[str, Any] = {
    "subject": "職務代理人加班費核發疑義",
    "business": "appraisal",
    "kind": "difficult",
    "summary": "代理期間加班費由何機關支應，作法不一。",
    "handling": "函詢主管機關。",
    "outcome": "依函釋辦理。",
    "contact_name": "吳成員",
    "statutes_text": "公務人員加給給與辦法第 9 條、各機關職務代理應行注意事項",
}


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    """It is a day of the plan of 116."""
    with time_machine.travel(build.at(build.TODAY, 10), tick=False):
        yield


@pytest.fixture
def member(cast: build.Cast) -> Client:
    """The browser of the member's officer."""
    return logged_in(cast.member_officer)


@pytest.fixture
def reviewer(cast: build.Cast) -> Client:
    """The browser of the office's reviewer."""
    return logged_in(cast.office_reviewer)


def filled(**fields: Any) -> dict[str, Any]:
    return {**FILLED, "agency": build.listed("民雄國中").pk, "save": "1", **fields}


# --- The form --------------------------------------------------------------------------------------------------------


def test_a_case_is_begun_saved_and_sent(cast: build.Cast, member: Client) -> None:
    assert member.get("/proposals/cases/create/").status_code == 200
    answer = member.post("/proposals/cases/create/", filled())
    case = Case.objects.get()
    assert answer.headers["Location"] == case.get_absolute_url()
    assert (case.state, case.district.name, case.created_by) == ("draft", "北平原區", cast.member_officer)
    assert {str(statute) for statute in case.statutes.all()} == {"公務人員加給給與辦法", "各機關職務代理應行注意事項"}
    member.post(f"{case.get_absolute_url()}edit/", filled(send="1"))
    case.refresh_from_db()
    assert (case.state, case.reference) == (CaseState.SENT, "116-北平原區-1")
    page = member.get(case.get_absolute_url()).text
    assert "下一步：北平原區承辦單位登錄分享。" in page
    assert "目前為「已送承辦單位」，無法編輯。" in page


def test_an_unfinished_case_is_kept_and_says_what_it_lacks(member: Client) -> None:
    answer = member.post(
        "/proposals/cases/create/", filled(business="", kind="", summary="", contact_name="", send="1")
    )
    case = Case.objects.get()
    assert (answer.status_code, case.state) == (422, CaseState.DRAFT)
    assert answer.text.count("送出前請填寫。") >= 4
    assert "還沒有送出" in answer.text
    assert member.get(case.get_absolute_url()).text.count("（未填）") == 4


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("從 Word\x0b貼上\x07的\u200b文字\x1e號", "從 Word\n貼上的文字-號"),
        ("😀 情緒管理👨‍👩‍👧", "😀 情緒管理👨‍👩‍👧"),
        ('=HYPERLINK("http://x")', '=HYPERLINK("http://x")'),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("堃𠮷犇", "堃𠮷犇"),
        ("字" * 20_000, "字" * 20_000),
    ],
)
def test_hostile_text_is_kept_as_it_reads(member: Client, given: str, kept: str) -> None:
    member.post("/proposals/cases/create/", filled(summary=given))
    case = Case.objects.get()
    assert case.summary == kept
    page = member.get(case.get_absolute_url())
    assert (page.status_code, "<script>alert" in page.text) == (200, False)


def test_a_text_that_is_too_long_is_counted_and_stays(member: Client) -> None:
    answer = member.post("/proposals/cases/create/", filled(summary="字" * 20_001))
    assert (answer.status_code, Case.objects.count()) == (422, 0)
    assert "最多 20,000 字，目前 20,001 字" in answer.text
    assert "字" * 20_001 in answer.text


def test_a_refused_attachment_leaves_text_and_good_files(member: Client) -> None:
    good = SimpleUploadedFile("附表.pdf", pdf())
    bad = SimpleUploadedFile("惡意.exe", b"MZ\x90\x00")
    answer = member.post("/proposals/cases/create/", filled(uploads=[good, bad], send="1"))
    case = Case.objects.get()
    assert (answer.status_code, case.state, case.summary) == (422, CaseState.DRAFT, FILLED["summary"])
    assert [file.stored.name for file in case.attachments.all()] == ["附表.pdf"]
    assert "惡意.exe" in answer.text


def test_two_people_editing_one_case_write_over_nothing(cast: build.Cast, member: Client) -> None:
    colleague = logged_in(build.officer(build.listed("民雄國中"), name="周同事"))
    case = build.case()
    url = f"{case.get_absolute_url()}edit/"
    shown = re.search(r'name="shown" value="([^"]+)"', member.get(url).text)
    assert shown is not None
    first = filled(shown=shown[1], subject=case.subject, summary="周同事的文字")
    assert colleague.post(url, first).status_code == 302
    answer = member.post(url, filled(shown=shown[1], subject=case.subject, summary="吳成員的文字"))
    assert answer.status_code == 422
    assert "周同事已於" in answer.text
    assert "吳成員的文字" in answer.text
    case.refresh_from_db()
    assert case.summary == "周同事的文字"


def test_a_draft_opened_after_it_was_sent_says_so(cast: build.Cast, member: Client) -> None:
    case = build.case(state=CaseState.SENT)
    page = member.get(f"{case.get_absolute_url()}edit/", follow=True)
    assert "目前為「已送承辦單位」，無法編輯。" in page.text


def test_somebody_without_a_district_is_told_whom_to_ask(cast: build.Cast) -> None:
    elsewhere = logged_in(build.officer(build.agency()))
    page = elsewhere.get("/proposals/cases/create/")
    assert "您服務的機關目前不屬於任何分區" in page.text


# --- The list and the page -------------------------------------------------------------------------------------------


def test_list_shows_own_cases_and_to_the_host_what_was_sent(cast: build.Cast, member: Client) -> None:
    build.case(subject="自己的草稿")
    build.case(subject="別校已送", agency=build.listed("民雄國小"), state=CaseState.SENT)
    build.case(subject="別校草稿", agency=build.listed("民雄國小"))
    assert seen(member) == {"自己的草稿"}
    assert seen(logged_in(cast.host_officer)) == {"別校已送"}
    assert seen(logged_in(cast.office_reader)) == {"別校已送"}
    assert seen(logged_in(cast.neighbour_host)) == set()


def seen(client: Client, query: str = "") -> set[str]:
    page = client.get(f"/proposals/cases/{query}").text
    return set(re.findall(r"自己的草稿|別校已送|別校草稿", page))


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?q=台北 加班", 1),
        ("?q=臺北", 1),
        ("?q=加班 退休", 0),
        ("?q=%00", 0),
        ("?q=%25", 0),
        ("?state=sent", 1),
        ("?district=0", 0),
    ],
)
def test_list_is_searched_and_filtered(cast: build.Cast, query: str, found: int) -> None:
    build.case(subject="台北派駐人員加班費", agency=build.listed("民雄國小"), state=CaseState.SENT)
    page = logged_in(cast.host_officer).get(f"/proposals/cases/{query}")
    assert (page.status_code, page.text.count("派駐人員")) == (200, found)


@pytest.mark.parametrize("form", ["ods", "xlsx", "csv"])
def test_list_is_exported_with_formulas_as_text(cast: build.Cast, form: str) -> None:
    build.case(state=CaseState.SENT, subject="=1+1")
    answer: Any = logged_in(cast.host_officer).get(f"/proposals/cases/?export={form}")
    content = answer.getvalue()
    heads, row = sheets.read(BytesIO(content))
    assert heads[:3] == ["編號", "案由", "提供機關"]
    assert row[:3] == [Case.objects.get().reference, "=1+1", "民雄國中"]
    assert form != "csv" or b",'=1+1," in content  # which the reader takes away again


def test_page_asks_for_its_history_once(cast: build.Cast, reviewer: Client) -> None:
    case = build.case(state=CaseState.IN_REVIEW)
    for act in ("item.sent", "case.marked", "case.taken_down", "proposal.merged"):
        record(act, case, by=cast.host_officer, office_id=case.plan.office_id)
    with CaptureQueriesContext(connection) as asked:
        page: Any = reviewer.get(case.get_absolute_url())
    assert [entry.act for entry in page.context["history"]] == ["case.taken_down", "case.marked", "item.sent"]
    listed = [query["sql"] for query in asked if "trail_entry" in query["sql"] and "LIMIT 40" in query["sql"]]
    assert len(listed) == 1


def test_stepper_follows_the_table(cast: build.Cast, member: Client) -> None:
    page = member.get(build.case(state=CaseState.COMPILED).get_absolute_url()).text
    assert stepper(page) == [
        ("past", "草稿"), ("past", "已送承辦單位"), ("now", "已彙整"), ("next", "已送本處"), ("next", "去識別審查"), ("next", "已發布"),
    ]  # fmt: skip
    page = member.get(build.case(state=CaseState.RETURNED).get_absolute_url()).text
    assert stepper(page)[:3] == [("past", "草稿"), ("stop", "退請補正"), ("next", "已送承辦單位")]
    page = member.get(build.case(state=CaseState.WITHDRAWN).get_absolute_url()).text
    assert stepper(page) == [("past", "草稿"), ("past", "已送承辦單位"), ("stop", "已撤回")]


def stepper(page: str) -> list[tuple[str, str]]:
    found = re.search(r'<ol class="stepper".*?</ol>', page, re.DOTALL)
    assert found is not None
    return re.findall(r'<li class="(\w+)"[^>]*>(\w+)', found[0])


def test_host_records_that_it_was_shared(cast: build.Cast, member: Client) -> None:
    case = build.case(state=CaseState.SENT)
    host = logged_in(cast.host_officer)
    assert "登錄分享" in host.get(case.get_absolute_url()).text
    assert member.post(f"{case.get_absolute_url()}share/").status_code == 403
    host.post(f"{case.get_absolute_url()}share/")
    page = host.post(f"{case.get_absolute_url()}share/", follow=True).text
    assert "黃承辦已於" in page
    assert ("now", "已於會報分享") in stepper(page)


def test_contact_is_shown_to_whom_it_concerns(cast: build.Cast) -> None:
    case = build.case(state=CaseState.SENT, contact_phone="05-2261234")
    for person, may in ((cast.host_officer, True), (cast.office_reader, True), (cast.neighbour_host, False)):
        assert ("05-2261234" in logged_in(person).get(case.get_absolute_url()).text) == may


def test_download_of_an_attachment_follows_the_case(cast: build.Cast) -> None:
    case = build.case(state=CaseState.SENT)
    file = Attachment.objects.create(case=case, stored=build.stored_file())
    url = f"/proposals/attachments/{file.pk}/"
    answers = [
        status(logged_in(person).get(url)) for person in (cast.host_officer, cast.neighbour_host, cast.coached_officer)
    ]
    assert answers == [200, 404, 404]
    assert StoredFile.objects.count() == 1


# --- The review ------------------------------------------------------------------------------------------------------


@pytest.fixture
def case(cast: build.Cast) -> Case:
    """A case in review with three marks."""
    made = build.case(
        state=CaseState.AT_OFFICE,
        summary="吳成員（0912-345-678）與<b>王小姐</b>。",
        outcome="寄嘉義縣太保市祥和二路東段1號。",
    )
    return actions.start_review(case=made, by=cast.office_reviewer)


def test_review_from_the_first_button_to_the_library(cast: build.Cast, reviewer: Client) -> None:
    case = build.case(state=CaseState.AT_OFFICE, summary="吳成員洽王姓同仁，電話0912-345-678。")
    url = case.get_absolute_url()
    page = reviewer.post(f"{url}review/start/", follow=True).text
    assert "尚有 2 處標記待確認" in page
    name, phone = case.marks.order_by("start")
    assert reviewer.get(f"{url}publish/").headers["Location"] == f"{url}review/"
    assert "尚有 2 處" in reviewer.post(f"{url}publish/", follow=True).text
    decide = {f"mark-{name.pk}": "kept", f"mark-{phone.pk}": "hidden", "shown": shown(page)}
    page = reviewer.post(f"{url}review/", decide, follow=True).text
    assert "已確認 2 處標記。" in page
    assert "<u>吳成員</u>" in page
    assert "<del>0912-345-678</del>" in page
    passage = {"text": "王姓同仁", "kind": "name", "field": ""}
    assert "已遮蔽 1 處。" in reviewer.post(f"{url}review/mark/", passage, follow=True).text
    assert "吳成員洽○○○，電話○○○。" in reviewer.get(f"{url}publish/").text
    answer = reviewer.post(f"{url}publish/")
    publication = Publication.objects.get()
    assert answer.headers["Location"] == publication.get_absolute_url()
    assert publication.summary == "吳成員洽○○○，電話○○○。"
    read = logged_in(cast.coached_officer).get(publication.get_absolute_url())
    assert (read.status_code, "民雄國中" in read.text) == (200, False)


def shown(page: str) -> str:
    found = re.search(r'name="shown" value="([^"]*)"', page)
    assert found is not None
    return found[1]


def test_what_was_decided_meanwhile_is_shown_before_it_is_turned(
    cast: build.Cast, case: Case, reviewer: Client
) -> None:
    url = f"{case.get_absolute_url()}review/"
    first, *_ = case.marks.order_by("pk")
    before = shown(reviewer.get(url).text)
    actions.decide_marks(case=case, decisions={first.pk: MarkDecision.HIDDEN}, by=cast.office_admin)
    answer = reviewer.post(url, {f"mark-{first.pk}": "kept", "shown": before})
    assert answer.status_code == 422
    assert "林主任已於" in answer.text
    assert f"{first.pk}:hidden" in shown(answer.text)
    again = reviewer.post(url, {f"mark-{first.pk}": "kept", "shown": shown(answer.text)})
    assert again.status_code == 302
    first.refresh_from_db()
    assert first.decision == "kept"


@pytest.mark.parametrize(
    "data",
    [
        {"shown": "x:y 99999999999999999999:hidden ::"},
        {"shown": "\x00"},
        {"mark-0": "hidden"},
        {},
    ],
)
def test_broken_input_of_a_review_changes_nothing(case: Case, reviewer: Client, data: dict[str, str]) -> None:
    assert reviewer.post(f"{case.get_absolute_url()}review/", data).status_code in (302, 422)
    assert case.marks.exclude(decision="pending").count() == 0


def test_a_decision_that_is_none_is_refused_at_its_mark(case: Case, reviewer: Client) -> None:
    mark = case.marks.all()[0]
    answer = reviewer.post(f"{case.get_absolute_url()}review/", {f"mark-{mark.pk}": "burn"})
    assert (answer.status_code, "請選擇遮蔽或保留。" in answer.text) == (422, True)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "請輸入要遮蔽的文字"),
        ("沒有這個人", "沒有這段文字"),
        ("王", "至少輸入 2 個字"),
        ("\x00", ""),
        ("字" * 201, ""),
    ],
)
def test_a_passage_that_cannot_be_hidden_stays_in_the_form(
    case: Case, reviewer: Client, text: str, sentence: str
) -> None:
    answer = reviewer.post(f"{case.get_absolute_url()}review/mark/", {"text": text, "kind": "name"})
    assert (answer.status_code, sentence in answer.text) == (422, True)
    assert 'class="errorlist' in answer.text or "form-errors" in answer.text


def test_review_escapes_the_text(case: Case, reviewer: Client) -> None:
    page = reviewer.get(f"{case.get_absolute_url()}review/").text
    assert "<b>王小姐" not in page
    assert "&lt;b&gt;王小姐" in page


def test_review_after_the_case_was_published_leads_to_the_case(cast: build.Cast, reviewer: Client) -> None:
    case = build.case(state=CaseState.PUBLISHED)
    for path in ("review/", "publish/"):
        page = reviewer.get(f"{case.get_absolute_url()}{path}", follow=True)
        assert page.redirect_chain[-1][0] == case.get_absolute_url()
    page = reviewer.post(f"{case.get_absolute_url()}review/start/", follow=True)
    assert "目前為「已發布」" in page.text
    page = reviewer.post(f"{case.get_absolute_url()}review/mark/", {"text": "加班", "kind": "name"}, follow=True)
    assert "目前為「已發布」" in page.text


def test_many_marks_come_in_pages(cast: build.Cast, reviewer: Client) -> None:
    text = "\n".join(f"091200{number:04d}" for number in range(450))
    case = actions.start_review(case=build.case(state=CaseState.AT_OFFICE, summary=text), by=cast.office_reviewer)
    url = f"{case.get_absolute_url()}review/"
    page = reviewer.get(f"{url}?page=3").text
    assert page.count('type="radio"') == 100
    last = case.marks.order_by("pk").last()
    assert last is not None
    answer = reviewer.post(f"{url}?page=3", {f"mark-{last.pk}": "hidden", "shown": shown(page)})
    assert answer.headers["Location"] == f"{url}?page=3"
    assert case.marks.exclude(decision="pending").get() == last


# --- Who still lacks a case ------------------------------------------------------------------------------------------


def test_members_without_a_case_are_listed(cast: build.Cast) -> None:
    day = build.TODAY
    before = set(agencies_without_case(cast.plan, day).values_list("agency__short_name", flat=True))
    assert len(before) == 85
    build.case(agency=build.listed("民雄國中"), state=CaseState.SENT)
    for number, state in enumerate((CaseState.DRAFT, CaseState.RETURNED, CaseState.WITHDRAWN)):
        build.case(agency=build.listed(("民雄國小", "大埔國中小", "中埔國中")[number]), state=state)
    first_year = build.plan(year=build.FIRST_YEAR)
    build.case(agency=build.listed("民雄鄉公所"), district=first_year.districts.all()[0], state=CaseState.SENT)
    after = set(agencies_without_case(cast.plan, day).values_list("agency__short_name", flat=True))
    assert before - after == {"民雄國中"}


def test_members_of_the_day_owe_the_case(cast: build.Cast) -> None:
    Membership.objects.filter(plan=cast.plan, agency=build.listed("民雄國中")).update(until=cast.plan.starts)
    assert not agencies_without_case(cast.plan, build.TODAY).filter(agency__short_name="民雄國中").exists()


def test_missing_is_one_query_however_many(cast: build.Cast) -> None:
    with CaptureQueriesContext(connection) as few:
        [(member.agency.short_name, member.district.name) for member in agencies_without_case(cast.plan, build.TODAY)]
    assert len(few) == 1


def test_host_sees_its_own_members_and_the_office_all(cast: build.Cast, reviewer: Client, member: Client) -> None:
    host = logged_in(cast.host_officer).get("/proposals/cases/missing/").text
    assert "民雄國中" in host
    assert "竹崎鄉公所" not in host
    office = reviewer.get("/proposals/cases/missing/").text
    assert "共 85 筆" in office
    assert "116年度尚未提供案例的機關" in office
    assert "113年度尚未提供" in reviewer.get("/proposals/cases/missing/?year=113").text
    assert "共 1 筆" in reviewer.get("/proposals/cases/missing/?q=民雄國中").text
    assert reviewer.get("/proposals/cases/missing/?year=x").status_code == 200
    assert member.get("/proposals/cases/missing/").status_code == 403
