"""Plans as data: versions, deadlines, chosen readings, districts, and dated memberships."""

import calendar
from contextlib import suppress
from importlib import import_module
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q

from districts.choices import Holiday, PlanKind, VersionKind
from districts.constraints import NoOverlap
from districts.models.agencies import Agency, Office, Township
from districts.querysets import DistrictQuerySet, MembershipQuerySet, PlanQuerySet
from personnel_portal.rules.worktime import Policy

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date


LONGEST_OFFSET = 365  # days


def default_offsets() -> list[int]:
    """Days before the effective date on which a reminder goes out; 0 is the day itself."""
    return [30, 14, 7, 1, 0]


def validate_offsets(value: object) -> None:
    """Refuse what is no list of days from 0 to a year."""
    if not isinstance(value, list) or not all(type(days) is int and 0 <= days <= LONGEST_OFFSET for days in value):
        raise ValidationError(f"請填 0 到 {LONGEST_OFFSET} 的整數日數，如 {default_offsets()}。")


class Plan(models.Model):
    """A plan of one kind and year. Everything a year changes hangs on it as rows: clone it, edit the rows."""

    office = models.ForeignKey(Office, on_delete=models.PROTECT, related_name="plans", verbose_name="人事處")
    kind = models.CharField("種類", max_length=10, choices=PlanKind)
    year = models.PositiveSmallIntegerField("年度", help_text="民國年度，如 113。")
    title = models.CharField("計畫名稱", max_length=100)
    issuing_body = models.CharField("訂定機關", max_length=60)
    starts = models.DateField("期間起日")
    ends = models.DateField("期間迄日")
    budget_label = models.CharField("經費來源", max_length=100, blank=True)
    convener = models.CharField("召集人", max_length=30, default="處長")
    reminder_offsets = models.JSONField(
        "期限前幾日提醒", default=default_offsets, validators=[validate_offsets], help_text="如 [30, 14, 7, 1, 0]。"
    )
    overdue_every = models.PositiveSmallIntegerField("逾期後每幾日提醒", default=7)
    note = models.TextField("備註", blank=True)
    cloned_from = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="clones", verbose_name="複製自"
    )

    objects = PlanQuerySet.as_manager()

    class Meta:
        verbose_name = "計畫"
        verbose_name_plural = "計畫"
        ordering = ["office", "kind", "-year"]
        constraints = [
            models.UniqueConstraint(fields=["office", "kind", "year", "issuing_body"], name="plan_once_a_year"),
            models.CheckConstraint(
                condition=Q(ends__gte=F("starts")),
                name="plan_ends_after_start",
                violation_error_message="期間迄日不得早於起日。",
            ),
            models.CheckConstraint(
                condition=Q(overdue_every__gte=1),
                name="plan_reminds_after_days",
                violation_error_message="逾期後提醒的間隔至少 1 日。",
            ),
        ]

    def __str__(self) -> str:
        kind = self.get_kind_display().removeprefix("年度").removesuffix("計畫")
        return f"{self.year}年度{kind}計畫"

    def natural_key(self) -> tuple[str, str, int, str]:
        return (self.office.code, self.kind, self.year, self.issuing_body)

    def covers(self, day: "date") -> bool:
        """Tell whether the day lies in the period; both ends are included (000-05)."""
        return self.starts <= day <= self.ends

    def nearest(self, day: "date") -> "date":
        """Return the day, or the end of the period that is nearest to it."""
        return min(max(day, self.starts), self.ends)


class PlanVersion(models.Model):
    """A letter that approved or amended the plan."""

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="versions", verbose_name="計畫")
    kind = models.CharField("核定／修正", max_length=10, choices=VersionKind)
    number = models.CharField("文號", max_length=60)
    issued_on = models.DateField("日期")
    note = models.CharField("備註", max_length=200, blank=True)

    class Meta:
        verbose_name = "計畫版本"
        verbose_name_plural = "計畫版本"
        ordering = ["plan", "issued_on", "pk"]
        constraints = [models.UniqueConstraint(fields=["plan", "number"], name="plan_version_once")]

    def __str__(self) -> str:
        return f"{self.number}{self.get_kind_display()}"


class Deadline(models.Model):
    """By when the plan asks for something: a fixed day, a day of each month, or days after an event.

    All three empty means that the plan states none: the duty shows the days since it arose and is never late.
    """

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="deadlines", verbose_name="計畫")
    duty = models.CharField("應辦事項代碼", max_length=40)
    title = models.CharField("應辦事項", max_length=60)
    clause = models.CharField("條次", max_length=30)
    nominal = models.DateField("期限", null=True, blank=True)
    month_day = models.PositiveSmallIntegerField("每月幾日", null=True, blank=True)
    days_after = models.PositiveSmallIntegerField("事後幾日內", null=True, blank=True)
    policy = models.CharField("遇休假日", max_length=10, choices=Holiday, default=Holiday.NEXT)
    hour = models.TimeField("截止時刻", null=True, blank=True)
    note = models.CharField("說明", max_length=300, blank=True)

    class Meta:
        verbose_name = "期限"
        verbose_name_plural = "期限"
        ordering = ["plan", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "duty"], name="deadline_once_a_duty"),
            models.CheckConstraint(
                condition=Q(month_day__isnull=True) | Q(month_day__gte=1, month_day__lte=31),
                name="deadline_day_of_a_month",
                violation_error_message="每月幾日請填 1 到 31。",
            ),
            models.CheckConstraint(
                condition=Q(nominal__isnull=True, month_day__isnull=True)
                | Q(nominal__isnull=True, days_after__isnull=True)
                | Q(month_day__isnull=True, days_after__isnull=True),
                name="deadline_counted_one_way",
                violation_error_message="固定期限、每月幾日、事後幾日內只能擇一填寫；都不填表示計畫未定期限。",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def holiday_policy(self) -> Policy:
        return Policy(self.policy)

    def day_in(self, month: "date") -> "date | None":
        """Return the day of each month in the month of a day (31 is the last of a shorter one); None when there is none."""
        if self.month_day is None:
            return None
        last = calendar.monthrange(month.year, month.month)[1]
        return month.replace(day=min(self.month_day, last))


class Reading(models.Model):
    """A chosen reading of an unclear clause: a dated setting of the plan, shown beside the clause."""

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="readings", verbose_name="計畫")
    key = models.SlugField("代碼", max_length=60)
    clause = models.CharField("條次", max_length=30)
    question = models.CharField("疑義", max_length=200)
    value = models.JSONField("採用")
    chosen = models.CharField("採用解釋", max_length=200)
    alternative = models.CharField("其他解釋", max_length=200, blank=True)
    reason = models.CharField("理由", max_length=300, blank=True)
    confirmed_on = models.DateField("人事處確認日期", null=True, blank=True)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, verbose_name="確認人"
    )

    class Meta:
        verbose_name = "條文解釋"
        verbose_name_plural = "條文解釋"
        ordering = ["plan", "pk"]
        constraints = [models.UniqueConstraint(fields=["plan", "key"], name="reading_once_a_question")]

    def __str__(self) -> str:
        return self.question

    def clean(self) -> None:
        """Refuse a value that no app can compute with; districts knows no app above it."""
        for name in settings.READING_PARTS:
            import_module(name).refuse_unknown(self)

    @property
    def effect(self) -> str:
        """What the value does to what is computed, or that it does nothing; empty where no app computes with it."""
        return "".join(import_module(name).effect(self) for name in settings.READING_PARTS)


class District(models.Model):
    """A district (分區) of a plan."""

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="districts", verbose_name="計畫")
    name = models.CharField("名稱", max_length=20)
    order = models.PositiveSmallIntegerField("順序", default=0)

    objects = DistrictQuerySet.as_manager()

    class Meta:
        verbose_name = "分區"
        verbose_name_plural = "分區"
        ordering = ["plan", "order", "pk"]
        constraints = [models.UniqueConstraint(fields=["plan", "name"], name="district_once_a_plan")]

    def __str__(self) -> str:
        return self.name

    def natural_key(self) -> tuple[str, str, int, str, str]:
        return (*self.plan.natural_key(), self.name)

    def host_on(self, day: "date") -> Agency | None:
        """Return the host (承辦單位) of the day."""
        membership = self.memberships.hosting(day).select_related("agency").order_by("-since").first()
        return membership.agency if membership else None


class DistrictAreaQuerySet(models.QuerySet["DistrictArea"]):
    def get_by_natural_key(self, office: str, kind: str, year: int, body: str, name: str, label: str) -> "DistrictArea":
        district = District.objects.get_by_natural_key(office, kind, year, body, name)
        return self.get(district=district, label=label)


class DistrictArea(models.Model):
    """A group of the plan's table: a township, or a listed place that is none, such as 嘉義市（公車處）."""

    district = models.ForeignKey(District, on_delete=models.CASCADE, related_name="areas", verbose_name="分區")
    label = models.CharField("計畫所列", max_length=20)
    township = models.ForeignKey(Township, on_delete=models.PROTECT, null=True, blank=True, verbose_name="鄉鎮市")
    order = models.PositiveSmallIntegerField("順序", default=0)

    objects = DistrictAreaQuerySet.as_manager()

    class Meta:
        verbose_name = "分區範圍"
        verbose_name_plural = "分區範圍"
        ordering = ["district", "order", "pk"]
        constraints = [models.UniqueConstraint(fields=["district", "label"], name="area_once_a_district")]

    def __str__(self) -> str:
        return self.label

    def natural_key(self) -> tuple[str, str, int, str, str, str]:
        return (*self.district.natural_key(), self.label)


class Membership(models.Model):
    """An agency as a member (分區成員) of a district from one day to another, both included.

    The host is a member with `is_host`, so that a host that is no member cannot be written. The member list of the
    plan is authoritative; the township is only a label (000-03).
    """

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="memberships", verbose_name="計畫")
    district = models.ForeignKey(District, on_delete=models.CASCADE, related_name="memberships", verbose_name="分區")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="memberships", verbose_name="機關")
    area = models.ForeignKey(
        DistrictArea,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="memberships",
        verbose_name="計畫分組",
    )
    order = models.PositiveSmallIntegerField("計畫所列順序", default=0)
    is_host = models.BooleanField("承辦單位", default=False)
    since = models.DateField("起日")
    until = models.DateField("迄日")

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = "分區成員"
        verbose_name_plural = "分區成員"
        ordering = ["district", "order", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(until__gte=F("since")),
                name="membership_ends_after_start",
                violation_error_message="迄日不得早於起日。",
            ),
            NoOverlap(
                keys=["plan", "agency"],
                name="member_of_one_district_at_a_time",
                violation_error_message="同一機關在同一計畫中，同一期間只能屬於一個分區。",
            ),
            NoOverlap(
                keys=["district"],
                only="is_host",
                name="district_has_one_host_at_a_time",
                violation_error_message="同一分區同一期間只能有一個承辦單位。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.district}：{self.agency}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        # The plan is repeated for the constraint above; it is always the district's.
        self.plan_id = self.district.plan_id
        super().save(*args, **kwargs)

    def clean_fields(self, exclude: "Collection[str] | None" = None) -> None:
        """Take the district's plan before anything is validated, since no form and no sheet asks for it."""
        with suppress(District.DoesNotExist):
            self.plan_id = self.district.plan_id
        super().clean_fields(exclude)
