"""The form field for files: several at once, without JavaScript as well as with it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile

from personnel_portal.uploads import checks, kinds
from personnel_portal.uploads.kinds import Kind


class MultipleFileInput(forms.ClearableFileInput):
    """A file input that takes several files."""

    allow_multiple_selected = True


class MultipleFileField(forms.FileField):
    """Several files; `cleaned_data` is the list of them, not yet looked into.

    The content is judged once, where the files are kept: the view gives the list to `actions.keep_each`, which keeps
    the good ones and returns one sentence for each of the others. Were it judged here, one bad file would make the
    form invalid, and the browser would forget the good ones too.
    """

    default_error_messages = {
        "required": "請選擇至少一個檔案。",
        "too_many": "一次最多上傳 %(limit)d 個檔案，請分次上傳。",
    }

    def __init__(self, *, allowed: Collection[Kind], **kwargs: Any) -> None:
        self.allowed = frozenset(allowed)
        kwargs.setdefault("widget", MultipleFileInput(attrs={"accept": kinds.accepted(allowed)}))
        kwargs.setdefault("help_text", help_for(allowed))
        super().__init__(**kwargs)

    def clean(
        self, data: Sequence[UploadedFile[bytes]] | UploadedFile[bytes] | None, initial: Any = None
    ) -> list[UploadedFile[bytes]]:
        """Return the files that were handed in, in their order."""
        files = [data] if isinstance(data, UploadedFile) else [file for file in data or () if file]
        if self.required and not files and not initial:
            raise ValidationError(self.error_messages["required"], code="required")
        limit = settings.UPLOAD_MAX_FILES
        if len(files) > limit:
            raise ValidationError(self.error_messages["too_many"], code="too_many", params={"limit": limit})
        return files


def help_for(allowed: Collection[Kind], *, many: bool = True) -> str:
    """Return the sentence under the field: which kinds, how large, and how many where it takes several."""
    count = f"，一次最多 {settings.UPLOAD_MAX_FILES} 個檔案" if many else ""
    return f"可上傳 {kinds.listed(allowed)} 檔，每個檔案不超過 {checks.size_limit()}{count}。"
