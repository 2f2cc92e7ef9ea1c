"""One line of a run: why it is there, and adjusting, dropping, restoring it; and what is done with several at once."""

from collections.abc import Callable, Iterable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from awards.actions import runs as actions
from awards.facts import Reference, in_order, references
from awards.forms.runs import AdjustForm, DropChosenForm, DropForm, RemarkForm, RestoreForm, ResultsForm
from awards.models import Line, Run
from awards.policies import can_adjust_line, is_run_reviewer
from awards.views.runs import page as run_page
from districts.standing import standing
from meetings.models import Meeting
from personnel_portal.accounts.models import User
from personnel_portal.accounts.requests import SignedInRequest
from personnel_portal.guards import guard
from personnel_portal.trail.models import Entry
from proposals.models import Proposal

HISTORY = 50  # entries that a page shows


@guard(Line)
def detail(request: SignedInRequest, line: Line) -> HttpResponse:
    """Show a line with its reasons; to the office's reviewers, while the run is a draft, with what they may do."""
    return _page(request, line)


@require_POST
@guard(Line, can_adjust_line)
def adjust(request: SignedInRequest, line: Line) -> HttpResponse | HttpResponseBase:
    """Propose something else than was computed."""
    form = AdjustForm(request.POST, line=line)
    return _do(request, line, form, "adjust_form", actions.adjust_line, "已調整")


@require_POST
@guard(Line, can_adjust_line)
def drop(request: SignedInRequest, line: Line) -> HttpResponse | HttpResponseBase:
    """Leave the person out."""
    return _do(request, line, DropForm(request.POST, line=line), "drop_form", actions.drop_line, "已剔除")


@require_POST
@guard(Line, can_adjust_line)
def restore(request: SignedInRequest, line: Line) -> HttpResponse | HttpResponseBase:
    """Propose again what was computed."""
    form = RestoreForm(request.POST, line=line)
    return _do(request, line, form, "restore_form", actions.restore_line, "已回復試算結果：")


@require_POST
@guard(Line, can_adjust_line)
def remark(request: SignedInRequest, line: Line) -> HttpResponse | HttpResponseBase:
    """Fill 備註 and 審議結果."""
    form = RemarkForm(request.POST, line=line)
    return _do(request, line, form, "remark_form", actions.remark_line, "已登錄備註及審議結果：")


def _do(
    request: SignedInRequest, line: Line, form: Any, name: str, act: Callable[..., Line], done: str
) -> HttpResponse | HttpResponseBase:
    if form.is_valid():
        try:
            line = act(line=line, by=request.user, **form.cleaned_data)
        except ValidationError as refusal:
            form.add_error(None, refusal)
            form.show_now(Line.objects.get(pk=line.pk).stamp)
        else:
            messages.success(request, f"{done}「{line}」。")
            return redirect(line.run)
    return _page(request, line, **{name: form})


def _page(request: SignedInRequest, line: Line, **refused: forms.Form) -> HttpResponse:
    line = Line.objects.for_pages().select_related("run__plan", "run__approved_by").get(pk=line.pk)
    can_change = bool(can_adjust_line(request.user, line)) and not line.run.is_approved
    own_forms = {
        "adjust_form": AdjustForm(line=line),
        "drop_form": DropForm(line=line),
        "restore_form": RestoreForm(line=line),
        "remark_form": RemarkForm(line=line),
    }
    context = {
        "line": line,
        "evidence": _evidence(request.user, line.because["references"]),
        "can_change": can_change,
        "is_office": standing(request.user).is_office,
        "history": Entry.objects.for_target(line)[:HISTORY],
        "refused": next(iter(refused.values()), None),
        **own_forms,
        **refused,
    }
    return render(request, "awards/line.html", context, status=422 if refused else 200)


def _evidence(user: User, keys: Iterable[str]) -> list[Reference]:
    """Return what was counted; to people outside the office, without the address of what they may not open."""
    named = references(keys)
    if standing(user).is_office:
        return [named[key] for key in in_order(named)]
    may_open = {
        f"{sort}-{pk}"
        for sort, model in (("meetings.meeting", Meeting), ("proposals.proposal", Proposal))
        for pk in model.objects.visible_to(user)
        .filter(pk__in=[int(key.rpartition("-")[2]) for key in named if key.startswith(f"{sort}-")])
        .values_list("pk", flat=True)
    }
    return [named[key] if key in may_open else Reference(named[key].label, "") for key in in_order(named)]


# --- Several at once -------------------------------------------------------------------------------------------------


@require_POST
@guard(Run, is_run_reviewer)
def drop_chosen(request: SignedInRequest, run: Run) -> HttpResponse | HttpResponseBase:
    """Leave the people of the ticked lines out, for one reason; `then=approve` leads on to approving."""
    form = DropChosenForm(request.POST, run=run)
    if form.is_valid():
        try:
            dropped = actions.drop_lines(run=run, by=request.user, **form.cleaned_data)
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            messages.success(request, f"已剔除 {len(dropped)} 筆獎勵建議。")
            return redirect("awards:approve", pk=run.pk) if request.POST.get("then") == "approve" else redirect(run)
    return run_page(request, run, form)


@require_POST
@guard(Run, is_run_reviewer)
def write_results(request: SignedInRequest, run: Run) -> HttpResponse | HttpResponseBase:
    """Write the same 審議結果 on the ticked lines."""
    form = ResultsForm(request.POST, run=run)
    if form.is_valid():
        try:
            count = actions.write_results(run=run, by=request.user, **form.cleaned_data)
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            messages.success(request, f"已登錄 {count} 筆審議結果。")
            return redirect(run)
    return run_page(request, run, form)
