"""A report of the national portal, as it is handed in."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile

from districts.forms.sheets import KINDS
from personnel_portal.uploads import checks, names
from training import meter
from training.actions.reports import MOST_ROWS

_ZIP, _PDF = b"PK\x03\x04", b"%PDF"


class ReportForm(forms.Form):
    """A report and the year that it is of; its lines are read in the background."""

    file = forms.FileField(
        label="學習時數報表",
        help_text=f"由終身學習入口網站下載的 csv（UTF-8、UTF-16、Big5）、xlsx 或 ods，一次最多 {MOST_ROWS:,} 列。"
        "只讀取姓名、機關、課程、類別、起迄日與時數，其他欄位（如身分證字號）不讀取也不留存。",
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.ods,.csv"}),
        error_messages={"required": "請選擇檔案。", "empty": "檔案是空的，請確認內容後再上傳。"},
    )
    year = forms.TypedChoiceField(label="年度", choices=meter.years, coerce=int)

    def clean_file(self) -> UploadedFile[bytes]:
        """Refuse what is too large or no sheet; whether its lines can be read is found out in the background."""
        file: UploadedFile[bytes] = self.cleaned_data["file"]
        if (file.size or 0) > settings.UPLOAD_MAX_BYTES:
            raise ValidationError(f"檔案超過 {checks.size_limit()} 的上限，請分成數個檔案。")
        start = file.read(len(_ZIP))
        file.seek(0)
        if start in (_ZIP, _PDF):
            checks.check(file, KINDS)
            file.seek(0)
        return file

    @property
    def name(self) -> str:
        """What the file is called."""
        return names.safe_name(self.cleaned_data["file"].name)

    @property
    def content(self) -> bytes:
        """The file's bytes."""
        content: Any = self.cleaned_data["file"].read()
        return bytes(content)
