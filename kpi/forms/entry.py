"""What is said and shown of a figure, and which rows are carried in."""

from typing import Any

from django import forms

from kpi.known import Row
from kpi.models import Actual
from personnel_portal.uploads import kinds
from personnel_portal.uploads.fields import MultipleFileField


class EvidenceForm(forms.Form):
    """A remark on a figure, and the files that show where it comes from."""

    note = forms.CharField(
        label="說明",
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="最多 300 字。",
    )
    uploads = MultipleFileField(label="佐證檔案", allowed=kinds.ATTACHMENTS, required=False)

    def __init__(self, data: Any = None, files: Any = None, *, actual: Actual) -> None:
        super().__init__(data, files, initial={"note": actual.note})


class CarryForm(forms.Form):
    """The rows of the portal that a figure is counted from."""

    rows = forms.MultipleChoiceField(
        label="平臺上的資料",
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": "請至少勾選一筆資料。",
            "invalid_choice": "可帶入的資料剛才有變更，請重新檢視後再勾選。",
        },
    )

    def __init__(self, *args: Any, offered: list[Row], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["rows"].choices = [(row.reference, row.label) for row in offered]  # type: ignore[attr-defined]  # of a choice field
