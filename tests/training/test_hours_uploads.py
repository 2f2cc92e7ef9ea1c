"""The upload to the national portal: its columns, its bytes, and ID numbers that are kept nowhere."""

import csv
import io
import logging
import tempfile
import zipfile
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from auditlog.models import LogEntry
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from districts.choices import Access, Function
from districts.models import Agency, Person, Posting
from personnel_portal.trail.models import Entry
from personnel_portal.uploads.models import StoredFile
from tests import build
from tests.site.clients import logged_in
from tests.training import courses, learning
from tests.training.learning import ENVIRONMENT, POLICY, record
from training.choices import HoursState, Mode, Origin
from training.models import LearningRecord, Upload, UploadLayout

pytestmark = pytest.mark.django_db

WEIGHTS = (1, 9, 8, 7, 6, 5, 4, 3, 2, 1)


@pytest.fixture(autouse=True)
def today() -> Iterator[None]:
    with time_machine.travel(build.at(build.TODAY, 10), tick=False):
        yield


@pytest.fixture
def school(cast: build.Cast) -> Agency:
    return build.listed("民雄國中")


def id_number(place: int) -> str:
    """Return the place-th made-up number with a check digit that fits; A is 10."""
    digits = f"101{place:07d}"
    rest = sum(int(digit) * weight for digit, weight in zip(digits, WEIGHTS, strict=True)) % 10
    return f"A{digits[2:]}{-rest % 10}"


def roster(people: dict[str, str], agency: str = "民雄國中") -> SimpleUploadedFile:
    rows = ["姓名,機關,身分證字號", *(f"{name},{agency},{number}" for name, number in people.items())]
    return SimpleUploadedFile("名冊.csv", "\r\n".join(rows).encode())


def make(client: Client, file: SimpleUploadedFile, **fields: object) -> HttpResponse:
    data = {
        "layout": UploadLayout.objects.filter(office=build.county()).earliest("pk").pk,
        "roster_file": file,
    } | fields
    answer: Any = client.post(reverse("training:make_upload"), data)
    return answer  # type: ignore[no-any-return]  # the test client's


def lines(content: bytes, encoding: str = "cp950") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode(encoding), newline="")))


def test_columns_are_filled_from_the_class_and_the_record(cast: build.Cast, school: Agency) -> None:
    learning.topic(ENVIRONMENT)
    clerk = courses.employee(school, name="沈雨晴")
    held = courses.training_class(
        organiser=school, hours=Decimal(6), starts=build.at(date(2026, 3, 2), 9), hours_state=HoursState.GRANTED
    )
    reference = f"training.trainingclass-{held.pk}"
    record(clerk, 4, ENVIRONMENT, course="濕地導覽", reference=reference, ends=date(2026, 3, 2))
    record(clerk, 3, course="其他班", day=date(2026, 4, 1))
    answer = make(logged_in(cast.office_reviewer), roster({"沈雨晴": "A123456789"}), training_class=held.pk)
    assert answer.headers["Content-Type"] == "text/csv"
    assert "no-store" in answer.headers["Cache-Control"]
    (line,) = lines(answer.content)
    assert len(line) == 25
    assert line == {
        "*身分證字號": "A123456789", "*課程名稱": "濕地導覽",
        "*開課起始日期": "1150302", "*開課起始時間": "09:00", "*開課結束日期": "1150302", "*開課結束時間": "16:00",
        "*姓名": "沈雨晴", "*學位學分": "6", "*課程類別代碼": "337", "*上課縣市": "61", "期別": str(held.number),
        "*訓練總數": "4", "*訓練總數單位": "1", "訓練成績": "", "證件字號": "", "出勤上課狀況": "", "生日": "",
        "*學習性質": "2", "*數位時數": "0", "*實體時數": "4", "課程代碼": "",
        "*實際上課起始日期": "1150302", "*實際上課起始時間": "09:00",
        "*實際上課結束日期": "1150302", "*實際上課結束時間": "16:00",
    }  # fmt: skip
    upload = Upload.objects.get()
    assert (upload.rows, upload.files, upload.left_out) == (1, 1, 0)
    again = make(logged_in(cast.office_reviewer), roster({"沈雨晴": "A123456789"}), training_class=held.pk)
    assert "這個範圍沒有尚未上傳的時數。" in again.content.decode()


def test_big5_file_of_7000_rows_reads_back_byte_for_byte(cast: build.Cast, school: Agency) -> None:
    unusual = {"游錫堃": "堃", "王𡍼": "𡍼"}
    names = [*unusual, "陳碁銹", *(f"職員{'甲乙丙丁'[place % 4]}{place:04d}" for place in range(697))]
    people = Person.objects.bulk_create(Person(office=build.county(), name=name) for name in names)
    Posting.objects.bulk_create(
        Posting(
            person=person, agency=school, title="科員", function=Function.HANDLER, access=Access.OWN,
            since=date(2020, 1, 1),
        )
        for person in people
    )  # fmt: skip
    environment = learning.topic(ENVIRONMENT)
    LearningRecord.objects.bulk_create(
        LearningRecord(
            person=person, agency=school, year=115, topic=environment, course=f"濕地導覽，第{number}場「上」",
            starts=date(2026, 3, 1 + number), ends=date(2026, 3, 1 + number), hours=Decimal("1.5"),
            origin=Origin.CLASS, mode=Mode.ONLINE,
        )
        for person in people
        for number in range(10)
    )  # fmt: skip
    assert LearningRecord.objects.count() == 7_000
    numbers = {name: id_number(place) for place, name in enumerate(names)}
    mine = logged_in(cast.office_reviewer)
    refused = make(mine, roster(numbers))
    assert refused.status_code == 422
    told = refused.content.decode()
    assert "20 筆無法匯出" in told
    for name, letter in unusual.items():
        assert name in told
        assert f"「姓名」的「{letter}」是 Big5 沒有的字" in told
    assert not Upload.objects.exists()

    answer = make(mine, roster(numbers), leave_out="1")

    assert answer.headers["Content-Type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        *files, listed = archive.namelist()
        contents = [archive.read(name) for name in files]
        left_out = archive.read(listed).decode("utf-8-sig")
    written = [row for name in sorted(names) if name not in unusual for row in [name]]
    expected = [
        f'{numbers[name]},"濕地導覽，第{number}場「上」",1150301,'.replace("1150301", f"11503{1 + number:02d}")
        for number in range(10)
        for name in written
    ]
    assert [content.count(b"\r\n") - 1 for content in contents] == [3_000, 3_000, 980]
    assert len(expected) == 6_980
    head = contents[0].split(b"\r\n", 1)[0] + b"\r\n"
    assert all(content.startswith(head) for content in contents)
    rows = [row for content in contents for row in lines(content)]
    assert len(rows) == 6_980
    assert b"".join(contents) == b"".join(_file(rows[start : start + 3_000]) for start in range(0, 6_980, 3_000))
    seen = {(row["*姓名"], row["*開課起始日期"]): row for row in rows}
    for name in written:
        for number in range(10):
            row = seen[name, f"11503{1 + number:02d}"]
            assert row["*身分證字號"] == numbers[name]
            assert row["*課程名稱"] == f"濕地導覽，第{number}場「上」"
            assert (row["*訓練總數"], row["*數位時數"], row["*實體時數"], row["*學習性質"]) == ("1.5", "1.5", "0", "1")
    assert "陳碁銹" in {name for name, _ in seen}  # of cp950, not of Python's big5
    assert "?" not in "".join(row["*姓名"] for row in rows)
    assert left_out.count("游錫堃") == left_out.count("王𡍼") == 10
    assert not any(number in left_out for number in numbers.values())
    assert LearningRecord.objects.not_uploaded().count() == 20


def _file(rows: list[dict[str, str]]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(rows[0])
    writer.writerows(row.values() for row in rows)
    return text.getvalue().encode("cp950")


def test_another_layout_is_a_row(cast: build.Cast, school: Agency) -> None:
    clerk = courses.employee(school, name="王𡍼堃")
    record(clerk, 2.5, course="數位課程", mode=Mode.BLENDED, digital_hours=Decimal("1.5"))
    layout = UploadLayout.objects.create(
        office=build.county(),
        name="19 欄",
        encoding="utf-8-sig",
        rows=1,
        columns=[
            {"head": "*身分證字號", "value": "id_number"},
            {"head": "*姓名", "value": "name"},
            {"head": "*起始日期", "value": "starts_on"},
            {"head": "*學習性質", "value": "mode_code"},
            {"head": "*數位時數", "value": "digital_hours"},
            {"head": "縣市", "text": "61"},
        ],
    )
    answer = make(logged_in(cast.office_reviewer), roster({"王𡍼堃": "A123456789"}), layout=layout.pk)
    assert lines(answer.content, "utf-8-sig") == [
        {
            "*身分證字號": "A123456789",
            "*姓名": "王𡍼堃",
            "*起始日期": "1150302",
            "*學習性質": "3",
            "*數位時數": "1.5",
            "縣市": "61",
        }
    ]


@pytest.mark.parametrize(
    ("columns", "sentence"),
    [
        ([], "請填各欄位的清單"),
        ({"head": "姓名"}, "請填各欄位的清單"),
        ([{"head": "姓名"}], "第 1 欄須有標題"),
        ([{"head": "姓名", "value": "name", "text": "x"}], "擇一填"),
        ([{"head": "姓名", "value": "birthday"}], "資料項「birthday」不明"),
        ([{"head": "姓名", "value": "name"}, {"head": "姓名", "text": ""}], "標題「姓名」重複"),
        ([{"head": "堃", "text": ""}], "Big5 沒有的字"),
        ([{"head": "姓名", "value": "name", "width": "3"}], "不明的設定「width」"),
        ([{"head": 1, "text": ""}], "第 1 欄須為"),
    ],
)
def test_wrong_layout_is_refused_in_a_sentence(columns: object, sentence: str) -> None:
    layout = UploadLayout(office=build.county(), name="x", columns=columns)
    with pytest.raises(ValidationError, match=sentence):
        layout.full_clean()


def test_each_row_that_cannot_go_out_says_why(cast: build.Cast, school: Agency) -> None:
    people = {
        name: courses.employee(school, name=name)
        for name in ("無身分證", "號碼有誤", "同名", "公式", "未分類", "無代碼", "混成")
    }
    topics = {"未分類": "", "無代碼": POLICY}
    for name, person in people.items():
        record(
            person, 2, topics.get(name, ENVIRONMENT), course="=SUM(A1)" if name == "公式" else "研習",
            mode=Mode.BLENDED if name == "混成" else Mode.ON_SITE,
        )  # fmt: skip
    numbers = {name: id_number(place) for place, name in enumerate(people)} | {"號碼有誤": "A123456788"}
    del numbers["無身分證"]
    rows = ["姓名,機關,身分證字號", *(f"{name},民雄國中,{number}" for name, number in numbers.items())]
    rows += [f"同名,民雄國中,{id_number(99)}", f"不明,沒有這個機關,{id_number(98)}"]
    answer = make(logged_in(cast.office_reviewer), SimpleUploadedFile("r.csv", "\r\n".join(rows).encode("cp950")))
    told = answer.content.decode()
    assert answer.status_code == 422
    for sentence in (
        "7 筆無法匯出",
        "名冊查無此人",
        "名冊中同名者有不同的身分證字號",
        "以「=」開頭",
        "未分類，請先更正這筆時數的課程類別",
        f"課程類別「{POLICY}」未設代碼，請管理人員於後台「課程類別」填入入口網站的代碼",
        "混成學習未填數位時數",
        "列「號碼有誤」的身分證字號格式或檢查碼不符",
        "的機關「沒有這個機關」查無資料",
    ):
        assert sentence in told, sentence
    assert not any(number in told for number in [*numbers.values(), id_number(99), id_number(98)])


def test_id_numbers_reach_no_disk_no_row_and_no_log(
    cast: build.Cast, school: Agency, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    clerk = courses.employee(school, name="沈雨晴")
    record(clerk, 2, ENVIRONMENT)
    mine = logged_in(cast.office_reviewer)

    def refuse(*args: object, **kwargs: object) -> None:
        raise AssertionError("a file was opened")

    for name in ("NamedTemporaryFile", "TemporaryFile", "SpooledTemporaryFile", "mkstemp"):
        monkeypatch.setattr(tempfile, name, refuse)
    monkeypatch.setattr("django.core.files.uploadedfile.TemporaryUploadedFile.__init__", refuse)
    # More than the 2.5 MB that Django would keep in memory by itself.
    filler = "\r\n".join(f"填充{place:06d},{'備' * 12}," for place in range(60_000 // 4))
    rows = f"姓名,機關,身分證字號,備註\r\n沈雨晴,民雄國中,A123456789,{'長' * 30_000}\r\n" + filler
    content = rows.encode() + b"\r\n" * 1_200_000
    assert 2_621_440 < len(content) < 5 * 1024 * 1024
    with CaptureQueriesContext(connection) as captured, caplog.at_level(logging.DEBUG):
        answer = make(mine, SimpleUploadedFile("r.csv", rows.encode()))
    assert answer.status_code == 200, answer.content.decode()[-3000:]
    assert b"A123456789" in answer.content
    kept = "".join(str(query["sql"]) for query in captured.captured_queries) + caplog.text
    kept += "".join(str(entry.detail) + entry.target_label for entry in Entry.objects.all())
    kept += "".join(str(entry.changes) for entry in LogEntry.objects.all())
    kept += str(dict(mine.session)) + "".join(answer.headers.values())
    assert "A123456789" not in kept
    assert not StoredFile.objects.exists()
    assert Entry.objects.get(act="upload.written").detail == {"rows": 1, "files": 1, "left_out": 0}


def test_large_roster_stays_in_memory_or_is_refused(cast: build.Cast, school: Agency) -> None:
    record(courses.employee(school), 2, ENVIRONMENT)
    big = SimpleUploadedFile("r.csv", b"x" * (5 * 1024 * 1024 + 1))
    answer = make(logged_in(cast.office_reviewer), big)
    assert answer.status_code == 422
    assert "名冊超過 5 MB" in answer.content.decode()


def test_form_is_still_protected_against_forged_requests(cast: build.Cast) -> None:
    careful = Client(enforce_csrf_checks=True)
    careful.force_login(cast.office_reviewer)
    assert careful.post(reverse("training:make_upload"), {}).status_code == 403


def test_upload_that_did_not_arrive_is_taken_back(cast: build.Cast, school: Agency) -> None:
    record(courses.employee(school, name="沈雨晴"), 2, ENVIRONMENT)
    mine = logged_in(cast.office_reviewer)
    make(mine, roster({"沈雨晴": "A123456789"}))
    upload = Upload.objects.get()
    assert not LearningRecord.objects.not_uploaded().exists()
    assert (
        "已取消註記" in mine.post(reverse("training:withdraw_upload", args=[upload.pk]), follow=True).content.decode()
    )
    assert LearningRecord.objects.not_uploaded().count() == 1
    for user, status in ((cast.office_reader, 403), (cast.member_officer, 404)):
        answer = logged_in(user).post(reverse("training:withdraw_upload", args=[upload.pk]))
        assert answer.status_code == status
    assert logged_in(cast.office_reader).get(reverse("training:make_upload")).status_code == 403


def test_hours_that_came_from_the_portal_do_not_go_back(cast: build.Cast, school: Agency) -> None:
    clerk = courses.employee(school, name="沈雨晴")
    record(clerk, 2, ENVIRONMENT, origin=Origin.IMPORT, in_portal=True)
    record(clerk, 2, ENVIRONMENT, in_portal=True)
    answer = make(logged_in(cast.office_reviewer), roster({"沈雨晴": "A123456789"}))
    assert "這個範圍沒有尚未上傳的時數。" in answer.content.decode()
