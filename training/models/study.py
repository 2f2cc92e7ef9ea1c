"""Study leave (進修): headcounts, applications, semesters, official leave, and the agencies' yearly rosters."""

from datetime import date

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from districts.models import Agency, Person, Plan
from personnel_portal.rules.weeks import school_year
from personnel_portal.uploads.models import StoredFile
from training.choices import RosterState, Selection, StudyKind, StudyState, StudyTime, Term, Where
from training.querysets import HeadcountQuerySet, RosterQuerySet, StudyQuerySet, StudyRowQuerySet


class Headcount(models.Model):
    """An agency's budgeted staff (編制內預算員額) on 1 January of a year; contract staff is not counted (柒、三)."""

    agency = models.ForeignKey(Agency, on_delete=models.CASCADE, related_name="headcounts", verbose_name="機關")
    year = models.PositiveSmallIntegerField("年度")
    staff = models.PositiveSmallIntegerField("編制內預算員額")

    objects = HeadcountQuerySet.as_manager()

    class Meta:
        verbose_name = "員額"
        verbose_name_plural = "員額"
        ordering = ["agency", "-year"]
        constraints = [models.UniqueConstraint(fields=["agency", "year"], name="headcount_once_a_year")]

    def __str__(self) -> str:
        return f"{self.agency} {self.year}年度 {self.staff} 人"


class Study(models.Model):
    """An application for study leave, and the leave once it is approved.

    Attributes:
        from_year, to_year: 起訖學年度 (August to July).
        weekly_hours: official leave a week that is asked for; only part-office-hours study has it.
        is_head: of the agency's head, whom the superior body decides about (柒、五、(一)).
        approved_year: the plan year whose quota it fills.
        ended_on: the last day of study where it ended before the last day of `to_year`.
    """

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="studies", verbose_name="計畫")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="studies", verbose_name="申請人")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="studies", verbose_name="服務機關")
    kind = models.CharField("進修類別", max_length=10, choices=StudyKind, default=StudyKind.ENROLMENT)
    where = models.CharField("國內外", max_length=10, choices=Where, default=Where.HOME)
    selection = models.CharField("選送或自行申請", max_length=10, choices=Selection, default=Selection.OWN)
    time = models.CharField("進修時間", max_length=10, choices=StudyTime)
    school = models.CharField("學校", max_length=100)
    programme = models.CharField("系所", max_length=100)
    from_year = models.PositiveSmallIntegerField("起學年度")
    to_year = models.PositiveSmallIntegerField("訖學年度")
    weekly_hours = models.DecimalField("每週公假時數", max_digits=4, decimal_places=1, default=0)
    why = models.TextField("與業務關聯", max_length=1000, blank=True)
    is_head = models.BooleanField("機關首長", default=False)
    state = models.CharField("狀態", max_length=10, choices=StudyState, default=StudyState.DRAFT)
    applied_on = models.DateField("申請日", null=True, blank=True)
    reason = models.CharField("理由", max_length=300, blank=True)
    approved_year = models.PositiveSmallIntegerField("核准年度", null=True, blank=True)
    ended_on = models.DateField("提前結束日", null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="核定人",
    )
    decided_at = models.DateTimeField("核定時間", null=True, blank=True)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name="登錄人"
    )
    entered_at = models.DateTimeField("登錄時間", default=timezone.now)

    objects = StudyQuerySet.as_manager()

    class Meta:
        verbose_name = "進修申請"
        verbose_name_plural = "進修申請"
        ordering = ["plan", "agency", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(to_year__gte=F("from_year")),
                name="study_ends_after_start",
                violation_error_message="訖學年度不得早於起學年度。",
            ),
            models.CheckConstraint(
                condition=Q(weekly_hours=0) | Q(time=StudyTime.PART_TIME),
                name="leave_hours_for_part_time_study",
                violation_error_message="僅部分辦公時間進修得核給公假。",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=(StudyState.APPROVED, StudyState.ENDED)) | Q(approved_year__isnull=False),
                name="approved_study_has_its_year",
            ),
            models.CheckConstraint(
                condition=~Q(state=StudyState.REFUSED) | ~Q(reason=""), name="study_refused_with_a_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} {self.school}{self.programme}"

    def get_absolute_url(self) -> str:
        return reverse("training:study", args=[self.pk])

    @property
    def first_day(self) -> date:
        """The first day of the first school year."""
        return school_year(self.from_year)[0]

    @property
    def last_day(self) -> date:
        """The last day of study: that of the last school year, unless it ended before."""
        return self.ended_on or school_year(self.to_year)[1]

    @property
    def years_label(self) -> str:
        """起訖學年度 in words."""
        if self.from_year == self.to_year:
            return f"{self.from_year}學年度"
        return f"{self.from_year}至{self.to_year}學年度"


class StudyFile(models.Model):
    """A file of an application, such as the letter of admission."""

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="files", verbose_name="進修申請")
    stored = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+", verbose_name="檔案")

    objects = StudyRowQuerySet.as_manager()

    class Meta:
        verbose_name = "進修申請附件"
        verbose_name_plural = "進修申請附件"
        ordering = ["study", "pk"]

    def __str__(self) -> str:
        return self.stored.name


class Semester(models.Model):
    """A semester of a study leave: its timetable, due three weeks after it starts, and its grades after it (柒、四–五)."""

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="semesters", verbose_name="進修")
    year = models.PositiveSmallIntegerField("學年度")
    term = models.PositiveSmallIntegerField("學期", choices=Term)
    starts = models.DateField("開學日")
    ends = models.DateField("學期結束日")
    timetable = models.ForeignKey(
        StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="課表"
    )
    timetable_on = models.DateField("課表送達日", null=True, blank=True)
    grades = models.ForeignKey(
        StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="成績單"
    )
    grades_on = models.DateField("成績送達日", null=True, blank=True)
    credits = models.DecimalField("學分", max_digits=4, decimal_places=1, null=True, blank=True)
    hours = models.DecimalField(
        "登錄學習時數", max_digits=5, decimal_places=1, null=True, blank=True, validators=[MinValueValidator(0)]
    )

    objects = StudyRowQuerySet.as_manager()

    class Meta:
        verbose_name = "學期"
        verbose_name_plural = "學期"
        ordering = ["study", "year", "term"]
        constraints = [
            models.UniqueConstraint(fields=["study", "year", "term"], name="semester_once_a_study"),
            models.CheckConstraint(
                condition=Q(ends__gt=F("starts")),
                name="semester_ends_after_start",
                violation_error_message="學期結束日須晚於開學日。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.study} {self.label}"

    def get_absolute_url(self) -> str:
        return reverse("training:semester", args=[self.pk])

    @property
    def label(self) -> str:
        return f"{self.year}學年度{self.get_term_display()}"

    @property
    def reference(self) -> str:
        """What the learning record of the semester refers to."""
        return f"training.semester-{self.pk}"


class StudyLeave(models.Model):
    """Official leave (公假) on a day; at most so many hours a person a week over all approvals (柒、四)."""

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="leaves", verbose_name="進修")
    day = models.DateField("日期")
    hours = models.DecimalField("時數", max_digits=3, decimal_places=1)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name="登錄人"
    )

    objects = StudyRowQuerySet.as_manager()

    class Meta:
        verbose_name = "進修公假"
        verbose_name_plural = "進修公假"
        ordering = ["study", "day"]
        constraints = [
            models.UniqueConstraint(fields=["study", "day"], name="study_leave_once_a_day"),
            models.CheckConstraint(
                condition=Q(hours__gt=0, hours__lte=8),
                name="study_leave_of_a_day",
                violation_error_message="每日公假時數須大於 0 且不逾 8 小時。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.study} {self.day} {self.hours} 小時"


class StudyRoster(models.Model):
    """An agency's roster of the year's study leaves, due to the office by 9/30 for 備查 (柒、五、(二)).

    `lines` are the leaves as they stood when it was submitted; 「無」 is an answer.
    """

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="study_rosters", verbose_name="計畫")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="study_rosters", verbose_name="機關")
    state = models.CharField("狀態", max_length=10, choices=RosterState, default=RosterState.DRAFT)
    lines = models.JSONField("名冊", default=list, editable=False)
    reason = models.CharField("退請補正理由", max_length=300, blank=True)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="報送人",
    )
    submitted_at = models.DateTimeField("報送時間", null=True, blank=True)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="備查人",
    )
    accepted_at = models.DateTimeField("備查時間", null=True, blank=True)

    objects = RosterQuerySet.as_manager()

    class Meta:
        verbose_name = "進修名冊"
        verbose_name_plural = "進修名冊"
        ordering = ["plan", "agency"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "agency"], name="study_roster_once_a_year"),
            models.CheckConstraint(
                condition=~Q(state=RosterState.RETURNED) | ~Q(reason=""), name="study_roster_returned_with_a_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agency}{self.plan.year}年度進修名冊"

    def get_absolute_url(self) -> str:
        return reverse("training:study_roster", args=[self.pk])
