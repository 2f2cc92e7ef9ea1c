"""An indicator's targets in the administration, saved together with it."""

from typing import TYPE_CHECKING

from django import forms
from django.core.exceptions import ValidationError

from kpi.models import Indicator, Target

if TYPE_CHECKING:
    Targets = forms.BaseInlineFormSet[Target, Indicator, forms.ModelForm[Target]]
else:
    Targets = forms.BaseInlineFormSet


class TargetFormSet(Targets):
    """All targets of an indicator: one at least, since a comparator without a target compares nothing."""

    def clean(self) -> None:
        super().clean()
        kept = [values for form in self.forms if (values := form.cleaned_data) and not values.get("DELETE")]
        if not kept and not any(self.errors):
            comparator = self.instance.get_comparator_display()
            raise ValidationError(f"已選比較方式「{comparator}」，請至少填一個年度的目標值。")
