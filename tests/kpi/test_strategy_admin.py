"""Indicators and targets in the real administration: what compares nothing is refused in a sentence."""

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse

from kpi.models import Goal, Indicator, Target
from tests import build
from tests.kpi import targets
from tests.site.clients import logged_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(cast: build.Cast) -> Client:
    chief = get_user_model().objects.create_superuser("chief", "chief@example.gov.tw", build.PASSWORD, name="管理員")
    get_user_model().objects.filter(pk=chief.pk).update(must_change_password=False)
    return logged_in(chief)


@pytest.fixture
def goal(cast: build.Cast) -> Goal:
    goal: Goal = targets.plan().goals.get()
    return goal


def add(client: Client, goal: Goal, *rows: dict[str, str], **changes: str) -> Any:
    """Send the form of a new indicator with rows of targets."""
    data = {
        "goal": str(goal.pk),
        "order": "1",
        "name": "健康檢查受檢率",
        "comparator": "at_least",
        "unit": "%",
        "decimals": "2",
        "formula": "number",
        "aggregation": "sum",
        "frequency": "quarter",
        "reported_by": "units",
        "source": "none",
        "targets-TOTAL_FORMS": str(len(rows)),
        "targets-INITIAL_FORMS": "0",
        "deduction_kinds-TOTAL_FORMS": "0",
        "deduction_kinds-INITIAL_FORMS": "0",
    }
    for number, row in enumerate(rows):
        data |= {f"targets-{number}-{name}": value for name, value in row.items()}
    return client.post(reverse("admin:kpi_indicator_add"), data | changes)


def test_an_indicator_is_entered_with_its_targets(client: Client, goal: Goal) -> None:
    response = add(client, goal, {"year": "115", "value": "80"})
    assert response.status_code == 302, response.content.decode()[:3000]
    assert Indicator.objects.get(goal=goal).code == "1-1"
    assert Target.objects.get(indicator__goal=goal).value == 80


@pytest.mark.parametrize(
    ("rows", "changes", "sentence"),
    [
        ([], {}, "已選比較方式「≧」，請至少填一個年度的目標值。"),
        ([{"year": "115", "value": "3"}], {"comparator": "range"}, "比較方式為「區間」，請填上限。"),
        ([{"year": "115", "value": "5", "upper": "3"}], {"comparator": "range"}, "上限不得小於目標值。"),
        ([{"year": "115", "value": "3", "upper": "5"}], {}, "比較方式為「≧」，不填上限。"),
        ([{"year": "115", "value": "2"}], {"comparator": "yes"}, "目標值請填 1（是）或 0（否）。"),
        ([{"year": "116", "value": "80"}], {}, "年度須在計畫期間（115 至 115 年度）內。"),
        (
            [{"year": "115", "value": "80"}],
            {"formula": "months_kept"},
            "以符合月數計算的指標，填報週期須為每月。",
        ),
    ],
)
def test_what_compares_nothing_is_refused_in_a_sentence(
    client: Client, goal: Goal, rows: list[dict[str, str]], changes: dict[str, str], sentence: str
) -> None:
    response = add(client, goal, *rows, **changes)
    assert response.status_code == 200
    assert sentence in response.content.decode()
    assert not Indicator.objects.filter(goal=goal).exists()


@pytest.mark.parametrize(
    "model", ["strategy", "unit", "goal", "indicator", "target", "actual", "violation", "correction"]
)
def test_every_list_opens_with_a_search(cast: build.Cast, client: Client, goal: Goal, model: str) -> None:
    made = targets.indicator(goal.plan, target="1")
    targets.actual(made, build.listed("民雄國中"), 1, "1", by=cast.member_officer)
    assert client.get(reverse(f"admin:kpi_{model}_changelist"), {"q": "民雄"}).status_code == 200
