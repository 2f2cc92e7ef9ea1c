"""How a year is scored, and the publishing of its scores."""

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max

from districts.models import Plan
from kpi import mails, scoring
from kpi.choices import BandFor
from kpi.models import Score, ScoreList, UsageBand, UsageRule
from personnel_portal.accounts.models import User
from personnel_portal.trail.actions import record


class BandValue(NamedTuple):
    """A band as it was typed; the share in per cent."""

    mark: str
    low: int
    high: int | None
    share: Decimal


def carry_over(source: Plan, plan: Plan) -> None:
    """Give a cloned plan the weights, base and bands of the one that it comes from; the catalogue is the office's."""
    for rule in UsageRule.objects.filter(plan=source):
        rule.pk, rule.plan, rule._state.adding = None, plan, True
        rule.save()
    bands = list(UsageBand.objects.filter(plan=source))
    for band in bands:
        band.pk, band.plan, band._state.adding = None, plan, True
    UsageBand.objects.bulk_create(bands)


@transaction.atomic
def save_rule(*, rule: UsageRule, tools: Sequence[BandValue], subsystems: Sequence[BandValue], by: User) -> UsageRule:
    """Save base, weights and both tables of bands of a year. Published lists keep the rules that they were made with.

    Raises:
        ValidationError: the bands of a table leave a gap, overlap, or more use would earn less; under `tools` or
            `subsystems`.
    """
    tables = {BandFor.TOOLS: tools, BandFor.SUBSYSTEMS: subsystems}
    problems = {str(counts): problem for counts, rows in tables.items() if (problem := scoring.band_problem(rows))}
    for counts, rows in tables.items():
        marks = [row.mark for row in rows]
        if len(set(marks)) < len(marks):
            problems[str(counts)] = "等第不得重複。"
    if problems:
        raise ValidationError(problems)
    rule.save()
    UsageBand.objects.filter(plan=rule.plan).delete()
    UsageBand.objects.bulk_create(
        UsageBand(plan=rule.plan, counts=counts, **row._asdict()) for counts, rows in tables.items() for row in rows
    )
    record("usage_rule.saved", rule, by=by, office_id=rule.plan.office_id, rule=scoring.rules_of(rule.plan).as_json())
    return rule


@transaction.atomic
def publish_scores(*, plan: Plan, reason: str, seen: int, by: User) -> ScoreList:
    """Publish every agency's result, frozen with its inputs and the rules, and tell each agency its own.

    Args:
        seen: how many lists the page knew of: two people do not publish the same twice.
        reason: why it is published again; the first needs none.

    Raises:
        ValidationError: the rules are incomplete, nothing was reviewed, somebody published meanwhile, or a further list
            has no reason.
    """
    Plan.objects.select_for_update().get(pk=plan.pk)
    standing = scoring.of_plan(plan)
    last = ScoreList.objects.filter(plan=plan).aggregate(last=Max("number"))["last"] or 0
    if standing.rules.problem:
        raise ValidationError(standing.rules.problem)
    if last != seen:
        raise ValidationError("他人剛公布過分數，請重新檢視後再決定是否重新公布。")
    if not any(line.report for line in standing.lines):
        raise ValidationError("尚無完成審查的回報，不能公布分數。")
    if last and not reason.strip():
        raise ValidationError({"reason": "請說明重新公布的理由。"})
    published = ScoreList.objects.create(
        plan=plan,
        number=last + 1,
        reason=reason.strip() if last else "",
        rule=standing.rules.as_json(),
        published_by=by,
    )
    scores = _freeze(published, standing)
    record("usage.published", published, by=by, office_id=plan.office_id, number=published.number, agencies=len(scores))
    mails.usage_published(published, scores)
    return published


def _freeze(published: ScoreList, standing: scoring.Standing) -> list[Score]:
    items = scoring.items_of(line.report.pk for line in standing.lines if line.report)
    return Score.objects.bulk_create(
        Score(
            score_list=published,
            agency=line.agency,
            report=line.report,
            is_scored=line.is_scored,
            filing=line.filing,
            score=line.score,
            rank=line.rank,
            inputs=scoring.inputs(line, standing.rules)
            | {"items": items.get(line.report.pk, []) if line.report else []},
        )
        for line in standing.lines
    )
