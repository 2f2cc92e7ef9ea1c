"""The award clauses of a plan, carried over with it to another year."""

from awards.models import ProposalRule, Tier, TierCondition
from districts.models import Plan


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
