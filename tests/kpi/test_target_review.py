"""The office's review of figures, one by one and in bulk; closed months."""

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from districts.models import Plan
from kpi.choices import EntryState, Formula
from kpi.forms.targets import CHANGED, stamp
from kpi.models import Actual, Indicator, PeriodLock
from personnel_portal.outbox.models import Message
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
    return targets.indicator(targets.plan(), formula=Formula.RATIO, target="80")


@pytest.fixture
def plan(indicator: Indicator) -> Plan:
    plan: Plan = indicator.goal.plan
    return plan


@pytest.fixture
def waiting(cast: build.Cast, indicator: Indicator) -> list[Actual]:
    """Three figures that wait for the review."""
    made = [
        targets.actual(indicator, build.listed(name), period, ratio=("8", "10"), by=cast.member_officer)
        for name, period in (("大林鎮公所", 1), ("民雄國中", 1), ("民雄國中", 2))
    ]
    Actual.objects.update(submitted_at=build.at(build.TODAY, 9))
    return list(Actual.objects.filter(pk__in=[one.pk for one in made]).order_by("pk"))


@pytest.fixture
def client(cast: build.Cast) -> Client:
    return logged_in(cast.office_reviewer)


def send(client: Client, plan: Plan, decision: str, *entries: Actual, **more: Any) -> Any:
    data = {"decision": decision, "year": "115", "entry": [stamp(entry) for entry in entries], **more}
    return client.post(reverse("kpi:review_targets", args=[plan.pk]), data)


def states() -> list[str]:
    return list(Actual.objects.order_by("pk").values_list("state", flat=True))


def test_what_is_ticked_is_approved(client: Client, plan: Plan, waiting: list[Actual]) -> None:
    page = client.get(reverse("kpi:review_targets", args=[plan.pk])).content.decode()
    assert "共 3 筆" in page
    assert "8 ÷ 10" in page
    response = send(client, plan, "approve", waiting[0], waiting[2])
    assert response.status_code == 302
    assert states() == [EntryState.APPROVED, EntryState.SUBMITTED, EntryState.APPROVED]
    assert Actual.objects.get(pk=waiting[0].pk).reviewed_by is not None


def test_a_page_is_approved_at_once_without_a_tick(client: Client, plan: Plan, waiting: list[Actual]) -> None:
    send(client, plan, "approve_all", shown=[stamp(entry) for entry in waiting])
    assert states() == [EntryState.APPROVED] * 3


def test_what_is_returned_needs_a_reason_and_tells_each_unit_once(
    client: Client, plan: Plan, waiting: list[Actual]
) -> None:
    response = send(client, plan, "return", *waiting, reason="")
    assert response.status_code == 422
    assert "請說明退請補正的理由。" in response.content.decode()
    assert f'value="{stamp(waiting[1])}" checked' in response.content.decode(), "the ticks stay"
    assert states() == [EntryState.SUBMITTED] * 3
    send(client, plan, "return", *waiting, reason="分母請以核定名冊為準。")
    assert states() == [EntryState.RETURNED] * 3
    assert sorted(Message.objects.values_list("to", flat=True)) == ["host@example.gov.tw", "member@example.gov.tw"]


def test_nothing_is_decided_on_what_the_page_did_not_show(client: Client, plan: Plan, waiting: list[Actual]) -> None:
    Actual.objects.filter(pk=waiting[0].pk).update(submitted_at=build.at(build.TODAY, 10), numerator=1)
    response = send(client, plan, "approve", *waiting)
    assert response.status_code == 422
    assert CHANGED in response.content.decode()
    assert states() == [EntryState.SUBMITTED] * 3


def test_what_somebody_else_decided_is_not_decided_again(client: Client, plan: Plan, waiting: list[Actual]) -> None:
    send(client, plan, "approve", waiting[0])
    response = send(client, plan, "approve", *waiting)
    assert response.status_code == 422
    assert states() == [EntryState.APPROVED, EntryState.SUBMITTED, EntryState.SUBMITTED]


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"decision": "approve"}, "請至少勾選一筆填報資料。"),
        ({"decision": "burn", "entry": ["1:0"]}, "請選擇核定或退請補正。"),
        ({"decision": "approve", "entry": ["x", "²:1", "9" * 40]}, CHANGED),
        ({"decision": "return", "entry": ["1:0"], "reason": "長" * 301}, "最多 300 字，目前 301 字"),
    ],
)
def test_weird_decisions_are_refused_in_a_sentence(
    client: Client, plan: Plan, waiting: list[Actual], data: dict[str, Any], sentence: str
) -> None:
    response = client.post(reverse("kpi:review_targets", args=[plan.pk]), data)
    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert states() == [EntryState.SUBMITTED] * 3


def test_the_review_is_narrowed_and_shows_what_was_approved(client: Client, plan: Plan, waiting: list[Actual]) -> None:
    send(client, plan, "approve", waiting[0])
    page = reverse("kpi:review_targets", args=[plan.pk])
    assert "共 2 筆" in client.get(page).content.decode()
    approved = client.get(f"{page}?state=approved").content.decode()
    assert "共 1 筆" in approved
    assert "核定勾選者" not in approved, "what is approved can only be returned"
    assert "共 2 筆" in client.get(f"{page}?agency={build.listed('民雄國中').pk}").content.decode()
    assert "共 2 筆" in client.get(f"{page}?agency=²&indicator=x&state=y").content.decode()


def test_months_are_closed_and_opened_again(client: Client, plan: Plan, waiting: list[Actual]) -> None:
    url = reverse("kpi:lock_targets", args=[plan.pk])
    assert client.post(url, {"year": "115", "month": "3"}).status_code == 302
    assert PeriodLock.objects.get().month == 3
    response = send(client, plan, "return", waiting[0], reason="請更正。")
    assert response.status_code == 422
    assert "已鎖定，請先解除鎖定再退請補正。" in response.content.decode()
    assert client.post(url, {"year": "115", "month": "13"}).status_code == 422
    client.post(url, {"year": "115", "month": "0"})
    assert not PeriodLock.objects.exists()
