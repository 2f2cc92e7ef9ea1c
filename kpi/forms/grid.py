"""The grid of a unit's year: indicators × periods as plain fields, so that it works without scripts."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.core.exceptions import ValidationError

from districts.models import Agency
from kpi.actions.actuals import OPEN, Amounts, Entry, Place
from kpi.choices import PERIODS, EntryState, Formula, Frequency, period_label
from kpi.compute import Cell, YearFigures, closed
from kpi.forms import cells
from kpi.models import Actual

MOST_LINES = 200  # lines of a pasted block; far more than a grid has rows


@dataclass(slots=True)
class Field:
    """An input: a part of a cell (`n`, `d` or `v`), its name, what stands in it."""

    part: str
    name: str
    label: str
    text: str


@dataclass(slots=True)
class Square:
    """A period of an indicator.

    Attributes:
        entry: what is saved for it.
        closed: why nothing can be entered; empty where it can.
        was: what stood there when the page was shown, as `Amounts` puts it.
        problem: what is wrong with what was typed, in a sentence.
    """

    cell: Cell
    period: int
    entry: Actual | None
    closed: str
    was: str
    fields: list[Field] = field(default_factory=list)
    problem: str = ""

    @property
    def place(self) -> Place:
        return self.cell.indicator.pk, self.period

    @property
    def name(self) -> str:
        """The field that carries what stood there."""
        return f"was-{self.cell.indicator.pk}-{self.period}"

    @property
    def label(self) -> str:
        return period_label(self.cell.indicator.frequency, self.period)


@dataclass(frozen=True, slots=True)
class Line:
    """An indicator in the grid: a row for each part, each with the fields of its periods."""

    cell: Cell
    squares: tuple[Square, ...]

    @property
    def rows(self) -> list[tuple[str, list[tuple[Square, Field]]]]:
        """The rows of its table: the word of the part (the indicator's own where it has one), each period with its field."""
        indicator = self.cell.indicator
        own = {"n": indicator.numerator_label, "d": indicator.denominator_label}
        return [
            (own.get(part) or cells.PARTS[part], [(square, square.fields[number]) for square in self.squares])
            for number, part in enumerate(cells.parts_of(indicator))
        ]

    @property
    def is_yes_or_no(self) -> bool:
        return cells.is_yes_or_no(self.cell.indicator)

    @property
    def is_computed(self) -> bool:
        """Tell whether nothing is entered, since violations make the figure."""
        return self.cell.indicator.formula == Formula.DEDUCTIONS


@dataclass(frozen=True, slots=True)
class Section:
    """The indicators that are reported equally often, with the words of their periods."""

    label: str
    periods: tuple[str, ...]
    lines: tuple[Line, ...]


class EntryGrid:
    """The grid of a unit's year; to others it shows what was sent, and takes nothing."""

    def __init__(self, figures: YearFigures, agency: Agency, today: date, *, is_own: bool) -> None:
        self._facts = figures.facts
        self._today = today
        self._is_own = is_own
        by_frequency: dict[str, list[Line]] = defaultdict(list)
        for cell in figures.of_agency(agency):
            by_frequency[cell.indicator.frequency].append(self._line(cell))
        self.sections = [
            Section(
                Frequency(frequency).label,
                tuple(period_label(frequency, period) for period in range(1, PERIODS[Frequency(frequency)] + 1)),
                tuple(by_frequency[frequency]),
            )
            for frequency in Frequency
            if by_frequency[frequency]
        ]

    @property
    def problems(self) -> list[Square]:
        """The squares that cannot be saved."""
        return [square for square in self._squares() if square.problem]

    @property
    def is_open(self) -> bool:
        """Tell whether anything can be entered."""
        return any(not square.closed for square in self._squares())

    @property
    def waiting(self) -> int:
        """How many saved figures wait to be sent."""
        entries = [square.entry for square in self._squares() if not square.closed]
        return sum(entry is not None and entry.state in OPEN for entry in entries)

    def read(self, data: Mapping[str, str]) -> list[Entry]:
        """Take over what was typed; return what differs from what was shown, and mark what cannot be read."""
        entries = []
        for square in self._squares():
            typed = {field.name: data[field.name] for field in square.fields if field.name in data}
            if not typed:
                continue
            for field_ in square.fields:
                field_.text = typed.get(field_.name, "")
            square.was = data.get(square.name, square.was)
            try:
                amounts = cells.amounts(square.cell.indicator, {field.part: field.text for field in square.fields})
            except ValidationError as refusal:
                square.problem = refusal.messages[0]
                continue
            if str(amounts) != square.was:
                entries.append(Entry(square.cell.indicator, square.period, amounts, square.was))
        return entries

    def refuse(self, problems: Mapping[Place, str]) -> None:
        """Mark what an action refused; where somebody else was faster, the next attempt starts from what stands now."""
        for square in self._squares():
            if square.place in problems:
                square.problem = problems[square.place]
                square.was = str(Amounts.of(square.entry))

    def paste(self, text: str) -> int:
        """Fill in a block from a sheet: a line a row, its indicator's code first, then the periods; return how many cells.

        Numerators come before denominators, a line each; a word such as 分子 may stand behind the code. Nothing is saved.

        Raises:
            ValidationError: the block is too long, or a line begins with no code of this grid; one sentence.
        """
        lines = [line.split("\t") for line in text.splitlines() if line.strip()]
        if not lines:
            raise ValidationError("沒有可貼上的內容，請先從試算表複製。")
        if len(lines) > MOST_LINES:
            raise ValidationError(f"貼上的內容有 {len(lines):,} 列，一次最多 {MOST_LINES} 列，請只複製本表的資料列。")
        rows = self._rows()
        filled = 0
        for number, (code, *rest) in enumerate(lines, start=1):
            targets = rows.get(code.strip())
            if not targets:
                raise ValidationError(
                    f"第 {number} 列的「{code.strip()[:20]}」不是本表可填的指標編號，或列數多於該指標的項目。"
                )
            filled += self._fill(targets.pop(0), rest)
        return filled

    def _fill(self, row: list[tuple[Square, Field]], texts: list[str]) -> int:
        if texts and texts[0].strip() and not any(character.isdigit() for character in texts[0]) and len(texts) > 1:
            texts = texts[1:]  # the word of the part
        filled = 0
        for (square, target), text in zip(row, texts, strict=False):
            if not text.strip():
                continue
            if square.closed:
                square.problem = square.closed
                continue
            target.text = text.strip()
            filled += 1
        return filled

    def _rows(self) -> dict[str, list[list[tuple[Square, Field]]]]:
        return {
            line.cell.indicator.code: [row for _, row in line.rows]
            for section in self.sections
            for line in section.lines
        }

    def _line(self, cell: Cell) -> Line:
        return Line(cell, tuple(self._square(cell, period) for period in range(1, cell.indicator.periods + 1)))

    def _square(self, cell: Cell, period: int) -> Square:
        entry = cell.entries[period - 1]
        if entry and entry.state == EntryState.DRAFT and not self._is_own:
            entry = None
        reason = "" if self._is_own else "僅供檢視。"
        reason = reason or closed(self._facts, cell.indicator, period, self._today)
        if entry and entry.state not in OPEN:
            reason = reason or f"{entry.get_state_display()}，須由人事處退請補正後才能變更。"
        square = Square(cell, period, entry, reason, str(Amounts.of(entry)))
        columns = {"n": "numerator", "d": "denominator", "v": "value"}
        for part in cells.parts_of(cell.indicator):
            value = getattr(entry, columns[part]) if entry else None
            label = f"{cell.indicator.code} {square.label} {cells.PARTS[part]}"
            name = f"v-{cell.indicator.pk}-{period}-{part}"
            square.fields.append(Field(part, name, label, "" if value is None else _plain(value)))
        return square

    def _squares(self) -> Iterator[Square]:
        return (square for section in self.sections for line in section.lines for square in line.squares)


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"
