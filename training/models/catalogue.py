"""The catalogue of a training plan: colleges, programmes, courses; what agencies need; the rules of the year."""

from typing import TYPE_CHECKING

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from districts.models import Agency, Plan
from districts.querysets import NumberedQuerySet, OfPlanQuerySet
from training.choices import Form, Granting, Leave, Mode
from training.querysets import CourseQuerySet, NeedQuerySet, ProgrammeQuerySet

if TYPE_CHECKING:
    from datetime import date


def every_leave() -> list[str]:
    """All absence counts, whatever the leave (陸、七)."""
    return [leave.value for leave in Leave]


NO_SUBSIDY = "依本府95年7月20日府人二字第0950102787號函，自民國96年1月1日起，進修費用不再補助。"


class TrainingRule(models.Model):
    """What a plan says about absence, waiting lists and study leave (陸、七; 柒、三–四).

    Attributes:
        absence_part, absence_whole: from which share of absence on no hours are granted, that share included.
        counted_leaves: the kinds of leave that count as absence.
        offer_hours: how long an offered place is kept.
        quota_part, quota_whole, quota_minimum: the share of the staff that may begin to study in a year.
        weekly_hours: official leave a person a week, Monday to Sunday.
        subsidy: what agencies that do not decide for themselves are told of subsidies (柒、六、(二)).
    """

    plan = models.OneToOneField(Plan, on_delete=models.CASCADE, related_name="training_rule", verbose_name="計畫")
    absence_part = models.PositiveSmallIntegerField("缺課上限（分子）", default=1)
    absence_whole = models.PositiveSmallIntegerField("缺課上限（分母）", default=3)
    granting = models.CharField("未達上限者", max_length=10, choices=Granting, default=Granting.FULL)
    counted_leaves = models.JSONField("計入缺課之假別", default=every_leave)
    offer_hours = models.PositiveSmallIntegerField(
        "遞補通知保留（小時）", default=48, validators=[MinValueValidator(1)]
    )
    quota_part = models.PositiveSmallIntegerField("進修名額比例（分子）", default=1)
    quota_whole = models.PositiveSmallIntegerField("進修名額比例（分母）", default=10)
    quota_minimum = models.PositiveSmallIntegerField("進修名額下限", default=1)
    weekly_hours = models.DecimalField(
        "每人每週公假上限（小時）", max_digits=4, decimal_places=1, default=8, validators=[MaxValueValidator(40)]
    )
    subsidy = models.CharField("經費補助（公所、代表會以外）", max_length=200, default=NO_SUBSIDY)

    objects = OfPlanQuerySet.as_manager()

    class Meta:
        verbose_name = "訓練進修規則"
        verbose_name_plural = "訓練進修規則"
        ordering = ["plan"]
        constraints = [
            models.CheckConstraint(
                condition=Q(absence_part__gte=1, absence_part__lte=F("absence_whole")),
                name="absence_limit_is_a_share",
                violation_error_message="缺課上限須大於 0 且不大於 1。",
            ),
            models.CheckConstraint(
                condition=Q(quota_part__gte=0, quota_whole__gte=1, quota_part__lte=F("quota_whole")),
                name="study_quota_is_a_share",
                violation_error_message="進修名額比例須介於 0 與 1 之間。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.plan}規則"

    def clean(self) -> None:
        """Refuse kinds of leave that do not exist."""
        if not isinstance(self.counted_leaves, list) or not set(self.counted_leaves) <= set(Leave.values):
            raise ValidationError({"counted_leaves": "假別不明。"})


class College(models.Model):
    """A training college (學院) of a plan. The courses of some are run by units, who submit them for hours (陸、四、(五)4)."""

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="colleges", verbose_name="計畫")
    order = models.PositiveSmallIntegerField("順序")
    mark = models.CharField("編號", max_length=6, blank=True)
    name = models.CharField("學院", max_length=40)
    run_by_units = models.BooleanField("由業務單位自行辦理", default=False)
    note = models.CharField("說明", max_length=300, blank=True)

    objects = NumberedQuerySet.as_manager()

    class Meta:
        verbose_name = "學院"
        verbose_name_plural = "學院"
        ordering = ["plan", "order"]
        constraints = [models.UniqueConstraint(fields=["plan", "order"], name="college_once_a_plan")]

    def __str__(self) -> str:
        return self.name

    def natural_key(self) -> tuple[str, str, int, str, int]:
        return (*self.plan.natural_key(), self.order)


class Programme(models.Model):
    """A programme (學程) of a college; only some colleges have them."""

    college = models.ForeignKey(College, on_delete=models.CASCADE, related_name="programmes", verbose_name="學院")
    order = models.PositiveSmallIntegerField("順序")
    name = models.CharField("學程", max_length=40)

    objects = ProgrammeQuerySet.as_manager()

    class Meta:
        verbose_name = "學程"
        verbose_name_plural = "學程"
        ordering = ["college", "order"]
        constraints = [models.UniqueConstraint(fields=["college", "order"], name="programme_once_a_college")]

    def __str__(self) -> str:
        return self.name

    def natural_key(self) -> tuple[str, str, int, str, int, int]:
        return (*self.college.natural_key(), self.order)


class Course(models.Model):
    """A course (課程) that a plan names; classes (班別) of it are held.

    Attributes:
        college: none for trainings of other bodies that people are nominated for (薦送參訓).
        is_example: named as an example only (人力發展學院, 薦送參訓).
        is_planned: whether it is held this year; what the survey of needs left out stays in the catalogue.
        after: courses to be taken first.
    """

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="courses", verbose_name="計畫")
    college = models.ForeignKey(
        College, on_delete=models.RESTRICT, null=True, blank=True, related_name="courses", verbose_name="學院"
    )
    programme = models.ForeignKey(
        Programme, on_delete=models.RESTRICT, null=True, blank=True, related_name="courses", verbose_name="學程"
    )
    order = models.PositiveSmallIntegerField("順序")
    name = models.CharField("課程", max_length=100)
    form = models.CharField("辦理方式", max_length=10, choices=Form, default=Form.OWN)
    mode = models.CharField("學習方式", max_length=10, choices=Mode, default=Mode.ON_SITE)
    goals = models.TextField("訓練目標", max_length=1000, blank=True)
    audience = models.CharField("訓練對象", max_length=300, blank=True)
    responsible = models.CharField("主辦單位", max_length=60, blank=True)
    is_example = models.BooleanField("例示課程", default=False)
    is_planned = models.BooleanField("列入年度計畫", default=True)
    after = models.ManyToManyField("self", symmetrical=False, blank=True, verbose_name="先修課程")

    objects = CourseQuerySet.as_manager()

    class Meta:
        verbose_name = "課程"
        verbose_name_plural = "課程"
        ordering = ["plan", "order"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "order"], name="course_once_a_plan"),
            models.CheckConstraint(
                condition=Q(programme__isnull=True) | Q(college__isnull=False), name="programme_of_a_college"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("training:course", args=[self.pk])

    def natural_key(self) -> tuple[str, str, int, str, int]:
        return (*self.plan.natural_key(), self.order)


class PreReading(models.Model):
    """What to read before a course: a recommended online course (陸、三、(三)); it does not bar anybody."""

    course = models.ForeignKey(Course, on_delete=models.CASCADE, related_name="readings", verbose_name="課程")
    title = models.CharField("課前研讀", max_length=100)
    url = models.URLField("網址", max_length=300)

    class Meta:
        verbose_name = "課前研讀"
        verbose_name_plural = "課前研讀"
        ordering = ["course", "pk"]

    def __str__(self) -> str:
        return self.title


class Survey(models.Model):
    """The survey of needs before the year (陸、一、(二))."""

    plan = models.OneToOneField(Plan, on_delete=models.CASCADE, related_name="needs_survey", verbose_name="計畫")
    opens_on = models.DateField("調查起日")
    closes_on = models.DateField("調查迄日")
    note = models.CharField("說明", max_length=300, blank=True)

    objects = OfPlanQuerySet.as_manager()

    class Meta:
        verbose_name = "需求調查"
        verbose_name_plural = "需求調查"
        ordering = ["plan"]
        constraints = [
            models.CheckConstraint(
                condition=Q(closes_on__gte=F("opens_on")),
                name="survey_ends_after_start",
                violation_error_message="調查迄日不得早於起日。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.plan.year}年度訓練需求調查"

    def is_open(self, day: "date") -> bool:
        """Tell whether agencies may answer on the day."""
        return self.opens_on <= day <= self.closes_on


class Need(models.Model):
    """A course that an agency asks for, by rank: one of the catalogue, or a proposed one."""

    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, related_name="needs", verbose_name="調查")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+", verbose_name="機關")
    rank = models.PositiveSmallIntegerField("優先順序", validators=[MinValueValidator(1)])
    course = models.ForeignKey(
        Course, on_delete=models.CASCADE, null=True, blank=True, related_name="needs", verbose_name="課程"
    )
    proposed = models.CharField("建議課程", max_length=100, blank=True)
    people = models.PositiveSmallIntegerField("預估人數", null=True, blank=True)
    why = models.CharField("需求說明", max_length=300, blank=True)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name="填報人"
    )
    entered_at = models.DateTimeField("填報時間", default=timezone.now)

    objects = NeedQuerySet.as_manager()

    class Meta:
        verbose_name = "訓練需求"
        verbose_name_plural = "訓練需求"
        ordering = ["survey", "agency", "rank"]
        constraints = [
            models.UniqueConstraint(fields=["survey", "agency", "rank"], name="need_ranked_once"),
            models.CheckConstraint(
                condition=(Q(course__isnull=False) & Q(proposed="")) | (Q(course__isnull=True) & ~Q(proposed="")),
                name="need_of_one_course",
                violation_error_message="請擇一：目錄課程或建議課程。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agency}：{self.course or self.proposed}"
