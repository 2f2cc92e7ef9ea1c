"""A work plan's table as people typed it, read into a proposed tree (domain notes A2).

The table has four columns: 機關工作項目, 重要工作計畫項目, 實施內容, 預算金額. A cell may hold several items, one after the
other; page breaks cut rows; the label of a new 一、 is often printed a row too early; an amount stands beside several
items. What is not certain is proposed with a doubt in a sentence, so that a person decides; nothing is guessed in silence.
"""

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise

from personnel_portal.rules.amounts import PARAGRAPH, TAG, Sum, sums

HEADS = ("機關工作項目", "重要工作計畫項目", "實施內容", "預算金額")
FINISHED = "。；：！？」』)）"
_HAN = "一二三四五六七八九十"
_MARK = re.compile(
    rf"(?P<one>[{_HAN}]{{1,3}})、|[(（](?P<two>[{_HAN}]{{1,3}})[)）]|(?P<three>\d{{1,2}})[.．、](?!\d)|[(（](?P<four>\d{{1,2}})[)）]"
)
_RANKS = ("one", "two", "three", "four")
_LINE = re.compile(r"\n|\s{2,}|\u3000+|(?<=。) ")
_SPLIT_WORD = re.compile(r"(?<=[\u3000-\u9fff\uff00-\uffef]) (?=[\u3000-\u9fff\uff00-\uffef])")
_TITLE = re.compile(r"^[#\s]*(?P<name>.+?)\s*\d{2,3}\s*年度重要工作計畫\s*$")
_BODY = re.compile(r"^.*(?:公所|政府|委員會)")
_PART = re.compile(r"^[#\s]*[壹貳參]、\s*(?P<name>\S+?)[：:]?\s*$")
FOCUS = "年度工作重點"


class Level(StrEnum):
    """What a node is."""

    SECTION = "section"
    FOCUS = "focus"
    WORK = "work"
    KEY = "key"
    DETAIL = "detail"


@dataclass(frozen=True, slots=True)
class Node:
    """A proposed node; its parent is the last one before it that is less deep.

    Attributes:
        row: the row of the source that it was read from, counted from 1.
        also: further rows, of which it has an amount.
        doubts: what a person should look at, each a sentence.
    """

    depth: int
    level: Level
    mark: str
    text: str
    row: int
    sums: tuple[Sum, ...] = ()
    doubts: tuple[str, ...] = ()
    also: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a cell: its mark with its rank (一、 0, (一) 1, 1. 2, (1) 3; none without one) and number, and its text."""

    mark: str
    rank: int | None
    number: int
    text: str

    @property
    def begins(self) -> bool:
        """Tell whether it is the first of its numbering, or stands alone."""
        return self.rank is None or self.number == 1


def read(rows: Sequence[Sequence[str]]) -> list[Node]:
    """Return the proposed nodes of a table, or of an outline that has one column."""
    if all(len([cell for cell in row if cell.strip()]) <= 1 for row in rows):
        return _with_gaps(list(_outline(rows)))
    reader = _Reader()
    for number, row in enumerate(rows, start=1):
        reader.take(number, row)
    return _with_gaps(_with_repeated_sums(reader.finish()))


def read_all(tables: Sequence[tuple[str, Sequence[Sequence[str]]]]) -> list[Node]:
    """Return the proposed nodes of named tables, their rows counted on from one to the next.

    Of several, one without a title is taken for the section that its name tells, which a person is to confirm.
    """
    found: list[Node] = []
    passed = 0
    for name, rows in tables:
        nodes = read(rows)
        if len(tables) > 1 and nodes and nodes[0].level != Level.SECTION:
            doubt = f"工作表「{name}」沒有課室標題，請確認課室名稱。"
            found.append(Node(0, Level.SECTION, "", name, passed + nodes[0].row, doubts=(doubt,)))
        found += [replace(node, row=node.row + passed, also=tuple(row + passed for row in node.also)) for node in nodes]
        passed += len(rows)
    return found


def pieces(cell: str) -> list[Piece]:
    """Return the parts of a cell; a line without a mark goes on with the one before unless that one was finished."""
    return [piece for paragraph in PARAGRAPH.split(cell) for piece in _paragraph(paragraph)]


def _paragraph(text: str) -> list[Piece]:
    found: list[Piece] = []
    for line in _lines(text):
        starts = [match for match in _MARK.finditer(line) if not match.start() or line[match.start() - 1].isspace()]
        edges = [0, *(match.start() for match in starts if match.start()), len(line)]
        for start, end in pairwise(edges):
            match = _MARK.match(line, start)
            piece = _piece(match, line[match.end() if match else start : end])
            if found and match is None and found[-1].text[-1:] not in FINISHED:
                found[-1] = replace(found[-1], text=found[-1].text + piece.text)
            elif piece.text or piece.mark:
                found.append(piece)
    return found


def _lines(text: str) -> list[str]:
    lines = _LINE.split(html.unescape(TAG.sub("", text)).strip())
    return [_SPLIT_WORD.sub("", " ".join(line.split())) for line in lines if line.strip()]


def _piece(match: re.Match[str] | None, text: str) -> Piece:
    if match is None:
        return Piece("", None, 0, text.strip())
    rank = next(place for place, name in enumerate(_RANKS) if match[name])
    number = _number(match[_RANKS[rank]])
    mark = (match[0] if rank != 2 else f"{number}.").replace("（", "(").replace("）", ")")
    return Piece(mark, rank, number, text.strip())


def _number(text: str) -> int:
    if text.isdecimal():
        return int(text)
    tens, _, ones = text.rpartition("十")
    if "十" not in text:
        return _HAN.index(text[0]) + 1
    return (_HAN.index(tens) + 1 if tens else 1) * 10 + (_HAN.index(ones) + 1 if ones else 0)


def _groups(found: Sequence[Piece]) -> tuple[list[Piece], list[list[Piece]]]:
    """Return what goes on with the row before, and the groups that begin anew, each from its first number on."""
    ranks = [piece.rank for piece in found if piece.rank is not None]
    top = min(ranks, default=None)
    before: list[Piece] = []
    groups: list[list[Piece]] = []
    for piece in found:
        if piece.begins and (piece.rank is None or piece.rank == top or not (groups or before)):
            groups.append([piece])
        else:
            (groups[-1] if groups else before).append(piece)
    return before, groups


@dataclass(slots=True)
class _Reader:
    """What is open while the rows are read: the work, the key with its rank, and a work whose label came too early."""

    nodes: list[Node] = field(default_factory=list)
    work_depth: int = 1
    key: Piece | None = None
    key_depth: int = 2
    heading: Piece | None = None  # the (一) that stands over 1.
    detail: Piece | None = None
    pending: list[tuple[Piece, int, bool]] = field(default_factory=list)
    in_focus: bool = False
    is_cut: bool = False  # the heads stand here again: a page ended, perhaps within a row
    columns: tuple[int, ...] = (0, 1, 2, 3)

    def take(self, number: int, row: Sequence[str]) -> None:
        filled = [cell for cell in row if cell.strip()]
        if not filled:
            return
        if len({name for name in HEADS for cell in row if cell.strip().startswith(name)}) > 1:
            self.columns = tuple(_column(row, name, place) for place, name in enumerate(HEADS))
            self.is_cut = True
        elif len(filled) > 1 or not self._loose(number, filled[0]):
            self._row(number, row)

    def _loose(self, number: int, text: str) -> bool:
        """Take a line outside the table: a section's title, a key point; tell whether it was one."""
        if title := _TITLE.match(" ".join(text.split())):
            self._open_pending()
            self.key = self.heading = self.detail = None
            name = _BODY.sub("", title["name"]).strip() or title["name"]
            self.nodes.append(Node(0, Level.SECTION, "", name, number))
        elif part := _PART.match(text):
            self.in_focus = part["name"] == FOCUS
        elif self.in_focus:
            for piece in pieces(text.lstrip("- ")):
                self.nodes.append(Node(1, Level.FOCUS, piece.mark, piece.text, number))
        else:
            return "依據" in text and "年度" in text  # the sentence that introduces a section
        return True

    def _row(self, number: int, row: Sequence[str]) -> None:
        self.in_focus = False
        works, keys, details, amounts = (row[at] if at < len(row) else "" for at in self.columns)
        known = pieces(keys)
        before, groups = _groups(known)
        if groups and self._stays(groups[0][0]):
            before += groups.pop(0)
        unfinished = self.detail is not None and self.detail.text[-1:] not in FINISHED
        began = self._go_on(pieces(details), bool(known), number)
        # Without a page's end the row speaks for itself; many write no full stops, but this one does.
        in_doubt = unfinished and bool(began) and began[0][0].rank is None and began[0][-1].text[-1:] in FINISHED
        placed = [self._key(piece, number) for piece in before]
        if groups:
            self._open_pending()
        placed += self._works(pieces(works), groups, number, busy=bool(details.strip() or before))
        self._details(began, placed, number)
        if in_doubt and not self.is_cut and placed:
            self._doubt(placed[0], f"第 {number} 列的內容可能是上一列內容的續文，請確認屬於何項。")
        self._sums(sums(amounts), placed, number)
        self.is_cut = False

    def _go_on(self, found: Sequence[Piece], has_keys: bool, number: int) -> list[list[Piece]]:
        """Add what goes on with the last item of the rows before; return the groups that begin in this row."""
        before, groups = _groups(found)
        unfinished = self.detail is not None and self.detail.text[-1:] not in FINISHED
        if self.key is None:
            return [before, *groups] if before else groups
        if not has_keys:
            before, groups = list(found), []
        elif self.is_cut and unfinished and not before and groups and groups[0][0].rank is None:
            goes_on = next((at for at, piece in enumerate(groups[0]) if at and piece.begins), len(groups[0]))
            before, rest = groups[0][:goes_on], groups[0][goes_on:]
            groups = [rest, *groups[1:]] if rest else groups[1:]
        doubt = ("可能是上一列內容的續文，可併入上一項。",) if unfinished and before and before[0].rank is None else ()
        self._insert(before, len(self.nodes), self.key_depth + 1, number, doubt)
        return groups

    def _stays(self, piece: Piece) -> bool:
        """Tell whether a numbering that begins belongs below the open (一) although a new work was announced."""
        return bool(self.pending) and self.heading is not None and piece.rank is not None and piece.rank > 1

    def _works(self, works: Sequence[Piece], groups: list[list[Piece]], number: int, *, busy: bool) -> list[int]:
        """Open the works of a row with the keys that begin in it; return where the keys stand."""
        if not groups:
            self.pending += [(piece, number, busy) for piece in works]
            return []
        leaves = [place for place, piece in enumerate(works) if not _deeper_follows(works, place)]
        even = len(leaves) == len(groups)
        placed: list[int] = []
        for place, piece in enumerate(works):
            self._work(piece, number)
            mine = groups[leaves.index(place)] if even and place in leaves else []
            placed += [self._key(key, number) for key in mine]
        if not even:
            if works:
                self._doubt(-1, f"同列有 {len(leaves)} 個工作項目、{len(groups)} 組計畫項目，請確認各屬何項。")
            placed += [self._key(key, number) for group in groups for key in group]
        return placed

    def _work(self, piece: Piece, number: int, *, early: bool = False) -> None:
        doubts = []
        if piece.rank is None:
            doubts.append("工作項目沒有編號，可能是上一項的續文。")
        if early:
            doubts.append("標題可能早印一列，請對照原表確認其下的項目。")
        self.work_depth = 1 if piece.rank == 0 else 2
        self.key = self.heading = self.detail = None
        self._add(self.work_depth, Level.WORK, piece, number, doubts)

    def finish(self) -> list[Node]:
        """Return the nodes once every row was taken."""
        self._open_pending()
        return self.nodes

    def _open_pending(self) -> None:
        """Open the works whose labels stood beside nothing that began."""
        for piece, number, is_early in self.pending:
            self._work(piece, number, early=is_early)
        self.pending = []

    def _key(self, piece: Piece, number: int) -> int:
        doubts = []
        if piece.rank is None and self.key is not None and self.key.text[-1:] not in FINISHED:
            doubts.append("沒有編號，可能是上一列的續文，可併入上一項。")
        if piece.rank == 1:
            self.heading = piece
        self.key_depth = self.work_depth + 1 + (piece.rank == 2 and self.heading is not None)
        self.key, self.detail = piece, None
        return self._add(self.key_depth, Level.KEY, piece, number, doubts)

    def _details(self, groups: list[list[Piece]], placed: list[int], number: int) -> None:
        """Put the contents that begin in a row below its items, one group an item where they are as many."""
        leaves = [at for place, at in enumerate(placed) if not self._is_over(at, placed[place + 1 : place + 2])]
        takers = placed if len(groups) == len(placed) else leaves
        if len(groups) == len(takers):
            if len(groups) > 1:
                self._doubt(takers[0], f"第 {number} 列的 {len(groups)} 項與 {len(groups)} 段內容依序對應，請確認。")
            moved = 0
            for at, group in zip(list(takers), groups, strict=True):
                self._insert(group, at + moved + 1, self.nodes[at + moved].depth + 1, number)
                placed[:] = [one + len(group) if one > at + moved else one for one in placed]
                moved += len(group)
        elif groups and not placed:  # contents before any item
            doubt = (f"第 {number} 列的內容之前沒有項目，請確認屬於何項。",)
            for group in groups:
                self._insert(group, len(self.nodes), self.work_depth + 1, number, doubt)
        elif groups:
            self._doubt(placed[-1], f"同列有 {len(placed)} 項、{len(groups)} 段內容，無法對應，請逐段移至所屬項目。")
            rest = [piece for group in groups for piece in group]
            self._insert(rest, len(self.nodes), self.nodes[placed[-1]].depth + 1, number)

    def _is_over(self, at: int, following: list[int]) -> bool:
        return any(self.nodes[one].depth > self.nodes[at].depth for one in following)

    def _insert(self, found: Sequence[Piece], at: int, depth: int, number: int, doubts: tuple[str, ...] = ()) -> None:
        """Put details there; what is numbered (1) stands below 1. where both are."""
        has_list = False
        for offset, piece in enumerate(found):
            inner = depth + (piece.rank == 3 and has_list)
            has_list = has_list or piece.rank == 2
            node = Node(inner, Level.DETAIL, piece.mark, piece.text, number, doubts=() if offset else doubts)
            self.nodes.insert(at + offset, node)
            self.detail = piece

    def _sums(self, found: list[Sum], placed: list[int], number: int) -> None:
        if not found or not self.nodes:
            return
        keys = [place for place, node in enumerate(self.nodes) if node.level in (Level.KEY, Level.WORK)]
        at = placed[0] if placed else keys[-1] if keys else len(self.nodes) - 1
        node = self.nodes[at]
        also = node.also if number == node.row else (*node.also, number)
        self.nodes[at] = replace(node, sums=(*node.sums, *found), also=also)
        for one in found:
            if one.doubt:
                self._doubt(at, one.doubt)
        if len(found) > 1:
            self._doubt(at, f"第 {number} 列一格有 {len(found)} 筆金額或經費註記，請確認各屬何項。")
        elif len(placed) != 1:
            self._doubt(at, f"金額印於第 {number} 列，同列有 {len(placed)} 個項目，請確認屬於何項。")

    def _add(self, depth: int, level: Level, piece: Piece, number: int, doubts: list[str]) -> int:
        self.nodes.append(Node(depth, level, piece.mark, piece.text, number, doubts=tuple(doubts)))
        return len(self.nodes) - 1

    def _doubt(self, at: int, sentence: str) -> None:
        if self.nodes:
            self.nodes[at] = replace(self.nodes[at], doubts=(*self.nodes[at].doubts, sentence))


def _column(row: Sequence[str], name: str, place: int) -> int:
    return next((at for at, cell in enumerate(row) if cell.strip().startswith(name)), place)


def _deeper_follows(works: Sequence[Piece], place: int) -> bool:
    return works[place].rank == 0 and place + 1 < len(works) and works[place + 1].rank != 0


def _with_repeated_sums(nodes: Sequence[Node]) -> list[Node]:
    """Mark amounts from a million on that are printed twice: they may be one and the same."""
    seen: dict[Decimal, Node] = {}
    marked = []
    for node in nodes:
        values = [one.thousands for one in node.sums if one.thousands is not None and one.thousands >= 1000]
        doubts = tuple(
            f"{value:,} 與第 {seen[value].row} 列「{seen[value].text[:12]}」的金額相同，可能是同一筆。"
            for value in values
            if value in seen
        )
        seen |= {value: node for value in values if value not in seen}
        marked.append(replace(node, doubts=node.doubts + doubts))
    return marked


def _with_gaps(nodes: Sequence[Node]) -> list[Node]:
    """Mark numbers that skip or repeat below the same parent: a row may have been lost, or stands elsewhere."""
    last: dict[tuple[int, int], Piece] = {}
    marked = []
    for node in nodes:
        piece = _piece(_MARK.match(node.mark), "")
        last = {(depth, rank): one for (depth, rank), one in last.items() if depth <= node.depth}
        doubt = ""
        if piece.rank is not None:
            before = last.get((node.depth, piece.rank))
            doubt = _gap(before, piece)
            last[node.depth, piece.rank] = piece
        marked.append(replace(node, doubts=(*node.doubts, doubt)) if doubt else node)
    return marked


def _gap(before: Piece | None, piece: Piece) -> str:
    if before is None:
        return "" if piece.number == 1 else f"編號由 {piece.mark} 起，之前可能有缺漏的列。"
    if piece.number in (1, before.number + 1) and piece.number != before.number:
        return ""
    if piece.number == before.number:
        return f"編號 {piece.mark} 重複，請確認。"
    return f"編號由 {before.mark} 接到 {piece.mark}，可能有缺漏或錯置的列。"


_OUTLINE = (Level.WORK, Level.KEY, Level.KEY, Level.DETAIL)


def _outline(rows: Sequence[Sequence[str]]) -> Iterator[Node]:
    """Yield the nodes of lines without columns: how deep one stands follows from its mark."""
    depth = 0
    for number, row in enumerate(rows, start=1):
        text = next((cell for cell in row if cell.strip()), "")
        if title := _TITLE.match(" ".join(text.split())):
            yield Node(0, Level.SECTION, "", _BODY.sub("", title["name"]).strip() or title["name"], number)
            depth = 0
            continue
        for piece in pieces(text.lstrip("#- ")):
            if piece.rank is None:
                doubt = "沒有編號，請確認層級。"
                yield Node(depth + 1, Level.DETAIL, "", piece.text, number, doubts=(doubt,))
            else:
                depth = piece.rank + 1
                yield Node(depth, _OUTLINE[piece.rank], piece.mark, piece.text, number)
