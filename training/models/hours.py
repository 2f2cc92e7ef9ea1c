"""Learning hours: topics, what a year asks of whom, records, the national portal's report and its upload layouts."""

from typing import Any

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from districts.models import Agency, Office, Person
from training.choices import Mode, Origin, every_status
from training.querysets import OfOfficeQuerySet, RecordQuerySet, ReportQuerySet, RequirementSetQuerySet, TopicQuerySet


class Topic(models.Model):
    """A topic (課程類別) that learning hours are counted by. `code` is the national portal's."""

    office = models.ForeignKey(Office, on_delete=models.CASCADE, related_name="topics", verbose_name="人事處")
    order = models.PositiveSmallIntegerField("順序", default=0)
    name = models.CharField("課程類別", max_length=60)
    code = models.CharField("類別代碼", max_length=20, blank=True)
    aliases = models.CharField("報表別名", max_length=300, blank=True, help_text="以、分隔。")

    objects = TopicQuerySet.as_manager()

    class Meta:
        verbose_name = "課程類別"
        verbose_name_plural = "課程類別"
        ordering = ["office", "order", "pk"]
        constraints = [models.UniqueConstraint(fields=["office", "name"], name="topic_once_an_office")]

    def __str__(self) -> str:
        return self.name

    def natural_key(self) -> tuple[str, str]:
        return (self.office.code, self.name)


class RequirementSet(models.Model):
    """What the years from one to another ask of people of some statuses: hours in all, and for topics."""

    office = models.ForeignKey(Office, on_delete=models.CASCADE, related_name="requirement_sets", verbose_name="人事處")
    name = models.CharField("名稱", max_length=60)
    from_year = models.PositiveSmallIntegerField("起年度")
    to_year = models.PositiveSmallIntegerField("迄年度", null=True, blank=True)
    statuses = models.JSONField("適用身分別", default=every_status)
    hours = models.DecimalField("全年時數", max_digits=5, decimal_places=1, validators=[MinValueValidator(0)])
    clause = models.CharField("依據", max_length=100, blank=True)

    objects = RequirementSetQuerySet.as_manager()

    class Meta:
        verbose_name = "時數規定"
        verbose_name_plural = "時數規定"
        ordering = ["office", "-from_year", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["office", "name", "from_year"], name="requirement_set_once"),
            models.CheckConstraint(
                condition=Q(to_year__isnull=True) | Q(to_year__gte=F("from_year")),
                name="requirement_set_ends_after_start",
                violation_error_message="迄年度不得早於起年度。",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def natural_key(self) -> tuple[Any, ...]:
        return (self.office.code, self.name, self.from_year)


class Requirement(models.Model):
    """Hours that one topic asks for, or several topics together (其餘四類合計 4)."""

    requirement_set = models.ForeignKey(
        RequirementSet, on_delete=models.CASCADE, related_name="requirements", verbose_name="時數規定"
    )
    order = models.PositiveSmallIntegerField("順序", default=0)
    name = models.CharField("項目", max_length=60)
    hours = models.DecimalField("時數", max_digits=5, decimal_places=1)
    topics = models.ManyToManyField(Topic, related_name="+", verbose_name="課程類別")

    class Meta:
        verbose_name = "必須完成項目"
        verbose_name_plural = "必須完成項目"
        ordering = ["requirement_set", "order", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(hours__gt=0), name="requirement_asks_hours", violation_error_message="時數須大於 0。"
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.hours}"


class LearningRecord(models.Model):
    """Hours that somebody has for a topic: from a class, from study leave, from the national portal, or entered.

    The year is the ROC year that the hours count for.
    """

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="learning", verbose_name="人員")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+", verbose_name="服務機關")
    year = models.PositiveSmallIntegerField("年度")
    topic = models.ForeignKey(
        Topic, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="課程類別"
    )
    course = models.CharField("課程名稱", max_length=200)
    starts = models.DateField("起日")
    ends = models.DateField("迄日")
    hours = models.DecimalField("時數", max_digits=5, decimal_places=1, validators=[MinValueValidator(0)])
    mode = models.CharField("學習方式", max_length=10, choices=Mode, default=Mode.ON_SITE)
    origin = models.CharField("來源", max_length=10, choices=Origin)
    reference = models.CharField("來源紀錄", max_length=60, blank=True, help_text="如 training.trainingclass-12。")

    objects = RecordQuerySet.as_manager()

    class Meta:
        verbose_name = "學習紀錄"
        verbose_name_plural = "學習紀錄"
        ordering = ["person", "-starts", "pk"]
        indexes = [
            models.Index(fields=["year", "agency"], name="learning_by_agency"),
            models.Index(fields=["person", "year"], name="learning_by_person"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "reference", "topic"],
                condition=~Q(reference="") & Q(topic__isnull=False),
                name="record_of_a_topic_once",
            ),
            models.UniqueConstraint(
                fields=["person", "reference"],
                condition=~Q(reference="") & Q(topic__isnull=True),
                name="record_without_topic_once",
            ),
            models.CheckConstraint(condition=Q(hours__gte=0), name="record_has_hours"),
            models.CheckConstraint(condition=Q(ends__gte=F("starts")), name="record_ends_after_start"),
        ]

    def __str__(self) -> str:
        return f"{self.person} {self.course} {self.hours}"


class NationalReport(models.Model):
    """A report of the national portal (公務人員終身學習入口網站) that was read in, to be compared and taken over."""

    office = models.ForeignKey(Office, on_delete=models.CASCADE, related_name="national_reports", verbose_name="人事處")
    name = models.CharField("檔名", max_length=120)
    year = models.PositiveSmallIntegerField("年度")
    encoding = models.CharField("編碼", max_length=20, blank=True)
    rows = models.PositiveIntegerField("列數", default=0)
    done = models.PositiveIntegerField("已處理列數", default=0)
    problem = models.CharField("未能讀取的原因", max_length=300, blank=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name="上傳人"
    )
    made_at = models.DateTimeField("上傳時間", default=timezone.now)
    read_at = models.DateTimeField("讀畢時間", null=True, blank=True)
    taken_at = models.DateTimeField("匯入時間", null=True, blank=True)

    objects = ReportQuerySet.as_manager()

    class Meta:
        verbose_name = "入口網站報表"
        verbose_name_plural = "入口網站報表"
        ordering = ["-made_at", "-pk"]

    def __str__(self) -> str:
        return self.name


class NationalRow(models.Model):
    """A line of such a report, as read; `person` where exactly one is meant."""

    report = models.ForeignKey(NationalReport, on_delete=models.CASCADE, related_name="lines", verbose_name="報表")
    line = models.PositiveIntegerField("列")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, null=True, related_name="+", verbose_name="人員")
    name = models.CharField("姓名", max_length=50)
    agency_text = models.CharField("機關", max_length=60, blank=True)
    course = models.CharField("課程名稱", max_length=200)
    topic = models.ForeignKey(Topic, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name="課程類別")
    starts = models.DateField("起日", null=True)
    ends = models.DateField("迄日", null=True)
    hours = models.DecimalField("時數", max_digits=6, decimal_places=1, null=True)
    mode = models.CharField("學習方式", max_length=10, choices=Mode, blank=True)
    problem = models.CharField("問題", max_length=200, blank=True)

    class Meta:
        verbose_name = "入口網站報表列"
        verbose_name_plural = "入口網站報表列"
        ordering = ["report", "line"]
        constraints = [models.UniqueConstraint(fields=["report", "line"], name="national_line_once")]

    def __str__(self) -> str:
        return f"{self.report} {self.line}"


class UploadLayout(models.Model):
    """A layout of the national portal's upload: columns in order, encoding, and how many rows a file may have.

    Each column is {"head": 標題, "value": name of a value} or {"head": 標題, "text": fixed text}.
    """

    office = models.ForeignKey(Office, on_delete=models.CASCADE, related_name="upload_layouts", verbose_name="人事處")
    name = models.CharField("名稱", max_length=60)
    columns = models.JSONField("欄位")
    encoding = models.CharField("編碼", max_length=20, default="big5")
    rows = models.PositiveSmallIntegerField("每檔列數上限", default=3000, validators=[MinValueValidator(1)])

    objects = OfOfficeQuerySet.as_manager()

    class Meta:
        verbose_name = "上傳格式"
        verbose_name_plural = "上傳格式"
        ordering = ["office", "pk"]
        constraints = [models.UniqueConstraint(fields=["office", "name"], name="layout_once_an_office")]

    def __str__(self) -> str:
        return self.name
