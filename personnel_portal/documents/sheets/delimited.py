"""Writing csv."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import IO, Literal

from personnel_portal.documents.reading import FORMULA
from personnel_portal.documents.sheets.columns import Column, Value, as_columns, plain

_REPORTED = 20


class UnencodableError(ValueError):
    """Some cells hold characters that Big5 lacks; `spots` names them, its text is the sentence for the person."""

    def __init__(self, spots: Sequence[tuple[int, str, str]]) -> None:
        self.spots = spots
        named = "、".join(f"第 {row} 列「{label}」的「{characters}」" for row, label, characters in spots[:_REPORTED])
        rest = f"等 {len(spots)} 處" if len(spots) > _REPORTED else ""
        super().__init__(f"Big5 沒有這些字，無法匯出：{named}{rest}。請改用 UTF-8 或 ods 匯出。")


def write_csv(
    target: IO[bytes],
    columns: Sequence[Column | str],
    rows: Iterable[Sequence[Value]],
    encoding: Literal["utf-8-sig", "cp950"] = "utf-8-sig",
) -> None:
    """Write rows as csv, by default in UTF-8 with the byte order mark that Excel needs.

    Cells that a spreadsheet would run as a formula get a leading apostrophe; numbers stay numbers.

    Raises:
        UnencodableError: `cp950` was asked for and some characters are not in it; the whole file has been looked through.
    """
    columns = as_columns(columns)
    spots: list[tuple[int, str, str]] = []
    text = io.TextIOWrapper(target, encoding=encoding, errors="replace", newline="", write_through=False)
    writer = csv.writer(text)
    writer.writerow([_neutral(column.label) for column in columns])
    for number, row in enumerate(rows, start=2):
        cells = [_neutral(value) for value in row]
        if encoding == "cp950":
            spots += [
                (number, column.label, missing)
                for column, cell in zip(columns, cells, strict=True)
                if (missing := _missing(cell))
            ]
        writer.writerow(cells)
    text.detach()
    if spots:
        raise UnencodableError(spots)


def _neutral(value: Value) -> str:
    written = plain(value)
    if isinstance(written, str) and written.startswith(FORMULA):
        return f"'{written}"
    return str(written)


def _missing(cell: str) -> str:
    """Return the characters of a cell that Big5 lacks."""
    try:
        cell.encode("cp950")
    except UnicodeEncodeError:
        return "".join(character for character in dict.fromkeys(cell) if not _in_big5(character))
    return ""


def _in_big5(character: str) -> bool:
    try:
        character.encode("cp950")
    except UnicodeEncodeError:
        return False
    return True
