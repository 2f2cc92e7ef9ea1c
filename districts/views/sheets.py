"""Importing agencies and people by sheet: upload, look through, import, and take back what was refused."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db import IntegrityError
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from districts.actions import sheets as actions
from districts.choices import SheetKind
from districts.forms import agencies, people_sheet
from districts.forms.sheets import Layout, PeopleSheetForm, Row, SheetForm
from districts.models import Office, StagedSheet
from districts.policies import is_admin
from personnel_portal.accounts.requests import SignedInRequest
from personnel_portal.documents import sheets
from personnel_portal.guards import guard
from personnel_portal.trail.actions import record

LAYOUTS = {SheetKind.AGENCIES: agencies.LAYOUT, SheetKind.PEOPLE: people_sheet.LAYOUT}
FORMS = {SheetKind.AGENCIES: SheetForm, SheetKind.PEOPLE: PeopleSheetForm}
LISTS = {SheetKind.AGENCIES: "districts:agencies", SheetKind.PEOPLE: "districts:people"}
TEMPLATES = ("ods", "xlsx", "csv")
PER_PAGE = 100


@guard(policy=is_admin)
def import_agencies(request: SignedInRequest) -> HttpResponseBase:
    """Upload a sheet of agencies, or fetch its template (`?template=ods`)."""
    return _upload(request, SheetKind.AGENCIES)


@guard(policy=is_admin)
def import_people(request: SignedInRequest) -> HttpResponseBase:
    """Upload a sheet of people, or fetch its template (`?template=ods`)."""
    return _upload(request, SheetKind.PEOPLE)


def _upload(request: SignedInRequest, kind: SheetKind) -> HttpResponseBase:
    layout = LAYOUTS[kind]
    if request.GET.get("template") in TEMPLATES:
        return sheets.response(request.GET["template"], f"{kind.label}匯入範本", layout.labels, [layout.example])
    form = FORMS[kind](request.POST or None, request.FILES or None, layout=layout)
    if request.method == "POST" and form.is_valid():
        sheet = actions.stage_sheet(
            office=Office.objects.visible_to(request.user).get(),
            kind=kind,
            name=form.cleaned_data["file"].name,
            rows=[row.staged for row in form.cleaned_data["rows"]],
            invite=form.cleaned_data.get("invite", False),
            by=request.user,
        )
        return redirect("districts:sheet", pk=sheet.pk)
    context = {
        "form": form,
        "kind": kind,
        "layout": layout,
        "back": reverse(LISTS[kind]),
        "templates": [(form, sheets.FORMATS[form][0]) for form in TEMPLATES],
    }
    return render(request, "districts/sheet_upload.html", context, status=422 if form.errors else 200)


@guard(StagedSheet, lambda user, sheet: is_admin(user))
def sheet(request: SignedInRequest, sheet: StagedSheet) -> HttpResponse:
    """Show every line beside what is wrong with it, the wrong ones first."""
    rows = sorted(_judged(sheet), key=lambda row: (not row.problems, row.number))
    refused = sum(bool(row.problems) for row in rows)
    layout = _layout(sheet)
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "sheet": sheet,
        "labels": layout.labels,
        "rows": [(row, [row.cells.get(field, "") for field in layout.columns]) for row in page],
        "page": page,
        "good": len(rows) - refused,
        "refused": refused,
        "logins": sum(bool(row.value[1]) for row in rows if row.value) if sheet.invite else 0,
        "upload": reverse(f"districts:import_{sheet.kind}"),
        "back": reverse(LISTS[SheetKind(sheet.kind)]),
    }
    return render(request, "districts/sheet.html", context)


@require_POST
@guard(StagedSheet, lambda user, sheet: is_admin(user))
def import_sheet(request: SignedInRequest, sheet: StagedSheet) -> HttpResponse:
    """Import the good lines; all of them or, when something changed meanwhile, none."""
    rows = _judged(sheet)
    good = [row.value for row in rows if row.value]
    refused = [row.staged for row in rows if row.problems]
    try:
        if not good and not sheet.imported_at:
            raise ValidationError("沒有可匯入的資料列，請修正後重新上傳。")
        if sheet.kind == SheetKind.AGENCIES:
            actions.import_agencies(sheet=sheet, agencies=good, refused=refused, by=request.user)
        else:
            actions.import_people(sheet=sheet, people=good, refused=refused, by=request.user)
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
    except IntegrityError:
        messages.error(request, "剛才有人登錄了相同的資料，尚未匯入。請重新檢視後再匯入。")
    else:
        left = f"{len(refused)} 列未匯入，可下載修正後再上傳。" if refused else ""
        messages.success(request, f"已匯入 {len(good)} 筆。{left}")
    return redirect("districts:sheet", pk=sheet.pk)


@guard(StagedSheet, lambda user, sheet: is_admin(user))
def refused_rows(request: SignedInRequest, sheet: StagedSheet) -> HttpResponseBase:
    """Hand the refused lines back as an xlsx of the same columns, with a column that says why."""
    layout = _layout(sheet)
    rows = [row for row in _judged(sheet) if row.problems]
    record("sheet.refused_rows_downloaded", None, by=request.user, office_id=sheet.office_id, rows=len(rows))
    return sheets.response(
        "xlsx",
        f"未匯入的{sheet.get_kind_display()}",
        [*layout.labels, sheets.Column("未匯入原因", 60)],
        ([*(row.cells.get(field, "") for field in layout.columns), " ".join(row.problems)] for row in rows),
    )


def _layout(sheet: StagedSheet) -> Layout:
    return LAYOUTS[SheetKind(sheet.kind)]


def _judged(sheet: StagedSheet) -> list[Row]:
    """Return the lines as they stand today; once imported only the refused ones are left, with the reasons of then."""
    rows = [Row(number, cells, tuple(problems)) for number, cells, problems in sheet.rows]
    return rows if sheet.imported_at else _layout(sheet).check(sheet.office, rows, sheet.invite)
