"""Forms about the office calendar."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from districts.actions.calendar import LONGEST_FILE
from personnel_portal.roc.forms import RocDateField


class CalendarFileForm(forms.Form):
    """The government's CSV of one year."""

    file = forms.FileField(
        label="辦公日曆表 CSV",
        help_text="行政院人事行政總處公布的 CSV，一個檔案一個年度；匯入會取代該年度。",
        widget=forms.ClearableFileInput(attrs={"accept": ".csv"}),
        error_messages={"required": "請選擇檔案。", "empty": "檔案是空的，請確認內容後再上傳。"},
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > LONGEST_FILE:
            raise ValidationError("檔案過大，請上傳單一年度的辦公日曆表 CSV。")
        return file


class ClosureForm(forms.Form):
    """A day on which the office is closed besides the calendar."""

    day = RocDateField(label="停止上班日")
    reason = forms.CharField(label="事由", max_length=60, help_text="如：颱風停止上班。")
