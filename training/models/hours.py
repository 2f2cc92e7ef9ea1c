"""Learning hours: topics, what a year asks of whom, records, the national portal's report and its upload layouts."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from districts.models import Agency, Office, Person
from districts.querysets import OfOfficeQuerySet
from training.choices import Encoding, Mode, Origin, Outcome, UploadValue, every_status
from training.querysets import (
    RecordQuerySet,
    ReportQuerySet,
    ReportRowQuerySet,
    RequirementQuerySet,
    RequirementSetQuerySet,
    TopicQuerySet,
)

# By what a record refers to: the page that shows it.
_SOURCES = {"training.trainingclass": "training:training_class", "training.semester": "training:semester"}


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
    """Hours that one topic asks for, or several topics together (其餘四類合計 4).

    `digital` counts online hours alone; without topics those of any topic (數位學習 5 小時).
    """

    requirement_set = models.ForeignKey(
        RequirementSet, on_delete=models.CASCADE, related_name="requirements", verbose_name="時數規定"
    )
    order = models.PositiveSmallIntegerField("順序", default=0)
    name = models.CharField("項目", max_length=60)
    hours = models.DecimalField("時數", max_digits=5, decimal_places=1)
    topics = models.ManyToManyField(
        Topic, blank=True, related_name="+", verbose_name="課程類別", help_text="不選表示不限類別。"
    )
    digital = models.BooleanField("限數位學習", default=False)

    objects = RequirementQuerySet.as_manager()

    class Meta:
        verbose_name = "必須完成項目"
        verbose_name_plural = "必須完成項目"
        ordering = ["requirement_set", "order", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["requirement_set", "name"], name="requirement_once_a_set"),
            models.CheckConstraint(
                condition=Q(hours__gt=0), name="requirement_asks_hours", violation_error_message="時數須大於 0。"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.hours}"

    def natural_key(self) -> tuple[Any, ...]:
        return (*self.requirement_set.natural_key(), self.name)


class LearningRecord(models.Model):
    """Hours that somebody has for a topic: from a class, from study leave, from the national portal, or entered.

    Attributes:
        year: the ROC year that the hours count for.
        digital_hours: how many of the hours were learned online; empty where the mode says it: all or none of them.
        in_portal: the national portal has it too, as a report of it showed.
        upload: the upload that it went out with.
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
    digital_hours = models.DecimalField(
        "其中數位時數", max_digits=5, decimal_places=1, null=True, blank=True, validators=[MinValueValidator(0)]
    )
    mode = models.CharField("學習方式", max_length=10, choices=Mode, default=Mode.ON_SITE)
    origin = models.CharField("來源", max_length=10, choices=Origin)
    reference = models.CharField("來源紀錄", max_length=60, blank=True, help_text="如 training.trainingclass-12。")
    note = models.CharField("證明文件", max_length=100, blank=True)
    in_portal = models.BooleanField("入口網站已有", default=False)
    upload = models.ForeignKey(
        "training.Upload",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="records",
        verbose_name="上傳檔",
    )

    objects = RecordQuerySet.as_manager()

    class Meta:
        verbose_name = "學習紀錄"
        verbose_name_plural = "學習紀錄"
        ordering = ["person", "-starts", "pk"]
        indexes = [
            models.Index(fields=["year", "agency"], name="learning_by_agency"),
            models.Index(fields=["person", "year"], name="learning_by_person"),
            # Almost all has been imported from the national portal: what waits for an upload is counted without it.
            models.Index(
                fields=["agency"],
                condition=Q(upload__isnull=True, in_portal=False) & ~Q(origin=Origin.IMPORT),
                name="learning_not_uploaded",
            ),
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
            models.CheckConstraint(
                condition=Q(ends__gte=F("starts")),
                name="record_ends_after_start",
                violation_error_message="迄日不得早於起日。",
            ),
            models.CheckConstraint(
                condition=Q(digital_hours__isnull=True) | Q(digital_hours__gte=0, digital_hours__lte=F("hours")),
                name="record_digital_within_hours",
                violation_error_message="數位時數不得大於時數。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} {self.course} {self.hours}"

    @property
    def source_url(self) -> str:
        """The page of the class or semester that the hours come from, empty for others."""
        kind, _, key = self.reference.partition("-")
        return reverse(_SOURCES[kind], args=[key]) if kind in _SOURCES and key.isdecimal() else ""


class NationalReport(models.Model):
    """A report of the national portal (公務人員終身學習入口網站) that was read in, to be compared and taken over.

    Attributes:
        content: the file while it waits to be read; nothing of it is kept but the lines' columns.
        done: how many of the rows are compared.
    """

    office = models.ForeignKey(Office, on_delete=models.CASCADE, related_name="national_reports", verbose_name="人事處")
    name = models.CharField("檔名", max_length=120)
    year = models.PositiveSmallIntegerField("年度")
    content = models.BinaryField("待讀取的檔案", null=True, editable=False)
    rows = models.PositiveIntegerField("列數", default=0)
    done = models.PositiveIntegerField("已處理列數", default=0)
    problem = models.CharField("未能讀取的原因", max_length=300, blank=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name="上傳人"
    )
    made_at = models.DateTimeField("上傳時間", default=timezone.now)
    claimed_at = models.DateTimeField("開始讀取時間", null=True, blank=True)
    read_at = models.DateTimeField("讀畢時間", null=True, blank=True)
    taken_at = models.DateTimeField("匯入時間", null=True, blank=True)
    agencies = models.ManyToManyField(Agency, related_name="+", verbose_name="報表所列機關")

    objects = ReportQuerySet.as_manager()

    class Meta:
        verbose_name = "入口網站報表"
        verbose_name_plural = "入口網站報表"
        ordering = ["-made_at", "-pk"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("training:report", args=[self.pk])


class NationalRow(models.Model):
    """A line of such a report, as read.

    Attributes:
        person: the one who is meant, where it is exactly one; `agency` likewise.
        record: what it was found beside here.
        problem: why it cannot be compared, or in what it differs.
    """

    report = models.ForeignKey(NationalReport, on_delete=models.CASCADE, related_name="lines", verbose_name="報表")
    line = models.PositiveIntegerField("列")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, null=True, related_name="+", verbose_name="人員")
    name = models.CharField("姓名", max_length=50)
    agency_text = models.CharField("機關", max_length=60, blank=True)
    agency = models.ForeignKey(Agency, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name="服務機關")
    course = models.CharField("課程名稱", max_length=200)
    topic = models.ForeignKey(Topic, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name="課程類別")
    starts = models.DateField("起日", null=True)
    ends = models.DateField("迄日", null=True)
    hours = models.DecimalField("時數", max_digits=5, decimal_places=1, null=True)
    digital_hours = models.DecimalField("其中數位時數", max_digits=5, decimal_places=1, null=True)
    mode = models.CharField("學習方式", max_length=10, choices=Mode, blank=True)
    outcome = models.CharField("比對結果", max_length=10, choices=Outcome, default=Outcome.PROBLEM)
    record = models.ForeignKey(
        LearningRecord, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name="學習紀錄"
    )
    problem = models.CharField("說明", max_length=200, blank=True)

    objects = ReportRowQuerySet.as_manager()

    class Meta:
        verbose_name = "入口網站報表列"
        verbose_name_plural = "入口網站報表列"
        ordering = ["report", "line"]
        constraints = [models.UniqueConstraint(fields=["report", "line"], name="national_line_once")]
        indexes = [models.Index(fields=["report", "outcome"], name="national_lines_by_outcome")]

    def __str__(self) -> str:
        return f"{self.report} {self.line}"


class UploadLayout(models.Model):
    """A layout of the national portal's upload: columns in order, encoding, and how many rows a file may have.

    Each column is {"head": 標題, "value": one of `UploadValue`} or {"head": 標題, "text": fixed text}; a value may have a
    "default" for rows that lack it. A head that begins with * is required.
    """

    office = models.ForeignKey(Office, on_delete=models.CASCADE, related_name="upload_layouts", verbose_name="人事處")
    name = models.CharField("名稱", max_length=60)
    columns = models.JSONField(
        "欄位",
        help_text='依序各欄：{"head": 標題, "value": 資料項} 或 {"head": 標題, "text": 固定文字}；標題前加 * 為必填。',
    )
    encoding = models.CharField("編碼", max_length=20, choices=Encoding, default=Encoding.BIG5)
    rows = models.PositiveSmallIntegerField("每檔列數上限", default=3000, validators=[MinValueValidator(1)])

    objects = OfOfficeQuerySet.as_manager()

    class Meta:
        verbose_name = "上傳格式"
        verbose_name_plural = "上傳格式"
        ordering = ["office", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["office", "name"], name="layout_once_an_office"),
            models.CheckConstraint(condition=Q(rows__gte=1), name="layout_has_rows"),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Refuse columns that cannot be written."""
        if problem := _column_problem(self.columns, self.encoding):
            raise ValidationError({"columns": problem})


def _column_problem(columns: object, encoding: str) -> str:
    if not isinstance(columns, list) or not columns:
        return "請填各欄位的清單。"
    known = "、".join(UploadValue.values)
    for number, column in enumerate(columns, start=1):
        if not isinstance(column, dict) or not all(isinstance(each, str) for each in column.values()):
            return f'第 {number} 欄須為標題與資料項的文字，如 {{"head": "*姓名", "value": "name"}}。'
        if not column.get("head") or ("value" in column) == ("text" in column):
            return f"第 {number} 欄須有標題（head），並擇一填資料項（value）或固定文字（text）。"
        if unknown := column.keys() - {"head", "value", "text", "default"}:
            return f"第 {number} 欄有不明的設定「{min(unknown)}」。"
        if "value" in column and column["value"] not in UploadValue:
            return f"第 {number} 欄的資料項「{column['value']}」不明，可用：{known}。"
        if any(not _can_hold(text, encoding) for text in column.values()):
            return f"第 {number} 欄含有 {Encoding(encoding).label} 沒有的字。"
    heads = [column["head"] for column in columns]
    twice = next((head for head in heads if heads.count(head) > 1), "")
    return f"標題「{twice}」重複。" if twice else ""


def _can_hold(text: str, encoding: str) -> bool:
    try:
        text.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return True


class Upload(models.Model):
    """An upload that was written: which layout, how many records of how many people. ID numbers are never kept.

    Taken back (`withdrawn_at`), its records count as not uploaded again.
    """

    office = models.ForeignKey(Office, on_delete=models.CASCADE, related_name="uploads", verbose_name="人事處")
    layout = models.ForeignKey(UploadLayout, on_delete=models.PROTECT, related_name="+", verbose_name="上傳格式")
    scope = models.CharField("範圍", max_length=200)
    rows = models.PositiveIntegerField("筆數")
    files = models.PositiveSmallIntegerField("檔數")
    left_out = models.PositiveIntegerField("未匯出筆數", default=0)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name="匯出人"
    )
    made_at = models.DateTimeField("匯出時間", default=timezone.now)
    withdrawn_at = models.DateTimeField("取消註記時間", null=True, blank=True)

    objects = ReportQuerySet.as_manager()

    class Meta:
        verbose_name = "上傳檔"
        verbose_name_plural = "上傳檔"
        ordering = ["-made_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.scope} {self.rows} 筆"
