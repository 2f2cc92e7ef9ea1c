"""What goes to the office together, and the 彙整表 as sheets and as a paper."""

from datetime import timedelta
from io import BytesIO

import pytest
from django.urls import reverse

from districts.models import District
from meetings.choices import MeetingKind, MeetingState
from personnel_portal.documents import sheets
from personnel_portal.documents.paper import Table
from personnel_portal.downloads.models import Download
from personnel_portal.downloads.tasks import prepare
from personnel_portal.outbox.models import Message
from personnel_portal.trail.models import Entry
from personnel_portal.uploads.kinds import Kind
from proposals import documents
from proposals.actions.items import withdraw_item
from proposals.choices import CaseState, ProposalState
from proposals.models import Package
from proposals.views import compiling, packages
from tests import build
from tests.proposals.asking import state
from tests.site.clients import logged_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


# --- To the office ---------------------------------------------------------------------------------------------------


def letter(**values: object) -> dict[str, object]:
    return {"sent_on": "115/11/22", "number": "", "note": "", **values}


def test_selected_items_go_to_the_office_as_one_package(cast: build.Cast, screen: str) -> None:
    proposal = build.proposal(state=ProposalState.COMPILED)
    case, stays = (build.case(state=CaseState.COMPILED) for _ in range(2))
    client = logged_in(cast.host_officer)
    assert client.get(f"{screen}send/").text.count(" checked") == 3
    data = letter(proposals=[proposal.pk], cases=[case.pk], sent_on="115/11/20", number="林鎮人字第1號", note="如附件")
    answer = client.post(f"{screen}send/", data, follow=True)
    package = Package.objects.get()
    assert answer.redirect_chain == [(f"/proposals/packages/{package.pk}/", 302)]
    assert (package.number, package.note, str(package.sent_on)) == ("林鎮人字第1號", "如附件", "2026-11-20")
    assert [state(one) for one in (proposal, case, stays)] == ["at_office", "at_office", "compiled"]
    assert "115年11月20日（五）（115年11月22日（日）" in answer.text, "the day it was entered shows where it differs"
    assert "林鎮人字第1號" in logged_in(cast.office_reader).get("/proposals/packages/").text
    assert sorted(Message.objects.values_list("to", flat=True)) == ["admin@example.gov.tw", "reviewer@example.gov.tw"]


@pytest.mark.parametrize(("days", "word"), [(1, ""), (0, "即為會報當日"), (-3, "已在會報之後")])
def test_proposals_must_arrive_before_meeting_b(cast: build.Cast, screen: str, days: int, word: str) -> None:
    build.meeting(kind=MeetingKind.JOINT, day=build.TODAY - timedelta(days=9))
    build.meeting(kind=MeetingKind.FULL_TIME, day=build.TODAY + timedelta(days=days))
    build.meeting(kind=MeetingKind.FULL_TIME, day=build.TODAY + timedelta(days=60), state=MeetingState.CANCELLED)
    proposal = build.proposal(state=ProposalState.COMPILED)
    client = logged_in(cast.host_officer)
    answer = client.post(f"{screen}send/", letter(proposals=[proposal.pk], number="第1號"))
    if not word:
        assert state(proposal) == ProposalState.AT_OFFICE
        return
    warning = answer.context["warning"]
    assert "（計畫肆、二、(二)、2）" in warning
    assert warning.endswith(f"{word}。")
    assert (state(proposal), 'value="第1號"' in answer.text) == (ProposalState.COMPILED, True)
    client.post(f"{screen}send/", letter(proposals=[proposal.pk], seen=warning))
    assert state(proposal) == ProposalState.AT_OFFICE, "late, but never lost"
    assert warning in logged_in(cast.office_reviewer).get(f"/proposals/packages/{Package.objects.get().pk}/").text


def test_cases_alone_are_sent_after_the_meeting_without_a_warning(cast: build.Cast, screen: str) -> None:
    build.held_meeting(kind=MeetingKind.FULL_TIME)
    case = build.case(state=CaseState.COMPILED)
    logged_in(cast.host_officer).post(f"{screen}send/", letter(cases=[case.pk]))
    assert state(case) == CaseState.AT_OFFICE


def test_what_is_wrong_with_a_package_stays_on_the_page(cast: build.Cast, screen: str) -> None:
    gone, stays = (build.proposal(state=ProposalState.COMPILED, subject=word) for word in ("甲案", "乙案"))
    client = logged_in(cast.host_officer)
    answer = client.post(f"{screen}send/", letter(proposals=[stays.pk], sent_on="115/11/23", note="說" * 301))
    assert answer.context["form"].errors == {
        "sent_on": ["函送日期不能在今天之後。"],
        "note": ["最多 300 字，目前 301 字。"],
    }
    assert f'value="{stays.pk}" id="item-2" checked' in answer.text
    assert f'value="{gone.pk}" id="item-1">' in answer.text
    withdraw_item(item=gone, reason="重複", by=cast.member_officer)
    answer = client.post(f"{screen}send/", letter(proposals=[gone.pk, stays.pk], number="第2號"))
    refusal = answer.context["form"].non_field_errors()[0]
    assert refusal.startswith(f"{gone.reference}「甲案」：吳成員已於")
    assert 'value="第2號"' in answer.text
    assert (Package.objects.count(), state(stays)) == (0, ProposalState.COMPILED)
    assert client.post(f"{screen}send/", letter()).context["form"].non_field_errors() == ["請至少勾選一件。"]


def test_members_see_no_packages_and_hosts_their_own(cast: build.Cast) -> None:
    package = build.package(by=cast.host_officer)
    address = package.get_absolute_url()
    assert logged_in(cast.host_officer).get(address).status_code == 200
    assert logged_in(cast.neighbour_host).get(address).status_code == 404
    assert "北平原區" not in logged_in(cast.neighbour_host).get("/proposals/packages/").context["rows"].__repr__()


# --- The 彙整表 ------------------------------------------------------------------------------------------------------


def test_sheets_hold_what_was_taken_in_with_all_proposers(cast: build.Cast, screen: str) -> None:
    build.proposal(state=ProposalState.SENT, subject="未彙整")
    second = build.proposal(state=ProposalState.COMPILED, order=2, subject="第二案", problem="=1+1")
    first = build.proposal(state=ProposalState.COMPILED, order=1, subject="第一案", wording="字" * 20_000)
    merged = build.proposal(state=ProposalState.MERGED, merged_into=first, agency=build.listed("溪口鄉公所"))
    build.case(state=CaseState.COMPILED, subject="案例一")
    client = logged_in(cast.host_officer)
    for form in ("ods", "xlsx"):
        answer = client.get(f"{screen}proposals.{form}")
        head, *rows = sheets.read(BytesIO(answer.getvalue()))
        assert [str(cell) for cell in head][:4] == ["編號", "提案機關", "類別", "案由"]
        assert [str(row[3]) for row in rows] == ["第一案", "第二案"]
        assert str(rows[0][1]) == "民雄國中、溪口鄉公所"
        assert len(str(rows[0][6])) == 20_000
        assert str(rows[0][9]) == f"{merged.reference} 溪口鄉公所「{merged.subject}」"
        assert str(rows[1][5]) == "=1+1"
        assert str(rows[1][0]) == second.reference
        _, row = sheets.read(BytesIO(client.get(f"{screen}cases.{form}").getvalue()))
        assert str(row[4]) == "案例一"
    assert Entry.objects.filter(act="compilation.exported").count() == 4
    assert client.get(f"{screen}cases.pdf").status_code == 404
    assert client.get(f"{screen}all.ods").status_code == 404


def test_the_paper_holds_proposals_and_cases_and_shortens_long_texts(cast: build.Cast, district: District) -> None:
    build.proposal(state=ProposalState.COMPILED, wording="字" * 20_000)
    paper = documents.compilation(district, build.TODAY)
    assert paper.landscape
    assert paper.title == "116年度北平原區人事業務案例及修正建議提案彙整表"
    (table,) = [block for block in paper.blocks if isinstance(block, Table)]
    assert len(table.rows[0][4]) == documents.LONGEST_CELL
    build.case(state=CaseState.COMPILED)
    answer = logged_in(cast.office_reader).get(reverse("proposals:compilation", args=[district.pk, "all", "pdf"]))
    assert answer.getvalue().startswith(b"%PDF")


def test_a_long_paper_is_put_off_and_comes_to_a_worker_at_once(
    cast: build.Cast, district: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packages, "LONG_PAPER", 2)
    for _ in range(2):
        build.proposal(state=ProposalState.COMPILED)
    address = reverse("proposals:compilation", args=[district.pk, "all", "pdf"])
    client = logged_in(cast.office_reader)
    assert client.get(address).status_code == 200, "two are no more than a person waits for"
    build.case(state=CaseState.COMPILED)
    offer = client.get(address, follow=True)
    assert "116年度北平原區彙整表（PDF）" in offer.text
    assert Entry.objects.filter(act="compilation.exported").count() == 1, "what was put off was not handed out"
    client.post(offer.redirect_chain[-1][0])
    prepare()
    (made,) = Download.objects.visible_to(cast.office_reader)
    assert (made.title, made.rows, made.file.kind) == ("116年度北平原區彙整表（PDF）", 3, Kind.PDF)
    assert Entry.objects.filter(act="compilation.exported").count() == 2


# --- Many items ------------------------------------------------------------------------------------------------------


def test_the_screen_shows_the_first_of_many_and_counts_all(
    cast: build.Cast, screen: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compiling, "SHOWN", 2)
    for order in range(1, 5):
        build.proposal(state=ProposalState.COMPILED, order=order, subject=f"彙整第{order}案")
    build.proposal(state=ProposalState.PUBLISHED, order=1, subject="已公布案")
    build.proposal(state=ProposalState.AT_OFFICE, order=2, subject="待研處案")
    page = logged_in(cast.host_officer).get(screen).text
    assert "待彙整 0　已彙整 4　已送本處 2" in page
    assert ["彙整第1案" in page, "彙整第2案" in page, "彙整第3案" in page] == [True, True, False]
    assert "另有 2 件未列出" in page
    assert "函送人事處（4 件可送）" in page
    assert page.index("待研處案") < page.index("已公布案"), "what is still open comes first"
    assert "data-reorder" not in page, "dragging would say the order of those alone that are shown"


def test_a_large_package_comes_in_pages(cast: build.Cast, screen: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packages, "PER_PAGE", 2)
    proposals = [build.proposal(state=ProposalState.COMPILED, order=n, subject=f"第{n}案") for n in (1, 2, 3)]
    case = build.case(state=CaseState.COMPILED, subject="案例一")
    data = letter(proposals=[one.pk for one in proposals], cases=[case.pk])
    client = logged_in(cast.host_officer)
    first = client.post(f"{screen}send/", data, follow=True)
    assert [f"第{n}案" in first.text for n in (1, 2, 3)] == [True, True, False]
    assert "修正建議提案（3 件）" in first.text
    second = client.get(f"{first.redirect_chain[-1][0]}?page=2").text
    assert [f"第{n}案" in second for n in (1, 2, 3)] == [False, False, True]
    assert "業務案例（1 件）" in second
    assert "案例一" not in second
    assert "第 2／2 頁" in second
