"""The catalogue of systems, WebHR's sub-systems, training sessions, and the duties of the plan."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.urls import reverse

from districts.facts import plan_day
from kpi.actions import usage_catalogue as actions
from kpi.choices import Catalogued, ReportState, Round
from kpi.duties import duties as stated
from kpi.models import SubItem, Subsystem, System, UsageTraining
from personnel_portal.duties import stream
from personnel_portal.outbox.models import Message
from personnel_portal.rules.duty import Duty, State
from tests import build
from tests.kpi import usages
from tests.site.clients import logged_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def today() -> Iterator[None]:
    with time_machine.travel(build.at(build.TODAY, 10), tick=False):
        yield


def proposal(cast: build.Cast, name: str = "線上教學平台") -> System:
    system = System(sub_item=SubItem.objects.get(order=4), name=name, builder="教育處", reason="辦理數位研習")
    return actions.propose_system(system=system, agency=build.listed("民雄國中"), by=cast.member_officer)


def test_an_agencys_proposal_waits_for_the_office(cast: build.Cast) -> None:
    system = proposal(cast)
    assert system.state == Catalogued.PROPOSED
    assert system not in System.objects.in_use(build.TODAY)
    assert Message.objects.filter(subject__contains="線上教學平台", to=cast.office_reviewer.email).exists()
    seen = [one.pk for one in System.objects.visible_to(cast.host_officer)]
    assert system.pk not in seen  # other agencies do not see what is only proposed


def test_the_office_lists_it_or_says_why_not(cast: build.Cast) -> None:
    first, second = proposal(cast), proposal(cast, "另一平台")
    actions.decide_system(system=first, accept=True, reason="", since=None, by=cast.office_reviewer)
    assert first in System.objects.in_use(build.TODAY)
    with pytest.raises(ValidationError, match="請說明不列入的理由"):
        actions.decide_system(system=second, accept=False, reason="", since=None, by=cast.office_reviewer)
    actions.decide_system(system=second, accept=False, reason="非人事業務", since=None, by=cast.office_reviewer)
    with pytest.raises(ValidationError, match="已審查為「不列入」"):
        actions.decide_system(system=second, accept=True, reason="", since=None, by=cast.office_reviewer)
    assert "非人事業務" in Message.objects.get(subject__contains="不列入", to=cast.member_officer.email).text


def test_a_name_stands_once_in_its_sub_item(cast: build.Cast) -> None:
    proposal(cast)
    with pytest.raises(ValidationError, match="清單中已有「線上教學平台」"):
        proposal(cast)


def test_the_pages_propose_decide_and_retire(cast: build.Cast) -> None:
    member, reviewer = logged_in(cast.member_officer), logged_in(cast.office_reviewer)
    sub_item = SubItem.objects.get(order=4)
    data = {"sub_item": sub_item.pk, "name": "線上教學平台", "builder": "教育處", "agency": build.listed("民雄國中").pk}
    url = reverse("kpi:propose_usage_system")
    assert member.post(url, data).status_code == 422  # no reason
    assert member.post(url, data | {"reason": "辦理數位研習"}).status_code == 302
    system = System.objects.get(name="線上教學平台")
    page = reverse("kpi:usage_system", args=[system.pk])
    assert member.get(page).status_code == 403
    assert reviewer.post(page, {"do": "refuse"}).status_code == 422
    assert reviewer.post(page, {"do": "accept", "since": ""}).status_code == 302
    change = {"name": system.name, "builder": "教育處", "order": "7", "retired_on": "115/11/22", "since": ""}
    assert reviewer.post(page, change).status_code == 302
    system.refresh_from_db()
    assert system.retired_on == build.TODAY
    assert system not in System.objects.in_use(build.TODAY)
    assert "已停用" in member.get(reverse("kpi:usage_catalogue")).content.decode()


def test_the_catalogue_says_how_many_are_in_use(cast: build.Cast) -> None:
    page = logged_in(cast.member_officer).get(reverse("kpi:usage_catalogue")).content.decode()
    assert "現行 37 項" in page
    assert "推動性別主流化績效化績效報送評選管理系統" in page


def test_sub_systems_are_kept_by_the_office(cast: build.Cast) -> None:
    client = logged_in(cast.office_reviewer)
    url = reverse("kpi:usage_subsystems")
    assert client.post(url, {"name": "組織編制"}).status_code == 302
    again = client.post(url, {"name": "組織編制"})
    assert (again.status_code, "清單中已有「組織編制」" in again.content.decode()) == (422, True)
    client.post(url, {"name": "考績"})
    assert list(Subsystem.objects.values_list("name", "order")) == [("組織編制", 1), ("考績", 2)]
    own = reverse("kpi:usage_subsystem", args=[Subsystem.objects.get(name="考績").pk])
    client.post(own, {"name": "考績作業", "order": "2", "retired_on": "115/1/1"})
    assert Subsystem.objects.get(name="考績作業").retired_on == date(2026, 1, 1)


def test_sessions_of_training_are_counted_to_six(cast: build.Cast) -> None:
    plan = usages.plan()
    url = reverse("kpi:add_usage_training", args=[plan.pk])
    client = logged_in(cast.office_reviewer)
    outside = client.post(url, {"day": "114/12/31", "title": "操作班"})
    assert (outside.status_code, "不在本計畫期間" in outside.content.decode()) == (422, True)
    for number in range(6):
        assert client.post(url, {"day": "115/11/1", "title": f"第{number}梯次"}).status_code == 302
    assert "已達目標" in client.get(reverse("kpi:usage")).content.decode()
    client.post(reverse("kpi:remove_usage_training", args=[UsageTraining.objects.all()[0].pk]))
    assert UsageTraining.objects.count() == 5


# --- Duties ----------------------------------------------------------------------------------------------------------


def duties(on: date = build.TODAY) -> dict[str, Duty]:
    return {duty.key: duty for duty in stream.of_plan(usages.plan(), today=on) if duty.key.startswith("kpi.usage")}


def key(round_: int, agency: Any) -> str:
    return f"kpi.usage.{round_}.agency-{agency.pk}"


def test_every_agency_owes_two_returns_by_their_days(cast: build.Cast) -> None:
    found = duties()
    assert len(found) == 86 * 2 + 1
    first = found[key(1, build.listed("民雄國中"))]
    assert first.due is not None
    assert (first.clause, first.due.effective, first.state(build.TODAY)) == ("六", date(2026, 6, 15), State.LATE)


def test_a_sent_return_is_the_evidence_and_one_that_went_back_is_owed_again(cast: build.Cast) -> None:
    agency = build.listed("民雄國中")
    usages.report(agency, cast.member_officer)
    done = duties()[key(1, agency)]
    assert done.done is not None
    assert (done.done.day, done.done.label) == (build.TODAY, "已送出")
    other = build.listed("大林鎮公所")
    usages.report(other, cast.host_officer, state=ReportState.RETURNED)
    owed = duties()[key(1, other)]
    assert (owed.done, owed.note, owed.action) == (None, "退請補正", "補正")
    assert "/edit/" in owed.url


def test_a_draft_leads_to_its_form(cast: build.Cast) -> None:
    agency = build.listed("民雄國中")
    report = usages.report(agency, cast.member_officer, state=ReportState.DRAFT)
    duty = duties()[key(1, agency)]
    assert (duty.done, duty.url) == (None, reverse("kpi:edit_usage_return", args=[report.pk]))
    assert duties()[key(Round.SECOND, agency)].url.startswith(reverse("kpi:usage"))


def test_the_office_owes_six_sessions(cast: build.Cast) -> None:
    plan = usages.plan()
    for number in range(6):
        UsageTraining.objects.create(plan=plan, day=date(2026, 3, number + 1), title="班")
    duty = duties()["kpi.usage.trainings"]
    assert duty.done is not None
    assert (duty.done.label, duty.done.day) == ("已辦 6 梯次", date(2026, 3, 6))
    assert duty.agency_id == build.listed("人事處").pk


def test_the_duties_ask_the_same_number_of_queries_however_many_file(
    cast: build.Cast, django_assert_max_num_queries: Any
) -> None:
    usages.report(build.listed("民雄國中"), cast.member_officer)
    on = plan_day(usages.plan(), build.TODAY)
    with django_assert_max_num_queries(5):
        assert len(list(stated(on))) == 173
