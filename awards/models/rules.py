"""The award clauses of a plan as rows: tiers with their conditions, and what an adopted proposal earns."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q

from awards.choices import Measure, UnitChoice
from awards.querysets import TierQuerySet
from districts.choices import PlanKind
from districts.models import Plan
from districts.querysets import OfPlanQuerySet
from personnel_portal.rules import bounds
from personnel_portal.rules.commendations import Condition, Unit
from personnel_portal.rules.commendations import Tier as TierValue

MOST_TIMES = 10  # of one grant; more is a slip of the hand
MOST_CAP = 100
ASKED_TWICE = "同一級距的每種計數只能填一次，請將上限與下限填在同一列。"


def _refuse_slips(plan: Plan | None, times: int | None) -> None:
    """Refuse clauses of a plan that has no awards, and numbers that nobody means."""
    if plan and plan.kind != PlanKind.LIAISON:
        raise ValidationError({"plan": "只有分區聯繫會報計畫有獎勵條文。"})
    if times is not None and times > MOST_TIMES:
        raise ValidationError({"times": f"次數至多 {MOST_TIMES} 次。"})


class Tier(models.Model):
    """A grade of the hosting award (伍、一): what it asks is its conditions."""

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="award_tiers", verbose_name="計畫")
    clause = models.CharField("條次", max_length=30)
    unit = models.CharField("獎勵種類", max_length=15, choices=UnitChoice)
    times = models.PositiveSmallIntegerField("次數")

    objects = TierQuerySet.as_manager()

    class Meta:
        verbose_name = "獎勵級距"
        verbose_name_plural = "獎勵級距"
        ordering = ["plan", "clause", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "clause"], name="award_tier_once_a_clause"),
            models.CheckConstraint(
                condition=Q(times__gte=1), name="award_tier_grants_something", violation_error_message="次數至少 1 次。"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.clause} {self.get_unit_display()} {self.times} 次"

    def clean(self) -> None:
        """Refuse a plan without awards and more times than anybody means."""
        _refuse_slips(self.plan if self.plan_id else None, self.times)

    def unique_error_message(self, model_class: Any, unique_check: Any) -> ValidationError:
        return ValidationError("此計畫已有這一條次的獎勵級距。")

    def value(self) -> TierValue:
        """Return the tier as the rules take it."""
        conditions = tuple(condition.value() for condition in self.conditions.all())
        return TierValue(self.clause, conditions, Unit(self.unit), self.times)


class TierCondition(models.Model):
    """A range that a measure must lie in: 以上 and 以下 include the number, 超過 and 未滿 do not."""

    tier = models.ForeignKey(Tier, on_delete=models.CASCADE, related_name="conditions", verbose_name="獎勵級距")
    measure = models.CharField("計數", max_length=15, choices=Measure)
    low = models.PositiveIntegerField("下限", null=True, blank=True)
    low_included = models.BooleanField("含下限（以上）", default=True, help_text="不勾選為「超過」。")
    high = models.PositiveIntegerField("上限", null=True, blank=True)
    high_included = models.BooleanField("含上限（以下）", default=False, help_text="不勾選為「未滿」。")

    class Meta:
        verbose_name = "級距條件"
        verbose_name_plural = "級距條件"
        ordering = ["tier", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["tier", "measure"], name="tier_asks_a_measure_once"),
            models.CheckConstraint(
                condition=Q(low__isnull=False) | Q(high__isnull=False),
                name="tier_condition_has_a_bound",
                violation_error_message="請至少填下限或上限。",
            ),
            models.CheckConstraint(
                condition=Q(low__isnull=True)
                | Q(high__isnull=True)
                | Q(high__gt=F("low"))
                | Q(high=F("low"), low_included=True, high_included=True),
                name="tier_condition_is_not_reversed",
                violation_error_message="上限須大於下限；兩者相同時須均包含。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_measure_display()} {self.words}"

    def unique_error_message(self, model_class: Any, unique_check: Any) -> ValidationError:
        return ValidationError(ASKED_TWICE)

    @property
    def words(self) -> str:
        """The range as clauses word it: 2 以上, 超過 15, 未滿 30."""
        low = "" if self.low is None else f"{self.low} 以上" if self.low_included else f"超過 {self.low}"
        high = "" if self.high is None else f"{self.high} 以下" if self.high_included else f"未滿 {self.high}"
        return "、".join(part for part in (low, high) if part)

    def value(self) -> Condition:
        """Return the condition as the rules take it."""
        return Condition(self.measure, bounds.whole(self.low, self.high, self.low_included, self.high_included))


class ProposalRule(models.Model):
    """What a proposal that is adopted and qualifies earns (伍、二)."""

    plan = models.OneToOneField(Plan, on_delete=models.CASCADE, related_name="proposal_rule", verbose_name="計畫")
    clause = models.CharField("條次", max_length=30)
    unit = models.CharField("獎勵種類", max_length=15, choices=UnitChoice, default=UnitChoice.CITATION)
    times = models.PositiveSmallIntegerField("每案次數", default=1)
    cap = models.PositiveSmallIntegerField("至多次數", null=True, blank=True, help_text="空白表示不設上限。")

    objects = OfPlanQuerySet.as_manager()

    class Meta:
        verbose_name = "提案獎勵"
        verbose_name_plural = "提案獎勵"
        ordering = ["plan"]
        constraints = [
            models.CheckConstraint(
                condition=Q(times__gte=1),
                name="proposal_rule_grants_something",
                violation_error_message="次數至少 1 次。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.clause} 每案{self.get_unit_display()} {self.times} 次"

    def clean(self) -> None:
        """Refuse a cap that no proposal could reach, and numbers that nobody means."""
        _refuse_slips(self.plan if self.plan_id else None, self.times)
        if self.cap is not None and self.cap > MOST_CAP:
            raise ValidationError({"cap": f"至多次數不得超過 {MOST_CAP} 次。"})
        if self.cap is not None and self.cap < self.times:
            raise ValidationError({"cap": "至多次數不得少於每案次數。"})
