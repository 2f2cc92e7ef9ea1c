import pytest

from personnel_portal.documents import paper
from personnel_portal.documents.characters import printable
from personnel_portal.documents.paper import Clause, Column, Item, Items, Line, Paper, Table


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (1, "一"),
        (10, "十"),
        (11, "十一"),
        (20, "二十"),
        (99, "九十九"),
        (100, "一百"),
        (103, "一百零三"),
        (115, "一百一十五"),
        (320, "三百二十"),
    ],
)
def test_numeral_writes_official_numbers(number: int, text: str) -> None:
    assert paper.numeral(number) == text


@pytest.mark.parametrize("number", [0, -1, 1000])
def test_numeral_refuses_what_is_never_numbered(number: int) -> None:
    with pytest.raises(ValueError):
        paper.numeral(number)


def test_items_are_numbered_by_depth() -> None:
    items = Items((Item("甲", (Item("乙", (Item("丙", (Item("丁"),)),)), Item("戊"))), Item("己")))
    assert list(items.lines()) == [
        Line("一、", "甲", 0),
        Line("(一)", "乙", 2),
        Line("1、", "丙", 4),
        Line("(1)", "丁", 6),
        Line("(二)", "戊", 2),
        Line("二、", "己", 0),
    ]


def test_items_refuse_a_fifth_level() -> None:
    item = Item("底")
    for _ in range(4):
        item = Item("層", (item,))
    with pytest.raises(ValueError, match="four levels"):
        list(Items((item,)).lines())


def test_clause_hangs_on_its_label_and_indents_its_items() -> None:
    lines = list(Clause("說明", items=(Item("依據"),), indent=4).lines())
    assert lines == [Line("說明：", "", 4), Line("一、", "依據", 6)]
    assert [line.hang for line in lines] == [6, 4]


def test_table_shares_sum_to_a_hundred() -> None:
    assert sum(Table((Column("甲"), Column("乙"), Column("丙")), ()).percents()) == 100


def test_table_refuses_a_row_of_another_length() -> None:
    with pytest.raises(ValueError, match="2 cells in a table of 1"):
        Table((Column("甲"),), [["一", "二"]])


@pytest.mark.parametrize(("length", "points"), [(22, 20), (25, 18), (40, 16)])
def test_title_shrinks_to_fit(length: int, points: int) -> None:
    assert Paper("題" * length, ()).title_points == points


def test_printable_keeps_text_and_drops_what_xml_forbids() -> None:
    assert printable("甲\x00\x1b\ud800乙\ufffe\r\n丙\v丁\u2028戊\t😀𠮷") == "甲乙\n丙\n丁\n戊\t😀𠮷"
