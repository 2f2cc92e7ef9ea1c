"""The trail in the administration: superusers read and export it, nobody changes it."""

from django.test import Client
from django.urls import reverse

from personnel_portal.accounts.models import User
from personnel_portal.trail.actions import record, seal
from personnel_portal.trail.models import Entry

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
    url = reverse("admin:trail_entry_export")
    assert client.get(url).status_code == 200
    fields = {"resource": "", "format": "1"} | {
        f"entryresource_{name}": "on" for name in ("at", "who", "act_label", "detail")
    }
    answer = client.post(url, fields)
    assert answer.status_code == 200
    assert answer["Content-Type"] == "text/csv"
    assert "登入" in answer.content.decode()
    entry = Entry.objects.get(act="trail.exported")
    assert (entry.actor, entry.address, entry.detail["form"]) == (user, "127.0.0.1", "csv")
