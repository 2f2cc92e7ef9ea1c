"""What the pages of usage returns cost: no more queries for many items and agencies than for few."""

from collections.abc import Iterator

import pytest
import time_machine
from django.urls import reverse

from kpi.choices import ReportState, Round
from kpi.models import UsageReport
from tests import build
from tests.kpi import usages
from tests.site.clients import logged_in
from tests.site.pages import queries

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def today() -> Iterator[None]:
    with time_machine.travel(build.at(build.TODAY, 10), tick=False):
        yield


def test_pages_of_a_return_ask_no_more_for_many_items(cast: build.Cast) -> None:
    small = usages.report(build.listed("民雄國中"), cast.member_officer, tools=1, subs=1)
    large = usages.report(build.listed("大林鎮公所"), cast.host_officer, tools=30, subs=10)
    usages.report(build.listed("竹崎鄉公所"), cast.neighbour_host, tools=2, state=ReportState.RETURNED)

    def cost(name: str, report: UsageReport) -> int:
        return queries(logged_in(cast.office_reviewer), reverse(name, args=[report.pk]))

    for name, bound in (("kpi:usage_return", 22), ("kpi:review_usage_return", 14)):
        few, many = cost(name, small), cost(name, large)
        assert many <= few <= bound, (name, few, many)


def test_the_form_asks_no_more_for_many_items(cast: build.Cast) -> None:
    draft = ReportState.DRAFT
    small = usages.report(build.listed("民雄國中"), cast.member_officer, tools=1, state=draft)
    large = usages.report(build.listed("大林鎮公所"), cast.host_officer, tools=30, subs=5, state=draft)
    few, many = (
        queries(logged_in(by), reverse("kpi:edit_usage_return", args=[report.pk]))
        for by, report in ((cast.member_officer, small), (cast.host_officer, large))
    )
    assert many <= few + 1 <= 20, (few, many)  # the host of a district has one more to look up


@pytest.mark.parametrize("page", ["usage", "usage_returns", "usage_missing", "usage_scores", "usage_systems"])
def test_pages_of_the_office_ask_no_more_for_many_agencies(cast: build.Cast, page: str) -> None:
    plan = usages.plan()
    usages.report(build.listed("民雄國中"), cast.member_officer, tools=2, state=ReportState.REVIEWED)
    url = reverse(f"kpi:{page}", args=[] if page in ("usage", "usage_returns") else [plan.pk])
    client = logged_in(cast.office_reviewer)
    client.get(url)
    few = queries(client, url)
    for name, by in (("大林鎮公所", cast.host_officer), ("竹崎鄉公所", cast.neighbour_host)):
        usages.report(build.listed(name), by, tools=5, state=ReportState.REVIEWED)
        usages.report(build.listed(name), by, tools=5, round_=Round.SECOND)
    many = queries(client, url)
    assert many <= few <= 26, (page, few, many)
