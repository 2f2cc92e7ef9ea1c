"""Proposals as their proposers see them: from the draft to the result, the page of one, the list."""

import re
from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from meetings.choices import MinutesState
from personnel_portal.outbox.models import Message
from personnel_portal.trail.models import Entry
from proposals.actions import drafts, items
from proposals.actions.decisions import decide_proposal
from proposals.choices import Effect, Outcome, ProposalKind, ProposalState
from proposals.models import CoProposer, Decision, FollowUp, Placement, Proposal
from proposals.views.proposals import steps
from tests import build
from tests.site.clients import logged_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    with time_machine.travel(build.at(build.TODAY, 10), tick=False):
        yield


FILLED: dict[str, Any] = {
    "subject": "建請放寬職務代理人資格",
    "kind": "law",
    "current_rule": "代理人須為同一單位人員。",
    "problem": "小型機關無同單位人員可代理。",
    "wording": "代理人得為同一機關人員。",
    "effect": "simpler",
    "contact_name": "吳成員",
    "statutes_text": "各機關職務代理應行注意事項第 4 點、公務人員任用法第28條",
    "co_proposers": "民雄國小、大林鎮公所",
}


def test_a_draft_is_begun_saved_and_sent(cast: build.Cast) -> None:
    client = logged_in(cast.member_officer)
    filled = {**FILLED, "agency": build.listed("民雄國中").pk}
    assert client.get("/proposals/create/").status_code == 200
    answer = client.post("/proposals/create/", {**filled, "save": "1"})
    proposal = Proposal.objects.get()
    assert answer.headers["Location"] == proposal.get_absolute_url()
    assert (proposal.state, proposal.district.name, proposal.created_by) == ("draft", "北平原區", cast.member_officer)
    assert drafts.names_of(drafts.joined(proposal)) == "民雄國小、大林鎮公所"
    assert {str(statute) for statute in proposal.statutes.all()} == {"各機關職務代理應行注意事項", "公務人員任用法"}
    page = client.post(f"{proposal.get_absolute_url()}edit/", {**filled, "send": "1"}, follow=True)
    assert "已送北平原區承辦單位，編號 116-北平原區-1。" in page.text
    assert "下一步：北平原區承辦單位彙整。" in page.text
    proposal.refresh_from_db()
    assert (proposal.state, proposal.reference) == (ProposalState.SENT, "116-北平原區-1")
    assert [message.to for message in Message.objects.all()] == [cast.host_officer.email]
    assert list(Entry.objects.for_target(proposal).values_list("act", flat=True)) == ["item.sent", "item.created"]


# --- What the office keeps to itself ---------------------------------------------------------------------------------


@pytest.mark.parametrize("state", [ProposalState.AT_OFFICE, ProposalState.RESOLVED])
def test_a_pending_decision_changes_nothing_for_others(cast: build.Cast, state: ProposalState) -> None:
    """Pages, list, export and search of all but the office are the same, to the letter, as without the decision."""
    proposal = build.proposal(state=state)
    lead = build.proposal(state=state, subject="主提案")
    build.proposal(state=ProposalState.MERGED, merged_into=lead, subject="被併提案")
    roles = ["host_officer", "member_officer", "office_reader"]
    before = {role: _all_pages(getattr(cast, role), proposal, lead) for role in roles}
    for one in (proposal, lead):
        decide_proposal(
            proposal=one, outcome=Outcome.REJECTED, opinion="與母法牴觸", by=cast.office_reviewer, qualifies=False
        )
    after = {role: _all_pages(getattr(cast, role), proposal, lead) for role in roles}
    assert after["host_officer"] == before["host_officer"]
    assert after["member_officer"] == before["member_officer"]
    assert "與母法牴觸" in after["office_reader"]
    assert "尚未公布，僅人事處可見" in after["office_reader"]
    assert "不參採（尚未公布）" in after["office_reader"]  # in the export, for the merged one too
    assert not Message.objects.filter(text__contains="不參採").exists()


def _all_pages(user: Any, *proposals: Proposal) -> str:
    client = logged_in(user)
    addresses = [proposal.get_absolute_url() for proposal in proposals]
    addresses += ["/proposals/", "/proposals/?q=不參採", "/proposals/?q=牴觸", "/proposals/?state=published"]
    addresses += [f"/proposals/?state={state}" for state in ("at_office", "resolved")]
    pages = [_without_tokens(client.get(address).text) for address in addresses]
    export: Any = client.get("/proposals/?export=csv")
    return "\n".join([*pages, b"".join(export.streaming_content).decode()])


def _without_tokens(text: str) -> str:
    return re.sub(r'(name="csrfmiddlewaretoken" value|X-CSRFToken": )[="]+\w+"', "", text)


def test_a_published_decision_is_shown_with_its_correction(cast: build.Cast) -> None:
    proposal = build.proposal(state=ProposalState.PUBLISHED, contact_phone="05-2653211")
    first = Decision.objects.create(
        proposal=proposal,
        outcome=Outcome.REJECTED,
        opinion="與母法牴觸",
        decided_by=cast.office_reviewer,
        published_at=timezone.now(),
    )
    Decision.objects.create(
        proposal=proposal,
        outcome=Outcome.ADOPTED,
        decided_by=cast.office_reviewer,
        published_at=timezone.now(),
        corrects=first,
        correction_reason="母法已修正",
        qualifies=True,
    )
    stranger_to_it = logged_in(cast.coached_officer).get(proposal.get_absolute_url()).text
    for words in ("原研處：<del>不參採</del>", "與母法牴觸", "更正後研處：參採", "更正理由：母法已修正"):
        assert words in stranger_to_it
    for words in ("05-2653211", "吳成員", "歷程", "符合獎勵"):
        assert words not in stranger_to_it
    own = logged_in(cast.member_officer).get(proposal.get_absolute_url()).text
    for words in ("05-2653211", "吳成員", "歷程", "符合獎勵"):
        assert words in own


@pytest.mark.parametrize(
    ("minutes", "state", "readers"),
    [
        (MinutesState.SUBMITTED, ProposalState.RESOLVED, {"host_officer", "office_reader"}),
        (MinutesState.SUBMITTED, ProposalState.PUBLISHED, {"host_officer", "office_reader", "member_officer"}),
        (MinutesState.ACCEPTED, ProposalState.RESOLVED, {"host_officer", "office_reader", "member_officer"}),
    ],
)
def test_resolutions_are_read_with_the_minutes_or_the_result(
    cast: build.Cast, minutes: MinutesState, state: ProposalState, readers: set[str]
) -> None:
    meeting = build.held_meeting()
    build.invitation(meeting=meeting, agency=build.listed("民雄國中"))
    build.minutes(meeting=meeting, state=minutes, by=cast.host_officer)
    item = build.agenda_item(meeting=meeting)
    item.resolution = "照案通過"
    item.save()
    proposal = build.proposal(state=state)
    Placement.objects.create(proposal=proposal, agenda_item=item, placed_by=cast.host_officer)
    roles = ("host_officer", "office_reader", "member_officer")
    pages = {role: logged_in(getattr(cast, role)).get(proposal.get_absolute_url()).text for role in roles}
    assert {role for role, page in pages.items() if "照案通過" in page} == readers


# --- The page of one -------------------------------------------------------------------------------------------------


def test_a_merged_proposal_keeps_its_proposers_on_both_pages(cast: build.Cast) -> None:
    lead = build.proposal(state=ProposalState.COMPILED, agency=build.listed("大林鎮公所"), subject="主提案")
    merged = build.proposal(state=ProposalState.MERGED, merged_into=lead, subject="被併提案")
    CoProposer.objects.create(proposal=merged, agency=build.listed("民雄國小"))
    client = logged_in(cast.member_officer)
    assert "本案已併入" in client.get(merged.get_absolute_url()).text
    assert "民雄國中、民雄國小" in client.get(lead.get_absolute_url()).text
    assert merged.get_absolute_url() in logged_in(cast.host_officer).get(lead.get_absolute_url()).text


def test_who_may_not_take_a_step_reads_why(cast: build.Cast) -> None:
    proposal = build.proposal(state=ProposalState.COMPILED)
    page = logged_in(cast.member_officer).get(proposal.get_absolute_url()).text
    assert "目前為「已彙整」，無法編輯。" in page
    assert "下一步：北平原區承辦單位送本處。" in page
    assert "/withdraw/" in page
    assert "/return/" not in page
    host = logged_in(cast.host_officer).get(proposal.get_absolute_url())
    assert [button.step for button in host.context["buttons"]] == ["merge", "return"]
    office = logged_in(cast.office_reviewer).get(build.proposal(state=ProposalState.RESOLVED).get_absolute_url())
    assert [button.step for button in office.context["buttons"] if button.verdict] == ["decide"]


def test_how_a_draft_came_about_is_its_agencys_own(cast: build.Cast) -> None:
    proposal = build.proposal(created_by=cast.member_officer)
    drafts.change_item(item=proposal, by=cast.member_officer, problem="改過")
    items.send_item(item=proposal, by=cast.member_officer)
    pages = {
        role: logged_in(getattr(cast, role)).get(proposal.get_absolute_url()).context["history"]
        for role in ("member_officer", "host_officer", "office_reader")
    }
    acts = {role: [entry.act for entry in entries] for role, entries in pages.items()}
    assert acts["member_officer"] == ["item.sent", "item.changed"]
    assert acts["host_officer"] == acts["office_reader"] == ["item.sent"]


STEPPERS = """
draft      -       -        草稿*|送承辦單位|彙整|送本處|列入議程|決議|研處|結果公布
sent       -       -        草稿|送承辦單位*|彙整|送本處|列入議程|決議|研處|結果公布
compiled   -       -        草稿|送承辦單位|彙整*|送本處|列入議程|決議|研處|結果公布
at_office  -       -        草稿|送承辦單位|彙整|送本處*|列入議程|決議|研處|結果公布
at_office  placed  -        草稿|送承辦單位|彙整|送本處|列入議程*|決議|研處|結果公布
resolved   placed  -        草稿|送承辦單位|彙整|送本處|列入議程|決議*|研處|結果公布
resolved   placed  decided  草稿|送承辦單位|彙整|送本處|列入議程|決議|研處*|結果公布
at_office  -       decided  草稿|送承辦單位|彙整|送本處|研處*|結果公布
published  placed  decided  草稿|送承辦單位|彙整|送本處|列入議程|決議|研處|結果公布
published  -       decided  草稿|送承辦單位|彙整|送本處|研處|結果公布
returned   -       -        草稿|退請補正!|送承辦單位|彙整|送本處|列入議程|決議|研處|結果公布
withdrawn  -       -        草稿|送承辦單位|已撤回!
"""


@pytest.mark.parametrize("line", STEPPERS.strip().splitlines(), ids=lambda line: "-".join(line.split()[:3]))
def test_the_stepper_shows_where_it_stands(line: str) -> None:
    state, placed, decided, way = line.split()
    shown = steps(build.proposal(state=ProposalState(state)), placed=placed != "-", decided=decided != "-")
    marks = {"now": "*", "stop": "!"}
    assert "|".join(name + marks.get(step, "") for name, step in shown) == way
    reached = [step for _, step in shown]
    assert reached == sorted(reached, key=["past", "now", "stop", "next"].index)


HTML = "<b>粗</b>\"'&"


def test_html_is_shown_as_it_was_typed(cast: build.Cast) -> None:
    names = ("subject", "current_rule", "problem", "wording", "effect_note", "contact_name", "contact_title")
    typed: dict[str, Any] = {name: f"{HTML}{name}" for name in names}
    proposal = build.proposal(state=ProposalState.RETURNED, statutes_text=HTML, contact_phone=HTML, **typed)
    Proposal.objects.filter(pk=proposal.pk).update(reason=f"{HTML}理由")
    FollowUp.objects.create(
        agenda_item=build.agenda_item(meeting=build.held_meeting()),
        proposal=proposal,
        task=f"{HTML}辦理",
        agency=proposal.agency,
        created_by=cast.office_admin,
    )
    client = logged_in(cast.member_officer)
    for address in ("", "edit/", "send/", "withdraw/"):
        page = client.get(f"{proposal.get_absolute_url()}{address}").text
        assert "<b>粗</b>" not in page
    page = client.get(proposal.get_absolute_url()).text
    assert page.count("&lt;b&gt;粗&lt;/b&gt;") >= len(names) + 3
    assert "<b>粗</b>" not in client.get("/proposals/").text


# --- The list --------------------------------------------------------------------------------------------------------


def exported(user: Any, query: str = "") -> list[list[str]]:
    answer: Any = logged_in(user).get(f"/proposals/?export=csv&{query}")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return [[cell.strip('"') for cell in line.split(",")] for line in text.splitlines()]


@pytest.fixture
def listed(cast: build.Cast) -> list[Proposal]:
    """A draft of the member, a late one of the hill district, a joint one with its result, one of formula-like words."""
    hill = build.district("山區")
    own = build.proposal(subject="建請修正婚假規定", kind=ProposalKind.PROCESS)
    late = build.proposal(
        subject="差勤系統打卡",
        agency=build.listed("竹崎鄉公所"),
        district=hill,
        state=ProposalState.SENT,
        is_late=True,
        effect=Effect.OTHER,
    )
    joint = build.proposal(
        subject="臺灣銀行優惠存款",
        agency=build.listed("大林鎮公所"),
        state=ProposalState.PUBLISHED,
        problem="測試１２３",
    )
    CoProposer.objects.create(proposal=joint, agency=build.listed("民雄國中"))
    Decision.objects.create(
        proposal=joint, outcome=Outcome.ADOPTED, decided_by=cast.office_admin, published_at=timezone.now()
    )
    formula = build.proposal(subject="=cmd|'/c calc'!A1", agency=build.listed("大林鎮公所"), state=ProposalState.SENT)
    return [own, late, joint, formula]


ROWS = [
    ["未編號", "建請修正婚假規定", "民雄國中", "北平原區", "流程", "草稿", "—"],
    ["116-山區-1", "差勤系統打卡", "竹崎鄉公所", "山區", "法規", "已送承辦單位（逾期送件）", "—"],
    ["116-北平原區-1", "臺灣銀行優惠存款", "大林鎮公所（與 1 個機關聯合）", "北平原區", "法規", "已公布結果", "參採"],
    ["116-北平原區-2", "'=cmd|'/c calc'!A1", "大林鎮公所", "北平原區", "法規", "已送承辦單位", "—"],
]


@pytest.mark.parametrize(
    ("role", "seen"),
    [
        ("office_reader", [3, 2, 1]),
        ("host_officer", [3, 2]),
        ("neighbour_host", [2, 1]),
        ("member_officer", [2, 0]),
        ("coached_officer", [2]),
        ("other_reviewer", []),
    ],
)
def test_each_lists_and_exports_what_is_theirs_newest_first(
    cast: build.Cast, listed: list[Proposal], role: str, seen: list[int]
) -> None:
    head, *rows = exported(getattr(cast, role))
    assert head == ["編號", "案由", "提案機關", "分區", "類別", "狀態", "研處"]
    assert rows == [ROWS[number] for number in seen]
    assert f"共 {len(seen)} 筆" in logged_in(getattr(cast, role)).get("/proposals/").text


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        ("q=台灣", [2]),
        ("q=婚假", [0]),
        ("q=123", [2]),
        ("q=打卡", []),
        ("kind=process", [0]),
        ("effect=simpler", [2, 0]),
        ("state=draft", [0]),
        ("mine=1", [2, 0]),
        ("is_late=True", []),
        ("sort=subject", [0, 2]),
        ("district=999999", None),
        ("mine=%27", None),
        ("q=%00", None),
    ],
)
def test_filters_narrow_and_a_hostile_value_does_no_harm(
    cast: build.Cast, listed: list[Proposal], query: str, kept: list[int] | None
) -> None:
    assert logged_in(cast.member_officer).get(f"/proposals/?{query}").status_code == 200
    if kept is not None:
        assert exported(cast.member_officer, query)[1:] == [ROWS[number] for number in kept]


def test_late_ones_are_found_by_the_office(cast: build.Cast, listed: list[Proposal]) -> None:
    assert exported(cast.office_reader, "is_late=True")[1:] == [ROWS[1]]


@pytest.mark.parametrize(("form", "formula"), [("xlsx", "<f>"), ("ods", "table:formula")])
def test_formula_like_words_are_text_in_sheets(
    cast: build.Cast, listed: list[Proposal], form: str, formula: str
) -> None:
    answer: Any = logged_in(cast.office_reader).get(f"/proposals/?export={form}")
    with ZipFile(BytesIO(b"".join(answer.streaming_content))) as sheet:
        parts = [sheet.read(name).decode() for name in sheet.namelist() if name.endswith(".xml")]
    assert any("calc" in part for part in parts)
    assert not any(formula in part for part in parts)


def test_pages_ask_as_often_for_thirty_as_for_one(cast: build.Cast) -> None:
    client = logged_in(cast.office_reviewer)
    member = logged_in(cast.member_officer)
    lead = build.proposal(state=ProposalState.RESOLVED, subject="建請放寬職務代理人資格限制")
    draft = build.proposal(subject="職務代理人資格規定過嚴，建議鬆綁")
    _grow(cast, lead, draft, 1)

    def asked(visit: Callable[[], Any]) -> int:
        visit()
        with CaptureQueriesContext(connection) as queries:
            assert visit().status_code == 200
        return len(queries)

    visits = [
        lambda: client.get("/proposals/"),
        lambda: client.get(lead.get_absolute_url()),
        lambda: member.get(lead.get_absolute_url()),
        lambda: member.get(draft.get_absolute_url()),
        lambda: member.get(f"{draft.get_absolute_url()}edit/"),
        lambda: member.get("/proposals/similar/?subject=職務代理人資格"),
        lambda: member.get(f"{draft.get_absolute_url()}send/"),
    ]
    few = [asked(visit) for visit in visits]
    _grow(cast, lead, draft, 29)
    assert [asked(visit) for visit in visits] == few


def _grow(cast: build.Cast, lead: Proposal, draft: Proposal, number: int) -> None:
    for _ in range(number):
        merged = build.proposal(state=ProposalState.MERGED, merged_into=lead)
        item = build.agenda_item(meeting=build.held_meeting())
        Placement.objects.create(proposal=lead, agenda_item=item, placed_by=cast.host_officer)
        FollowUp.objects.create(
            agenda_item=item, proposal=lead, task="研議", agency=lead.agency, created_by=cast.office_admin
        )
        build.proposal(state=ProposalState.PUBLISHED, subject="建請放寬職務代理人資格限制")
        for proposal in (lead, merged, draft):
            CoProposer.objects.create(proposal=proposal, agency=build.agency())
            proposal.attachments.create(stored=build.stored_file())
            items.note("item.changed", proposal, by=cast.member_officer)
