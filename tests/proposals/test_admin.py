"""Cases, proposals and all that belongs to them in the administration."""

import re
from io import BytesIO
from typing import Any

import pytest
from django.apps import apps
from django.test import Client

from personnel_portal.documents import sheets
from proposals.models import Statute
from tests import build

pytestmark = pytest.mark.django_db
MODELS = [
    model._meta.model_name for model in apps.get_app_config("proposals").get_models() if not model._meta.auto_created
]


@pytest.fixture
def client() -> Client:
    """A superuser, signed in."""
    user = build.user(username="root")
    user.is_staff = user.is_superuser = True
    user.save()
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.mark.parametrize("model", MODELS)
def test_every_model_is_listed_searched_and_exported(client: Client, model: str) -> None:
    assert client.get(f"/admin/proposals/{model}/").status_code == 200
    assert client.get(f"/admin/proposals/{model}/?q=%25").status_code == 200
    assert client.get(f"/admin/proposals/{model}/export/").status_code == 200


@pytest.mark.parametrize("model", ["case", "proposal"])
def test_items_are_shown_and_exported_but_not_edited(client: Client, model: str) -> None:
    item: Any = build.case() if model == "case" else build.proposal()
    page = client.get(f"/admin/proposals/{model}/{item.pk}/change/")
    assert (page.status_code, item.subject in page.text) == (200, True)
    assert client.post(f"/admin/proposals/{model}/{item.pk}/change/", {"state": "published"}).status_code == 403
    assert client.get(f"/admin/proposals/{model}/add/").status_code == 403
    names = re.findall(rf'name="({model}resource_\w+)"', client.get(f"/admin/proposals/{model}/export/").text)
    answer: Any = client.post(
        f"/admin/proposals/{model}/export/", {"format": "0", "resource": "0", **dict.fromkeys(names, "on")}
    )
    head, row = sheets.read(BytesIO(answer.content))
    told = dict(zip(head, row, strict=False))  # empty cells at the end of a row are not written
    assert (told["案由"], told["狀態"]) == (item.subject, "draft")
    assert "檢索字串" not in head


def test_statutes_are_looked_after_here(client: Client) -> None:
    office = build.county()
    page = client.post("/admin/proposals/statute/add/", {"office": office.pk, "name": "臺灣省法規"})
    assert page.status_code == 302
    assert client.post("/admin/proposals/statute/add/", {"office": office.pk, "name": "台灣省法規"}).status_code == 200
    assert [statute.folded for statute in Statute.objects.all()] == ["臺灣省法規"]
