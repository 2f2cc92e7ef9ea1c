"""Charts as SVG, drawn on the server, so that a page and a paper show the same picture.

All looks are attributes of the elements: the picture needs no style sheet and no script, and a strict CSP lets it stand in
a page. Shapes differ as colours do. A table beside the picture carries the same figures.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import drawsvg

from personnel_portal.documents.characters import printable

WIDTH, HEIGHT = 640, 270
_LEFT, _RIGHT, _TOP, _BOTTOM = 58, 14, 52, 34
_INK, _MUTED, _GRID = "#1c2530", "#566271", "#e3e6ea"
_ACCENT, _MET, _MET_SOFT, _MISSED = "#17567e", "#1f6b45", "#dcefe4", "#a3241b"
_FONT = "Portal Sans, Noto Sans TC, Noto Sans CJK TC, TW-Kai, sans-serif"
_TICKS = 5
_BAR_STEP, _END = 48, 64
# From the worst mark to the best: the colour of its part of a bar, and of the number in it.
_SHADES = (
    ("#a3241b", "#ffffff"),
    ("#e0a9a5", "#1c2530"),
    ("#e3e6ea", "#1c2530"),
    ("#9cc3da", "#1c2530"),
    ("#17567e", "#ffffff"),
)


@dataclass(frozen=True, slots=True)
class Zone:
    """Where a figure meets its target; an end that is none is open."""

    low: Decimal | None
    high: Decimal | None

    @property
    def ends(self) -> list[Decimal]:
        """The ends that are not open, once each."""
        return list(dict.fromkeys(end for end in (self.low, self.high) if end is not None))


@dataclass(frozen=True, slots=True)
class Mark:
    """A place on the axis: its label, the figure (none leaves a gap) and as it is written, whether it meets, and where it would."""

    label: str
    value: Decimal | None = None
    text: str = ""
    is_met: bool | None = None
    zone: Zone | None = None


def trend(title: str, marks: Sequence[Mark], *, unit: str = "") -> str:
    """Return a line of figures from left to right before the zones that meet their targets."""
    values = [mark.value for mark in marks if mark.value is not None]
    ends = [end for mark in marks if mark.zone for end in mark.zone.ends]
    scale = _Scale.over([float(value) for value in (*values, *ends)])
    picture: Any = drawsvg.Drawing(WIDTH, HEIGHT, id_prefix="trend", role="img")
    picture.append_title(printable(title))
    for part in (
        _zones(marks, scale),
        _axes(marks, scale, unit),
        _line(marks, scale),
        _points(marks, scale),
        _legend(marks),
    ):
        picture.extend(list(part))
    svg: str = picture.as_svg(header="")
    return svg.strip()


@dataclass(frozen=True, slots=True)
class Opinion:
    """What people said of something: how many gave each mark, the lowest first, and what is written at the end."""

    label: str
    counts: Sequence[int]
    text: str = ""


def opinions(title: str, rows: Sequence[Opinion], words: Sequence[str]) -> str:
    """Return a bar for each question, divided as people answered; the best stands left.

    Args:
        words: what the marks mean, the lowest first; at most five.
    """
    picture: Any = drawsvg.Drawing(WIDTH, _TOP + len(rows) * _BAR_STEP, id_prefix="opinions", role="img")
    picture.append_title(printable(title))
    picture.extend(list(_words(words)))
    for place, row in enumerate(rows):
        picture.extend(list(_bar(row, _TOP + place * _BAR_STEP)))
    svg: str = picture.as_svg(header="")
    return svg.strip()


def _words(words: Sequence[str]) -> Iterator[Any]:
    """Yield what the colours mean, the best first."""
    x = 8.0
    for mark in reversed(range(len(words))):
        yield drawsvg.Rectangle(x, 9, 14, 13, fill=_SHADES[mark][0], stroke=_MUTED, stroke_width=0.5)
        yield _text(words[mark], x + 20, 20)
        x += 32 + 13 * len(words[mark])


def _bar(row: Opinion, top: float) -> Iterator[Any]:
    yield _text(row.label, 8, top, fill=_INK)
    total, x, length = sum(row.counts), 8.0, WIDTH - 8 - _END
    for mark in reversed(range(len(row.counts))):
        count = row.counts[mark]
        if not count:
            continue
        part, (shade, ink) = round(length * count / total, 1), _SHADES[mark]
        yield drawsvg.Rectangle(x, top + 8, part, 20, fill=shade, stroke="#ffffff", stroke_width=1)
        if part > 16:
            yield _text(str(count), x + part / 2, top + 22, anchor="middle", fill=ink)
        x = round(x + part, 1)
    yield _text(row.text, WIDTH - 8, top + 22, anchor="end", fill=_INK)


@dataclass(frozen=True, slots=True)
class _Scale:
    """The figures that the picture's height stands for, and the step between its lines."""

    low: float
    high: float
    step: float

    @classmethod
    def over(cls, figures: Sequence[float]) -> "_Scale":
        """Return round bounds around the figures; from 0 on, but where they all lie close together far from it."""
        low, high = min(figures, default=0.0), max(figures, default=1.0)
        if not 0 < 0.6 * high < low:
            low = min(low, 0.0)
        step = _round((high - low or abs(high) or 1.0) / _TICKS)
        bottom, top = math.floor(low / step) * step, math.ceil(high / step) * step
        bottom -= step if low == bottom != 0 else 0  # so that no figure stands on the edge
        return cls(bottom, top + step, step)

    def y(self, figure: float) -> float:
        """Return the height of a figure; what lies outside stands at the edge."""
        share = (figure - self.low) / (self.high - self.low)
        return round(HEIGHT - _BOTTOM - min(max(share, 0.0), 1.0) * (HEIGHT - _TOP - _BOTTOM), 1)

    def lines(self) -> Iterator[float]:
        """Yield the figures at which a line is drawn."""
        for number in range(round((self.high - self.low) / self.step) + 1):
            yield self.low + number * self.step


def _round(step: float) -> float:
    """Return the least of 1, 2, 5, 10 … that is not under a step."""
    power = 10.0 ** math.floor(math.log10(step))
    return next((nice * power for nice in (1, 2, 5) if nice * power >= step), 10 * power)


def _x(place: float, marks: Sequence[Mark]) -> float:
    """Return where a place stands; places are in the middle of equal parts of the width."""
    return round(_LEFT + (place + 0.5) * (WIDTH - _LEFT - _RIGHT) / max(len(marks), 1), 1)


def _zones(marks: Sequence[Mark], scale: _Scale) -> Iterator[Any]:
    for place, mark in enumerate(marks):
        if mark.zone is None:
            continue
        left, right = _x(place - 0.5, marks), _x(place + 0.5, marks)
        top = scale.y(scale.high if mark.zone.high is None else float(mark.zone.high))
        bottom = scale.y(scale.low if mark.zone.low is None else float(mark.zone.low))
        if bottom > top:
            yield drawsvg.Rectangle(left, top, round(right - left, 1), round(bottom - top, 1), fill=_MET_SOFT)
        for end in mark.zone.ends:
            y = scale.y(float(end))
            yield drawsvg.Line(left, y, right, y, stroke=_MET, stroke_width=1.5, stroke_dasharray="6 4")


def _axes(marks: Sequence[Mark], scale: _Scale, unit: str) -> Iterator[Any]:
    for figure in scale.lines():
        y = scale.y(figure)
        yield drawsvg.Line(_LEFT, y, WIDTH - _RIGHT, y, stroke=_GRID, stroke_width=1)
        yield _text(f"{figure:,.10g}", _LEFT - 8, y + 4, anchor="end")
    for place, mark in enumerate(marks):
        yield _text(mark.label, _x(place, marks), HEIGHT - 12, anchor="middle")
    if unit:
        yield _text(f"單位：{unit}", 8, 20)


def _line(marks: Sequence[Mark], scale: _Scale) -> Iterator[Any]:
    """Yield the line through the figures; a missing one breaks it."""
    before: tuple[float, float] | None = None
    for place, mark in enumerate(marks):
        here = None if mark.value is None else (_x(place, marks), scale.y(float(mark.value)))
        if before and here:
            yield drawsvg.Line(*before, *here, stroke=_ACCENT, stroke_width=2)
        before = here


def _points(marks: Sequence[Mark], scale: _Scale) -> Iterator[Any]:
    for place, mark in enumerate(marks):
        if mark.value is not None:
            x, y = _x(place, marks), scale.y(float(mark.value))
            yield _shape(x, y, mark.is_met)
            yield _text(mark.text, x, y - 11, anchor="middle", fill=_INK)


def _shape(x: float, y: float, is_met: bool | None) -> Any:
    """Return a dot for a figure that meets its target, a diamond for one that does not, a ring where nothing is judged."""
    if is_met is None:
        return drawsvg.Circle(x, y, 4.5, fill="#ffffff", stroke=_ACCENT, stroke_width=2)
    if is_met:
        return drawsvg.Circle(x, y, 5, fill=_MET)
    return drawsvg.Lines(x, y - 6.5, x + 6.5, y, x, y + 6.5, x - 6.5, y, close=True, fill=_MISSED)


def _legend(marks: Sequence[Mark]) -> Iterator[Any]:
    """Yield what the shapes mean, from the right; only those that occur."""
    drawn = {mark.is_met for mark in marks if mark.value is not None}
    words: list[tuple[str, bool | None]] = [("未判定", None), ("未達標", False), ("達標", True)]
    right = float(WIDTH - _RIGHT)
    for word, is_met in words:
        if is_met in drawn:
            right -= 13 * len(word)
            yield _text(word, right, 20)
            yield _shape(right - 10, 16, is_met)
            right -= 32
    if any(mark.zone for mark in marks):
        right -= 13 * 4
        yield _text("達標範圍", right, 20)
        yield drawsvg.Rectangle(right - 24, 9, 18, 13, fill=_MET_SOFT, stroke=_MET, stroke_dasharray="3 2")


def _text(text: str, x: float, y: float, *, anchor: str = "start", fill: str = _MUTED) -> Any:
    return drawsvg.Text(printable(text), 12, x, y, text_anchor=anchor, fill=fill, font_family=_FONT)
