"""Classes, their sessions, who registers, who was there, and what they thought of it."""

import secrets
import uuid
from typing import Any, NoReturn

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from districts.models import Agency, Person
from personnel_portal.trail.querysets import AppendOnlyError
from personnel_portal.uploads.models import StoredFile
from training.choices import (
    ACTIVE,
    SEATED,
    ClassState,
    Form,
    HoursState,
    Leave,
    Mode,
    Place,
    Presence,
    QuestionKind,
    every_status,
)
from training.models.catalogue import Course
from training.querysets import (
    AttendanceQuerySet,
    ClassFileQuerySet,
    ClassQuerySet,
    RegistrationEventQuerySet,
    RegistrationQuerySet,
    SessionQuerySet,
)


def check_in_code() -> str:
    """Six digits that the trainer shows in the room."""
    return f"{secrets.randbelow(1_000_000):06d}"


class TrainingClass(models.Model):
    """A class (班別) of a course: when, where, for whom, for how many, and how many hours it is worth.

    `agencies` empty means all; `organiser` is the agency in charge, the office itself for its own classes.
    """

    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="classes", verbose_name="課程")
    number = models.PositiveSmallIntegerField("期別", default=1)
    form = models.CharField("辦理方式", max_length=10, choices=Form, default=Form.OWN)
    mode = models.CharField("學習方式", max_length=10, choices=Mode, default=Mode.ON_SITE)
    state = models.CharField("狀態", max_length=10, choices=ClassState, default=ClassState.DRAFT)
    cancel_reason = models.CharField("停辦原因", max_length=200, blank=True)
    goals = models.TextField("訓練目標", max_length=1000, blank=True)
    audience = models.CharField("訓練對象", max_length=300, blank=True)
    content = models.TextField("課程配當", max_length=2000, blank=True)
    place = models.CharField("地點", max_length=100, blank=True)
    trainers = models.CharField("講座", max_length=200, blank=True)
    organiser = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+", verbose_name="主辦機關")
    responsible = models.CharField("主辦單位", max_length=60, blank=True)
    quota = models.PositiveSmallIntegerField("名額", validators=[MinValueValidator(1)])
    minimum = models.PositiveSmallIntegerField("最低開班人數", default=0)
    hours = models.DecimalField(
        "學習時數", max_digits=5, decimal_places=1, validators=[MinValueValidator(0), MaxValueValidator(999)]
    )
    opens_at = models.DateTimeField("報名開始", null=True, blank=True)
    closes_at = models.DateTimeField("報名截止", null=True, blank=True)
    statuses = models.JSONField("得參加之身分別", default=every_status)
    nominees = models.PositiveSmallIntegerField(
        "每機關薦送人數上限", null=True, blank=True, help_text="僅薦送參訓適用；空白表示不限。"
    )
    agencies = models.ManyToManyField(Agency, blank=True, related_name="+", verbose_name="得參加之機關")
    hours_state = models.CharField("時數核給", max_length=10, choices=HoursState, default=HoursState.OPEN)
    hours_reason = models.CharField("時數退請補正理由", max_length=300, blank=True)
    hours_granted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="核給人",
    )
    hours_granted_at = models.DateTimeField("核給時間", null=True, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name="建立人"
    )
    created_at = models.DateTimeField("建立時間", default=timezone.now)

    objects = ClassQuerySet.as_manager()

    class Meta:
        verbose_name = "班別"
        verbose_name_plural = "班別"
        ordering = ["course", "number"]
        constraints = [
            models.UniqueConstraint(fields=["course", "number"], name="class_numbered_once"),
            models.CheckConstraint(
                condition=Q(quota__gte=1), name="class_has_places", violation_error_message="名額至少 1 人。"
            ),
            models.CheckConstraint(
                condition=Q(minimum__lte=F("quota")),
                name="class_minimum_within_quota",
                violation_error_message="最低開班人數不得大於名額。",
            ),
            models.CheckConstraint(
                condition=Q(opens_at__isnull=True) | Q(closes_at__isnull=True) | Q(closes_at__gt=F("opens_at")),
                name="registration_ends_after_start",
                violation_error_message="報名截止須晚於報名開始。",
            ),
            models.CheckConstraint(
                condition=~Q(state=ClassState.CANCELLED) | ~Q(cancel_reason=""), name="class_cancelled_with_a_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.course.name}第 {self.number} 期"

    def get_absolute_url(self) -> str:
        return reverse("training:training_class", args=[self.pk])


class Session(models.Model):
    """A session (場次) of a class. `minutes` are those of teaching, which absence is measured against."""

    training_class = models.ForeignKey(
        TrainingClass, on_delete=models.CASCADE, related_name="sessions", verbose_name="班別"
    )
    starts = models.DateTimeField("開始")
    ends = models.DateTimeField("結束")
    minutes = models.PositiveSmallIntegerField("上課分鐘", validators=[MinValueValidator(1)])
    title = models.CharField("課目", max_length=100, blank=True)
    place = models.CharField("地點", max_length=100, blank=True)
    code = models.CharField("簽到碼", max_length=6, default=check_in_code, editable=False)

    objects = SessionQuerySet.as_manager()

    class Meta:
        verbose_name = "場次"
        verbose_name_plural = "場次"
        ordering = ["training_class", "starts"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends__gt=F("starts")),
                name="session_ends_after_start",
                violation_error_message="結束須晚於開始。",
            ),
            models.CheckConstraint(
                condition=Q(minutes__gte=1), name="session_has_minutes", violation_error_message="上課分鐘至少 1。"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.training_class} {timezone.localtime(self.starts):%m/%d %H:%M}"


class ClassTopic(models.Model):
    """How many of a class's hours count for a topic; all of them together are the hours of the class."""

    training_class = models.ForeignKey(
        TrainingClass, on_delete=models.CASCADE, related_name="topics", verbose_name="班別"
    )
    topic = models.ForeignKey("training.Topic", on_delete=models.PROTECT, related_name="+", verbose_name="課程類別")
    hours = models.DecimalField("時數", max_digits=5, decimal_places=1)

    class Meta:
        verbose_name = "班別時數類別"
        verbose_name_plural = "班別時數類別"
        ordering = ["training_class", "topic"]
        constraints = [
            models.UniqueConstraint(fields=["training_class", "topic"], name="class_topic_once"),
            models.CheckConstraint(
                condition=Q(hours__gt=0), name="class_topic_has_hours", violation_error_message="時數須大於 0。"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.topic} {self.hours}"


class Registration(models.Model):
    """Somebody's place in a class or in its waiting list.

    Attributes:
        queue: the turn, given once when it is entered; the lower comes first, and nobody's changes.
        seat: the number of the place of those who have one or are offered one. No number is given twice, so that the
            database itself refuses whoever would share a place.
        offered_until: until when an offered place is kept.
        rank, reason: of a nomination (薦送), by its agency.
    """

    training_class = models.ForeignKey(
        TrainingClass, on_delete=models.CASCADE, related_name="registrations", verbose_name="班別"
    )
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="registrations", verbose_name="學員")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+", verbose_name="服務機關")
    place = models.CharField("狀態", max_length=12, choices=Place)
    queue = models.PositiveIntegerField("序號")
    seat = models.PositiveSmallIntegerField("席次", null=True, blank=True)
    offered_until = models.DateTimeField("遞補回復期限", null=True, blank=True)
    rank = models.PositiveSmallIntegerField("薦送順序", null=True, blank=True, validators=[MinValueValidator(1)])
    reason = models.CharField("理由", max_length=300, blank=True)
    registered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name="報名人"
    )
    registered_at = models.DateTimeField("報名時間", default=timezone.now)

    objects = RegistrationQuerySet.as_manager()

    class Meta:
        verbose_name = "報名"
        verbose_name_plural = "報名"
        ordering = ["training_class", "queue"]
        constraints = [
            models.UniqueConstraint(fields=["training_class", "queue"], name="registration_has_its_turn"),
            models.UniqueConstraint(
                fields=["training_class", "person"], condition=Q(place__in=ACTIVE), name="registered_once"
            ),
            models.CheckConstraint(
                condition=~Q(place=Place.OFFERED) | Q(offered_until__isnull=False), name="offer_has_an_end"
            ),
            models.UniqueConstraint(fields=["training_class", "seat"], name="seat_taken_once"),
            models.CheckConstraint(
                condition=Q(place__in=SEATED, seat__isnull=False, seat__gte=1)
                | (~Q(place__in=SEATED) & Q(seat__isnull=True)),
                name="seat_of_the_seated",
            ),
            models.UniqueConstraint(
                fields=["training_class", "agency", "rank"],
                condition=Q(place__in=ACTIVE, rank__isnull=False),
                name="nomination_ranked_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.training_class}：{self.person}"

    def get_absolute_url(self) -> str:
        return reverse("training:registration", args=[self.pk])


class RegistrationEvent(models.Model):
    """One step of a registration; only ever added."""

    registration = models.ForeignKey(Registration, on_delete=models.CASCADE, related_name="events", verbose_name="報名")
    place = models.CharField("成為", max_length=12, choices=Place)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name="經手人"
    )
    at = models.DateTimeField("時間", default=timezone.now)
    reason = models.CharField("說明", max_length=300, blank=True)

    objects = RegistrationEventQuerySet.as_manager()

    class Meta:
        verbose_name = "報名歷程"
        verbose_name_plural = "報名歷程"
        ordering = ["registration", "at", "pk"]

    def __str__(self) -> str:
        return f"{self.registration} {self.get_place_display()}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Insert a new step; an existing one is never saved again."""
        if not self._state.adding:
            raise AppendOnlyError("Steps of a registration are never changed.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise AppendOnlyError("Steps of a registration are never removed.")


class Attendance(models.Model):
    """How somebody was at a session, and how many of its minutes were missed."""

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="attendance", verbose_name="場次")
    registration = models.ForeignKey(
        Registration, on_delete=models.CASCADE, related_name="attendance", verbose_name="報名"
    )
    presence = models.CharField("出席情形", max_length=12, choices=Presence)
    missed = models.PositiveSmallIntegerField("缺課分鐘", default=0)
    leave = models.CharField("假別", max_length=10, choices=Leave, blank=True)
    checked_in_at = models.DateTimeField("簽到時間", null=True, blank=True)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name="登錄人"
    )
    entered_at = models.DateTimeField("登錄時間", default=timezone.now)

    objects = AttendanceQuerySet.as_manager()

    class Meta:
        verbose_name = "出席紀錄"
        verbose_name_plural = "出席紀錄"
        ordering = ["session", "registration"]
        constraints = [
            models.UniqueConstraint(fields=["session", "registration"], name="attendance_once_a_session"),
            models.CheckConstraint(
                condition=~Q(presence=Presence.PRESENT) | Q(missed=0), name="present_misses_nothing"
            ),
            models.CheckConstraint(
                condition=~Q(presence=Presence.LEAVE) | ~Q(leave=""),
                name="leave_has_its_kind",
                violation_error_message="請選擇假別。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.registration} {self.get_presence_display()}"


class ClassFile(models.Model):
    """A file of a class: hand-outs, signed attendance sheets."""

    training_class = models.ForeignKey(
        TrainingClass, on_delete=models.CASCADE, related_name="files", verbose_name="班別"
    )
    stored = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+", verbose_name="檔案")
    is_handout = models.BooleanField("講義（學員可下載）", default=False)

    objects = ClassFileQuerySet.as_manager()

    class Meta:
        verbose_name = "班別檔案"
        verbose_name_plural = "班別檔案"
        ordering = ["training_class", "pk"]
        constraints = [models.UniqueConstraint(fields=["training_class", "stored"], name="class_file_once")]

    def __str__(self) -> str:
        return str(self.stored)


class Question(models.Model):
    """A question of a class's satisfaction questionnaire."""

    training_class = models.ForeignKey(
        TrainingClass, on_delete=models.CASCADE, related_name="questions", verbose_name="班別"
    )
    order = models.PositiveSmallIntegerField("順序")
    text = models.CharField("題目", max_length=200)
    kind = models.CharField("題型", max_length=10, choices=QuestionKind, default=QuestionKind.SCALE)

    class Meta:
        verbose_name = "問卷題目"
        verbose_name_plural = "問卷題目"
        ordering = ["training_class", "order"]
        constraints = [models.UniqueConstraint(fields=["training_class", "order"], name="question_once_a_class")]

    def __str__(self) -> str:
        return self.text


class Answered(models.Model):
    """That somebody has returned the questionnaire; what was answered does not say by whom."""

    registration = models.OneToOneField(
        Registration, on_delete=models.CASCADE, related_name="answered", verbose_name="報名"
    )
    day = models.DateField("填答日")

    class Meta:
        verbose_name = "問卷回收"
        verbose_name_plural = "問卷回收"
        ordering = ["registration"]

    def __str__(self) -> str:
        return str(self.registration)


class Answer(models.Model):
    """An answer to a question, without its person; its key too says nothing of when it was written."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    question = models.ForeignKey(Question, on_delete=models.CASCADE, related_name="answers", verbose_name="題目")
    points = models.PositiveSmallIntegerField("分數", null=True, blank=True)
    text = models.TextField("意見", max_length=1000, blank=True)

    class Meta:
        verbose_name = "問卷回答"
        verbose_name_plural = "問卷回答"
        # By content: the order of writing would tell who answered.
        ordering = ["question", "points", "text"]
        constraints = [
            models.CheckConstraint(
                condition=Q(points__isnull=True) | Q(points__gte=1, points__lte=5), name="answer_of_one_to_five"
            )
        ]

    def __str__(self) -> str:
        return self.text or str(self.points)
