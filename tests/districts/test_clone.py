"""Carrying the plan of 113 over to another year."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from districts.actions import plans
from districts.actions.plans import Difference, clone_plan, preview_clone, shifted
from districts.models import District, Membership, Plan
from personnel_portal.trail.models import Entry
from tests import build

pytestmark = pytest.mark.django_db


@pytest.fixture
def original() -> Plan:
    return build.plan(year=113)


def layout(plan: Plan) -> list[object]:
    return [
        (
            district.name,
            district.order,
            list(district.areas.values_list("label", "township__name", "order")),
            list(district.memberships.values_list("agency__short_name", "area__label", "order", "is_host")),
        )
        for district in plan.districts.all()
    ]


def settings_of(plan: Plan) -> list[object]:
    return [
        plan.kind, plan.issuing_body, plan.convener, plan.reminder_offsets, plan.overdue_every,
        list(plan.readings.values_list("key", "clause", "question", "value", "chosen", "alternative", "reason")),
        list(plan.deadlines.values_list("duty", "title", "clause", "month_day", "days_after", "policy", "hour", "note")),
    ]  # fmt: skip


def test_clone_has_the_same_districts_and_settings(original: Plan) -> None:
    clone = clone_plan(plan=original, year=116, by=None)
    assert layout(clone) == layout(original)
    assert settings_of(clone) == settings_of(original)
    assert clone.cloned_from == original


def test_clone_moves_dates_and_names_by_the_years(original: Plan) -> None:
    clone = clone_plan(plan=original, year=116, by=None)
    assert (clone.starts, clone.ends) == (date(2026, 10, 1), date(2027, 9, 30))
    assert clone.title == "嘉義縣政府人事處暨所屬人事機構116年度分區聯繫會報實施計畫"
    assert clone.budget_label == "116年度人事業務－任免遷調－業務費"
    assert dict(clone.deadlines.exclude(nominal=None).values_list("duty", "nominal")) == {
        "meetings.hold.A": date(2027, 6, 30),
        "meetings.hold.B": date(2027, 8, 31),
    }
    assert set(clone.memberships.values_list("since", "until")) == {(clone.starts, clone.ends)}


def test_clone_shares_no_row_and_leaves_the_original_alone(original: Plan) -> None:
    before = layout(original), settings_of(original), original.versions.count()
    clone = clone_plan(plan=original, year=116, by=None)
    district = clone.districts.get(name="山區")
    district.name = "山線"
    district.save()
    clone.deadlines.update(title="改")
    clone.memberships.filter(agency=build.listed("消防局")).delete()
    assert (layout(original), settings_of(original), original.versions.count()) == before


def test_clone_waits_for_its_own_letters_and_confirmations(original: Plan) -> None:
    admin = build.officer(build.listed("人事處"))
    original.readings.filter(key="proposals_over").update(confirmed_on=date(2024, 1, 5), confirmed_by=admin)
    clone = clone_plan(plan=original, year=116, by=admin)
    assert clone.versions.count() == 0
    assert not clone.readings.exclude(confirmed_on=None, confirmed_by=None).exists()
    assert original.readings.get(key="proposals_over").confirmed_by == admin
    entry = Entry.objects.get(act="plan.cloned", actor=admin)
    assert (entry.target_label, entry.office_id) == (str(clone), original.office_id)


def test_clone_takes_members_and_hosts_of_the_last_day(original: Plan) -> None:
    north = original.districts.get(name="北平原區")
    change = date(2024, 3, 1)
    old_host = Membership.objects.get(district=north, is_host=True)
    old_host.until = change - timedelta(days=1)
    old_host.save()
    build.membership(district=north, agency=old_host.agency, since=change, order=old_host.order)
    next_host = Membership.objects.get(district=north, agency=build.listed("民雄鄉公所"))
    next_host.until = change - timedelta(days=1)
    next_host.save()
    build.membership(district=north, agency=next_host.agency, since=change, is_host=True, order=1)
    Membership.objects.filter(agency=build.listed("平林國小")).update(until=change)

    clone = clone_plan(plan=original, year=114, by=None)
    assert [m.agency.short_name for m in clone.memberships.filter(is_host=True, district__name="北平原區")] == [
        "民雄鄉公所"
    ]
    assert clone.memberships.filter(agency=old_host.agency).count() == 1
    assert not clone.memberships.filter(agency=build.listed("平林國小")).exists()
    assert clone.memberships.count() == 84


def test_preview_shows_the_differences_and_saves_nothing(original: Plan) -> None:
    Membership.objects.filter(agency=build.listed("平林國小")).update(until=date(2024, 3, 1))
    original.readings.filter(key="proposals_over").update(confirmed_on=date(2024, 1, 5))
    before = Plan.objects.count(), District.objects.count(), Membership.objects.count()
    preview = preview_clone(original, 116)
    assert preview.differences == (
        Difference("年度", "113", "116"),
        Difference(
            "計畫名稱",
            "嘉義縣政府人事處暨所屬人事機構113年度分區聯繫會報實施計畫",
            "嘉義縣政府人事處暨所屬人事機構116年度分區聯繫會報實施計畫",
        ),
        Difference("期間", "112年10月1日（日）至113年9月30日（一）", "115年10月1日（四）至116年9月30日（四）"),
        Difference("經費來源", "113年度人事業務－任免遷調－業務費", "116年度人事業務－任免遷調－業務費"),
        Difference("核定及修正文號", "府人任字第1120215206號函核定、府人任字第1120316236號函修正", ""),
        Difference("期限：辦理專、兼任(辦)人事人員聯繫會報至少 1 場次", "113年6月30日（日）", "116年6月30日（三）"),
        Difference("期限：辦理專任人事人員聯繫會報至少 1 場次", "113年8月31日（六）", "116年8月31日（二）"),
        Difference("條文解釋：「超過 15 案」是否含 15 案？", "113/1/5確認", "待確認"),
        Difference("分區成員：平林國小", "北平原區（至 113/3/1）", ""),
    )
    assert preview.warnings == ()
    assert (Plan.objects.count(), District.objects.count(), Membership.objects.count()) == before


def test_preview_warns_of_rest_days_and_years_without_calendar(original: Plan) -> None:
    original.deadlines.filter(duty="meetings.hold.B").update(policy="next")
    assert preview_clone(original, 114).warnings == (
        "「辦理專任人事人員聯繫會報至少 1 場次」的期限 114年8月31日（日）為休假日，"
        "遇休假日順延至次一上班日，實際期限為 114年9月1日（一）。",
    )
    assert preview_clone(original, 118).warnings[0] == "117年、118年辦公日曆尚未匯入，僅排除週六、週日。"
    assert "不調整，實際期限為 118年6月30日（六）。" in preview_clone(original, 118).warnings[1]


def test_preview_warns_of_missing_hosts_and_closed_agencies(original: Plan) -> None:
    Membership.objects.filter(is_host=True, district__name="海區").update(is_host=False)
    school = build.listed("民雄國小")
    school.is_active = False
    school.save()
    assert preview_clone(original, 116).warnings == (
        "海區於原計畫末日沒有承辦單位，請補列。",
        "民雄國小已停用，仍列為北平原區成員，請確認。",
    )


def test_year_with_a_plan_is_refused(original: Plan) -> None:
    clone_plan(plan=original, year=116, by=None)
    for year, sentence in [
        (116, "116年度分區聯繫會報計畫已存在。"),
        (113, "113年度分區聯繫會報計畫已存在。"),
        (0, "年度須為民國 1 至 999 年。"),
        (1000, "年度須為民國 1 至 999 年。"),
    ]:
        with pytest.raises(ValidationError, match=sentence):
            preview_clone(original, year)
        with pytest.raises(ValidationError, match=sentence):
            clone_plan(plan=original, year=year, by=None)


def test_slower_of_two_clones_is_told_and_saves_nothing(original: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    refuse = plans._refuse_existing

    def look_then_be_overtaken(source: Plan, year: int) -> None:
        refuse(source, year)
        monkeypatch.setattr(plans, "_refuse_existing", refuse)
        clone_plan(plan=original, year=116, by=None)

    monkeypatch.setattr(plans, "_refuse_existing", look_then_be_overtaken)
    with pytest.raises(ValidationError, match="116年度分區聯繫會報計畫已存在。"):
        clone_plan(plan=original, year=116, by=None)
    assert Plan.objects.filter(year=116).count() == 1
    assert Membership.objects.filter(plan__year=116).count() == 85


def test_clone_of_another_office_is_its_own(original: Plan) -> None:
    other = build.plan(office=build.office(), year=113)
    clone = clone_plan(plan=other, year=116, by=None)
    assert clone.office == other.office
    assert clone_plan(plan=original, year=116, by=None).office == original.office


def test_clone_takes_few_queries(original: Plan) -> None:
    with CaptureQueriesContext(connection) as queries:
        clone_plan(plan=original, year=116, by=None)
    assert len(queries) < 35


@pytest.mark.parametrize(
    ("day", "years", "expected"),
    [
        (date(2024, 6, 30), 3, date(2027, 6, 30)),
        (date(2024, 2, 29), 1, date(2025, 2, 28)),
        (date(2025, 2, 28), 3, date(2028, 2, 29)),
        (date(2024, 2, 28), 1, date(2025, 2, 28)),
        (date(2023, 10, 1), -1, date(2022, 10, 1)),
    ],
)
def test_shifted_keeps_the_ends_of_months(day: date, years: int, expected: date) -> None:
    assert shifted(day, years) == expected


@given(st.dates(date(1950, 1, 1), date(2100, 12, 31)), st.integers(-30, 30))
def test_shifted_keeps_month_and_year_distance(day: date, years: int) -> None:
    moved = shifted(day, years)
    assert (moved.year, moved.month) == (day.year + years, day.month)
    assert abs(moved.day - day.day) <= 1
    assert ((moved + timedelta(days=1)).day == 1) == ((day + timedelta(days=1)).day == 1) or day.month == 2
