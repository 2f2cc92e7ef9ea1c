"""A messy table read into a proposed tree: what is certain is read, what is not is said."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personnel_portal.rules import outline
from personnel_portal.rules.amounts import plain, sums
from personnel_portal.rules.outline import Level, Node, Piece, pieces, read
from tests.kpi import expected_work as expected

HEAD = ["機關工作項目", "重要工作計畫項目", "實施內容", "預算金額 (單位：千元)"]


def shape(nodes: list[Node]) -> list[tuple[int, str, str]]:
    return [(node.depth, node.mark, node.text) for node in nodes]


def test_a_clean_row_is_read_without_doubt() -> None:
    nodes = read(
        [["民政課 112 年度重要工作計畫"], HEAD, ["一、衛生 (一)環境", "1. 清潔。", "(1)掃除。 (2)消毒。", "8,359"]]
    )
    assert shape(nodes) == [
        (0, "", "民政課"),
        (1, "一、", "衛生"),
        (2, "(一)", "環境"),
        (3, "1.", "清潔。"),
        (4, "(1)", "掃除。"),
        (4, "(2)", "消毒。"),
    ]
    assert nodes[3].sums[0].thousands == 8359
    assert not any(node.doubts for node in nodes)


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ([["一、衛生", "1. 甲。 2. 乙。", "甲事。", ""]], "無法對應"),
        ([["一、衛生", "1. 甲。 2. 乙。", "<p>甲事。</p><p>乙事。</p>", ""]], "依序對應"),
        ([["一、衛生", "1. 甲。 2. 乙。", "", "40"]], "請確認屬於何項"),
        ([["一、衛生", "1. 甲。", "甲事。", "40 252"]], "2 筆金額"),
        ([["一、衛生", "1. 甲。", "甲事", ""], ["", "2. 乙。", "的後半。", ""]], "上一列內容的續文"),
        ([["一、衛生", "1. 甲。", "甲事。", ""], ["二、教育", "2. 乙。", "乙事。", ""]], "早印一列"),
        ([["一、衛生 (一)環境 (二)保健", "1. 甲。", "甲事。", ""]], "請確認各屬何項"),
        ([["一、衛生", "1. 甲。", "", "13,799"], ["", "2. 乙。", "", "13,799"]], "可能是同一筆"),
    ],
)
def test_what_is_uncertain_is_said(rows: list[list[str]], sentence: str) -> None:
    doubts = [doubt for node in read([HEAD, *rows]) for doubt in node.doubts]
    assert any(sentence in doubt for doubt in doubts), doubts


def test_what_is_done_stands_below_the_item_of_its_own_row_without_full_stops_too() -> None:
    nodes = read(
        [
            HEAD,
            ["一、行政", "1.督導里幹事", "依要點辦理", ""],
            ["", "2.召開會報", "每周三召開", "40、252"],
            ["三、跳", "1.a", "b", ""],
        ]
    )
    assert shape(nodes) == [
        (1, "一、", "行政"),
        (2, "1.", "督導里幹事"),
        (3, "", "依要點辦理"),
        (2, "2.", "召開會報"),
        (3, "", "每周三召開"),
        (1, "三、", "跳"),
        (2, "1.", "a"),
        (3, "", "b"),
    ]


def test_a_content_that_a_page_cut_goes_on_below_its_item() -> None:
    nodes = read([HEAD, ["一、衛生", "1. 甲。", "甲事的前半", ""], HEAD, ["", "2. 乙。", "與後半。 (1)乙事。", ""]])
    assert [(node.depth, node.text) for node in nodes][2:] == [
        (3, "甲事的前半"),
        (3, "與後半。"),
        (2, "乙。"),
        (3, "乙事。"),
    ]
    assert any("續文" in doubt for doubt in nodes[3].doubts)


@pytest.mark.parametrize(
    ("marks", "sentence"),
    [
        (["一、", "(一)", "1.", "3."], "編號由 1. 接到 3."),
        (["一、", "(一)", "1.", "2.", "2."], "編號 2. 重複"),
        (["一、", "(一)", "三、"], "編號由 一、 接到 三、"),
        (["一、", "(一)", "4."], "編號由 4. 起"),
        (["一、", "(一)", "1.", "2.", "(二)", "1.", "二、", "(一)", "1."], ""),
    ],
)
@pytest.mark.parametrize("is_table", [True, False])
def test_numbers_that_skip_or_repeat_are_said(marks: list[str], sentence: str, is_table: bool) -> None:
    rows = [[f"{mark}甲。"] for mark in marks]
    if is_table:
        rows = [
            HEAD,
            *(
                ["", *row, "乙。"] if mark[0].isdecimal() else [*row, "", ""]
                for mark, row in zip(marks, rows, strict=True)
            ),
        ]
    doubts = [doubt for node in read(rows) for doubt in node.doubts if "編號" in doubt]
    assert [sentence in doubt for doubt in doubts] == [True] * bool(sentence), doubts


def test_less_and_greater_are_text_and_markup_is_not() -> None:
    assert [piece.text for piece in pieces("a<5 且 b>3")] == ["a<5 且 b>3"]
    assert [piece.text for piece in pieces("a<b 且 c>d")] == ["a<b 且 c>d"]
    assert [piece.text for piece in pieces('<ol style="list-style-type: none"><li>甲。</li><LI>乙</LI></ol>')] == [
        "甲。",
        "乙",
    ]
    assert plain("<p class=MsoNormal><span lang='EN-US'>甲<o:p></o:p></span></p>").strip() == "甲"


def test_an_amount_in_a_row_of_its_own_tells_that_row() -> None:
    nodes = read([HEAD, ["一、衛生", "1. 甲。", "甲事。", ""], ["", "", "", "40"]])
    (node,) = [node for node in nodes if node.sums]
    assert [one.thousands for one in node.sums] == [40]
    assert node.also == (3,)


def test_heads_that_repeat_on_each_page_are_left_out() -> None:
    nodes = read([HEAD, ["一、衛生", "1. 甲。", "甲事。", ""], HEAD, ["", "2. 乙。", "乙事。", ""]])
    assert [node.text for node in nodes] == ["衛生", "甲。", "甲事。", "乙。", "乙事。"]


def test_columns_are_found_by_their_heads() -> None:
    nodes = read([["編號", *HEAD], ["7", "一、衛生", "1. 甲。", "甲事。", "40"]])
    assert shape(nodes) == [(1, "一、", "衛生"), (2, "1.", "甲。"), (3, "", "甲事。")]


def test_an_outline_without_columns_is_read_by_its_marks() -> None:
    nodes = read([["人事室 112 年度重要工作計畫"], ["一、任免"], ["(一)編制"], ["1.甲"], ["(1)乙"], ["說明文字"]])
    assert [(node.depth, node.level, node.text) for node in nodes] == [
        (0, Level.SECTION, "人事室"),
        (1, Level.WORK, "任免"),
        (2, Level.KEY, "編制"),
        (3, Level.KEY, "甲"),
        (4, Level.DETAIL, "乙"),
        (5, Level.DETAIL, "說明文字"),
    ]
    assert nodes[-1].doubts


@pytest.mark.parametrize(
    ("cell", "found"),
    [
        ("40", [(40, "")]),
        ("8,359", [(8359, "")]),
        ("449(健保局補助)", [(449, "健保局補助")]),
        ("市府統籌款", [(None, "市府統籌款")]),
        ("40 252", [(40, ""), (252, "")]),
        ("市府統籌款 市府統籌款", [(None, "市府統籌款"), (None, "市府統籌款")]),
        ("", []),
    ],
)
def test_amounts(cell: str, found: list[tuple[int | None, str]]) -> None:
    assert [(one.thousands, one.funding) for one in sums(cell)] == found


@pytest.mark.parametrize(
    ("cell", "found"),
    [
        ("１，３９５", [(1395, "")]),
        ("8,359 千元", [(8359, "")]),
        ("40、252", [(40, ""), (252, "")]),
        ("40 市府統籌款", [(40, ""), (None, "市府統籌款")]),
        ("1,395 (補助)(自籌款)", [(1395, "補助、自籌款")]),
        ("-", []),
        ("無", []),
    ],
)
def test_amounts_as_offices_write_them_need_no_doubt(cell: str, found: list[tuple[int | None, str]]) -> None:
    assert [(one.thousands, one.funding) for one in sums(cell)] == found
    assert not any(one.doubt for one in sums(cell))


@pytest.mark.parametrize(
    "cell",
    [
        "-5",
        "－5",
        "(5)",
        "40元",
        "約40",
        "8,35",
        "40，252",
        "1.5",
        "1e3",
        "=1+1",
        "NaN",
        "八千",
        "市府統籌款40",
        "9" * 13,
    ],
)
def test_an_amount_that_is_no_plain_number_stays_as_printed_with_a_doubt(cell: str) -> None:
    (one,) = sums(cell)
    assert one.thousands is None
    assert one.funding
    (node,) = [node for node in read([HEAD, ["一、衛生", "1. 甲。", "甲事。", cell]]) if node.sums]
    assert any("請對照原表改正" in doubt for doubt in node.doubts)


def test_a_funding_note_that_is_too_long_is_cut_with_a_doubt() -> None:
    (one,) = sums(f"40({'補' * 61})")
    assert one.thousands == 40
    assert len(one.funding) == 60
    assert "超過 60 字" in one.doubt


def test_full_width_brackets_and_numbers_are_marks_too() -> None:
    assert pieces("（一）甲。 １．不是。") == [Piece("(一)", 1, 1, "甲。"), Piece("1.", 2, 1, "不是。")]
    assert [piece.number for piece in pieces("十一、甲\n二十、乙\n二十三、丙")] == [11, 20, 23]
    assert [piece.mark for piece in pieces("第12條第1項 PM2.5 本(112)年度")] == [""]


@given(st.lists(st.lists(st.text(max_size=40), min_size=1, max_size=6), max_size=12))
def test_whatever_is_pasted_is_read_into_a_tree(rows: list[list[str]]) -> None:
    for node in read(rows):
        assert node.depth >= 0
        assert 1 <= node.row <= len(rows)


def test_the_printed_table_of_a_section_is_read_as_the_page_has_it() -> None:
    """A section typed clean, each row with its items, gives the expected items again."""
    typed = list(expected.ROWS["政風業務"])
    table, work = [], ""
    for level, mark, text, _, _, inside in typed:
        if level == 1:
            work = f"{mark}{text}"
        else:
            table.append([work, f"{mark}{text}", " ".join(f"{one}{what}" for one, what in inside), ""])
            work = ""
    keys = [(node.mark, node.text) for node in read([HEAD, *table]) if node.level == outline.Level.KEY]
    assert keys == [(mark, text) for level, mark, text, *_ in typed if level > 1]
