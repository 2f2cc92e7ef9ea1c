"""Importing the government's calendar file, closures, and what a calendar that is not loaded says."""

import random
from datetime import date, timedelta

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from districts.actions.calendar import declare_closure, import_calendar, withdraw_closure
from districts.calendar import LoadedYear, coverage, office_calendar, warning
from districts.models import CalendarDay
from personnel_portal.rules.worktime import OfficeCalendar, Policy
from personnel_portal.trail.models import Entry
from tests import build

pytestmark = pytest.mark.django_db

FILE_116 = settings.BASE_DIR / "fixtures/calendar/office-calendar-116.csv"
HEADER = "西元日期,星期,是否放假,備註"


def year_file(year: int, *, changes: dict[int, str] | None = None, leave_out: int = 0) -> str:
    """Return a year in the government's layout with rows (the header is row 1) changed or one left out."""
    first = date(year, 1, 1)
    days = [first + timedelta(days=n) for n in range((date(year + 1, 1, 1) - first).days)]
    rows = [HEADER] + [
        f"{day:%Y%m%d},{'一二三四五六日'[day.weekday()]},{2 if day.weekday() > 4 else 0}," for day in days
    ]
    for number, row in (changes or {}).items():
        rows[number - 1] = row
    if leave_out:
        del rows[leave_out - 1]
    return "\r\n".join(rows) + "\r\n"


def rows_of(year: int) -> list[tuple[date, bool, str]]:
    return list(CalendarDay.objects.of_years(year, year).values_list("day", "is_off", "note"))


def test_shipped_years_are_loaded() -> None:
    assert coverage() == [
        LoadedYear(2023, 116, 6),
        LoadedYear(2024, 115, 1),
        LoadedYear(2025, 118, 1),
        LoadedYear(2026, 120, 0),
        LoadedYear(2027, 121, 0),
    ]
    assert [year.roc_year for year in coverage()] == [112, 113, 114, 115, 116]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp950"])
def test_import_reads_what_offices_send(encoding: str) -> None:
    text = FILE_116.read_text(encoding="utf-8-sig")
    CalendarDay.objects.of_years(2027, 2027).delete()
    summary = import_calendar(content=text.encode(encoding), by=None)
    assert str(summary) == "116年辦公日曆已匯入；放假 121 日，補行上班 0 日。"
    assert summary.is_new
    assert len(rows_of(2027)) == 365
    assert rows_of(2027)[0] == (date(2027, 1, 1), True, "開國紀念日")


def test_import_replaces_the_year_and_tells_what_changed() -> None:
    text = FILE_116.read_text(encoding="utf-8-sig")
    changed = text.replace("20270104,一,0,", "20270104,一,2,調整放假").replace(
        "20270102,六,2,", "20270102,六,0,補行上班"
    )
    others = rows_of(2026)
    summary = import_calendar(content=changed.encode(), by=None)
    assert summary.changed == (date(2027, 1, 2), date(2027, 1, 4))
    assert summary.working_weekends == (date(2027, 1, 2),)
    assert str(summary) == "116年辦公日曆已更新，與原日曆不同 2 日；放假 121 日，補行上班 1 日。"
    assert CalendarDay.objects.get(day=date(2027, 1, 4)).note == "調整放假"
    assert rows_of(2026) == others
    again = import_calendar(content=changed.encode(), by=None)
    assert (again.is_new, again.changed) == (False, ())


def test_import_takes_rows_in_any_order_and_leap_years() -> None:
    header, *rows = year_file(2028).splitlines()
    random.Random(1).shuffle(rows)
    summary = import_calendar(content="\n".join([header, *rows, "", ",,,"]).encode(), by=None)
    assert (summary.year, len(rows_of(2028))) == (2028, 366)


def test_import_is_in_the_trail() -> None:
    admin = build.officer(build.listed("人事處"))
    import_calendar(content=year_file(2028).encode(), by=admin)
    entry = Entry.objects.get(act="calendar.imported", actor=admin)
    assert (entry.office_id, entry.detail["year"]) == (build.county().pk, 2028)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "第 1 列須為欄位名稱：西元日期、星期、是否放假、備註。"),
        (b"\xff\xfe\x00\x01", "檔案編碼須為 UTF-8 或 Big5。"),
        (b"PK\x03\x04\x14\x00", "第 1 列須為欄位名稱：西元日期、星期、是否放假、備註。"),
        (HEADER.encode(), "檔案沒有任何日期，請上傳整年度的辦公日曆表。"),
        ("日期,星期,是否放假,備註\n".encode(), "第 1 列須為欄位名稱：西元日期、星期、是否放假、備註。"),
        (b"x" * 200_001, "檔案過大，請上傳單一年度的辦公日曆表 CSV。"),
        (b"x" * 150_000, "檔案不是 CSV 格式，請上傳辦公日曆表 CSV。"),
        (year_file(2028, leave_out=61).encode(), "年度不完整：缺少 117年2月29日（二）。"),
        (year_file(2028, leave_out=367).encode(), "年度不完整：缺少 117年12月31日（日）。"),
        (year_file(2028, changes={5: "20280103,一,0,"}).encode(), "第 5 列：117年1月3日（一）重複出現。"),
        (year_file(2028, changes={5: "20280104,一,0,"}).encode(), "第 5 列：117年1月4日（二）的星期應為「二」。"),
        (year_file(2028, changes={5: "20280104,二,1,"}).encode(), "第 5 列：是否放假須為 2（放假）或 0（上班）。"),
        (year_file(2028, changes={5: "20280104,二,2"}).encode(), "第 5 列有 3 欄，應為 4 欄。"),
        (
            year_file(2028, changes={5: "2028/1/4,二,0,"}).encode(),
            "第 5 列：西元日期須為 8 位數字的日期，如 20270101。",
        ),
        (year_file(2028, changes={5: "1170104,二,0,"}).encode(), "第 5 列：西元日期須為 8 位數字的日期，如 20270101。"),
        (
            year_file(2028, changes={5: "20280230,二,0,"}).encode(),
            "第 5 列：西元日期須為 8 位數字的日期，如 20270101。",
        ),
        (
            year_file(2028, changes={5: "00010101,一,0,"}).encode(),
            "第 5 列：西元日期須為 8 位數字的日期，如 20270101。",
        ),
        (year_file(2028, changes={5: "20280104,二,0,\x00"}).encode(), "第 5 列：備註須為 60 字以內的文字。"),
        (year_file(2028, changes={5: f"20280104,二,0,{'註' * 61}"}).encode(), "第 5 列：備註須為 60 字以內的文字。"),
        (year_file(2028, changes={5: "20290104,四,0,"}).encode(), "一個檔案只能有一個年度，請分別匯入。"),
    ],
)
def test_import_refuses_in_one_sentence(content: bytes, sentence: str) -> None:
    before = list(CalendarDay.objects.values_list("day", "is_off", "note"))
    with pytest.raises(ValidationError) as refusal:
        import_calendar(content=content, by=None)
    assert refusal.value.messages == [sentence]
    assert list(CalendarDay.objects.values_list("day", "is_off", "note")) == before


@given(
    st.one_of(
        st.binary(max_size=300), st.text(max_size=300).map(lambda text: f"{HEADER}\n{text}".encode("utf-8", "replace"))
    )
)
@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_import_answers_anything_with_one_sentence(content: bytes) -> None:
    with pytest.raises(ValidationError) as refusal:
        import_calendar(content=content, by=None)
    assert len(refusal.value.messages) == 1


def test_office_calendar_takes_one_query_and_crosses_new_year() -> None:
    county = build.county()
    with CaptureQueriesContext(connection) as queries:
        calendar = office_calendar(county, 2025)
    assert len(queries) == 1
    assert calendar.covers(date(2024, 12, 1))
    assert calendar.covers(date(2026, 1, 31))
    assert calendar.effective(date(2026, 1, 1), Policy.PREVIOUS) == date(2025, 12, 31)
    assert len(calendar.days) == 365 + 31 + 31


def test_office_calendar_agrees_with_the_plans_deadlines() -> None:
    plan = build.plan(year=113)
    calendar = office_calendar(plan.office_id, plan.starts.year, plan.ends.year)
    deadlines = {d.duty: d for d in plan.deadlines.exclude(nominal=None)}
    effective = {duty: calendar.effective(d.nominal, d.holiday_policy) for duty, d in deadlines.items() if d.nominal}
    assert effective == {"meetings.hold.A": date(2024, 6, 30), "meetings.hold.B": date(2024, 8, 31)}
    assert calendar.on_or_after(plan.starts) == date(2023, 10, 2)


def test_closure_moves_deadlines_of_its_office_only() -> None:
    county, other = build.county(), build.office()
    sunday, monday = date(2024, 6, 30), date(2024, 7, 1)
    closure = declare_closure(office=county, day=monday, reason=" 颱風 ", by=None)
    assert closure.reason == "颱風"
    assert office_calendar(county, 2024).effective(sunday, Policy.NEXT) == date(2024, 7, 2)
    assert office_calendar(other, 2024).effective(sunday, Policy.NEXT) == monday
    withdraw_closure(closure=closure, by=None)
    assert office_calendar(county, 2024).effective(sunday, Policy.NEXT) == monday
    assert list(Entry.objects.filter(office_id=county.pk).values_list("act", flat=True).order_by("pk")) == [
        "closure.declared",
        "closure.withdrawn",
    ]


def test_closure_is_declared_once_and_with_a_reason() -> None:
    day = date(2026, 11, 23)
    declare_closure(office=build.county(), day=day, reason="颱風", by=None)
    with pytest.raises(ValidationError, match="115年11月23日（一）已登錄停止上班（颱風）。"):
        declare_closure(office=build.county(), day=day, reason="地震", by=None)
    with pytest.raises(ValidationError, match="請填停止上班事由。"):
        declare_closure(office=build.county(), day=date(2026, 11, 24), reason=" ", by=None)


def test_warning_names_the_years_that_are_not_loaded() -> None:
    calendar = office_calendar(build.county(), 2027, 2029)
    assert warning(calendar, [date(2027, 8, 31)]) == ""
    assert warning(calendar, [date(2027, 8, 31), date(2028, 8, 31)]) == "117年辦公日曆尚未匯入，僅排除週六、週日。"
    assert warning(calendar, [date(2029, 6, 30), date(2028, 10, 10)]) == (
        "117年、118年辦公日曆尚未匯入，僅排除週六、週日。117年10月10日（二）可能放假（國慶日）。"
    )


def test_warning_needs_no_office() -> None:
    assert warning(OfficeCalendar(), []) == ""
