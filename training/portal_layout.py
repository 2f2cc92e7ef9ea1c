"""Uploads to the national portal: learning records written in a layout's columns, joined with ID numbers in memory.

ID numbers come from a roster that is supplied for one download. They pass through here and are kept nowhere: no row, no
file, no log, no text of an error names one. What cannot be written as it is, is told by row; nothing is replaced.
"""

import csv
import io
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import TypeVar

from django.db.models import Max, Min
from django.utils import timezone

from districts.models import Agency
from personnel_portal import roc
from personnel_portal.documents import sheets
from personnel_portal.documents.reading import FORMULA
from personnel_portal.rules.folding import fold
from personnel_portal.rules.id_numbers import is_valid, normal
from training.choices import Encoding, Mode, UploadValue
from training.meter import digital_hours, number
from training.models import LearningRecord, TrainingClass, UploadLayout

K = TypeVar("K")

ROSTER: Mapping[str, Sequence[str]] = {
    "name": ("姓名", "中文姓名"),
    "agency": ("機關", "機關名稱", "服務機關"),
    "id_number": ("身分證字號", "身分證統一編號", "國民身分證統一編號", "身分證號", "統一編號"),
}
_MODE_CODES = {Mode.ONLINE: "1", Mode.ON_SITE: "2", Mode.BLENDED: "3"}
_CLASS = "training.trainingclass-"


class UploadError(ValueError):
    """Something of a record cannot be written; its text is the sentence for the person and names no ID number."""


# --- The roster ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, repr=False)
class Roster:
    """ID numbers by agency and name, and by name alone; its text shows none of them."""

    by_agency: Mapping[tuple[int, str], frozenset[str]]
    by_name: Mapping[str, frozenset[str]]
    problems: tuple[str, ...] = ()

    def id_number(self, record: LearningRecord) -> str:
        """Return the number of a record's person.

        Raises:
            UploadError: the roster has none, or several for the name.
        """
        name = fold(record.person.name)
        found = self.by_agency.get((record.agency_id, name)) or self.by_name.get(name) or frozenset()
        if not found:
            raise UploadError("名冊查無此人，或其身分證字號有誤。")
        if len(found) > 1:
            raise UploadError("名冊中同名者有不同的身分證字號，無法判斷，請於名冊填明機關。")
        return next(iter(found))


def read_roster(rows: Sequence[Sequence[sheets.Cell]], office_id: int) -> Roster:
    """Return the roster of a sheet. The agency may be left out; a name alone must then be one person's.

    Raises:
        sheets.MissingColumnsError: the sheet lacks the name or the number.
    """
    agencies = {
        name: pk
        for pk, folded in Agency.objects.filter(office=office_id).values_list("pk", "folded")
        for name in filter(None, folded.split("|"))
    }
    by_agency: dict[tuple[int, str], set[str]] = defaultdict(set)
    by_name: dict[str, set[str]] = defaultdict(set)
    problems = []
    for line in sheets.table(rows, ROSTER, optional=["agency"]):
        name, agency_text = fold(str(line.cells["name"])), str(line.cells["agency"])
        id_number, agency = normal(str(line.cells["id_number"])), agencies.get(fold(agency_text))
        if problem := _roster_problem(name, id_number, agency_text, agency):
            problems.append(f"名冊第 {line.number} 列「{line.cells['name']}」{problem}")
        elif agency:
            by_agency[agency, name].add(id_number)
        else:
            by_name[name].add(id_number)
    return Roster(_frozen(by_agency), _frozen(by_name), tuple(problems))


def _roster_problem(name: str, id_number: str, agency_text: str, agency: int | None) -> str:
    if not name:
        return "沒有姓名。"
    if agency_text and agency is None:
        return f"的機關「{agency_text[:40]}」查無資料。"
    if not id_number:
        return "沒有身分證字號。"
    return "" if is_valid(id_number) else "的身分證字號格式或檢查碼不符。"


def _frozen(found: Mapping[K, set[str]]) -> dict[K, frozenset[str]]:
    return {key: frozenset(numbers) for key, numbers in found.items()}


# --- The files -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A record that is in no file, and why."""

    record: LearningRecord
    problem: str


@dataclass(slots=True, repr=False)
class Written:
    """The files in their order, the records in them, and those that are in none."""

    files: list[bytes] = field(default_factory=list)
    records: list[int] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)


def write(layout: UploadLayout, records: Sequence[LearningRecord], roster: Roster) -> Written:
    """Write records as files of at most the layout's number of rows, each below the heads of the columns."""
    done = Written()
    classes = _classes(records)
    lines: list[list[str]] = []
    for record in records:
        try:
            lines.append(_line(layout, record, roster, classes))
        except UploadError as refusal:
            done.left_out.append(LeftOut(record, str(refusal)))
        else:
            done.records.append(record.pk)
    heads = [column["head"] for column in layout.columns]
    starts = range(0, len(lines), layout.rows)
    done.files = [_file([heads, *lines[start : start + layout.rows]], layout.encoding) for start in starts]
    return done


def _file(lines: Iterable[Sequence[str]], encoding: str) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(lines)
    return text.getvalue().encode(encoding)


def _line(
    layout: UploadLayout, record: LearningRecord, roster: Roster, classes: Mapping[int, TrainingClass]
) -> list[str]:
    values = _values(record, roster.id_number(record), classes.get(_class_key(record)))
    cells = []
    for column in layout.columns:
        cell = column.get("text") or values.get(column.get("value", ""), "") or column.get("default", "")
        if not cell and column.get("value") == UploadValue.TOPIC_CODE and column["head"].startswith("*"):
            raise _without_code(record)
        cells.append(_checked(cell, column, layout.encoding))
    return cells


def _without_code(record: LearningRecord) -> UploadError:
    """Say who can mend it that hours have no code of a topic."""
    if record.topic is None:
        return UploadError("未分類，請先更正這筆時數的課程類別。")
    return UploadError(f"課程類別「{record.topic}」未設代碼，請管理人員於後台「課程類別」填入入口網站的代碼。")


def _checked(cell: str, column: Mapping[str, str], encoding: str) -> str:
    head = column["head"].lstrip("*")
    if not cell and column["head"].startswith("*"):
        raise UploadError(f"缺「{head}」。")
    # Not answered by an apostrophe, which the national portal would take for a part of the text.
    if "text" not in column and cell.startswith(FORMULA):
        raise UploadError(f"「{head}」以「{cell[0]}」開頭，試算表會當作公式，請修正後再匯出。")
    if missing := "".join(dict.fromkeys(letter for letter in cell if not _holds(encoding, letter))):
        raise UploadError(f"「{head}」的「{missing}」是 {Encoding(encoding).label} 沒有的字，請於入口網站逐筆登錄。")
    return cell


def _holds(encoding: str, letter: str) -> bool:
    try:
        letter.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def _values(record: LearningRecord, id_number: str, held: TrainingClass | None) -> dict[str, str]:
    if record.mode == Mode.BLENDED and record.digital_hours is None:
        raise UploadError("混成學習未填數位時數。")
    digital: Decimal = digital_hours(record)
    topic = record.topic
    return {
        UploadValue.ID_NUMBER: id_number,
        UploadValue.NAME: record.person.name,
        UploadValue.AGENCY: record.agency.official_name,
        UploadValue.AGENCY_CODE: record.agency.code,
        UploadValue.COURSE: record.course,
        UploadValue.NUMBER: str(held.number) if held else "",
        UploadValue.STARTS_ON: roc.digits(record.starts),
        UploadValue.STARTS_AT: _clock(getattr(held, "begins", None)),
        UploadValue.ENDS_ON: roc.digits(record.ends),
        UploadValue.ENDS_AT: _clock(getattr(held, "closes", None)),
        UploadValue.TOPIC: topic.name if topic else "",
        UploadValue.TOPIC_CODE: topic.code if topic else "",
        UploadValue.HOURS: number(record.hours),
        UploadValue.MODE_CODE: _MODE_CODES[Mode(record.mode)],
        UploadValue.DIGITAL_HOURS: number(digital),
        UploadValue.ON_SITE_HOURS: number(record.hours - digital),
    }


def _clock(moment: datetime | None) -> str:
    return f"{timezone.localtime(moment):%H:%M}" if moment else ""


def _class_key(record: LearningRecord) -> int:
    key = record.reference.removeprefix(_CLASS)
    return int(key) if key.isdecimal() and record.reference.startswith(_CLASS) else 0


def _classes(records: Sequence[LearningRecord]) -> dict[int, TrainingClass]:
    """Return the classes that the records come from, with the first start and the last end of their sessions."""
    keys = {_class_key(record) for record in records} - {0}
    held = TrainingClass.objects.filter(pk__in=keys)
    found: dict[int, TrainingClass] = held.annotate(
        begins=Min("sessions__starts"), closes=Max("sessions__ends")
    ).in_bulk()
    return found
