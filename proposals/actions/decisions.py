"""What the office decides on proposals (研處): pending until it is published together, then corrected by a new row only.

A pending decision is the office's own: it leaves no trace on the proposal, neither in its state nor in its history.
"""

from collections.abc import Mapping
from typing import NoReturn

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from districts.models import District, Plan
from personnel_portal import roc
from personnel_portal.accounts.models import User
from personnel_portal.trail.actions import record
from proposals import mails
from proposals.actions.items import Conflict, begin, hold, move, naming, note
from proposals.actions.library import suggest_supersessions
from proposals.choices import Outcome
from proposals.facts import commendable
from proposals.models import Decision, Proposal, Supersession

EARNING = (Outcome.ADOPTED, Outcome.PARTLY)


@transaction.atomic
def decide_proposal(
    *, proposal: Proposal, outcome: Outcome, opinion: str, qualifies: bool | None = None, seen: str = "", by: User
) -> Decision:
    """Write the decision on a proposal, or change it while it is pending.

    Args:
        qualifies: whether it earns a commendation (伍、二); None leaves it to the rule.
        seen: the stamp of the pending decision that the page showed, empty where it showed none.

    Raises:
        ValidationError: there is no reason, or what was not adopted cannot earn a commendation.
        Conflict: the proposal has gone on, or somebody else decided since the page was shown.
    """
    proposal = begin(proposal, "decide", by=by)
    now = proposal.decisions.pending().select_related("decided_by").first()
    if now and now.stamp != seen:
        _tell_of(now)
    decision = now or Decision(proposal=proposal)
    _fill(decision, outcome, opinion, qualifies, by)
    decision.save()
    _record("decision.saved", decision, by=by)
    return decision


@transaction.atomic
def publish_decisions(*, plan: Plan, seen: Mapping[int, str], by: User) -> list[Decision]:
    """Publish pending decisions together, and tell all who propose: all of them or none.

    Args:
        seen: by the key of the proposal, the stamp of its decision that the page showed.

    Raises:
        ValidationError: there is nothing to publish.
        Conflict: one of the proposals has gone on or is not the plan's, or its decision was changed; nothing is
            published.
    """
    if not seen:
        raise ValidationError("請至少勾選一件待公布的研處。")
    proposals = Proposal.objects.filter(plan=plan, pk__in=seen).order_by("pk")
    if len(proposals) < len(seen):
        raise Conflict("勾選的提案有些不屬這個計畫，尚未公布任何一件；請重新整理後再處理。")
    hold(*District.objects.filter(proposals__in=proposals).distinct())
    published = []
    for proposal in proposals:
        with naming(proposal):
            decision = _publishable(begin(proposal, "publish", by=by), seen[proposal.pk])
        published.append(decision)
    at = timezone.now()
    for decision in published:
        decision.published_at = at
        decision.save()
        move(decision.proposal, "publish")
        note("proposal.published", decision.proposal, by=by)
        _after_publishing(decision, by=by)
    return published


def _publishable(proposal: Proposal, seen: str) -> Decision:
    decision = proposal.decisions.pending().select_related("decided_by").first()
    if decision is None:
        raise Conflict("尚無待公布的研處，請重新整理後再處理。")
    if decision.stamp != seen:
        _tell_of(decision)
    decision.proposal = proposal
    return decision


@transaction.atomic
def correct_decision(
    *,
    proposal: Proposal,
    outcome: Outcome,
    opinion: str,
    reason: str,
    qualifies: bool | None = None,
    seen: str,
    by: User,
) -> Decision:
    """Correct a published decision (更正) by another, published at once; both stay and are shown, and it is mailed.

    Raises:
        ValidationError: there is no reason, or it changes nothing.
        Conflict: somebody else corrected it since the page was shown.
    """
    proposal = begin(proposal, "correct", by=by)
    corrected = proposal.decisions.in_force().select_related("decided_by").first()
    if corrected is None:
        raise Conflict("沒有可更正的研處。")
    if corrected.stamp != seen:
        _tell_of(corrected)
    if not reason.strip():
        raise ValidationError({"reason": "請說明更正理由。"})
    decision = Decision(proposal=proposal, corrects=corrected, correction_reason=reason.strip())
    _fill(decision, outcome, opinion, qualifies, by)
    if _content(decision) == _content(corrected):
        raise ValidationError("內容與原研處相同，無須更正。")
    decision.published_at = decision.decided_at
    decision.save()
    note("proposal.corrected", proposal, by=by, reason=decision.correction_reason)
    _after_publishing(decision, by=by)
    if corrected.outcome in EARNING and decision.outcome not in EARNING:
        _take_back_supersessions(proposal, by=by)
    return decision


def _fill(decision: Decision, outcome: Outcome, opinion: str, qualifies: bool | None, by: User) -> None:
    if outcome != Outcome.ADOPTED and not opinion.strip():
        raise ValidationError({"opinion": f"「{outcome.label}」須填寫研處意見（理由）。"})
    if qualifies and outcome not in EARNING:
        raise ValidationError({"qualifies": "參採或部分參採始能符合獎勵（計畫伍、二）。"})
    by_rule, _ = commendable(decision.proposal, outcome)
    decision.outcome, decision.opinion = outcome, opinion.strip()
    decision.qualifies = by_rule if qualifies is None else qualifies
    decision.decided_at, decision.decided_by = timezone.now(), by


def _content(decision: Decision) -> tuple[str, str, bool]:
    return decision.outcome, decision.opinion, decision.qualifies


def _tell_of(decision: Decision) -> NoReturn:
    at = roc.moment(timezone.localtime(decision.decided_at))
    raise Conflict(
        f"{decision.decided_by.get_full_name()}已於 {at} 研處為「{decision.get_outcome_display()}」；請確認後再送出。"
    )


def _record(act: str, decision: Decision, *, by: User) -> None:
    """Write into the trail of the office, which its administrators alone read; the proposal's history shows nothing."""
    detail = {"outcome": decision.outcome, "opinion": decision.opinion, "qualifies": decision.qualifies}
    record(act, decision, by=by, office_id=decision.proposal.plan.office_id, **detail)


def _after_publishing(decision: Decision, *, by: User) -> None:
    """Tell the proposers; where rules are to change, suggest to the office the published cases that may no longer hold."""
    mails.decided(decision)
    if decision.outcome in EARNING:
        suggest_supersessions(proposal=decision.proposal, by=by)


def _take_back_supersessions(proposal: Proposal, *, by: User) -> None:
    """Take back that cases no longer hold, once the rule is not to change after all.

    What the office has not confirmed is removed; what it has confirmed it looks at again. 仍適用 stays as it is.
    """
    rows = Supersession.objects.select_for_update(of=("self",)).select_related("publication__case__plan")
    found = list(rows.filter(proposal=proposal).exclude(is_confirmed=False).order_by("pk"))
    open_ones = [one for one in found if not one.is_confirmed]
    for one in open_ones:
        one.delete()
    if open_ones:
        note("proposal.supersessions_dropped", proposal, by=by, cases=len(open_ones))
    for one in found:
        if one.is_confirmed:
            one.is_confirmed = one.decided_by = one.decided_at = None
            one.save()
            detail = {"publication": one.publication_id, "proposal": proposal.pk}
            note("case.supersession_reopened", one.publication.case, by=by, **detail)
