"""The host's compile screen: what came in, merged, put in order, placed on agendas, and sent to the office together."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Case as Choose
from django.db.models import Count, Exists, F, OuterRef, Prefetch, Q, Value, When, Window
from django.db.models.functions import RowNumber
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from districts.models import District
from personnel_portal.accounts.models import User
from personnel_portal.accounts.requests import SignedInRequest
from personnel_portal.guards import guard
from proposals.actions import compiling as actions
from proposals.choices import CaseState, ProposalState
from proposals.facts import proposers, with_proposers
from proposals.forms.compiling import (
    ChosenForm,
    MergeForm,
    PlaceForm,
    ResolutionForm,
    ShareForm,
    open_meetings,
)
from proposals.models import Case, Placement, Proposal
from proposals.models.items import Item
from proposals.policies import (
    can_host,
    can_read_compilation,
    can_work_on_compilation,
    is_party,
    may_take,
)

KINDS: dict[str, type[Item]] = {"proposals": Proposal, "cases": Case}
COMPILED = (ProposalState.COMPILED,)
# Whatever went further is at the office; the states of cases are of the same names.
PARTS = {
    "waiting": (ProposalState.SENT, CaseState.SHARED),
    "compiled": COMPILED,
    "back": (ProposalState.RETURNED, ProposalState.WITHDRAWN),
}
SHOWN = 30  # items of a part; a district with more of them goes through them in turn, or looks at the list
TONES = {
    "sent": "soon",
    "shared": "soon",
    "compiled": "wait",
    "at_office": "wait",
    "in_review": "wait",
    "resolved": "wait",
    "published": "done",
    "returned": "late",
    "withdrawn": "none",
    "merged": "none",
}


@dataclass(frozen=True, slots=True)
class Line:
    """An item as the screen shows it, with the steps that the person may take."""

    item: Any
    steps: frozenset[str]
    proposers: tuple[str, ...]
    tone: str
    merged: tuple["Line", ...] = ()
    placements: tuple[Placement, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """The first items of a kind that are equally far, and how many there are altogether."""

    lines: list[Line]
    of: int

    @property
    def more(self) -> int:
        """How many the page leaves out."""
        return self.of - len(self.lines)


@dataclass(frozen=True, slots=True)
class Group:
    """The items of a kind by how far they are; `address` is the list with all of them."""

    kind: str
    label: str
    address: str
    waiting: Part
    compiled: Part
    at_office: Part
    back: Part

    @property
    def places(self) -> bool:
        """Whether the person may put some of them on an agenda."""
        return any("place" in line.steps for line in (*self.compiled.lines, *self.at_office.lines))

    @property
    def taken_in(self) -> int:
        """How many the district's 彙整表 lists: those that wait for the office and those that are there."""
        return self.compiled.of + self.at_office.of


# --- The screen ------------------------------------------------------------------------------------------------------


@guard(District, can_read_compilation)
def compile_district(request: SignedInRequest, district: District) -> HttpResponse:
    """Show what was sent in the district by how far it is, of each part the first, and what can be done with it."""
    proposals, cases = _proposals(district), _cases(district)
    groups = [
        _group(
            "proposals", "修正建議提案", f"{reverse('proposals:list')}?district={district.pk}", request.user, proposals
        ),
        _group("cases", "業務案例", f"{reverse('proposals:cases')}?district={district.pk}", request.user, cases),
    ]
    is_host = can_host(request.user, district)
    context = {
        "district": district,
        "groups": groups,
        "is_host": is_host,
        "ready": sum(group.compiled.of for group in groups) if is_host else 0,
        "resolved": proposals[0].resolved if proposals and can_work_on_compilation(request.user, district) else 0,
        "meetings": open_meetings(district) if groups[0].places else [],
    }
    return render(request, "proposals/compile.html", context)


def _proposals(district: District) -> list[Any]:
    """Return the proposals that the screen shows; each says how many of all have a resolution to take over (`resolved`)."""
    rows = district.proposals.exclude(state=ProposalState.MERGED)  # stands with its lead
    recorded = Placement.objects.filter(
        proposal=OuterRef("pk"), agenda_item__meeting__starts_at__lte=timezone.now()
    ).exclude(agenda_item__resolution="")
    is_recorded = Exists(recorded) & Q(state=ProposalState.AT_OFFICE)
    rows = rows.annotate(resolved=Window(Count("pk", filter=is_recorded)))
    placements = Placement.objects.select_related("agenda_item__meeting__district").order_by("pk")
    return with_proposers(_first_of_each(rows).prefetch_related(Prefetch("placements", placements)))


def _cases(district: District) -> list[Any]:
    return list(_first_of_each(district.cases.all()))


def _first_of_each(rows: Any) -> Any:
    """Return of each part of what was sent the first rows in the compiled order, what is published last; each says its
    `part` and how many that has (`of`)."""
    parts = [When(state__in=states, then=Value(part)) for part, states in PARTS.items()]
    is_published = When(state=ProposalState.PUBLISHED, then=1)  # the state of cases is of the same name
    order = (Choose(is_published, default=0), F("package__sent_at").asc(nulls_last=True), "order", "number")
    part = Choose(*parts, default=Value("at_office"))
    return (
        rows.filter(sent_at__isnull=False)
        .exclude(state=ProposalState.DRAFT)
        .annotate(part=part, of=Window(Count("pk"), partition_by=part))
        .annotate(place=Window(RowNumber(), partition_by=part, order_by=order))
        .filter(place__lte=SHOWN)
        .select_related("plan", "district", "agency", "meeting__district")
        .order_by("place")
    )


def _group(kind: str, label: str, address: str, user: User, rows: Iterable[Any]) -> Group:
    parts = {name: Part([], 0) for name in (*PARTS, "at_office")}
    for row in rows:
        parts[row.part] = Part([*parts[row.part].lines, _line(user, row)], row.of)
    return Group(kind, label, address, **parts)


def _line(user: User, item: Any) -> Line:
    """Return an item as the screen shows it; a proposal with what was merged into it and where it is on agendas."""
    is_proposal = isinstance(item, Proposal)
    return Line(
        item,
        frozenset(may_take(user, item)),
        tuple(proposers(item)) if is_proposal else (item.agency.short_name,),
        TONES[item.state],
        tuple(_merged(user, one) for one in item.merged.all()) if is_proposal else (),
        tuple(item.placements.all()) if is_proposal else (),
    )


def _merged(user: User, one: Proposal) -> Line:
    return Line(one, frozenset(may_take(user, one)), (one.agency.short_name,), TONES[one.state])


# --- Steps with several items ----------------------------------------------------------------------------------------


@require_POST
@guard(District, can_work_on_compilation)
def take_in(request: SignedInRequest, district: District) -> HttpResponseBase:
    """Take the ticked items into the compilation, or the one whose button gives consent to a late one."""
    if form := _chosen(request, district, ChosenForm):
        _say(request, actions.take_in(district=district, items=form.items, by=request.user), "已彙整 {} 件。")
    return _back(district)


@require_POST
@guard(District, can_work_on_compilation)
def share(request: SignedInRequest, district: District) -> HttpResponseBase:
    """Mark the ticked cases as shared at the meeting."""
    if form := _chosen(request, district, ShareForm):
        _say(request, actions.share_cases(district=district, cases=form.items, by=request.user), "已登錄分享 {} 件。")
    return _back(district)


@require_POST
@guard(District, can_work_on_compilation)
def place(request: SignedInRequest, district: District) -> HttpResponseBase:
    """Put the ticked proposals on a meeting's agenda."""
    if form := _chosen(request, district, PlaceForm):
        meeting = form.cleaned_data["meeting"]
        batch = actions.put_each_on_agenda(proposals=form.items, meeting=meeting, by=request.user)
        _say(request, batch, f"已將 {{}} 件提案列入「{meeting}」議程。")
    return _back(district)


@require_POST
@guard(District, can_work_on_compilation)
def resolve_recorded(request: SignedInRequest, district: District) -> HttpResponseBase:
    """Take over the resolutions that the agendas have already."""
    batch = actions.resolve_recorded(district=district, by=request.user)
    _say(request, batch, "已帶入 {} 件決議。")
    if batch == actions.Batch(0, ()):
        messages.info(request, "議程上沒有尚未登錄的決議。")
    return _back(district)


def _chosen(request: SignedInRequest, district: District, form_class: type[Any]) -> Any:
    """Return the valid form, or nothing after having said what is wrong."""
    data = request.POST.copy()
    kind, _, key = data.get("only", "").partition("-")
    if kind in KINDS:  # the button of one item, whatever else is ticked
        data.setlist("proposals", [])
        data.setlist("cases", [])
        data.setlist(kind, [key])
    form = form_class(data, district=district)
    if form.is_valid():
        return form
    for errors in form.errors.values():
        for error in errors:
            messages.error(request, str(error))
    return None


def _say(request: SignedInRequest, batch: actions.Batch, done: str) -> None:
    if batch.done:
        messages.success(request, done.format(batch.done))
    for refusal in batch.refused:
        messages.error(request, refusal)


def _back(district: District) -> HttpResponseBase:
    return redirect("proposals:compile", pk=district.pk)


@require_POST
@guard(District, can_host)
def order(request: SignedInRequest, district: District, kind: str) -> HttpResponseBase:
    """Reorder the compiled items of a kind: by `order` for all (a script drags), or by `up` or `down` for one."""
    if kind not in KINDS:
        raise Http404
    by_script = "order" in request.POST
    try:
        keys = _asked_order(request, KINDS[kind], district)
        actions.order_compiled(district=district, kind=KINDS[kind], order=keys, by=request.user)
    except ValidationError as refusal:
        if by_script:
            return HttpResponse(refusal.messages[0], status=409, content_type="text/plain; charset=utf-8")
        messages.error(request, refusal.messages[0])
    if by_script:
        return HttpResponse(status=204)
    return redirect(f"{reverse('proposals:compile', args=[district.pk])}#{kind}")


def _asked_order(request: SignedInRequest, model: Any, district: District) -> list[int]:
    """Return the keys in the order asked for.

    Raises:
        ValidationError: what was posted names no compiled item.
    """
    if "order" in request.POST:
        posted = request.POST.getlist("order")
        return [int(key) for key in posted if key.isascii() and key.isdecimal() and len(key) < 19]
    rows = model.objects.filter(district=district, state__in=COMPILED).in_compiled_order()
    keys: list[int] = list(rows.values_list("pk", flat=True))
    step, moved = (-1, request.POST["up"]) if "up" in request.POST else (1, request.POST.get("down", ""))
    at = next((index for index, key in enumerate(keys) if str(key) == moved), None)
    if at is None:
        raise ValidationError("彙整內容已由他人變更，請重新整理後再排序。")
    to = min(max(at + step, 0), len(keys) - 1)
    keys[at], keys[to] = keys[to], keys[at]
    return keys


# --- Steps with one proposal -----------------------------------------------------------------------------------------


@guard(Proposal, is_party("merge"))
def merge(request: SignedInRequest, proposal: Proposal) -> HttpResponse | HttpResponseBase:
    """Choose the lead of a proposal, and merge it."""
    form = MergeForm(request.POST if request.method == "POST" else None, proposal=proposal)
    sought = request.GET.get("q", "").replace("\0", "")[:100]  # PostgreSQL refuses to look for a NUL
    if form.is_valid():
        try:
            merged = actions.merge_proposal(proposal=proposal, lead=form.cleaned_data["lead"], by=request.user)
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            lead = merged.merged_into
            messages.success(request, f"已將「{proposal.subject}」併入「{lead}」，並已通知雙方提案機關。")
            return _back(proposal.district)
    leads, more = form.leads(sought)
    context = {
        "proposal": proposal,
        "form": form,
        "leads": [(one, proposers(one)) for one in leads],
        "more": more,
        "sought": sought,
    }
    return render(request, "proposals/compile_merge.html", context, status=422 if form.errors else 200)


@guard(Proposal, is_party("split"))
def split(request: SignedInRequest, proposal: Proposal) -> HttpResponse | HttpResponseBase:
    """Ask, then let a merged proposal stand by itself again."""
    lead = proposal.merged_into
    if request.method == "POST" or lead is None:
        try:
            actions.split_proposal(proposal=proposal, by=request.user)
            messages.success(request, f"「{proposal.subject}」已解除併案，並已通知提案機關。")
        except ValidationError as refusal:
            messages.error(request, refusal.messages[0])
        return _back(proposal.district)
    context = {
        "title": f"「{proposal.subject}」解除併案？",
        "text": f"{proposal.reference}　{proposal.agency}",
        "consequences": [
            f"不再併入「{lead}」（{lead.reference}），回到主提案目前的進度：{lead.get_state_display()}。",
            "自動寄信通知提案機關。",
        ],
        "action": "解除併案",
        "cancel_url": reverse("proposals:compile", args=[proposal.district_id]),
    }
    return render(request, "components/confirm.html", context)


@guard(Proposal, is_party("resolve"))
def resolve(request: SignedInRequest, proposal: Proposal) -> HttpResponse | HttpResponseBase:
    """Record what the meeting resolved on a proposal; `?item=` chooses among the agendas on which it stands."""
    placements = list(
        proposal.placements.select_related("agenda_item__meeting__district", "agenda_item__meeting__plan").order_by(
            "-agenda_item__meeting__starts_at"
        )
    )
    if not placements:
        messages.warning(request, f"「{proposal.subject}」尚未列入議程，請先列入再登錄決議。")
        return _back(proposal.district)
    asked = request.GET.get("item", "")
    item = next((one.agenda_item for one in placements if str(one.agenda_item_id) == asked), placements[0].agenda_item)
    form = ResolutionForm(request.POST if request.method == "POST" else None, instance=item)
    if form.is_valid():
        resolution = form.changes.get("resolution", "")
        try:
            actions.resolve_proposal(
                proposal=proposal, item=item, by=request.user, resolution=resolution, shown=form.as_shown
            )
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            messages.success(request, f"已登錄「{proposal.subject}」的決議。")
            return _back(proposal.district)
    context = {"proposal": proposal, "form": form, "item": item, "placements": placements}
    return render(request, "proposals/compile_resolve.html", context, status=422 if form.errors else 200)
