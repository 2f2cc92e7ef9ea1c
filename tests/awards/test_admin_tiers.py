"""Another county's tiers, entered in the administration and computed unchanged; what contradicts itself is refused."""

import io
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from awards import words
from awards.actions.runs import make_run
from awards.compute import of_plan
from awards.models import Tier, TierCondition
from districts.choices import PlanKind
from districts.models import District, Plan
from meetings.choices import AttendanceState, MinutesState
from meetings.models import Invitation, Meeting
from personnel_portal.accounts.models import User
from personnel_portal.documents import sheets
from personnel_portal.rules.commendations import Unit
from tests import build
from tests.awards import making

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]
ADD = "/admin/awards/tier/add/"
FIELDS = ("measure", "low", "low_included", "high", "high_included")
Row = tuple[str, int | str, bool, int | str, bool]  # a condition, as the form asks for it


@pytest.fixture
def root() -> Client:
    user = User.objects.create_superuser("root", "root@example.gov.tw", build.PASSWORD, name="管理員")
    user.must_change_password = False
    user.save()
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def plan() -> Plan:
    """The plan of another county, which has neither tiers nor readings yet."""
    return build.plan(office=build.office())


def heads(low: int | str, high: int | str) -> Row:
    """Return 出席人次: the lower bound included, the upper excluded."""
    return ("attendees", low, True, high, False)


def filled(tier: Tier | Plan, clause: str, unit: str, times: int, *rows: Row) -> dict[str, Any]:
    """Return a tier's form with its conditions as the browser sends it."""
    known = list(tier.conditions.order_by("pk")) if isinstance(tier, Tier) else []
    values: dict[str, Any] = {
        "plan": tier.plan_id if isinstance(tier, Tier) else tier.pk,
        "clause": clause,
        "unit": unit,
        "times": times,
        "conditions-TOTAL_FORMS": len(rows),
        "conditions-INITIAL_FORMS": len(known),
    }
    for number, row in enumerate(rows):
        values |= {f"conditions-{number}-{name}": value for name, value in zip(FIELDS, row, strict=True) if value}
        values |= {f"conditions-{number}-{name}": value for name, value in zip(FIELDS, row, strict=True) if value == 0}
    for number, condition in enumerate(known):
        values |= {f"conditions-{number}-id": condition.pk, f"conditions-{number}-tier": condition.tier_id}
    return values


def enter(root: Client, plan: Plan, *tiers: tuple[Any, ...]) -> list[str]:
    """Enter tiers one after the other; return what the administration says of the last besides that it is saved."""
    told: list[str] = []
    for tier in tiers:
        page = root.post(ADD, filled(plan, *tier), follow=True)
        assert page.redirect_chain, page.context["errors"]
        told = [str(message) for message in page.context["messages"] if message.level_tag == "warning"]
    return told


def attended(district: District, people: int) -> Meeting:
    """Make a meeting of a district to which so many came."""
    meeting = making.accepted_meeting(district=district)
    agencies = [build.agency(office=district.plan.office) for _ in range(people)]
    Invitation.objects.bulk_create(
        Invitation(meeting=meeting, agency=agency, attendance=AttendanceState.PRESENT) for agency in agencies
    )
    return meeting


def granted(plan: Plan) -> dict[str, list[tuple[Unit, int]]]:
    _, _, result = of_plan(plan)
    return {
        district.name: [(c.unit, c.times) for c in result.hosting[district.pk].commendations]
        for district in plan.districts.all()
    }


def test_tiers_by_head_count_of_another_county_are_computed(root: Client, plan: Plan) -> None:
    told = enter(
        root,
        plan,
        ("二、(一)", "citation", 1, heads("", 3)),
        ("二、(二)", "citation", 2, heads(3, 5)),
        ("二、(三)", "merit", 1, heads(5, "")),
    )
    assert told == []
    for name, people in (("甲區", 2), ("乙區", 3), ("丙區", 4), ("丁區", 5)):
        district = build.district(name, plan=plan)
        build.membership(district=district)
        attended(district, people)
    assert granted(plan) == {
        "甲區": [(Unit.CITATION, 1)],
        "乙區": [(Unit.CITATION, 2)],
        "丙區": [(Unit.CITATION, 2)],
        "丁區": [(Unit.MERIT, 1)],
    }
    rules, gathered, result = of_plan(plan)
    district = District.objects.get(plan=plan, name="乙區")
    (commendation,) = result.hosting[district.pk].commendations
    assert (
        words.explained(commendation, gathered.records[district.pk])
        == "出席人次 3 人次 ≥ 3 且 < 5 → 二、(二) 嘉獎 2 次"
    )
    assert rules.reward is None

    person = build.person(name="許主任", office=plan.office)
    by = build.user()
    build.posting(person=person, agency=district.memberships.get().agency)
    making.host_person(person, by=by, district=district)
    line = make_run(plan=plan, by=by).lines.get()
    assert (line.name, line.unit, line.times, line.clause) == ("許主任", "citation", 2, "二、(二)")


def test_tiers_by_rank_of_another_county_are_computed(root: Client, plan: Plan) -> None:
    enter(
        root,
        plan,
        ("三、(一)", "merit", 1, ("rank", 1, True, 1, True)),
        ("三、(二)", "citation", 2, ("rank", 2, True, 3, True), ("meetings", 1, True, "", False)),
        ("三、(三)", "citation", 1, ("rank", "", False, 4, True)),
    )
    for name, count, meetings in (("甲區", 3, 0), ("乙區", 2, 1), ("丙區", 2, 0), ("丁區", 1, 1), ("戊區", 0, 1)):
        district = build.district(name, plan=plan)
        build.membership(district=district)
        making.proposals(count, package=build.package(district=district))
        for _ in range(meetings):
            making.accepted_meeting(district=district)
    assert granted(plan) == {
        "甲區": [(Unit.MERIT, 1)],
        "乙區": [(Unit.CITATION, 2)],
        "丙區": [(Unit.CITATION, 1)],
        "丁區": [(Unit.CITATION, 1)],
        "戊區": [],
    }
    _, gathered, result = of_plan(plan)
    last = District.objects.get(plan=plan, name="戊區")
    assert words.refused(result.hosting[last.pk].trials[-1], gathered.records[last.pk]) == (
        "三、(三) 嘉獎 1 次未達：提案數名次 無 不符 ≤ 4"
    )


def test_attendance_counts_at_meetings_that_took_place_in_the_period(plan: Plan) -> None:
    district = build.district("甲區", plan=plan)
    build.membership(district=district)
    attended(district, 2)
    cancelled = attended(district, 3)
    cancelled.state, cancelled.cancel_reason = "cancelled", "颱風"
    cancelled.save()
    _, gathered, _ = of_plan(plan)
    assert int(gathered.records[district.pk].measures["attendees"]) == 2


FIRST = ("一", "citation", 1, heads("", 30))


@pytest.mark.parametrize(
    ("tier", "sentence"),
    [
        (("二", "citation", 2, heads(29, "")), "「二」與「一」的出席人次範圍重疊（29），請調整上限或下限。"),
        (("二", "citation", 1, heads(20, 50)), "的出席人次範圍重疊（20 至 29），請調整上限或下限。"),
        (("二", "merit", 1, heads("", 30)), "「二」與「一」的條件相同，無法判定適用何者，請調整其中之一。"),
        (
            ("二", "merit", 1, heads("", 40)),
            "符合「一」者必定也符合獎勵不低於它的「二」，「一」永遠不會適用，請檢查條件與獎勵。",
        ),
        (
            ("二", "merit", 1, ("attendees", 40, False, 41, False)),
            "「二」的出席人次範圍內沒有整數，沒有人能符合，請調整上限或下限。",
        ),
        (("二", "merit", 1, heads(50, 40)), "上限須大於下限；兩者相同時須均包含。"),
        (("二", "merit", 1, heads(40, 40)), "上限須大於下限；兩者相同時須均包含。"),
        (("二", "merit", 1, heads("", "")), "請至少填下限或上限。"),
        (("二", "merit", 1), "請至少填一項條件；沒有條件的級距不適用於任何人。"),
        (("二", "merit", 0, heads(30, "")), "次數至少 1 次。"),
    ],
)
def test_a_table_that_contradicts_itself_is_refused_in_a_sentence(
    root: Client, plan: Plan, tier: tuple[Any, ...], sentence: str
) -> None:
    enter(root, plan, FIRST)
    page = root.post(ADD, filled(plan, *tier))
    assert page.status_code == 200
    assert sentence in page.text
    assert Tier.objects.filter(plan=plan).count() == 1


def test_zero_and_a_million_are_numbers_like_others(root: Client, plan: Plan) -> None:
    enter(
        root,
        plan,
        ("一", "citation", 1, ("proposals", 0, True, 0, True)),
        ("二", "citation", 2, ("proposals", 1, True, 10**6, False)),
        ("三", "merit", 1, ("proposals", 10**6, True, "", False)),
    )
    build.membership(district=build.district("甲區", plan=plan))
    assert granted(plan) == {"甲區": [(Unit.CITATION, 1)]}
    making.proposals(1, package=build.package(district=build.district("甲區", plan=plan)))
    assert granted(plan) == {"甲區": [(Unit.CITATION, 2)]}


def test_a_gap_is_saved_and_said(root: Client, plan: Plan) -> None:
    told = enter(root, plan, FIRST, ("二", "citation", 2, heads(31, 40)), ("三", "merit", 1, heads(45, "")))
    assert told == [
        "「一」與「二」之間，出席人次 30 不屬任何級距，不予獎勵。",
        "「二」與「三」之間，出席人次 40 至 44 不屬任何級距，不予獎勵。",
    ]


def test_several_conditions_of_a_tier_change_together(root: Client, plan: Plan) -> None:
    enter(
        root,
        plan,
        ("一", "citation", 1, heads(10, "")),
        ("二", "merit", 1, heads(10, ""), ("meetings", 2, True, "", False)),
    )
    tier = Tier.objects.get(plan=plan, clause="二")
    url = f"/admin/awards/tier/{tier.pk}/change/"
    only_one = filled(tier, "二", "merit", 1, heads(10, ""), ("meetings", 2, True, "", False))
    page = root.post(url, only_one | {"conditions-1-DELETE": "on"})
    assert "「二」與「一」的條件相同" in page.text
    changed = filled(tier, "二", "merit", 1, heads(20, ""), ("meetings", 2, True, "", False))
    assert root.post(url, changed | {"conditions-1-DELETE": "on"}).status_code == 302
    assert [str(condition) for condition in tier.conditions.all()] == ["出席人次 20 以上"]


def test_a_condition_is_not_deleted_where_its_tier_would_contradict_another(root: Client, plan: Plan) -> None:
    enter(
        root,
        plan,
        ("一", "citation", 1, heads(10, "")),
        ("二", "merit", 1, heads(10, ""), ("meetings", 2, True, "", False)),
    )
    condition = TierCondition.objects.get(tier__plan=plan, measure="meetings")
    page = root.post(f"/admin/awards/tiercondition/{condition.pk}/delete/", {"post": "yes"})
    assert "「二」與「一」的條件相同" in page.text
    assert TierCondition.objects.filter(pk=condition.pk).exists()


def test_a_condition_by_itself_is_held_to_the_same(root: Client, plan: Plan) -> None:
    enter(root, plan, FIRST, ("二", "citation", 2, heads(30, 50)))
    second = TierCondition.objects.get(tier__plan=plan, tier__clause="二")
    values = {"tier": second.tier_id, "measure": "attendees", "low": 20, "low_included": "on", "high": 50}
    page = root.post(f"/admin/awards/tiercondition/{second.pk}/change/", values)
    assert "出席人次範圍重疊（20 至 29）" in page.text
    assert root.post(f"/admin/awards/tiercondition/{second.pk}/change/", values | {"low": 35}).status_code == 302


def test_a_sheet_is_held_to_the_same(root: Client, plan: Plan) -> None:
    enter(root, plan, FIRST)
    other = Tier.objects.create(plan=plan, clause="二", unit="citation", times=2)
    target = io.BytesIO()
    heading = ["獎勵級距", "計數", "下限", "含下限（以上）", "上限", "含上限（以下）"]
    sheets.write_xlsx(target, heading, [[str(other.pk), "attendees", "20", "1", "50", "0"]])
    file = SimpleUploadedFile("級距條件.xlsx", target.getvalue())
    page = root.post("/admin/awards/tiercondition/import/", {"format": "0", "import_file": file, "resource": ""})
    assert page.context["result"].has_validation_errors()
    assert "出席人次範圍重疊（20 至 29）" in page.text


def test_a_tier_that_is_still_without_conditions_grants_nothing(plan: Plan) -> None:
    Tier.objects.create(plan=plan, clause="一", unit="merit", times=1)
    Tier.objects.create(plan=plan, clause="二", unit="merit", times=2)
    district = build.district("甲區", plan=plan)
    build.membership(district=district)
    making.accepted_meeting(district=district, state=MinutesState.ACCEPTED)
    assert granted(plan) == {"甲區": []}


# --- Slips of the hand -----------------------------------------------------------------------------------------------


def refusals(root: Client, values: dict[str, Any]) -> str:
    """Return what the form of a new tier refuses."""
    page = root.post(ADD, values)
    assert page.status_code == 200
    return page.text


def test_more_times_than_anybody_means_are_refused(root: Client, plan: Plan) -> None:
    assert "次數至多 10 次。" in refusals(root, filled(plan, "甲", "citation", 99999999, heads(30, "")))
    rule = {"plan": plan.pk, "clause": "乙", "unit": "citation", "times": 1, "cap": 99999999}
    assert "至多次數不得超過 100 次。" in root.post("/admin/awards/proposalrule/add/", rule).text
    assert not Tier.objects.filter(plan=plan).exists()


def test_only_plans_with_awards_are_offered(root: Client, plan: Plan) -> None:
    other = Plan.objects.create(
        office=plan.office, kind=PlanKind.WORK, year=plan.year, title="甲", starts=plan.starts, ends=plan.ends
    )
    assert (str(plan), str(other)) == ("116年度分區聯繫會報計畫", "116年度工作計畫")
    offered = root.get(ADD).context["adminform"].form.fields["plan"].queryset
    assert plan in offered
    assert other not in offered
    refusals(root, filled(other, "甲", "citation", 1, heads(30, "")))
    with pytest.raises(ValidationError, match="只有分區聯繫會報計畫有獎勵條文。"):
        Tier(plan=other, clause="甲", unit="citation", times=1).full_clean()


def test_what_is_entered_twice_is_refused_in_chinese(root: Client, plan: Plan) -> None:
    twice = refusals(root, filled(plan, "甲", "citation", 1, heads(30, ""), heads(40, "")))
    assert "同一級距的每種計數只能填一次，請將上限與下限填在同一列。" in twice
    assert "measure 的" not in twice
    enter(root, plan, ("甲", "citation", 1, heads(30, "")))
    assert "此計畫已有這一條次的獎勵級距。" in refusals(root, filled(plan, "甲", "merit", 1, heads(60, "")))
    tier = Tier.objects.get(plan=plan)
    again = {"tier": tier.pk, "measure": "attendees", "low": 70}
    assert "同一級距的每種計數只能填一次" in root.post("/admin/awards/tiercondition/add/", again).text
    assert str(tier.conditions.get()) == "出席人次 30 以上"
