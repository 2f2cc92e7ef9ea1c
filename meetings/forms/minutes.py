"""Forms of the minutes: upload with a note, and the review."""

from typing import Any

from django import forms

from personnel_portal.uploads import kinds
from personnel_portal.uploads.fields import MultipleFileField


class UploadForm(forms.Form):
    """Files for the open version, and what to say when it is submitted."""

    uploads = MultipleFileField(label="會議紀錄及相關資料", allowed=kinds.ATTACHMENTS, required=False)
    note = forms.CharField(
        label="報送說明（選填）", required=False, max_length=300, widget=forms.Textarea(attrs={"rows": 2})
    )


class ReasonForm(forms.Form):
    """A reason, and the version that the person had before the eyes."""

    reason = forms.CharField(
        label="理由",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "請說明理由。"},
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, data: Any = None, *, what: str) -> None:
        """Label the reason with `what` it is for (退請補正, 重啟), which also tells the two forms of a page apart."""
        super().__init__(data, auto_id=f"{what}_%s")
        self.fields["reason"].label = f"{what}理由"
