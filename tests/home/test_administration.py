"""What administrators look after: the audit trail of their own office, and the state of the portal."""

import pytest
from django.test import Client
from django.urls import reverse

from personnel_portal.home import health
from personnel_portal.trail.actions import record
from personnel_portal.trail.models import Entry
from tests import build
from tests.site.clients import logged_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(cast: build.Cast) -> Client:
    return logged_in(cast.office_admin)


def test_administration_says_what_is_wrong(admin: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "check", lambda: (False, {"broker": "無法連線"}))
    text = admin.get(reverse("home:administration")).content.decode()
    assert "異常" in text
    assert "無法連線" in text


def test_trail_shows_the_own_office_alone(admin: Client, cast: build.Cast) -> None:
    elsewhere = cast.other_reviewer.person.office
    record("meeting.called", elsewhere, by=cast.other_reviewer, office_id=elsewhere.pk, note="他縣的事")
    record("meeting.called", build.county(), by=cast.host_officer, office_id=build.county().pk, note="本縣的事")
    record("logout", cast.member_officer, by=cast.member_officer, note="沒有註明人事處")
    text = admin.get(reverse("home:trail")).content.decode()
    assert "本縣的事" in text
    assert "沒有註明人事處" in text
    assert "他縣的事" not in text


def test_trail_shows_what_happened_to_the_offices_own_accounts(admin: Client, cast: build.Cast) -> None:
    record("login.failed", cast.member_officer, by=None, note="本縣帳號密碼錯誤")
    record("account.locked", cast.other_reviewer, by=None, note="他縣帳號鎖定")
    record("account.reviewed", cast.stranger, by=None, note="無人的帳號")
    record("meeting.called", build.agency(), by=None, note="別種對象")
    text = admin.get(reverse("home:trail")).content.decode()
    assert "本縣帳號密碼錯誤" in text
    for other in ("他縣帳號鎖定", "無人的帳號", "別種對象"):
        assert other not in text


def test_trail_is_filtered_and_exported_and_says_so_itself(admin: Client, cast: build.Cast) -> None:
    county = build.county()
    record("meeting.called", county, by=cast.host_officer, office_id=county.pk, note="在三樓")
    record("logout", county, by=cast.member_officer, office_id=county.pk, note="離開")
    url = reverse("home:trail")
    assert "離開" not in admin.get(url, {"act": "meeting.called"}).content.decode()
    assert "離開" not in admin.get(url, {"q": "黃承辦"}).content.decode()
    assert "在三樓" not in admin.get(url, {"until": "113/1/1"}).content.decode()
    sheet = admin.get(url, {"act": "meeting.called", "export": "csv"}).getvalue().decode("utf-8-sig")
    assert len(sheet.strip().splitlines()) == 2
    assert "黃承辦" in sheet
    told = Entry.objects.filter(act="list.exported").get()
    assert (told.actor_name, told.office_id) == ("林主任", county.pk)
