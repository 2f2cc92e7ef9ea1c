"""The 113 plan in the database against a list typed from the plan's own text, not from the fixture."""

import json
from collections import Counter
from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist
from django.core.management import call_command
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext

from districts.actions.loading import load_plans
from districts.choices import AgencyKind
from districts.models import (
    Agency,
    AgencyName,
    CalendarDay,
    Deadline,
    District,
    DistrictArea,
    Membership,
    Office,
    Plan,
    PlanVersion,
    Reading,
    Township,
)
from kpi.models import SubItem, System
from tests import build

pytestmark = pytest.mark.django_db

# 參、二, as printed: groups are parted by ； and names by 、.
PRINTED = {
    "南平原區": (
        "太保市、水上鄉",
        "文化觀光局",
        "消防局、衛生局、環境保護局、財政稅務局、社會局、文化觀光局、家畜疾病防治所、太保市公所、太保國中、嘉新國中、"
        "太保國小、南新國小；水上地政、水上鄉公所、水上國中、忠和國中、水上國小、大崙國小、柳林國小",
    ),
    "北平原區": (
        "民雄鄉、大林鎮、溪口鄉、新港鄉、嘉義市（公車處）",
        "大林鎮公所",
        "民雄鄉公所、民雄國中、大吉國中、民雄國小、東榮國小、興中國小、秀林國小、福樂國小；大林鎮公所、大林地政、大林國中、"
        "大林國小、平林國小、三和國小；溪口鄉公所、溪口國中；新港鄉公所、新港國中、新港國小、文昌國小；公共汽車管理處",
    ),
    "山區": (
        "中埔鄉、竹崎鄉、梅山鄉、番路鄉、大埔鄉、阿里山鄉",
        "竹崎鄉公所",
        "中埔鄉公所、中埔國中、中埔國小、和睦國小、和興國小；竹崎地政、竹崎鄉公所、竹崎高中、昇平國中、竹崎國小；"
        "梅山鄉公所、梅山國中、梅山國小；番路鄉公所、民和國中、民和國小；大埔鄉公所、大埔國中小；阿里山鄉公所、阿里山國中小",
    ),
    "海區": (
        "朴子市、布袋鎮、六腳鄉、東石鄉、義竹鄉、鹿草鄉",
        "義竹鄉公所",
        "朴子地政、朴子市公所、永慶高中、朴子國中、東石國中、朴子國小、大同國小、祥和國小；布袋鎮公所、布袋國中、過溝國中、"
        "布袋國小、布新國小；六腳鄉公所、六嘉國中、蒜頭國小；東石鄉公所、東榮國中、東石國小；義竹鄉公所、義竹國中、義竹國小、"
        "南興國小；鹿草鄉公所、鹿草國中",
    ),
}
MODELS = [
    Office, Township, Agency, AgencyName, Plan, PlanVersion, Deadline, Reading, District, DistrictArea, Membership,
    CalendarDay,
]  # fmt: skip


@pytest.fixture
def plan() -> Plan:
    return build.plan(year=113)


def everything() -> dict[str, list[dict[str, object]]]:
    return {model.__name__: list(model._default_manager.order_by("pk").values()) for model in MODELS}


def test_districts_stand_as_printed(plan: Plan) -> None:
    found = {}
    for district in plan.districts.all():
        groups: dict[str, list[str]] = {area.label: [] for area in district.areas.all()}
        for member in district.memberships.select_related("agency", "area"):
            assert member.area is not None
            groups[member.area.label].append(member.agency.short_name)
        hosts = [member.agency.short_name for member in district.memberships.filter(is_host=True)]
        found[district.name] = ("、".join(groups), "、".join(hosts), "；".join(map("、".join, groups.values())))
    assert found == PRINTED
    assert list(found) == list(PRINTED)


def test_members_are_numbered_as_printed(plan: Plan) -> None:
    for district in plan.districts.all():
        orders = list(district.memberships.values_list("order", flat=True))
        assert orders == list(range(1, len(orders) + 1))
    assert [district.memberships.count() for district in plan.districts.all()] == [19, 21, 20, 25]


def test_members_by_kind(plan: Plan) -> None:
    kinds = Counter(plan.memberships.values_list("agency__kind", flat=True))
    assert kinds == {
        AgencyKind.COUNTY: 8,
        AgencyKind.TOWNSHIP: 18,
        AgencyKind.LAND: 4,
        AgencyKind.SENIOR_HIGH: 2,
        AgencyKind.JUNIOR_HIGH: 21,
        AgencyKind.JOINT_SCHOOL: 2,
        AgencyKind.ELEMENTARY: 30,
    }


def test_members_serve_the_whole_period(plan: Plan) -> None:
    assert (plan.starts, plan.ends) == (date(2023, 10, 1), date(2024, 9, 30))
    assert set(plan.memberships.values_list("since", "until")) == {(plan.starts, plan.ends)}


def test_plan_has_its_versions_and_labels(plan: Plan) -> None:
    assert plan.title == "嘉義縣政府人事處暨所屬人事機構113年度分區聯繫會報實施計畫"
    assert (plan.issuing_body, plan.convener) == ("嘉義縣政府人事處", "處長")
    assert plan.budget_label == "113年度人事業務－任免遷調－業務費"
    assert [(str(version), version.issued_on) for version in plan.versions.all()] == [
        ("府人任字第1120215206號函核定", date(2023, 9, 7)),
        ("府人任字第1120316236號函修正", date(2023, 12, 28)),
    ]


def test_agencies_have_their_real_place_and_names() -> None:
    assert Township.objects.count() == 18
    assert str(build.listed("環境保護局").township) == "朴子市"
    assert str(build.listed("永慶高中").township) == "太保市"
    assert build.listed("公共汽車管理處").township is None
    assert build.listed("水上地政").official_name == "嘉義縣水上地政事務所"
    unsure = Agency.objects.filter(note__contains="全銜待確認").values_list("short_name", flat=True)
    assert set(unsure) == {"大埔國中小", "阿里山國中小"}


@pytest.mark.parametrize(
    ("name", "short_name"),
    [("公車處", "公共汽車管理處"), ("嘉義縣阿里山國民中小學", "阿里山國中小"), ("嘉義縣立民雄國民中學", "民雄國中")],
)
def test_agency_is_found_by_every_name(name: str, short_name: str) -> None:
    assert [agency.short_name for agency in Agency.objects.named(name)] == [short_name]


def test_deadlines_name_their_clauses(plan: Plan) -> None:
    rows = plan.deadlines.values_list("duty", "clause", "nominal", "month_day", "days_after", "policy")
    assert list(rows) == [
        ("meetings.hold.A", "肆、二、(三)", date(2024, 6, 30), None, None, "none"),
        ("meetings.hold.B", "肆、二、(三)", date(2024, 8, 31), None, None, "none"),
        ("meetings.minutes", "肆、二、(三)", None, None, None, "next"),
        ("districts.coaching", "肆、二、(一)", None, None, None, "next"),
        ("proposals.answer", "肆、二、(二)", None, None, None, "none"),
        ("proposals.case", "肆、二、(二)、1", None, None, None, "none"),
        ("proposals.cases_to_office", "肆、二、(二)、1", None, None, None, "next"),
        ("proposals.proposals_to_office", "肆、二、(二)、2", None, None, None, "previous"),
        ("proposals.publish_cases", "肆、三", None, None, None, "next"),
        ("proposals.decide", "肆、二、(二)、2", None, None, None, "next"),
        ("proposals.circulate", "肆、三", None, None, None, "next"),
        ("proposals.acknowledge", "肆、三", None, None, None, "next"),
        ("proposals.follow_up", "肆、三", None, None, None, "next"),
        ("proposals.release", "肆、三", None, None, None, "next"),
    ]


def test_readings_are_settings_and_wait_for_the_office(plan: Plan) -> None:
    values = dict(plan.readings.values_list("key", "value"))
    assert values["counted_meeting_kinds"] == ["A"]
    assert values["tiers_replace"] is True
    assert values["proposals_over"] == 15
    assert values["cap_per"] == "person"
    assert values["joint_proposal"] == "first"
    assert values["circular_scope"] == "meeting"
    assert values["full_time_agency"] == "members"
    assert not plan.readings.exclude(confirmed_on=None).exists()
    assert not plan.readings.filter(clause="").exists()


def test_loading_again_changes_nothing() -> None:
    before = everything()
    output = StringIO()
    with CaptureQueriesContext(connection) as queries:
        call_command("load_plans", stdout=output)
    assert output.getvalue() == "資料均已載入，沒有變更。\n"
    assert everything() == before
    assert len(queries) < 170


def test_loading_again_keeps_what_the_office_changed() -> None:
    agency = build.listed("消防局")
    agency.short_name, agency.phone = "消防署", "05-0000000"
    agency.save()
    Membership.objects.filter(agency=build.listed("衛生局")).delete()
    CalendarDay.objects.filter(day=date(2027, 1, 4)).update(is_off=True, note="調整放假")
    before = everything()
    call_command("load_plans", verbosity=0)
    assert everything() == before


def test_new_file_is_loaded_beside_those_that_are_there(tmp_path: Path) -> None:
    rows = [
        {"model": "districts.agencyname", "fields": {"agency": ["cyhg", "消防局"], "kind": "alias", "name": "縣消"}}
    ]
    (tmp_path / "090_names.json").write_text(json.dumps(rows))
    assert load_plans(tmp_path) == ["090_names.json：1 筆"]
    assert load_plans(tmp_path) == []
    assert [agency.short_name for agency in Agency.objects.named("縣消")] == ["消防局"]


def test_loading_into_an_empty_database_gives_the_same_rows() -> None:
    before = {name: len(rows) for name, rows in everything().items()}
    for model in (System, SubItem, *reversed(MODELS)):
        model._default_manager.all().delete()
    with CaptureQueriesContext(connection) as queries:
        loaded = load_plans(settings.BASE_DIR / "fixtures")
    assert len(loaded) == 20
    assert len(queries) < 1_800  # a row is saved by itself, what it refers to is looked up once
    assert {name: len(rows) for name, rows in everything().items()} == before
    assert load_plans(settings.BASE_DIR / "fixtures") == []


def test_row_that_breaks_a_constraint_loads_nothing(tmp_path: Path) -> None:
    (tmp_path / "010_bad.json").write_text('[{"model": "districts.reading", "fields": {"key": "k", "value": null}}]')
    with pytest.raises(IntegrityError):
        load_plans(tmp_path)
    assert not Reading.objects.filter(key="k").exists()


def test_reference_to_nothing_loads_nothing(tmp_path: Path) -> None:
    (tmp_path / "010_good.json").write_text(
        '[{"model": "districts.office", "fields": {"code": "new", "name": "新縣政府人事處"}}]'
    )
    (tmp_path / "020_bad.json").write_text(
        '[{"model": "districts.township", "fields": {"office": ["nowhere"], "name": "某鄉"}}]'
    )
    with pytest.raises(ObjectDoesNotExist):
        load_plans(tmp_path)
    assert not Office.objects.filter(code="new").exists()
