"""The tiers of a plan in the administration: a table that contradicts itself is refused before it is saved."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError

from awards.actions.rules import refuse_contradictions
from awards.models import TierCondition
from awards.models.rules import ASKED_TWICE
from personnel_portal.rules.bounds import TableError, whole
from personnel_portal.rules.commendations import Condition

if TYPE_CHECKING:
    from awards.models import Tier

    Conditions = forms.BaseInlineFormSet[TierCondition, Tier, forms.ModelForm[TierCondition]]
else:
    Conditions = forms.BaseInlineFormSet


class ConditionForm(forms.ModelForm[TierCondition]):
    """A condition by itself, beside the others of its tier."""

    class Meta:
        model = TierCondition
        fields = ["tier", "measure", "low", "low_included", "high", "high_included"]

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        tier, condition = values.get("tier"), _asked(values)
        if tier and condition:
            others = tier.conditions.exclude(pk=self.instance.pk)
            refuse_contradictions(tier, [condition, *(other.value() for other in others)])
        return values


class ConditionFormSet(Conditions):
    """All conditions of a tier, as they are saved together with it."""

    def get_unique_error_message(self, unique_check: Any) -> str:
        return ASKED_TWICE

    def clean(self) -> None:
        super().clean()
        tier = self.instance
        if any(self.errors) or not (tier.plan_id and tier.unit and tier.times):
            return
        kept = [values for form in self.forms if (values := form.cleaned_data) and not values.get("DELETE")]
        if not kept:
            raise ValidationError("請至少填一項條件；沒有條件的級距不適用於任何人。")
        refuse_contradictions(tier, [condition for values in kept if (condition := _asked(values))])


def _asked(values: Mapping[str, Any]) -> Condition | None:
    """Return the condition that was filled in; none where it is wrong by itself, which the model says."""
    try:
        bounds = whole(values["low"], values["high"], values["low_included"], values["high_included"])
        return Condition(values["measure"], bounds)
    except (KeyError, TableError):
        return None
