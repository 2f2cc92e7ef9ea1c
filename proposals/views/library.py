"""The library of published cases, and which of them may no longer hold."""

import re
from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_POST
from rapidfuzz import fuzz, process

from districts.policies import is_reviewer, is_somebody
from districts.standing import standing
from personnel_portal import lists
from personnel_portal.accounts.models import User
from personnel_portal.accounts.requests import SignedInRequest
from personnel_portal.documents.sheets import FORMATS
from personnel_portal.guards import guard
from personnel_portal.rules.folding import pattern
from personnel_portal.trail.models import Entry
from proposals.actions import cases as case_actions
from proposals.actions import library as actions
from proposals.actions.cases import REVIEWED
from proposals.filters import LibraryFilter
from proposals.forms.cases import CorrectionForm
from proposals.forms.items import ReasonForm
from proposals.models import Case, Helpful, Publication, Supersession
from proposals.policies import can_correct
from proposals.similar import ALIKE, matter

RELATED = 5
COMPARED = 2000  # those that cite the same statutes and the newest, whose subjects are compared
BEFORE, AFTER = 16, 60  # letters of a snippet around what was found


# --- The list --------------------------------------------------------------------------------------------------------


@guard(policy=is_somebody)
def index(request: SignedInRequest) -> HttpResponseBase:
    """List the published cases; a search shows where it was found."""
    mine = standing(request.user)
    exporting = "export" in request.GET
    buttons = [
        lists.Action("各機關案例" if mine.is_office else "本機關案例", reverse("proposals:cases"), primary=False)
    ]
    if is_reviewer(request.user):
        buttons.append(lists.Action("待確認的適用檢視", reverse("proposals:supersessions"), primary=False))
    return lists.show(
        request,
        queryset=_listed(request.user),
        columns=_columns([] if exporting else request.GET.get("q", "")[:100].split()),
        filterset_class=LibraryFilter,
        title="案例庫",
        empty="尚無已發布的案例。案例經去識別審查後，由人事處發布於此。",
        actions=buttons,
        office_id=mine.office_id,
    )


def _listed(user: User) -> QuerySet[Publication]:
    ended = Supersession.objects.filter(publication=OuterRef("pk"), is_confirmed=True)
    return Publication.objects.visible_to(user).current().annotate(helped=_helped(), is_superseded=Exists(ended))


def _helped() -> Coalesce:
    helped = Helpful.objects.filter(publication=OuterRef("pk")).order_by().values("publication")
    return Coalesce(Subquery(helped.annotate(n=Count("pk")).values("n")), 0)


def _columns(words: Sequence[str]) -> list[lists.Column]:
    """Return the columns of the library; the words that were searched for stand below the subject."""

    def subject(publication: Publication) -> lists.Cell:
        return lists.Cell(publication.subject, note=snippet(publication, words) if words else "")

    return [
        lists.Column("subject", "案由", subject, sort=("subject",), link=lambda p: p.get_absolute_url(), width=60),
        lists.Column("state", "狀態", _state),
        lists.Column("business", "業務類別", "get_business_display", sort=("business",)),
        lists.Column("kind", "案例類型", "get_kind_display", sort=("kind",)),
        lists.Column("statutes_text", "相關法規", sort=("statutes_text",), width=40),
        lists.Column("plan", "年度", "plan.year", sort=("plan__year",), numeric=True),
        lists.Column("district", "分區", "district.name", sort=("district__order",)),
        lists.Column("helped", "有幫助", sort=("helped",), numeric=True),
        lists.Column("published", "發布日期", lambda p: timezone.localdate(p.published_at), sort=("published_at",)),
    ]


def _state(publication: Publication) -> lists.Cell:
    if publication.taken_down_at:
        return lists.Cell("停止公開", "late")
    if publication.is_superseded:  # type: ignore[attr-defined]  # annotated by _listed
        return lists.Cell("已不適用", "soon")
    return lists.Cell("更正版" if publication.corrects_id else "現行", "done")


def snippet(publication: Publication, words: Sequence[str]) -> SafeString:
    """Return, as HTML, a piece of the first text that holds one of the words, all of them marked in it."""
    sought = re.compile("|".join(f"(?:{pattern(word)})" for word in words), re.IGNORECASE)
    for text in (getattr(publication, name) for name in REVIEWED if name != "subject"):
        if (found := sought.search(text)) and found.group():
            start, end = max(found.start() - BEFORE, 0), min(found.end() + AFTER, len(text))
            before, after = "…" if start else "", "…" if end < len(text) else ""
            return mark_safe(f"{before}{_marked(text[start:end], sought)}{after}")  # noqa: S308  # _marked escapes
    return mark_safe("")


def _marked(text: str, sought: re.Pattern[str]) -> str:
    parts, end = [], 0
    for found in sought.finditer(text):
        parts += [escape(text[end : found.start()]), f"<mark>{escape(found.group())}</mark>" if found.group() else ""]
        end = found.end()
    return "".join([*parts, escape(text[end:])])


# --- One publication -------------------------------------------------------------------------------------------------


@guard(Publication)
def publication(request: SignedInRequest, publication: Publication) -> HttpResponse:
    """Show a published case, what became of it, and what is like it."""
    user = request.user
    is_office = standing(user).is_office
    versions = _versions(user, publication)
    earlier = versions.get(publication.corrects_id or 0)
    reviews = list(publication.supersessions.select_related("proposal__plan", "proposal__district", "statute"))
    context = {
        "publication": publication,
        "texts": texts_of(publication),
        "earlier": earlier,
        "later": next((one for one in versions.values() if one.corrects_id == publication.pk), None),
        "changed": _changed(publication, earlier) if earlier else [],
        "superseded": [one for one in reviews if one.is_confirmed],
        "suggested": is_office and any(one.is_confirmed is None for one in reviews),
        "helped": versions[publication.pk].helped,
        "has_helped": versions[publication.pk].has_helped,
        "related": related(user, publication),
        "can_correct": can_correct(user, publication),
        "history": Entry.objects.for_target(Case(pk=publication.case_id))[:20] if is_office else None,
        "is_office": is_office,
    }
    return render(request, "proposals/publication.html", context)


def _versions(user: User, publication: Publication) -> dict[int, Any]:
    """Return the case as it was published and corrected, each with how many it `helped`, and whether this person."""
    versions = Publication.objects.visible_to(user).filter(case=publication.case_id)
    by_user = Helpful.objects.filter(publication=OuterRef("pk"), user=user)
    return {one.pk: one for one in versions.annotate(helped=_helped(), has_helped=Exists(by_user))}


def texts_of(publication: Publication) -> list[tuple[str, str]]:
    """Return the long texts of a published case with their labels; what is empty is left out."""
    return [(_label(name), text) for name in ("summary", "handling", "outcome") if (text := getattr(publication, name))]


def _changed(publication: Publication, before: Publication) -> list[tuple[str, str]]:
    """Return what a correction changed: the texts as they were before."""
    changed = [name for name in REVIEWED if getattr(before, name) != getattr(publication, name)]
    found = [(_label(name), getattr(before, name) or "（空白）") for name in changed]
    chosen = [name for name in ("business", "kind") if getattr(before, name) != getattr(publication, name)]
    return [*found, *((_label(name), getattr(before, f"get_{name}_display")()) for name in chosen)]


def _label(name: str) -> str:
    return str(Publication._meta.get_field(name).verbose_name)  # type: ignore[union-attr]  # all are columns


def related(user: User, publication: Publication) -> list[Publication]:
    """Return what cites the same statutes or has a similar subject, what does both and most first."""
    others = Publication.objects.visible_to(user).current().filter(taken_down_at__isnull=True)
    others = others.exclude(case=publication.case_id)
    shared = Count("statutes", filter=Q(statutes__in=publication.statutes.values("pk")))
    compared = others.annotate(shared=shared).order_by("-shared", "-pk").values_list("pk", "subject", "shared")
    found = compared[:COMPARED]
    scores: dict[int, float] = {key: together for key, _, together in found if together}
    matters = {key: matter(subject) for key, subject, _ in found}
    for _, alike, key in process.extract(matter(publication.subject), matters, scorer=fuzz.ratio, limit=len(matters)):
        if key in scores or alike >= ALIKE:
            scores[key] = scores.get(key, 0) + alike / 100
    best = sorted(scores, key=lambda key: (-scores[key], -key))[:RELATED]
    rows = others.in_bulk(best)
    return [rows[key] for key in best if key in rows]


@require_POST
@guard(Publication)
def helpful(request: SignedInRequest, publication: Publication) -> HttpResponse:
    """Say that the case helped, or take it back."""
    if actions.toggle_helpful(publication=publication, by=request.user):
        messages.success(request, "已註記「對我有幫助」。")
    else:
        messages.success(request, "已取消「對我有幫助」。")
    return redirect(publication)


@guard(Publication, can_correct)
def correct(request: SignedInRequest, publication: Publication) -> HttpResponse:
    """Publish the case in new words beside the old ones."""
    is_superseded = publication.supersessions.filter(is_confirmed=True).exists()
    form = CorrectionForm(
        request.POST if request.method == "POST" else None, publication=publication, is_superseded=is_superseded
    )
    if form.is_valid():
        try:
            corrected = case_actions.correct_publication(
                publication=publication,
                changes=form.changes(),
                reason=form.cleaned_data["reason"],
                confirmed=form.cleaned_data.get("confirmed", []),
                stays_superseded=form.cleaned_data.get("stays_superseded", False),
                by=request.user,
            )
        except ValidationError as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, "已發布更正；原內容仍可查閱。")
            return redirect(corrected)
    context = {"publication": publication, "form": form}
    return render(request, "proposals/publication_correct.html", context, status=422 if form.errors else 200)


@guard(Publication, can_correct)
def take_down(request: SignedInRequest, publication: Publication) -> HttpResponse:
    """Ask why, then stop showing the case."""
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            case_actions.take_down(publication=publication, reason=form.cleaned_data["reason"], by=request.user)
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            messages.success(request, "已停止公開，僅人事處可檢視。")
            return redirect(publication)
    context = {
        "title": f"停止公開「{publication.subject}」？",
        "consequences": ["其他機關立即無法查閱；人事處仍可檢視，紀錄保留。", "更正前或更正後的版本請另行停止公開。"],
        "form": form,
        "action": "停止公開",
        "cancel_url": publication.get_absolute_url(),
        "danger": True,
    }
    return render(request, "components/confirm.html", context, status=422 if form.errors else 200)


# --- Living precedents -----------------------------------------------------------------------------------------------


_STANDS = {None: "待確認", True: "已不適用", False: "仍適用"}
SUPERSESSION_COLUMNS = [
    lists.Column("state", "適用檢視", lambda one: _STANDS[one.is_confirmed]),
    lists.Column("case", "案例", "publication.subject", width=60),
    lists.Column("year", "年度", "publication.plan.year", numeric=True, width=8),
    lists.Column("statute", "法規", lambda one: str(one.statute), width=40),
    lists.Column("reference", "提案編號", "proposal.reference", width=20),
    lists.Column("proposal", "參採的提案", "proposal.subject", width=60),
    lists.Column("decided_by", "確認人", lambda one: one.decided_by.get_full_name() if one.decided_by else None),
    lists.Column("decided_at", "確認時間", width=18),
]


@guard(policy=is_reviewer)
def supersessions(request: SignedInRequest) -> HttpResponseBase:
    """List the published cases that an adopted proposal may have changed, to be confirmed or dismissed.

    `?export=ods` hands out all of them.
    """
    found = Supersession.objects.visible_to(request.user).select_related(
        "publication__plan", "proposal__plan", "proposal__district", "statute", "decided_by"
    )
    if request.GET.get("export") in lists.EXPORTS:
        return lists.show(
            request,
            queryset=found,
            columns=SUPERSESSION_COLUMNS,
            title="案例適用檢視",
            empty="沒有待確認的案例。",
            office_id=standing(request.user).office_id,
        )
    context = {
        "exports": [(form, FORMATS[form][0]) for form in lists.EXPORTS],
        "waiting": found.filter(is_confirmed__isnull=True)[:100],
        "count": found.filter(is_confirmed__isnull=True).count(),
        "decided": found.filter(is_confirmed__isnull=False).order_by("-decided_at", "-pk")[:30],
    }
    return render(request, "proposals/library_supersessions.html", context)


@require_POST
@guard(Supersession, lambda user, _: is_reviewer(user))
def decide_supersession(request: SignedInRequest, supersession: Supersession) -> HttpResponse:
    """Confirm (`confirm`) or dismiss that a case no longer holds."""
    is_superseded = "confirm" in request.POST
    try:
        actions.decide_supersession(supersession=supersession, is_superseded=is_superseded, by=request.user)
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
    else:
        messages.success(
            request, "已註明「已不適用」，並已通知提供機關。" if is_superseded else "已確認仍適用，案例不變。"
        )
    return redirect("proposals:supersessions")
