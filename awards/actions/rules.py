"""The award clauses of a plan: what a table of tiers may say, and how it is carried over to another year."""

from collections.abc import Iterable

from django.core.exceptions import ValidationError

from awards import words
from awards.models import ProposalRule, Tier, TierCondition
from awards.readings import chosen
from districts.models import Plan, Reading
from personnel_portal.rules import tiers
from personnel_portal.rules.commendations import Condition, Unit
from personnel_portal.rules.commendations import Tier as TierValue


def refuse_contradictions(tier: Tier, conditions: Iterable[Condition]) -> None:
    """Refuse a tier that, asking for these conditions, contradicts itself or another tier of its plan.

    Raises:
        ValidationError: in one sentence, with the clauses and the numbers.
    """
    value = TierValue(tier.clause, tuple(conditions), Unit(tier.unit), tier.times)
    others = Tier.objects.filter(plan=tier.plan_id).exclude(pk=tier.pk).prefetch_related("conditions")
    readings = chosen(Reading.objects.filter(plan=tier.plan_id))
    try:
        tiers.refuse_contradictions([value, *(other.value() for other in others)], replace=readings.hosting.replace)
    except tiers.TierError as fault:
        raise ValidationError(words.contradiction(fault)) from None


def gaps(plan: Plan) -> list[str]:
    """Return in a sentence each where a number falls between two tiers of the plan."""
    saved = Tier.objects.filter(plan=plan).prefetch_related("conditions")
    return [words.gap(*found) for found in tiers.gaps([tier.value() for tier in saved])]


def carry_over(source: Plan, plan: Plan) -> None:
    """Give a cloned plan the award clauses of the one that it comes from."""
    for tier in Tier.objects.filter(plan=source).prefetch_related("conditions"):
        copy = Tier.objects.create(plan=plan, clause=tier.clause, unit=tier.unit, times=tier.times)
        TierCondition.objects.bulk_create(
            TierCondition(
                tier=copy,
                measure=condition.measure,
                low=condition.low,
                low_included=condition.low_included,
                high=condition.high,
                high_included=condition.high_included,
            )
            for condition in tier.conditions.all()
        )
    for rule in ProposalRule.objects.filter(plan=source):
        ProposalRule.objects.create(plan=plan, clause=rule.clause, unit=rule.unit, times=rule.times, cap=rule.cap)
