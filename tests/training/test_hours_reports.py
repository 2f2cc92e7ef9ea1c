"""The national portal's report: read tolerantly, compared, taken over once; 20,000 rows in time and memory."""

import io
import time
import tracemalloc
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal

import pytest
import time_machine
from auditlog.models import LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from districts.models import Agency, Person
from personnel_portal.documents import sheets
from personnel_portal.trail.models import Entry
from tests import build
from tests.site.clients import logged_in
from tests.training import courses, learning
from tests.training.learning import ENVIRONMENT, OTHER, POLICY, YEAR, record
from training.actions import reports as actions
from training.choices import Mode, Origin, Outcome
from training.models import LearningRecord, NationalReport
from training.tasks import read_reports

pytestmark = pytest.mark.django_db

HEAD = ("姓名", "服務機關", "課程名稱", "課程類別", "上課起日", "上課迄日", "學習時數", "學習性質")
DAY = "115/03/02"


@pytest.fixture(autouse=True)
def today() -> Iterator[None]:
    with time_machine.travel(build.at(build.TODAY, 10), tick=True):
        yield


@pytest.fixture
def clerk(cast: build.Cast) -> Person:
    return courses.employee(build.listed("民雄國中"), name="沈雨晴")


def text(*rows: Sequence[str], head: Sequence[str] = HEAD) -> str:
    return "\r\n".join(",".join(row) for row in (head, *rows))


def line(name: str = "沈雨晴", course: str = "濕地導覽", topic: str = ENVIRONMENT, hours: str = "3") -> list[str]:
    return [name, "民雄國中", course, topic, DAY, DAY, hours, "實體"]


def taken_in(cast: build.Cast, content: bytes, name: str = "時數報表.csv") -> NationalReport:
    """Hand a report in by the page and let the task read it."""
    mine = logged_in(cast.office_reviewer)
    answer = mine.post(reverse("training:reports"), {"file": SimpleUploadedFile(name, content), "year": str(YEAR)})
    assert answer.status_code == 302, answer.content.decode()
    report = NationalReport.objects.get()
    assert mine.get(report.get_absolute_url()).status_code == 200  # waiting
    read_reports()
    report.refresh_from_db()
    return report


def outcomes(report: NationalReport) -> list[tuple[int, str, str]]:
    return [(row.line, row.outcome, row.problem) for row in report.lines.order_by("line")]


def show(client: Client, report: NationalReport, outcome: str = "") -> str:
    return client.get(f"{report.get_absolute_url()}?outcome={outcome}").content.decode()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp950"])
def test_every_encoding_is_read(cast: build.Cast, clerk: Person, encoding: str) -> None:
    report = taken_in(cast, text(line()).encode(encoding))
    assert report.problem == ""
    assert outcomes(report) == [(2, Outcome.ONLY_THERE, "")]


@pytest.mark.parametrize("form", ["xlsx", "ods"])
def test_workbooks_are_read_with_other_headings(cast: build.Cast, clerk: Person, form: str) -> None:
    head = ["身分證字號", "學員姓名", "機關名稱", "活動名稱", "類別", "實際上課起始日期", "數位時數", "實體時數"]
    rows: list[list[sheets.Value]] = [
        ["A123456789", "沈雨晴", "嘉義縣立民雄國民中學", "e 化公文", "政策", date(2026, 3, 2), "1.5", "0.5"]
    ]
    target = io.BytesIO()
    write = {"xlsx": sheets.write_xlsx, "ods": sheets.write_ods}[form]
    write(target, head, rows)
    report = taken_in(cast, target.getvalue(), f"報表.{form}")
    (row,) = report.lines.all()
    assert (row.person, row.outcome, row.topic) == (clerk, Outcome.ONLY_THERE, learning.topic(POLICY))
    assert (row.hours, row.digital_hours, row.mode, row.ends) == (2, Decimal("1.5"), Mode.BLENDED, date(2026, 3, 2))


def test_lines_are_told_apart_by_what_stands_here(cast: build.Cast, clerk: Person) -> None:
    both = record(clerk, 3, ENVIRONMENT, course="濕地導覽")
    differing = record(clerk, 2, OTHER, course="公文寫作")
    here = record(clerk, 1, POLICY, course="施政報告")
    courses.employee(build.listed("民雄國中"), name="林同名")
    courses.employee(build.listed("民雄國中"), name="林同名")
    rows = [
        line(),
        line(course="公文寫作", topic=OTHER, hours="4"),
        line(course="線上課程"),
        line(name="林同名"),
        line(name="無此人"),
        line(course="線上課程"),
        line(hours="三"),
        [*line()[:4], "115/2/30", DAY, "3", "實體"],
        ["沈雨晴", "無此機關", *line()[2:]],
        [*line(course="去年的課")[:4], "114/3/2", "114/3/2", "3", "實體"],
    ]
    report = taken_in(cast, text(*rows).encode())
    found = {number: (outcome, problem) for number, outcome, problem in outcomes(report)}
    assert found[2] == (Outcome.BOTH, "")
    assert found[3] == (Outcome.DIFFERING, "時數：本平臺 2，入口網站 4")
    assert found[4] == (Outcome.ONLY_THERE, "")
    assert found[5] == (Outcome.PROBLEM, "民雄國中「林同名」有 2 位，無法判斷是哪一位。")
    assert found[6] == (Outcome.PROBLEM, "查無民雄國中「無此人」。")
    assert found[7] == (Outcome.PROBLEM, "與第 4 列相同。")
    assert found[8] == (Outcome.PROBLEM, "時數「三」不是數字。")
    assert found[9][0] == Outcome.PROBLEM
    assert found[10] == (Outcome.PROBLEM, "查無機關「無此機關」。")
    assert found[11] == (Outcome.PROBLEM, f"迄日不在 {YEAR} 年度。")
    assert list(actions.only_here(report)) == [here]
    mine = logged_in(cast.office_reviewer)
    assert "線上課程" in show(mine, report)
    assert "施政報告" in show(mine, report, "only_here")
    assert "無法判斷是哪一位" in show(mine, report, "problem")
    assert {row.record for row in report.lines.exclude(record=None)} == {both, differing}


def test_course_split_over_topics_is_paired_topic_by_topic(cast: build.Cast, clerk: Person) -> None:
    record(clerk, 4, ENVIRONMENT, course="綜合研習")
    record(clerk, 2, OTHER, course="綜合研習")
    rows = [line(course="綜合研習", topic=OTHER, hours="2"), line(course="綜合研習", hours="4")]
    report = taken_in(cast, text(*rows).encode())
    assert [outcome for _, outcome, _ in outcomes(report)] == [Outcome.BOTH, Outcome.BOTH]
    assert not actions.only_here(report).exists()


def test_taking_over_adds_once_and_changes_only_when_asked(cast: build.Cast, clerk: Person) -> None:
    known = record(clerk, 3, ENVIRONMENT, course="濕地導覽")
    differing = record(clerk, 2, OTHER, course="公文寫作")
    rows = [line(), line(course="公文寫作", topic=OTHER, hours="4"), line(course="線上課程")]
    report = taken_in(cast, text(*rows).encode())
    mine, url = logged_in(cast.office_reviewer), reverse("training:take_report", args=[report.pk])
    assert "已匯入 1 筆，變更 0 筆。" in mine.post(url, follow=True).content.decode()
    made = LearningRecord.objects.get(course="線上課程")
    assert (made.origin, made.agency) == (Origin.IMPORT.value, build.listed("民雄國中"))
    assert made.hours == 3
    assert made.in_portal
    for one in (known, differing):
        one.refresh_from_db()
    assert known.in_portal
    assert differing.hours == 2
    assert "已匯入 0 筆，變更 1 筆。" in mine.post(url, {"differing": "1"}, follow=True).content.decode()
    differing.refresh_from_db()
    assert differing.hours == 4
    assert differing.in_portal
    assert "已匯入 0 筆，變更 0 筆。" in mine.post(url, {"differing": "1"}, follow=True).content.decode()
    entry = Entry.objects.filter(act="national_report.taken").order_by("pk")[1]
    assert entry.detail["changes"] == [[str(differing.pk), "2.0", "4.0"]]
    assert LearningRecord.objects.filter(person=clerk).count() == 3
    report.delete()
    again = taken_in(cast, text(*rows).encode())
    assert {outcome for _, outcome, _ in outcomes(again)} == {Outcome.BOTH}


def test_record_entered_since_the_preview_is_not_doubled(cast: build.Cast, clerk: Person) -> None:
    report = taken_in(cast, text(line()).encode())
    record(clerk, 3, ENVIRONMENT, course="濕地導覽")
    assert actions.take_report(report=report, with_differing=False, by=cast.office_reviewer) == (0, 0)


def test_a_record_that_was_removed_does_not_come_back_with_its_report(cast: build.Cast, clerk: Person) -> None:
    report = taken_in(cast, text(line()).encode())
    assert actions.take_report(report=report, with_differing=False, by=cast.office_reviewer) == (1, 0)
    LearningRecord.objects.all().delete()
    for _ in range(2):
        assert actions.take_report(report=report, with_differing=False, by=cast.office_reviewer) == (0, 0)
    assert report.lines.get().outcome == Outcome.BOTH


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"\x00\x01\x02" * 50, "csv"),
        ("甲,乙\r\n1,2".encode(), "找不到欄位「姓名」「課程名稱」「實際上課起始日期」「學習時數」"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 50, "舊版 xls"),
    ],
)
def test_what_cannot_be_read_says_why_and_keeps_nothing(cast: build.Cast, content: bytes, sentence: str) -> None:
    report = taken_in(cast, content)
    assert sentence in report.problem
    assert report.content is None
    mine = logged_in(cast.office_reviewer)
    assert "無法讀取" in mine.get(report.get_absolute_url()).content.decode()
    assert "尚未匯入" not in mine.post(reverse("training:take_report", args=[report.pk]), follow=True).content.decode()
    mine.post(reverse("training:drop_report", args=[report.pk]))
    assert not NationalReport.objects.exists()


def test_file_and_its_id_numbers_are_kept_nowhere(cast: build.Cast, clerk: Person) -> None:
    content = text(["A123456789", *line()], head=["身分證字號", *HEAD]).encode()
    report = taken_in(cast, content)
    assert report.content is None
    kept = [str(row) for row in report.lines.values()] + [str(entry.changes) for entry in LogEntry.objects.all()]
    assert "A123456789" not in "".join(kept) + "".join(str(entry.detail) for entry in Entry.objects.all())


def test_task_reads_each_report_once(cast: build.Cast, clerk: Person) -> None:
    report = taken_in(cast, text(line()).encode())
    assert not actions.read_report(report=report)
    assert report.lines.count() == 1
    page = logged_in(cast.office_reviewer).get(
        report.get_absolute_url(), headers={"HX-Request": "true", "HX-Target": "progress"}
    )
    assert page.headers["HX-Refresh"] == "true"


def test_readers_see_reports_and_officers_do_not(cast: build.Cast, clerk: Person) -> None:
    report = taken_in(cast, text(line()).encode())
    assert logged_in(cast.office_reader).get(report.get_absolute_url()).status_code == 200
    assert logged_in(cast.office_reader).post(reverse("training:take_report", args=[report.pk])).status_code == 403
    assert logged_in(cast.member_officer).get(report.get_absolute_url()).status_code == 404
    assert logged_in(cast.member_officer).get(reverse("training:reports")).status_code == 403


def test_twenty_thousand_rows_are_read_in_time_and_bounded_memory(cast: build.Cast) -> None:
    agencies = list(Agency.objects.filter(office=build.county()))[:80]
    people = learning.many_people(2_000, agencies)
    rows = (
        [person.name, agency.short_name, f"數位課程{number}", ENVIRONMENT, DAY, DAY, "2", "數位"]
        for place, person in enumerate(people)
        for agency in [agencies[place % len(agencies)]]
        for number in range(10)
    )
    content = text(*rows).encode("utf-8-sig")
    report = actions.receive_report(
        office=build.county(), name="全縣.csv", content=content, year=YEAR, by=cast.office_reviewer
    )
    begun = time.perf_counter()
    assert actions.read_report(report=report)
    seconds = time.perf_counter() - begun
    assert (report.rows, report.done) == (20_000, 20_000)
    assert report.lines.filter(outcome=Outcome.ONLY_THERE).count() == 20_000
    report.lines.all().delete()
    NationalReport.objects.filter(pk=report.pk).update(content=content, read_at=None, claimed_at=None)
    tracemalloc.start()
    actions.read_report(report=NationalReport.objects.get(pk=report.pk))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 150 * 1024**2
    begun = time.perf_counter()
    assert actions.take_report(report=report, with_differing=True, by=cast.office_reviewer) == (20_000, 0)
    taken = time.perf_counter() - begun
    print(f"20,000 rows: read in {seconds:.1f} s, at most {peak / 1024**2:.0f} MB; taken over in {taken:.1f} s")
    assert LearningRecord.objects.filter(origin=Origin.IMPORT).count() == 20_000
    assert actions.take_report(report=report, with_differing=True, by=cast.office_reviewer) == (0, 0)


def test_hours_are_read_as_people_type_them(cast: build.Cast, clerk: Person) -> None:
    report = taken_in(cast, text(line(hours="１．５"), line("沈雨晴", "減塑", hours="2 小時")).encode())
    assert [(row.outcome, row.hours) for row in report.lines.all()] == [
        (Outcome.ONLY_THERE, Decimal("1.5")),
        (Outcome.ONLY_THERE, Decimal(2)),
    ]


def test_a_report_without_lines_is_told(cast: build.Cast) -> None:
    report = taken_in(cast, text().encode())
    assert report.problem == "報表沒有資料列，請確認下載的年度與範圍。"
    mine = logged_in(cast.office_reviewer)
    assert "無法讀取：報表沒有資料列" in mine.get(report.get_absolute_url()).content.decode()
    asked = mine.get(report.get_absolute_url(), headers={"HX-Request": "true", "HX-Target": "progress"})
    assert asked.headers["HX-Refresh"] == "true"  # for the buttons beside the reason


def test_a_search_stays_among_the_lines_that_the_tab_shows(cast: build.Cast, clerk: Person) -> None:
    report = taken_in(cast, text(line(), line(), line("查無此人")).encode())
    shown = show(logged_in(cast.office_reviewer), report, Outcome.PROBLEM)
    assert '<input type="hidden" name="outcome" value="problem"' in shown
    assert "<select" not in shown
    assert 'name="outcome"' in show(logged_in(cast.office_reviewer), report, Outcome.ONLY_THERE)


def test_lines_taken_over_stand_on_both_sides(cast: build.Cast, clerk: Person) -> None:
    record(clerk, 2, ENVIRONMENT, course="濕地導覽", day=date(2026, 3, 2))
    record(clerk, 1, ENVIRONMENT, course="減塑", day=date(2026, 3, 2))
    split = line(hours="2"), line(topic=POLICY, hours="1")  # one course of two topics, one of them known here
    report = taken_in(cast, text(*split, line(course="減塑", hours="3")).encode())
    assert [outcome for _, outcome, _ in outcomes(report)] == [Outcome.BOTH, Outcome.ONLY_THERE, Outcome.DIFFERING]
    assert actions.take_report(report=report, with_differing=True, by=cast.office_reviewer) == (1, 1)
    assert [outcome for _, outcome, _ in outcomes(report)] == [Outcome.BOTH] * 3
    assert not actions.only_here(report).exists()
    assert actions.take_report(report=report, with_differing=True, by=cast.office_reviewer) == (0, 0)
