"""The strategic plan: goals, indicators, yearly targets, what units report, and what they do about a missed target."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from districts.models import Agency, Plan
from districts.querysets import NumberedQuerySet, OfPlanQuerySet
from kpi.choices import (
    PERIODS,
    Aggregation,
    Comparator,
    EntryState,
    Formula,
    Frequency,
    ReportedBy,
    Source,
    last_month,
    period_label,
)
from kpi.querysets import (
    ActualFileQuerySet,
    ActualQuerySet,
    CorrectionQuerySet,
    IndicatorQuerySet,
    ViolationQuerySet,
)
from personnel_portal import roc
from personnel_portal.uploads.models import StoredFile


class Strategy(models.Model):
    """What a KPI plan says besides its indicators, for the report; and from which achievement on a miss is yellow."""

    plan = models.OneToOneField(Plan, on_delete=models.CASCADE, related_name="strategy", verbose_name="計畫")
    mission = models.TextField("機關任務", blank=True)
    vision = models.TextField("機關願景", blank=True)
    priorities = models.TextField("施政重點", blank=True)
    yellow_from = models.DecimalField(
        "黃燈起點（達成率 %）",
        max_digits=5,
        decimal_places=2,
        default=80,
        validators=[MinValueValidator(0), MaxValueValidator(100)],
        help_text="未達目標但達成率在此以上者為黃燈，以下為紅燈。",
    )

    objects = OfPlanQuerySet.as_manager()

    class Meta:
        verbose_name = "策略計畫"
        verbose_name_plural = "策略計畫"
        ordering = ["plan"]

    def __str__(self) -> str:
        return str(self.plan)


class Unit(models.Model):
    """An agency that reports the indicators of a plan (填報機關)."""

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="units", verbose_name="計畫")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+", verbose_name="機關")
    order = models.PositiveSmallIntegerField("順序", default=0)

    objects = OfPlanQuerySet.as_manager()

    class Meta:
        verbose_name = "填報機關"
        verbose_name_plural = "填報機關"
        ordering = ["plan", "order", "pk"]
        constraints = [models.UniqueConstraint(fields=["plan", "agency"], name="unit_once_a_plan")]

    def __str__(self) -> str:
        return str(self.agency)


class Goal(models.Model):
    """A strategic goal (關鍵策略目標) of a plan."""

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="goals", verbose_name="計畫")
    order = models.PositiveSmallIntegerField("順序")
    mark = models.CharField("編號", max_length=5, help_text="如 一。")
    name = models.CharField("策略目標", max_length=100)

    objects = NumberedQuerySet.as_manager()

    class Meta:
        verbose_name = "策略目標"
        verbose_name_plural = "策略目標"
        ordering = ["plan", "order"]
        constraints = [models.UniqueConstraint(fields=["plan", "order"], name="goal_once_a_plan")]

    def __str__(self) -> str:
        return f"{self.mark}、{self.name}"

    def natural_key(self) -> tuple[str, str, int, str, int]:
        return (*self.plan.natural_key(), self.order)


class Indicator(models.Model):
    """A key performance indicator (關鍵績效指標): what is measured, how, how often, and which values meet the target.

    `name` and `standard` are as printed; `note` says where the document contradicts itself and how it is read.
    """

    goal = models.ForeignKey(Goal, on_delete=models.CASCADE, related_name="indicators", verbose_name="策略目標")
    order = models.PositiveSmallIntegerField("順序")
    name = models.CharField("績效指標", max_length=100)
    standard = models.TextField("衡量標準", blank=True)
    comparator = models.CharField("比較方式", max_length=10, choices=Comparator, default=Comparator.AT_LEAST)
    unit = models.CharField("單位", max_length=10, blank=True)
    decimals = models.PositiveSmallIntegerField("小數位數", default=2, validators=[MaxValueValidator(4)])
    formula = models.CharField("計算方式", max_length=15, choices=Formula, default=Formula.NUMBER)
    aggregation = models.CharField("期間彙總", max_length=10, choices=Aggregation, default=Aggregation.SUM)
    frequency = models.CharField("填報週期", max_length=10, choices=Frequency, default=Frequency.YEAR)
    reported_by = models.CharField("填報者", max_length=10, choices=ReportedBy, default=ReportedBy.UNITS)
    source = models.CharField("帶入來源", max_length=15, choices=Source, default=Source.NONE)
    numerator_label = models.CharField("分子", max_length=60, blank=True)
    denominator_label = models.CharField("分母", max_length=60, blank=True)
    note = models.TextField("註記", blank=True)

    objects = IndicatorQuerySet.as_manager()

    class Meta:
        verbose_name = "績效指標"
        verbose_name_plural = "績效指標"
        ordering = ["goal", "order"]
        constraints = [
            models.UniqueConstraint(fields=["goal", "order"], name="indicator_once_a_goal"),
            models.CheckConstraint(
                condition=~Q(formula=Formula.MONTHS_KEPT) | Q(frequency=Frequency.MONTH),
                name="months_kept_are_reported_monthly",
                violation_error_message="以符合月數計算的指標，填報週期須為每月。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"

    def natural_key(self) -> tuple[str, str, int, str, int, int]:
        return (*self.goal.natural_key(), self.order)

    @property
    def code(self) -> str:
        """The number that people know it by, such as 5-3."""
        return f"{self.goal.order}-{self.order}"

    @property
    def periods(self) -> int:
        """How many periods a year has."""
        return PERIODS[Frequency(self.frequency)]


class Target(models.Model):
    """The target of a year; with an agency it takes the place of the common one for that agency.

    `value` is the bound (the lower end of a range, 1 for yes), `upper` the upper end of a range.
    """

    indicator = models.ForeignKey(Indicator, on_delete=models.CASCADE, related_name="targets", verbose_name="績效指標")
    year = models.PositiveSmallIntegerField("年度")
    agency = models.ForeignKey(
        Agency, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="適用機關"
    )
    value = models.DecimalField("目標值", max_digits=14, decimal_places=4)
    upper = models.DecimalField("上限", null=True, blank=True, max_digits=14, decimal_places=4)
    note = models.CharField("說明", max_length=200, blank=True)

    class Meta:
        verbose_name = "年度目標"
        verbose_name_plural = "年度目標"
        ordering = ["indicator", "year", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["indicator", "year"], condition=Q(agency__isnull=True), name="target_once_a_year"
            ),
            models.UniqueConstraint(
                fields=["indicator", "year", "agency"],
                condition=Q(agency__isnull=False),
                name="target_once_a_year_and_agency",
            ),
            models.CheckConstraint(
                condition=Q(upper__isnull=True) | Q(upper__gte=F("value")),
                name="target_range_is_not_reversed",
                violation_error_message="上限不得小於目標值。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.indicator} {self.year}年度 {self.value.normalize():f}"

    def clean(self) -> None:
        """Refuse a target that the indicator's comparator cannot be held against, or of a year that the plan does not cover."""
        indicator: Indicator | None = getattr(self, "indicator", None)  # none while a form lacks it
        if indicator is None or self.value is None:
            return
        comparator = indicator.get_comparator_display()
        if indicator.comparator == Comparator.RANGE and self.upper is None:
            raise ValidationError({"upper": f"比較方式為「{comparator}」，請填上限。"})
        if indicator.comparator != Comparator.RANGE and self.upper is not None:
            raise ValidationError({"upper": f"比較方式為「{comparator}」，不填上限。"})
        if indicator.comparator == Comparator.YES and self.value not in (0, 1):
            raise ValidationError({"value": f"比較方式為「{comparator}」，目標值請填 1（是）或 0（否）。"})
        if indicator.goal_id and self.year is not None:
            self._refuse_year(indicator.goal.plan)

    def _refuse_year(self, plan: Plan) -> None:
        first, last = roc.year(plan.starts), roc.year(plan.ends)
        if not first <= self.year <= last:
            raise ValidationError({"year": f"年度須在計畫期間（{first} 至 {last} 年度）內。"})


class DeductionKind(models.Model):
    """A kind of violation and the points that each takes off (衡量標準 of 4-2)."""

    indicator = models.ForeignKey(
        Indicator, on_delete=models.CASCADE, related_name="deduction_kinds", verbose_name="績效指標"
    )
    name = models.CharField("違失類別", max_length=100)
    points = models.DecimalField("每人次扣分", max_digits=6, decimal_places=2)

    class Meta:
        verbose_name = "扣分類別"
        verbose_name_plural = "扣分類別"
        ordering = ["indicator", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["indicator", "name"], name="deduction_kind_once"),
            models.CheckConstraint(
                condition=Q(points__gt=0),
                name="deduction_takes_points",
                violation_error_message="扣分須大於 0。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}（扣 {self.points.normalize():f} 分）"


class Violation(models.Model):
    """One violation found (每人次), with its date, unit and note."""

    kind = models.ForeignKey(DeductionKind, on_delete=models.PROTECT, related_name="violations", verbose_name="類別")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+", verbose_name="機關")
    day = models.DateField("查獲日期")
    office_unit = models.CharField("單位", max_length=30, blank=True)
    note = models.CharField("說明", max_length=200, blank=True)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name="登錄人"
    )
    entered_at = models.DateTimeField("登錄時間", default=timezone.now)

    objects = ViolationQuerySet.as_manager()

    class Meta:
        verbose_name = "違失紀錄"
        verbose_name_plural = "違失紀錄"
        ordering = ["kind", "day", "pk"]
        indexes = [models.Index(fields=["agency", "day"])]

    def __str__(self) -> str:
        return f"{self.agency} {self.day} {self.kind.name}"


class Actual(models.Model):
    """What a unit reports for a period: a number, or numerator and denominator. A blank is not 0, and 0 is not blank.

    Attributes:
        period: 1–12, 1–4, 1–2 or 1, after the indicator's frequency.
        value: a number; for months kept and for yes or no 1 or 0.
        carried: the rows of the portal that a carried-in figure was counted from, as references, with their number.
    """

    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="actuals", verbose_name="績效指標")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+", verbose_name="填報機關")
    year = models.PositiveSmallIntegerField("年度")
    period = models.PositiveSmallIntegerField("期別")
    value = models.DecimalField("數值", null=True, blank=True, max_digits=14, decimal_places=4)
    numerator = models.DecimalField("分子", null=True, blank=True, max_digits=14, decimal_places=4)
    denominator = models.DecimalField("分母", null=True, blank=True, max_digits=14, decimal_places=4)
    note = models.CharField("說明", max_length=300, blank=True)
    state = models.CharField("狀態", max_length=10, choices=EntryState, default=EntryState.DRAFT)
    reason = models.CharField("退請補正理由", max_length=300, blank=True)
    carried = models.JSONField("帶入依據", default=dict, blank=True, editable=False)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name="填報人"
    )
    entered_at = models.DateTimeField("填報時間", default=timezone.now)
    submitted_at = models.DateTimeField("送出時間", null=True, blank=True)
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="審核人",
    )
    reviewed_at = models.DateTimeField("審核時間", null=True, blank=True)

    objects = ActualQuerySet.as_manager()

    class Meta:
        verbose_name = "實績"
        verbose_name_plural = "實績"
        ordering = ["indicator", "agency", "year", "period"]
        indexes = [models.Index(fields=["agency", "year"])]
        constraints = [
            models.UniqueConstraint(fields=["indicator", "agency", "year", "period"], name="actual_once_a_period"),
            models.CheckConstraint(condition=Q(period__gte=1, period__lte=12), name="actual_period_of_a_year"),
            models.CheckConstraint(
                condition=Q(value__isnull=False, numerator__isnull=True, denominator__isnull=True)
                | Q(value__isnull=True, numerator__isnull=False, denominator__isnull=False),
                name="actual_is_a_number_or_a_ratio",
            ),
            models.CheckConstraint(
                condition=Q(numerator__isnull=True) | Q(numerator__gte=0, numerator__lte=F("denominator")),
                name="actual_numerator_within_denominator",
                violation_error_message="分子不得大於分母。",
            ),
            models.CheckConstraint(
                condition=~Q(state=EntryState.RETURNED) | ~Q(reason=""), name="actual_returned_with_a_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.indicator.code} {self.agency.short_name} {self.year}年度{self.period_label}"

    @property
    def plan(self) -> Plan:
        plan: Plan = self.indicator.goal.plan
        return plan

    @property
    def amounts_label(self) -> str:
        """What was reported, in words: 8 / 10, or 12 小時."""
        if self.numerator is not None and self.denominator is not None:
            return f"{self.numerator.normalize():,f} / {self.denominator.normalize():,f}"
        return "" if self.value is None else f"{self.value.normalize():,f} {self.indicator.unit}".rstrip()

    @property
    def place_label(self) -> str:
        """Whose figure of which period it is."""
        return f"{self.agency.short_name}　{self.year}年度{self.period_label}"

    @property
    def period_label(self) -> str:
        """The period in words, such as 第 3 季."""
        return period_label(self.indicator.frequency, self.period)

    @property
    def last_month(self) -> int:
        """The month with which its period ends."""
        return last_month(self.indicator.frequency, self.period)


class ActualFile(models.Model):
    """A file that shows where a figure comes from (佐證)."""

    actual = models.ForeignKey(Actual, on_delete=models.CASCADE, related_name="files", verbose_name="實績")
    stored = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+", verbose_name="檔案")

    objects = ActualFileQuerySet.as_manager()

    class Meta:
        verbose_name = "實績佐證"
        verbose_name_plural = "實績佐證"
        ordering = ["actual", "pk"]
        constraints = [models.UniqueConstraint(fields=["actual", "stored"], name="actual_file_once")]

    def __str__(self) -> str:
        return str(self.stored)


class PeriodLock(models.Model):
    """Months of a plan's year that are closed: what ends in or before `month` cannot be changed any more."""

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="locks", verbose_name="計畫")
    year = models.PositiveSmallIntegerField("年度")
    month = models.PositiveSmallIntegerField("鎖定至幾月", validators=[MinValueValidator(1), MaxValueValidator(12)])
    locked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name="鎖定人"
    )
    locked_at = models.DateTimeField("鎖定時間", default=timezone.now)

    class Meta:
        verbose_name = "填報鎖定"
        verbose_name_plural = "填報鎖定"
        ordering = ["plan", "year"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "year"], name="lock_once_a_year"),
            models.CheckConstraint(condition=Q(month__gte=1, month__lte=12), name="lock_of_a_month"),
        ]

    def __str__(self) -> str:
        return f"{self.year}年度鎖定至 {self.month} 月"

    def closes(self, month: int) -> bool:
        """Tell whether a period that ends in the month is closed."""
        return month <= self.month


class Correction(models.Model):
    """What a unit says about a missed target: the cause, what it does about it, and by when."""

    indicator = models.ForeignKey(
        Indicator, on_delete=models.PROTECT, related_name="corrections", verbose_name="績效指標"
    )
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+", verbose_name="機關")
    year = models.PositiveSmallIntegerField("年度")
    cause = models.TextField("未達原因", max_length=1000)
    measure = models.TextField("改善措施", max_length=1000)
    due_on = models.DateField("改善期限")
    done_on = models.DateField("完成日期", null=True, blank=True)
    result = models.CharField("完成情形", max_length=300, blank=True)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name="填報人"
    )
    entered_at = models.DateTimeField("填報時間", default=timezone.now)

    objects = CorrectionQuerySet.as_manager()

    class Meta:
        verbose_name = "改善措施"
        verbose_name_plural = "改善措施"
        ordering = ["due_on", "pk"]
        constraints = [models.UniqueConstraint(fields=["indicator", "agency", "year"], name="correction_once_a_year")]

    def __str__(self) -> str:
        return f"{self.indicator.code} {self.agency} {self.year}年度改善措施"
