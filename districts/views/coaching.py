"""The monthly 輔導分配表 of a district: months and versions, and filing one."""

from datetime import date

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from districts.actions import coaching as actions
from districts.forms.coaching import (
    Choices,
    CoachingFormSet,
    CoachingNoteForm,
    CoachingSheetForm,
    row_data,
    row_initial,
)
from districts.models import CoachingTable, District
from districts.policies import can_file_coaching
from personnel_portal import roc
from personnel_portal.accounts.requests import SignedInRequest
from personnel_portal.guards import guard


@guard(District)
def coaching(request: SignedInRequest, district: District) -> HttpResponse:
    """Show the months with their versions, and the rows of one version: the asked for, else the newest."""
    tables = list(
        CoachingTable.objects.filter(district=district)
        .annotate(count=Count("rows"))
        .select_related("filed_by")
        .order_by("-month", "-version")
    )
    asked = request.GET.get("table", "")
    shown = next((table for table in tables if str(table.pk) == asked), tables[0] if tables else None)
    month = _current(district)
    context = {
        "district": district,
        "tables": [(table, roc.month(table.month)) for table in tables],
        "shown": shown,
        "shown_month": roc.month(shown.month) if shown else "",
        "rows": shown.rows.select_related("officer", "agency") if shown else [],
        "may_file": can_file_coaching(request.user, district),
        "month": month,
        "month_label": roc.month(month),
        "is_filed": any(table.month == month for table in tables),
        "can_repeat": any(table.month < month for table in tables),
    }
    return render(request, "districts/coaching.html", context)


@guard(District, can_file_coaching)
def file_coaching(request: SignedInRequest, district: District) -> HttpResponse:
    """File a month's table, typed on the page; it begins with the newest table there is."""
    month = _asked(request, district)
    choices = Choices(district, month, timezone.localdate())
    if request.method != "POST":
        newest = CoachingTable.objects.valid_on(month, district)
        rows = CoachingFormSet(prefix="rows", initial=row_initial(newest, choices), form_kwargs={"choices": choices})
        return _entry(request, district, month, choices, rows, CoachingNoteForm())
    rows = CoachingFormSet(request.POST, prefix="rows", form_kwargs={"choices": choices})
    note = CoachingNoteForm(request.POST)
    if "more" in request.POST:
        typed = [{key: form[key].value() for key in ("officer", "agency")} for form in rows]
        rows = CoachingFormSet(prefix="rows", initial=typed, form_kwargs={"choices": choices})
        return _entry(request, district, month, choices, rows, note)
    if rows.is_valid() and note.is_valid() and _says_whom(rows, note):
        try:
            table = actions.file_coaching_table(
                district=district, month=month, rows=rows.pairs(), by=request.user, note=note.cleaned_data["note"]
            )
        except ValidationError as refusal:
            note.add_error(None, refusal)
        else:
            messages.success(request, f"已報送{roc.month(month)}分配表第 {table.version} 版。")
            return redirect("districts:coaching", pk=district.pk)
    return _entry(request, district, month, choices, rows, note, status=422)


@require_POST
@guard(District, can_file_coaching)
def import_coaching(request: SignedInRequest, district: District) -> HttpResponse:
    """Bring the rows of a sheet onto the page, each beside what is wrong with it; nothing is filed yet."""
    month = _asked(request, district)
    choices = Choices(district, month, timezone.localdate())
    form = CoachingSheetForm(request.POST, request.FILES, month=month)
    if not form.is_valid():
        rows = CoachingFormSet(prefix="rows", form_kwargs={"choices": choices})
        return _entry(request, district, month, choices, rows, CoachingNoteForm(), sheet=form, status=422)
    rows = CoachingFormSet(row_data(form.cleaned_data["file"]), prefix="rows", form_kwargs={"choices": choices})
    if rows.is_valid():
        messages.info(request, f"已帶入 {len(rows.forms)} 列，請檢視後報送。")
    return _entry(request, district, month, choices, rows, CoachingNoteForm())


@require_POST
@guard(District, can_file_coaching)
def repeat_coaching(request: SignedInRequest, district: District) -> HttpResponse:
    """File the table of the month before again, in one click."""
    month = _current(district)
    try:
        table = actions.repeat_coaching_table(district=district, month=month, by=request.user)
    except ValidationError as refusal:
        for sentence in refusal.messages:
            messages.error(request, sentence)
        return redirect(f"{reverse('districts:file_coaching', args=[district.pk])}?month={month:%Y-%m}")
    messages.success(request, f"已報送{roc.month(month)}分配表第 {table.version} 版，與前次相同。")
    return redirect("districts:coaching", pk=district.pk)


def _says_whom(rows: CoachingFormSet, note: CoachingNoteForm) -> bool:
    """Tell whether the table names somebody, or says that there is nobody; an empty page alone says neither."""
    none = note.cleaned_data["none"]
    if none and rows.pairs():
        note.add_error("none", "已填有輔導分配，請取消勾選或清空各列。")
    elif not none and not rows.pairs():
        note.add_error("none", "請至少填一列；本月沒有輔導機關者，請勾選此項。")
    return not note.errors


def _entry(
    request: SignedInRequest,
    district: District,
    month: date,
    choices: Choices,
    rows: CoachingFormSet,
    note: CoachingNoteForm,
    *,
    sheet: CoachingSheetForm | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "district": district,
        "month": month,
        "month_label": roc.month(month),
        "months": [(f"{each:%Y-%m}", roc.month(each), each == month) for each in _months(district)],
        "choices": choices,
        "rows": rows,
        "form": note,
        "sheet": sheet or CoachingSheetForm(month=month),
    }
    return render(request, "districts/coaching_file.html", context, status=status)


def _months(district: District) -> list[date]:
    """Return the months of the plan's period."""
    months, month = [], district.plan.starts.replace(day=1)
    while month <= district.plan.ends:
        months.append(month)
        month = _next(month)
    return months


def _next(month: date) -> date:
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def _current(district: District) -> date:
    """Return this month, or the plan's nearest."""
    return district.plan.nearest(timezone.localdate()).replace(day=1)


def _asked(request: SignedInRequest, district: District) -> date:
    """Return the month of the address (2026-11); none means the current one, and one outside the period is no page."""
    text = request.GET.get("month", "")
    if not text:
        return _current(district)
    for month in _months(district):
        if f"{month:%Y-%m}" == text:
            return month
    raise Http404
