"""How duties are shown: the chip that says in a word how one stands, the line of a to-do list, and the board."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from districts.models import District
from personnel_portal import roc
from personnel_portal.rules.duty import Due, Duty, State

# A cell that stands for several duties shows the one that needs somebody most.
_URGENCY = [State.LATE, State.SOON, State.OPEN, State.WAITING, State.DONE, State.WAIVED]


@dataclass(frozen=True, slots=True)
class Chip:
    """A state in a word; `tone` names the colours of the style sheet and never stands alone."""

    tone: str
    text: str


def chip(duty: Duty, today: date) -> Chip:
    """Return the chip of a duty: done, waived, days since, days left, or days late."""
    match duty.state(today):
        case State.DONE:
            label = duty.done.label if duty.done else ""
            return Chip("soon", f"{label}・逾期 {late} 日") if (late := duty.days_late()) else Chip("done", label)
        case State.WAIVED:
            return Chip("none", "免除")
        case State.OPEN:
            return Chip("soon", f"{duty.after} {duty.days_since(today)} 日") if duty.since else Chip("soon", "待辦")
        case State.LATE:
            return Chip("late", f"逾期 {-duty.days_left(today)} 日")
        case state:
            left = duty.days_left(today)
            return Chip("soon" if state is State.SOON else "wait", f"剩 {left} 日" if left else "今日到期")


@dataclass(frozen=True, slots=True)
class Line:
    """A duty as a line of a to-do list; the names are those of `components/duty.html`."""

    state: str
    chip: str
    title: str
    detail: str
    url: str
    action: str
    primary: bool


def lines(duties: Iterable[Duty], today: date) -> list[Line]:
    """Return the duties as lines; the first is what to do next."""
    return [_line(duty, today, primary=not place) for place, duty in enumerate(duties)]


def _line(duty: Duty, today: date, *, primary: bool) -> Line:
    word = chip(duty, today)
    detail = "・".join(part for part in (due_text(duty.due), duty.note, f"計畫{duty.clause}") if part)
    return Line(word.tone, word.text, duty.title, detail, duty.url, duty.action, primary)


def due_text(due: Due | None) -> str:
    """Return a deadline in words, the effective day too where it differs, and whether the calendar is missing."""
    if due is None:
        return ""
    text = f"期限 {roc.long(due.nominal)}"
    if due.effective != due.nominal:
        text += f"，實際 {roc.long(due.effective)}"
    if due.hour:
        text += f"{roc.clock(due.hour)}前"
    return text if due.certain else f"{text}（該年辦公日曆尚未匯入）"


@dataclass(frozen=True, slots=True)
class Cell:
    """What one district owes of one kind; empty where nothing of the kind exists.

    `duties` are in the order of urgency; the first is the one that is shown.
    """

    duties: tuple[Duty, ...]
    today: date
    reminders: int = 0

    @property
    def first(self) -> Duty:
        return self.duties[0]

    @property
    def chip(self) -> Chip:
        return chip(self.first, self.today)

    @property
    def done(self) -> int:
        return sum(not duty.is_open() for duty in self.duties)

    @property
    def is_counted(self) -> bool:
        """More than one: the cell also says how many of how many are done."""
        return len(self.duties) > 1


@dataclass(frozen=True, slots=True)
class Row:
    """One kind of duty over all districts, with the deadline that they share."""

    kind: str
    heading: str
    clause: str
    due: Due | None
    cells: tuple[Cell, ...]


def board(
    duties: Iterable[Duty], districts: Sequence[District], today: date, *, reminded: Mapping[str, int] | None = None
) -> list[Row]:
    """Return the board: a row a kind in the order in which the stream states them, a cell a district.

    `reminded` says how often each duty was reminded, by key.
    """
    kinds: dict[str, dict[int, list[Duty]]] = {}
    for duty in duties:
        if duty.district_id is not None:
            kinds.setdefault(duty.kind, defaultdict(list))[duty.district_id].append(duty)
    return [_row(kind, by_district, districts, today, reminded or {}) for kind, by_district in kinds.items()]


def _row(
    kind: str,
    by_district: Mapping[int, list[Duty]],
    districts: Sequence[District],
    today: date,
    reminded: Mapping[str, int],
) -> Row:
    every = [duty for duties in by_district.values() for duty in duties]
    nominal = {duty.due.nominal if duty.due else None for duty in every}
    cells = []
    for district in districts:
        duties = by_urgency(by_district.get(district.pk, []), today)
        cells.append(Cell(tuple(duties), today, reminded.get(duties[0].key, 0) if duties else 0))
    return Row(kind, every[0].heading, every[0].clause, every[0].due if len(nominal) == 1 else None, tuple(cells))


def by_urgency(duties: Iterable[Duty], today: date) -> list[Duty]:
    """Return the duties of a cell, the one that needs somebody most first."""
    return sorted(duties, key=lambda duty: _urgency(duty, today))


def _urgency(duty: Duty, today: date) -> tuple[int, date]:
    return _URGENCY.index(duty.state(today)), duty.due.effective if duty.due else duty.since or today
