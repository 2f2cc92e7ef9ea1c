"""Figures by sheet: judged line by line, imported in bulk, handed out in the same columns."""

import io
import time
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from districts.models import Agency, Plan, StagedSheet
from kpi.actions import actuals
from kpi.choices import EntryState, Formula, Frequency
from kpi.forms.actual_sheet import LAYOUT
from kpi.models import Actual, Unit
from personnel_portal.documents import sheets
from tests import build
from tests.kpi import targets

YEAR = targets.YEAR


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with time_machine.travel(build.at(build.TODAY, 10), tick=False):
        yield


@pytest.fixture
def plan(cast: build.Cast) -> Plan:
    """A plan of 115: 1-1 is a share reported quarterly, 1-2 months kept."""
    made = targets.plan()
    targets.indicator(made, formula=Formula.RATIO, target="80", name="健康檢查受檢情形")
    targets.indicator(made, formula=Formula.MONTHS_KEPT, frequency=Frequency.MONTH, target="60", name="加班費")
    return made


def client(user: Any) -> Client:
    found = Client()
    found.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return found


def line(code: str, period: str, value: str = "", n: str = "", d: str = "", agency: str = "大林鎮公所") -> list[str]:
    return [agency, str(YEAR), code, "", period, value, n, d, "", ""]


def upload(mine: Client, plan: Plan, lines: Sequence[Sequence[str]], form: str = "xlsx") -> Any:
    target = io.BytesIO()
    {"xlsx": sheets.write_xlsx, "ods": sheets.write_ods}[form](target, LAYOUT.labels, lines)
    file = SimpleUploadedFile(f"實績.{form}", target.getvalue())
    return mine.post(reverse("kpi:import_actuals"), {"plan": plan.pk, "file": file}, follow=True)


def take(mine: Client) -> Any:
    sheet = StagedSheet.objects.latest("pk")
    return mine.post(reverse("kpi:take_actuals", args=[sheet.pk]), follow=True)


@pytest.mark.parametrize("form", ["xlsx", "ods"])
def test_a_unit_brings_its_figures_in_as_drafts(cast: build.Cast, plan: Plan, form: str) -> None:
    mine = client(cast.host_officer)
    page = upload(
        mine, plan, [line("1-1", "第 1 季", n="8", d="10"), line("1-2", "3月", "1"), line("1-2", "4", "0")], form
    )
    assert "可匯入 3 列" in page.content.decode()
    assert "成為大林鎮公所草稿" in page.content.decode()
    assert "已匯入 3 筆。" in take(mine).content.decode()
    assert {(a.indicator.code, a.period, str(a.state)) for a in Actual.objects.all()} == {
        ("1-1", 1, "draft"),
        ("1-2", 3, "draft"),
        ("1-2", 4, "draft"),
    }
    exported = mine.get(f"{reverse('kpi:export_actuals', args=[plan.pk, form])}?year={YEAR}")
    rows = list(sheets.read(io.BytesIO(exported.getvalue())))
    found = [line.cells for line in sheets.table(rows, LAYOUT.columns, optional=LAYOUT.optional)]
    assert [(str(cells["code"]), cells["period"]) for cells in found] == [
        ("1-1", "第 1 季"),
        ("1-2", "3 月"),
        ("1-2", "4 月"),
    ]
    assert [float(str(found[0][part])) for part in ("numerator", "denominator")] == [8, 10]


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        (line("9-9", "1", "1"), "計畫中沒有編號「9-9」的指標。"),
        (line("1-1", "5", n="1", d="2"), "期別「5」不是每季填報的期別，請填 1 至 4。"),
        (line("1-1", "1", "0.8"), "1-1 填分子、分母，不填數值。"),
        (line("1-1", "1", n="3", d="2"), "分子 3 大於分母 2，請確認。"),
        (line("1-1", "1", n="三", d="2"), "「三」不是數字，請只填阿拉伯數字。"),
        (line("1-2", "1", "2"), "「2」不是 1 或 0；符合填 1，不符合填 0。"),
        (line("1-2", "1"), "沒有數字；沒有資料請不要列入，0 請填 0。"),
        (line("1-2", "1", "1", agency="民雄國中"), "您未負責民雄國中的業務。"),
        (line("1-2", "1", "1", agency="無此機關"), "找不到機關「無此機關」，請填簡稱或全銜。"),
        (line("1-2", "12", "1"), "期間尚未開始，不能填報。"),
        (line("1-2", "2", "1"), "115年度已鎖定至 2 月，不能變更。"),
        (["大林鎮公所", "99", "1-2", "", "1", "1", "", "", "", ""], "年度「99」不在計畫的 115 至 115 年度內。"),
    ],
)
def test_a_line_that_cannot_come_in_says_why(cast: build.Cast, plan: Plan, row: list[str], sentence: str) -> None:
    actuals.lock_months(plan=plan, year=YEAR, month=2, by=cast.office_reviewer)
    if row[2] == "1-1":
        actuals.lock_months(plan=plan, year=YEAR, month=0, by=cast.office_reviewer)
    if sentence.startswith("沒有數字") or "不是 1 或 0" in sentence:
        row = [*row[:4], "3", *row[5:]]
    mine = client(cast.host_officer)
    page = upload(mine, plan, [row, line("1-2", "5", "1"), line("1-2", "5月", "0")]).content.decode()
    assert sentence in page
    assert "與第 3 列的機關、指標及期別相同。" in page
    assert "已匯入 1 筆。2 列未匯入" in take(mine).content.decode()


def test_the_office_brings_in_figures_of_all_units_as_sent_and_sent_ones_stay(cast: build.Cast, plan: Plan) -> None:
    office = client(cast.office_reviewer)
    lines = [line("1-2", "5", "1"), line("1-2", "5", "0", agency="民雄國中")]
    upload(office, plan, lines)
    take(office)
    assert set(Actual.objects.values_list("state", flat=True)) == {EntryState.SUBMITTED}
    page = upload(office, plan, lines).content.decode()
    assert page.count("已送出，須由人事處退請補正後才能變更。") == 2


def test_what_was_returned_stays_returned_until_it_is_sent_again(cast: build.Cast, plan: Plan) -> None:
    mine = client(cast.host_officer)
    indicator = plan.goals.get().indicators.get(order=2)
    targets.actual(indicator, build.listed("大林鎮公所"), 5, "1", state=EntryState.RETURNED, by=cast.host_officer)
    upload(mine, plan, [line("1-2", "5", "0")])
    take(mine)
    found = Actual.objects.get()
    assert (found.amounts_label, found.state, found.reason) == ("0", EntryState.RETURNED.value, "分母有誤。")


def test_something_sent_meanwhile_stops_the_import(cast: build.Cast, plan: Plan) -> None:
    mine = client(cast.host_officer)
    upload(mine, plan, [line("1-2", "5", "1")])
    indicator = plan.goals.get().indicators.get(order=2)
    targets.actual(indicator, build.listed("大林鎮公所"), 5, "0", by=cast.host_officer)
    take(mine)
    assert Actual.objects.get().value == 0


def test_five_thousand_figures_come_in_within_seconds(cast: build.Cast) -> None:
    plan = targets.plan(units=[])
    units = list(Agency.objects.members()[:20])
    Unit.objects.bulk_create(Unit(plan=plan, agency=agency, order=order) for order, agency in enumerate(units))
    for _ in range(25):
        targets.indicator(plan, formula=Formula.RATIO, frequency=Frequency.MONTH, target="80")
    lines = [
        line(f"1-{number}", str(month), n="8", d="10", agency=agency.short_name)
        for agency in units
        for number in range(1, 26)
        for month in range(1, 11)
    ]
    assert len(lines) == 5000
    office = client(cast.office_reviewer)
    assert "可匯入 5000 列" in upload(office, plan, lines).content.decode()

    # The time that the import works, whatever else the machine does meanwhile.
    started = time.process_time()
    with CaptureQueriesContext(connection) as queries:
        take(office)
    elapsed = time.process_time() - started

    assert Actual.objects.count() == 5000
    assert len(queries) < 150  # a write of many rows is cut into pieces where a database takes few values at once
    assert elapsed < 5, f"{elapsed:.1f} s"
