"""The upload of filled-in sheets and forms of cases and proposals."""

from dataclasses import replace
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile

from districts.forms.sheets import Layout, Row, SheetForm, read
from meetings.models import Meeting
from personnel_portal.accounts.models import User
from personnel_portal.documents import tables
from personnel_portal.documents.confined import UnreadableFileError
from personnel_portal.uploads import checks, names
from personnel_portal.uploads.fields import MultipleFileField, MultipleFileInput
from personnel_portal.uploads.kinds import Kind
from proposals.facts import calls_of
from proposals.forms.columns import SOURCE
from proposals.forms.filled import UnknownFormError, answers
from proposals.forms.items import MeetingField
from proposals.forms.lines import reachable

MOST = 100  # lines of one upload; each becomes a record with its history, within one request
FORMS = frozenset({Kind.DOCX, Kind.ODT})
SHEETS = frozenset({Kind.XLSX, Kind.ODS})


class ItemSheetForm(SheetForm):
    """Filled-in sheets and forms, several at once, to look through before they are imported."""

    file = MultipleFileField(
        label="填好的檔案",
        allowed=SHEETS | FORMS,
        help_text=f"試算表（xlsx、ods、csv）一列一件，只讀取第一張工作表；文件（docx、odt）一個表格一件。可一次選取多個檔案，合計最多 {MOST} 件。",
        widget=MultipleFileInput(attrs={"accept": ".xlsx,.ods,.csv,.docx,.odt"}),
        error_messages={"required": "請選擇檔案。", "empty": "檔案是空的，請確認內容後再上傳。"},
    )

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, by=by, **kwargs)
        districts = {district.pk for district in reachable(by).values()}
        self.fields["meeting"] = MeetingField(
            calls_of(districts),
            label="函請場次",
            required=False,
            empty_label="未針對特定場次",
            help_text="這些案件回應哪一場會議的函請提案；主動提出者免選。",
            error_messages={"invalid_choice": "這場會議不是貴分區的，請重新選擇或留白。"},
        )

    def clean_file(self) -> Any:
        """Read all files; each that may not be read gets its sentence, and then none is staged.

        Raises:
            ValidationError: a sentence a file.
        """
        files: list[UploadedFile[bytes]] = self.cleaned_data["file"]
        read_files, refusals = [], []
        for file in files:
            try:
                read_files.append(_rows(file, self.layout))
            except ValidationError as refusal:
                refusals.append(_about(file, refusal, alone=len(files) == 1))
        if refusals:
            raise ValidationError(refusals)
        self.rows = [row for rows in read_files for row in rows]
        if len(files) > 1:
            self.rows = [replace(row, number=number) for number, row in enumerate(self.rows, start=1)]
        if len(self.rows) > MOST:
            raise ValidationError(f"一次最多匯入 {MOST} 件，這次有 {len(self.rows):,} 件，請分次上傳。")
        self.name = names.safe_name(files[0].name) + (f" 等 {len(files)} 個檔案" if len(files) > 1 else "")
        return files

    def options(self) -> dict[str, Any]:
        meeting: Meeting | None = self.cleaned_data["meeting"]
        return {"meeting": meeting.pk if meeting else None}


def _about(file: UploadedFile[bytes], refusal: ValidationError, *, alone: bool) -> str:
    name = names.safe_name(file.name)
    sentence: str = refusal.messages[0]
    return sentence if alone or name in sentence else f"「{name}」：{sentence}"


def _rows(file: UploadedFile[bytes], layout: Layout) -> list[Row]:
    name = names.safe_name(file.name)
    if names.extension(name) in FORMS:
        found = _filled_in(file, layout)
        return [
            Row(number, {**cells, SOURCE: name if len(found) == 1 else f"{name} 第 {number} 個表格"}, ())
            for number, cells in enumerate(found, start=1)
        ]
    rows = read(file, layout.columns, layout.optional)
    return [replace(row, cells={**row.cells, SOURCE: f"{name} 第 {row.number} 列"}) for row in rows]


def _filled_in(file: UploadedFile[bytes], layout: Layout) -> list[dict[str, str]]:
    kind = checks.check(file, FORMS)
    required = [field for field in layout.columns if field not in layout.optional]
    try:
        return answers(tables.read(file, kind=kind), layout.columns, required)
    except (UnreadableFileError, UnknownFormError) as refusal:
        raise ValidationError(str(refusal)) from None
