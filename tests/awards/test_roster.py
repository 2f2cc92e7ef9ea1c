"""獎勵建議名冊: the columns of the notes, what is on it and what is not, as paper and as sheets."""

import io
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader

from awards import documents
from awards.actions import runs as actions
from awards.choices import Part, UnitChoice
from awards.models import Run
from personnel_portal.documents import sheets
from personnel_portal.documents.paper import Paragraph, Table
from personnel_portal.trail.models import Entry
from tests import build
from tests.awards import making
from tests.site.clients import logged_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]

COLUMNS = [
    "編號",
    "服務機關",
    "單位",
    "職稱",
    "官職等",
    "姓名",
    "身分別",
    "具體事蹟",
    "獎勵種類",
    "次數",
    "法令依據",
    "佐證",
    "備註",
    "審議結果",
]
NUMBER = "府人任字第1150000321號函"


@pytest.fixture
def run(cast: build.Cast) -> Run:
    """A run with 記功 1 次 and 嘉獎 2 次 for hosting's people, adjusted for one, and 嘉獎 1 次 for a proposal."""
    making.accepted_meeting(days_ago=20)
    making.accepted_meeting(days_ago=10)
    making.proposals(15)
    posting = cast.host_officer.person.postings.get()
    posting.unit, posting.rank = "人事室", "薦任第八職等"
    posting.save()
    second = build.officer(build.listed("大林鎮公所"), name="趙協辦", title="助理員").person
    making.host_person(cast.host_officer.person, by=cast.office_reviewer, part=Part.HEAD)
    making.host_person(second, by=cast.office_reviewer, part=Part.HEAD)
    making.adopted(by=cast.office_reviewer)
    run = actions.make_run(plan=cast.plan, by=cast.office_admin)
    line = run.lines.get(name="趙協辦")
    actions.adjust_line(line=line, unit=UnitChoice.CITATION, times=2, reason="協辦。", by=cast.office_reviewer)
    line = run.lines.get(name="吳成員")
    actions.remark_line(line=line, note="首次", result="照案通過", by=cast.office_reviewer)
    return run


def approved(run: Run, cast: build.Cast) -> Run:
    return actions.approve_run(run=run, number=NUMBER, day=build.TODAY, by=cast.office_reviewer)


def fetched(client: Client, run: Run, form: str) -> Any:
    return client.get(reverse("awards:roster_paper", args=[run.pk, form]))


def sheet(client: Client, run: Run, form: str) -> list[list[Any]]:
    response = fetched(client, run, form)
    rows = sheets.read(io.BytesIO(response.getvalue()))
    return [[*row, *[""] * (len(COLUMNS) - len(row))] for row in rows]


# --- As sheets -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["ods", "xlsx"])
def test_sheets_have_the_columns_of_the_roster_and_totals_that_are_never_converted(
    cast: build.Cast, run: Run, form: str
) -> None:
    head, *rows = sheet(logged_in(cast.office_reader), approved(run, cast), form)
    assert head == COLUMNS
    assert [row[:10] for row in rows[:3]] == [
        ["1", "嘉義縣大林鎮公所", "人事室", "人事主任", "薦任第八職等", "黃承辦", "公務人員", "承辦116年度北平原區聯繫會報（主管：籌辦會議、彙整提案）", "記功", "1"],
        ["2", "嘉義縣大林鎮公所", "", "助理員", "", "趙協辦", "公務人員", "承辦116年度北平原區聯繫會報（主管：籌辦會議、彙整提案）", "嘉獎", "2"],
        ["3", "嘉義縣立民雄國民中學", "", "人事主任", "", "吳成員", "公務人員", "提出人事修正建議獲本處參採：116-北平原區-16 建請修正職務代理人資格規定", "嘉獎", "1"],
    ]  # fmt: skip
    assert [row[10:] for row in rows[:3]] == [
        [
            "116年度計畫伍、一、(二)",
            "專、兼任(辦)會報 2 場（115/11/2、115/11/12，均已備查）≥ 2；提案 16 案 > 15",
            "",
            "",
        ],
        [
            "116年度計畫伍、一、(二)",
            "專、兼任(辦)會報 2 場（115/11/2、115/11/12，均已備查）≥ 2；提案 16 案 > 15",
            "試算為記功 1 次，調整理由：協辦。",
            "",
        ],
        ["116年度計畫伍、二", "獲參採且符合獎勵之提案 1 案", "首次", "照案通過"],
    ]
    assert [[value for value in row if value != ""] for row in rows[3:]] == [
        ["合計", "記功", "1"],
        ["合計", "嘉獎", "3"],
        [f"核定：中華民國115年11月22日　{NUMBER}"],
    ]


def test_a_draft_says_so_in_name_and_content(cast: build.Cast, run: Run) -> None:
    client = logged_in(cast.office_reviewer)
    assert sheet(client, run, "xlsx")[-1][0] == "試算（未核定）"
    assert documents.name_of(run) == "試算（未核定）116年度分區聯繫會報獎勵建議名冊"
    assert documents.name_of(approved(run, cast)) == "116年度分區聯繫會報獎勵建議名冊_1151122"


def test_only_what_stands_is_on_the_roster(cast: build.Cast, run: Run) -> None:
    actions.drop_line(line=run.lines.get(name="趙協辦"), reason="調離。", by=cast.office_reviewer)
    rows = sheet(logged_in(cast.office_reviewer), run, "ods")
    assert [(row[0], row[5]) for row in rows[1:3]] == [("1", "黃承辦"), ("2", "吳成員")]


def test_a_line_that_replaces_another_names_it(cast: build.Cast) -> None:
    making.accepted_meeting()
    making.host_person(cast.host_officer.person, by=cast.office_reviewer)
    first = approved(actions.make_run(plan=cast.plan, by=cast.office_admin), cast)
    making.accepted_meeting(days_ago=5)
    making.proposals(16)
    later = approved(actions.make_run(plan=cast.plan, by=cast.office_admin), cast)
    client = logged_in(cast.office_reviewer)
    assert sheet(client, later, "ods")[1][12] == f"取代 115/11/22 {NUMBER}之嘉獎 2 次，原建議註銷"
    assert [row[0] for row in sheet(client, first, "ods")[1:]] == [f"核定：中華民國115年11月22日　{NUMBER}"]


def test_formulas_and_odd_signs_stay_text(cast: build.Cast, run: Run) -> None:
    line = run.lines.get(name="黃承辦")
    actions.remark_line(line=line, note="=1+1", result="\U0002a6b2\U0001f600", by=cast.office_reviewer)
    client = logged_in(cast.office_reviewer)
    for form in ("ods", "xlsx"):
        assert sheet(client, run, form)[1][12:] == ["=1+1", "\U0002a6b2\U0001f600"]
    assert fetched(client, run, "pdf").status_code == 200


# --- As paper --------------------------------------------------------------------------------------------------------


def test_the_paper_lies_across_with_official_heading_in_kai(cast: build.Cast, run: Run) -> None:
    client = logged_in(cast.office_reviewer)
    reader = PdfReader(io.BytesIO(fetched(client, approved(run, cast), "pdf").getvalue()))
    page = reader.pages[0]
    assert (round(float(page.mediabox.width)), round(float(page.mediabox.height))) == (842, 595)
    text = "".join(page.extract_text().split())
    assert "嘉義縣政府人事處116年度分區聯繫會報獎勵建議名冊" in text
    assert NUMBER in text
    assert "不相互折算" in text
    assert ("試算" in text.replace("116年度第1次獎勵試算", "").replace("試算為記功", ""), "令" in text) == (
        False,
        True,
    ), "法令依據 is the only 令"
    fonts = {str(font.get_object()["/BaseFont"]) for font in page["/Resources"]["/Font"].values()}  # type: ignore[index]  # pypdf's objects are untyped
    assert all("Kai" in name or "Serif" in name or "Song" in name for name in fonts), fonts


def test_the_paper_of_a_draft_is_marked_on_every_page(cast: build.Cast, run: Run) -> None:
    line = run.lines.get(name="黃承辦")
    for number in range(30):
        line.pk, line.name = None, f"人{number}"
        line.save()
    content = fetched(logged_in(cast.office_reviewer), run, "pdf").getvalue()
    pages = ["".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(content)).pages]
    assert len(pages) > 2
    assert all("試算（未核定）" in page for page in pages)
    assert all("具體事蹟" in page for page in pages), "the head repeats"


def test_the_paper_has_exactly_the_columns_and_counts_points_in_a_note_only(run: Run) -> None:
    lines = list(run.lines.on_roster().for_pages())
    paper = documents.roster(run, lines, build.TODAY)
    (table,) = [block for block in paper.blocks if isinstance(block, Table)]
    assert [column.label for column in table.columns] == COLUMNS
    assert sum(table.percents()) == 100
    (note, *_) = [block.text for block in paper.blocks if isinstance(block, Paragraph)]
    assert note == (
        "共 3 人、3 筆。嘉獎與記功分別計列，不相互折算；"
        "年終考績增分合計 6 分（嘉獎 1 分、記功 3 分、記大功 9 分）僅供參考。"
    )


def test_an_empty_roster_says_none(cast: build.Cast) -> None:
    run = actions.make_run(plan=cast.plan, by=cast.office_admin)
    paper = documents.roster(run, [], build.TODAY)
    assert next(block.text for block in paper.blocks if isinstance(block, Paragraph)) == "無。"


def test_papers_are_the_offices_and_their_making_is_recorded(cast: build.Cast, run: Run) -> None:
    assert fetched(logged_in(cast.host_officer), run, "ods").status_code == 404
    assert fetched(logged_in(cast.office_reviewer), run, "doc").status_code == 404
    fetched(logged_in(cast.office_reader), run, "ods").getvalue()
    (entry,) = Entry.objects.filter(act="award.roster_printed")
    assert (entry.actor_name, entry.detail) == ("李唯讀", {"form": "ods", "rows": 3})


# --- All that was approved -------------------------------------------------------------------------------------------


def test_the_list_shows_all_that_was_approved_and_stands(cast: build.Cast, run: Run) -> None:
    client, url = logged_in(cast.office_reader), reverse("awards:roster")
    assert "尚無核定的獎勵建議。" in client.get(url).text
    actions.drop_line(line=run.lines.get(name="趙協辦"), reason="調離。", by=cast.office_reviewer)
    approved(run, cast)
    page = client.get(url).text
    assert ("黃承辦" in page, "趙協辦" in page, "共 2 筆" in page) == (True, False, True)
    assert "共 1 筆" in client.get(url, {"q": "民雄"}).text
    assert "共 2 筆" in client.get(url, {"q": "0321"}).text
    assert "共 1 筆" in client.get(url, {"unit": "merit", "plan": str(cast.plan.pk)}).text
    exported = sheets.read(io.BytesIO(client.get(url, {"export": "ods"}).getvalue()))
    assert [row[4:10] for row in exported][1:] == [
        ["黃承辦", "公務人員", "承辦116年度北平原區聯繫會報（主管：籌辦會議、彙整提案）", "記功", "1", "3"],
        [
            "吳成員",
            "公務人員",
            "提出人事修正建議獲本處參採：116-北平原區-16 建請修正職務代理人資格規定",
            "嘉獎",
            "1",
            "1",
        ],
    ]
