"""The yearly report of targets: what it says, that it stays, what changed since."""

from collections.abc import Iterator
from datetime import date
from io import BytesIO

import pypdf
import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from districts.models import Plan
from kpi.choices import Formula
from kpi.models import Actual, Correction, FrozenReport, Indicator, Strategy
from kpi.tasks import render_reports
from personnel_portal.documents.keeping import unpacked
from personnel_portal.documents.paper import Drawing, Heading, Table
from personnel_portal.trail.models import Entry
from tests import build
from tests.kpi import targets
from tests.site.clients import logged_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def today() -> Iterator[None]:
    with time_machine.travel(build.at(build.TODAY, 10), tick=False):
        yield


@pytest.fixture
def indicator(cast: build.Cast) -> Indicator:
    plan = targets.plan()
    Strategy.objects.filter(plan=plan).update(mission="提升人力素質。", priorities="一、健全員額。\n二、推動學習。")
    made = targets.indicator(plan, name="健康檢查受檢率", formula=Formula.RATIO, target="80", standard="已檢÷應檢")
    for name, ratio in (("大林鎮公所", ("9", "10")), ("民雄國中", ("4", "10"))):
        targets.actual(made, build.listed(name), 1, ratio=ratio, by=cast.host_officer)
        targets.actual(made, build.listed(name), 2, ratio=("0", "0"), by=cast.host_officer)
    Correction.objects.create(
        indicator=made,
        agency=build.listed("民雄國中"),
        year=115,
        cause="名冊未更新",
        measure="每月核對",
        due_on=date(2026, 12, 31),
        entered_by=cast.member_officer,
    )
    return made


@pytest.fixture
def plan(indicator: Indicator) -> Plan:
    plan: Plan = indicator.goal.plan
    return plan


@pytest.fixture
def client(cast: build.Cast) -> Client:
    return logged_in(cast.office_reviewer)


def issue(client: Client, plan: Plan) -> FrozenReport:
    response = client.post(reverse("kpi:issue_target_report", args=[plan.pk]), {"year": "115"})
    assert response.status_code == 302
    return FrozenReport.objects.latest("version")


def page(client: Client, plan: Plan) -> str:
    return client.get(f"{reverse('kpi:target_reports', args=[plan.pk])}?year=115").content.decode()


def test_the_report_tells_the_year_with_pictures_tables_and_what_is_done(client: Client, plan: Plan) -> None:
    paper = unpacked(issue(client, plan).content["paper"])
    headings = [block.text for block in paper.blocks if isinstance(block, Heading) and block.level == 1]
    tables = [[list(row) for row in block.rows] for block in paper.blocks if isinstance(block, Table)]
    assert paper.name == "嘉義縣政府人事處 115年度績效目標執行報告"
    assert headings[:4] == [
        "壹、任務、願景及施政重點",
        "貳、績效目標達成情形",
        "參、各項指標",
        "肆、未達目標之原因及改善措施",
    ]
    assert tables[0] == [["1-1", "健康檢查受檢率", "≧ 80 %", "65.00 %", "81.25 %", "接近目標"]]
    assert tables[1][1] == ["民雄國中", "≧ 80 %", "40.00 %", "50.00 %", "未達標"]
    assert tables[-1] == [["1-1", "民雄國中", "名冊未更新", "每月核對", "115/12/31", "辦理中"]]
    (drawing,) = (block for block in paper.blocks if isinstance(block, Drawing))
    assert "<svg" in drawing.svg


def test_units_that_are_judged_apart_are_counted_in_the_table_too(cast: build.Cast, client: Client, plan: Plan) -> None:
    apart = targets.indicator(plan, name="辦理場次", target="1")
    targets.actual(apart, build.listed("大林鎮公所"), 1, "1", by=cast.host_officer)
    paper = unpacked(issue(client, plan).content["paper"])
    table = next(block for block in paper.blocks if isinstance(block, Table))
    assert list(table.rows[1]) == ["1-2", "辦理場次", "≧ 1", "—", "—", "達標 1 機關、無資料 1 機關"]


def test_a_version_stays_and_what_changed_since_is_told(
    cast: build.Cast, client: Client, plan: Plan, indicator: Indicator
) -> None:
    first = issue(client, plan)
    assert "的數字相同。" in page(client, plan)
    Actual.objects.filter(agency__short_name="民雄國中", period=1).update(numerator=9)
    told = page(client, plan)
    assert "目標 ≧ 80 %，實績 65.00 %（接近目標）" in told
    assert "目標 ≧ 80 %，實績 90.00 %（達標）" in told
    second = issue(client, plan)
    first.refresh_from_db()
    assert [report.content["figures"]["1-1"]["value"] for report in (first, second)] == ["65.00 %", "90.00 %"]
    assert (first.version, second.version) == (1, 2)


def test_units_whose_changes_cancel_out_are_told_too(client: Client, plan: Plan) -> None:
    issue(client, plan)
    for name, numerator in (("大林鎮公所", 4), ("民雄國中", 9)):
        Actual.objects.filter(agency__short_name=name, period=1).update(numerator=numerator)
    assert "合計相同，各機關數字有變動" in page(client, plan)


def test_everybody_downloads_what_was_rendered(cast: build.Cast, client: Client, plan: Plan) -> None:
    report = issue(client, plan)
    url = reverse("kpi:report_file", args=[report.pk, "pdf"])
    assert client.get(url).status_code == 404
    assert "PDF 產製中" in page(client, plan)
    render_reports()
    response = logged_in(cast.member_officer).get(url)
    content = response.getvalue()
    text = "".join(sheet.extract_text() for sheet in pypdf.PdfReader(BytesIO(content)).pages)
    assert "第 1 版" in text
    assert "第 4 季" in text, "the picture's axis"
    assert Entry.objects.filter(act="file.downloaded").count() == 1
    assert client.get(reverse("kpi:report_file", args=[report.pk, "exe"])).status_code == 404
    assert logged_in(cast.other_reviewer).get(url).status_code == 404


def test_only_reviewers_issue_a_report(cast: build.Cast, plan: Plan) -> None:
    for user in (cast.office_reader, cast.host_officer):
        response = logged_in(user).post(reverse("kpi:issue_target_report", args=[plan.pk]), {"year": "115"})
        assert response.status_code == 403
    assert "產製第 1 版" not in page(logged_in(cast.host_officer), plan)


def test_the_report_of_another_bodys_plan_says_so_on_every_page(cast: build.Cast, client: Client) -> None:
    foreign = Plan.objects.get(kind="kpi", issuing_body="嘉義市政府人事處")
    client.post(reverse("kpi:issue_target_report", args=[foreign.pk]), {"year": "108"})
    paper = unpacked(FrozenReport.objects.get().content["paper"])
    assert (paper.header, paper.name) == ("他機關計畫，供參考", "嘉義市政府人事處 108年度績效目標執行報告")
    assert sum(isinstance(block, Heading) and block.level == 3 for block in paper.blocks) == 19
