"""Proposals as their proposers see them: the list, the page of one, its form, and what is similar to a title."""

from django.db.models import Exists, OuterRef, Prefetch, QuerySet
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse

from districts.policies import is_somebody
from districts.standing import standing
from meetings.forms.pasted import tidy
from meetings.models import Minutes
from personnel_portal import lists
from personnel_portal.accounts.models import User
from personnel_portal.accounts.requests import SignedInRequest
from personnel_portal.guards import guard
from proposals.choices import ProposalState
from proposals.facts import decisions_of, together
from proposals.filters import ProposalFilter
from proposals.forms.proposals import ProposalForm
from proposals.models import Decision, FollowUp, Placement, Proposal
from proposals.policies import can_hand_in, is_party
from proposals.similar import similar
from proposals.views.items import LISTED, form_page, panel
from proposals.views.marking import marked

LIST = "修正建議提案"
TONES = {
    ProposalState.DRAFT: "none",
    ProposalState.SENT: "wait",
    ProposalState.COMPILED: "wait",
    ProposalState.AT_OFFICE: "wait",
    ProposalState.RESOLVED: "soon",
    ProposalState.PUBLISHED: "done",
    ProposalState.RETURNED: "late",
    ProposalState.MERGED: "none",
    ProposalState.WITHDRAWN: "none",
}


# --- The list --------------------------------------------------------------------------------------------------------


def _state(proposal: Proposal) -> lists.Cell:
    return lists.Cell(proposal.get_state_display(), TONES[ProposalState(proposal.state)], _late(proposal))


def _late(proposal: Proposal) -> str:
    return "逾期送件" if proposal.is_late else ""


def _agencies(proposal: Proposal) -> lists.Cell:
    others = len(proposal.co_proposers.all())
    return lists.Cell(proposal.agency.short_name, note=f"與 {others} 個機關聯合" if others else "")


def _outcome(proposal: Proposal) -> object:
    decided = list((proposal.merged_into or proposal).decisions.all())
    if not decided:
        return "—"
    last = decided[-1]
    return lists.Cell(last.get_outcome_display(), note="" if last.published_at else "尚未公布")


COLUMNS = [
    lists.Column("number", "編號", "reference", sort=("plan__year", "district__order", "number"), width=20),
    lists.Column("subject", "案由", sort=("subject",), link=lambda p: p.get_absolute_url(), width=60),
    lists.Column("agency", "提案機關", _agencies, sort=("agency__short_name",), width=24),
    lists.Column("district", "分區", "district.name", sort=("district__order",)),
    lists.Column("kind", "類別", "get_kind_display", sort=("kind",)),
    lists.Column("state", "狀態", _state, sort=("state",)),
    lists.Column("outcome", "研處", _outcome),
]


@guard(policy=is_somebody)
def index(request: SignedInRequest) -> HttpResponseBase:
    """List the proposals that the person may see, the newest first."""
    mine = standing(request.user)
    # The office's own people hand nothing in.
    begins = can_hand_in(request.user) and not mine.is_office
    actions = [lists.Action("新增提案", reverse("proposals:create"))] if begins else []
    if begins:
        actions.append(lists.Action("匯入", reverse("proposals:import_proposals"), primary=False))
    return lists.show(
        request,
        queryset=_listed(request.user),
        columns=COLUMNS,
        filterset_class=ProposalFilter,
        title=LIST,
        empty="尚無提案。按「新增提案」開始，可先存草稿再送承辦單位。",
        actions=actions,
        office_id=mine.office_id,
    )


def _listed(user: User) -> QuerySet[Proposal]:
    # What is pending is the office's own, here as everywhere; a merged proposal follows its lead.
    decisions = Decision.objects.visible_to(user).only("proposal", "outcome", "published_at").order_by("pk")
    return (
        Proposal.objects.visible_to(user)
        .select_related(None)
        .select_related("plan", "district", "agency", "merged_into")
        .only(*LISTED, "merged_into__state")
        .prefetch_related(
            "co_proposers", Prefetch("decisions", decisions), Prefetch("merged_into__decisions", decisions)
        )
    )


# --- One proposal ----------------------------------------------------------------------------------------------------


@guard(Proposal)
def detail(request: SignedInRequest, proposal: Proposal) -> HttpResponse:
    """Show a proposal: how far it is, what it asks for, who proposes, and what became of it."""
    user = request.user
    lead = proposal.merged_into
    who = together(proposal)
    decisions = decisions_of(user, proposal)
    placements = _placements(user, lead or proposal)
    before, after = marked(proposal.current_rule, proposal.wording)
    context = {
        **panel(user, proposal, who.agencies),
        "proposal": proposal,
        "tone": TONES[ProposalState(proposal.state)],
        "steps": steps(proposal, placed=bool(placements), decided=bool(decisions)),
        "before": before,
        "after": after,
        "compared": bool(proposal.current_rule and proposal.wording),
        "joint": who.joined,
        "lead": lead,
        "merged": who.merged,
        "placements": placements,
        "decisions": decisions,
        "corrected": {decision.corrects_id for decision in decisions if decision.published_at},
        "follow_ups": FollowUp.objects.visible_to(user).filter(proposal=lead or proposal).select_related("agency"),
        "asks_similar": _still_written(proposal) and bool(is_party("edit")(user, proposal)),
    }
    return render(request, "proposals/detail.html", context)


def _still_written(proposal: Proposal) -> bool:
    return proposal.state in (ProposalState.DRAFT, ProposalState.RETURNED)


def _placements(user: User, proposal: Proposal) -> list[tuple[Placement, bool]]:
    """Return the agendas, each with whether the person may read what was resolved there: that is part of the minutes,
    until the result is published."""
    minutes = Minutes.objects.visible_to(user).filter(meeting=OuterRef("agenda_item__meeting"))
    rows = proposal.placements.select_related("agenda_item__meeting__district").annotate(is_readable=Exists(minutes))
    published = proposal.state == ProposalState.PUBLISHED
    return [(row, published or row.is_readable) for row in rows]


def steps(proposal: Proposal, *, placed: bool, decided: bool) -> list[tuple[str, str]]:
    """Return the stepper of a proposal.

    Args:
        placed: whether it is on an agenda.
        decided: whether the person knows of a decision; one that is pending shows to the office alone.
    """
    state = ProposalState(proposal.state)
    if state in (ProposalState.WITHDRAWN, ProposalState.MERGED):
        way = ["草稿", "送承辦單位"] if proposal.sent_at else ["草稿"]
        return [*((name, "past") for name in way), (state.label, "stop")]
    reached = {
        ProposalState.DRAFT: {"草稿"},
        ProposalState.SENT: {"送承辦單位"},
        ProposalState.COMPILED: {"彙整"},
        ProposalState.AT_OFFICE: {"送本處"},
        ProposalState.RESOLVED: {"決議"},
        ProposalState.PUBLISHED: {"結果公布"},
    }
    names = ["草稿", "送承辦單位", "彙整", "送本處", "列入議程", "決議", "研處", "結果公布"]
    if state == ProposalState.RETURNED:
        return [("草稿", "past"), (state.label, "stop"), *((name, "next") for name in names[1:])]
    (now,) = reached[state]
    return _stepper(names, now, placed=placed, decided=decided)


def _stepper(names: list[str], now: str, *, placed: bool, decided: bool) -> list[tuple[str, str]]:
    at = names.index(now)
    if placed and now == "送本處":
        at = names.index("列入議程")
    if decided and at < names.index("研處"):
        at = names.index("研處")
    found = []
    for place, name in enumerate(names):
        state = "past" if place < at or now == "結果公布" else "now" if place == at else "next"
        if name == "列入議程" and placed:
            state = "past" if state == "next" else state
        # What was not waited for is no step that anybody took.
        if name == "列入議程" and state == "past" and not placed:
            continue
        if name == "決議" and state == "past" and not placed:
            continue
        found.append((name, state))
    return found


# --- Its form --------------------------------------------------------------------------------------------------------


@guard(policy=can_hand_in)
def create(request: SignedInRequest) -> HttpResponseBase:
    """Begin a proposal; `?meeting=` names the call that it answers."""
    return _form(request, Proposal(), "新增提案")


@guard(Proposal, is_party("edit"))
def edit(request: SignedInRequest, proposal: Proposal) -> HttpResponseBase:
    """Change a draft or a returned proposal."""
    return _form(request, proposal, "編輯提案")


def _form(request: SignedInRequest, proposal: Proposal, title: str) -> HttpResponseBase:
    context = {
        "title": title,
        "back": reverse("proposals:list"),
        "list_title": LIST,
    }
    return form_page(request, proposal, ProposalForm, "proposals/form.html", **context)


@guard(policy=is_somebody)
def similar_titles(request: SignedInRequest) -> HttpResponse:
    """Answer what is like the title that is being typed (`?subject=`), leaving out the proposal itself (`?item=`)."""
    title = tidy(request.GET.get("subject", "")[:200], lines=False)
    key = request.GET.get("item", "")
    own = Proposal.objects.visible_to(request.user).filter(pk=int(key)) if _is_key(key) else Proposal.objects.none()
    context = {"similar": similar(request.user, title, apart_from=own.first()), "asked": bool(title)}
    return render(request, "proposals/_similar.html", context)


def _is_key(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 19
