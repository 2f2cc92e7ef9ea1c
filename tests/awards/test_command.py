"""`manage.py commendations` and the award clauses in the administration."""

import io
import json

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.test import Client

from awards.models import Tier
from personnel_portal.accounts.models import User
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
            "專、兼任(辦)會報 1 場（115/11/2，已備查） ≥ 1 → 伍、一、(一) 嘉獎 2 次",
            "伍、一、(二) 記功 1 次未達：專、兼任(辦)會報 1 場（115/11/2，已備查） 不符 ≥ 2；提案 1 案 不符 > 15",
        ],
    )
    assert rows["民雄國中 吳成員"] == ("嘉獎 1 次", ["獲參採且符合獎勵之提案 1 案 → 伍、二 嘉獎 1 次"])
    assert rows["山區"][0] == ""
    assert told("116").splitlines()[3].startswith("海區\t—\t伍、一、(二) 記功 1 次未達")


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
