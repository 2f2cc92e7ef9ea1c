"""The pages of plans and of the office calendar: what is typed, what is shown before it is saved, what is refused."""

import datetime as dt
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from districts.models import Closure, Plan
from personnel_portal.trail.models import Entry
from tests import build
from tests.districts.conftest import Login

CALENDAR = "fixtures/calendar/office-calendar-116.csv"


@pytest.fixture
def admin(cast: build.Cast, login: Login) -> Client:
    return login(cast.office_admin)


def test_clone_shows_differences_before_it_saves(admin: Client, cast: build.Cast) -> None:
    url = reverse("districts:clone_plan", args=[cast.plan.pk])
    page = admin.post(url, {"year": "117"}).content.decode()
    for sentence in ["116年度與 117年度的差異", "116年10月1日（五）至117年9月30日（六）", "辦公日曆尚未匯入"]:
        assert sentence in page
    assert not Plan.objects.filter(year=117).exists()
    done: Any = admin.post(url, {"year": "117", "confirmed": "1"}, follow=True)
    assert "已建立117年度分區聯繫會報計畫，請檢視期限與條文解釋。" in done.content.decode()
    assert Plan.objects.get(year=117).memberships.count() == 85


@pytest.mark.parametrize(("year", "sentence"), [("113", "113年度分區聯繫會報計畫已存在。"), ("0", "年度")])
def test_impossible_year_is_refused(admin: Client, cast: build.Cast, year: str, sentence: str) -> None:
    response = admin.post(reverse("districts:clone_plan", args=[cast.plan.pk]), {"year": year})
    assert (response.status_code, sentence in response.content.decode()) == (422, True)


def test_letter_is_entered_once_and_taken_back(admin: Client, cast: build.Cast) -> None:
    url = reverse("districts:add_version", args=[cast.plan.pk])
    data = {"kind": "approved", "number": "府人任字第1150000001號函", "issued_on": "115/9/15", "note": ""}
    page: Any = admin.post(url, data, follow=True)
    assert "115年9月15日（二）" in page.content.decode()
    assert "此文號已登錄。" in admin.post(url, data).content.decode()
    version = cast.plan.versions.get()
    admin.post(reverse("districts:remove_version", args=[cast.plan.pk, version.pk]))
    assert not cast.plan.versions.exists()
    assert Entry.objects.filter(act="plan.version_removed").exists()


def deadline_data(**changes: str) -> dict[str, str]:
    data = {"title": "會後報送", "clause": "肆、二、(三)", "nominal": "", "month_day": "", "days_after": "", "policy": "next", "hour": "", "note": ""}  # fmt: skip
    return data | changes


def test_deadline_is_edited(admin: Client, cast: build.Cast) -> None:
    deadline = cast.plan.deadlines.get(duty="meetings.minutes")
    url = reverse("districts:edit_deadline", args=[cast.plan.pk, deadline.pk])
    admin.post(url, deadline_data(days_after="14", hour="17:00"))
    deadline.refresh_from_db()
    assert (deadline.days_after, deadline.hour) == (14, dt.time(17))
    assert Entry.objects.get(act="deadline.changed").detail["changes"]["事後幾日內"] == ["None", "14"]
    refused = admin.post(url, deadline_data(days_after="14", nominal="116/6/30"))
    assert "只能擇一填寫" in refused.content.decode()
    assert "請填 1 到 31。" in admin.post(url, deadline_data(month_day="32")).content.decode()


def test_deadline_of_another_plan_does_not_exist(admin: Client, cast: build.Cast) -> None:
    other = build.plan(year=113).deadlines.first()
    assert other is not None
    assert admin.get(reverse("districts:edit_deadline", args=[cast.plan.pk, other.pk])).status_code == 404


def test_reading_is_confirmed_once(admin: Client, cast: build.Cast) -> None:
    reading = cast.plan.readings.get(key="proposals_over")
    url = reverse("districts:confirm_reading", args=[cast.plan.pk, reading.pk])
    assert "「伍、一、(二)」的解釋。" in admin.post(url, {"confirmed_on": "115/11/20"}, follow=True).content.decode()
    page: Any = admin.post(url, {"confirmed_on": "115/11/21"}, follow=True)
    assert "此解釋已於 115/11/20 確認。" in page.content.decode()
    reading.refresh_from_db()
    assert reading.confirmed_on == dt.date(2026, 11, 20)


def test_reading_is_not_confirmed_ahead_of_time(admin: Client, cast: build.Cast) -> None:
    reading = cast.plan.readings.get(key="proposals_over")
    url = reverse("districts:confirm_reading", args=[cast.plan.pk, reading.pk])
    page: Any = admin.post(url, {"confirmed_on": "116/11/20"}, follow=True)
    assert "確認日期不得晚於今天。" in page.content.decode()


def plan_data(plan: Plan, **changes: str) -> dict[str, str]:
    data = {"title": plan.title, "starts": "115/10/1", "ends": "116/9/30", "budget_label": "", "convener": "處長", "reminder_offsets": "14、3、0", "overdue_every": "7", "note": ""}  # fmt: skip
    return data | changes


def test_plan_settings_are_edited(admin: Client, cast: build.Cast) -> None:
    url = reverse("districts:edit_plan", args=[cast.plan.pk])
    assert admin.post(url, plan_data(cast.plan)).status_code == 302
    cast.plan.refresh_from_db()
    assert cast.plan.reminder_offsets == [14, 3, 0]
    for offsets in ("一週", "-1", "9999999999"):
        assert admin.post(url, plan_data(cast.plan, reminder_offsets=offsets)).status_code == 422
    page = admin.post(url, plan_data(cast.plan, ends="116/8/31")).content.decode()
    assert "分區成員的起訖日超出新的計畫期間，請先調整成員。" in page


def test_closure_shows_consequences_before_it_is_declared(admin: Client, cast: build.Cast) -> None:
    deadline = cast.plan.deadlines.get(duty="districts.coaching")
    deadline.month_day = 25
    deadline.save()
    url = reverse("districts:declare_closure")
    page = admin.post(url, {"day": "115/11/25", "reason": "颱風"}).content.decode()
    assert f"116年度「{deadline.title}」的期限由 115年11月25日（三）改為 115年11月26日（四）。" in page
    assert not Closure.objects.exists()
    admin.post(url, {"day": "115/11/25", "reason": "颱風", "confirmed": "1"})
    closure = Closure.objects.get()
    assert (closure.reason, closure.told_at) == ("颱風", None)
    again = admin.post(url, {"day": "115/11/25", "reason": "地震", "confirmed": "1"})
    assert "115年11月25日（三）已登錄停止上班（颱風）。" in again.content.decode()
    withdraw = reverse("districts:withdraw_closure", args=[closure.pk])
    page = admin.get(withdraw).content.decode()
    assert f"「{deadline.title}」的期限由 115年11月26日（四）改為 115年11月25日（三）。" in page
    admin.post(withdraw)
    assert not Closure.objects.exists()


def test_closure_without_consequence_says_so(admin: Client) -> None:
    page = admin.post(reverse("districts:declare_closure"), {"day": "115/11/24", "reason": "颱風"}).content.decode()
    assert "沒有固定期限因此變動" in page


def test_calendar_is_imported_and_refused(admin: Client) -> None:
    url = reverse("districts:import_calendar")
    with open(CALENDAR, "rb") as file:
        content = file.read()
    page: Any = admin.post(url, {"file": SimpleUploadedFile("116.csv", content)}, follow=True)
    assert "116年辦公日曆已更新，與原日曆不同 0 日" in page.content.decode()
    broken = admin.post(url, {"file": SimpleUploadedFile("116.csv", content[:900])})
    assert broken.status_code == 422


@pytest.mark.parametrize("year", ["116", "120", "0", "x", "9999", "²"])
def test_year_view_of_any_year_opens(admin: Client, year: str) -> None:
    assert admin.get(reverse("districts:office_calendar"), {"year": year}).status_code == 200
