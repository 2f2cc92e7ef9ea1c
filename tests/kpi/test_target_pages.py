"""A plan's year as people see it: overview, units by indicators, one indicator with its trend."""

import re
from collections.abc import Iterator
from decimal import Decimal
from io import BytesIO

import pytest
import python_calamine
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from districts.models import Agency, Plan
from kpi.choices import Comparator, EntryState, Formula, Frequency, ReportedBy
from kpi.models import Actual, DeductionKind, Indicator, Strategy, Target, Unit, Violation
from personnel_portal.trail.models import Entry
from tests import build
from tests.kpi import targets
from tests.site.clients import logged_in

pytestmark = pytest.mark.django_db
D = Decimal
QUERIES = 10
# What every page asks, whatever it shows: who it is, and that the session goes on.
EVERY_PAGE = re.compile('SAVEPOINT|django_session|FROM "(accounts_user|districts_posting|districts_membership)"')


@pytest.fixture(autouse=True)
def today() -> Iterator[None]:
    with time_machine.travel(build.at(build.TODAY, 10), tick=False):
        yield


@pytest.fixture
def plan(cast: build.Cast) -> Plan:
    return targets.plan()


@pytest.fixture
def share(cast: build.Cast, plan: Plan) -> Indicator:
    """A quarterly share of at least 80 %, which 大林鎮公所 meets and 民雄國中 does not."""
    made = targets.indicator(plan, name="健康檢查受檢率", formula=Formula.RATIO, target="80")
    for name, ratios in (("大林鎮公所", [("8", "10"), ("9", "10")]), ("民雄國中", [("3", "10"), ("5", "10")])):
        for period, ratio in enumerate(ratios, start=1):
            targets.actual(made, build.listed(name), period, ratio=ratio, by=cast.host_officer)
    return made


def overview(plan: Plan, **query: str) -> str:
    return f"{reverse('kpi:targets')}?plan={plan.pk}&" + "&".join(f"{name}={value}" for name, value in query.items())


def indicator_page(indicator: Indicator, query: str = "") -> str:
    return f"{reverse('kpi:indicator', args=[indicator.pk])}?{query}"


def own_queries(captured: CaptureQueriesContext) -> list[str]:
    return [query["sql"][:120] for query in captured if not EVERY_PAGE.search(query["sql"])]


def text(client: Client, url: str) -> str:
    """Return what a page says, without markup and with single spaces."""
    page = re.sub(r"<svg.*?</svg>", "", client.get(url).content.decode(), flags=re.S)
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


# --- Overview --------------------------------------------------------------------------------------------------------


def test_what_a_unit_never_sent_is_not_told_to_others(cast: build.Cast, plan: Plan, share: Indicator) -> None:
    draft = targets.actual(
        share, build.listed("大林鎮公所"), 3, ratio=("7", "10"), state=EntryState.DRAFT, by=cast.host_officer
    )
    link = reverse("kpi:actual", args=[draft.pk])
    office, own = logged_in(cast.office_reviewer), logged_in(cast.host_officer)
    assert link not in office.get(indicator_page(share)).content.decode()
    assert "第 3 季 未報" in text(office, indicator_page(share))
    assert link in own.get(indicator_page(share)).content.decode()
    assert "第 3 季 7/10 （草稿）" in text(own, indicator_page(share))


def test_the_overview_tells_target_figure_achievement_and_light_in_words(
    cast: build.Cast, plan: Plan, share: Indicator
) -> None:
    page = text(logged_in(cast.office_reviewer), overview(plan))
    assert "25 ÷ 40 × 100 = 62.50 %，不符 ≧ 80 % → 未達標（達成率 78.13 %）" in page
    assert "≧ 80 % 62.50 % 78.13 % 未達標" in page
    assert "未達標 1 機關 達標 1 機關" in page
    assert "審核各機關填報資料 4 筆" in page


def test_an_agency_sees_its_own_figures_and_what_it_owes(cast: build.Cast, plan: Plan, share: Indicator) -> None:
    page = text(logged_in(cast.member_officer), overview(plan))
    assert "(3 + 5 = 8) ÷ (10 + 10 = 20) × 100 = 40.00 %" in page
    assert "25 ÷ 40" not in page
    assert "已結束的期間尚有 1 期未送出" in page, "the third quarter has ended"
    assert "審核各機關填報資料" not in page


def test_numbers_of_several_units_are_judged_unit_by_unit(cast: build.Cast, plan: Plan) -> None:
    made = targets.indicator(plan, target="2")
    for name, value in (("大林鎮公所", "2"), ("民雄國中", "1")):
        targets.actual(made, build.listed(name), 1, value, by=cast.host_officer)
    page = text(logged_in(cast.office_reader), overview(plan))
    assert "≧ 2 — — 各機關分別判定 累計中 1 機關 達標 1 機關" in page


def test_months_kept_of_several_units_run_as_long_as_each(cast: build.Cast, plan: Plan) -> None:
    made = targets.indicator(plan, formula=Formula.MONTHS_KEPT, frequency=Frequency.MONTH, target="100")
    for name in targets.UNITS:
        for month in range(1, 11):
            targets.actual(made, build.listed(name), month, "1", by=cast.host_officer)
    page = text(logged_in(cast.office_reader), overview(plan))
    assert "累計中 累計中 2 機關" in page
    targets.actual(made, build.listed("民雄國中"), 11, "0", by=cast.host_officer)
    assert "接近目標 接近目標 1 機關 累計中 1 機關" in text(logged_in(cast.office_reader), overview(plan))


def test_plans_of_other_bodies_say_so_and_the_offices_own_comes_first(
    cast: build.Cast, plan: Plan, share: Indicator
) -> None:
    client = logged_in(cast.office_admin)
    assert "他機關計畫，供參考" not in text(client, reverse("kpi:targets"))
    foreign = Plan.objects.get(kind="kpi", issuing_body="嘉義市政府人事處")
    page = text(client, overview(foreign, year="109"))
    assert "109年度績效目標 他機關計畫，供參考" in page
    assert "1-1 組織架構合理規劃。" in page
    assert "≦ 20 個" in page
    assert "採用之條文解釋" in page
    assert "本計畫未設定填報機關" in page
    assert "實績填報" not in page, "nobody reports to a plan that is there to be read"


@pytest.mark.parametrize(
    "query", ["year=9999", "year=²", "year=", "plan=x", "plan=99999999999999999999", "year=１１５"]
)
def test_a_weird_year_or_plan_shows_the_current_one(cast: build.Cast, plan: Plan, query: str) -> None:
    assert "115年度績效目標" in text(logged_in(cast.office_reader), f"{reverse('kpi:targets')}?{query}")


def test_the_overview_is_exported_as_it_is_shown(cast: build.Cast, plan: Plan, share: Indicator) -> None:
    response = logged_in(cast.office_reader).get(overview(plan, export="xlsx"))
    content = response.getvalue()
    rows = python_calamine.load_workbook(BytesIO(content)).get_sheet_by_index(0).to_python()
    assert rows[0][:4] == ["策略目標", "編號", "績效指標", "目標"]
    assert rows[1][1:7] == ["1-1", "健康檢查受檢率", "≧ 80 %", "62.50 %", "78.13 %", "未達標"]
    assert Entry.objects.filter(act="list.exported").count() == 1


# --- Units × indicators ----------------------------------------------------------------------------------------------


@pytest.fixture
def large(cast: build.Cast) -> Plan:
    """19 indicators × 20 units × 12 months."""
    plan = targets.plan(units=[])
    units = list(Agency.objects.members()[:20])
    Unit.objects.bulk_create(Unit(plan=plan, agency=agency, order=order) for order, agency in enumerate(units))
    ratio, month = Formula.RATIO, Frequency.MONTH
    indicators = [targets.indicator(plan, formula=ratio, frequency=month, target="80") for _ in range(19)]
    Actual.objects.bulk_create(
        Actual(
            indicator=indicator,
            agency=agency,
            year=targets.YEAR,
            period=period,
            numerator=number % 11,
            denominator=10,
            state=EntryState.SUBMITTED,
            entered_by=cast.office_admin,
        )
        for indicator in indicators
        for number, agency in enumerate(units)
        for period in range(1, 13)
    )
    return plan


@pytest.mark.parametrize("name", ["kpi:target_matrix", "kpi:targets", "kpi:missed_targets"])
def test_a_year_of_19_indicators_20_units_and_12_months_takes_under_ten_queries(
    cast: build.Cast, large: Plan, name: str
) -> None:
    """Beyond those of every page."""
    client = logged_in(cast.office_reviewer)
    url = f"{reverse(name)}?plan={large.pk}" if name == "kpi:targets" else reverse(name, args=[large.pk])
    client.get(url)
    with CaptureQueriesContext(connection) as captured:
        page = client.get(url)
    own = own_queries(captured)
    assert page.status_code == 200
    assert len(own) < QUERIES, "\n".join(own)


def test_the_matrix_shows_each_unit_and_indicator_with_its_light_in_words(cast: build.Cast, large: Plan) -> None:
    page = logged_in(cast.office_reader).get(reverse("kpi:target_matrix", args=[large.pk])).content.decode()
    assert page.count('class="light light-') == 19 * 20
    counts = [page.count(f"light-{light}") for light in ("green", "yellow", "red")]
    assert counts == [76, 38, 266], "8, 9 or 10 of 10 meet 80 %; 7 of 10 comes near"
    assert "90.00 %</b><small>達標" in page


def test_the_matrix_shows_an_agency_its_own_line(cast: build.Cast, plan: Plan, share: Indicator) -> None:
    page = text(logged_in(cast.member_officer), reverse("kpi:target_matrix", args=[plan.pk]))
    assert "40.00 % 未達標" in page
    assert "85.00 %" not in page
    assert "大林鎮公所" not in page


def test_the_matrix_of_another_kind_of_plan_is_refused(cast: build.Cast) -> None:
    assert logged_in(cast.office_admin).get(reverse("kpi:target_matrix", args=[cast.plan.pk])).status_code == 403


# --- One indicator ---------------------------------------------------------------------------------------------------


def test_the_indicator_shows_each_units_reports_and_reasons(cast: build.Cast, plan: Plan, share: Indicator) -> None:
    page = text(logged_in(cast.office_reader), indicator_page(share))
    assert "(8 + 9 = 17) ÷ (10 + 10 = 20) × 100 = 85.00 %，≧ 80 % → 達標（達成率 106.25 %）" in page
    assert "第 1 季 8/10 （已送出） 第 2 季 9/10 （已送出） 第 3 季 未報" in page
    assert "已檢人數 ÷ 應檢人數（累計）" in page


def test_the_trend_goes_with_its_table(cast: build.Cast, plan: Plan, share: Indicator) -> None:
    client = logged_in(cast.office_reader)
    page = text(client, indicator_page(share, f"agency={build.listed('民雄國中').pk}"))
    assert (
        "第 1 季 ≧ 80 % 30.00 % 37.50 % 未達標 第 2 季 ≧ 80 % 40.00 % 50.00 % 未達標 第 3 季 ≧ 80 % — — 無資料" in page
    )
    markup = client.get(indicator_page(share)).content.decode()
    assert markup.count("<svg xmlns") == 1
    assert "style=" not in markup


def order_of(client: Client, indicator: Indicator, sort: str) -> list[str]:
    page = client.get(indicator_page(indicator, f"sort={sort}")).content.decode()
    return re.findall(r"agency=\d+\">(.+?)</a>", page)


def test_achievement_sorts_by_direction(cast: build.Cast, plan: Plan) -> None:
    made = targets.indicator(plan, comparator=Comparator.AT_MOST, target="20")
    Unit.objects.create(plan=plan, agency=build.listed("民雄國小"), order=9)
    for name, value in (("大林鎮公所", "25"), ("民雄國中", "0")):
        targets.actual(made, build.listed(name), 1, value, by=cast.host_officer)
    client = logged_in(cast.office_reader)
    assert order_of(client, made, "-achievement") == ["民雄國中", "大林鎮公所", "民雄國小"], "0 of at most 20 is best"
    assert order_of(client, made, "achievement") == ["大林鎮公所", "民雄國中", "民雄國小"], "the unknown stay last"
    assert order_of(client, made, "name'--") == ["大林鎮公所", "民雄國中", "民雄國小"]


def test_an_agency_sees_no_other_units_reports(cast: build.Cast, plan: Plan, share: Indicator) -> None:
    page = text(logged_in(cast.member_officer), indicator_page(share, f"agency={build.listed('大林鎮公所').pk}"))
    assert "民雄國中" in page
    assert "大林鎮公所" not in page
    assert "17" not in page


def test_another_offices_people_find_no_indicator(cast: build.Cast, share: Indicator) -> None:
    assert logged_in(cast.other_reviewer).get(indicator_page(share)).status_code == 404
    assert logged_in(cast.stranger).get(indicator_page(share)).status_code == 404


def test_the_years_of_a_longer_plan_stand_side_by_side(cast: build.Cast, plan: Plan) -> None:
    Plan.objects.filter(pk=plan.pk).update(starts="2024-01-01")
    Strategy.objects.filter(plan=plan).update(yellow_from=50)
    made = targets.indicator(plan, target="4", reported_by=ReportedBy.OFFICE, frequency=Frequency.YEAR)
    Target.objects.create(indicator=made, year=114, value=D(2))
    for year, value in ((113, "9"), (114, "2"), (115, "2")):
        targets.actual(made, build.listed("人事處"), 1, value, by=cast.office_admin, year=year)
    page = text(logged_in(cast.office_reader), indicator_page(made))
    assert "113 年 — 9.00 — 無資料 114 年 ≧ 2 2.00 100.00 % 達標 115 年 ≧ 4 2.00 50.00 % 接近目標" in page


def test_deductions_go_down_month_by_month(cast: build.Cast, plan: Plan) -> None:
    unit = build.listed("民雄國中")
    made = targets.indicator(
        plan, formula=Formula.DEDUCTIONS, frequency=Frequency.MONTH, target="80", decimals=1, unit="分"
    )
    kind = DeductionKind.objects.create(indicator=made, name="未出勤", points=D("0.5"))
    for month in (2, 2, 11):
        Violation.objects.create(kind=kind, agency=unit, day=f"2026-{month:02}-03", entered_by=cast.office_reviewer)
    page = text(logged_in(cast.member_officer), indicator_page(made))
    assert "1 月 ≧ 80 分 100.0 分" in page
    assert "2 月 ≧ 80 分 99.0 分" in page
    assert "11 月 ≧ 80 分 98.5 分" in page
    assert "12 月 ≧ 80 分 — — 無資料" in page, "it has not begun"
    everybody = text(logged_in(cast.office_reader), indicator_page(made))
    assert "2 月 各機關分別判定 2 個機關達標（共 2 個） — 達標" in everybody
    assert "12 月 各機關分別判定 — — 無資料" in everybody


def test_the_indicator_page_asks_no_more_for_more_units(cast: build.Cast, large: Plan) -> None:
    client = logged_in(cast.office_reader)
    indicator = Indicator.objects.filter(goal__plan=large).first()
    assert indicator is not None
    client.get(indicator_page(indicator))
    counts = []
    for more in (Agency.objects.members()[20:40], ()):
        with CaptureQueriesContext(connection) as captured:
            client.get(indicator_page(indicator))
        counts.append(own_queries(captured))
        Unit.objects.bulk_create(Unit(plan=large, agency=agency, order=99) for agency in more)
    assert len(counts[0]) == len(counts[1])
    assert len(counts[0]) < QUERIES, "\n".join(counts[0])
