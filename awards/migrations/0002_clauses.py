"""Give every liaison plan that is there already the award clauses of the plan of 113 (伍)."""

from django.db import migrations


def add_clauses(apps, schema_editor):
    Plan = apps.get_model("districts", "Plan")
    Tier = apps.get_model("awards", "Tier")
    TierCondition = apps.get_model("awards", "TierCondition")
    ProposalRule = apps.get_model("awards", "ProposalRule")
    for plan in Plan.objects.filter(kind="liaison"):
        weaker = Tier.objects.create(plan=plan, clause="伍、一、(一)", unit="citation", times=2)
        stronger = Tier.objects.create(plan=plan, clause="伍、一、(二)", unit="merit", times=1)
        TierCondition.objects.create(tier=weaker, measure="meetings", low=1)
        TierCondition.objects.create(tier=stronger, measure="meetings", low=2)
        TierCondition.objects.create(tier=stronger, measure="proposals", low=15, low_included=False)
        ProposalRule.objects.create(plan=plan, clause="伍、二", unit="citation", times=1, cap=2)


class Migration(migrations.Migration):
    dependencies = [("awards", "0001_initial"), ("districts", "0003_values_within_bounds")]
    operations = [migrations.RunPython(add_clauses, migrations.RunPython.noop)]
