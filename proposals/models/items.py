"""What cases and proposals have in common: who hands them in, where they stand, their files, and the package in which
a district's items go to the office."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from districts.models import Agency, District, Office, Plan
from meetings.models import Meeting
from personnel_portal.rules.folding import fold
from personnel_portal.uploads.models import StoredFile
from proposals.querysets import AttachmentQuerySet, PackageQuerySet, StatuteQuerySet

LONGEST = 20_000  # characters of a long field; more belongs in an attachment


def long_text(label: str, **options: Any) -> Any:
    """Return a field for a long text, which refuses what is too long in the form and in the administration alike."""
    return models.TextField(label, max_length=LONGEST, validators=[MaxLengthValidator(LONGEST)], **options)


class Statute(models.Model):
    """A law or rule that cases and proposals cite, by its name without articles."""

    office = models.ForeignKey(Office, on_delete=models.CASCADE, related_name="statutes", verbose_name="人事處")
    name = models.CharField("名稱", max_length=100)
    folded = models.CharField("檢索字串", max_length=100, editable=False, default="")

    objects = StatuteQuerySet.as_manager()

    class Meta:
        verbose_name = "法規"
        verbose_name_plural = "法規"
        ordering = ["office", "name"]
        # By its folded name, so that 台 and 臺 do not make two.
        constraints = [models.UniqueConstraint(fields=["office", "folded"], name="statute_once_an_office")]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.folded = fold(self.name)
        super().save(*args, **kwargs)

    def clean(self) -> None:
        """Refuse another spelling of a known name; no form shows the folded one, so none checks it by itself."""
        same = Statute.objects.filter(office=self.office_id, folded=fold(self.name)).exclude(pk=self.pk).first()
        if same:
            raise ValidationError({"name": f"已有「{same.name}」。"})


class Package(models.Model):
    """The items of a district that its host sends to the office at one time (函送彙整)."""

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="packages", verbose_name="計畫")
    district = models.ForeignKey(District, on_delete=models.PROTECT, related_name="packages", verbose_name="分區")
    number = models.CharField("文號", max_length=60, blank=True, help_text="免備文者留白。")
    note = models.CharField("說明", max_length=300, blank=True)
    sent_on = models.DateField("函送日期", default=timezone.localdate)
    sent_at = models.DateTimeField("送出時間", default=timezone.now)
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name="送出人"
    )

    objects = PackageQuerySet.as_manager()

    class Meta:
        verbose_name = "彙整函送"
        verbose_name_plural = "彙整函送"
        ordering = ["-sent_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.district} {self.sent_on:%Y-%m-%d}"

    def get_absolute_url(self) -> str:
        return reverse("proposals:package", kwargs={"pk": self.pk})


class Item(models.Model):
    """A case or a proposal on its way from an agency through the district's host to the office.

    `reason` is that of the last 退請補正 or 撤回. `meeting` is the one whose call it answers, if any. `number` is given
    within the district when it is sent for the first time, and stays.
    """

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="%(class)ss", verbose_name="計畫")
    district = models.ForeignKey(District, on_delete=models.PROTECT, related_name="%(class)ss", verbose_name="分區")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="%(class)ss", verbose_name="提供機關")
    meeting = models.ForeignKey(
        Meeting, on_delete=models.PROTECT, null=True, blank=True, related_name="%(class)ss", verbose_name="函請場次"
    )
    number = models.PositiveSmallIntegerField("編號", null=True, blank=True, editable=False)
    subject = models.CharField("案由", max_length=200)
    contact_name = models.CharField("提供人", max_length=50)
    contact_title = models.CharField("職稱", max_length=30, blank=True)
    contact_phone = models.CharField("電話", max_length=30, blank=True)
    statutes_text = models.CharField(
        "相關法規", max_length=500, blank=True, help_text="多部法規以頓號分開，可附條次，如：公務人員任用法第 28 條。"
    )
    statutes = models.ManyToManyField(Statute, blank=True, related_name="%(class)ss", verbose_name="法規")
    order = models.PositiveSmallIntegerField("彙整順序", default=0)
    is_late = models.BooleanField("逾期送件", default=False)
    late_accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="同意收受逾期件",
    )
    reason = models.CharField("退請補正或撤回理由", max_length=500, blank=True)
    sent_at = models.DateTimeField("送件時間", null=True, blank=True)
    package = models.ForeignKey(
        Package, on_delete=models.PROTECT, null=True, blank=True, related_name="%(class)ss", verbose_name="函送批次"
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name="建立人"
    )
    created_at = models.DateTimeField("建立時間", auto_now_add=True)
    changed_at = models.DateTimeField("最近變更", auto_now=True)
    folded = models.TextField("檢索字串", editable=False, default="")

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.subject

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.plan_id = self.district.plan_id  # repeated for the gates of lists; it is always the district's
        self.folded = "|".join(fold(str(getattr(self, name))) for name in self.searched)
        super().save(*args, **kwargs)

    # What a search finds; each kind of item says which of its fields.
    searched: tuple[str, ...] = ("subject",)

    @property
    def reference(self) -> str:
        """編號 as people write it, such as 116-北平原區-3; 未編號 until it was sent."""
        return f"{self.plan.year}-{self.district.name}-{self.number}" if self.number else "未編號"


def item_constraints(what: str, *, drafts: tuple[str, ...], with_host: tuple[str, ...]) -> list[models.BaseConstraint]:
    """Return what holds for every item.

    Args:
        what: begins the constraints' names.
        drafts: the states of an item that may never have been sent.
        with_host: further states that a late item has without the host's consent.
    """
    return [
        models.UniqueConstraint(fields=["district", "number"], name=f"{what}_numbered_once"),
        models.CheckConstraint(
            condition=Q(state__in=drafts) | Q(sent_at__isnull=False, number__isnull=False),
            name=f"{what}_sent_has_time_and_number",
        ),
        models.CheckConstraint(
            condition=Q(is_late=False) | Q(state__in=[*drafts, *with_host]) | Q(late_accepted_by__isnull=False),
            name=f"{what}_late_needs_consent",
        ),
        models.CheckConstraint(
            condition=~Q(state__in=["returned", "withdrawn"]) | ~Q(reason=""), name=f"{what}_goes_back_with_a_reason"
        ),
    ]


class Attachment(models.Model):
    """A file that goes with a case or a proposal."""

    case = models.ForeignKey(
        "proposals.Case",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="attachments",
        verbose_name="案例",
    )
    proposal = models.ForeignKey(
        "proposals.Proposal",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="attachments",
        verbose_name="提案",
    )
    stored = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+", verbose_name="檔案")
    added_at = models.DateTimeField("加入時間", default=timezone.now)

    objects = AttachmentQuerySet.as_manager()

    class Meta:
        verbose_name = "附件"
        verbose_name_plural = "附件"
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(case__isnull=False, proposal__isnull=True) | Q(case__isnull=True, proposal__isnull=False),
                name="attachment_of_one_item",
            )
        ]

    def __str__(self) -> str:
        return str(self.stored)

    @property
    def item(self) -> Item:
        """The case or the proposal."""
        item: Item | None = self.case or self.proposal
        if item is None:
            raise ValueError("an attachment belongs to an item")  # the constraint above says so too
        return item
