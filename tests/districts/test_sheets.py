"""Agencies and people by sheet: nothing is written before the confirmation, and every refusal has its reason."""

import io
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from districts.choices import Access
from districts.models import Agency, Person, Posting, StagedSheet
from personnel_portal.accounts.models import User
from personnel_portal.documents import sheets
from personnel_portal.outbox.models import Message
from personnel_portal.trail.models import Entry
from tests import build
from tests.districts.conftest import Login

AGENCY_HEADS = ["簡稱", "全銜", "類別", "鄉鎮市", "人事人員", "機關代碼", "公務信箱", "電話", "別名"]
PEOPLE_HEADS = ["姓名", "機關", "單位", "職稱", "官職等", "職務性質", "身分別", "公務信箱", "公務電話", "使用權限", "到任日", "帳號"]  # fmt: skip
GOOD_AGENCY = ["試辦國小", "嘉義縣民雄鄉試辦國民小學", "國小", "民雄鄉", "兼任", "", "a@example.edu.tw", "05-1", "試辦、試小"]  # fmt: skip
GOOD_PERSON = ["王新人", "民雄國中", "人事室", "主任", "薦任", "人事", "公務人員", "wang@example.edu.tw", "05-2", "承辦", "115/8/1", ""]  # fmt: skip


@pytest.fixture
def admin(cast: build.Cast, login: Login) -> Client:
    return login(cast.office_admin)


def sheet_of(heads: list[str], rows: list[list[Any]], *, form: str = "xlsx") -> SimpleUploadedFile:
    target = io.BytesIO()
    if form in ("utf-8-sig", "cp950"):
        sheets.write_csv(target, heads, rows, encoding=form)  # type: ignore[arg-type]  # one of the two
        return SimpleUploadedFile("名冊.csv", target.getvalue())
    {"xlsx": sheets.write_xlsx, "ods": sheets.write_ods}[form](target, heads, rows)
    return SimpleUploadedFile(f"名冊.{form}", target.getvalue())


def upload(admin: Client, kind: str, file: SimpleUploadedFile, **data: str) -> Any:
    return admin.post(reverse(f"districts:import_{kind}"), {"file": file, **data}, follow=True)


def confirm(admin: Client) -> Any:
    sheet = StagedSheet.objects.first()
    assert sheet is not None
    return admin.post(reverse("districts:import_sheet", args=[sheet.pk]), follow=True)


def changed(row: list[str], **cells: str) -> list[str]:
    """Return the row with other cells, named c0 … c11."""
    return [cells.get(f"c{index}", cell) for index, cell in enumerate(row)]


@pytest.mark.parametrize("form", ["xlsx", "ods", "utf-8-sig", "cp950"])
def test_agencies_come_in_after_the_confirmation(admin: Client, form: str) -> None:
    page = upload(admin, "agencies", sheet_of(AGENCY_HEADS, [GOOD_AGENCY], form=form)).content.decode()
    assert "可匯入 1 列。" in page
    assert not Agency.objects.filter(short_name="試辦國小").exists()
    assert "已匯入 1 筆。" in confirm(admin).content.decode()
    agency = Agency.objects.get(short_name="試辦國小")
    assert (agency.kind, agency.staffing, str(agency.township)) == ("elementary", "part_time", "民雄鄉")
    assert Agency.objects.named("試小").get() == agency
    entry = Entry.objects.get(act="agencies.imported")
    assert entry.detail["names"] == ["試辦國小"]


@pytest.mark.parametrize(
    ("cells", "problem"),
    [
        ({"c0": "民雄國中"}, "「民雄國中」已登錄。"),
        ({"c0": ""}, "請填簡稱。"),
        ({"c2": "大學"}, "類別「大學」不在選項內，請填 人事處、縣級機關、"),
        ({"c2": "人事處"}, "人事處本身不以匯入登錄。"),
        ({"c3": "台北"}, "找不到鄉鎮市「台北」。"),
        ({"c4": "全職"}, "人事人員「全職」不在選項內，請填 專任、兼任、兼辦。"),
        ({"c6": "not-a-mail"}, "公務信箱不是有效的電子郵件地址。"),
        ({"c1": "長" * 61}, "全銜"),
        ({"c0": "=cmd|calc"}, "簡稱不得以「=」開頭。"),
    ],
)
def test_wrong_agency_is_refused_with_its_reason(admin: Client, cells: dict[str, str], problem: str) -> None:
    page = upload(admin, "agencies", sheet_of(AGENCY_HEADS, [changed(GOOD_AGENCY, **cells)])).content.decode()
    assert problem in page
    assert "不會匯入" in page
    assert "沒有可匯入的資料列" in confirm(admin).content.decode()


def test_people_come_in_with_posts_and_invitations(admin: Client) -> None:
    rows = [
        GOOD_PERSON,
        changed(GOOD_PERSON, c0="李無信", c7=""),
        changed(GOOD_PERSON, c0="張有帳", c11="chang", c7="c@x.tw"),
    ]
    page = upload(admin, "people", sheet_of(PEOPLE_HEADS, rows), invite="on").content.decode()
    assert "可匯入 3 列。將建立 2 個帳號並寄送邀請信。" in page
    assert not Message.objects.exists()
    confirm(admin)
    posting = Posting.objects.select_related("person__user", "agency").get(person__name="王新人")
    assert (posting.agency.short_name, posting.access, posting.since.isoformat()) == ("民雄國中", "work", "2026-08-01")
    assert posting.person.user == User.objects.get(username="wang")
    assert Person.objects.get(name="李無信").user is None
    assert set(Message.objects.values_list("to", flat=True)) == {"wang@example.edu.tw", "c@x.tw"}


@pytest.mark.parametrize(
    ("cells", "problem"),
    [
        ({"c1": "無此機關"}, "找不到機關「無此機關」，請填簡稱或全銜。"),
        ({"c0": "吳成員"}, "民雄國中已登錄吳成員。"),
        ({"c7": "壞信箱"}, "公務信箱不是有效的電子郵件地址。"),
        ({"c10": "115/2/30"}, "到任日：沒有115年2月30日這一天，請檢查月份與日數。"),
        ({"c10": ""}, "到任日：請填日期，例如 113/6/30。"),
        ({"c5": "工友"}, "職務性質「工友」不在選項內，請填 主管、承辦、人事。"),
        ({"c9": "管理"}, "「管理」權限僅限本處人員，民雄國中請填承辦或唯讀。"),
        ({"c11": "host"}, "帳號「host」已有人使用，請於「帳號」欄另填。"),
        ({"c11": "有 空白"}, "帳號："),
        ({"c3": ""}, "請填職稱。"),
        ({"c0": "@SUM(A1)"}, "姓名不得以「@」開頭。"),
    ],
)
def test_wrong_person_is_refused_with_its_reason(admin: Client, cells: dict[str, str], problem: str) -> None:
    file = sheet_of(PEOPLE_HEADS, [changed(GOOD_PERSON, **cells)])
    assert problem in upload(admin, "people", file, invite="on").content.decode()


def test_good_lines_come_in_and_bad_ones_go_back(admin: Client) -> None:
    twice = changed(GOOD_PERSON, c0="重複人")
    rows = [GOOD_PERSON, changed(GOOD_PERSON, c0="陳<b>", c1="無此機關"), twice, twice]
    page = upload(admin, "people", sheet_of(PEOPLE_HEADS, rows)).content.decode()
    assert "可匯入 1 列，3 列有問題，不會匯入。" in page
    assert "陳&lt;b&gt;" in page
    done = confirm(admin).content.decode()
    assert "已匯入 1 筆。3 列未匯入，可下載修正後再上傳。" in done
    sheet = StagedSheet.objects.get()
    response: Any = admin.get(reverse("districts:refused_rows", args=[sheet.pk]))
    handed_back: Any = openpyxl.load_workbook(io.BytesIO(b"".join(response.streaming_content))).active
    lines = [[cell or "" for cell in line] for line in handed_back.iter_rows(values_only=True)]
    assert lines[0] == [*PEOPLE_HEADS, "未匯入原因"]
    assert lines[1][0] == "陳<b>"
    assert lines[1][-1] == "找不到機關「無此機關」，請填簡稱或全銜。"
    assert lines[2][-1] == "民雄國中的重複人在檔案中重複。"


def test_second_click_imports_nothing_twice(admin: Client) -> None:
    upload(admin, "people", sheet_of(PEOPLE_HEADS, [GOOD_PERSON]))
    confirm(admin)
    assert "這份檔案已經匯入，不會重複匯入。" in confirm(admin).content.decode()
    assert Person.objects.filter(name="王新人").count() == 1


def test_what_changed_meanwhile_is_judged_anew(admin: Client) -> None:
    upload(admin, "people", sheet_of(PEOPLE_HEADS, [GOOD_PERSON]))
    build.officer(build.listed("民雄國中"), name="王新人")
    assert "沒有可匯入的資料列" in confirm(admin).content.decode()


def test_sheet_belongs_to_who_uploaded_it(admin: Client, cast: build.Cast, login: Login) -> None:
    upload(admin, "people", sheet_of(PEOPLE_HEADS, [GOOD_PERSON]))
    other = build.officer(build.listed("人事處"), access=Access.ADMIN, name="另一管理")
    sheet = StagedSheet.objects.get()
    assert login(other).get(reverse("districts:sheet", args=[sheet.pk])).status_code == 404
    assert login(cast.office_reviewer).post(reverse("districts:import_sheet", args=[sheet.pk])).status_code == 404


def macro_workbook() -> bytes:
    book = openpyxl.Workbook()
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()[:200]


@pytest.mark.parametrize(
    ("file", "sentence"),
    [
        (SimpleUploadedFile("空.csv", b""), "檔案是空的，請確認內容後再上傳。"),
        (SimpleUploadedFile("亂.csv", b"\xff\x81\x00\x8d"), "無法辨識檔案的文字編碼"),
        (SimpleUploadedFile("舊.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"0" * 100), "無法讀取舊版 xls"),
        (SimpleUploadedFile("壞.xlsx", macro_workbook()), "已損壞或不完整"),
        (SimpleUploadedFile("錯.csv", "甲,乙\n1,2\n".encode()), "找不到欄位「姓名」「機關」「職稱」「到任日」"),
        (SimpleUploadedFile("頭.csv", ",".join(PEOPLE_HEADS).encode()), "表頭列以下沒有資料，請填妥後再上傳。"),
        (SimpleUploadedFile("多.csv", ("姓名,機關,職稱,到任日\n" + "王,甲,乙,113/1/1\n" * 6000).encode()), "一次最多讀取 5,000 列，請分成數個檔案。"),
    ],
)  # fmt: skip
def test_hostile_file_is_answered_by_a_sentence(admin: Client, file: SimpleUploadedFile, sentence: str) -> None:
    file.seek(0)
    response = upload(admin, "people", file)
    assert (response.status_code, sentence in response.content.decode()) == (422, True)
    assert not StagedSheet.objects.exists()


def test_formula_cell_comes_in_as_its_value(admin: Client) -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.append(PEOPLE_HEADS)
    book.active.append(["=1+1", *GOOD_PERSON[1:]])
    target = io.BytesIO()
    book.save(target)
    page = upload(admin, "people", SimpleUploadedFile("式.xlsx", target.getvalue())).content.decode()
    assert "請填姓名。" in page, "a formula that no program has computed has no value"


def test_big5_with_characters_of_one_machine_is_refused(admin: Client) -> None:
    """Big5's user-defined area (造字) means something else on every machine."""
    text = (
        (",".join(PEOPLE_HEADS) + "\n" + ",".join(GOOD_PERSON))
        .encode("cp950")
        .replace("王".encode("cp950"), b"\xfa\x40")
    )
    response = upload(admin, "people", SimpleUploadedFile("五.csv", text))
    assert (
        "第 2 列「�@新人」有 Big5 沒有的字（如自造字），無法辨識。請以 UTF-8 儲存後再試。" in response.content.decode()
    )


@pytest.mark.parametrize("form", ["ods", "xlsx", "csv"])
def test_template_can_be_filled_and_uploaded(admin: Client, form: str) -> None:
    response: Any = admin.get(reverse("districts:import_agencies"), {"template": form})
    content = b"".join(response.streaming_content)
    Agency.objects.filter(short_name="三興國小").update(short_name="三興", folded="|三興|")
    page = upload(admin, "agencies", SimpleUploadedFile(f"範本.{form}", content)).content.decode()
    assert "可匯入 1 列。" in page


def test_import_queries_do_not_grow(admin: Client) -> None:
    def count(number: int, prefix: str) -> int:
        rows = [changed(GOOD_PERSON, c0=f"{prefix}{index}") for index in range(number)]
        upload(admin, "people", sheet_of(PEOPLE_HEADS, rows))
        sheet = StagedSheet.objects.first()
        assert sheet is not None
        with CaptureQueriesContext(connection) as queries:
            admin.post(reverse("districts:import_sheet", args=[sheet.pk]))
        return len(queries)

    count(1, "暖")
    few = count(1, "甲")
    assert count(300, "乙") <= few + 4, "SQLite splits a bulk write into some statements"


def test_sheets_are_forgotten_after_a_week(admin: Client) -> None:
    upload(admin, "people", sheet_of(PEOPLE_HEADS, [GOOD_PERSON]))
    StagedSheet.objects.update(made_at=build.at(build.TODAY.replace(day=14)))
    upload(admin, "people", sheet_of(PEOPLE_HEADS, [GOOD_PERSON]))
    assert StagedSheet.objects.count() == 1


def test_account_of_an_imported_person_needs_its_password_chosen(admin: Client) -> None:
    upload(admin, "people", sheet_of(PEOPLE_HEADS, [GOOD_PERSON]), invite="on")
    confirm(admin)
    assert not User.objects.get(username="wang").has_usable_password()
