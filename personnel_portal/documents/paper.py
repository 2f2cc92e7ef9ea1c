"""An official document, described once and rendered to PDF and ODT alike.

A `Paper` is a title and a sequence of blocks. The blocks are those that the forms of 文書處理手冊 need: labelled
fields (時間：…), clauses (主旨：, 案由一：), items numbered 一、(一)1、(1), tables and plain paragraphs.

Lengths that depend on the text are counted in half-widths: a Latin letter is 1, a Chinese character 2.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar, Literal

Align = Literal["start", "center", "end"]
Size = Literal["body", "small", "title"]

_DIGITS = "〇一二三四五六七八九"


def numeral(number: int) -> str:
    """Return 1…999 in the Chinese numerals of official numbering: 一, 十, 十二, 二十一, 一百零三."""
    if not 0 < number < 1000:
        raise ValueError(f"numbering runs from 1 to 999, not {number}")
    hundreds, rest = divmod(number, 100)
    tens, ones = divmod(rest, 10)
    text = _DIGITS[hundreds] + "百" if hundreds else ""
    if tens:
        text += ("" if number < 20 else _DIGITS[tens]) + "十"
    elif hundreds and ones:
        text += "零"
    return text + (_DIGITS[ones] if ones else "")


def width(text: str) -> int:
    """Return the width of a line of text in half-widths."""
    return sum(2 if unicodedata.east_asian_width(character) in "WFA" else 1 for character in text)


@dataclass(frozen=True, slots=True)
class Heading:
    """A section of the document, its number included: 壹、主席致詞."""

    kind: ClassVar[str] = "heading"
    text: str
    level: Literal[1, 2, 3] = 1


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text; a line end in it stays a line end. `indent` is in half-widths; `title` is for a title on a later page."""

    kind: ClassVar[str] = "paragraph"
    text: str
    align: Align = "start"
    size: Size = "body"
    indent: int = 0


@dataclass(frozen=True, slots=True)
class Fields:
    """Labelled lines such as 「時間：…」. In the corner they stand small in the right part, as 承辦人 and 電話 of a 函."""

    kind: ClassVar[str] = "fields"
    rows: tuple[tuple[str, str], ...]
    place: Literal["body", "small", "corner"] = "body"

    def lines(self) -> Iterator["Line"]:
        """Yield each field as a line that hangs on its label."""
        return (Line(f"{label}：", value) for label, value in self.rows)


@dataclass(frozen=True, slots=True)
class Item:
    """One numbered item; its number follows from its place."""

    text: str
    items: tuple["Item", ...] = ()


@dataclass(frozen=True, slots=True)
class Items:
    """Items numbered 一、(一)1、(1) by depth, four levels at most."""

    kind: ClassVar[str] = "items"
    items: tuple[Item, ...]
    indent: int = 0

    def lines(self) -> Iterator["Line"]:
        """Yield the numbered lines in reading order."""
        return _lines(self.items, 0, self.indent)


@dataclass(frozen=True, slots=True)
class Clause:
    """A labelled part of a letter or an agenda item: 「主旨：…」, or 「說明：」 with items below."""

    kind: ClassVar[str] = "clause"
    label: str
    text: str = ""
    items: tuple[Item, ...] = ()
    indent: int = 0

    def lines(self) -> Iterator["Line"]:
        """Yield the labelled line, then its items one character further in."""
        yield Line(f"{self.label}：", self.text, self.indent)
        yield from _lines(self.items, 0, self.indent + 2)


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table; `share` is its part of the table's width, relative to the other columns."""

    label: str
    share: int = 1
    align: Align = "start"


@dataclass(frozen=True, slots=True)
class Table:
    """A ruled table whose head repeats on every page.

    Args:
        row_height: in mm; leaves room to sign.
        size: small letters where many columns share the page, as on rosters.
    """

    kind: ClassVar[str] = "table"
    columns: tuple[Column, ...]
    rows: Sequence[Sequence[str]]
    row_height: int = 0
    size: Size = "body"

    def __post_init__(self) -> None:
        for row in self.rows:
            if len(row) != len(self.columns):
                raise ValueError(f"a row of {len(row)} cells in a table of {len(self.columns)} columns")

    def percents(self) -> list[int]:
        """Return the column widths in percent, which sum to 100."""
        total = sum(column.share for column in self.columns)
        edges = [0]
        for column in self.columns:
            edges.append(edges[-1] + column.share)
        return [round(100 * end / total) - round(100 * start / total) for start, end in pairwise(edges)]

    def cells(self) -> Iterator[list[tuple[str, Align]]]:
        """Yield the rows, each cell with the alignment of its column."""
        return ([(cell, column.align) for cell, column in zip(row, self.columns, strict=True)] for row in self.rows)


@dataclass(frozen=True, slots=True)
class Drawing:
    """A picture as SVG, as wide as the text; `caption` stands below it and says what it shows.

    Args:
        svg: markup of our own (`documents.charts`); it is set as it stands.
        ratio: its height as a part of its width, in percent.
    """

    kind: ClassVar[str] = "drawing"
    svg: str
    caption: str
    ratio: int


@dataclass(frozen=True, slots=True)
class PageBreak:
    """The next block starts a new page."""

    kind: ClassVar[str] = "break"


Block = Heading | Paragraph | Fields | Items | Clause | Table | Drawing | PageBreak


@dataclass(frozen=True, slots=True)
class Line:
    """A line that hangs on its mark: the mark, its text, and where it starts, in half-widths."""

    mark: str
    text: str
    indent: int = 0

    @property
    def hang(self) -> int:
        """How far the following lines stand in from the mark, in half-widths."""
        return width(self.mark)


@dataclass(frozen=True, slots=True)
class Paper:
    """A document on A4.

    Args:
        title: the heading on the first page and the title of the file; a line end in it stays.
        blocks: the content in reading order.
        landscape: A4 across, for rosters.
        filing: 檔號 and 保存年限, above the title of a letter or a notice.
        header: a note at the top of every page, such as 草稿 or 限機關內部使用.
        footer: a note at the bottom of every page, left of the page number.
        author: the issuing agency, kept in the file's properties.
    """

    title: str
    blocks: tuple[Block, ...]
    landscape: bool = False
    filing: Fields | None = None
    header: str = ""
    footer: str = ""
    author: str = ""

    @property
    def name(self) -> str:
        """The title on one line."""
        return " ".join(self.title.split())

    @property
    def text_width(self) -> int:
        """The width between the margins in mm."""
        return 297 - 2 * 15 if self.landscape else 210 - 2 * 25

    @property
    def title_points(self) -> int:
        """The size of the title: the largest at which its longest line fits between the margins."""
        room = self.text_width * 72 / 25.4
        halfwidths = max(width(line) for line in self.title.split("\n"))
        return next((points for points in (20, 18) if halfwidths * points / 2 <= room), 16)


def _lines(items: Sequence[Item], depth: int, indent: int) -> Iterator[Line]:
    for number, item in enumerate(items, start=1):
        yield Line(_mark(number, depth), item.text, indent)
        yield from _lines(item.items, depth + 1, indent + 2)


def _mark(number: int, depth: int) -> str:
    """Return the number of an item by its depth; source: 文書處理手冊, 分項標號."""
    forms = (f"{numeral(number)}、", f"({numeral(number)})", f"{number}、", f"({number})")
    if depth >= len(forms):
        raise ValueError("items nest four levels at most")
    return forms[depth]
