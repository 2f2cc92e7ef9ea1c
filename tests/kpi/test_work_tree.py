"""The tree of a work plan: what it costs, how items are written and moved, and its pages."""

from collections.abc import Iterator
from decimal import Decimal

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from kpi.actions import work, work_copy
from kpi.choices import Level
from kpi.models import Amount, WorkItem, WorkPlan
from kpi.worktree import every, last_items, totals, tree
from personnel_portal.trail.models import Entry
from tests import build
from tests.kpi import expected_work as expected
from tests.kpi import working
from tests.site.clients import logged_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]


@pytest.fixture
def today() -> Iterator[None]:
    with time_machine.travel(build.at(build.TODAY, 10), tick=False):
        yield


@pytest.fixture
def cast() -> build.Cast:
    return build.cast()


def client_of(user: object) -> Client:
    return logged_in(user)  # type: ignore[arg-type]  # a User of the cast


def outline(plan: WorkPlan) -> list[tuple[int, str]]:
    return [(node.depth, node.item.text) for node in every(tree(plan.plan))]


def test_both_totals_are_said_with_their_reason() -> None:
    found = totals(tree(working.printed().plan))
    assert (int(found.printed), int(found.once), found.count) == (expected.TOTAL, expected.TOTAL_DOUBLE_ONCE, 24)
    assert "逐筆合計 526,594 千元（24 筆）" in found.reason
    assert "重複者計一次為 512,795 千元" in found.reason
    assert "「市府統籌款」4 處未列金額" in found.reason


def test_the_tree_takes_as_many_queries_however_large(django_assert_num_queries: object) -> None:
    plan = working.printed().plan
    with django_assert_num_queries(2):  # type: ignore[operator]  # items, amounts with their twins
        assert len(last_items(tree(plan))) == 180


def test_the_page_shows_a_section_with_both_totals(cast: build.Cast, django_assert_max_num_queries: object) -> None:
    client, url = client_of(cast.member_officer), working.printed().get_absolute_url()
    client.get(url)
    with django_assert_max_num_queries(16):  # type: ignore[operator]  # a fixture of pytest-django
        page = client.get(url, {"section": "2"}).content.decode()
    for text in ("他機關計畫，供參考", "526,594", "512,795", "社區業務", "重複列印", "每年", "180 項重要工作計畫項目"):
        assert text in page, text
    assert "登革熱" not in page


def test_another_bodys_plan_is_corrected_by_reviewers_alone(cast: build.Cast) -> None:
    item = WorkItem.objects.filter(plan=working.printed().plan, level=Level.KEY)[0]
    url = reverse("kpi:edit_work_item", args=[item.pk])
    assert client_of(cast.host_officer).get(url).status_code == 403
    assert client_of(cast.office_reviewer).get(url).status_code == 200


def test_an_agencys_plan_is_seen_by_itself_and_the_office(cast: build.Cast) -> None:
    plan = working.own_plan(cast.host_officer)
    url = plan.get_absolute_url()
    seen = [client_of(who).get(url).status_code for who in (cast.host_officer, cast.office_reader, cast.member_officer)]
    assert seen == [200, 200, 404]


@pytest.mark.parametrize(
    ("which", "step", "after"),
    [
        (1, "up", ["工作2", "工作1", "工作3"]),
        (0, "down", ["工作2", "工作1", "工作3"]),
        (1, "in", ["工作1", "工作2", "工作3"]),
        (1, "out", ["工作1", "工作3", "工作2"]),
    ],
)
def test_items_move(cast: build.Cast, which: int, step: str, after: list[str]) -> None:
    plan, _, keys = working.small_plan(cast.host_officer)
    work.move_item(item=keys[which], step=step, by=cast.host_officer)
    found = outline(plan)
    assert [text for _, text in found[2:]] == after
    depth = {text: depth for depth, text in found}[keys[which].text]
    assert depth == {"in": 3, "out": 1}.get(step, 2)
    assert list(WorkItem.objects.of_plan(plan.plan).values_list("order", flat=True)) == [1, 2, 3, 4, 5]


@pytest.mark.parametrize(("which", "step"), [(0, "up"), (2, "down"), (0, "in")])
def test_a_step_that_leads_nowhere_is_refused_in_a_sentence(cast: build.Cast, which: int, step: str) -> None:
    _, _, keys = working.small_plan(cast.host_officer)
    with pytest.raises(ValidationError):
        work.move_item(item=keys[which], step=step, by=cast.host_officer)


def test_only_sections_stand_on_top(cast: build.Cast) -> None:
    plan, section, _ = working.small_plan(cast.host_officer)
    work_one = WorkItem.objects.get(parent=section)
    with pytest.raises(ValidationError, match="第一層"):
        work.move_item(item=work_one, step="out", by=cast.host_officer)
    with pytest.raises(ValidationError, match="最上層"):
        work.add_item(plan=plan.plan, parent=None, values={"level": Level.KEY, "text": "x"}, by=cast.host_officer)


def test_an_item_is_edited_with_its_amounts(cast: build.Cast) -> None:
    _, _, keys = working.small_plan(cast.host_officer)
    client, url = client_of(cast.host_officer), reverse("kpi:edit_work_item", args=[keys[0].pk])
    data = {
        "level": "key", "mark": "1.", "text": "登革熱防治", "period": "weekly", "weekday": "3", "period_text": "每周三",
        "amounts-TOTAL_FORMS": "1", "amounts-INITIAL_FORMS": "0", "amounts-0-thousands": "40",
        "amounts-0-is_doubtful": "on", "amounts-0-note": "",
    }  # fmt: skip
    refused = client.post(url, data)
    assert refused.status_code == 422
    assert "請說明歸屬存疑的原因" in refused.content.decode()
    assert "登革熱防治" in refused.content.decode()
    assert client.post(url, data | {"amounts-0-note": "與 2 同列"}).status_code == 302
    keys[0].refresh_from_db()
    assert (keys[0].text, keys[0].weekday, keys[0].amounts.get().thousands) == ("登革熱防治", 3, Decimal(40))
    assert Entry.objects.for_target(keys[0]).filter(act="work_item.changed").exists()


def test_items_are_added_below_another(cast: build.Cast) -> None:
    plan, _, keys = working.small_plan(cast.host_officer)
    url = reverse("kpi:add_work_item", args=[plan.pk]) + f"?parent={keys[0].pk}"
    data = {"level": "detail", "text": "清除孳生源", "amounts-TOTAL_FORMS": "0", "amounts-INITIAL_FORMS": "0"}
    assert client_of(cast.host_officer).post(url, data).status_code == 302
    assert outline(plan)[2:5] == [(2, "工作1"), (3, "清除孳生源"), (2, "工作2")]


def test_what_was_reported_on_is_not_removed(cast: build.Cast) -> None:
    plan, section, keys = working.small_plan(cast.host_officer)
    keys[0].progress.create(quarter=1, planned=25, entered_by=cast.host_officer)
    with pytest.raises(ValidationError, match="已填報進度"):
        work.remove_item(item=section, by=cast.host_officer)
    assert work.remove_item(item=keys[1], by=cast.host_officer) == 1
    assert [text for _, text in outline(plan)] == ["民政課", "衛生", "工作1", "工作3"]


def test_another_bodys_plan_is_copied_for_an_agency(cast: build.Cast) -> None:
    source = working.printed()
    agency = build.listed("大林鎮公所")
    made = work_copy.copy_plan(source=source, agency=agency, year=116, by=cast.host_officer)
    assert outline(made) == outline(source)
    found = totals(tree(made.plan))
    assert (int(found.printed), int(found.once)) == (expected.TOTAL, expected.TOTAL_DOUBLE_ONCE)
    marked = WorkItem.objects.of_plan(made.plan).get(text="112年役男抽籤。")
    assert marked.note == "文字提及 112 年度，請檢視。"
    assert Amount.objects.filter(item__plan=source.plan).count() == Amount.objects.filter(item__plan=made.plan).count()
    with pytest.raises(ValidationError, match="已有 116 年度工作計畫"):
        work_copy.copy_plan(source=source, agency=agency, year=116, by=cast.host_officer)


def test_an_agencys_plan_is_copied_to_the_next_year(cast: build.Cast) -> None:
    plan, _, keys = working.small_plan(cast.host_officer)
    keys[0].progress.create(quarter=1, planned=25, entered_by=cast.host_officer)
    url = reverse("kpi:copy_work", args=[plan.pk])
    client = client_of(cast.host_officer)
    assert client.post(url, {"agency": plan.agency_id, "year": "116"}).status_code == 302
    made = WorkPlan.objects.get(plan__year=116)
    assert (made.agency, outline(made)) == (plan.agency, outline(plan))
    assert not WorkItem.objects.of_plan(made.plan).filter(progress__isnull=False).exists()
    assert client.post(url, {"agency": plan.agency_id, "year": "116"}).status_code == 422


def test_the_list_says_whose_plan_it_is(cast: build.Cast) -> None:
    page = client_of(cast.member_officer).get(reverse("kpi:work")).content.decode()
    assert "嘉義市西區區公所" in page
    assert "他機關計畫，供參考" in page
