"""Returns of IT-tool usage (003): the catalogue of systems, bands and weights of a year, returns, scores."""

from decimal import Decimal

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from districts.models import Agency, Office, Plan
from districts.querysets import OfOfficeQuerySet, OfPlanQuerySet
from kpi.choices import BandFor, Catalogued, Filing, Grant, Part, ReportState, Round
from kpi.querysets import (
    ScoreQuerySet,
    ServiceQuerySet,
    SubItemQuerySet,
    SystemQuerySet,
    UsageReportQuerySet,
    UseFileQuerySet,
)
from personnel_portal.uploads.models import StoredFile

PERCENT = [MinValueValidator(0), MaxValueValidator(100)]


class SubItem(models.Model):
    """A sub-item (子項) of tool use that systems are listed under, such as 組織任免資訊化 (四、(一))."""

    office = models.ForeignKey(Office, on_delete=models.CASCADE, related_name="sub_items", verbose_name="人事處")
    order = models.PositiveSmallIntegerField("順序")
    name = models.CharField("子項", max_length=60)
    clause = models.CharField("條次", max_length=30, blank=True)

    objects = SubItemQuerySet.as_manager()

    class Meta:
        verbose_name = "資訊化子項"
        verbose_name_plural = "資訊化子項"
        ordering = ["office", "order"]
        constraints = [models.UniqueConstraint(fields=["office", "order"], name="sub_item_once_an_office")]

    def __str__(self) -> str:
        return self.name

    def natural_key(self) -> tuple[str, int]:
        return (self.office.code, self.order)


class System(models.Model):
    """A system on the catalogue (資訊工具): the plan's 37, and additions that the office approved (「等」)."""

    sub_item = models.ForeignKey(SubItem, on_delete=models.PROTECT, related_name="systems", verbose_name="子項")
    order = models.PositiveSmallIntegerField("順序", default=0)
    category = models.CharField("類別", max_length=30, blank=True)
    code = models.CharField("代碼", max_length=10, blank=True)
    name = models.CharField("系統名稱", max_length=100)
    builder = models.CharField("建置機關", max_length=40)
    state = models.CharField("狀態", max_length=10, choices=Catalogued, default=Catalogued.LISTED)
    reason = models.CharField("建議或不列入理由", max_length=300, blank=True)
    since = models.DateField("列入日期", null=True, blank=True)
    retired_on = models.DateField("停用日期", null=True, blank=True)
    same_as = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="視同系統",
        help_text="兩者同時使用時只計一項。",
    )
    proposed_by = models.ForeignKey(
        Agency, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="建議機關"
    )

    objects = SystemQuerySet.as_manager()

    class Meta:
        verbose_name = "資訊工具"
        verbose_name_plural = "資訊工具"
        ordering = ["sub_item", "order", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["sub_item", "name"], name="system_once_a_sub_item"),
            models.CheckConstraint(
                condition=~Q(state=Catalogued.REFUSED) | ~Q(reason=""), name="system_refused_with_a_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}".strip()


class Subsystem(models.Model):
    """A sub-system of WebHR. The plan names none; the office keeps the list."""

    office = models.ForeignKey(Office, on_delete=models.CASCADE, related_name="subsystems", verbose_name="人事處")
    order = models.PositiveSmallIntegerField("順序", default=0)
    name = models.CharField("子系統名稱", max_length=60)
    retired_on = models.DateField("停用日期", null=True, blank=True)

    objects = OfOfficeQuerySet.as_manager()

    class Meta:
        verbose_name = "WebHR 子系統"
        verbose_name_plural = "WebHR 子系統"
        ordering = ["office", "order", "pk"]
        constraints = [models.UniqueConstraint(fields=["office", "name"], name="subsystem_once_an_office")]

    def __str__(self) -> str:
        return self.name


class UsageRule(models.Model):
    """How a year's returns are scored: base × [tools' part × (weighted bands) + services' part × r] (003 七)."""

    plan = models.OneToOneField(Plan, on_delete=models.CASCADE, related_name="usage_rule", verbose_name="計畫")
    base = models.DecimalField("基準分數", max_digits=6, decimal_places=2, default=Decimal(100))
    use_part = models.DecimalField("工具使用占比 %", max_digits=5, decimal_places=2, default=80, validators=PERCENT)
    service_part = models.DecimalField("整合服務占比 %", max_digits=5, decimal_places=2, default=20, validators=PERCENT)
    tools_weight = models.DecimalField("工具數權重 %", max_digits=5, decimal_places=2, default=50, validators=PERCENT)
    subsystems_weight = models.DecimalField(
        "WebHR 子系統權重 %", max_digits=5, decimal_places=2, default=50, validators=PERCENT
    )
    trainings = models.PositiveSmallIntegerField("教育訓練梯次目標", default=6)

    objects = OfPlanQuerySet.as_manager()

    class Meta:
        verbose_name = "計分規則"
        verbose_name_plural = "計分規則"
        ordering = ["plan"]
        constraints = [
            models.CheckConstraint(
                condition=Q(use_part=100 - F("service_part")),
                name="usage_parts_add_up",
                # Django fills names into these sentences, so that a percent sign is doubled.
                violation_error_message="工具使用與整合服務占比合計須為 100%%。",
            ),
            models.CheckConstraint(
                condition=Q(tools_weight=100 - F("subsystems_weight")),
                name="usage_weights_add_up",
                violation_error_message="工具數與 WebHR 子系統權重合計須為 100%%。",
            ),
            models.CheckConstraint(
                condition=Q(base__gt=0), name="usage_base_is_positive", violation_error_message="基準分數須大於 0。"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.plan}計分規則"


class UsageBand(models.Model):
    """A band (級距) of a year: from `low` to `high`, both included; an open end above means 以上."""

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="usage_bands", verbose_name="計畫")
    counts = models.CharField("計數", max_length=15, choices=BandFor)
    mark = models.CharField("等第", max_length=5)
    low = models.PositiveSmallIntegerField("下限")
    high = models.PositiveSmallIntegerField("上限", null=True, blank=True)
    share = models.DecimalField("得分 %", max_digits=5, decimal_places=2, validators=PERCENT)

    objects = OfPlanQuerySet.as_manager()

    class Meta:
        verbose_name = "級距"
        verbose_name_plural = "級距"
        ordering = ["plan", "counts", "-low"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "counts", "mark"], name="usage_band_marked_once"),
            models.CheckConstraint(
                condition=Q(high__isnull=True) | Q(high__gte=F("low")),
                name="usage_band_is_not_reversed",
                violation_error_message="上限不得小於下限。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_counts_display()} {self.mark}"


class UsageTraining(models.Model):
    """A session of system training held in the year; the plan asks for at least six (五)."""

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="usage_trainings", verbose_name="計畫")
    day = models.DateField("日期")
    title = models.CharField("課程", max_length=100)
    attendees = models.PositiveSmallIntegerField("參加人數", null=True, blank=True)

    objects = OfPlanQuerySet.as_manager()

    class Meta:
        verbose_name = "系統教育訓練"
        verbose_name_plural = "系統教育訓練"
        ordering = ["plan", "day", "pk"]

    def __str__(self) -> str:
        return f"{self.title}（{self.day}）"


class UsageReport(models.Model):
    """An agency's return (資訊系統使用情形回報表) for one of the year's two rounds.

    `is_scored` is fixed when it is sent: agencies with a full-time personnel post are scored, others get a remark on
    their cooperation (七、(三)). `service_share` is what the reviewer grants for integrated services, 0–100 %.
    """

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="usage_reports", verbose_name="計畫")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="usage_reports", verbose_name="機關")
    round = models.PositiveSmallIntegerField("次別", choices=Round)
    state = models.CharField("狀態", max_length=10, choices=ReportState, default=ReportState.DRAFT)
    is_scored = models.BooleanField("計分", default=True)
    letter_number = models.CharField("函報文號", max_length=60, blank=True)
    letter_date = models.DateField("函報日期", null=True, blank=True)
    contact_name = models.CharField("聯絡人", max_length=30, blank=True)
    contact_phone = models.CharField("聯絡電話", max_length=30, blank=True)
    reason = models.CharField("退請補正理由", max_length=300, blank=True)
    service_share = models.DecimalField("整合服務核給 %", max_digits=5, decimal_places=2, default=0, validators=PERCENT)
    service_reason = models.CharField("整合服務核給理由", max_length=300, blank=True)
    remark = models.CharField("配合度", max_length=300, blank=True)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name="填報人"
    )
    entered_at = models.DateTimeField("填報時間", default=timezone.now)
    # Counts what was saved, so that nobody writes over what somebody else saved meanwhile.
    revision = models.PositiveIntegerField("儲存次數", default=0, editable=False)
    submitted_at = models.DateTimeField("首次送出時間", null=True, blank=True)
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="審查人",
    )
    reviewed_at = models.DateTimeField("審查時間", null=True, blank=True)

    objects = UsageReportQuerySet.as_manager()

    class Meta:
        verbose_name = "使用情形回報"
        verbose_name_plural = "使用情形回報"
        ordering = ["plan", "round", "agency"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "agency", "round"], name="usage_report_once_a_round"),
            models.CheckConstraint(
                condition=~Q(state=ReportState.RETURNED) | ~Q(reason=""), name="usage_report_returned_with_a_reason"
            ),
            models.CheckConstraint(
                condition=Q(service_share__gte=0, service_share__lte=100), name="usage_service_share_is_a_share"
            ),
            models.CheckConstraint(
                condition=Q(service_share=0) | ~Q(service_reason=""), name="usage_service_granted_with_a_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agency} {self.plan.year}年度{self.get_round_display()}回報"

    def get_absolute_url(self) -> str:
        return reverse("kpi:usage_return", args=[self.pk])


class Use(models.Model):
    """A system, or a sub-system of WebHR, that an agency says it uses; the review grants or refuses it."""

    report = models.ForeignKey(UsageReport, on_delete=models.CASCADE, related_name="uses", verbose_name="回報")
    system = models.ForeignKey(
        System, on_delete=models.PROTECT, null=True, blank=True, related_name="uses", verbose_name="資訊工具"
    )
    subsystem = models.ForeignKey(
        Subsystem, on_delete=models.PROTECT, null=True, blank=True, related_name="uses", verbose_name="WebHR 子系統"
    )
    purpose = models.CharField("用途或辦理案件", max_length=300, blank=True)
    evidence = models.TextField("佐證說明", max_length=1000, blank=True)
    grant = models.CharField("審查", max_length=10, choices=Grant, default=Grant.PENDING)
    reason = models.CharField("不採認理由", max_length=300, blank=True)

    class Meta:
        verbose_name = "使用項目"
        verbose_name_plural = "使用項目"
        ordering = ["report", "system", "subsystem"]
        constraints = [
            models.UniqueConstraint(
                fields=["report", "system"], condition=Q(system__isnull=False), name="system_once_a_report"
            ),
            models.UniqueConstraint(
                fields=["report", "subsystem"], condition=Q(subsystem__isnull=False), name="subsystem_once_a_report"
            ),
            models.CheckConstraint(
                condition=Q(system__isnull=False, subsystem__isnull=True)
                | Q(system__isnull=True, subsystem__isnull=False),
                name="use_of_one_thing",
            ),
            models.CheckConstraint(condition=~Q(grant=Grant.REFUSED) | ~Q(reason=""), name="use_refused_with_a_reason"),
        ]

    def __str__(self) -> str:
        return str(self.system or self.subsystem)


class UseFile(models.Model):
    """A file that shows that a system is used (佐證)."""

    use = models.ForeignKey(Use, on_delete=models.CASCADE, related_name="files", verbose_name="使用項目")
    stored = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+", verbose_name="檔案")

    objects = UseFileQuerySet.as_manager()

    class Meta:
        verbose_name = "使用佐證"
        verbose_name_plural = "使用佐證"
        ordering = ["use", "pk"]
        constraints = [models.UniqueConstraint(fields=["use", "stored"], name="use_file_once")]

    def __str__(self) -> str:
        return str(self.stored)


class Service(models.Model):
    """An integrated service that the agency built or joined (四、(二)), for the 20 % part."""

    report = models.ForeignKey(UsageReport, on_delete=models.CASCADE, related_name="services", verbose_name="回報")
    name = models.CharField("整合服務名稱", max_length=100)
    part = models.CharField("參與方式", max_length=10, choices=Part)
    description = models.TextField("說明與佐證", max_length=1000, blank=True)
    stored = models.ForeignKey(
        StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="佐證檔案"
    )

    objects = ServiceQuerySet.as_manager()

    class Meta:
        verbose_name = "整合服務"
        verbose_name_plural = "整合服務"
        ordering = ["report", "pk"]

    def __str__(self) -> str:
        return self.name


class ScoreList(models.Model):
    """The scores of a year as they were published, frozen with the rules; publishing again makes another beside it."""

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="score_lists", verbose_name="計畫")
    number = models.PositiveSmallIntegerField("公布次別")
    reason = models.CharField("重新公布理由", max_length=300, blank=True)
    rule = models.JSONField("計分規則", default=dict, editable=False)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name="公布人"
    )
    published_at = models.DateTimeField("公布時間", default=timezone.now)

    objects = OfPlanQuerySet.as_manager()

    class Meta:
        verbose_name = "分數公布"
        verbose_name_plural = "分數公布"
        ordering = ["plan", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "number"], name="score_list_once"),
            models.CheckConstraint(condition=Q(number=1) | ~Q(reason=""), name="scores_published_again_with_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.plan.year}年度使用情形分數第 {self.number} 次公布"


class Score(models.Model):
    """What a published list says of one agency, with the inputs of its score.

    An agency that filed nothing has 0 and says so (未報送), apart from a return that comes to 0; one without a full-time
    post has no score but a remark on its cooperation.
    """

    score_list = models.ForeignKey(ScoreList, on_delete=models.CASCADE, related_name="scores", verbose_name="公布")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="usage_scores", verbose_name="機關")
    report = models.ForeignKey(
        UsageReport, on_delete=models.PROTECT, null=True, related_name="scores", verbose_name="計分之回報"
    )
    is_scored = models.BooleanField("計分", default=True)
    filing = models.CharField("報送情形", max_length=10, choices=Filing)
    score = models.DecimalField("分數", max_digits=8, decimal_places=2, null=True)
    rank = models.PositiveSmallIntegerField("名次", null=True)
    inputs = models.JSONField("計分依據", default=dict, editable=False)

    objects = ScoreQuerySet.as_manager()

    class Meta:
        verbose_name = "公布分數"
        verbose_name_plural = "公布分數"
        ordering = ["score_list", F("rank").asc(nulls_last=True), "agency"]
        constraints = [
            models.UniqueConstraint(fields=["score_list", "agency"], name="score_published_once"),
            models.CheckConstraint(
                condition=Q(is_scored=True) | Q(score__isnull=True), name="only_the_scored_have_a_score"
            ),
            models.CheckConstraint(
                condition=Q(report__isnull=False) | ~Q(filing=Filing.REVIEWED), name="reviewed_return_is_named"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agency} {self.score_list}"
