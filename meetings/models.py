"""Meetings, who is invited, what is on the agenda, and the minutes with every version of their files."""

from datetime import date

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from districts.models import Agency, District, Plan
from meetings.choices import (
    LOCKED,
    AttendanceState,
    FileRole,
    MeetingKind,
    MeetingState,
    MinutesState,
    Section,
)
from meetings.querysets import MeetingQuerySet, MinutesFileManager, MinutesQuerySet
from personnel_portal.uploads.models import StoredFile


class Meeting(models.Model):
    """A liaison meeting (聯繫會報) of a district.

    The convener is the plan's; the chair (主席) of the meeting is a field of its own and is the convener unless
    somebody else presides (000-07).
    """

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="meetings", verbose_name="計畫")
    district = models.ForeignKey(District, on_delete=models.PROTECT, related_name="meetings", verbose_name="分區")
    kind = models.CharField("種類", max_length=1, choices=MeetingKind)
    number = models.PositiveSmallIntegerField("次別")
    starts_at = models.DateTimeField("開會時間")
    ends_at = models.DateTimeField("散會時間", null=True, blank=True)
    place = models.CharField("地點", max_length=100)
    chair = models.CharField("主席", max_length=50, default="處長")
    recorder = models.CharField("紀錄人員", max_length=50, blank=True)
    contact = models.CharField("聯絡人及電話", max_length=60, blank=True)
    observers = models.CharField("列席人員", max_length=200, blank=True)
    call_number = models.CharField("開會通知文號", max_length=60, blank=True)
    call_date = models.DateField("開會通知日期", null=True, blank=True)
    state = models.CharField("狀態", max_length=10, choices=MeetingState, default=MeetingState.PLANNED)
    cancel_reason = models.CharField("取消原因", max_length=200, blank=True)
    opening = models.TextField("主席致詞", blank=True)
    check_in_code = models.CharField("報到碼", max_length=8, blank=True)
    sequence = models.PositiveIntegerField("通知版次", default=0, help_text="每次異動加一，供行事曆更新。")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, verbose_name="建立人")
    created_at = models.DateTimeField("建立時間", auto_now_add=True)

    objects = MeetingQuerySet.as_manager()

    class Meta:
        verbose_name = "會議"
        verbose_name_plural = "會議"
        ordering = ["-starts_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["district", "kind", "number"], name="meeting_numbered_once"),
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(ends_at__gte=F("starts_at")),
                name="meeting_ends_after_start",
                violation_error_message="散會時間不得早於開會時間。",
            ),
            models.CheckConstraint(
                condition=~Q(state=MeetingState.CANCELLED) | ~Q(cancel_reason=""), name="cancelled_with_a_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.district.name}第 {self.number} 次{self.get_kind_display()}"

    def get_absolute_url(self) -> str:
        return reverse("meetings:detail", kwargs={"pk": self.pk})

    @property
    def day(self) -> date:
        """The day of the meeting in the office's time."""
        return timezone.localtime(self.starts_at).date()

    @property
    def is_past(self) -> bool:
        return self.starts_at <= timezone.now()


class _OfMeeting(models.Model):
    """A part of a meeting, which stays as it is once the minutes are accepted."""

    meeting_id: int

    class Meta:
        abstract = True

    def clean(self) -> None:
        """Refuse what belongs to a locked meeting, from a form or a sheet alike."""
        meeting = Meeting.objects.filter(pk=self.meeting_id).select_related("minutes").first()
        if meeting and meeting.minutes.state == MinutesState.ACCEPTED:
            raise ValidationError(LOCKED)


class Invitation(_OfMeeting):
    """An invited agency as it was when the call went out, and how it attended."""

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="invitations", verbose_name="會議")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="invitations", verbose_name="機關")
    is_coached = models.BooleanField("輔導區兼任(辦)", default=False)
    order = models.PositiveSmallIntegerField("順序", default=0)
    attendance = models.CharField(
        "出席情形", max_length=10, choices=AttendanceState, default=AttendanceState.UNKNOWN, blank=True
    )
    attendee = models.CharField("出席人員", max_length=50, blank=True, help_text="代理出席時填代理人姓名。")
    checked_in_at = models.DateTimeField("報到時間", null=True, blank=True)

    class Meta:
        verbose_name = "出席單位"
        verbose_name_plural = "出席單位"
        ordering = ["meeting", "order", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["meeting", "agency"], name="agency_invited_once"),
            models.CheckConstraint(
                condition=~Q(attendance=AttendanceState.BY_DEPUTY) | ~Q(attendee=""), name="deputy_is_named"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agency} {self.get_attendance_display()}"


class AgendaItem(_OfMeeting):
    """An item of the agenda, and what was resolved: 案由, 說明, 辦法, 決議 (報告事項: 決定)."""

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="agenda", verbose_name="會議")
    section = models.CharField("類別", max_length=10, choices=Section, default=Section.DISCUSSION)
    order = models.PositiveSmallIntegerField("順序", default=0)
    subject = models.CharField("案由", max_length=300)
    proposer = models.CharField("提案單位", max_length=100, blank=True)
    explanation = models.TextField("說明", blank=True)
    remedy = models.TextField("辦法", blank=True)
    resolution = models.TextField("決議", blank=True)

    class Meta:
        verbose_name = "議程項目"
        verbose_name_plural = "議程項目"
        ordering = ["meeting", "section", "order", "pk"]

    def __str__(self) -> str:
        return self.subject


class Minutes(models.Model):
    """The minutes (會議紀錄) of a meeting on their way to 備查; every meeting has one row from the start."""

    meeting = models.OneToOneField(Meeting, on_delete=models.CASCADE, related_name="minutes", verbose_name="會議")
    state = models.CharField("狀態", max_length=10, choices=MinutesState, default=MinutesState.UNFILED)
    submitted_at = models.DateTimeField("最近報送時間", null=True, blank=True)
    decided_at = models.DateTimeField("備查或退請補正時間", null=True, blank=True)
    reason = models.TextField("退請補正或重啟理由", blank=True)
    circulated_at = models.DateTimeField("通函時間", null=True, blank=True)

    objects = MinutesQuerySet.as_manager()

    class Meta:
        verbose_name = "會議紀錄"
        verbose_name_plural = "會議紀錄"
        ordering = ["-meeting__starts_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state=MinutesState.RETURNED) | ~Q(reason=""), name="returned_with_a_reason"
            ),
            models.CheckConstraint(
                condition=Q(state=MinutesState.UNFILED) | Q(submitted_at__isnull=False),
                name="filed_minutes_have_a_date",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.meeting}紀錄"

    def get_absolute_url(self) -> str:
        return self.meeting.get_absolute_url()


class MinutesVersion(models.Model):
    """One version of the files. The open one (not yet submitted) collects uploads; a submitted one never changes."""

    minutes = models.ForeignKey(Minutes, on_delete=models.CASCADE, related_name="versions", verbose_name="會議紀錄")
    number = models.PositiveSmallIntegerField("版次")
    note = models.CharField("報送說明", max_length=300, blank=True)
    submitted_at = models.DateTimeField("報送時間", null=True, blank=True)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name="報送人"
    )
    accepted_at = models.DateTimeField("備查時間", null=True, blank=True)
    findings = models.JSONField("文字預檢", null=True, blank=True, editable=False)

    class Meta:
        verbose_name = "會議紀錄版本"
        verbose_name_plural = "會議紀錄版本"
        ordering = ["minutes", "number"]
        constraints = [
            models.UniqueConstraint(fields=["minutes", "number"], name="minutes_version_once"),
            models.UniqueConstraint(
                fields=["minutes"], condition=Q(submitted_at__isnull=True), name="minutes_one_open_version"
            ),
            models.CheckConstraint(
                condition=Q(accepted_at__isnull=True) | Q(submitted_at__isnull=False), name="accepted_after_submission"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.minutes}第 {self.number} 版"


class MinutesFile(models.Model):
    """A file of a version."""

    version = models.ForeignKey(MinutesVersion, on_delete=models.CASCADE, related_name="files", verbose_name="版本")
    stored = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+", verbose_name="檔案")
    role = models.CharField("性質", max_length=10, choices=FileRole, default=FileRole.MINUTES)
    words = models.TextField("文字內容", null=True, editable=False, help_text="預檢時讀出；空白表示沒有文字。")

    objects = MinutesFileManager()

    class Meta:
        verbose_name = "會議紀錄檔案"
        verbose_name_plural = "會議紀錄檔案"
        ordering = ["version", "role", "pk"]

    def __str__(self) -> str:
        return str(self.stored)
