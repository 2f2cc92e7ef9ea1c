"""The trail and the kept files in the administration: looked up and exported, changed by nobody."""

import csv
import io
from typing import Any

from django.test import Client
from django.urls import reverse

from personnel_portal.accounts.models import User
from personnel_portal.trail.actions import record, seal
from personnel_portal.trail.models import Entry
from tests import build

LIST = reverse("admin:trail_entry_changelist")


def login(client: Client, *, superuser: bool) -> User:
    user: User = User.objects.create_user(
        "root", name="管理者", is_staff=True, is_superuser=superuser, must_change_password=False
    )
    client.force_login(user)
    return user


def test_a_superuser_searches_and_reads(db: None, client: Client) -> None:
    user = login(client, superuser=True)
    entry = record("x.y", user, by=user, note="甲乙")
    seal()
    page = client.get(LIST, {"q": "管理者"})
    assert page.status_code == 200
    assert entry in page.context["cl"].result_list
    detail = client.get(reverse("admin:trail_entry_change", args=[entry.pk]))
    assert "甲乙" in detail.content.decode()
    assert client.get(reverse("admin:trail_entry_add")).status_code == 403
    assert client.post(reverse("admin:trail_entry_delete", args=[entry.pk]), {"post": "yes"}).status_code == 403


def test_staff_without_full_rights_do_not_see_it(db: None, client: Client) -> None:
    login(client, superuser=False)
    assert client.get(LIST).status_code == 302
    assert client.get(reverse("admin:trail_entry_export")).status_code == 302


def test_an_export_is_an_act_too(db: None, client: Client) -> None:
    user = login(client, superuser=True)
    record("x.y", user, by=user, note="甲乙")
    content = exported(client, "trail_entry")
    assert content.startswith(b"\xef\xbb\xbf"), "Excel needs the mark"
    assert "登入" in content.decode()
    entry = Entry.objects.get(act="trail.exported")
    assert (entry.actor, entry.address, entry.detail["form"]) == (user, "127.0.0.1", "csv（UTF-8）")
    assert not Entry.objects.filter(act="admin.exported").exists()


def test_files_are_looked_up_and_exported_without_their_formulas(db: None, client: Client) -> None:
    user = login(client, superuser=True)
    stored = build.stored_file(name="=HYPERLINK(1).pdf", by=user)
    assert stored.sha256 in client.get(reverse("admin:uploads_storedfile_changelist"), {"q": "HYPER"}).content.decode()
    assert client.get(reverse("admin:uploads_storedfile_change", args=[stored.pk])).status_code == 200
    assert client.get(reverse("admin:uploads_storedfile_add")).status_code == 403
    assert client.post(reverse("admin:uploads_storedfile_delete", args=[stored.pk]), {"post": "yes"}).status_code == 403
    (row,) = csv.DictReader(io.StringIO(exported(client, "uploads_storedfile").decode("utf-8-sig")))
    assert {stored.sha256, "'=HYPERLINK(1).pdf"} <= set(row.values())
    assert Entry.objects.get(act="admin.exported").detail["model"] == "uploads.StoredFile"


def exported(client: Client, model: str) -> bytes:
    """Return the csv that the administration gives out."""
    url = reverse(f"admin:{model}_export")
    assert client.get(url).status_code == 200
    answer: Any = client.post(url, {"resource": "", "format": "2"})
    assert answer.status_code == 200
    content: bytes = answer.content
    return content
