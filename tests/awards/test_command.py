"""`manage.py commendations` and the award clauses in the administration."""

import io
import json

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.test import Client

from awards.actions import runs
from awards.choices import Part
from awards.models import ProposalRule, Tier
from meetings.choices import MinutesState
from personnel_portal.accounts.models import User
from proposals.choices import Outcome
from tests import build
from tests.awards import making

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]


def told(*arguments: str) -> str:
    out = io.StringIO()
    call_command("commendations", *arguments, stdout=out)
    return out.getvalue()


def test_every_district_and_proposer_is_told_with_the_reasons(cast: build.Cast) -> None:
    making.accepted_meeting(days_ago=20)
    making.adopted(by=cast.office_reviewer)
    rows = {row["who"]: (row["granted"], row["because"]) for row in json.loads(told("116", "--format", "json"))}
    assert rows["北平原區"] == (
        "嘉獎 2 次",
        [
            "專、兼任(辦)會報 1 場（115/11/2，已備查）≥ 1 → 伍、一、(一) 嘉獎 2 次",
            "伍、一、(二) 記功 1 次未達：專、兼任(辦)會報 1 場（115/11/2，已備查）不符 ≥ 2；提案 1 案 不符 > 15",
        ],
    )
    assert rows["民雄國中 吳成員"] == ("嘉獎 1 次", ["獲參採且符合獎勵之提案 1 案 → 伍、二 嘉獎 1 次"])
    assert rows["山區"][0] == ""
    assert told("116").splitlines()[3].startswith("海區\t—\t伍、一、(二) 記功 1 次未達")


def test_it_tells_what_the_pages_tell(cast: build.Cast) -> None:
    meeting = making.accepted_meeting(days_ago=20, state=MinutesState.SUBMITTED)
    making.host_person(cast.host_officer.person, by=cast.office_reviewer, part=Part.HEAD)
    refused = making.adopted(by=cast.office_reviewer, outcome=Outcome.REJECTED, qualifies=False, subject="不採")
    nameless = making.adopted(by=cast.office_reviewer, contact_name="外人", subject="無人")
    adopted = making.adopted(by=cast.office_reviewer)
    rows = json.loads(told("116", "--format", "json"))

    north = next(row for row in rows if row["who"] == "北平原區")
    assert (north["is_estimated"], north["clauses"], north["counts"]["meetings"]) == (True, ["伍、一、(一)"], 1)
    assert f"meetings.meeting-{meeting.pk}" in north["references"]
    by_who = {row["who"]: row for row in rows}
    assert by_who["北平原區聯繫會報（主管）：黃承辦"]["granted"] == "嘉獎 2 次"
    rejected = by_who[f"{refused.reference} 不採"]
    assert (rejected["state"], rejected["because"]) == ("不參採", ["研處為「不參採」；獲本處參採者始予獎勵。"])
    unknown = next(row for row in rows if row["sort"] == "unknown")
    assert unknown["references"] == [f"proposals.proposal-{nameless.pk}"]
    proposer = by_who["民雄國中 吳成員"]
    assert (proposer["clauses"], proposer["references"]) == (["伍、二"], [f"proposals.proposal-{adopted.pk}"])


def test_it_tells_what_was_approved_and_that_it_is_not_rewarded_again(cast: build.Cast) -> None:
    proposal = making.adopted(by=cast.office_reviewer)
    run = runs.make_run(plan=cast.plan, by=cast.office_admin)
    runs.approve_run(run=run, number="府人任字第1號", day=build.TODAY, by=cast.office_reviewer)
    rows = json.loads(told("116", "--format", "json"))
    (approved,) = [row for row in rows if row["sort"] == "approved"]
    assert (approved["who"], approved["granted"], approved["state"]) == ("民雄國中 吳成員", "嘉獎 1 次", "已核定")
    assert approved["because"][-1] == "116年度第 1 次獎勵試算核定，府人任字第1號"
    reason = next(row for row in rows if row["who"].startswith(f"{proposal.reference} "))
    assert reason["because"][0] == "已於116年度第 1 次獎勵試算核予「吳成員 嘉獎 1 次」，不重複獎勵。"


def test_a_plan_without_clauses_says_so(cast: build.Cast) -> None:
    Tier.objects.filter(plan=cast.plan).delete()
    ProposalRule.objects.filter(plan=cast.plan).delete()
    printed = told("116")
    assert "北平原區\t—\t本年度計畫未訂承辦聯繫會報的獎勵。" in printed
    assert "提案獲參採\t—\t本年度計畫未訂提案獎勵。" in printed


def test_an_unknown_year_is_one_sentence() -> None:
    with pytest.raises(CommandError, match="沒有99年度的分區聯繫會報計畫。"):
        told("99")


@pytest.fixture
def client() -> Client:
    user = User.objects.create_superuser("root", "root@example.gov.tw", build.PASSWORD, name="管理員")
    user.must_change_password = False
    user.save()
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.mark.parametrize("model", [model._meta.model_name for model in apps.get_app_config("awards").get_models()])
def test_every_model_is_listed_searched_and_exported(client: Client, model: str) -> None:
    for page in ("", "?q=%25", "export/"):
        assert client.get(f"/admin/awards/{model}/{page}").status_code == 200


def test_a_reversed_or_empty_condition_is_refused_in_a_sentence(client: Client) -> None:
    tier = Tier.objects.first()
    assert tier is not None
    values = {"tier": tier.pk, "measure": "attendees"}
    for bounds, sentence in (
        ({"low": 50, "high": 30}, "上限須大於下限；兩者相同時須均包含。"),
        ({}, "請至少填下限或上限。"),
    ):
        page = client.post("/admin/awards/tiercondition/add/", values | bounds)
        assert (page.status_code, sentence in page.text) == (200, True)
