"""What goes with a training plan when it is cloned."""

from django.db import transaction

from districts.models import Plan


@transaction.atomic
def carry_over(source: Plan, plan: Plan) -> None:
    """Give the cloned plan the rules, colleges, programmes and courses of its source; classes and needs stay behind."""
