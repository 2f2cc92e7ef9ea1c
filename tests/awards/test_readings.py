"""Readings of award clauses: what they may say, what is computed, and what a page says of it."""

import pytest
from django.test import Client
from django.urls import reverse

from awards import outlook, readings
from districts.models import Plan, Reading
from meetings.choices import MeetingKind
from personnel_portal.accounts.models import User
from tests import build
from tests.awards import making
from tests.awards.sections import words_of
from tests.site.clients import logged_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]


def read(plan: Plan, key: str, value: object) -> Reading:
    reading = Reading.objects.get(plan=plan, key=key)
    reading.value = value
    reading.save()
    return reading


@pytest.fixture
def root() -> Client:
    user = User.objects.create_superuser("root", "root@example.gov.tw", build.PASSWORD, name="管理員")
    user.must_change_password = False
    user.save()
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("cap_per", "district"),
        ("cap_per", 7),
        ("counted_meeting_kinds", ["B"]),
        ("counted_meeting_kinds", ["B", "A"]),
        ("counted_meeting_kinds", {"A": 1}),
        ("tiers_replace", "no"),
        ("joint_proposal", ""),
    ],
)
def test_an_unknown_value_is_read_as_the_chosen_one_everywhere(cast: build.Cast, key: str, value: object) -> None:
    making.accepted_meeting(days_ago=20)
    making.accepted_meeting(kind=MeetingKind.FULL_TIME, days_ago=5)
    making.proposals(16)
    read(cast.plan, key, value)
    cast.plan.refresh_from_db()
    answer = logged_in(cast.office_reader).get(reverse("awards:overview"))
    assert answer.status_code == 200
    known = readings.chosen([])
    changed = {"counted_meeting_kinds", "tiers_replace", "cap_per", "joint_proposal"}
    for other in readings.alternatives(cast.plan):
        assert other.value in readings.VALUES[other.reading.key]
        if other.reading.key != "counted_meeting_kinds":
            assert other.readings.hosting.kinds == known.hosting.kinds
    assert {line.difference.alternative.reading.key for line in answer.context["compared"]} == changed
    assert outlook.look(cast.plan).rules.readings == known


def test_the_page_shows_what_is_computed_and_not_the_free_text(cast: build.Cast) -> None:
    read(cast.plan, "tiers_replace", False)
    told = words_of(logged_in(cast.office_reader).get(reverse("awards:overview")), "readings")
    assert "採用：各級獎勵併計" in told
    assert "採用：取代" not in told


def test_the_administration_refuses_a_value_that_nothing_computes_with(cast: build.Cast, root: Client) -> None:
    reading = Reading.objects.get(plan=cast.plan, key="cap_per")
    address = reverse("admin:districts_reading_change", args=[reading.pk])
    form = root.get(address).context["adminform"].form
    posted = {name: form.initial.get(name) or "" for name in form.fields} | {"plan": cast.plan.pk, "confirmed_by": ""}
    refused = root.post(address, posted | {"value": '"district"'})
    assert refused.status_code == 200
    assert (
        "這項條文解釋只能採用&quot;person&quot;（上限以每人計）、&quot;agency&quot;（上限以每一機關計）、"
        "&quot;proposal&quot;（上限以每一提案計）之一。" in refused.text
    )
    assert root.post(address, posted | {"value": '"agency"'}).status_code == 302
    reading.refresh_from_db()
    assert (reading.value, reading.effect) == ("agency", "上限以每一機關計")


def test_a_reading_that_switches_nothing_says_so(cast: build.Cast) -> None:
    page = logged_in(cast.office_admin).get(reverse("districts:plan", args=[cast.plan.pk])).text
    assert "案數門檻由獎勵級距的條件設定，變更本項不影響試算。" in page
    assert "較高獎勵取代較低者" in page


def test_every_award_reading_is_a_switch_or_says_that_it_is_none(cast: build.Cast) -> None:
    asked = Reading.objects.filter(plan=cast.plan, clause__startswith="伍")
    assert asked.exists()
    assert [reading.key for reading in asked if not reading.effect] == []


def test_a_confirmed_reading_is_still_shown(cast: build.Cast) -> None:
    Reading.objects.filter(plan=cast.plan).update(confirmed_on=build.TODAY)
    told = words_of(logged_in(cast.office_reader).get(reverse("awards:overview")), "readings")
    assert "專任會報是否計入「2 場次以上」？ 採用：僅計專、兼任(辦)會報 已確認" in told


def test_what_if_says_what_other_readings_would_make_of_it(cast: build.Cast) -> None:
    making.accepted_meeting(days_ago=20)
    making.proposals(16)
    address = reverse("awards:what_if", args=[build.district("北平原區").pk])
    host = logged_in(cast.host_officer)
    told = words_of(host.get(address, {"full_time": 1, "adopted": 3}), "otherwise")
    assert "專任會報併計：記功 1 次" in told
    assert "上限以每一提案計：提案人 嘉獎 3 次" in told
    assert "上限以每一機關計" not in told, "the same result is not told"
    Reading.objects.filter(plan=cast.plan).update(confirmed_on=build.TODAY)
    assert "otherwise" not in host.get(address, {"full_time": 1}).text
