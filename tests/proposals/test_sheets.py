"""Cases and proposals by sheet and form: looked through first, imported once, refused lines handed back."""

import io
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import openpyxl
import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from districts.choices import Access
from districts.models import StagedSheet
from personnel_portal.documents import sheets
from personnel_portal.outbox.models import Message
from personnel_portal.trail.models import Entry
from proposals.choices import CaseState, ProposalState
from proposals.models import Case, Proposal
from tests import build
from tests.documents import forms
from tests.proposals.filled import CASE, CASES, PROPOSAL, PROPOSALS, beside, four_columns, sheet, unknown
from tests.site.clients import logged_in
from tests.uploads import making

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    """It is a day of the plan of 116."""
    with time_machine.travel(build.at(build.TODAY, 10), tick=False):
        yield


@pytest.fixture
def member(cast: build.Cast) -> Client:
    """The browser of 民雄國中's officer."""
    return logged_in(cast.member_officer)


@pytest.fixture
def host(cast: build.Cast) -> Client:
    """The browser of the host of 北平原區."""
    return logged_in(cast.host_officer)


def upload(client: Client, kind: str, *files: SimpleUploadedFile, **data: Any) -> Any:
    return client.post(reverse(f"proposals:import_{kind}"), {"file": list(files), **data}, follow=True)


def look(client: Client, kind: str, *files: SimpleUploadedFile, **data: Any) -> str:
    content: str = upload(client, kind, *files, **data).content.decode()
    return content


def confirm(client: Client) -> str:
    staged = StagedSheet.objects.first()
    assert staged is not None
    page: Any = client.post(reverse("proposals:import_sheet", args=[staged.pk]), follow=True)
    content: str = page.content.decode()
    return content


def handed_back(client: Client, form: str = "xlsx") -> list[list[str]]:
    staged = StagedSheet.objects.get()
    response: Any = client.get(reverse("proposals:refused_rows", args=[staged.pk]), {"form": form})
    book: Any = openpyxl.load_workbook(io.BytesIO(b"".join(response.streaming_content)))
    return [[cell or "" for cell in line] for line in book.active.iter_rows(values_only=True)]


# --- What comes in ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["xlsx", "ods", "utf-8-sig", "utf-8", "cp950"])
def test_sheet_becomes_drafts_after_the_confirmation(member: Client, cast: build.Cast, form: str) -> None:
    page = look(member, "cases", sheet(CASES, CASE, CASE | {"subject": "第二案", "kind": "特殊"}, form=form))
    assert "可匯入 2 列。匯入後：2 件成為貴機關的草稿。" in page
    assert not Case.objects.exists()
    assert "已匯入 2 筆。" in confirm(member)
    case = Case.objects.get(subject=CASE["subject"])
    assert (case.state, case.agency.short_name, case.district.name) == (CaseState.DRAFT, "民雄國中", "北平原區")
    assert (case.business, case.kind, case.summary, case.contact_name) == (
        "appraisal",
        "difficult",
        CASE["summary"],
        "吳成員",
    )
    assert case.created_by == cast.member_officer
    assert Entry.objects.filter(act="item.created").count() == 2
    assert Entry.objects.get(act="sheet.items_imported").detail == {"kind": "cases", "rows": 2}


@pytest.mark.parametrize("write", [forms.docx, forms.odt])
@pytest.mark.parametrize("layout", [lambda: beside(PROPOSALS, PROPOSAL), lambda: four_columns(PROPOSAL)])
def test_filled_in_form_becomes_a_draft(member: Client, write: Any, layout: Any) -> None:
    name = "提案.docx" if write is forms.docx else "提案.odt"
    assert "可匯入 1 列" in look(member, "proposals", SimpleUploadedFile(name, write(layout())))
    confirm(member)
    proposal = Proposal.objects.get()
    assert (proposal.subject, proposal.problem) == (PROPOSAL["subject"], PROPOSAL["problem"])
    assert (proposal.kind, proposal.effect, proposal.state) == ("measure", "simpler", ProposalState.DRAFT)


def test_several_files_at_once(member: Client) -> None:
    page = look(
        member,
        "cases",
        sheet(CASES, CASE, name="甲.xlsx"),
        SimpleUploadedFile("乙.docx", forms.docx(beside(CASES, CASE | {"subject": "乙案"}))),
        SimpleUploadedFile("丙.odt", forms.odt(beside(CASES, CASE | {"subject": "丙案"}))),
    )
    assert "甲.xlsx 等 3 個檔案" in page
    for source in ("甲.xlsx 第 2 列", "乙.docx", "丙.odt"):
        assert source in page
    confirm(member)
    assert set(Case.objects.values_list("subject", flat=True)) == {CASE["subject"], "乙案", "丙案"}


def test_headings_are_taken_in_any_order_and_with_other_names(member: Client) -> None:
    heads = ["機　關（必填）", "*案例名稱：", "業務別", "案例 類型", "案情", "提供人＊"]
    assert "可匯入 1 列" in look(member, "cases", sheet(CASES, CASE, heads=heads))


def test_agency_may_be_left_out_where_there_is_one(member: Client) -> None:
    row = {field: text for field, text in CASE.items() if field != "agency"}
    look(member, "cases", sheet(CASES, row))
    confirm(member)
    assert Case.objects.get().agency.short_name == "民雄國中"


def test_co_proposers_and_statutes_come_along(member: Client) -> None:
    row = PROPOSAL | {"co_proposers": "大埔國中小、竹崎鄉公所", "statutes_text": "公務人員任用法第 28 條"}
    look(member, "proposals", sheet(PROPOSALS, row))
    confirm(member)
    proposal = Proposal.objects.get()
    assert [joint.agency.short_name for joint in proposal.co_proposers.all()] == ["大埔國中小", "竹崎鄉公所"]
    assert [str(statute) for statute in proposal.statutes.all()] == ["公務人員任用法"]


@pytest.mark.parametrize("form", ["xlsx", "ods", "utf-8-sig"])
def test_text_from_word_comes_in_as_the_page_takes_it(member: Client, form: str) -> None:
    long = "長" * 20_000
    rows = [
        CASE | {"subject": "表情 😀 案", "summary": "一\x0b二\x00三", "outcome": "－本案"},
        CASE | {"subject": "長案", "summary": long},
    ]
    look(member, "cases", sheet(CASES, *rows, form=form))
    confirm(member)
    case = Case.objects.get(subject="表情 😀 案")
    assert (case.summary, case.outcome) == ("一\n二三", "－本案")
    assert Case.objects.get(subject="長案").summary == long


# --- The host's imports ----------------------------------------------------------------------------------------------


def test_host_enters_what_agencies_sent_it(host: Client, cast: build.Cast) -> None:
    rows = [CASE, CASE | {"agency": "大林鎮公所", "subject": "承辦單位自己的案例"}]
    page = look(host, "cases", sheet(CASES, *rows))
    assert "匯入後：1 件成為貴機關的草稿，1 件登錄為分區機關所送。" in page
    assert "登錄為民雄國中所送" in page
    confirm(host)
    case = Case.objects.get(agency__short_name="民雄國中")
    assert (case.state, case.number, case.created_by) == (CaseState.SENT, 1, cast.host_officer)
    assert Case.objects.get(agency__short_name="大林鎮公所").state == CaseState.DRAFT
    entry = Entry.objects.get(act="item.entered")
    assert (entry.actor, entry.detail) == (cast.host_officer, {"agency": "民雄國中", "late": False})
    mail = Message.objects.get()
    assert (mail.to, mail.subject) == (cast.member_officer.email, "【代為登錄】案例 1 件")
    assert CASE["subject"] in mail.text


def test_host_enters_for_coached_agencies_too(host: Client, cast: build.Cast) -> None:
    district = cast.plan.districts.get(name="北平原區")
    build.coaching_table(district=district, rows={build.listed("三興國小"): cast.host_officer.person})
    look(host, "cases", sheet(CASES, CASE | {"agency": "三興國小"}))
    confirm(host)
    assert Case.objects.get().district == district


def test_what_comes_after_the_closing_day_is_late(host: Client, cast: build.Cast) -> None:
    meeting = build.meeting()
    yesterday = build.TODAY - timedelta(days=1)
    build.items_call(meeting=meeting, agencies=[build.listed("民雄國中")], closes_on=yesterday)
    look(host, "cases", sheet(CASES, CASE), meeting=meeting.pk)
    confirm(host)
    case = Case.objects.get()
    assert (case.meeting, case.is_late, case.late_accepted_by) == (meeting, True, None)


# --- What does not come in -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cells", "problem"),
    [
        ({"agency": "無此機關"}, "找不到機關「無此機關」，請填簡稱或全銜。"),
        ({"agency": "竹崎鄉公所"}, "竹崎鄉公所不是貴機關，無法代為匯入。"),
        ({"subject": ""}, "請填案由。"),
        ({"subject": "長" * 201}, "案由：最多 200 字，目前 201 字。"),
        ({"business": "人事"}, "業務類別「人事」不在選項內，請填 組織任免、考核訓練、退休福利、其他 其中一項。"),
        ({"business": ""}, "請填業務類別。"),
        ({"kind": "□困難案例 □特殊案例"}, "案例類型尚未勾選，請選 困難案例、特殊案例、錯誤案例 其中一項。"),
        ({"kind": "■困難 ■特殊"}, "案例類型「困難、特殊」不在選項內"),
        ({"summary": ""}, "請填案情摘要。"),
        ({"summary": "長" * 20_001}, "案情摘要：最多 20,000 字，目前 20,001 字；請精簡，或改以附件提供。"),
        ({"contact_name": ""}, "請填提供人。"),
        ({"district": "山區"}, "民雄國中屬北平原區，與所填「山區」不同。"),
    ],
)
def test_wrong_line_stays_out_with_its_reason(member: Client, cells: dict[str, str], problem: str) -> None:
    page = look(member, "cases", sheet(CASES, CASE | cells))
    assert problem in page
    assert page.count("不匯入") == 1
    assert "沒有可匯入的資料列" in confirm(member)
    assert not Case.objects.exists()


@pytest.mark.parametrize(
    ("cells", "problem"),
    [
        ({"co_proposers": "民雄國種"}, "找不到機關「民雄國種」，是否為「民雄"),
        ({"co_proposers": "民雄國中"}, "「民雄國中」就是提案機關，不必再列。"),
        ({"effect": "省錢"}, "預期效益「省錢」不在選項內，請填 簡化流程、修正法規、其他 其中一項。"),
        ({"kind": ""}, "請填類別。"),
        ({"wording": ""}, "請填建議修正文字或辦法。"),
    ],
)
def test_wrong_proposal_stays_out_with_its_reason(member: Client, cells: dict[str, str], problem: str) -> None:
    assert problem in look(member, "proposals", sheet(PROPOSALS, PROPOSAL | cells))


def test_what_is_there_already_is_marked(member: Client, host: Client) -> None:
    build.case(subject="職務代理人 加班費核發疑義")
    build.case(subject="撤回的案例", state=CaseState.WITHDRAWN)
    rows = [CASE, CASE | {"subject": "新案"}, CASE | {"subject": "新 案"}, CASE | {"subject": "撤回的案例"}]
    page = look(member, "cases", sheet(CASES, *rows))
    assert "民雄國中已有相同案由的案例。" in page
    assert "與第 3 列的機關及案由相同。" in page
    assert "可匯入 2 列，2 列有問題，不會匯入。" in page
    # What an agency has not sent yet is its own: the host learns nothing of it.
    assert "可匯入 3 列" in look(host, "cases", sheet(CASES, *rows))


def test_meeting_of_another_district_is_no_choice(cast: build.Cast) -> None:
    meeting = build.meeting()
    build.items_call(meeting=meeting)
    page = look(logged_in(cast.neighbour_host), "cases", sheet(CASES, CASE), meeting=meeting.pk)
    assert "這場會議不是貴分區的，請重新選擇或留白。" in page
    assert not StagedSheet.objects.exists()


def test_line_of_another_district_than_the_meetings_stays_out(cast: build.Cast) -> None:
    """Somebody who works in two districts chose the meeting of one."""
    meeting = build.meeting()
    build.items_call(meeting=meeting)
    both = build.officer(build.listed("大林鎮公所"), name="兩邊")
    build.posting(person=both.person, agency=build.listed("竹崎鄉公所"))
    page = look(logged_in(both), "cases", sheet(CASES, CASE | {"agency": "竹崎鄉公所"}), meeting=meeting.pk)
    assert "所選的會議不是竹崎鄉公所所屬山區的，請另傳並改選場次。" in page


def test_good_lines_come_in_and_bad_ones_go_back(member: Client) -> None:
    bad = CASE | {"subject": "=cmd|calc", "kind": "小案"}
    look(member, "cases", sheet(CASES, CASE, bad))
    assert "已匯入 1 筆。1 列未匯入，可下載修正後再上傳。" in confirm(member)
    head, line = handed_back(member)
    assert head[-2:] == ["來源", "未匯入原因"]
    row = dict(zip(head, line, strict=True))
    assert (row["來源"], row["案由"]) == ("案例.xlsx 第 3 列", "=cmd|calc")
    assert row["未匯入原因"] == "案例類型「小案」不在選項內，請填 困難案例、特殊案例、錯誤案例 其中一項。"


@pytest.mark.parametrize("form", ["xlsx", "ods"])
def test_what_was_handed_back_is_corrected_and_comes_in(member: Client, form: str) -> None:
    look(member, "cases", sheet(CASES, CASE | {"contact_name": ""}))
    staged = StagedSheet.objects.get()
    response: Any = member.get(reverse("proposals:refused_rows", args=[staged.pk]), {"form": form})
    back = SimpleUploadedFile(f"未匯入的案例.{form}", b"".join(response.streaming_content))
    assert "請填提供人。" in look(member, "cases", back)


def test_second_click_imports_nothing_twice(member: Client) -> None:
    look(member, "cases", sheet(CASES, CASE))
    confirm(member)
    assert "這份檔案已經匯入，不會重複匯入。" in confirm(member)
    assert "民雄國中已有相同案由的案例。" in look(member, "cases", sheet(CASES, CASE))
    assert Case.objects.count() == 1


def test_what_changed_meanwhile_is_judged_anew(member: Client) -> None:
    look(member, "cases", sheet(CASES, CASE))
    build.case(subject=CASE["subject"])
    assert "沒有可匯入的資料列" in confirm(member)


def test_sheet_belongs_to_who_uploaded_it(member: Client, host: Client) -> None:
    look(member, "cases", sheet(CASES, CASE))
    staged = StagedSheet.objects.get()
    for name in ("sheet", "refused_rows"):
        assert host.get(reverse(f"proposals:{name}", args=[staged.pk])).status_code == 404
    assert host.post(reverse("proposals:import_sheet", args=[staged.pk])).status_code == 404


def test_sheets_of_other_kinds_are_shown_by_their_own_pages(cast: build.Cast) -> None:
    admin = logged_in(build.officer(build.listed("人事處"), access=Access.ADMIN, name="另一管理"))
    look(admin, "cases", sheet(CASES, CASE))
    staged = StagedSheet.objects.get()
    assert admin.get(reverse("districts:sheet", args=[staged.pk])).status_code == 403
    staged.kind = "people"
    staged.save()
    assert admin.get(reverse("proposals:sheet", args=[staged.pk])).status_code == 403


@pytest.mark.parametrize("kind", ["cases", "list"])
def test_list_is_exported_without_formulas(member: Client, kind: str) -> None:
    long = "長" * 200
    make = build.case if kind == "cases" else build.proposal
    make(subject="=cmd|'/c calc'!A1")
    make(subject=long)
    pages = {}
    for form in ("csv", "xlsx", "ods"):
        response: Any = member.get(reverse(f"proposals:{kind}"), {"export": form})
        pages[form] = b"".join(response.streaming_content)
    assert "\n" + "未編號,'=cmd|" in pages["csv"].decode("utf-8-sig").replace("\r", "")
    book: Any = openpyxl.load_workbook(io.BytesIO(pages["xlsx"]))
    cells = {cell.value: cell.data_type for row in book.active.iter_rows() for cell in row}
    assert cells["=cmd|'/c calc'!A1"] == "s"
    assert "table:formula" not in zipfile.ZipFile(io.BytesIO(pages["ods"])).read("content.xml").decode()
    for form in ("xlsx", "ods"):
        assert any(long in map(str, row) for row in sheets.read(io.BytesIO(pages[form])))


def test_big5_names_every_line_that_it_cannot_hold() -> None:
    rows = [["民雄國中", "一"], ["民雄國中", "𡘙甲"], ["😀", "二"]]
    with pytest.raises(sheets.UnencodableError, match="第 3 列「案由」的「𡘙」、第 4 列「機關」的「😀」"):
        sheets.write_csv(io.BytesIO(), ["機關", "案由"], rows, encoding="cp950")


# --- Hostile files ---------------------------------------------------------------------------------------------------


def merged_book() -> bytes:
    book: Any = openpyxl.Workbook()
    for row in range(1, 20, 2):
        book.active.merge_cells(start_row=row, end_row=row + 1, start_column=1, end_column=6)
        book.active.cell(row, 1, "案由")
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def csv(content: str | bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile("案例.csv", content.encode() if isinstance(content, str) else content)


HEAD = "提供機關,案由,業務類別,案例類型,案情摘要,提供人\n"
LINE = "民雄國中,案由,其他,困難案例,摘要,吳成員\n"


@pytest.mark.parametrize(
    ("file", "sentence"),
    [
        (SimpleUploadedFile("空.docx", b""), "空"),
        (SimpleUploadedFile("改名.docx", making.zipped({"a.txt": "文"})), "「改名.docx」"),
        (SimpleUploadedFile("圖.docx", making.picture("PNG")), "「圖.docx」"),
        (SimpleUploadedFile("巨集.docx", making.docx(extra={"word/vbaProject.bin": b"x"})), "含有巨集"),
        (SimpleUploadedFile("實體.docx", making.docx(prolog='<!DOCTYPE a [<!ENTITY x "y">]>')), "不安全的 XML 宣告"),
        (SimpleUploadedFile("炸彈.docx", making.docx(extra={"word/a.xml": "<a>" + "0" * 300_000_000 + "</a>"})), "展開後過於龐大"),
        (SimpleUploadedFile("他表.docx", forms.docx(unknown())), "讀不出這份表件：找不到同時有「案由」「案情摘要」欄的表格。"),
        (SimpleUploadedFile("多列.docx", forms.docx([["格"]] * 501)), "一個表格最多讀取 500 列"),
        (SimpleUploadedFile("公文.pdf", making.pdf()), "此處只收 ODS、XLSX 檔"),
        (SimpleUploadedFile("舊.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"0" * 100), "舊版"),
        (SimpleUploadedFile("合併.xlsx", merged_book()), "找不到欄位「案情摘要」"),
        (csv("案由,業務類別\n甲,乙\n"), "找不到欄位「案情摘要」"),
        (csv(HEAD), "表頭列以下沒有資料"),
        (csv(HEAD + LINE * 10_000), "一次最多讀取 5,000 列"),
        (csv(HEAD + LINE * 101), "一次最多匯入 100 件，這次有 101 件，請分次上傳。"),
        (csv("欄," * 300 + "\n" + LINE), "一列最多 100 欄"),
        (csv(HEAD + "民雄國中,案\0由,其他,困難案例,摘要,吳\n"), "不是文字格式的 csv"),
        (csv((HEAD + LINE).encode("cp950").replace("摘要".encode("cp950"), b"\xfa\x40")), "第 2 列「"),
    ],
    ids=lambda value: value.name if isinstance(value, SimpleUploadedFile) else "",
)  # fmt: skip
def test_hostile_file_is_answered_by_a_sentence(
    member: Client, cast: build.Cast, file: SimpleUploadedFile, sentence: str
) -> None:
    file.seek(0)
    meeting = build.meeting()
    build.items_call(meeting=meeting)
    response = upload(member, "cases", file, meeting=meeting.pk)
    page = response.content.decode()
    assert (response.status_code, sentence in page) == (422, True)
    assert f'<option value="{meeting.pk}" selected>' in page, "what was chosen stays"
    assert not StagedSheet.objects.exists()


def test_each_refused_file_has_its_sentence_and_none_is_kept(member: Client) -> None:
    page = look(member, "cases", sheet(CASES, CASE), csv("甲\n"), SimpleUploadedFile("壞.docx", b"PK\x03\x04xx"))
    assert "「案例.csv」：找不到欄位" in page
    assert "「壞.docx」" in page
    assert not StagedSheet.objects.exists()


def test_formulas_and_dates_come_in_as_their_values(member: Client) -> None:
    book: Any = openpyxl.Workbook()
    book.active.append(HEAD.strip().split(","))
    book.active.append(["民雄國中", "=1+1", "其他", "困難案例", build.TODAY, 12345])
    target = io.BytesIO()
    book.save(target)
    page = look(member, "cases", SimpleUploadedFile("式.xlsx", target.getvalue()))
    assert "請填案由。" in page, "a formula that no program has computed has no value"
    assert "12345" in page


def test_queries_of_the_preview_do_not_grow(member: Client) -> None:
    def count(number: int) -> int:
        rows = [CASE | {"subject": f"第 {index} 案"} for index in range(number)]
        look(member, "cases", sheet(CASES, *rows))
        staged = StagedSheet.objects.first()
        assert staged is not None
        with CaptureQueriesContext(connection) as queries:
            assert f"可匯入 {number} 列" in member.get(reverse("proposals:sheet", args=[staged.pk])).content.decode()
        return len(queries)

    count(1)
    assert count(1) == count(90)


# --- Blank forms -----------------------------------------------------------------------------------------------------


def sent_back_empty(member: Client, kind: str, form: str) -> str:
    response: Any = member.get(reverse(f"proposals:import_{kind}"), {"template": form})
    content = b"".join(response.streaming_content)
    return look(member, kind, SimpleUploadedFile(f"空白.{form}", content))


@pytest.mark.parametrize("kind", ["cases", "proposals"])
@pytest.mark.parametrize("form", ["ods", "xlsx"])
def test_blank_sheet_that_comes_back_empty_has_no_lines(member: Client, kind: str, form: str) -> None:
    assert "表頭列以下沒有資料" in sent_back_empty(member, kind, form)
    assert not StagedSheet.objects.exists()


@pytest.mark.parametrize("kind", ["cases", "proposals"])
def test_blank_form_that_comes_back_empty_is_a_line_without_subject(member: Client, kind: str) -> None:
    assert "請填案由。" in sent_back_empty(member, kind, "odt")


def test_blank_sheet_offers_the_hosts_agencies(host: Client) -> None:
    response: Any = host.get(reverse("proposals:import_cases"), {"template": "xlsx"})
    book: Any = openpyxl.load_workbook(io.BytesIO(b"".join(response.streaming_content)))
    options = [cell.value for cell in book["選項"]["A"]]
    assert options[0] == "提供機關"
    assert {"大林鎮公所", "民雄國中"} < set(options)
    assert "竹崎鄉公所" not in options
    assert [cell.value for cell in book["案例"][1]][:4] == ["提供機關＊", "案由＊", "業務類別＊", "案例類型＊"]
