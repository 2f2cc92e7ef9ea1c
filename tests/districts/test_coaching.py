"""The monthly 輔導分配表: rules, versions, entry on the page, sheets, and the same again."""

import datetime as dt
import io
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from districts.actions.coaching import file_coaching_table, repeat_coaching_table
from districts.forms.coaching import read_month
from districts.models import Agency, CoachingTable, District, Person
from personnel_portal.documents import sheets
from tests import build
from tests.districts.conftest import Login

NOVEMBER, DECEMBER = dt.date(2026, 11, 1), dt.date(2026, 12, 1)


@pytest.fixture
def north(cast: build.Cast) -> District:
    return build.district("北平原區")


@pytest.fixture
def officer(cast: build.Cast) -> Person:
    return cast.host_officer.person


@pytest.fixture
def school(cast: build.Cast) -> Agency:
    return Agency.objects.get(short_name="三興國小")


def rows_of(*rows: tuple[str, str]) -> dict[str, str]:
    data = {"rows-TOTAL_FORMS": str(len(rows)), "rows-INITIAL_FORMS": "0", "note": ""}
    for number, (officer, agency) in enumerate(rows):
        data |= {f"rows-{number}-officer": officer, f"rows-{number}-agency": agency}
    return data


def test_filing_makes_versions(north: District, officer: Person, school: Agency, cast: build.Cast) -> None:
    first = file_coaching_table(district=north, month=NOVEMBER, rows=[(officer, school)], by=cast.host_officer)
    second = file_coaching_table(district=north, month=NOVEMBER, rows=[], by=cast.host_officer, note="本月無")
    assert (first.version, second.version) == (1, 2)
    assert [row.agency for row in first.rows.all()] == [school]
    assert CoachingTable.objects.valid_on(dt.date(2026, 11, 22), north) == second


def refusal(district: District, rows: list[tuple[Person, Agency]], month: dt.date = NOVEMBER) -> list[str]:
    with pytest.raises(ValidationError) as refused:
        file_coaching_table(district=district, month=month, rows=rows, by=None)
    assert not CoachingTable.objects.filter(district=district).exists()
    return refused.value.messages


def test_members_are_not_coached(north: District, officer: Person) -> None:
    assert refusal(north, [(officer, build.listed("竹崎鄉公所"))]) == ["竹崎鄉公所是山區成員，不列入輔導。"]


def test_officer_must_work_in_the_district(north: District, school: Agency, cast: build.Cast) -> None:
    stranger = cast.neighbour_host.person
    assert refusal(north, [(stranger, school)]) == ["張鄰區當日不在本分區成員機關任職，不能擔任輔導人員。"]


def test_agency_has_one_coach(north: District, officer: Person, school: Agency) -> None:
    twice = [(officer, school), (officer, school)]
    assert refusal(north, twice) == ["三興國小重複列出，每一機關由一人輔導。"]


def test_agency_is_coached_in_one_district(north: District, officer: Person, school: Agency, cast: build.Cast) -> None:
    mountain = build.district("山區")
    table = build.coaching_table(district=mountain, rows={school: cast.neighbour_host.person})
    assert refusal(north, [(officer, school)]) == ["三興國小已由山區輔導。"]
    build.coaching_table(district=mountain, rows={}, version=table.version + 1)
    file_coaching_table(district=north, month=NOVEMBER, rows=[(officer, school)], by=None)


def test_agency_of_another_office_is_not_coached(north: District, officer: Person) -> None:
    elsewhere = build.agency(short_name="外縣國小", office=build.office())
    assert refusal(north, [(officer, elsewhere)]) == ["外縣國小不是本人事處使用中的機關。"]


def test_month_outside_the_plan_is_refused(north: District) -> None:
    assert refusal(north, [], dt.date(2027, 10, 1)) == ["116年10月不在計畫期間。"]


def test_page_files_what_was_typed(north: District, school: Agency, cast: build.Cast, login: Login) -> None:
    url = reverse("districts:file_coaching", args=[north.pk])
    page: Any = login(cast.host_officer).post(url, rows_of(("黃承辦（大林鎮公所）", "三興國小"), ("", "")), follow=True)
    assert "已報送115年11月分配表第 1 版。" in page.content.decode()
    table = CoachingTable.objects.get(district=north)
    assert [(row.officer.name, row.agency) for row in table.rows.all()] == [("黃承辦", school)]


def test_page_says_what_is_wrong_beside_each_row(north: District, cast: build.Cast, login: Login) -> None:
    url = reverse("districts:file_coaching", args=[north.pk])
    rows = rows_of(("無此人", "三興國小"), ("黃承辦", "無此校"), ("黃承辦", "民雄國中"), ("黃承辦", ""))
    response = login(cast.host_officer).post(url, rows)
    page = response.content.decode()
    assert response.status_code == 422
    for sentence in [
        "分配表有 4 處需要修正",
        "找不到輔導人員「無此人」，請從清單選擇。",
        "找不到機關「無此校」，請填簡稱或全銜。",
        "民雄國中是北平原區成員，不列入輔導。",
        "請填受輔導機關。",
    ]:
        assert sentence in page
    assert 'value="無此校"' in page
    assert not CoachingTable.objects.exists()


def test_empty_table_must_be_said(north: District, cast: build.Cast, login: Login) -> None:
    client, url = login(cast.host_officer), reverse("districts:file_coaching", args=[north.pk])
    assert "本月沒有輔導機關者，請勾選此項" in client.post(url, rows_of(("", ""))).content.decode()
    client.post(url, rows_of(("", "")) | {"none": "on"})
    assert CoachingTable.objects.get(district=north).rows.count() == 0
    assert "本月無" in client.get(reverse("districts:coaching", args=[north.pk])).content.decode()


def test_more_rows_keep_what_was_typed(north: District, cast: build.Cast, login: Login) -> None:
    url = reverse("districts:file_coaching", args=[north.pk])
    response = login(cast.host_officer).post(url, rows_of(("黃承", "三興")) | {"more": "1"})
    page = response.content.decode()
    assert response.status_code == 200
    assert ('value="黃承"' in page, 'name="rows-5-officer"' in page) == (True, True)


def upload(rows: list[list[Any]], *, form: str = "ods") -> SimpleUploadedFile:
    target = io.BytesIO()
    if form == "big5":
        sheets.write_csv(target, rows[0], rows[1:], encoding="cp950")
        return SimpleUploadedFile("分配表.csv", target.getvalue())
    {"ods": sheets.write_ods, "xlsx": sheets.write_xlsx}[form](target, rows[0], rows[1:])
    return SimpleUploadedFile(f"分配表.{form}", target.getvalue())


@pytest.mark.parametrize("form", ["ods", "xlsx", "big5"])
def test_sheet_fills_the_page_and_files_nothing(north: District, cast: build.Cast, login: Login, form: str) -> None:
    url = reverse("districts:import_coaching", args=[north.pk])
    file = upload([["月份", "輔導人員（姓名）", "受輔導 機關"], ["115/11", "黃承辦", "三興國小"], ["", "黃承辦", "竹崎鄉公所"]], form=form)  # fmt: skip
    page = login(cast.host_officer).post(url, {"file": file}).content.decode()
    assert 'value="三興國小"' in page
    assert "竹崎鄉公所是山區成員，不列入輔導。" in page
    assert not CoachingTable.objects.exists()


def test_sheet_of_another_month_or_with_other_heads_is_refused(north: District, cast: build.Cast, login: Login) -> None:
    client, url = login(cast.host_officer), reverse("districts:import_coaching", args=[north.pk])
    wrong_month = upload([["月份", "輔導人員", "受輔導機關"], ["115年10月", "黃承辦", "三興國小"]])
    assert "第 2 列的月份「115年10月」不是115年11月" in client.post(url, {"file": wrong_month}).content.decode()
    wrong_heads = upload([["甲", "乙"], ["1", "2"]])
    assert "找不到欄位「輔導人員」「受輔導機關」" in client.post(url, {"file": wrong_heads}).content.decode()


def test_same_as_last_month_in_one_click(
    north: District, officer: Person, school: Agency, cast: build.Cast, login: Login
) -> None:
    october = dt.date(2026, 10, 1)
    build.coaching_table(district=north, rows={school: officer}, month=october)
    client = login(cast.host_officer)
    page: Any = client.post(reverse("districts:repeat_coaching", args=[north.pk]), follow=True)
    assert "已報送115年11月分配表第 1 版，與前次相同。" in page.content.decode()
    table = CoachingTable.objects.get(district=north, month=NOVEMBER)
    assert (table.note, table.rows.get().agency) == ("沿用115年10月第 1 版", school)


def test_repeat_refuses_who_has_left(north: District, officer: Person, school: Agency) -> None:
    build.coaching_table(district=north, rows={school: officer}, month=dt.date(2026, 10, 1))
    officer.postings.update(until=dt.date(2026, 11, 1))
    with pytest.raises(ValidationError, match="黃承辦當日不在本分區成員機關任職"):
        repeat_coaching_table(district=north, month=NOVEMBER, by=None)


def test_repeat_without_an_earlier_table_is_refused(north: District) -> None:
    with pytest.raises(ValidationError, match="沒有以前月份的分配表可以沿用"):
        repeat_coaching_table(district=north, month=NOVEMBER, by=None)


def test_older_version_is_shown(
    north: District, officer: Person, school: Agency, cast: build.Cast, login: Login
) -> None:
    first = build.coaching_table(district=north, rows={school: officer})
    build.coaching_table(district=north, rows={}, version=2)
    client, url = login(cast.member_officer), reverse("districts:coaching", args=[north.pk])
    assert "本月無輔導區兼任(辦)機關。" in client.get(url).content.decode()
    assert "三興國小" in client.get(url, {"table": first.pk}).content.decode()


@pytest.mark.parametrize(
    ("text", "month"),
    [
        ("115/11", NOVEMBER),
        ("11511", NOVEMBER),
        ("115年11月", NOVEMBER),
        ("115/11/1", NOVEMBER),
        ("2026-11", NOVEMBER),
        ("1151101", NOVEMBER),
        ("11", NOVEMBER),
        ("12月", DECEMBER),
        ("本月", None),
        ("13", None),
    ],
)
def test_month_is_read_as_written(text: str, month: dt.date | None) -> None:
    assert read_month(text, NOVEMBER) == month
