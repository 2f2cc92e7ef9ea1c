"""Reading the cells of a sheet. Runs in a confined child; `sheets.read` is the way in."""

import csv
import io
import re
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import IO, Any

import python_calamine

from personnel_portal.documents.characters import printable
from personnel_portal.documents.confined import UnreadableFileError

MAX_COLUMNS = 100
MAX_CELL = 32_767  # characters, the limit of spreadsheets themselves

# What spreadsheets take for the start of a formula, full-width forms included (Excel's Chinese editions fold them).
FORMULA = tuple("=+-@\t\r\n＝＋－＠")

_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = b"PK\x03\x04"
_NO_WORKBOOK = "檔案不是可讀取的 ods 或 xlsx 試算表，請以原軟體另存新檔後再試。"
_UNCOMPUTED = re.compile(
    rb'<c r="([A-Z]+[0-9]+)"(?![^>]*t="str")[^>]*><f(?:[^>]*/>|[^>]*>[^<]*</f>)(?:<v ?/>|<v></v>)?</c>'
)
_GAP = "\N{REPLACEMENT CHARACTER}"
_REPORTED = 10

# A cell on its way through JSON: a text, or a date in ISO form within a list.
Carried = str | list[str]


def rows(file: IO[bytes], *, limit: int) -> list[list[Carried]]:
    """Return the rows of a csv file, or of the first sheet of an xlsx or ods file, without trailing empty cells.

    Args:
        file: the kind is told from the content, not from a name.
        limit: the greatest number of rows.

    Raises:
        UnreadableFileError: with a sentence for the person.
    """
    content = _content(file)
    read = _within(_workbook_rows(content) if content.startswith(_ZIP) else _csv_rows(content), limit)
    if not read:
        raise UnreadableFileError("檔案裡沒有資料。")
    return read


def sheets(file: IO[bytes], *, limit: int) -> list[tuple[str, list[list[Carried]]]]:
    """Return every sheet that is not empty with its name, as `rows`; a csv has no name. `limit` is of all together."""
    content = _content(file)
    if not content.startswith(_ZIP):
        return [("", rows(io.BytesIO(content), limit=limit))]
    if spot := _uncomputed(content):
        raise UnreadableFileError(f"儲存格 {spot} 的公式沒有計算結果，請以試算表軟體開啟、另存新檔後再試。")
    found: list[tuple[str, list[list[Carried]]]] = []
    for at, name in _worksheets(content):
        if read := _within(_workbook_rows(content, at), limit):
            found.append((name, read))
            limit -= len(read)
    if not found:
        raise UnreadableFileError("檔案裡沒有資料。")
    return found


def _content(file: IO[bytes]) -> bytes:
    content = file.read()
    if content.startswith(_OLD_OFFICE):
        raise UnreadableFileError("無法讀取舊版 xls 或設有密碼的檔案，請取消密碼並另存為 ods 或 xlsx。")
    return content


def _within(source: Iterator[list[Carried]], limit: int) -> list[list[Carried]]:
    read = list(islice(source, limit + 1))
    while read and not any(read[-1]):
        read.pop()
    if len(read) > limit:
        raise UnreadableFileError(f"一次最多讀取 {limit:,} 列，請分成數個檔案。")
    return read


def _worksheets(content: bytes) -> list[tuple[int, str]]:
    """Return place and name of the sheets that have cells; a chart may be a sheet too."""
    try:
        with python_calamine.load_workbook(io.BytesIO(content)) as workbook:
            listed = list(enumerate(workbook.sheets_metadata))
            return [(at, sheet.name) for at, sheet in listed if sheet.typ == python_calamine.SheetTypeEnum.WorkSheet]
    except (python_calamine.CalamineError, zipfile.BadZipFile, OSError):
        raise UnreadableFileError(_NO_WORKBOOK)


def _uncomputed(content: bytes) -> str:
    """Return the first cell of an xlsx whose formula bears no value, as programs write it that compute none."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for name in archive.namelist():
                if name.startswith("xl/worksheets/") and (spot := _UNCOMPUTED.search(archive.read(name))):
                    return spot[1].decode()
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError):
        raise UnreadableFileError(_NO_WORKBOOK)
    return ""


def _workbook_rows(content: bytes, at: int = 0) -> Iterator[list[Carried]]:
    try:
        with python_calamine.load_workbook(io.BytesIO(content)) as workbook:
            for row in workbook.get_sheet_by_index(at).iter_rows():
                yield _trimmed([_carried(cell) for cell in islice(row, MAX_COLUMNS + 1)])
    except (python_calamine.CalamineError, zipfile.BadZipFile, IndexError, OSError):
        raise UnreadableFileError(_NO_WORKBOOK)


def _csv_rows(content: bytes) -> Iterator[list[Carried]]:
    text = _decoded(content)
    if "\0" in text:
        raise UnreadableFileError("檔案不是文字格式的 csv，請以 ods、xlsx 或 csv 儲存後再試。")
    return (_trimmed([*map(_written, row)]) for row in _divided(text))


def _divided(text: str) -> Iterator[list[str]]:
    first = text.partition("\n")[0]
    delimiter = max(",\t;", key=first.count)
    csv.field_size_limit(MAX_CELL * 4)
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    except csv.Error:
        raise UnreadableFileError("csv 檔的引號或換行不完整，請以試算表軟體重新儲存後再試。")


def _decoded(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings: tuple[str, ...] = ("utf-16",)
    else:
        encodings = ("utf-8-sig", "cp950")
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnreadableFileError(_gaps(content) or "無法辨識檔案的文字編碼，請以 UTF-8 或 Big5 儲存後再試。")


def _gaps(content: bytes) -> str:
    """Return where a file that is Big5 otherwise holds what Big5 lacks, such as 自造字; '' for another encoding."""
    text = content.decode("cp950", "replace")
    if "\0" in text or text.count(_GAP) * 10 > len(text):
        return ""
    spots = [
        f"第 {number} 列「{cell[:10]}」"
        for number, row in enumerate(_divided(text), start=1)
        for cell in row
        if _GAP in cell
    ]
    named = "、".join(spots[:_REPORTED])
    rest = f"等 {len(spots)} 處" if len(spots) > _REPORTED else ""
    return f"{named}{rest}有 Big5 沒有的字（如自造字），無法辨識。請以 UTF-8 儲存後再試。"


def _trimmed(cells: list[Carried]) -> list[Carried]:
    while cells and not cells[-1]:
        cells.pop()
    if len(cells) > MAX_COLUMNS:
        raise UnreadableFileError(f"一列最多 {MAX_COLUMNS} 欄，請刪去不需要的欄位。")
    return cells


def _carried(cell: Any) -> Carried:
    """Return a cell as text, or a date as a list. Whole numbers lose the `.0` that spreadsheets give them."""
    match cell:
        case bool():
            return "是" if cell else "否"
        case float() if cell.is_integer() and abs(cell) < 10**15:
            return str(int(cell))
        case datetime() if cell.time() == time():
            return [cell.date().isoformat()]
        case datetime():
            return cell.isoformat(sep=" ", timespec="minutes")
        case date():
            return [cell.isoformat()]
        case time():
            return cell.isoformat(timespec="minutes")
        case timedelta():
            minutes = round(cell.total_seconds() / 60)
            return f"{minutes // 60:02d}:{minutes % 60:02d}"
    return _text(str(cell))


def _written(cell: str) -> str:
    """Return a cell of a csv without the apostrophe by which our own writer keeps it from being run."""
    return _text(cell[1:] if cell[:1] == "'" and cell[1:].startswith(FORMULA) else cell)


def _text(cell: str) -> str:
    if len(cell) > MAX_CELL:
        raise UnreadableFileError(f"有儲存格超過 {MAX_CELL:,} 字，請縮短後再試。")
    return printable(cell).strip()
