"""The tiers of a plan as sheets in the administration: a row that contradicts another is refused as in the forms."""

from typing import Any

from awards.actions.rules import refuse_contradictions
from awards.models import Tier, TierCondition
from personnel_portal.exchange import Resource


class TierResource(Resource):
    class Meta(Resource.Meta):
        model = Tier

    def validate_instance(self, instance: Tier, *args: Any, **kwargs: Any) -> None:
        super().validate_instance(instance, *args, **kwargs)
        refuse_contradictions(instance, [c.value() for c in instance.conditions.all()] if instance.pk else [])


class TierConditionResource(Resource):
    class Meta(Resource.Meta):
        model = TierCondition

    def validate_instance(self, instance: TierCondition, *args: Any, **kwargs: Any) -> None:
        super().validate_instance(instance, *args, **kwargs)
        others = instance.tier.conditions.exclude(pk=instance.pk)
        refuse_contradictions(instance.tier, [instance.value(), *(other.value() for other in others)])
