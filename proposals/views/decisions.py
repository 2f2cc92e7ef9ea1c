"""The office's decisions: what is to be decided, deciding one after the other, publishing together, correcting."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import Truncator

from districts.models import Plan
from districts.policies import is_office
from districts.standing import standing
from personnel_portal import lists, roc
from personnel_portal.accounts.requests import SignedInRequest
from personnel_portal.guards import guard
from proposals.actions import decisions as actions
from proposals.choices import Outcome, ProposalState
from proposals.facts import proposers, together
from proposals.filters import DecisionFilter
from proposals.forms.decisions import CorrectionForm, DecisionForm
from proposals.models import Decision, Proposal
from proposals.policies import can_decide, is_party

TONES = {
    Outcome.ADOPTED: "done",
    Outcome.PARTLY: "done",
    Outcome.STUDIED: "wait",
    Outcome.REFERRED: "wait",
    Outcome.REJECTED: "none",
}


# --- The list --------------------------------------------------------------------------------------------------------


def _last(proposal: Proposal) -> Decision | None:
    """Return what stands now: the pending decision, or the last that was published."""
    decisions = list(proposal.decisions.all())
    return decisions[-1] if decisions else None


def _outcome(proposal: Proposal) -> lists.Cell:
    decision = _last(proposal)
    if decision is None:
        return lists.Cell("待研處", "soon")
    day = roc.short(timezone.localtime(decision.published_at or decision.decided_at).date())
    told = "公布" if decision.published_at else "研處，待公布"
    note = f"{decision.decided_by.get_full_name()} {day} {'更正' if decision.corrects_id else told}"
    return lists.Cell(decision.get_outcome_display(), TONES[Outcome(decision.outcome)], note)


def _decide_url(proposal: Proposal) -> str:
    name = "correct_decision" if proposal.state == ProposalState.PUBLISHED else "decide"
    return reverse(f"proposals:{name}", args=[proposal.pk])


def _of_decision(read: Callable[[Decision], object]) -> Callable[[Proposal], object]:
    """Return what reads a value of the decision that stands now, if there is one."""

    def value(proposal: Proposal) -> object:
        decision = _last(proposal)
        return read(decision) if decision else None

    return value


_earns = _of_decision(lambda decision: "符合" if decision.qualifies else "")


def _shown(*, decides: bool) -> list[lists.Column]:
    """Return the columns of the page, where what belongs together stands together."""
    return [
        lists.Column(
            "subject",
            "案由",
            lambda one: lists.Cell(one.subject, note=f"{one.reference}　{'、'.join(proposers(one))}"),
            sort=("district__order", "number"),
            link=_decide_url if decides else Proposal.get_absolute_url,
        ),
        lists.Column("resolution", "決議", lambda one: Truncator(one.resolution or "").chars(60) or None),
        lists.Column("outcome", "研處", _outcome),
        lists.Column("qualifies", "獎勵", lambda one: _earns(one) or None),
    ]


EXPORTED = [
    lists.Column("reference", "編號", width=18),
    lists.Column("subject", "案由", sort=("district__order", "number"), width=40),
    lists.Column("proposers", "提案機關", lambda one: "、".join(proposers(one)), width=24),
    lists.Column("effect", "預期效益", "get_effect_display", width=12),
    lists.Column("resolution", "決議", lambda one: one.resolution or "", width=40),
    lists.Column("outcome", "研處", _of_decision(Decision.get_outcome_display), width=14),
    lists.Column("opinion", "研處意見", _of_decision(lambda decision: decision.opinion), width=50),
    lists.Column("qualifies", "獎勵", _earns, width=8),
    lists.Column("decided_by", "研處人", _of_decision(lambda decision: decision.decided_by.get_full_name()), width=12),
    lists.Column("decided_at", "研處時間", _of_decision(lambda decision: decision.decided_at), width=18),
    lists.Column("published_at", "公布時間", _of_decision(lambda decision: decision.published_at), width=18),
    lists.Column("correction", "更正理由", _of_decision(lambda decision: decision.correction_reason), width=30),
]


def _columns(request: SignedInRequest, *, decides: bool) -> list[lists.Column]:
    # All of a decision takes more room than a page has: a sheet holds the same rows with a column for each part.
    return EXPORTED if "export" in request.GET else _shown(decides=decides)


@guard(policy=is_office)
def decisions(request: SignedInRequest) -> HttpResponseBase:
    """List every proposal of a plan at the office with what was resolved and decided, for the office alone.

    `?year=` chooses the plan; without it the list shows the current one.
    """
    plans = Plan.objects.visible_to(request.user).liaison().annotate(pending=_pending_of_plan())
    plan = plans.of_year(request.GET.get("year", ""), timezone.localdate())
    decides = plan is not None and bool(can_decide(request.user, plan))
    return lists.show(
        request,
        queryset=plan.proposals.to_decide() if plan else Proposal.objects.none(),
        columns=_columns(request, decides=decides),
        filterset_class=partial(DecisionFilter, plans=plans),
        title=f"{plan.year}年度提案研處" if plan else "提案研處",
        subtitle="研處公布前僅人事處可見，公布後一次通知各提案機關。",
        empty="尚無送達人事處的提案。承辦單位函送後會列在這裡。",
        actions=_publishing(plan) if plan and decides else [],
        office_id=standing(request.user).office_id,
    )


def _publishing(plan: Any) -> list[lists.Action]:
    label = f"公布結果（{plan.pending} 件待公布）"
    return [lists.Action(label, reverse("proposals:publish_decisions", args=[plan.pk]))] if plan.pending else []


def _pending_of_plan() -> Coalesce:
    pending = Decision.objects.pending().filter(
        proposal__in=Proposal.objects.undecided(), proposal__plan=OuterRef("pk")
    )
    counted = pending.order_by().values("proposal__plan").annotate(n=Count("pk"))
    return Coalesce(Subquery(counted.values("n")), 0)


def _pending(plan: Plan) -> Any:
    return Decision.objects.pending().filter(proposal__in=plan.proposals.undecided())


# --- One proposal ----------------------------------------------------------------------------------------------------


@guard(Proposal, is_party("decide"))
def decide(request: SignedInRequest, proposal: Proposal) -> HttpResponse | HttpResponseBase:
    """Decide on a proposal; the decision stays the office's own until it is published."""
    if proposal.merged_into_id:
        messages.info(request, f"「{proposal.subject}」已併案，研處登錄在主提案。")
        return redirect("proposals:decide", pk=proposal.merged_into_id)
    if proposal.state == ProposalState.PUBLISHED and request.method != "POST":
        return redirect("proposals:correct_decision", pk=proposal.pk)
    shown = proposal.decisions.pending().select_related("decided_by").first()
    form = DecisionForm(request.POST if request.method == "POST" else None, proposal=proposal, shown=shown)
    if form.is_valid():
        try:
            actions.decide_proposal(proposal=proposal, by=request.user, **form.cleaned_data)
        except ValidationError as refusal:
            form.add_error(None, refusal)
            form.show_now(proposal.decisions.pending().first())
        else:
            messages.success(request, f"已儲存「{proposal.subject}」的研處，尚未公布。")
            return redirect(_next(proposal) if "next" in request.POST else _list(proposal.plan))
    return _page(request, proposal, form, shown)


def _list(plan: Plan) -> str:
    return f"{reverse('proposals:decisions')}?year={plan.year}"


def _next(proposal: Proposal) -> str:
    """Return the page of the next proposal without a decision, in the order of the list and around its end."""
    waiting = proposal.plan.proposals.undecided().filter(decisions__isnull=True)
    places = sorted(waiting.values_list("district__order", "district", "order", "number", "pk"))
    here = (proposal.district.order, proposal.district_id, proposal.order, proposal.number or 0, proposal.pk)
    following = next((place for place in places if place > here), places[0] if places else None)
    return reverse("proposals:decide", args=[following[-1]]) if following else _list(proposal.plan)


@guard(Proposal, is_party("correct"))
def correct(request: SignedInRequest, proposal: Proposal) -> HttpResponse | HttpResponseBase:
    """Correct a published decision by another; both are shown."""
    shown = proposal.decisions.in_force().select_related("decided_by").first()
    if shown is None and request.method != "POST":
        messages.warning(request, "研處結果尚未公布，請直接修改。")
        return redirect("proposals:decide", pk=proposal.pk)
    form = CorrectionForm(request.POST if request.method == "POST" else None, proposal=proposal, shown=shown)
    if form.is_valid():
        try:
            actions.correct_decision(proposal=proposal, by=request.user, **form.cleaned_data)
        except ValidationError as refusal:
            form.add_error(None, refusal)
            form.show_now(proposal.decisions.in_force().first())
        else:
            messages.success(request, f"已更正「{proposal.subject}」的研處，並已通知各提案機關。")
            return redirect(_list(proposal.plan))
    return _page(request, proposal, form, shown)


def _page(request: SignedInRequest, proposal: Proposal, form: DecisionForm, shown: Decision | None) -> HttpResponse:
    who = together(proposal)
    context = {
        "proposal": proposal,
        "proposers": who.names,
        "merged": [merged for merged, _ in who.merged],
        "form": form,
        "shown": shown,
        "corrects": isinstance(form, CorrectionForm),
        "published": proposal.decisions.published().select_related("decided_by", "corrects").order_by("pk"),
        "placements": proposal.placements.select_related("agenda_item__meeting__district").order_by("pk"),
        "files": proposal.attachments.select_related("stored"),
        "back": _list(proposal.plan),
    }
    return render(request, "proposals/decide.html", context, status=422 if form.errors else 200)


# --- Publishing ------------------------------------------------------------------------------------------------------


@guard(Plan, can_decide)
def publish(request: SignedInRequest, plan: Plan) -> HttpResponse | HttpResponseBase:
    """Show what is pending, and publish what is ticked, all of it or none."""
    posted = request.POST.getlist("decision")
    refusal = ""
    if request.method == "POST":
        try:
            published = actions.publish_decisions(plan=plan, seen=_seen(posted), by=request.user)
        except ValidationError as error:
            refusal = error.messages[0]
        else:
            messages.success(request, f"已公布 {len(published)} 件研處結果，並已通知各提案機關。")
            return redirect(_list(plan))
    proposals: Any = plan.proposals.to_decide().filter(pk__in=_pending(plan).values("proposal"))
    rows: list[tuple[Any, ...]] = [(one, proposers(one), _last(one), one.resolution or "") for one in proposals]
    ticked = set(_seen(posted)) if request.method == "POST" else {one.pk for one, *_ in rows}
    context = {"plan": plan, "rows": rows, "ticked": ticked, "refusal": refusal, "back": _list(plan)}
    return render(request, "proposals/decisions_publish.html", context, status=422 if refusal else 200)


def _seen(posted: list[str]) -> dict[int, str]:
    """Return the stamps that the page showed, by the key of the proposal."""
    pairs = (value.partition(":") for value in posted)
    return {int(key): stamp for key, _, stamp in pairs if key.isascii() and key.isdecimal() and len(key) < 19}
