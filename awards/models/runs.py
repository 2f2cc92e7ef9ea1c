"""A run computes what is proposed, people review it, another person approves it; then it never changes."""

from collections.abc import Iterable
from hashlib import sha256

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from awards.choices import LineKind, RunState, UnitChoice
from awards.querysets import LineQuerySet, RunQuerySet
from districts.choices import Status
from districts.models import Agency, District, Person, Plan
from personnel_portal.rules.commendations import POINTS, Unit


class Run(models.Model):
    """One computation of a plan's commendations, with everything it rests on.

    `facts` and `rules` are what the rules were given, as plain values; `rule_version` is the rules' own. Approving
    freezes the run with number and date of the letter; who computed it may not approve it.
    """

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="award_runs", verbose_name="計畫")
    number = models.PositiveSmallIntegerField("次別")
    state = models.CharField("狀態", max_length=10, choices=RunState, default=RunState.DRAFT)
    rule_version = models.CharField("規則版本", max_length=20)
    facts = models.JSONField("事實", default=dict, editable=False)
    rules = models.JSONField("規則與解釋", default=dict, editable=False)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name="試算人"
    )
    made_at = models.DateTimeField("試算時間", default=timezone.now)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="核定人",
    )
    approved_at = models.DateTimeField("核定時間", null=True, blank=True)
    letter_number = models.CharField("核定文號", max_length=60, blank=True)
    letter_date = models.DateField("核定日期", null=True, blank=True)

    objects = RunQuerySet.as_manager()

    class Meta:
        verbose_name = "獎勵試算"
        verbose_name_plural = "獎勵試算"
        ordering = ["plan", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "number"], name="award_run_numbered_once"),
            models.CheckConstraint(
                condition=Q(state=RunState.DRAFT)
                | (
                    Q(approved_by__isnull=False, approved_at__isnull=False, letter_date__isnull=False)
                    & ~Q(letter_number="")
                ),
                name="approved_run_has_a_letter",
            ),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("made_by")), name="run_approved_by_another"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.plan.year}年度第 {self.number} 次獎勵試算"

    def get_absolute_url(self) -> str:
        return reverse("awards:run", args=[self.pk])

    @property
    def is_approved(self) -> bool:
        return self.state == RunState.APPROVED

    @property
    def nameless(self) -> int:
        """How many adopted proposals it left out because nobody was known to have proposed them."""
        return sum(not (adopted["chosen"] or adopted["proposers"]) for adopted in self.facts.get("adopted", ()))


class Line(models.Model):
    """What one person is proposed for, as computed and as adjusted.

    `matters` names what it rewards, such as `hosting.district-3.person-8` or `proposal-34`: one matter is rewarded once.
    `because` is the explanation: what was counted, with its references. The columns of the person are those of the day.
    """

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="lines", verbose_name="試算")
    kind = models.CharField("類別", max_length=10, choices=LineKind)
    district = models.ForeignKey(
        District, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="分區"
    )
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="award_lines", verbose_name="人員")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="award_lines", verbose_name="服務機關")
    name = models.CharField("姓名", max_length=50)
    office_unit = models.CharField("單位", max_length=30, blank=True)
    title = models.CharField("職稱", max_length=30, blank=True)
    rank = models.CharField("官職等", max_length=30, blank=True)
    status = models.CharField("身分別", max_length=15, choices=Status)
    deed = models.CharField("具體事蹟", max_length=500)
    clause = models.CharField("條次", max_length=30)
    computed_unit = models.CharField("試算獎勵種類", max_length=15, choices=UnitChoice)
    computed_times = models.PositiveSmallIntegerField("試算次數")
    unit = models.CharField("獎勵種類", max_length=15, choices=UnitChoice)
    times = models.PositiveSmallIntegerField("次數")
    matters = models.JSONField("獎勵事項", default=list, editable=False)
    because = models.JSONField("依據事實", default=dict, editable=False)
    is_estimated = models.BooleanField("預估", default=False)
    is_dropped = models.BooleanField("剔除", default=False)
    reason = models.CharField("調整或剔除理由", max_length=300, blank=True)
    note = models.CharField("備註", max_length=200, blank=True)
    result = models.CharField("審議結果", max_length=100, blank=True)
    replaces = models.OneToOneField(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="replaced_by",
        verbose_name="取代（原建議註銷）",
    )

    objects = LineQuerySet.as_manager()

    class Meta:
        verbose_name = "獎勵建議"
        verbose_name_plural = "獎勵建議"
        ordering = ["run", "kind", "district", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(is_dropped=False, unit=F("computed_unit"), times=F("computed_times")) | ~Q(reason=""),
                name="award_line_changed_with_a_reason",
            ),
            models.CheckConstraint(condition=Q(times__gte=1), name="award_line_grants_something"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.get_unit_display()} {self.times} 次"

    def get_absolute_url(self) -> str:
        return reverse("awards:line", args=[self.pk])

    @property
    def points(self) -> int:
        """What it is worth in the yearly appraisal; for comparison and information only, never converted."""
        return POINTS[Unit(self.unit)] * self.times

    @property
    def computed_points(self) -> int:
        """What was computed is worth, as `points`."""
        return POINTS[Unit(self.computed_unit)] * self.computed_times

    @property
    def computed(self) -> str:
        """What was computed, in words: 嘉獎 2 次."""
        return f"{self.get_computed_unit_display()} {self.computed_times} 次"

    @property
    def granted(self) -> str:
        """What is proposed, in words: 嘉獎 2 次."""
        return f"{self.get_unit_display()} {self.times} 次"

    @property
    def is_adjusted(self) -> bool:
        """Whether somebody proposes something else than was computed."""
        return (self.unit, self.times) != (self.computed_unit, self.computed_times)

    @property
    def is_on_roster(self) -> bool:
        """Whether the roster prints it: neither dropped, nor replaced by a stronger one (原建議註銷)."""
        return not self.is_dropped and not hasattr(self, "replaced_by")

    @property
    def stamp(self) -> str:
        """What a page showed of it, so that nobody changes or approves what he or she has not seen."""
        return stamp([self])


def stamp(lines: Iterable[Line]) -> str:
    """Return a short digest of what people may change of lines."""
    seen = [
        (x.pk, x.unit, x.times, x.is_dropped, x.reason, x.note, x.result) for x in sorted(lines, key=lambda x: x.pk)
    ]
    return sha256(repr(seen).encode()).hexdigest()[:16]


class Rewarded(models.Model):
    """A matter that an approved line rewards; a stronger line that replaces it takes the matter over."""

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="+", verbose_name="計畫")
    matter = models.CharField("獎勵事項", max_length=120)
    line = models.ForeignKey(Line, on_delete=models.PROTECT, related_name="rewarded", verbose_name="獎勵建議")

    class Meta:
        verbose_name = "已獎勵事項"
        verbose_name_plural = "已獎勵事項"
        ordering = ["plan", "matter"]
        constraints = [models.UniqueConstraint(fields=["plan", "matter"], name="matter_rewarded_once")]

    def __str__(self) -> str:
        return self.matter
