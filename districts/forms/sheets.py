"""Reading an uploaded sheet into lines, and what all imports by sheet have in common."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import models

from districts.models import StagedSheet
from personnel_portal import roc
from personnel_portal.accounts.models import User
from personnel_portal.documents import sheets
from personnel_portal.uploads import checks, names
from personnel_portal.uploads.kinds import Kind

KINDS = frozenset({Kind.ODS, Kind.XLSX})
_ZIP = b"PK\x03\x04"
_PDF = b"%PDF"  # readable characters to a reader of csv
_FORMULA = "=+-@＝＋－＠"


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a sheet beside what is wrong with it.

    `value` is what would be saved, None when something is wrong; `note` says what becomes of it, where that differs.
    """

    number: int
    cells: Mapping[str, str]
    problems: tuple[str, ...]
    value: Any = None
    note: str = ""

    @property
    def staged(self) -> tuple[int, Mapping[str, str], tuple[str, ...]]:
        return self.number, self.cells, self.problems


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns of a sheet.

    Attributes:
        columns: field → the labels that its column may have; the template carries the first.
        optional: fields whose column may be missing.
        example: a line that shows how to fill the template.
        check: judges all lines of a sheet at once for the person, so that look-ups are asked once.
    """

    columns: Mapping[str, Sequence[str]]
    optional: tuple[str, ...]
    example: Sequence[str]
    check: Callable[[StagedSheet, Sequence[Row], User], list[Row]]

    def label(self, field: str) -> str:
        return self.columns[field][0]

    @property
    def labels(self) -> list[str]:
        return [labels[0] for labels in self.columns.values()]


def read(
    file: UploadedFile[bytes], columns: Mapping[str, Sequence[str]], optional: Sequence[str], *, limit: int = 5000
) -> list[Row]:
    """Return the filled lines of an xlsx, ods or csv (UTF-8 or Big5) as text, unjudged.

    Raises:
        ValidationError: the file may not be read; one sentence.
    """
    if (file.size or 0) > settings.UPLOAD_MAX_BYTES:
        raise ValidationError(f"檔案超過 {checks.size_limit()} 的上限，請分成數個檔案。")
    if not file.size:
        raise ValidationError("檔案是空的，請確認內容後再上傳。")
    start = file.read(len(_ZIP))
    file.seek(0)
    if start == _ZIP or start.startswith(_PDF):
        checks.check(file, KINDS)
        file.seek(0)
    try:
        lines = sheets.table(sheets.read(file, limit=limit), columns, optional=optional)
    except (sheets.MissingColumnsError, sheets.UnreadableFileError) as refusal:
        raise ValidationError(str(refusal)) from None
    if not lines:
        raise ValidationError("表頭列以下沒有資料，請填妥後再上傳。")
    return [Row(line.number, {field: _text(cell) for field, cell in line.cells.items()}, ()) for line in lines]


class SheetForm(forms.Form):
    """A sheet to look through before it is imported.

    Once it is valid, `rows` are its lines and `name` is what the file is called.
    """

    file = forms.FileField(
        label="試算表",
        help_text="可上傳 xlsx、ods 或 csv（UTF-8、Big5），一次最多 5,000 列。",
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.ods,.csv"}),
        error_messages={"required": "請選擇檔案。", "empty": "檔案是空的，請確認內容後再上傳。"},
    )

    def __init__(self, *args: Any, layout: Layout, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.layout = layout
        self.rows: list[Row] = []
        self.name = ""

    def clean_file(self) -> Any:
        """Read the lines.

        Raises:
            ValidationError: the file may not be read; one sentence.
        """
        file = self.cleaned_data["file"]
        self.name, self.rows = names.safe_name(file.name), read(file, self.layout.columns, self.layout.optional)
        return file

    def options(self) -> dict[str, Any]:
        """Return what else was chosen, to be kept with the sheet."""
        return {}


class PeopleSheetForm(SheetForm):
    """A sheet of people, who may be invited on the way."""

    invite = forms.BooleanField(
        label="為填有公務信箱的人員建立帳號並寄送邀請信",
        required=False,
        help_text="「帳號」欄空白者，以公務信箱 @ 之前的文字為帳號。",
    )

    def options(self) -> dict[str, Any]:
        return {"invite": self.cleaned_data["invite"]}


def field_problems(instance: models.Model, *, leave: Sequence[str]) -> list[str]:
    """Return what is wrong with an unsaved record's own fields, each with the field's name; asks the database nothing."""
    try:
        instance.clean_fields(exclude=set(leave))
    except ValidationError as refusal:
        return [
            _sentence(instance._meta.get_field(field), error)
            for field, errors in refusal.error_dict.items()
            for error in errors
        ]
    return []


def _sentence(field: Any, error: ValidationError) -> str:
    if error.code == "blank":
        return f"請填{field.verbose_name}。"
    if isinstance(field, models.EmailField) and error.code == "invalid":
        return f"{field.verbose_name}不是有效的電子郵件地址。"
    return f"{field.verbose_name}：{error.messages[0]}"


def formula_problems(cells: Mapping[str, str], layout: Layout, fields: Sequence[str]) -> list[str]:
    """Return the cells that a spreadsheet would run, where no name begins so."""
    return [
        f"{layout.label(field)}不得以「{cells[field][0]}」開頭。"
        for field in fields
        if cells[field] and cells[field][0] in _FORMULA
    ]


def choice(
    cells: Mapping[str, str], field: str, choices: type[models.TextChoices], layout: Layout, problems: list[str]
) -> str:
    """Return the value of the label in a cell, or add what the cell may say to the problems."""
    for value, label in choices.choices:
        if cells[field] in (label, value):
            return str(value)
    options = "、".join(str(label) for label in choices.labels)
    problems.append(f"{layout.label(field)}「{cells[field]}」不在選項內，請填 {options}。")
    return ""


def _text(cell: date | str) -> str:
    if not isinstance(cell, date):
        return cell
    try:
        return roc.short(cell)
    except ValueError:
        return cell.isoformat()
