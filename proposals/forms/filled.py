"""Reading a form that somebody filled in by hand: a table of labels and answers in a DOCX or an ODT.

Two layouts are understood, and what lies between them:

- the label to the left, its answer to the right, which may reach over several rows;
- labels above or beside their answers, several pairs in a row, with merged cells.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from personnel_portal.documents.reading import MAX_CELL
from personnel_portal.documents.sheets import field_of, labelled
from personnel_portal.documents.tables import Cell, Table

_LONGEST_LABEL = 40  # characters with remarks; what is longer is an answer that begins like a label
# 一、案由 · (二)案由 · 3.案由
_NUMBER = re.compile(r"^\s*[(（]?[一二三四五六七八九十\d]{1,3}[)）、.．]\s*")
_TICKS, _BOXES = "■☑☒✓✔▣●◉◼√", "□☐○◯▢"
_TICKED = re.compile(rf"[{_TICKS}]\s*([^{_TICKS}{_BOXES}\n]*)")


class UnknownFormError(ValueError):
    """The tables are not those of the form; the text is the sentence for the person."""


def answers(
    tables: Sequence[Table], columns: Mapping[str, Sequence[str]], required: Sequence[str]
) -> list[dict[str, str]]:
    """Return what stands in each form of a document, by field; a form may run on over several tables.

    Args:
        tables: as `documents.tables` reads them.
        columns: field → the labels it may have.
        required: the fields whose labels every form has; they tell a form from another table.

    Raises:
        UnknownFormError: no table has all of them, or a form has two answers to one question.
    """
    known = labelled(columns)
    forms = [found for table in tables if (found := _pairs(table, known)).keys() >= set(required)]
    if not forms and (found := _pairs(_stacked(tables), known)).keys() >= set(required):
        forms = [found]
    if not forms:
        names = "".join(f"「{columns[field][0]}」" for field in required)
        raise UnknownFormError(
            f"讀不出這份表件：找不到同時有{names}欄的表格。"
            "請使用本頁的空白表，或以表格填寫：左方或上方的儲存格為欄名，右方或下方為內容。"
        )
    return [_single(form, columns) for form in forms]


def ticked(text: str) -> str:
    """Return what is ticked in a text such as 「□法規 ■措施 □流程」, several divided by 、; other text as it is."""
    if not any(sign in text for sign in _TICKS + _BOXES):
        return text
    return "、".join(filter(None, (part.strip(" 　、,，;；") for part in _TICKED.findall(text))))


def _pairs(table: Iterable[Cell], known: Mapping[str, str]) -> dict[str, list[str]]:
    """Return the answers by field, in reading order; a label without an answer is there with none."""
    cells = sorted(table, key=lambda cell: (cell.row, cell.column))
    fields = {cell: _field(cell.text, known) for cell in cells}
    columns, rows = _grouped(cells, "column"), _grouped(cells, "row")
    found: dict[str, list[str]] = {}
    for label in cells:
        field = fields[label]
        if field is None:
            continue
        right, bottom = label.column + label.width, label.row + label.height
        beside = [cell for cell in columns[right] if label.row <= cell.row < bottom]
        below = [cell for cell in rows[bottom] if label.column <= cell.column < right]
        places = (place for place in (beside, below) if place and not any(fields[cell] for cell in place))
        answer = next(places, [])
        text = "\n".join(cell.text for cell in answer if cell.text)
        found.setdefault(field, []).extend([text] if text else [])
    return found


def _grouped(cells: Iterable[Cell], edge: str) -> dict[int, list[Cell]]:
    grouped: dict[int, list[Cell]] = defaultdict(list)
    for cell in cells:
        grouped[getattr(cell, edge)].append(cell)
    return grouped


def _single(form: Mapping[str, list[str]], columns: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Return one answer to each question.

    Raises:
        UnknownFormError: there are two that differ, or one is longer than a sheet could hand back: nothing is dropped
            without a word.
    """
    for field, found in form.items():
        if len(set(found)) > 1:
            raise UnknownFormError(
                f"表格裡有 {len(found)} 處填寫「{columns[field][0]}」且內容不同，請一個表格只填一件。"
            )
        if any(len(text) > MAX_CELL for text in found):
            raise UnknownFormError(f"「{columns[field][0]}」超過 {MAX_CELL:,} 字，請精簡，或改以附件提供。")
    return {field: (form.get(field) or [""])[0] for field in columns}


def _stacked(tables: Sequence[Table]) -> list[Cell]:
    stacked: list[Cell] = []
    for table in tables:
        start = max((cell.row + cell.height for cell in stacked), default=0)
        stacked += [replace(cell, row=cell.row + start) for cell in table]
    return stacked


def _field(text: str, known: Mapping[str, str]) -> str | None:
    if not text or len(text) > _LONGEST_LABEL:
        return None
    return field_of(text, known) or field_of(_NUMBER.sub("", text), known)
