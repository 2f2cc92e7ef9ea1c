"""Missed targets with their causes and corrective actions, and violations."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from districts.models import Plan
from kpi.choices import Formula, Frequency
from kpi.models import Correction, DeductionKind, Indicator, Violation
from personnel_portal import roc
from personnel_portal.trail.models import Entry
from tests import build
from tests.kpi import targets
from tests.site.clients import logged_in

pytestmark = pytest.mark.django_db
SOON = build.TODAY + timedelta(days=30)
SAID = {"cause": "受檢名冊未更新。", "measure": "每月核對名冊。", "due_on": roc.short(SOON)}


@pytest.fixture(autouse=True)
def today() -> Iterator[None]:
    with time_machine.travel(build.at(build.TODAY, 10), tick=False):
        yield


@pytest.fixture
def plan(cast: build.Cast) -> Plan:
    return targets.plan()


@pytest.fixture
def missed(cast: build.Cast, plan: Plan) -> Indicator:
    """A share of which 民雄國中 reached 40 of 80 %, and 大林鎮公所 90."""
    made = targets.indicator(plan, formula=Formula.RATIO, target="80")
    targets.actual(made, build.listed("民雄國中"), 1, ratio=("4", "10"), by=cast.member_officer)
    targets.actual(made, build.listed("大林鎮公所"), 1, ratio=("9", "10"), by=cast.host_officer)
    return made


@pytest.fixture
def client(cast: build.Cast) -> Client:
    return logged_in(cast.member_officer)


def page(indicator: Indicator, name: str = "kpi:correction", agency: str = "民雄國中") -> str:
    return f"{reverse(name, args=[indicator.pk, build.listed(agency).pk])}?year=115"


def say(client: Client, indicator: Indicator, **changes: str) -> Any:
    return client.post(page(indicator, "kpi:file_correction"), SAID | changes)


def text(client: Client, plan: Plan) -> str:
    return client.get(reverse("kpi:missed_targets", args=[plan.pk])).content.decode()


def test_a_unit_says_why_and_what_it_does_by_when(
    cast: build.Cast, client: Client, plan: Plan, missed: Indicator
) -> None:
    assert "填報原因與改善措施" in text(client, plan)
    assert "尚未填報原因與改善措施" in text(logged_in(cast.office_reviewer), plan)
    assert say(client, missed).status_code == 302
    filed = Correction.objects.get()
    assert (filed.cause, filed.due_on, filed.entered_by) == (SAID["cause"], SOON, cast.member_officer)
    office = text(logged_in(cast.office_reviewer), plan)
    assert SAID["measure"] in office
    assert "辦理中" in office
    assert Entry.objects.for_target(filed).get().act == "correction.filed"


def test_only_missed_targets_ask_for_it(cast: build.Cast, missed: Indicator) -> None:
    url = page(missed, "kpi:file_correction", "大林鎮公所")
    response = logged_in(cast.host_officer).post(url, SAID)
    assert response.status_code == 422
    assert "此指標目前沒有未達目標，無須填報改善措施。" in response.content.decode()
    assert SAID["cause"] in response.content.decode(), "nothing typed is lost"


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"due_on": "115/11/21"}, "改善期限不得早於今日。"),
        ({"due_on": "昨天"}, "113/6/30"),
        ({"cause": ""}, "請填寫未達原因。"),
        ({"measure": "長" * 1001}, "最多 1,000 字，目前 1,001 字"),
    ],
)
def test_what_is_missing_or_wrong_comes_back_with_a_sentence(
    client: Client, missed: Indicator, changes: dict[str, str], sentence: str
) -> None:
    response = say(client, missed, **changes)
    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert not Correction.objects.exists()


def test_others_read_it_and_cannot_write_it(cast: build.Cast, missed: Indicator) -> None:
    assert logged_in(cast.office_reviewer).get(page(missed)).status_code == 200
    assert logged_in(cast.office_reviewer).post(page(missed, "kpi:file_correction"), SAID).status_code == 403
    assert logged_in(cast.host_officer).get(page(missed)).status_code == 404
    assert logged_in(cast.host_officer).post(page(missed, "kpi:file_correction"), SAID).status_code == 404


def test_what_is_done_stays_as_it_is(client: Client, plan: Plan, missed: Indicator) -> None:
    say(client, missed)
    filed = Correction.objects.get()
    url = reverse("kpi:finish_correction", args=[filed.pk])
    late = client.post(url, {"done_on": "116/1/1", "result": "完成"})
    assert late.status_code == 422
    assert "完成日期不得晚於今日。" in late.content.decode()
    assert client.post(url, {"done_on": "115/11/20", "result": "已補檢。"}).status_code == 302
    again = say(client, missed, cause="另有原因")
    assert again.status_code == 422
    assert "改善措施已於115年11月20日（五）完成，不能變更。" in again.content.decode()
    assert "已補檢。" in text(client, plan)


# --- Violations ------------------------------------------------------------------------------------------------------


@pytest.fixture
def kind(plan: Plan) -> DeductionKind:
    indicator = targets.indicator(plan, formula=Formula.DEDUCTIONS, frequency=Frequency.MONTH, target="80", unit="分")
    return DeductionKind.objects.create(indicator=indicator, name="未出勤且未請假", points=Decimal("0.5"))


def enter(client: Client, plan: Plan, found: DeductionKind, **changes: Any) -> Any:
    data = {"kind": found.pk, "agency": build.listed("民雄國中").pk, "day": "115/10/5", "office_unit": "教務處"}
    return client.post(reverse("kpi:enter_violation", args=[plan.pk]), {**data, "note": "上午查勤", **changes})


def listed(client: Client, plan: Plan) -> str:
    return client.get(f"{reverse('kpi:violations', args=[plan.pk])}?year=115").content.decode()


def test_the_office_enters_a_violation_and_the_unit_sees_it(
    cast: build.Cast, client: Client, plan: Plan, kind: DeductionKind
) -> None:
    assert enter(logged_in(cast.office_reviewer), plan, kind).status_code == 302
    assert "未出勤且未請假" in listed(client, plan)
    assert "登錄違失" not in listed(client, plan)
    assert "未出勤且未請假" not in listed(logged_in(cast.host_officer), plan)
    score = client.get(reverse("kpi:indicator", args=[kind.indicator_id])).content.decode()
    assert "100 − 0.5 × 1（未出勤且未請假） = 99.50 分" in score


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"day": "115/12/1"}, "查獲日期不得晚於今日。"),
        ({"day": "114/12/31"}, "查獲日期須在計畫期間"),
        ({"kind": "0"}, "請選擇"),
        ({"note": "長" * 201}, "最多 200 字"),
    ],
)
def test_weird_violations_are_refused_in_a_sentence(
    cast: build.Cast, plan: Plan, kind: DeductionKind, changes: dict[str, str], sentence: str
) -> None:
    response = enter(logged_in(cast.office_reviewer), plan, kind, **changes)
    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert "教務處" in response.content.decode(), "nothing typed is lost"
    assert not Violation.objects.exists()


def test_a_violation_is_taken_back_with_a_reason(cast: build.Cast, plan: Plan, kind: DeductionKind) -> None:
    client = logged_in(cast.office_reviewer)
    enter(client, plan, kind)
    url = reverse("kpi:remove_violation", args=[Violation.objects.get().pk])
    assert client.post(url, {"reason": " "}).status_code == 422
    assert client.post(url, {"reason": "誤植機關。"}).status_code == 302
    assert not Violation.objects.exists()
    assert Entry.objects.filter(act="violation.removed").get().detail["reason"] == "誤植機關。"
