"""Texts as people paste them from Word: without what nobody sees, and too long ones counted rather than cut off."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.db import models

from personnel_portal.documents.characters import printable

# Word's hyphen that never breaks, which other programs cannot show.
_HARD_HYPHEN = "\x1e"
# C1 controls, marks that turn the direction of writing, and characters without width; those of emoji stay.
_UNSEEN = re.compile("[\x7f-\x84\x86-\x9f\xad\u200b\u202a-\u202e\u2060\u2066-\u2069\ufeff]")


def tidy(text: str, *, lines: bool = True) -> str:
    """Return pasted text without what nobody sees; on one line unless line breaks are to be kept."""
    shown = _UNSEEN.sub("", printable(text.replace(_HARD_HYPHEN, "-").replace("\x85", "\n")))
    return shown.strip() if lines else " ".join(shown.split())


class PastedField(forms.CharField):
    """A text as people paste it from Word; one that is too long is counted and kept, never cut off."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.validators = [v for v in self.validators if not isinstance(v, MaxLengthValidator)]

    def to_python(self, value: Any) -> str:
        text = super().to_python(value) or ""
        return tidy(text, lines=isinstance(self.widget, forms.Textarea))

    def validate(self, value: str) -> None:
        super().validate(value)
        if self.max_length and len(value) > self.max_length:
            hint = "；請精簡，或改以附件提供" if self.max_length > 1000 else ""
            raise ValidationError(f"最多 {self.max_length:,} 字，目前 {len(value):,} 字{hint}。", code="max_length")

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """Leave out `maxlength`, by which browsers cut pasted text off without a word."""
        attrs: dict[str, Any] = super().widget_attrs(widget)
        attrs.pop("maxlength", None)
        return attrs


def field_of(column: models.Field[Any, Any], **kwargs: Any) -> forms.Field | None:
    """Return the form field of a column: texts are taken as they are pasted."""
    if isinstance(column, models.CharField | models.TextField) and not column.choices:
        return column.formfield(form_class=PastedField, **kwargs)
    return column.formfield(**kwargs)
