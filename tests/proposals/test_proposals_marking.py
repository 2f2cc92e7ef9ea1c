"""The current rule beside the proposed wording, with what differs marked."""

import time

import pytest

from proposals.views.marking import marked


@pytest.mark.parametrize(
    ("before", "after", "removed", "added"),
    [
        ("代理人須為同一單位人員。", "代理人得為同一機關人員。", ["須", "單位"], ["得", "機關"]),
        ("第一句。第二句。", "第一句。新的一句。第二句。", [], ["新的一句。"]),
        ("一樣。", "一樣。", [], []),
        ("", "新增條文。", [], []),
        ("全部改掉", "另外一回事", ["全部改掉"], ["另外一回事"]),
    ],
)
def test_what_differs_is_marked_by_characters(before: str, after: str, removed: list[str], added: list[str]) -> None:
    left, right = marked(before, after)
    assert [run.text for run in left if run.is_changed] == removed
    assert [run.text for run in right if run.is_changed] == added
    assert ("".join(run.text for run in left), "".join(run.text for run in right)) == (before, after)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("長" * 20_000, "短" * 20_000),
        ("。" * 20_000, "。" * 19_999 + "完"),
        ("甲乙。" * 6_000, "乙甲。" * 6_000),
        ("長" * 1_000 + "完", "長" * 990),
    ],
    ids=["one sentence", "stops alone", "six thousand sentences", "one character"],
)
def test_long_texts_are_marked_within_seconds(before: str, after: str) -> None:
    began = time.perf_counter()
    left, right = marked(before, after)
    assert time.perf_counter() - began < 5
    assert ("".join(run.text for run in left), "".join(run.text for run in right)) == (before, after)
