"""The work plan of 112 as it is loaded, against what was typed from the page independently."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

import pytest

from districts.models import Plan
from kpi.choices import Level
from kpi.models import Amount, WorkItem, WorkPlan
from tests.kpi import expected_work as expected

pytestmark = pytest.mark.django_db

Path = tuple[str, ...]


@pytest.fixture
def plan() -> Plan:
    return Plan.objects.get(kind="work", year=expected.YEAR, issuing_body=expected.BODY)


@pytest.fixture
def items(plan: Plan) -> list[WorkItem]:
    return list(WorkItem.objects.of_plan(plan).order_by("order"))


def below(items: Sequence[WorkItem], parent: WorkItem) -> list[WorkItem]:
    return [item for item in items if item.parent_id == parent.pk]


def all_below(items: Sequence[WorkItem], parent: WorkItem) -> list[WorkItem]:
    return [one for child in below(items, parent) for one in (child, *all_below(items, child))]


def sections(items: Sequence[WorkItem]) -> list[WorkItem]:
    return [item for item in items if item.level == Level.SECTION]


def rows(items: Sequence[WorkItem], parent: WorkItem) -> Iterator[tuple[int, WorkItem, Path]]:
    """Yield the plan items below a section with the level of their marks and the path of their marks."""
    yield from _rows(items, parent, (), 0)


def _rows(items: Sequence[WorkItem], parent: WorkItem, path: Path, level: int) -> Iterator[tuple[int, WorkItem, Path]]:
    for item in below(items, parent):
        if item.level not in (Level.WORK, Level.KEY):
            continue
        deeper = {"、": 1, ")": 2, ".": 3}.get(item.mark[-1:], level + 1)
        here = (*path, item.mark)
        yield deeper, item, here
        yield from _rows(items, item, here, deeper)


def contents(items: Sequence[WorkItem], item: WorkItem) -> tuple[tuple[str, str], ...]:
    """Return the 實施內容 of an item in reading order, whatever its depth."""
    found = [child for child in below(items, item) if child.level == Level.DETAIL]
    return tuple((one.mark, one.text) for child in found for one in (child, *all_below(items, child)))


def test_sections_and_key_points_are_those_of_the_page(items: list[WorkItem]) -> None:
    assert tuple(section.text for section in sections(items)) == expected.SECTIONS
    focus = {
        section.text: tuple((one.mark, one.text) for one in below(items, section) if one.level == Level.FOCUS)
        for section in sections(items)
    }
    assert focus == expected.KEY_POINTS


@pytest.mark.parametrize("number", range(7), ids=expected.SECTIONS)
def test_the_tree_of_a_section_is_that_of_the_page(items: list[WorkItem], number: int) -> None:
    section = sections(items)[number]
    found = [(level, one.mark, one.text, contents(items, one)) for level, one, _ in rows(items, section)]
    wanted = [(level, mark, text, inside) for level, mark, text, _, _, inside in expected.ROWS[section.text]]
    assert found == wanted


def test_there_are_36_first_and_180_last_items_and_45_key_points(items: list[WorkItem]) -> None:
    assert sum(item.level == Level.FOCUS for item in items) == 45
    assert sum(item.level == Level.WORK and item.mark.endswith("、") for item in items) == 36
    parents = {item.parent_id for item in items if item.level == Level.KEY}
    assert sum(item.level == Level.KEY and item.pk not in parents for item in items) == 180


def test_amounts_stand_where_the_page_has_them(plan: Plan, items: list[WorkItem]) -> None:
    amounts = Amount.objects.filter(item__plan=plan, thousands__isnull=False)
    where = {one.pk: (section.text, path) for section in sections(items) for _, one, path in rows(items, section)}
    found = sorted((*where[amount.item_id], amount.thousands) for amount in amounts)
    wanted = sorted((section, path, Decimal(value)) for section, _, value, path, _ in expected.AMOUNTS)
    assert found == wanted
    assert sum(amount.thousands or 0 for amount in amounts) == expected.TOTAL
    once = amounts.filter(counts_once_with__isnull=True)
    assert sum(amount.thousands or 0 for amount in once) == expected.TOTAL_DOUBLE_ONCE


def test_amounts_whose_row_holds_several_items_are_marked(plan: Plan, items: list[WorkItem]) -> None:
    where = {one.pk: (section.text, path) for section in sections(items) for _, one, path in rows(items, section)}
    unclear = {(section, path) for section, _, _, path, meant in expected.AMOUNTS if len(meant) > 1}
    amounts = Amount.objects.filter(item__plan=plan, thousands__isnull=False)
    marked = {where[amount.item_id] for amount in amounts.filter(is_doubtful=True, counts_once_with__isnull=True)}
    assert marked == unclear
    assert not amounts.filter(is_doubtful=True, note="").exists()


def test_funding_notes_are_those_of_the_page(plan: Plan, items: list[WorkItem]) -> None:
    where = {one.pk: (section.text, path) for section in sections(items) for _, one, path in rows(items, section)}
    notes = Amount.objects.filter(item__plan=plan).exclude(funding="")
    found = sorted((where[note.item_id][0], note.funding, where[note.item_id][1]) for note in notes)
    assert found == sorted((section, note, path) for section, note, path, _ in expected.FUNDING_NOTES)


def test_every_printed_period_is_read(items: list[WorkItem]) -> None:
    paths = {(section.text, path): one for section in sections(items) for _, one, path in rows(items, section)}
    unread = []
    for section, path, phrase in expected.PERIODS:
        item = paths[section, path]
        near = [item, *all_below(items, item)]
        if not any(phrase in one.text and one.period_text and one.period_text in one.text for one in near):
            unread.append((section, path, phrase))
    assert unread == []


def test_it_is_another_bodys_plan(plan: Plan) -> None:
    assert WorkPlan.objects.get(plan=plan).is_foreign
