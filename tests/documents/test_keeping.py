"""Papers that are kept as JSON and come back as they were."""

import json

import pytest

from personnel_portal.documents import keeping
from personnel_portal.documents.paper import Clause, Fields, Heading, Item, Items, Paper
from tests.documents import papers

EVERY = [value for value in vars(papers).values() if isinstance(value, Paper)]


@pytest.mark.parametrize("paper", EVERY, ids=lambda paper: paper.name)
def test_a_paper_comes_back_from_json_as_it_was(paper: Paper) -> None:
    kept = json.loads(json.dumps(keeping.packed(paper)))
    back = keeping.unpacked(kept)
    assert json.loads(json.dumps(keeping.packed(back))) == kept
    assert [type(block) for block in back.blocks] == [type(block) for block in paper.blocks]


def test_nested_items_and_filing_come_back_as_what_papers_are_made_of() -> None:
    item = Item("一", (Item("甲", (Item("子"),)),))
    paper = Paper(
        "函", (Clause("說明", items=(item,)), Items((item,)), Heading("二", 2)), filing=Fields((("檔號", ""),))
    )
    assert keeping.unpacked(json.loads(json.dumps(keeping.packed(paper)))) == paper


def test_an_unknown_block_is_refused() -> None:
    kept = {**keeping.packed(Paper("函", ())), "blocks": [{"kind": "picture"}]}
    with pytest.raises(KeyError, match="picture"):
        keeping.unpacked(kept)
