"""The attendance of a class on one screen: people by sessions, each square with how somebody was there and what was missed."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from django import forms
from django.utils import timezone

from training.actions.attendance import Square
from training.choices import Leave, Presence
from training.crediting import Earned, Mark, Roll
from training.models import Session

_DIGITS = re.compile(r"\d{1,4}", re.ASCII)
# What a square offers: how somebody was there, each kind of leave by itself.
CHOICES = [
    ("present", "出席"),
    ("late", "遲到"),
    ("left_early", "早退"),
    ("absent", "缺席"),
    *((f"leave.{leave.value}", leave.label if leave != Leave.OTHER else "其他假") for leave in Leave),
]
# For these, minutes left out are the whole session.
WHOLE = (Presence.ABSENT, Presence.LEAVE)


@dataclass(slots=True)
class Cell:
    """A square as the page shows it; `stamp` is the mark that the page was written with."""

    square: Square
    session: Session
    label: str
    choice: str = ""
    minutes: str = ""
    stamp: str = ""
    checked_in: str = ""
    problem: str = ""

    @property
    def name(self) -> str:
        return f"p-{self.square[0]}-{self.square[1]}"

    @property
    def minutes_name(self) -> str:
        return f"m-{self.square[0]}-{self.square[1]}"


@dataclass(slots=True)
class Row:
    """A person of the class with the squares of all sessions."""

    earned: Earned
    cells: list[Cell] = field(default_factory=list)

    @property
    def shown_name(self) -> str:
        return f"w-{self.earned.registration.pk}"

    @property
    def shown(self) -> str:
        """The stamps of the row, as the page carries them."""
        return " ".join(f"{cell.square[1]}:{cell.stamp}" for cell in self.cells)


class AttendanceGrid:
    """The squares of a class. `read` takes over what was typed; `problems` are those that cannot be saved."""

    choices = CHOICES

    def __init__(self, roll: Roll) -> None:
        self.roll = roll
        self.rows = [_row(earned, roll) for earned in roll.people]

    @property
    def problems(self) -> list[Cell]:
        return [cell for cell in self._cells() if cell.problem]

    def read(self, data: Mapping[str, str], *, fill: bool = False) -> dict[Square, Mark | None]:
        """Take over what was typed; return what differs from what the page showed.

        Args:
            fill: whoever is not entered for a session that has begun was there.
        """
        marks: dict[Square, Mark | None] = {}
        now = timezone.now()
        for row in self.rows:
            stamps = dict(part.partition(":")[::2] for part in data.get(row.shown_name, row.shown).split())
            for cell in row.cells:
                if cell.name not in data:
                    continue
                cell.stamp = stamps.get(str(cell.square[1]), "")
                cell.choice, cell.minutes = data[cell.name], data.get(cell.minutes_name, "")[:20]
                if fill and not cell.choice and not cell.minutes and cell.session.starts <= now:
                    cell.choice = Presence.PRESENT.value
                try:
                    mark = parsed(cell.choice, cell.minutes, cell.session)
                except forms.ValidationError as refusal:
                    cell.problem = refusal.messages[0]
                    continue
                if (mark.stamp if mark else "") != cell.stamp:
                    marks[cell.square] = mark
        return marks

    def shown(self, marks: Mapping[Square, object]) -> dict[Square, str]:
        """Return what the page showed for these squares."""
        return {cell.square: cell.stamp for cell in self._cells() if cell.square in marks}

    def confirm(self, stamps: Mapping[Square, str]) -> None:
        """Let the next attempt start from what stands now, where somebody else was faster."""
        for cell in self._cells():
            cell.stamp = stamps.get(cell.square, cell.stamp)

    def _cells(self) -> Iterator[Cell]:
        return (cell for row in self.rows for cell in row.cells)


def _row(earned: Earned, roll: Roll) -> Row:
    row = Row(earned)
    for number, session in enumerate(roll.sessions, start=1):
        cell = Cell((earned.registration.pk, session.pk), session, f"{earned.registration.person.name}第 {number} 場")
        if known := earned.marks.get(session.pk):
            mark = Mark.of(known)
            cell.choice = f"leave.{mark.leave}" if mark.leave else mark.presence
            cell.minutes = str(mark.missed) if mark.missed else ""
            cell.stamp = mark.stamp
            if known.checked_in_at:
                cell.checked_in = f"{timezone.localtime(known.checked_in_at):%H:%M} 簽到"
        row.cells.append(cell)
    return row


def parsed(choice: str, minutes: str, session: Session) -> Mark | None:
    """Return the mark that a square says; none where nothing is entered.

    Raises:
        ValidationError: one sentence.
    """
    text = unicodedata.normalize("NFKC", minutes).strip().removesuffix("分鐘").removesuffix("分").strip()
    if choice not in ("", *(value for value, _ in CHOICES)):
        raise forms.ValidationError("請選擇出席情形。")
    is_ornate = any(sign.isnumeric() and not sign.isdecimal() for sign in minutes)  # ² and ① are no minutes
    if text and (is_ornate or not _DIGITS.fullmatch(text)):
        raise forms.ValidationError(f"「{minutes.strip()[:10]}」不是分鐘數，請填 0 至 {session.minutes} 的整數。")
    if not choice:
        if text:
            raise forms.ValidationError("填了缺課分鐘，請一併選擇出席情形。")
        return None
    presence, _, leave = choice.partition(".")
    missed = int(text) if text else session.minutes if presence in WHOLE else 0
    return Mark(presence, missed, leave)


def unpacked(texts: list[str]) -> tuple[dict[Square, Mark | None], dict[Square, str]]:
    """Return the marks of a correction, and what was there before, from `registration-session|stamp|stamp before`.

    Raises:
        ValidationError: the texts are none of ours.
    """
    marks: dict[Square, Mark | None] = {}
    shown: dict[Square, str] = {}
    for text in texts[:5000]:
        found = re.fullmatch(r"(\d{1,18})-(\d{1,18})\|(\w{1,12})\.(\w{0,10})\.(\d{1,4})\|([\w.]{0,40})", text, re.ASCII)
        if not found or found[3] not in Presence.values or found[4] not in ("", *Leave.values):
            raise forms.ValidationError("更正內容不完整，請重新登錄。")
        square = (int(found[1]), int(found[2]))
        marks[square] = Mark(found[3], int(found[5]), found[4])
        shown[square] = found[6]
    return marks, shown


class CodeForm(forms.Form):
    """The six digits that the trainer shows."""

    code = forms.CharField(
        label="簽到碼",
        max_length=12,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code", "autofocus": True}),
        help_text="請輸入教室所示的六位數字。",
        error_messages={"required": "請輸入簽到碼。", "max_length": "簽到碼是六位數字。"},
    )

    def clean_code(self) -> str:
        """Return the digits, whatever their width."""
        code = "".join(unicodedata.normalize("NFKC", self.cleaned_data["code"]).split())
        if not re.fullmatch(r"\d{6}", code, re.ASCII):
            raise forms.ValidationError("簽到碼是六位數字，請確認。")
        return code


class ReasonForm(forms.Form):
    """Why something is done that somebody else reads."""

    reason = forms.CharField(
        label="理由",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "請說明理由。", "max_length": "理由最多 300 字。"},
    )
