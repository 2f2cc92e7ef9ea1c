"""The review of a case: what may give somebody away is marked, a person decides on each, then it is published."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Page, Paginator
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from personnel_portal.accounts.requests import SignedInRequest
from personnel_portal.guards import guard
from proposals.actions import cases as actions
from proposals.choices import CaseState, MarkDecision
from proposals.forms.cases import MarksForm, PassageForm
from proposals.models import Case, Mark
from proposals.policies import is_party

PER_PAGE = 200  # marks; a form of more fields than a thousand is refused by Django
AROUND = 14  # letters beside a mark


@dataclass(frozen=True, slots=True)
class Text:
    """A text of a case in pieces: what stands between the marks, and the marks."""

    label: str
    pieces: list[tuple[str, Mark | None]]


@require_POST
@guard(Case, is_party("review"))
def start(request: SignedInRequest, case: Case) -> HttpResponse:
    """Mark what may give somebody away."""
    try:
        actions.start_review(case=case, by=request.user)
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
        return redirect(case)
    return redirect("proposals:review_case", case.pk)


@guard(Case, is_party("mark"))
def review(request: SignedInRequest, case: Case) -> HttpResponse:
    """Decide on the marks of a page."""
    if request.method != "POST":
        return _page(request, case)
    form = MarksForm(request.POST, marks=_marks(request, case))
    if form.is_valid():
        try:
            new = actions.decide_marks(
                case=case, decisions=form.decisions, shown=form.as_shown or None, by=request.user
            )
        except ValidationError as refusal:
            form.show_again(_marks(request, case), refusal)
        else:
            messages.success(request, f"已確認 {new} 處標記。" if new else "標記沒有變更。")
            return redirect(request.get_full_path())
    return _page(request, case, form=form, status=422)


@require_POST
@guard(Case, is_party("mark"))
def add_mark(request: SignedInRequest, case: Case) -> HttpResponse:
    """Hide a passage that the portal overlooked."""
    form = PassageForm(request.POST)
    if form.is_valid():
        try:
            places = actions.add_mark(case=case, by=request.user, **form.passage())
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            messages.success(request, f"已遮蔽 {places} 處。")
            return redirect("proposals:review_case", case.pk)
    return _page(request, case, passage_form=form, status=422)


@guard(Case, is_party("publish"))
def publish(request: SignedInRequest, case: Case) -> HttpResponse:
    """Show the case as it will stand in the library, and publish it when that is confirmed."""
    if request.method == "POST":
        try:
            publication = actions.publish_case(case=case, by=request.user)
        except ValidationError as refusal:
            messages.error(request, refusal.messages[0])
            return redirect("proposals:review_case", case.pk)
        messages.success(request, "已發布於案例庫，並已通知提供機關與承辦單位。")
        return redirect(publication)
    if case.state != CaseState.IN_REVIEW or _waiting(case):
        return redirect("proposals:review_case", case.pk)
    texts = [(_label(field), text) for field, text in actions.hidden_texts(case).items() if text]
    return render(request, "proposals/case_publish.html", {"case": case, "texts": texts})


def _page(
    request: SignedInRequest,
    case: Case,
    *,
    form: MarksForm | None = None,
    passage_form: PassageForm | None = None,
    status: int = 200,
) -> HttpResponse:
    case.refresh_from_db()
    if case.state != CaseState.IN_REVIEW:
        # A colleague published or returned it: no fault of the person, so no page of refusal.
        for refusal in [*_said(form), *_said(passage_form)]:
            messages.error(request, refusal)
        return redirect(case)
    marks = list(case.marks.select_related("decided_by"))
    page = _paged(request, case)
    form = form or MarksForm(marks=page.object_list)
    context = {
        "case": case,
        "page": page,
        "pages": page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1),
        "form": form,
        "rows": [(mark, field, *_around(case, mark)) for mark, field in form.rows()],
        "passage_form": passage_form or PassageForm(),
        "texts": [Text(_label(name), list(_pieces(case, name, marks))) for name in actions.REVIEWED],
        "waiting": _waiting(case),
    }
    return render(request, "proposals/case_review.html", context, status=status)


def _said(form: Form | None) -> list[str]:
    return [str(error) for errors in form.errors.values() for error in errors] if form else []


def _waiting(case: Case) -> int:
    return case.marks.filter(decision=MarkDecision.PENDING).count()


def _paged(request: SignedInRequest, case: Case) -> Page[Mark]:
    marks = case.marks.select_related("decided_by").order_by("pk")
    return Paginator(marks, PER_PAGE).get_page(request.GET.get("page"))


def _marks(request: SignedInRequest, case: Case) -> list[Mark]:
    return list(_paged(request, case).object_list)


def _label(field: str) -> str:
    return str(Case._meta.get_field(field).verbose_name)  # type: ignore[union-attr]  # all are columns


def _around(case: Case, mark: Mark) -> tuple[str, str, str]:
    """Return in which text a mark stands, and the letters before and after it."""
    text = getattr(case, mark.field)
    return _label(mark.field), text[max(mark.start - AROUND, 0) : mark.start], text[mark.end : mark.end + AROUND]


def _pieces(case: Case, field: str, marks: list[Mark]) -> Iterator[tuple[str, Mark | None]]:
    text, end = getattr(case, field), 0
    for mark in sorted((mark for mark in marks if mark.field == field), key=lambda mark: mark.start):
        if mark.start > end:
            yield text[end : mark.start], None
        if mark.end > end:
            yield text[max(mark.start, end) : mark.end], mark
        end = max(end, mark.end)
    if text[end:]:
        yield text[end:], None
