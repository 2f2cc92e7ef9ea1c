"""Proposals to amend rules (人事修正建議提案, 附件2) and what was decided on them."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from districts.models import Agency
from meetings.models import AgendaItem
from proposals.choices import Effect, Outcome, ProposalKind, ProposalState
from proposals.models.items import Item, item_constraints, long_text
from proposals.querysets import DecisionQuerySet, ProposalQuerySet


class Proposal(Item):
    """A proposal. A merged one points to its lead, keeps its proposers, and counts with it once."""

    kind = models.CharField("類別", max_length=10, choices=ProposalKind, default=ProposalKind.LAW)
    current_rule = long_text("現行規定", blank=True)
    problem = long_text("說明（問題）")
    wording = long_text("建議修正文字或辦法")
    effect = models.CharField("預期效益", max_length=10, choices=Effect, default=Effect.SIMPLER)
    effect_note = models.CharField("效益說明", max_length=500, blank=True)
    state = models.CharField("狀態", max_length=10, choices=ProposalState, default=ProposalState.DRAFT)
    merged_into = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="merged", verbose_name="併入"
    )
    co_agencies = models.ManyToManyField(
        Agency, through="CoProposer", related_name="co_proposals", verbose_name="聯合提案機關"
    )

    objects = ProposalQuerySet.as_manager()

    searched = ("subject", "current_rule", "problem", "wording", "statutes_text")

    class Meta:
        verbose_name = "修正建議提案"
        verbose_name_plural = "修正建議提案"
        ordering = ["-created_at", "-pk"]
        constraints = [
            *item_constraints(
                "proposal",
                drafts=(ProposalState.DRAFT, ProposalState.WITHDRAWN),
                with_host=(ProposalState.SENT, ProposalState.RETURNED),
            ),
            models.CheckConstraint(
                condition=Q(state=ProposalState.MERGED, merged_into__isnull=False)
                | (~Q(state=ProposalState.MERGED) & Q(merged_into__isnull=True)),
                name="merged_proposal_has_a_lead",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[ProposalState.AT_OFFICE, ProposalState.RESOLVED, ProposalState.PUBLISHED])
                | Q(package__isnull=False),
                name="proposal_reached_the_office_in_a_package",
            ),
        ]

    def get_absolute_url(self) -> str:
        return reverse("proposals:detail", kwargs={"pk": self.pk})


class CoProposer(models.Model):
    """A further agency that proposes the same, in its order after the first."""

    proposal = models.ForeignKey(Proposal, on_delete=models.CASCADE, related_name="co_proposers", verbose_name="提案")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+", verbose_name="機關")
    order = models.PositiveSmallIntegerField("順序", default=1)

    class Meta:
        verbose_name = "聯合提案機關"
        verbose_name_plural = "聯合提案機關"
        ordering = ["proposal", "order", "pk"]
        constraints = [models.UniqueConstraint(fields=["proposal", "agency"], name="co_proposer_once")]

    def __str__(self) -> str:
        return str(self.agency)


class Placement(models.Model):
    """A proposal on the agenda of a meeting, whose item holds its text as it was then."""

    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, related_name="placements", verbose_name="提案")
    agenda_item = models.OneToOneField(
        AgendaItem, on_delete=models.CASCADE, related_name="placement", verbose_name="議程項目"
    )
    placed_at = models.DateTimeField("列入時間", default=timezone.now)
    placed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name="列入人"
    )

    class Meta:
        verbose_name = "列入議程"
        verbose_name_plural = "列入議程"
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.proposal}：{self.agenda_item.meeting}"


class Decision(models.Model):
    """What the office decided on a proposal (研處).

    Pending until it is published together with others; a published one is never edited: a correction (更正) is another
    row that names the one it corrects, and both are shown. `qualifies` says whether an adopted proposal earns a
    commendation (伍、二): it simplifies work or amends a personnel rule; 部分參採 by the office's tick.
    """

    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, related_name="decisions", verbose_name="提案")
    outcome = models.CharField("研處", max_length=10, choices=Outcome)
    opinion = long_text("研處意見", blank=True)
    qualifies = models.BooleanField("符合獎勵（伍、二）", default=False)
    decided_at = models.DateTimeField("研處時間", default=timezone.now)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name="研處人"
    )
    published_at = models.DateTimeField("公布時間", null=True, blank=True)
    corrects = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="corrected_by", verbose_name="更正"
    )
    correction_reason = models.CharField("更正理由", max_length=500, blank=True)

    objects = DecisionQuerySet.as_manager()

    class Meta:
        verbose_name = "研處"
        verbose_name_plural = "研處"
        ordering = ["proposal", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["proposal"], condition=Q(published_at__isnull=True), name="one_pending_decision_a_proposal"
            ),
            models.UniqueConstraint(
                fields=["proposal"], condition=Q(corrects__isnull=True), name="one_first_decision_a_proposal"
            ),
            models.CheckConstraint(
                condition=Q(outcome=Outcome.ADOPTED) | ~Q(opinion=""), name="decision_but_adoption_has_a_reason"
            ),
            models.CheckConstraint(
                condition=Q(qualifies=False) | Q(outcome__in=[Outcome.ADOPTED, Outcome.PARTLY]),
                name="only_adopted_qualifies",
            ),
            models.CheckConstraint(
                condition=Q(corrects__isnull=True) | ~Q(correction_reason=""), name="correction_has_a_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.proposal}：{self.get_outcome_display()}"

    @property
    def stamp(self) -> str:
        """What tells this decision, as it stands now, from any other; pages say by it what they showed."""
        return f"{self.pk}-{self.decided_at.timestamp():.6f}"
