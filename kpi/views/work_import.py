"""From a messy table to a work plan: read, look through beside the source, correct, save."""

import csv
import io
from datetime import date
from itertools import groupby
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from kpi.actions import work_import as actions
from kpi.choices import Level
from kpi.forms.work import NodeForm, SourceForm
from kpi.models import DraftTree, WorkPlan
from kpi.policies import can_edit_work_plan, can_go_on_with_draft
from personnel_portal.accounts.requests import SignedInRequest
from personnel_portal.documents import sheets
from personnel_portal.documents.characters import printable
from personnel_portal.guards import guard
from personnel_portal.rules import amounts
from personnel_portal.uploads import checks, names
from personnel_portal.uploads.kinds import Kind

ROWS = 2000
CHARACTERS = 500_000
PER_PAGE = 30  # source rows
SHEETS = frozenset({Kind.ODS, Kind.XLSX})
WORKBOOKS = frozenset(extension for kind in SHEETS for extension in kind.extensions)
PASTED = "貼上的文字"


@guard(WorkPlan, can_edit_work_plan)
def upload(request: SignedInRequest, work_plan: WorkPlan) -> HttpResponse:
    """Read a table or pasted text into a draft."""
    form = SourceForm(*((request.POST, request.FILES) if request.method == "POST" else ()))
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            tables = _from_sheet(file) if file else [("", _from_text(form.cleaned_data["text"]))]
            draft = actions.begin_draft(
                plan=work_plan.plan,
                name=_name(names.safe_name(file.name) if file else PASTED, len(tables)),
                tables=tables,
                section=form.cleaned_data["section"],
                by=request.user,
            )
            return redirect(draft)
        except ValidationError as error:
            form.add_error("file" if file else "text", error)
    context = {
        "form": form,
        "work_plan": work_plan,
        "drafts": DraftTree.objects.visible_to(request.user).filter(plan=work_plan.plan, saved_at__isnull=True)[:10],
    }
    return render(request, "kpi/work_upload.html", context, status=422 if form.errors else 200)


def _name(name: str, sheets_read: int) -> str:
    return f"{name[:90]}（{sheets_read} 張工作表，列次連續計數）" if sheets_read > 1 else name


def _from_sheet(file: UploadedFile[bytes]) -> list[actions.Table]:
    if (file.size or 0) > settings.UPLOAD_MAX_BYTES:
        raise ValidationError(f"檔案超過 {checks.size_limit()} 的上限，請分成數個檔案。")
    start = file.read(4)
    file.seek(0)
    if start.startswith((b"PK", b"%PDF")) or names.extension(names.safe_name(file.name)) in WORKBOOKS:
        checks.check(file, SHEETS)
        file.seek(0)
    try:
        tables = sheets.read_all(file, limit=ROWS)
    except sheets.UnreadableFileError as refusal:
        raise ValidationError(str(refusal)) from None
    return [
        (name, [[cell.isoformat() if isinstance(cell, date) else cell for cell in row] for row in rows])
        for name, rows in tables
    ]


def _from_text(text: str) -> list[list[str]]:
    """Return pasted text as rows: cells between tabs, quoted where a cell holds line ends; else a row a line."""
    if len(text) > CHARACTERS:
        raise ValidationError(f"最多 {CHARACTERS:,} 字，目前 {len(text):,} 字，請分次貼上。")
    lines = printable(text.replace("\r\n", "\n").replace("\r", "\n"))
    if "\t" in lines:
        try:
            rows = [list(row) for row in csv.reader(io.StringIO(lines, newline=""), delimiter="\t")]
        except csv.Error:
            rows = [line.split("\t") for line in lines.split("\n")]
    else:
        rows = [[line] for line in lines.split("\n")]
    if len(rows) > ROWS:
        raise ValidationError(f"一次最多 {ROWS:,} 列，目前 {len(rows):,} 列，請分次貼上。")
    return rows


@guard(DraftTree, can_go_on_with_draft)
def draft(request: SignedInRequest, draft: DraftTree) -> HttpResponse:
    """Show the proposed tree beside its source; `?edit=` opens the form of a node, `?doubtful=1` shows those alone."""
    return _page(request, draft)


@require_POST
@guard(DraftTree, can_go_on_with_draft)
def correct(request: SignedInRequest, draft: DraftTree) -> HttpResponse:
    """Take a step with a node, `step` being such as `up:12`, or change what it says."""
    stamp = request.POST.get("stamp", "")
    step, _, at = request.POST.get("step", "").partition(":")
    place = int(at) if at.isdecimal() and len(at) < 6 else -1
    try:
        if step == "change":
            form = NodeForm(request.POST)
            if not form.is_valid():
                return _page(request, draft, editing=place, form=form, status=422)
            actions.change_node(draft=draft, stamp=stamp, at=place, values=form.cleaned_data, by=request.user)
        else:
            actions.correct_draft(draft=draft, stamp=stamp, step=step, at=place, by=request.user)
    except ValidationError as error:
        if step == "change":
            form.add_error(None, error.messages[0])
            return _page(request, draft, editing=place, form=form, status=422)
        messages.error(request, error.messages[0])
    return redirect(_back(request, draft, place))


@require_POST
@guard(DraftTree, can_go_on_with_draft)
def save(request: SignedInRequest, draft: DraftTree) -> HttpResponse:
    """Add the tree to the plan."""
    try:
        count = actions.save_draft(draft=draft, stamp=request.POST.get("stamp", ""), by=request.user)
        messages.success(request, f"已匯入 {count} 個項目；存疑之處列於各項註記。")
        return redirect(draft.plan.work_plan)
    except ValidationError as error:
        messages.error(request, error.messages[0])
        return redirect(draft)


@require_POST
@guard(DraftTree, can_go_on_with_draft)
def discard(request: SignedInRequest, draft: DraftTree) -> HttpResponse:
    """Throw a draft away; nothing of the plan changes."""
    work_plan = draft.plan.work_plan
    draft.delete()
    messages.success(request, "已捨棄草稿。")
    return redirect("kpi:import_work", pk=work_plan.pk)


def _back(request: SignedInRequest, draft: DraftTree, place: int) -> str:
    page = request.POST.get("page", "")
    query = f"?page={page}" if page.isdecimal() and len(page) < 5 else ""
    query += ("&" if query else "?") + "doubtful=1" if request.POST.get("doubtful") else ""
    return f"{reverse('kpi:work_draft', args=[draft.pk])}{query}#n{max(place, 0)}"


def _page(
    request: SignedInRequest,
    draft: DraftTree,
    *,
    editing: int = -1,
    form: NodeForm | None = None,
    status: int = 200,
) -> HttpResponse:
    draft.refresh_from_db()
    asked = request.GET.get("edit", "")
    if editing < 0 and asked.isdecimal() and len(asked) < 6 and int(asked) < len(draft.nodes):
        editing = int(asked)
        form = NodeForm(initial=_shown(draft.nodes[editing]))
    only_doubtful = bool(request.GET.get("doubtful"))
    numbered = [(place, node) for place, node in enumerate(draft.nodes) if node["doubts"] or not only_doubtful]
    groups = [(row, list(found)) for row, found in groupby(numbered, key=lambda one: one[1]["row"])]
    page = Paginator(groups, PER_PAGE).get_page(request.GET.get("page") or _page_of(groups, editing))
    context = {
        "draft": draft,
        "work_plan": draft.plan.work_plan,
        "stamp": actions.stamp_of(draft),
        "page": page,
        "pages": page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1),
        "groups": [(row, _source(draft, row), [_line(*one) for one in found]) for row, found in page],
        "unread": _unread(draft),
        "count": len(draft.nodes),
        "doubtful": sum(bool(node["doubts"]) for node in draft.nodes),
        "only_doubtful": only_doubtful,
        "editing": editing,
        "form": form,
    }
    return render(request, "kpi/work_draft.html", context, status=status)


def _page_of(groups: list[tuple[int, list[tuple[int, Any]]]], editing: int) -> int:
    return next((1 + at // PER_PAGE for at, (_, found) in enumerate(groups) if any(p == editing for p, _ in found)), 1)


def _line(place: int, node: dict[str, Any]) -> dict[str, Any]:
    return {**node, "place": place, "label": Level(node["level"]).label, "money": _money(node)}


def _money(node: dict[str, Any]) -> list[str]:
    return [
        " ".join(filter(None, (f"{int(float(one['thousands'])):,} 千元" if one["thousands"] else "", one["funding"])))
        for one in node["sums"]
    ]


def _shown(node: dict[str, Any]) -> dict[str, Any]:
    sums = [
        f"{one['thousands'] or ''}({one['funding']})"
        if one["thousands"] and one["funding"]
        else one["thousands"] or one["funding"]
        for one in node["sums"]
    ]
    return {**{name: node[name] for name in ("level", "mark", "text")}, "sums": "；".join(sums)}


def _source(draft: DraftTree, row: int) -> list[str]:
    return (
        [amounts.plain(cell) for cell in draft.source[row - 1] if cell.strip()] if 1 <= row <= len(draft.source) else []
    )


def _unread(draft: DraftTree) -> list[tuple[int, str]]:
    """Return the source rows of which nothing is in the tree, such as repeated heads, so that nobody misses a line."""
    read = {row for node in draft.nodes for row in (node["row"], *node.get("also", []))}
    rows = [
        (number, "　".join(amounts.plain(cell) for cell in row if cell.strip()))
        for number, row in enumerate(draft.source, start=1)
    ]
    return [(number, text) for number, text in rows if text and number not in read]
