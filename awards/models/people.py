"""Who took part: the host's people as the host names them, and the proposers of adopted proposals."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from awards.choices import HostPersonState, Part
from awards.querysets import HostPersonQuerySet
from districts.models import District, Person
from proposals.models import Proposal


class HostPerson(models.Model):
    """Somebody whom a district's host names for its award, with the part in the work; the office checks it.

    伍、一 says 相關人員（含主管及實際執行人員）, each of them; the plan sets no number.
    """

    district = models.ForeignKey(District, on_delete=models.CASCADE, related_name="host_people", verbose_name="分區")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="hosted", verbose_name="人員")
    part = models.CharField("身分", max_length=10, choices=Part)
    work = models.CharField("承辦工作", max_length=300)
    state = models.CharField("審查", max_length=10, choices=HostPersonState, default=HostPersonState.NAMED)
    reason = models.CharField("不列入理由", max_length=300, blank=True)
    named_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name="提報人"
    )
    named_at = models.DateTimeField("提報時間", default=timezone.now)
    checked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="審查人",
    )
    checked_at = models.DateTimeField("審查時間", null=True, blank=True)

    objects = HostPersonQuerySet.as_manager()

    class Meta:
        verbose_name = "會報承辦人員"
        verbose_name_plural = "會報承辦人員"
        ordering = ["district", "part", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["district", "person"], name="host_person_named_once"),
            models.CheckConstraint(
                condition=~Q(state=HostPersonState.REFUSED) | ~Q(reason=""), name="host_person_refused_with_a_reason"
            ),
            models.CheckConstraint(
                condition=Q(state=HostPersonState.NAMED) | Q(checked_by__isnull=False, checked_at__isnull=False),
                name="host_person_checked_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}（{self.get_part_display()}）"

    @property
    def stamp(self) -> str:
        """What a page showed of it: another one means that it was named anew or checked meanwhile."""
        moments = (moment.timestamp() for moment in (self.named_at, self.checked_at) if moment)
        return "-".join([self.state, *map(str, moments)])


class ProposalPerson(models.Model):
    """Somebody whom the office names as a proposer, in place of the one that the portal found; several split the award."""

    proposal = models.ForeignKey(Proposal, on_delete=models.CASCADE, related_name="rewarded", verbose_name="提案")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", verbose_name="人員")
    named_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name="指定人"
    )
    named_at = models.DateTimeField("指定時間", default=timezone.now)

    class Meta:
        verbose_name = "提案獎勵人員"
        verbose_name_plural = "提案獎勵人員"
        ordering = ["proposal", "pk"]
        constraints = [models.UniqueConstraint(fields=["proposal", "person"], name="proposal_person_once")]

    def __str__(self) -> str:
        return f"{self.proposal}：{self.person}"
