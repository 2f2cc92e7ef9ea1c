"""The annual work plan (002): a tree of any depth, its amounts and periods, its progress by quarter."""

from typing import Any

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from districts.models import Agency, Plan
from kpi.choices import Level, Pace, PaperKind, Period, Within
from kpi.querysets import (
    AmountQuerySet,
    DoingQuerySet,
    DraftTreeQuerySet,
    FrozenReportQuerySet,
    ProgressFileQuerySet,
    ProgressQuerySet,
    WorkItemQuerySet,
    WorkPlanQuerySet,
)
from personnel_portal.uploads.models import StoredFile

PERCENT = [MinValueValidator(0), MaxValueValidator(100)]


class WorkPlan(models.Model):
    """Whose work plan it is. Without an agency it is another body's, kept as a model, and makes no duties."""

    plan = models.OneToOneField(Plan, on_delete=models.CASCADE, related_name="work_plan", verbose_name="計畫")
    agency = models.ForeignKey(
        Agency, on_delete=models.PROTECT, null=True, blank=True, related_name="work_plans", verbose_name="機關"
    )
    since = models.DateField(
        "管制起日", null=True, blank=True, help_text="此日以前的週期性工作不列入待辦；空白為計畫起日。"
    )
    note = models.TextField("註記", blank=True)

    objects = WorkPlanQuerySet.as_manager()

    class Meta:
        verbose_name = "工作計畫"
        verbose_name_plural = "工作計畫"
        ordering = ["plan"]

    def __str__(self) -> str:
        return f"{self.plan.issuing_body}{self.plan.year}年度工作計畫"

    def get_absolute_url(self) -> str:
        return reverse("kpi:work_plan", args=[self.pk])

    @property
    def is_foreign(self) -> bool:
        """Tell whether it is another body's plan, kept as a model."""
        return self.agency_id is None


class WorkItem(models.Model):
    """A node of a work plan, in reading order below its parent.

    Attributes:
        mark: the number as printed, such as 一、 (一) 1. (1); empty where the document prints none.
        responsible: the unit in charge where it is another than the section.
        period: how often it is to be done, with the day that goes with it (`weekday` 1–7, `month`, `day`), or how long
            after an event (`limit`, `within`); `period_text` is the phrase as printed.
    """

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="work_items", verbose_name="計畫")
    parent = models.ForeignKey(
        "self", on_delete=models.CASCADE, null=True, blank=True, related_name="children", verbose_name="上層項目"
    )
    order = models.PositiveIntegerField("順序")
    level = models.CharField("層級", max_length=10, choices=Level)
    mark = models.CharField("編號", max_length=10, blank=True)
    text = models.TextField("內容", max_length=2000)
    responsible = models.CharField("主辦單位", max_length=60, blank=True)
    period = models.CharField("辦理週期", max_length=15, choices=Period, default=Period.NONE, blank=True)
    weekday = models.PositiveSmallIntegerField(
        "星期幾", null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(7)]
    )
    month = models.PositiveSmallIntegerField(
        "幾月", null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(12)]
    )
    day = models.PositiveSmallIntegerField(
        "幾日", null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(31)]
    )
    limit = models.PositiveSmallIntegerField("事件後期限", null=True, blank=True)
    within = models.CharField("期限單位", max_length=10, choices=Within, blank=True)
    period_text = models.CharField("週期原文", max_length=60, blank=True)
    note = models.CharField("註記", max_length=300, blank=True)

    objects = WorkItemQuerySet.as_manager()

    class Meta:
        verbose_name = "工作項目"
        verbose_name_plural = "工作項目"
        ordering = ["plan", "order"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "order"], name="work_item_order"),
            models.CheckConstraint(
                condition=Q(level=Level.SECTION, parent__isnull=True) | ~Q(level=Level.SECTION),
                name="section_stands_on_top",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.mark}{self.text}"[:80]

    def get_absolute_url(self) -> str:
        return reverse("kpi:work_item", args=[self.pk])

    def natural_key(self) -> tuple[Any, ...]:
        return (*self.plan.natural_key(), self.order)


class Amount(models.Model):
    """A printed amount (千元), or a funding note without one.

    `counts_once_with` marks an amount that is printed twice, or that belongs to several items together: totals say both,
    with and without it.
    """

    item = models.ForeignKey(WorkItem, on_delete=models.CASCADE, related_name="amounts", verbose_name="工作項目")
    thousands = models.DecimalField("金額（千元）", max_digits=12, decimal_places=0, null=True, blank=True)
    funding = models.CharField("經費註記", max_length=60, blank=True, help_text="如 市府統籌款。")
    counts_once_with = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="與此金額同為一筆"
    )
    is_doubtful = models.BooleanField(
        "歸屬存疑", default=False, help_text="原表未標示屬於何項，或印於他項之旁；請於註記說明。"
    )
    note = models.CharField("註記", max_length=300, blank=True)

    objects = AmountQuerySet.as_manager()

    class Meta:
        verbose_name = "預算金額"
        verbose_name_plural = "預算金額"
        ordering = ["item", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(thousands__isnull=False) | ~Q(funding=""),
                name="amount_says_something",
                violation_error_message="請填金額或經費註記。",
            ),
            models.CheckConstraint(
                condition=Q(thousands__isnull=True) | Q(thousands__gte=0), name="amount_is_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return self.funding if self.thousands is None else f"{self.thousands:,} 千元"

    def natural_key(self) -> tuple[Any, ...]:
        return (*self.item.natural_key(), str(self.thousands))


class Progress(models.Model):
    """How an item stood in a quarter: planned and actual per cent, in words, spent money.

    Whether it is on time follows from the figures; `pace` overrides it, with a reason.
    """

    item = models.ForeignKey(WorkItem, on_delete=models.CASCADE, related_name="progress", verbose_name="工作項目")
    quarter = models.PositiveSmallIntegerField("季別", validators=[MinValueValidator(1), MaxValueValidator(4)])
    planned = models.DecimalField("預定進度 %", max_digits=5, decimal_places=2, validators=PERCENT)
    actual = models.DecimalField(
        "實際進度 %", max_digits=5, decimal_places=2, null=True, blank=True, validators=PERCENT
    )
    text = models.TextField("辦理情形", max_length=2000, blank=True)
    spent = models.DecimalField("執行數（千元）", max_digits=12, decimal_places=0, null=True, blank=True)
    pace = models.CharField("進度認定", max_length=10, choices=Pace, blank=True)
    pace_reason = models.CharField("認定理由", max_length=300, blank=True)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name="填報人"
    )
    entered_at = models.DateTimeField("填報時間", default=timezone.now)

    objects = ProgressQuerySet.as_manager()

    class Meta:
        verbose_name = "工作進度"
        verbose_name_plural = "工作進度"
        ordering = ["item", "quarter"]
        constraints = [
            models.UniqueConstraint(fields=["item", "quarter"], name="progress_once_a_quarter"),
            models.CheckConstraint(condition=Q(quarter__gte=1, quarter__lte=4), name="progress_of_a_quarter"),
            models.CheckConstraint(
                condition=Q(planned__gte=0, planned__lte=100)
                & (Q(actual__isnull=True) | Q(actual__gte=0, actual__lte=100)),
                name="progress_in_per_cent",
            ),
            models.CheckConstraint(
                condition=Q(pace="") | ~Q(pace_reason=""),
                name="pace_overridden_with_a_reason",
                violation_error_message="請說明人工認定進度的理由。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item} 第 {self.quarter} 季"


class ProgressFile(models.Model):
    """A file that shows what was done (佐證)."""

    progress = models.ForeignKey(Progress, on_delete=models.CASCADE, related_name="files", verbose_name="工作進度")
    stored = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+", verbose_name="檔案")

    objects = ProgressFileQuerySet.as_manager()

    class Meta:
        verbose_name = "進度佐證"
        verbose_name_plural = "進度佐證"
        ordering = ["progress", "pk"]
        constraints = [models.UniqueConstraint(fields=["progress", "stored"], name="progress_file_once")]

    def __str__(self) -> str:
        return str(self.stored)


class Doing(models.Model):
    """That a periodical item was done for the period which was due on a day, or what an event asks for.

    Attributes:
        event_at: when the event took place that the limit counts from; none for a period. Until `done_on` is entered,
            what the event asks for is owed.
    """

    item = models.ForeignKey(WorkItem, on_delete=models.CASCADE, related_name="doings", verbose_name="工作項目")
    due_on = models.DateField("應辦日")
    event_at = models.DateTimeField("事件時間", null=True, blank=True)
    done_on = models.DateField("辦理日", null=True, blank=True)
    note = models.CharField("說明", max_length=200, blank=True)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name="登錄人"
    )

    objects = DoingQuerySet.as_manager()

    class Meta:
        verbose_name = "辦理紀錄"
        verbose_name_plural = "辦理紀錄"
        ordering = ["item", "due_on", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["item", "due_on"], condition=Q(event_at__isnull=True), name="done_once_a_period"
            ),
            models.CheckConstraint(
                condition=Q(event_at__isnull=False) | Q(done_on__isnull=False),
                name="doing_was_done_or_waits_for_an_event",
                violation_error_message="請填辦理日。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item} {self.due_on}"


class DraftTree(models.Model):
    """A work plan between its source table and its saving: the rows as they came, and the tree that a person corrects.

    `source` are the cells as read, `nodes` the proposed nodes in reading order with their source rows and doubts.
    """

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="draft_trees", verbose_name="計畫")
    name = models.CharField("來源", max_length=120)
    source = models.JSONField("來源列", default=list, editable=False)
    nodes = models.JSONField("擬議項目", default=list, editable=False)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name="上傳人"
    )
    made_at = models.DateTimeField("上傳時間", default=timezone.now)
    saved_at = models.DateTimeField("匯入時間", null=True, blank=True)

    objects = DraftTreeQuerySet.as_manager()

    class Meta:
        verbose_name = "工作計畫草稿"
        verbose_name_plural = "工作計畫草稿"
        ordering = ["-made_at", "-pk"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("kpi:work_draft", args=[self.pk])


class FrozenReport(models.Model):
    """A yearly report as it was issued; a later version stands beside it."""

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="frozen_reports", verbose_name="計畫")
    kind = models.CharField("種類", max_length=10, choices=PaperKind)
    year = models.PositiveSmallIntegerField("年度")
    version = models.PositiveSmallIntegerField("版次")
    content = models.JSONField("內容", default=dict, editable=False)
    pdf = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, related_name="+", verbose_name="PDF")
    odt = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, related_name="+", verbose_name="ODT")
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name="產製人"
    )
    made_at = models.DateTimeField("產製時間", default=timezone.now)

    objects = FrozenReportQuerySet.as_manager()

    class Meta:
        verbose_name = "年度報告"
        verbose_name_plural = "年度報告"
        ordering = ["plan", "kind", "-year", "-version"]
        constraints = [models.UniqueConstraint(fields=["plan", "kind", "year", "version"], name="report_version_once")]

    def __str__(self) -> str:
        return f"{self.year}年度{self.get_kind_display()}第 {self.version} 版"
