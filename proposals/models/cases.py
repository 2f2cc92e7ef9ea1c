"""Cases (案例, 附件1), the check that nobody can be recognised in them, and the library of those that were published."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from districts.choices import AgencyKind
from districts.models import District, Office, Plan
from personnel_portal.rules.folding import fold
from proposals.choices import Business, CaseKind, CaseState, MarkDecision, MarkKind
from proposals.models.items import Item, Statute, item_constraints, long_text
from proposals.models.proposals import Proposal
from proposals.querysets import CaseQuerySet, PublicationQuerySet, SupersessionQuerySet


class Case(Item):
    """A difficult, special or mistaken case that an agency shares (肆、二、(二)、1)."""

    business = models.CharField("業務類別", max_length=15, choices=Business)
    kind = models.CharField("案例類型", max_length=10, choices=CaseKind)
    summary = long_text("案情摘要")
    handling = long_text("處理經過", blank=True)
    outcome = long_text("結果或建議", blank=True)
    state = models.CharField("狀態", max_length=10, choices=CaseState, default=CaseState.DRAFT)

    objects = CaseQuerySet.as_manager()

    searched = ("subject", "summary", "handling", "outcome", "statutes_text")

    class Meta:
        verbose_name = "案例"
        verbose_name_plural = "案例"
        ordering = ["-created_at", "-pk"]
        constraints = [
            *item_constraints(
                "case",
                drafts=(CaseState.DRAFT, CaseState.WITHDRAWN),
                with_host=(CaseState.SENT, CaseState.RETURNED),
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[CaseState.AT_OFFICE, CaseState.IN_REVIEW, CaseState.PUBLISHED])
                | Q(package__isnull=False),
                name="case_reached_the_office_in_a_package",
            ),
        ]

    def get_absolute_url(self) -> str:
        return reverse("proposals:case", kwargs={"pk": self.pk})


class Mark(models.Model):
    """A passage of a case in review that may give somebody away; a person decides on each before publishing."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="marks", verbose_name="案例")
    field = models.CharField("欄位", max_length=20)
    start = models.PositiveIntegerField("起點")
    end = models.PositiveIntegerField("終點")
    text = models.CharField("文字", max_length=200)
    kind = models.CharField("種類", max_length=10, choices=MarkKind)
    decision = models.CharField("處理", max_length=10, choices=MarkDecision, default=MarkDecision.PENDING)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="確認人",
    )
    decided_at = models.DateTimeField("確認時間", null=True, blank=True)

    class Meta:
        verbose_name = "去識別標記"
        verbose_name_plural = "去識別標記"
        ordering = ["case", "field", "start"]
        constraints = [
            models.UniqueConstraint(fields=["case", "field", "start"], name="passage_marked_once"),
            models.CheckConstraint(condition=Q(end__gt=F("start")), name="mark_covers_something"),
            models.CheckConstraint(
                condition=Q(decision=MarkDecision.PENDING) | Q(decided_by__isnull=False, decided_at__isnull=False),
                name="mark_decided_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}：{self.text}"


class Publication(models.Model):
    """A case as the library shows it: without names, frozen when it was published.

    A correction (更正) is another publication that names the one it corrects; both are shown. One that gives somebody
    away after all is taken down (停止公開) with a reason, and only the office sees it then.
    """

    office = models.ForeignKey(Office, on_delete=models.PROTECT, related_name="publications", verbose_name="人事處")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="publications", verbose_name="案例")
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="publications", verbose_name="計畫")
    district = models.ForeignKey(District, on_delete=models.PROTECT, related_name="+", verbose_name="分區")
    agency_kind = models.CharField("機關類別", max_length=15, choices=AgencyKind)
    business = models.CharField("業務類別", max_length=15, choices=Business)
    kind = models.CharField("案例類型", max_length=10, choices=CaseKind)
    # Half as long again as the case's own: two hidden letters become three signs.
    subject = models.CharField("案由", max_length=300)
    summary = models.TextField("案情摘要")
    handling = models.TextField("處理經過", blank=True)
    outcome = models.TextField("結果或建議", blank=True)
    statutes_text = models.CharField("相關法規", max_length=750, blank=True)
    statutes = models.ManyToManyField(Statute, blank=True, related_name="publications", verbose_name="法規")
    published_at = models.DateTimeField("發布時間", default=timezone.now)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name="發布人"
    )
    corrects = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="corrected_by", verbose_name="更正"
    )
    correction_reason = models.CharField("更正理由", max_length=500, blank=True)
    taken_down_at = models.DateTimeField("停止公開時間", null=True, blank=True)
    taken_down_reason = models.CharField("停止公開理由", max_length=500, blank=True)
    folded = models.TextField("檢索字串", editable=False, default="")

    objects = PublicationQuerySet.as_manager()

    class Meta:
        verbose_name = "案例庫"
        verbose_name_plural = "案例庫"
        ordering = ["-published_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=Q(corrects__isnull=True), name="case_published_once_but_for_corrections"
            ),
            models.CheckConstraint(
                condition=Q(corrects__isnull=True) | ~Q(correction_reason=""),
                name="publication_corrected_with_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(taken_down_at__isnull=True) | ~Q(taken_down_reason=""), name="taken_down_with_a_reason"
            ),
        ]

    def __str__(self) -> str:
        return self.subject

    def save(self, *args: Any, **kwargs: Any) -> None:
        words = (self.subject, self.summary, self.handling, self.outcome, self.statutes_text)
        self.folded = "|".join(map(fold, words))
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return reverse("proposals:publication", kwargs={"pk": self.pk})


class Helpful(models.Model):
    """「對我有幫助」: once a person."""

    publication = models.ForeignKey(Publication, on_delete=models.CASCADE, related_name="helpful", verbose_name="案例")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", verbose_name="帳號")
    at = models.DateTimeField("時間", default=timezone.now)

    class Meta:
        verbose_name = "對我有幫助"
        verbose_name_plural = "對我有幫助"
        constraints = [models.UniqueConstraint(fields=["publication", "user"], name="helpful_once_a_person")]

    def __str__(self) -> str:
        return f"{self.user} {self.publication}"


class Supersession(models.Model):
    """A published case that may no longer hold, because an adopted proposal changes a rule it cites.

    The portal suggests it when the decision is published; the office confirms or dismisses it.
    """

    publication = models.ForeignKey(
        Publication, on_delete=models.CASCADE, related_name="supersessions", verbose_name="案例"
    )
    proposal = models.ForeignKey(
        Proposal, on_delete=models.PROTECT, related_name="supersessions", verbose_name="參採的提案"
    )
    statute = models.ForeignKey(Statute, on_delete=models.PROTECT, related_name="+", verbose_name="法規")
    suggested_at = models.DateTimeField("提示時間", default=timezone.now)
    is_confirmed = models.BooleanField("確認已不適用", null=True, blank=True, help_text="空白表示待確認。")
    decided_at = models.DateTimeField("確認時間", null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="確認人",
    )

    objects = SupersessionQuerySet.as_manager()

    class Meta:
        verbose_name = "案例適用檢視"
        verbose_name_plural = "案例適用檢視"
        ordering = ["-suggested_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["publication", "proposal"], name="superseded_by_a_proposal_once"),
            models.CheckConstraint(
                condition=Q(is_confirmed__isnull=True) | Q(decided_by__isnull=False, decided_at__isnull=False),
                name="supersession_decided_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.publication}：{self.proposal}"
