"""Blank sheets that people fill in and send back: a head that stays, lists to choose from, an explanation.

Both formats carry the same: cells typed as text, so that codes keep their zeros and = starts no formula; a list where an
entry has options; a limit where it has one; a second sheet that explains every column, and a third with the options.
"""

import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import IO, Any

from django.http import FileResponse
from django.template.loader import render_to_string
from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from personnel_portal.documents.sheets.download import FORMATS
from personnel_portal.documents.sheets.spreadsheet import open_ods

EXPLANATION, OPTIONS = "填寫說明", "選項"
EXPLAINED = ("欄名", "必填", "填寫方式", "範例")
_EXPLAINED_WIDTHS = (18, 8, 60, 46)

_INK, _PALE = "17567E", "E8F0F5"
_TEXT_FORMAT = "@"
_PARTS = ("content.xml", "styles.xml", "settings.xml")


@dataclass(frozen=True, slots=True)
class Entry:
    """A column to fill in.

    Attributes:
        label: the heading, without the mark of a required one.
        width: in half-widths.
        help: a sentence for the explanation and beside the cell.
        options: what may be chosen; empty for free text.
        example: how it may be filled in, for the explanation.
        longest: the greatest number of characters; 0 for none.
    """

    label: str
    width: int = 14
    help: str = ""
    options: tuple[str, ...] = ()
    example: str = ""
    longest: int = 0
    is_required: bool = False

    @property
    def head(self) -> str:
        return f"{self.label}＊" if self.is_required else self.label

    @property
    def millimetres(self) -> int:
        return self.width * 2

    @property
    def refusal(self) -> str:
        """What the spreadsheet says to an entry that is none of the options, or too long."""
        if self.options:
            return f"請從清單選擇{self.label}。"
        return f"{self.label}最多 {self.longest:,} 字。"


@dataclass(frozen=True, slots=True)
class Blank:
    """A sheet to fill in; `remarks` are sentences below the explanation, `rows` how many lines are prepared."""

    title: str
    entries: tuple[Entry, ...]
    remarks: tuple[str, ...] = ()
    rows: int = 200

    def option_lists(self) -> list[Entry]:
        """Return the entries that have options, in the order of their columns on the sheet of options."""
        return [entry for entry in self.entries if entry.options]

    def explained(self) -> Iterator[tuple[str, str, str, str]]:
        """Yield the lines of the explanation."""
        for entry in self.entries:
            limit = f"最多 {entry.longest:,} 字。" if entry.longest else ""
            yield entry.label, "必填" if entry.is_required else "", f"{entry.help}{limit}", entry.example


def blank_response(form: str, blank: Blank, *, name: str) -> FileResponse:
    """Return a blank sheet as a download.

    Args:
        form: `xlsx` or `ods`.
        name: the file's name without its end.

    Raises:
        KeyError: another format.
    """
    write = {"xlsx": write_blank_xlsx, "ods": write_blank_ods}[form]
    target = TemporaryFile()  # noqa: SIM115  # the response closes it
    write(target, blank)
    target.seek(0)
    _, ending, content_type, _ = FORMATS[form]
    return FileResponse(target, as_attachment=True, filename=f"{name}.{ending}", content_type=content_type)


def write_blank_xlsx(target: IO[bytes], blank: Blank) -> None:
    """Write a blank sheet as xlsx."""
    book = Workbook()
    sheet: Any = book.active
    sheet.title = blank.title
    _write_lines(sheet, blank)
    _write_explanation(book.create_sheet(EXPLANATION), blank)
    _write_options(book.create_sheet(OPTIONS), blank)
    for page in book.worksheets:
        _set_page(page)
    for number, entry in enumerate(blank.entries, start=1):
        if rule := _rule(blank, entry):
            rule.add(f"{get_column_letter(number)}2:{get_column_letter(number)}{blank.rows + 1}")
            sheet.add_data_validation(rule)
    book.save(target)


def _set_page(sheet: Worksheet) -> None:
    """A4 across, as wide as the columns, the head on every page."""
    sheet.print_title_rows = "1:1"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = 9
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)


def _write_lines(sheet: Worksheet, blank: Blank) -> None:
    side = Side(style="thin", color="C9D3DA")
    border = Border(left=side, right=side, top=side, bottom=side)
    sheet.freeze_panes = "B2"
    sheet.row_dimensions[1].height = 32
    for number, entry in enumerate(blank.entries, start=1):
        sheet.column_dimensions[get_column_letter(number)].width = entry.width
        head = sheet.cell(1, number, entry.head)
        head.font, head.fill, head.border = Font(bold=True, color="FFFFFF"), PatternFill("solid", _INK), border
        head.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
        for row in range(2, blank.rows + 2):
            cell = sheet.cell(row, number)
            cell.number_format, cell.border = _TEXT_FORMAT, border
            cell.alignment = Alignment(vertical="top", wrap_text=True)


def _write_explanation(sheet: Worksheet, blank: Blank) -> None:
    for number, (label, width) in enumerate(zip(EXPLAINED, _EXPLAINED_WIDTHS, strict=True), start=1):
        sheet.column_dimensions[get_column_letter(number)].width = width
        head = sheet.cell(1, number, label)
        head.font, head.fill = Font(bold=True), PatternFill("solid", _PALE)
    lines: Sequence[Sequence[str]] = [*blank.explained(), (), *((remark,) for remark in blank.remarks)]
    for row, line in enumerate(lines, start=2):
        for number, text in enumerate(line, start=1):
            cell = sheet.cell(row, number, text)
            cell.data_type, cell.number_format = "s", _TEXT_FORMAT
            # Remarks run on over the columns beside them.
            cell.alignment = Alignment(vertical="top", wrap_text=len(line) > 1)
    sheet.freeze_panes = "A2"


def _write_options(sheet: Worksheet, blank: Blank) -> None:
    for number, entry in enumerate(blank.option_lists(), start=1):
        letter = get_column_letter(number)
        sheet.column_dimensions[letter].width = max(14, 2 * max(map(len, entry.options)) + 2)
        head = sheet.cell(1, number, entry.label)
        head.font, head.fill = Font(bold=True), PatternFill("solid", _PALE)
        for row, option in enumerate(entry.options, start=2):
            sheet.cell(row, number, option).data_type = "s"


def _rule(blank: Blank, entry: Entry) -> DataValidation | None:
    if entry.options:
        letter = get_column_letter(blank.option_lists().index(entry) + 1)
        rule = DataValidation("list", f"{OPTIONS}!${letter}$2:${letter}${len(entry.options) + 1}", allow_blank=True)
    elif entry.longest:
        rule = DataValidation("textLength", entry.longest, operator="lessThanOrEqual", allow_blank=True)
    else:
        return None
    rule.errorTitle, rule.error, rule.showErrorMessage = entry.label, entry.refusal, True
    if entry.help:
        rule.promptTitle, rule.prompt, rule.showInputMessage = entry.label, entry.help[:255], True
    return rule


def write_blank_ods(target: IO[bytes], blank: Blank) -> None:
    """Write a blank sheet as ods."""
    context = {
        "blank": blank,
        "entries": [
            (entry, get_column_letter(blank.option_lists().index(entry) + 1) if entry.options else "")
            for entry in blank.entries
        ],
        "option_rows": _option_rows(blank),
        "explanation": {
            "title": EXPLANATION,
            "labels": EXPLAINED,
            "widths": [width * 2 for width in _EXPLAINED_WIDTHS],
        },
        "options": OPTIONS,
    }
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        open_ods(archive, *_PARTS)
        for part in _PARTS:
            archive.writestr(part, render_to_string(f"documents/blank_{part}", context))


def _option_rows(blank: Blank) -> list[list[str]]:
    lists = [entry.options for entry in blank.option_lists()]
    return [
        [options[row] if row < len(options) else "" for options in lists]
        for row in range(max((len(options) for options in lists), default=0))
    ]
