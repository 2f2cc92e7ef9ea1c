"""What is written to the national portal, and the roster that it is joined with."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from personnel_portal.documents import sheets
from personnel_portal.roc import short
from personnel_portal.roc.forms import RocDateField
from personnel_portal.uploads.receiving import MEMORY_BYTES
from training.choices import HoursState
from training.models import LearningRecord, TrainingClass, UploadLayout
from training.portal_layout import Roster, read_roster

MOST_RECORDS = 30_000
MOST_PEOPLE = 20_000


class UploadForm(forms.Form):
    """Which hours go out in which layout; of those that are not uploaded yet, all or fewer.

    Once it is valid, `roster` holds the ID numbers for this request alone.
    """

    layout = forms.ModelChoiceField(UploadLayout.objects.none(), label="上傳格式", empty_label=None)
    training_class = forms.ModelChoiceField(
        TrainingClass.objects.none(), label="班別", required=False, empty_label="全部尚未上傳的時數"
    )
    since = RocDateField(label="上課日期起", required=False)
    until = RocDateField(label="上課日期迄", required=False)
    roster_file = forms.FileField(
        label="人員名冊",
        help_text="xlsx、ods 或 csv，欄位：姓名、機關、身分證字號。僅於本次產製時在記憶體內比對，不儲存、不留紀錄。",
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.ods,.csv", "autocomplete": "off"}),
        error_messages={"required": "請選擇人員名冊。", "empty": "檔案是空的，請確認內容後再上傳。"},
    )
    leave_out = forms.BooleanField(label="無法匯出的資料列略過，其餘照常匯出（略過者另列清單）", required=False)

    def __init__(self, *args: Any, office_id: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.office_id = office_id
        self.roster: Roster | None = None
        layout: Any = self.fields["layout"]
        layout.queryset = UploadLayout.objects.filter(office=office_id)
        held: Any = self.fields["training_class"]
        held.queryset = TrainingClass.objects.filter(
            course__plan__office=office_id, hours_state=HoursState.GRANTED
        ).select_related("course")

    def clean_roster_file(self) -> None:
        """Read the roster, and let go of the file.

        Raises:
            ValidationError: it cannot be read; one sentence that names no ID number.
        """
        file = self.cleaned_data["roster_file"]
        if (file.size or 0) > MEMORY_BYTES:
            raise ValidationError(f"名冊超過 {MEMORY_BYTES // 1024**2} MB，請只留姓名、機關、身分證字號三欄。")
        try:
            self.roster = read_roster(sheets.read(file, limit=MOST_PEOPLE), self.office_id)
        except (sheets.MissingColumnsError, sheets.UnreadableFileError) as refusal:
            raise ValidationError(str(refusal)) from None

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and until < since:
            self.add_error("until", "迄日不得早於起日。")
        return cleaned

    def records(self) -> QuerySet[LearningRecord]:
        """Return the hours that are meant."""
        found = LearningRecord.objects.not_uploaded().filter(agency__office=self.office_id, hours__gt=0)
        if held := self.cleaned_data["training_class"]:
            found = found.filter(reference=f"training.trainingclass-{held.pk}")
        if since := self.cleaned_data["since"]:
            found = found.filter(starts__gte=since)
        if until := self.cleaned_data["until"]:
            found = found.filter(ends__lte=until)
        return found

    def scope(self) -> str:
        """Return in words what was asked for."""
        held, since, until = (self.cleaned_data[name] for name in ("training_class", "since", "until"))
        days = f"{_day(since)}－{_day(until)}" if since or until else ""
        return "　".join(filter(None, [str(held) if held else "尚未上傳的時數", days]))


def _day(day: date | None) -> str:
    return short(day) if day else ""
