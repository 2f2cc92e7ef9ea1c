"""Finding the columns of a sheet that people typed."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from personnel_portal.documents.sheets.reader import Cell

_SEARCHED = 10  # rows at the top: offices put a title and remarks above the head
# What people add to a label: 姓名（必填）, ＊機關名稱, 電子 郵件：
_REMARK = re.compile(r"\(.*?\)")
_SIGNS = re.compile(r"[\s*:.,、_\-/]")


class MissingColumnsError(ValueError):
    """The sheet lacks columns; the text is the sentence for the person."""


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a sheet: its number in the file, from 1, and its cells by field; a missing cell is ''."""

    number: int
    cells: Mapping[str, Cell]


def table(
    rows: Sequence[Sequence[Cell]], columns: Mapping[str, Sequence[str]], *, optional: Sequence[str] = ()
) -> list[Line]:
    """Return the filled rows below the head, each cell under its field.

    Labels are compared without spaces, signs, remarks in brackets and the difference of 台 and 臺.

    Args:
        rows: as `read` returns them.
        columns: field → the labels it may have; the first is the one that a refusal names.
        optional: the fields that the sheet may lack.

    Raises:
        MissingColumnsError: a required column is not there, or a field has two columns.
    """
    known = labelled(columns)
    heads = [[field_of(str(cell), known) for cell in row] for row in rows[:_SEARCHED]]
    at = max(range(len(heads)), key=lambda index: len({*heads[index]} - {None}), default=0)
    head = heads[at] if heads else []
    names = {field: labels[0] for field, labels in columns.items()}
    _check(head, {field: name for field, name in names.items() if field not in optional}, names)
    return [
        Line(number, {field: _cell(row, head, field) for field in columns})
        for number, row in enumerate(rows[at + 1 :], start=at + 2)
        if any(row)
    ]


def _check(head: Sequence[str | None], required: Mapping[str, str], names: Mapping[str, str]) -> None:
    missing = [name for field, name in required.items() if field not in head]
    if missing:
        raise MissingColumnsError(f"找不到欄位{''.join(f'「{name}」' for name in missing)}，請在表頭列填上這些欄名。")
    for field, name in names.items():
        if head.count(field) > 1:
            raise MissingColumnsError(f"有 {head.count(field)} 欄都是「{name}」，請只留一欄。")


def _cell(row: Sequence[Cell], head: Sequence[str | None], field: str) -> Cell:
    if field not in head:
        return ""
    index = head.index(field)
    return row[index] if index < len(row) else ""


def labelled(columns: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Return the field of every label, folded for `field_of`."""
    return {_folded(label): field for field, labels in columns.items() for label in labels}


def field_of(label: str, known: Mapping[str, str]) -> str | None:
    """Return the field of a label as somebody typed it; brackets count where they tell two labels apart: 電話（公）, 電話（宅）."""
    folded = _folded(label)
    return known.get(folded) or known.get(_REMARK.sub("", folded))


def _folded(label: str) -> str:
    return _SIGNS.sub("", unicodedata.normalize("NFKC", label)).replace("台", "臺").casefold()
