"""What stands behind a unit's figures: an indicator period by period, remarks and files, rows carried in from the portal."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Prefetch, prefetch_related_objects
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from districts.standing import standing
from kpi.actions import actuals as actions
from kpi.actions.carrying import carry_in as carry
from kpi.choices import EntryState, period_label
from kpi.compute import COUNTED, ENTERED, Cell, closed, of_year
from kpi.facts import YearFacts
from kpi.forms.entry import CarryForm, EvidenceForm
from kpi.known import days_of, is_known, known_rows
from kpi.models import Actual, ActualFile, Indicator
from kpi.policies import can_fill_actual, can_take_file_off, can_work_for
from kpi.views.entry import Place, place_of
from personnel_portal.accounts.requests import SignedInRequest
from personnel_portal.guards import guard, require
from personnel_portal.uploads import kinds, sending
from personnel_portal.uploads.actions import keep_each


@guard(Indicator)
def row(request: SignedInRequest, indicator: Indicator) -> HttpResponse:
    """Show what a unit entered for an indicator, period by period, with what stands behind each figure."""
    place = _place(request, indicator)
    cell, facts = _cell(place, indicator)
    with_drafts = place.agency.pk in standing(request.user).reads_for
    seen = [entry for entry in cell.entries if entry and (with_drafts or entry.state != EntryState.DRAFT)]
    prefetch_related_objects(seen, Prefetch("files", ActualFile.objects.select_related("stored")))
    entries = {entry.period: entry for entry in seen}
    numbers = range(1, cell.indicator.periods + 1)
    closed_for = {number: closed(facts, cell.indicator, number, timezone.localdate()) for number in numbers}
    context = {
        "place": place,
        "cell": cell,
        "indicator": cell.indicator,
        "periods": [
            (number, period_label(cell.indicator.frequency, number), entries.get(number), closed_for[number])
            for number in numbers
        ],
        "can_carry": place.is_own and is_known(cell.indicator),
        "OPEN": actions.OPEN,
    }
    return render(request, "kpi/entry_row.html", context)


def _place(request: SignedInRequest, indicator: Indicator) -> Place:
    return place_of(request, indicator.goal.plan, indicator)


def _cell(place: Place, indicator: Indicator) -> tuple[Cell, YearFacts]:
    today, agencies = timezone.localdate(), [place.agency.pk]
    states = ENTERED if place.is_own else COUNTED
    figures = of_year(place.plan, place.year, today=today, agencies=agencies, only=[indicator], states=states)
    for cell in figures.of_agency(place.agency):
        return cell, figures.facts
    raise Http404


@guard(Actual)
def actual(request: SignedInRequest, actual: Actual) -> HttpResponse:
    """Show one figure with its remark and files; its own unit says more while it is open.

    Files that are refused say why at the field; the others and the remark are kept.
    """
    data, files = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = EvidenceForm(data, files, actual=actual)
    if request.method == "POST":
        require(can_fill_actual(request.user, actual))
        if form.is_valid():
            batch = keep_each(form.cleaned_data["uploads"], by=request.user, allowed=kinds.ATTACHMENTS)
            try:
                actions.explain_entry(actual=actual, note=form.cleaned_data["note"], stored=batch.kept, by=request.user)
            except ValidationError as refusal:
                form.add_error(None, refusal)
            for error in batch.refused:
                form.add_error("uploads", error)
            if not form.errors:
                messages.success(request, "已儲存說明與佐證。")
                return redirect("kpi:actual", pk=actual.pk)
    is_open = bool(can_fill_actual(request.user, actual)) and actual.state in actions.OPEN
    context = {
        "actual": actual,
        "files": actual.files.select_related("stored"),
        "form": form if is_open or form.errors else None,
        "is_open": is_open,
        "back": _row_url(actual),
    }
    return render(request, "kpi/actual.html", context, status=422 if form.errors else 200)


def _row_url(actual: Actual) -> str:
    return f"{reverse('kpi:entry_row', args=[actual.indicator_id])}?agency={actual.agency_id}&year={actual.year}"


@guard(ActualFile)
def file(request: SignedInRequest, file: ActualFile) -> HttpResponseBase:
    """Send a file that stands behind a figure."""
    return sending.send(file.stored, by=request.user, target=file.actual)


@require_POST
@guard(ActualFile, can_take_file_off)
def remove_file(request: SignedInRequest, file: ActualFile) -> HttpResponse:
    """Take a file off a figure that was not sent yet."""
    try:
        actions.remove_file(file=file, by=request.user)
        messages.success(request, f"已移除「{file.stored.name}」。")
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
    return redirect("kpi:actual", pk=file.actual_id)


@guard(Indicator)
def carry_in(request: SignedInRequest, indicator: Indicator) -> HttpResponse:
    """Choose the rows of the portal that a period's figure is counted from, and enter what they amount to."""
    place = _place(request, indicator)
    require(can_work_for(request.user, place.agency))
    cell, _ = _cell(place, indicator)
    text = request.GET.get("period", "")
    period = int(text) if text.isdecimal() and len(text) < 3 else 1
    if not is_known(indicator) or not 1 <= period <= indicator.periods:
        raise Http404
    offered = known_rows(indicator, place.agency, place.year, period)
    known = cell.entries[period - 1]
    chosen = [kept["reference"] for kept in known.carried.get("rows", [])] if known else []
    data = request.POST if request.method == "POST" else None  # nothing ticked is an empty answer, not none
    form = CarryForm(data, offered=offered, initial={"rows": chosen})
    if form.is_valid():
        try:
            made = carry(
                indicator=indicator,
                agency=place.agency,
                year=place.year,
                period=period,
                references=form.cleaned_data["rows"],
                by=request.user,
            )
        except ValidationError as refusal:
            form.add_error(None, refusal.messages[0])
        else:
            messages.success(request, f"已帶入 {made.period_label}：{len(made.carried['rows'])} 筆，尚未送出。")
            return redirect(_row_url(made))
    context: dict[str, Any] = {
        "place": place,
        "indicator": indicator,
        "period": period_label(indicator.frequency, period),
        "days": days_of(indicator, place.year, period),
        "offered": offered,
        "form": form,
        "back": f"{reverse('kpi:entry_row', args=[indicator.pk])}?{place.query}",
    }
    return render(request, "kpi/carry_in.html", context, status=422 if form.errors else 200)
