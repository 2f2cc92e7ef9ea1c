"""Scores as they stand and as they are published; statistics; the rules of scoring."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from kpi import scoring
from kpi.actions import usage_scores as actions
from kpi.actions.usage_review import return_for_correction
from kpi.actions.usage_scores import BandValue
from kpi.choices import BandFor, Filing, ReportState, Round
from kpi.models import Score, System, UsageRule
from personnel_portal.outbox.models import Message
from personnel_portal.rules.bands import score
from tests import build
from tests.kpi import usages
from tests.site.clients import logged_in

database = pytest.mark.django_db


@pytest.fixture
def today() -> Iterator[None]:
    with time_machine.travel(build.at(build.TODAY, 10), tick=False):
        yield


@dataclass
class Band:
    low: int
    high: int | None
    share: Decimal = Decimal(50)


# --- Bands -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("bands", "sentence"),
    [
        ([], "請至少訂一個級距。"),
        ([Band(1, 5), Band(7, 9)], "級距有缺口： 6 項沒有得分。"),
        ([Band(1, 5), Band(9, 12)], "級距有缺口： 6 至 8 項沒有得分。"),
        ([Band(1, 6), Band(5, 9)], "級距重疊： 5 至 6 項落在兩個級距。"),
        ([Band(1, 5), Band(5, 9)], "級距重疊： 5 項落在兩個級距。"),
        ([Band(9, 5)], "級距的上限 5 小於下限 9。"),
        ([Band(1, None), Band(5, 9)], "沒有上限的級距只能是最高的一個，其他級距請填上限。"),
        ([Band(3, 9)], "級距有缺口： 1 至 2 項沒有得分。"),
        ([Band(1, 5, Decimal(80)), Band(6, 9, Decimal(60))], "6 項以上的得分（60%）低於較少項數的得分（80%）。"),
        ([Band(6, None), Band(1, 5)], ""),
    ],
)
def test_a_table_of_bands_is_refused_in_a_sentence(bands: list[Band], sentence: str) -> None:
    assert scoring.band_problem(bands) == sentence


@given(st.lists(st.integers(1, 30), min_size=1, max_size=8), st.data())
def test_bands_that_follow_each_other_give_every_count_its_band(widths: list[int], data: st.DataObject) -> None:
    shares = sorted(data.draw(st.lists(st.integers(0, 100), min_size=len(widths), max_size=len(widths))))
    bands, low = [], 1
    for width, share in zip(widths, shares, strict=True):
        bands.append(Band(low, low + width - 1, Decimal(share)))
        low += width
    assert scoring.band_problem(bands) == ""
    count = data.draw(st.integers(1, low - 1))
    expected = next(band.share for band in bands if band.high is not None and band.low <= count <= band.high)
    assert score(Decimal(count), scoring.band_table(bands)).share * 100 == expected


@given(st.lists(st.integers(2, 30), min_size=2, max_size=6), st.data())
def test_a_band_that_is_moved_leaves_a_gap_or_overlaps(widths: list[int], data: st.DataObject) -> None:
    bands, low = [], 1
    for width in widths:
        bands.append(Band(low, low + width - 1))
        low += width
    moved = data.draw(st.integers(1, len(bands) - 1))
    bands[moved].low += data.draw(st.sampled_from([-1, 1]))
    assert scoring.band_problem(bands).startswith("級距")


# --- Standings -------------------------------------------------------------------------------------------------------


def line(agency: str) -> scoring.Line:
    return next(one for one in scoring.of_plan(usages.plan()).lines if one.agency.short_name == agency)


@database
@pytest.mark.usefixtures("today")
class TestStandings:
    def test_the_sum_of_the_page(self, cast: build.Cast) -> None:
        report = usages.report(build.listed("民雄國中"), cast.member_officer, tools=17, subs=8)
        usages.reviewed(report, cast.office_reviewer, services="50")
        found = line("民雄國中")
        assert found.result is not None
        assert found.result.line == "100 × (0.8 × (0.5×90% + 0.5×80%) + 0.2×50%) = 78.00"
        assert (found.score, found.rank) == (Decimal("78.00"), 1)

    def test_only_what_was_granted_counts(self, cast: build.Cast) -> None:
        report = usages.report(build.listed("民雄國中"), cast.member_officer, tools=5)
        usages.reviewed(report, cast.office_reviewer, refused=1)
        assert line("民雄國中").counted.tools == 4

    def test_systems_marked_as_one_count_once(self, cast: build.Cast) -> None:
        first, second = usages.systems(2)
        System.objects.filter(pk=second.pk).update(same_as=first)
        System.objects.filter(pk=first.pk).update(same_as=second)  # each names the other: still one thing
        usages.report(build.listed("民雄國中"), cast.member_officer, tools=3, state=ReportState.REVIEWED)
        assert line("民雄國中").counted.tools == 2

    def test_the_last_reviewed_return_of_the_year_counts(self, cast: build.Cast) -> None:
        agency, by = build.listed("民雄國中"), cast.member_officer
        usages.report(agency, by, tools=16, state=ReportState.REVIEWED)
        second = usages.report(agency, by, tools=20, round_=Round.SECOND)
        waiting = line("民雄國中")
        assert (waiting.counted.tools, waiting.waits) == (16, True)
        usages.reviewed(second, cast.office_reviewer)
        assert line("民雄國中").counted.tools == 20

    def test_not_filed_stands_apart_from_a_filed_nothing(self, cast: build.Cast) -> None:
        usages.report(build.listed("民雄國中"), cast.member_officer, tools=0, state=ReportState.REVIEWED)
        filed, missing = line("民雄國中"), line("大林鎮公所")
        assert (filed.filing, filed.score, filed.rank) == (Filing.REVIEWED, Decimal("0.00"), 1)
        assert (missing.filing, missing.score, missing.rank) == (Filing.MISSING, Decimal(0), None)

    def test_a_draft_is_not_filed_and_what_waits_has_no_score(self, cast: build.Cast) -> None:
        usages.report(build.listed("民雄國中"), cast.member_officer, state=ReportState.DRAFT)
        usages.report(build.listed("大林鎮公所"), cast.host_officer)
        assert line("民雄國中").filing == Filing.MISSING
        assert (line("大林鎮公所").filing, line("大林鎮公所").score) == (Filing.OPEN, None)

    def test_part_time_agencies_have_a_remark_and_no_score(self, cast: build.Cast) -> None:
        coached = cast.coached_officer.person.postings.get().agency
        usages.report(coached, cast.coached_officer, tools=20, state=ReportState.REVIEWED)
        found = line("三興國小")
        assert (found.is_scored, found.score, found.rank) == (False, None, None)
        assert found.report is not None
        assert found.report.remark == "配合度良好"

    def test_equal_scores_share_their_place(self, cast: build.Cast) -> None:
        for agency, by, tools in (
            ("民雄國中", cast.member_officer, 17),
            ("大林鎮公所", cast.host_officer, 18),
            ("竹崎鄉公所", cast.neighbour_host, 11),
        ):
            usages.report(build.listed(agency), by, tools=tools, state=ReportState.REVIEWED)
        ranks = [(one.agency.short_name, one.rank) for one in scoring.of_plan(usages.plan()).lines if one.rank]
        assert sorted(ranks, key=lambda one: (one[1], one[0])) == [
            ("大林鎮公所", 1),
            ("民雄國中", 1),
            ("竹崎鄉公所", 3),
        ]

    def test_the_queries_do_not_grow_with_the_agencies(self, cast: build.Cast) -> None:
        plan = usages.plan()
        usages.report(build.listed("民雄國中"), cast.member_officer, tools=3, state=ReportState.REVIEWED)
        with CaptureQueriesContext(
            connection,
        ) as one:
            scoring.of_plan(plan)
        for agency, by in (("大林鎮公所", cast.host_officer), ("竹崎鄉公所", cast.neighbour_host)):
            usages.report(build.listed(agency), by, tools=9, state=ReportState.REVIEWED)
        with CaptureQueriesContext(connection) as three:
            scoring.of_plan(plan)
        assert len(one) == len(three) <= 6


# --- Publishing ------------------------------------------------------------------------------------------------------


def publish(cast: build.Cast, *, reason: str = "", seen: int = 0) -> Any:
    return actions.publish_scores(plan=usages.plan(), reason=reason, seen=seen, by=cast.office_reviewer)


@database
@pytest.mark.usefixtures("today")
class TestPublishing:
    @pytest.fixture(autouse=True)
    def _reviewed(self, cast: build.Cast) -> None:
        report = usages.report(build.listed("民雄國中"), cast.member_officer, tools=17, subs=8)
        self.report = usages.reviewed(report, cast.office_reviewer, services="50")

    def test_every_agency_is_on_the_list(self, cast: build.Cast) -> None:
        published = publish(cast)
        own = published.scores.get(agency__short_name="民雄國中")
        missing = published.scores.get(agency__short_name="大林鎮公所")
        coached = published.scores.get(agency__short_name="三興國小")
        assert (own.score, own.rank, own.inputs["line"][-5:], len(own.inputs["items"])) == (
            Decimal("78.00"),
            1,
            "78.00",
            25,
        )
        assert (missing.filing, missing.score, missing.rank, missing.report) == (Filing.MISSING, 0, None, None)
        assert (coached.is_scored, coached.score) == (False, None)
        assert published.scores.count() == 86

    def test_each_agency_is_told_its_own(self, cast: build.Cast) -> None:
        publish(cast)
        told = Message.objects.filter(subject__contains="使用情形分數").order_by("to")
        own = told.get(to=cast.member_officer.email)
        assert "78.00 分" in own.text
        assert "未報送，計 0 分" in told.get(to=cast.host_officer.email).text
        assert "配合度" in told.get(to=cast.coached_officer.email).text

    def test_a_published_score_is_frozen_with_its_rules(self, cast: build.Cast) -> None:
        published = publish(cast)
        rule = UsageRule.objects.get(plan=usages.plan())
        rule.base = Decimal(50)
        rule.save()
        return_for_correction(report=self.report, reason="重審", by=cast.office_reviewer)
        frozen = published.scores.get(agency__short_name="民雄國中")
        assert (frozen.score, published.rule["base"]) == (Decimal("78.00"), "100")
        page = logged_in(cast.office_reviewer).get(reverse("kpi:usage_scores", args=[usages.plan().pk]))
        assert "公布時 78.00" in page.content.decode()

    def test_publishing_again_needs_a_reason_and_keeps_the_first(self, cast: build.Cast) -> None:
        first = publish(cast)
        with pytest.raises(ValidationError, match="請說明重新公布的理由"):
            publish(cast, seen=1)
        with pytest.raises(ValidationError, match="他人剛公布過"):
            publish(cast, reason="補審")
        second = publish(cast, reason="補審", seen=1)
        assert (first.number, second.number, second.reason) == (1, 2, "補審")
        old = first.scores.get(agency__short_name="民雄國中")
        page = logged_in(cast.member_officer).get(reverse("kpi:usage_score", args=[old.pk])).content.decode()
        assert "已有較新的結果" in page

    def test_a_post_that_does_not_come_from_the_page_is_answered_in_the_words_of_the_page(
        self, cast: build.Cast
    ) -> None:
        url = reverse("kpi:publish_usage_scores", args=[usages.plan().pk])
        for seen in ({"reason": ""}, {"seen": "x"}):
            response = logged_in(cast.office_reviewer).post(url, seen)
            assert response.status_code == 422
            assert "頁面版本</a>：頁面內容不完整，請重新整理後再公布。" in response.content.decode()
            assert "Seen" not in response.content.decode()

    def test_nothing_is_published_before_a_review(self, cast: build.Cast) -> None:
        return_for_correction(report=self.report, reason="重審", by=cast.office_reviewer)
        with pytest.raises(ValidationError, match="尚無完成審查"):
            publish(cast)

    def test_a_broken_table_publishes_nothing(self, cast: build.Cast) -> None:
        usages.plan().usage_bands.get(counts=BandFor.TOOLS, mark="丙").delete()
        with pytest.raises(ValidationError, match="資訊工具數：級距有缺口： 11 至 15 項"):
            publish(cast)

    def test_agencies_see_their_own_score_with_every_number_linked(self, cast: build.Cast) -> None:
        published = publish(cast)
        own = published.scores.get(agency__short_name="民雄國中")
        url = reverse("kpi:usage_score", args=[own.pk])
        page = logged_in(cast.member_officer).get(url).content.decode()
        for piece in ('<a href="#tools">90%</a>', '<a href="#subsystems">80%</a>', '<a href="#services">50%</a>'):
            assert piece in page
        assert logged_in(cast.host_officer).get(url).status_code == 404
        listed = reverse("kpi:usage_score_list", args=[published.pk])
        assert logged_in(cast.member_officer).get(listed).status_code == 403
        assert logged_in(cast.other_reviewer).get(listed).status_code == 404

    def test_the_export_holds_what_the_appraisal_needs(self, cast: build.Cast) -> None:
        published = publish(cast)
        url = reverse("kpi:usage_score_list", args=[published.pk])
        response: Any = logged_in(cast.office_reader).get(url, {"export": "csv"})
        rows = list(csv.DictReader(io.StringIO(b"".join(response.streaming_content).decode("utf-8-sig"))))
        assert len(rows) == 86
        first = rows[0]
        assert (first["名次"], first["機關"], first["分數"], first["算式"]) == (
            "1",
            "嘉義縣立民雄國民中學",
            "78.00",
            "100 × (0.8 × (0.5×90% + 0.5×80%) + 0.2×50%) = 78.00",
        )
        assert {row["報送情形"] for row in rows[1:]} == {"未報送"}

    def test_the_page_publishes(self, cast: build.Cast) -> None:
        url = reverse("kpi:publish_usage_scores", args=[usages.plan().pk])
        client = logged_in(cast.office_reviewer)
        assert "計分 1 個機關" in client.get(url).content.decode()
        client.post(url, {"seen": "0"})
        again = client.post(url, {"seen": "0", "reason": "重按"})
        assert (again.status_code, Score.objects.values("score_list").distinct().count()) == (422, 1)

    def test_systems_are_counted_for_the_statistics(self, cast: build.Cast) -> None:
        url = reverse("kpi:usage_systems", args=[usages.plan().pk])
        response: Any = logged_in(cast.office_reader).get(url, {"export": "csv"})
        rows = list(csv.DictReader(io.StringIO(b"".join(response.streaming_content).decode("utf-8-sig"))))
        counted = {row["系統名稱"]: (row["填報機關數"], row["採認機關數"]) for row in rows}
        assert (counted["人力資源管理系統"], counted["eip問卷調查系統"]) == (("1", "1"), ("0", "0"))
        page = logged_in(cast.office_reader).get(url).content.decode()
        assert "組織任免資訊化" in page


# --- The rules -------------------------------------------------------------------------------------------------------


@database
def test_a_rule_is_saved_with_both_tables_or_not_at_all(cast: build.Cast) -> None:
    plan = usages.plan()
    rule = UsageRule.objects.get(plan=plan)
    good = [BandValue("甲", 1, None, Decimal(100))]
    with pytest.raises(ValidationError) as refusal:
        actions.save_rule(
            rule=rule, tools=[*good, BandValue("甲", 5, 6, Decimal(100))], subsystems=good, by=cast.office_admin
        )
    assert list(refusal.value.message_dict) == ["tools"]
    actions.save_rule(rule=rule, tools=good, subsystems=good, by=cast.office_admin)
    assert [band.mark for band in plan.usage_bands.all()] == ["甲", "甲"]


@database
def test_the_page_of_the_rule_refuses_gaps_and_keeps_what_was_typed(cast: build.Cast) -> None:
    plan = usages.plan()
    url = reverse("kpi:usage_rule", args=[plan.pk])
    client = logged_in(cast.office_admin)
    data: dict[str, str] = {
        "base": "100",
        "use_part": "80",
        "service_part": "20",
        "tools_weight": "60",
        "subsystems_weight": "40",
        "trainings": "6",
    }
    rows: dict[str, list[tuple[object, ...]]] = {
        "tools": [("甲", 20, 25, 100), ("乙", 1, 18, 50)],
        "subsystems": [("甲", 5, "", 100), ("乙", 1, 4, 20)],
    }
    for counts, bands in rows.items():
        for number, band in enumerate(bands):
            names = ("mark", "low", "high", "share")
            data |= {f"{counts}-{number}-{name}": str(value) for name, value in zip(names, band, strict=True)}
    refused = client.post(url, data)
    page = refused.content.decode()
    assert (refused.status_code, "資訊工具數：級距有缺口： 19 項沒有得分。" in page, 'value="60"' in page) == (
        422,
        True,
        True,
    )
    assert client.post(url, data | {"tools-1-high": "19"}).status_code == 302
    plan.refresh_from_db()  # it holds the rule that it was made with
    found = scoring.rules_of(plan)
    assert found.formula is not None
    assert (found.formula.tools_weight, len(found.bands[BandFor.TOOLS])) == (Decimal("0.6"), 2)
    odd = client.post(url, data | {"service_part": "30", "tools-0-low": "多"})
    assert (odd.status_code, "合計須為 100%" in odd.content.decode()) == (422, True)
